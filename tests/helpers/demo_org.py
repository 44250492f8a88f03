"""The real demo org as a child process, for tests that talk to it over real sockets.

    with DemoOrgProcess(rows={"Lead": 500}, folder=tmp_path / "org") as org:
        org.info["url"], org.token("someone@orgmirror.demo"), org.truth("Lead"), org.faults({...}), org.session()

Owned by the test that starts it; `stop()` (or leaving the block) ends the process, by force if it does not go.
"""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 120
STOP_SECONDS = 10


class DemoOrgError(RuntimeError):
    """The server did not start, or refused a control call."""


class DemoOrgProcess:
    """One demo org. `info` is the ready line: url, ca, username, password, security_token, client_id, client_secret,
    access_token, org_id, control_url."""

    def __init__(
        self,
        *,
        rows: Mapping[str, int] | None = None,
        seed: int = 1,
        objects: int = 0,
        folder: Path | None = None,
        no_tls: bool = False,
        port: int = 0,
        colleagues: bool = False,
    ) -> None:
        self._own_folder = tempfile.TemporaryDirectory(prefix="demo-org-") if folder is None else None
        self.folder = Path(self._own_folder.name) if self._own_folder is not None else Path(str(folder))
        self._arguments = ["--folder", str(self.folder), "--port", str(port), "--seed", str(seed)]
        self._arguments += ["--objects", str(objects), "--stop-with-stdin"]
        if rows:
            self._arguments += ["--rows", ",".join(f"{name}={count}" for name, count in rows.items())]
        if no_tls:
            self._arguments.append("--no-tls")
        if colleagues:
            self._arguments.append("--colleagues")
        self.info: dict[str, Any] = {}
        self._process: subprocess.Popen[str] | None = None
        self._session: requests.Session | None = None
        self._errors: list[str] = []

    def start(self) -> DemoOrgProcess:
        """Start the server and wait for its ready line. Also starts it again after `stop()`."""
        self._errors = []
        process = subprocess.Popen(
            [sys.executable, "-m", "core.demo.server", *self._arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._process = process
        lines: queue.Queue[str] = queue.Queue()
        self._readers = [
            threading.Thread(target=lambda: lines.put(process.stdout.readline()), daemon=True),  # type: ignore[union-attr]
            threading.Thread(target=self._collect_errors, args=(process,), daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        try:
            line = lines.get(timeout=READY_SECONDS)
        except queue.Empty:
            line = ""
        if not line:
            self.stop()
            raise DemoOrgError("the demo org did not start:\n" + "".join(self._errors))
        self.info = json.loads(line)
        self._session = self.session()
        return self

    def stop(self, *, kill: bool = False) -> int:
        """End the server and return its exit code: SIGTERM first, by force when it does not go (or with `kill`)."""
        process = self._process
        if process is None:
            return 0
        if self._session is not None:
            self._session.close()
            self._session = None
        if process.poll() is None:
            if kill:
                process.kill()
            else:
                process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        for reader in self._readers:
            reader.join(timeout=STOP_SECONDS)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        self._process = None
        return code

    def close(self) -> None:
        """Stop, and remove a folder that was made for this org."""
        self.stop()
        if self._own_folder is not None:
            self._own_folder.cleanup()

    def __enter__(self) -> DemoOrgProcess:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        assert self._process is not None
        return self._process.pid

    @property
    def errors(self) -> str:
        """What the server wrote to stderr so far."""
        return "".join(self._errors)

    def session(self, token: str | None = None) -> requests.Session:
        """A requests session that trusts this org's CA alone; with a token it is signed in."""
        session = requests.Session()
        session.trust_env = False
        session.verify = self.info["ca"] or True
        if token is not None:
            session.headers["Authorization"] = f"Bearer {token}"
        return session

    def control(self, path: str, /, **arguments: Any) -> Any:
        """A control call (core/demo/control.py says which); its JSON answer. Raises DemoOrgError."""
        assert self._session is not None
        answer = self._session.post(f"{self.info['control_url']}/{path}", json=arguments, timeout=120)
        if answer.status_code != 200:
            raise DemoOrgError(f"{path}: {answer.status_code} {answer.text}")
        return answer.json()

    def truth(self, name: str, user: str | None = None, *, deleted: bool = True) -> Iterator[dict[str, Any]]:
        """Every row of an object as a user (default: the admin) would see it: fields flat, without compound ones.

        Numbers with a point are Decimals with every digit the org has; datetimes are in their REST form.
        """
        assert self._session is not None
        arguments: dict[str, Any] = {"object": name, "deleted": deleted}
        if user is not None:
            arguments["user"] = user
        with self._session.post(
            f"{self.info['control_url']}/truth", json=arguments, timeout=300, stream=True
        ) as answer:
            if answer.status_code != 200:
                raise DemoOrgError(f"truth {name}: {answer.status_code} {answer.text}")
            for line in answer.iter_lines(chunk_size=1 << 16, delimiter=b"\n"):
                if line:
                    yield json.loads(line, parse_float=Decimal)

    def token(self, user: str) -> str:
        """A new access token of any user, by user name or id."""
        return str(self.control("as", user=user)["access_token"])

    def faults(self, *rules: Mapping[str, Any], clear: bool = True) -> list[int]:
        """Put these fault rules in force, instead of the earlier ones or (clear=False) beside them; their ids."""
        return list(self.control("faults", rules=list(rules), clear=clear)["ids"])

    @contextmanager
    def transaction(self) -> Iterator[str]:
        """A transaction held open for the block and committed at its end: pass the name to control calls that write."""
        name = str(self.control("hold")["result"])
        yield name
        self.control("commit", transaction=name)

    def behaviour(self, **switches: Any) -> dict[str, Any]:
        """Set switches; all of them."""
        return dict(self.control("behaviour", **switches))

    def calls(self, path: str = "", after: int = 0) -> list[dict[str, Any]]:
        """The API calls logged since number `after` whose path (with query string) matches a pattern."""
        return list(self.control("calls", path=path, after=after))

    def _collect_errors(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        self._errors.extend(process.stderr)
