"""The network of a simulation: requests go straight into the demo org, on the thread that sends them.

No socket, no server thread, no waiting: the real transport, client and engine on one side, the real handlers of the
demo org on the other, and between them a `Wire` that decides from the simulation's seed what befalls each request.
Before and after every request other people may act (`at_point`), and the process may die there.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from core.demo.http.call import Call
from core.demo.http.edge import Edge
from core.demo.http.router import Router
from core.salesforce import transport
from tests.helpers.demo_here import StillOrg

URL = "https://org.simulation"


class Fate(StrEnum):
    """What befalls a request."""

    FINE = "fine"
    LOST = "lost"  # the connection is cut before the org has it
    UNANSWERED = "unanswered"  # the org has done it, and the answer is lost
    LATE = "late"  # cut, and the org does it minutes later
    BUSY = "busy"
    DOWN = "down"
    EXPIRED = "expired"
    LOCKED = "locked"  # a row lock, for writes
    SPENT = "spent"


_REFUSALS: dict[Fate, tuple[int, str, str]] = {
    Fate.BUSY: (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
    Fate.DOWN: (503, "SERVER_UNAVAILABLE", "down for maintenance"),
    Fate.EXPIRED: (401, "INVALID_SESSION_ID", "Session expired or invalid"),
    Fate.LOCKED: (400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
    Fate.SPENT: (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
}


@dataclass
class Exchange:
    """One request and what became of it; `number` counts from the beginning of the simulation."""

    number: int
    method: str
    path: str
    body: bytes
    fate: Fate
    status: int = 0
    answer: bytes = b""


@dataclass
class Wire:
    """Between all transports of a simulation and its org. `fate_of` decides; `at_point(when)` lets others act."""

    org: StillOrg
    router: Router
    fate_of: Callable[[str, str], Fate] = lambda _method, _path: Fate.FINE
    at_point: Callable[[str], None] = lambda _when: None
    heard: Callable[[Exchange], None] = lambda _exchange: None
    exchanges: int = 0
    late: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Without a pool: nothing of the edge runs but its handlers, here.
        self._edge = Edge(self.org.site, self.router, None)  # type: ignore[arg-type]

    def exchange(self, request: requests.PreparedRequest) -> requests.Response:
        """Send one request and bring its answer, or the failure that the network makes of it."""
        assert request.url is not None
        parts = urlsplit(request.url)
        method = request.method or "GET"
        self.at_point("before a request")
        self.exchanges += 1
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else bytes(body)
        told = Exchange(self.exchanges, method, parts.path, content, self.fate_of(method, parts.path))
        call = Call(
            site=self.org.site,
            method=method,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=content,
        )
        if told.fate is Fate.LOST:
            self.heard(told)
            raise requests.exceptions.ConnectTimeout(request=request)
        if told.fate is Fate.LATE:
            self.org.transaction_open(self.org.now().replace(microsecond=0))
            began = self.org.now().replace(microsecond=0)

            def do() -> None:
                try:
                    self._edge._handle(call, None)
                finally:
                    self.org.transaction_closed(began)

            self.late.append(do)
            self.heard(told)
            raise requests.exceptions.ReadTimeout(request=request)
        if told.fate in _REFUSALS:
            status, code, message = _REFUSALS[told.fate]
            ready_body = f'[{{"errorCode":"{code}","message":"{message}"}}]'.encode()
            told.status, told.answer = status, ready_body
            self.heard(told)
            return _response(request, status, [("content-type", "application/json")], ready_body)
        ready = self._edge._handle(call, None)
        pieces = ready.body if ready.chunks is None else b"".join(ready.chunks)
        zipped = (b"content-encoding", b"gzip") in ready.headers
        told.status, told.answer = ready.status, gzip.decompress(pieces) if zipped else pieces
        self.heard(told)
        self.at_point("after a request")
        if told.fate is Fate.UNANSWERED:
            raise requests.exceptions.ReadTimeout(request=request)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in ready.headers]
        return _response(request, ready.status, headers, pieces)

    def run_late(self) -> None:
        """The org gets round to what it was sent long ago."""
        while self.late:
            self.late.pop(0)()


class _Adapter(BaseAdapter):
    """What a transport mounts instead of sockets."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def send(self, request: requests.PreparedRequest, **_options: Any) -> requests.Response:  # type: ignore[override]
        return self._wire.exchange(request)

    def close(self) -> None:
        """Nothing is open."""


def _response(
    request: requests.PreparedRequest, status: int, headers: list[tuple[str, str]], body: bytes
) -> requests.Response:
    raw = HTTPResponse(io.BytesIO(body), headers=headers, status=status, preload_content=False)
    response = requests.adapters.HTTPAdapter().build_response(request, raw)
    return response


@contextmanager
def connected(wire: Wire) -> Any:
    """Inside, every transport that is made speaks to the wire."""
    known = transport.CuttableAdapter
    transport.CuttableAdapter = lambda _network, _sockets: _Adapter(wire)  # type: ignore[assignment,misc]
    try:
        yield
    finally:
        transport.CuttableAdapter = known  # type: ignore[misc]
