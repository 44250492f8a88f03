"""A scripted server on 127.0.0.1: each request is answered by a function, down to the bytes, and remembered.

    with Loopback() as server:
        server.on("/services/data", reply([{"version": "65.0"}]))
        server.requests[0].headers["authorization"]

A handler gets the request and returns bytes, or writes to `request.wire` itself and returns None: to stall, to cut in
mid-body, to answer in pieces. One thread per connection; `stop()` cuts what is open.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    wire: socket.socket
    server: Loopback = field(repr=False)

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Handler = Callable[[Request], bytes | None]


def raw(
    body: bytes | str,
    status: int = 200,
    content_type: str = "application/json;charset=UTF-8",
    headers: Mapping[str, str] | None = None,
    *,
    date: str | None = "now",
) -> bytes:
    """A whole answer with a Content-Length."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Scripted", f"Content-Type: {content_type}", f"Content-Length: {len(content)}"]
    if date is not None:
        lines.append(f"Date: {formatdate(usegmt=True) if date == 'now' else date}")
    lines += [f"{key}: {value}" for key, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None, **options: Any) -> bytes:
    """A JSON answer."""
    return raw(json.dumps(value), status, headers=headers, **options)


def refusal(status: int, code: str, text: str = "no", **extra: Any) -> bytes:
    """REST's error array."""
    return answer([{"errorCode": code, "message": text, **extra}], status)


def reply(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Handler:
    return lambda request: answer(value, status, headers)


def each(*answers: bytes | Handler) -> Handler:
    """One after the other; the last one for good."""
    left = list(answers)
    lock = threading.Lock()

    def handle(request: Request) -> bytes | None:
        with lock:
            item = left.pop(0) if len(left) > 1 else left[0]
        return item(request) if callable(item) else item

    return handle


class Loopback:
    """`url` is http://127.0.0.1:PORT, or https with a server context."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        self.requests: list[Request] = []
        self.released = threading.Event()
        self.reached = threading.Event()
        self._routes: list[tuple[str, Handler]] = []
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._stopping = False
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def __enter__(self) -> Loopback:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def on(self, prefix: str, handler: Handler | bytes) -> None:
        """Answer paths that begin with `prefix`; the longest fitting prefix wins, the newest of equals."""
        self._routes.append((prefix, handler if callable(handler) else (lambda request: handler)))

    def paths(self) -> list[str]:
        return [f"{item.method} {item.path}" for item in self.requests]

    def stall(self, first: bytes = b"") -> Handler:
        """Send `first`, tell `reached`, and then nothing until the server stops."""

        def handle(request: Request) -> None:
            with contextlib.suppress(OSError):
                request.wire.sendall(first)
            self.reached.set()
            self.released.wait(30)

        return handle

    def cut(self, first: bytes) -> Handler:
        """Send `first` and close the connection."""

        def handle(request: Request) -> None:
            request.wire.sendall(first)
            request.wire.shutdown(socket.SHUT_RDWR)

        return handle

    def stop(self) -> None:
        self._stopping = True
        self.released.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
        for thread in [self._acceptor, *self._threads]:
            thread.join(5)

    def _accept(self) -> None:
        while not self._stopping:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            if self._context is not None:
                sock = self._context.wrap_socket(sock, server_side=True)
        except (OSError, ValueError):
            sock.close()
            return
        with self._lock:
            self._open.add(sock)
        try:
            stream = sock.makefile("rb")
            while not self._stopping:
                request = self._read(sock, stream)
                if request is None:
                    break
                self.requests.append(request)
                fitting = [route for route in reversed(self._routes) if request.path.startswith(route[0])]
                handler = max(fitting, key=lambda route: len(route[0]))[1] if fitting else None
                result = handler(request) if handler else refusal(404, "NOT_FOUND", "scripted: no route")
                if result is None:
                    break
                sock.sendall(result)
        except (OSError, ValueError):
            pass
        finally:
            with self._lock:
                self._open.discard(sock)
            stream.close()
            sock.close()

    def _read(self, sock: socket.socket, stream: Any) -> Request | None:
        line = stream.readline().decode("latin-1").strip()
        if not line:
            return None
        method, target, _ = line.split(" ", 2)
        headers: dict[str, str] = {}
        while text := stream.readline().decode("latin-1").strip():
            name, _, value = text.partition(":")
            headers[name.strip().lower()] = value.strip()
        body = stream.read(int(headers.get("content-length") or 0))
        return Request(method, target, headers, body, sock, self)
