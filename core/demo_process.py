"""Starts the demo org as a child process and asks it who it is. It ends with us, however we end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import IO

from core.model.cancel import CancelToken
from core.model.errors import ErrorCode, OrgMirrorError
from core.paths import Home

READY_SECONDS = 300.0
STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class DemoOrg:
    """What a running demo org says of itself; its credentials are public constants."""

    url: str
    ca_file: str | None
    username: str
    org_id: str
    client_id: str
    client_secret: str = field(repr=False)
    control_url: str = field(repr=False)


class DemoProcess:
    """The child. Owned by the app; `stop` or our end closes its stdin, at which it stops by itself."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._org: DemoOrg | None = None

    def start(self, cancel: CancelToken | None = None) -> DemoOrg:
        """The running demo org, started if it is not. The first start makes its data: some seconds.

        Raises DEMO_FAILED where it does not come up.
        """
        with self._lock:
            if self._org is not None and self._process is not None and self._process.poll() is None:
                return self._org
            self._home.create()
            path = self._home.root / "demo-org.log"
            log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(log, "ab") as errors:
                process = subprocess.Popen(
                    [*_command(), "--home", str(self._home.root), "demo-org", "--stop-with-stdin", "--colleagues"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    text=True,
                    # Ctrl+C in the terminal is for us; we end it in good order.
                    start_new_session=sys.platform != "win32",
                )
            self._process = process
            assert process.stdout is not None
            line = _ready_line(process, process.stdout, cancel)
            if line is None:
                self._end()
                if cancel is not None:
                    cancel.raise_if_set()
                raise OrgMirrorError(ErrorCode.DEMO_FAILED, log=str(path))
            raw = json.loads(line)
            self._org = DemoOrg(
                url=raw["url"],
                ca_file=raw.get("ca"),
                username=raw["username"],
                org_id=raw["org_id"],
                client_id=raw["client_id"],
                client_secret=raw["client_secret"],
                control_url=raw["control_url"],
            )
            return self._org

    def stop(self) -> None:
        """End the child and wait for it. May be called again."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        process, self._process, self._org = self._process, None, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _command() -> list[str]:
    """How this program runs its own command line: as a packaged program or from an environment."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", "core.cli"]


def _ready_line(process: subprocess.Popen[str], stream: IO[str], cancel: CancelToken | None) -> str | None:
    """The child's first line, or None when it ended, took too long or we are to stop."""
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.append(stream.readline()), daemon=True)
    reader.start()
    waited = 0.0
    while reader.is_alive() and waited < READY_SECONDS:
        reader.join(0.1)
        waited += 0.1
        if cancel is not None and cancel.is_set():
            return None
        if process.poll() is not None:
            reader.join(1.0)
            break
    return lines[0] if lines and lines[0].strip() else None
