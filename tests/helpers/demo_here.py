"""The demo org in this process, on a real loopback socket, for tests that need many orgs, each for a moment.

    with DemoServer() as server:
        org = server.open(folder)        # the server answers for this org from now on
        org.insert(org.admin_id, "Lead", {...}); org.site.faults.add({...}); server.url

One event loop in a thread of its own and a fixed pool of handlers for all orgs; the address stays the same. The org's
clock stands still and moves by `advance_clock` alone, so that a history of events always comes out the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send

from core.demo.http.edge import Edge, Protocol
from core.demo.http.routes import make_router
from core.demo.org import Org
from core.demo.site import Site
from core.demo.soql.parse import warm_up
from core.demo.store import FILE_NAME, Store

ANCHOR = datetime(2026, 3, 2, tzinfo=UTC)
WORKERS = 4


class StillOrg(Org):
    """An org whose clock begins an hour after the last thing that happened in it, and only moves when told to."""

    site: Site

    def now(self) -> datetime:
        return max(ANCHOR + timedelta(hours=1) + self._offset, self._newest)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.listens.set()

    listens: threading.Event


class DemoServer:
    """An address and its threads. `open` puts another org behind it; leaving the block ends the last one."""

    def __init__(self) -> None:
        self._router = make_router()
        self._edge: Edge | None = None
        self._org: StillOrg | None = None
        self.hook: Callable[[], None] | None = None
        """Called by a handler's thread before each call is answered."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="demo-org")
        # All of its threads are there before a test begins, which would otherwise be told that it left them behind.
        together = threading.Barrier(WORKERS)
        for waiting in [self._pool.submit(together.wait) for _ in range(WORKERS)]:
            waiting.result()
        config = uvicorn.Config(
            self._answer, interface="asgi3", http=Protocol, ws="none", loop="asyncio", lifespan="off", log_config=None,
            access_log=False, date_header=False, server_header=False, timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = _Server(config)
        self._server.listens = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._server.serve(sockets=[listener])), name="demo-org loop"
        )
        self._thread.start()
        self._server.listens.wait(30)
        warm_up()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._edge is not None
        if self.hook is not None:
            await asyncio.get_running_loop().run_in_executor(self._pool, self.hook)
        await self._edge(scope, receive, send)

    def open(self, folder: Path) -> StillOrg:
        """Serve the org of a folder, instead of the one before, which ends."""
        self.close_org()
        org = StillOrg(Store(folder))
        org.site = Site(org, folder, self._router, self.url)
        org.site.behaviour.bulk_seconds = 0.0
        self._org, self._edge = org, Edge(org.site, self._router, self._pool)
        return org

    def close_org(self) -> None:
        """End the org that is served."""
        if self._org is not None:
            self._org.site.close()
            self._org.close()
            self._org = None

    def close(self) -> None:
        """End the server, its threads and the org."""
        self._server.should_exit = True
        self._thread.join(10)
        self._pool.shutdown(wait=True)
        self.close_org()

    def __enter__(self) -> DemoServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def make_org(folder: Path, rows: Mapping[str, int], *, seed: int = 1, objects: int = 0) -> None:
    """Make an org in a folder, to be copied by `copy_org`; the same every time."""
    Org.open(folder, seed=seed, rows=dict(rows), objects=objects, anchor=ANCHOR).close()


def copy_org(source: Path, target: Path) -> Path:
    """A fresh copy of a made org; returns its folder."""
    target.mkdir(parents=True)
    shutil.copyfile(source / FILE_NAME, target / FILE_NAME)
    return target


def rule(path: str, action: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A fault rule for calls whose path matches, as core/demo/faults.py reads it."""
    times, nth = more.pop("times", 1), more.pop("nth", None)
    return {"match": {"path": path, **more}, "times": times, "nth": nth, "action": dict(action)}
