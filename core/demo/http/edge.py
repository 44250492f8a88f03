"""The border between the event loop and the handlers: bodies, sessions, limits, faults, compression.

Runs on the event loop; handlers, encoding and compression run in the worker pool. It writes to the connection itself
instead of through a response class, because injected faults have to cut and stall it at exact places.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from core.demo.errors import OrgError
from core.demo.http.call import JSON_TYPE, Answer, Call, http_date
from core.demo.http.router import Router, error_answer, handled
from core.demo.site import Site
from core.demo.values import stamp

log = logging.getLogger(__name__)

_TRANSPORT = "orgmirror.transport"
_LARGEST_BODY = 64 * 1024 * 1024
_GZIP_FROM = 1024


class Protocol(HttpToolsProtocol):
    """The HTTP protocol of uvicorn, with the transport in the scope so that faults can cut the connection."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[_TRANSPORT] = self.transport  # type: ignore[literal-required]


@dataclass
class _Ready:
    """An answer as it goes on the wire."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""
    chunks: Iterator[bytes] | None = None


class Edge:
    """The ASGI application of everything but the control interface."""

    def __init__(self, site: Site, router: Router, pool: Executor) -> None:
        self._site = site
        self._router = router
        self._pool = pool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, at = time.perf_counter(), time.time()
        request = Request(scope, receive)
        target = scope["raw_path"].decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        shown = f"{target}?{query}" if query else target
        try:
            body = await _read(request)
        except ClientDisconnect:
            return
        early: Answer | None = None
        content = b""
        try:
            content = await self._in_pool(_inflated, request.headers.get("content-encoding", ""), body)
        except OrgError as error:
            early = error_answer(error, self._site.behaviour)
        call = Call(
            site=self._site,
            method=scope["method"],
            # The CLI keeps the slash at the end of the instance URL and asks for //services/data.
            path="/" + target.lstrip("/"),
            query=dict(parse_qsl(query, keep_blank_values=True)),
            headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
            body=content,
        )
        fault = self._site.faults.check(call.method, shown, content)

        def note(status: int) -> dict[str, Any]:
            return self._site.log.add(method=call.method, path=shown, status=status, at=at, fault=fault is not None)

        wire = _Wire(scope, receive, send, note, head=call.method == "HEAD")
        try:
            await self._respond(call, early, fault, wire)
        finally:
            wire.noted(0).update(seconds=round(time.perf_counter() - began, 6), bytes=wire.sent)

    async def _respond(self, call: Call, early: Answer | None, fault: dict[str, Any] | None, wire: _Wire) -> None:
        action = fault or {}
        if action.get("cut") == "before":
            return await wire.cut()
        if "late" in action:
            if action.get("stamp", "start") == "start":
                call.late_stamp = stamp(self._site.org.now())
            self._site.late.add(float(action["late"]), lambda: self._ignored(call, early))
            return await wire.cut()
        if "stall" in action and action.get("where", "before") == "before" and not await wire.pause(action["stall"]):
            return None
        if "delay" in action and not await wire.pause(action["delay"]):
            return None
        if "status" in action:
            ready = await self._in_pool(self._finish, call, _injected(action))
        else:
            ready = await self._in_pool(self._handle, call, early)
        if action.get("cut") == "after":
            return await wire.cut()
        if "stall" in action and action.get("where") == "after" and not await wire.pause(action["stall"]):
            return None
        if action.get("cut") == "mid-body" or (action.get("where") == "mid-body" and "stall" in action):
            return await self._half(ready, action, wire)
        if "truncate" in action:
            return await self._truncated(ready, int(action["truncate"]), bool(action.get("clean")), wire)
        await wire.start(ready.status, ready.headers)
        async for piece in self._pieces(ready, wire):
            await wire.body(piece)
        await wire.end()
        return None

    async def _half(self, ready: _Ready, action: dict[str, Any], wire: _Wire) -> None:
        """Half the body (of a streamed one: half its first piece), then silence or a cut."""
        await wire.start(ready.status, ready.headers)
        first = True
        async for piece in self._pieces(ready, wire):
            if not first:
                await wire.body(piece)
                continue
            first = False
            middle = max(1, len(piece) // 2)
            await wire.body(piece[:middle])
            if "cut" in action:
                return await wire.cut()
            if not await wire.pause(action["stall"]):
                return None
            await wire.body(piece[middle:])
        if "cut" in action:
            return await wire.cut()
        await wire.end()
        return None

    async def _truncated(self, ready: _Ready, most: int, clean: bool, wire: _Wire) -> None:
        headers = ready.headers
        if clean:
            headers = [(name, value) for name, value in headers if name != b"content-length"]
        await wire.start(ready.status, headers)
        left = most
        async for piece in self._pieces(ready, wire):
            await wire.body(piece[:left])
            left -= len(piece[:left])
            if left <= 0:
                break
        if clean:
            await wire.end()
        else:
            await wire.cut()

    async def _pieces(self, ready: _Ready, wire: _Wire) -> AsyncIterator[bytes]:
        if ready.chunks is None:
            if ready.body:
                yield ready.body
            return
        while not wire.gone():
            piece = await self._in_pool(next, ready.chunks, None)
            if piece is None:
                return
            yield piece

    async def _in_pool(self, function: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)

    # In the worker pool

    def _handle(self, call: Call, early: Answer | None) -> _Ready:
        try:
            answer = early if early is not None else self._answer(call)
        except OrgError as error:
            answer = error_answer(error, self._site.behaviour)
        except Exception:
            log.exception("%s %s failed", call.method, call.path)
            answer = error_answer(
                OrgError(
                    "UNKNOWN_EXCEPTION",
                    "An unexpected error occurred. Please include this ErrorId if you contact support: 0-0 (0)",
                    500,
                ),
                self._site.behaviour,
            )
        return self._finish(call, answer)

    def _ignored(self, call: Call, early: Answer | None) -> None:
        """Handle a call whose answer nobody waits for any more."""
        self._handle(call, early)

    def _answer(self, call: Call) -> Answer:
        site = self._site
        limit = site.behaviour.uri_limit
        if limit is not None and _head_size(call) > limit:
            status = site.behaviour.uri_limit_status
            reason = "URI Too Long" if status == 414 else "Request Header Fields Too Large"
            page = f"<h1>Bad Message {status}</h1><pre>reason: {reason}</pre>"
            return Answer(status, body=page.encode(), headers={"Content-Type": "text/html;charset=iso-8859-1"})
        inside = call.path.startswith("/services/data/v")
        if inside:
            call.session = site.sessions.check(call.headers.get("authorization"))
            self._check_api(call)
        route = self._router.find(call)
        if not route.public and call.session is None:
            call.session = site.sessions.check(call.headers.get("authorization"))
        if not route.free:
            site.meter.count()
        return handled(route, call)

    def _check_api(self, call: Call) -> None:
        behaviour = self._site.behaviour
        if behaviour.api_disabled_org:
            raise OrgError("API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.", 403)
        if behaviour.api_disabled_users:
            assert call.session is not None
            names = {user.username.lower(): user.id for user in self._site.org.users()}
            if call.session.user_id in {names.get(name.lower()) for name in behaviour.api_disabled_users}:
                raise OrgError("API_CURRENTLY_DISABLED", "API is disabled for this User", 403)

    def _finish(self, call: Call, answer: Answer) -> _Ready:
        headers = {
            "Date": http_date(self._site.org.now()),
            "Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private",
            "Vary": "Accept-Encoding",
            **answer.headers,
        }
        if call.path.startswith("/services/data"):
            headers["Sforce-Limit-Info"] = self._site.meter.header()
        accepts = self._site.behaviour.gzip and "gzip" in call.headers.get("accept-encoding", "").lower()
        body, chunks = b"", answer.chunks
        if chunks is None:
            body = answer.encoded()
            if body:
                headers.setdefault("Content-Type", JSON_TYPE)
            if accepts and len(body) >= _GZIP_FROM:
                body = gzip.compress(body, compresslevel=1, mtime=0)
                headers["Content-Encoding"] = "gzip"
            if answer.status not in (204, 304):
                headers["Content-Length"] = str(len(body))
        elif answer.gzipped:
            headers["Content-Encoding"] = "gzip"
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        return _Ready(answer.status, encoded, body, chunks)


class _Wire:
    """One connection's side of one answer. Event loop only."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, note: Callable[[int], dict[str, Any]], *, head: bool
    ) -> None:
        self._scope = scope
        self._send = send
        self._head = head
        self._note = note
        self._entry: dict[str, Any] | None = None
        self.started = False
        self.sent = 0
        self._watch = asyncio.ensure_future(_disconnected(receive))

    def noted(self, status: int) -> dict[str, Any]:
        """The call's entry in the log, made at the first call with this status."""
        if self._entry is None:
            self._entry = self._note(status)
        return self._entry

    def gone(self) -> bool:
        """Whether the client has hung up."""
        return self._watch.done()

    async def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.started = True
        self.noted(status)
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def body(self, piece: bytes) -> None:
        if piece and not self._head:
            self.sent += len(piece)
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        self._watch.cancel()

    async def pause(self, seconds: float) -> bool:
        """Silence; False when the client hung up meanwhile."""
        await asyncio.wait([self._watch], timeout=float(seconds))
        return not self.gone()

    async def cut(self) -> None:
        """Drop the connection without a goodbye, after what was written has left."""
        self.noted(0)
        if self.started:
            await asyncio.sleep(0.05)
        transport: asyncio.Transport = self._scope[_TRANSPORT]
        transport.abort()
        await self._watch


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _read(request: Request) -> bytes:
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > _LARGEST_BODY:
            raise ClientDisconnect
        pieces.append(piece)
    return b"".join(pieces)


def _inflated(encoding: str, body: bytes) -> bytes:
    """The request body without its gzip. Raises OrgError for a body that is not what its header says."""
    if encoding.strip().lower() not in ("gzip", "x-gzip"):
        return body
    engine = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        plain = engine.decompress(body, _LARGEST_BODY)
    except zlib.error as error:
        raise OrgError("JSON_PARSER_ERROR", "The request body is not in the gzip format") from error
    if engine.unconsumed_tail:
        raise OrgError("REQUEST_TOO_LARGE", "The request body is too large", 413)
    return plain


def _head_size(call: Call) -> int:
    query = sum(len(name) + len(value) + 2 for name, value in call.query.items())
    return len(call.path) + query + sum(len(name) + len(value) + 4 for name, value in call.headers.items())


def _injected(action: dict[str, Any]) -> Answer:
    body = action.get("body", "")
    headers = {str(name): str(value) for name, value in action.get("headers", {}).items()}
    content = body if isinstance(body, str) else json.dumps(body)
    if content and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "text/html;charset=UTF-8" if isinstance(body, str) else JSON_TYPE
    return Answer(int(action["status"]), body=content.encode(), headers=headers)
