"""The wire of `OtherOrg`: answers, the loopback server with one thread per connection, and how answers go wrong."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.helpers.other_org_data import dumps

if TYPE_CHECKING:
    from tests.helpers.other_org import OtherOrg


@dataclass
class Reply:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    fault: str | None = None

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
        return cls(status, dumps(value), {"Content-Type": "application/json;charset=UTF-8", **(headers or {})})


def refusal(status: int, code: str, text: str = "no") -> Reply:
    return Reply.json([{"errorCode": code, "message": text}], status)


def http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def moment(text: str) -> datetime:
    return parsedate_to_datetime(text)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], org: OtherOrg, context: ssl.SSLContext | None) -> None:
        super().__init__(address, _Handler)
        self.org = org
        self._open: set[socket.socket] = set()
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def close_all(self) -> None:
        for sock in list(self._open):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        """The calls are remembered by the org."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {key.lower(): value for key, value in self.headers.items()}
        org = self.server.org
        if org.ways.delay:
            org.closing.wait(org.ways.delay)
        try:
            reply = org.answer(self.command, self.path, headers, body)
        except Exception as error:  # what our own server gets wrong must be seen by the test
            org.calls.append(f"BUG {self.path}: {error!r}")
            reply = refusal(400, "SERVER_BUG", repr(error))
        if reply.fault == "stall":
            org.closing.wait(30)
            self.close_connection = True
            return
        if reply.fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            self.close_connection = True
            self.connection.close()
            return
        self._send(org, reply, "gzip" in headers.get("accept-encoding", ""))

    do_GET = do_POST = do_PATCH = do_DELETE = _serve

    def _send(self, org: OtherOrg, reply: Reply, gzip_asked: bool) -> None:
        ways = org.ways
        content = reply.body
        whole = len(content)
        if reply.fault == "short":
            content = content[: whole // 2]
            whole = len(content)
        zipped = content and (ways.gzip == "always" or (ways.gzip == "asked" and gzip_asked and len(content) > 500))
        if zipped:
            content = gzip.compress(content, 1)
            whole = len(content)
        self.send_response_only(reply.status)
        if ways.date:
            self.send_header("Date", http_date(org.data.now))
        if ways.limit_info:
            self.send_header("Sforce-Limit-Info", ways.limit_info)
        for key, value in reply.headers.items():
            self.send_header(key, value)
        if zipped:
            self.send_header("Content-Encoding", "gzip")
        chunked = ways.chunked and reply.status not in (204, 304)
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif reply.status not in (204, 304):
            self.send_header("Content-Length", str(whole))
        self.end_headers()
        if reply.fault == "cut":
            content = content[: len(content) // 2]
            self.close_connection = True
        if chunked:
            for start in range(0, len(content), 700):
                piece = content[start : start + 700]
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            if reply.fault != "cut":
                self.wfile.write(b"0\r\n\r\n")
        else:
            self.wfile.write(content)
        self.wfile.flush()
