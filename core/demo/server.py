"""The demo org as a process: one HTTPS server on loopback over one folder.

`run()` is what `orgmirror demo-org` calls; `python -m core.demo.server --folder D` is the same for tests. When it is
ready it prints one line of JSON on stdout and nothing else there; messages go to stderr. SIGTERM and Ctrl+C end it.

Threads: the event loop in the main thread, a small pool for the handlers, one thread that renders Bulk results.
"""

from __future__ import annotations

import _thread
import argparse
import asyncio
import contextlib
import json
import logging
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import IO, Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from core.demo import auth
from core.demo.control import Control
from core.demo.http.edge import Edge, Protocol
from core.demo.http.routes import make_router
from core.demo.org import Org
from core.demo.site import Site
from core.demo.soql.parse import warm_up
from core.demo.tls import ensure_certificates

log = logging.getLogger(__name__)

_HOST = "127.0.0.1"
_WORKERS = 8
_MOST_FOLDERS = 100
_GRACE_SECONDS = 1


class _Server(uvicorn.Server):
    """A server that says when it listens and leaves signals to us."""

    def __init__(self, config: uvicorn.Config, ready: dict[str, Any], after: Callable[[], object]) -> None:
        super().__init__(config)
        self._ready = ready
        self._after = after

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        # The base class raises the signal again after its end, which would spoil exit code 0.
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        print(json.dumps(self._ready), flush=True)
        self._after()


def run(
    folder: Path,
    *,
    port: int = 0,
    rows: Mapping[str, int] | None = None,
    seed: int = 1,
    objects: int = 0,
    tls: bool = True,
    stop_with_stdin: bool = False,
    colleagues: bool = False,
) -> int:
    """Serve the org in `folder`, made there if need be, until a signal comes. Returns the exit code.

    `rows` and `seed` count only for a new folder. A folder that another process serves is left alone: `<folder>-2` and
    so on is taken instead. With `stop_with_stdin` the end of stdin stops it too, so that no orphan outlives its parent.
    With `colleagues` other users work in the org.
    Call it in the main thread.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # With the protocol named, asyncio switches Nagle's algorithm off; otherwise every small answer takes 40 ms longer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
    except OSError as error:
        listener.close()
        print(f"orgmirror demo-org: port {port} cannot be used: {error.strerror}", file=sys.stderr)
        return 1
    stop = _Stop()
    if stop_with_stdin:
        stop.watch(sys.stdin.fileno())
    with _claim(folder) as claimed:
        try:
            org = Org.open(claimed, seed=seed, rows=dict(rows) if rows else None, objects=objects)
        except ValueError as error:
            print(f"orgmirror demo-org: {error}", file=sys.stderr)
            return 2
        pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="demo-org")
        scheme = "https" if tls else "http"
        url = f"{scheme}://{_HOST}:{listener.getsockname()[1]}"
        router = make_router()
        site = Site(org, claimed, router, url)
        site.behaviour.colleagues = colleagues
        site.follow_switches()
        control_path = f"/__control/{secrets.token_hex(16)}"
        application = Starlette(
            routes=[Mount(control_path, Control(site, pool).application()), Mount("/", Edge(site, router, pool))]
        )
        certificates = ensure_certificates(claimed) if tls else None
        config = uvicorn.Config(
            application,
            http=Protocol,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            ssl_certfile=None if certificates is None else str(certificates.server),
            ssl_keyfile=None if certificates is None else str(certificates.server_key),
        )
        server = _Server(
            config,
            {
                "url": url,
                "ca": None if certificates is None else str(certificates.ca.resolve()),
                "username": auth.ADMIN_USERNAME,
                "password": auth.PASSWORD,
                "security_token": auth.SECURITY_TOKEN,
                "client_id": auth.CLIENT_ID,
                "client_secret": auth.CLIENT_SECRET,
                "access_token": site.sessions.standing_token(),
                "org_id": org.org_id,
                "control_url": url + control_path,
            },
            lambda: pool.submit(warm_up),
        )
        stop.server = server
        asyncio.run(server.serve(sockets=[listener]))
        return _finish(site, org, pool)


def _finish(site: Site, org: Org, pool: ThreadPoolExecutor) -> int:
    """Close everything. A handler that is still in a long query does not hold up the end."""
    pool.shutdown(wait=False, cancel_futures=True)
    busy = [thread for thread in threading.enumerate() if thread.name.startswith("demo-org")]
    for thread in busy:
        thread.join(timeout=1)
    site.close()
    if any(thread.is_alive() for thread in busy):
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)
    org.close()
    return 0


class _Stop:
    """What a signal does: while the org is being made it ends the process, afterwards it ends the server."""

    def __init__(self) -> None:
        self.server: uvicorn.Server | None = None
        for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
            number = getattr(signal, name, None)
            if number is not None:
                signal.signal(number, self._handle)

    def watch(self, stdin: int) -> None:
        """Stop at the end of stdin too."""
        threading.Thread(target=self._wait, args=(stdin,), daemon=True).start()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.server is None:
            raise SystemExit(0)
        self.server.should_exit = True

    def _wait(self, stdin: int) -> None:
        # The bare descriptor: a thread inside sys.stdin.buffer.read() makes the interpreter abort at its end.
        while os.read(stdin, 4096):
            pass
        _thread.interrupt_main(signal.SIGTERM)


@contextlib.contextmanager
def _claim(folder: Path) -> Any:
    """The folder, or the first sibling that no other process serves; locked until the end of the process."""
    for number in range(1, _MOST_FOLDERS):
        candidate = folder if number == 1 else folder.with_name(f"{folder.name}-{number}")
        candidate.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = (candidate / "server.lock").open("a+b")
        if _lock(file):
            with file:
                yield candidate
            return
        file.close()
    raise RuntimeError(f"{folder} and {_MOST_FOLDERS - 1} siblings are all in use")


def _lock(file: IO[bytes]) -> bool:
    """Take the lock of an open file without waiting; the system gives it up when the process ends."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def parse_rows(text: str) -> dict[str, int]:
    """`Lead=1000000,Contact=5` as numbers. Raises ValueError."""
    rows = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, sign, number = part.partition("=")
        if not sign or not number.strip().isdigit():
            raise ValueError(f"rows: expected OBJECT=NUMBER, got {part!r}")
        rows[name.strip()] = int(number)
    return rows


def main(arguments: list[str] | None = None) -> int:
    """`python -m core.demo.server`."""
    parser = argparse.ArgumentParser(prog="core.demo.server", description="A Salesforce org on this computer.")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rows", type=parse_rows, default=None, metavar="Lead=1000,...")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--objects", type=int, default=0)
    parser.add_argument("--no-tls", action="store_true")
    parser.add_argument("--stop-with-stdin", action="store_true")
    parser.add_argument("--colleagues", action="store_true")
    given = parser.parse_args(arguments)
    return run(
        given.folder,
        port=given.port,
        rows=given.rows,
        seed=given.seed,
        objects=given.objects,
        tls=not given.no_tls,
        stop_with_stdin=given.stop_with_stdin,
        colleagues=given.colleagues,
    )


if __name__ == "__main__":
    sys.exit(main())
