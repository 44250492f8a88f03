"""A cancel from another thread ends a blocked request in every phase; the join's time-out is the proof."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.model.cancel import CancelToken
from core.model.errors import Cancelled, OrgMirrorError
from core.salesforce import sockets
from core.salesforce.access import Access, FixedAccess
from core.salesforce.network import Network
from core.salesforce.transport import Transport
from tests.helpers.loopback import Loopback, reply

# Far below the read time-out of 90 s, far above what a busy machine needs.
PATIENCE = 20.0


def cancelled(transport: Transport, work: Callable[[], object], reached: threading.Event) -> BaseException | None:
    """What `work` raised after a cancel that came once `reached` was set."""
    seen: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except OrgMirrorError as error:
            seen.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert reached.wait(PATIENCE)
    transport.cancel.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    return seen[0] if seen else None


@pytest.fixture
def transport(server: Loopback) -> Transport:
    return Transport(FixedAccess(Access("token", server.url)), cancel=CancelToken())


def test_waiting_for_headers(server: Loopback, transport: Transport) -> None:
    server.on("/x", server.stall())
    assert isinstance(cancelled(transport, lambda: transport.get_json("/x"), server.reached), Cancelled)
    transport.close()


@pytest.mark.parametrize(
    "head",
    [b"Content-Length: 1000\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", b"Connection: close\r\n\r\n{"],
    ids=["length", "chunked", "close"],
)
def test_waiting_for_the_body(server: Loopback, transport: Transport, head: bytes) -> None:
    server.on("/x", server.stall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + head))
    assert isinstance(cancelled(transport, lambda: transport.get_json("/x"), server.reached), Cancelled)
    transport.close()


@pytest.mark.parametrize("head", [b"", b"Connection: close\r\n"], ids=["keep-alive", "close"])
def test_streaming(server: Loopback, transport: Transport, head: bytes) -> None:
    body = b"x" * 200_000
    length = b"" if head else b"Content-Length: 900000\r\n"
    server.on("/x", server.stall(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n" + head + length + b"\r\n" + body))
    got: list[int] = []

    def read() -> None:
        for chunk in transport.chunks(transport.request("GET", "/x", stream=True)):
            got.append(len(chunk))

    assert isinstance(cancelled(transport, read, server.reached), Cancelled)
    transport.close()


def test_a_transport_works_again_under_a_new_token(server: Loopback, transport: Transport) -> None:
    server.on("/ok", reply([1]))
    assert transport.get_json("/ok") == [1]
    transport.cancel.set()
    with pytest.raises(Cancelled):
        transport.get_json("/ok")
    transport.cancel = CancelToken()
    assert transport.get_json("/ok") == [1]
    transport.close()


def test_tls_handshake() -> None:
    """A server that accepts and says nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    reached = threading.Event()
    accepted: list[socket.socket] = []

    def accept() -> None:
        sock, _ = listener.accept()
        accepted.append(sock)
        sock.recv(5)
        reached.set()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    transport = Transport(cancel=CancelToken())
    url = f"https://127.0.0.1:{listener.getsockname()[1]}/x"
    try:
        assert isinstance(cancelled(transport, lambda: transport.get_json(url), reached), Cancelled)
    finally:
        thread.join(PATIENCE)
        transport.close()
        for sock in (*accepted, listener):
            sock.close()


def test_reading_over_tls(tls_context: tuple[ssl.SSLContext, Path]) -> None:
    context, ca_file = tls_context
    with Loopback(context) as server:
        transport = Transport(FixedAccess(Access("t", server.url)), network=Network(ca_file=ca_file))
        server.on("/ok", reply([1]))
        assert transport.get_json("/ok") == [1]
        server.on("/x", server.stall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"))
        assert isinstance(cancelled(transport, lambda: transport.get_json("/x"), server.reached), Cancelled)
        transport.close()


def test_name_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, let_go = threading.Event(), threading.Event()

    def hangs(*_: object) -> list[object]:
        asked.set()
        let_go.wait(PATIENCE)
        raise socket.gaierror("late")

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    transport = Transport(cancel=CancelToken())
    try:
        error = cancelled(transport, lambda: transport.get_json("https://slow.example/x"), asked)
        assert isinstance(error, Cancelled)
    finally:
        let_go.set()
        transport.close()


def test_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that never answers the first packet: writability never comes."""
    waiting = threading.Event()

    def never(sock: socket.socket, timeout: float) -> bool:
        waiting.set()
        threading.Event().wait(0.01)
        return False

    monkeypatch.setattr(sockets, "wait_for_write", never)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        transport = Transport(cancel=CancelToken())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        assert isinstance(cancelled(transport, lambda: transport.get_json(url), waiting), Cancelled)
        transport.close()


def test_a_pause_between_tries_ends_at_once(server: Loopback) -> None:
    transport = Transport(FixedAccess(Access("t", server.url)), cancel=CancelToken())
    reached = threading.Event()

    def unavailable(request: object) -> bytes:
        reached.set()
        return b"HTTP/1.1 503 No\r\nContent-Length: 0\r\nRetry-After: 200\r\n\r\n"

    server.on("/x", unavailable)
    assert isinstance(cancelled(transport, lambda: transport.get_json("/x"), reached), Cancelled)
    transport.close()
