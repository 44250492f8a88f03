"""Proxies and trust: what is chosen for which address, and a tunnel through a real proxy on loopback."""

from __future__ import annotations

import socket
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.model.cancel import CancelToken
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.salesforce.access import Access, FixedAccess
from core.salesforce.network import Network, is_loopback
from core.salesforce.transport import NO_RETRY, Transport
from tests.helpers.loopback import Loopback, reply
from tests.helpers.tls import make_tls

HOST = "acme.my.example.com"
ORG = f"https://{HOST}"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("x.localhost", True),
        ("localhost.evil.com", False),
        ("127.0.0.1.evil.com", False),
        ("10.0.0.1", False),
        ("", False),
        (None, False),
    ],
)
def test_loopback(host: str | None, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_the_setting_comes_before_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://system:3128")
    monkeypatch.setenv("no_proxy", "intern.example.com,.corp")
    assert Network(proxy="chosen:8080").proxies_for(ORG)["https"] == "http://chosen:8080"
    assert Network().proxies_for(ORG)["https"] == "http://system:3128"
    assert Network(proxy="none").proxies_for(ORG) == {}
    for address in ("https://intern.example.com", "https://a.corp/x", "https://127.0.0.1:8443", "http://localhost:1"):
        assert Network(proxy="chosen:8080").proxies_for(address) == {}


def test_no_proxy_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urllib.request, "getproxies", dict)
    assert Network().proxies_for(ORG) == {}


class Proxy:
    """Answers CONNECT with `status` and joins the caller with a server on loopback, whatever name it asked for."""

    def __init__(self, port: int, status: str = "200 Connection established") -> None:
        self._port = port
        self._status = status
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://someone:geheim@127.0.0.1:{self._listener.getsockname()[1]}"
        self.heads: list[str] = []
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._run(self._accept)

    def _run(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(sock)
            self._run(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += sock.recv(1)
        self.heads.append(head.decode())
        sock.sendall(f"HTTP/1.1 {self._status}\r\n\r\n".encode())
        if not self._status.startswith("200"):
            sock.shutdown(socket.SHUT_RDWR)
            return
        server = socket.create_connection(("127.0.0.1", self._port))
        self._sockets.append(server)
        self._run(self._pump, server, sock)
        self._pump(sock, server)

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def stop(self) -> None:
        for sock in (self._listener, *self._sockets):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for thread in self._threads:
            thread.join(5)
        for sock in (self._listener, *self._sockets):
            sock.close()


@pytest.fixture
def org(tmp_path: Path) -> Iterator[tuple[Loopback, Path]]:
    context, ca_file = make_tls(tmp_path, HOST)
    with Loopback(context) as server:
        yield server, ca_file


def through(proxy: Proxy, ca_file: Path, cancel: CancelToken | None = None) -> Transport:
    network = Network(ca_file=ca_file, proxy=proxy.url)
    return Transport(FixedAccess(Access("token", ORG)), network=network, retry=NO_RETRY, cancel=cancel)


def test_a_tunnel(org: tuple[Loopback, Path]) -> None:
    server, ca_file = org
    server.on("/x", reply({"ok": 1}))
    proxy = Proxy(server.port)
    transport = through(proxy, ca_file)
    try:
        assert transport.get_json("/x") == {"ok": 1}
        assert transport.get_json("/x") == {"ok": 1}
    finally:
        transport.close()
        proxy.stop()
    [head] = proxy.heads
    assert head.startswith(f"CONNECT {HOST}:443 ")
    assert "Proxy-Authorization: Basic " in head
    # The proxy sees neither the org's token nor what is asked.
    assert "token" not in head
    assert "proxy-authorization" not in server.requests[0].headers
    assert server.requests[0].headers["authorization"] == "Bearer token"


def test_a_cancel_reaches_through_a_tunnel(org: tuple[Loopback, Path]) -> None:
    server, ca_file = org
    server.on("/x", server.stall())
    proxy = Proxy(server.port)
    cancel = CancelToken()
    transport = through(proxy, ca_file, cancel)
    waiter = threading.Thread(target=lambda: server.reached.wait(20) and cancel.set())
    waiter.start()
    try:
        with pytest.raises(Cancelled):
            transport.get_json("/x")
    finally:
        waiter.join()
        transport.close()
        proxy.stop()


def test_a_proxy_that_refuses(org: tuple[Loopback, Path]) -> None:
    server, ca_file = org
    proxy = Proxy(server.port, "407 Proxy Authentication Required")
    transport = through(proxy, ca_file)
    try:
        with pytest.raises(OrgMirrorError) as caught:
            transport.get_json("/x")
    finally:
        transport.close()
        proxy.stop()
    assert caught.value.code is ErrorCode.CANNOT_CONNECT
    assert caught.value.params["reason"] == "proxy"
    assert "geheim" not in str(caught.value)


def test_the_certificate_is_for_the_host_asked_for(org: tuple[Loopback, Path]) -> None:
    server, ca_file = org
    proxy = Proxy(server.port)
    network = Network(ca_file=ca_file, proxy=proxy.url)
    transport = Transport(FixedAccess(Access("token", "https://other.example.com")), network=network, retry=NO_RETRY)
    try:
        with pytest.raises(OrgMirrorError) as caught:
            transport.get_json("/x")
    finally:
        transport.close()
        proxy.stop()
    assert caught.value.code is ErrorCode.BAD_CERTIFICATE
    assert server.requests == []
