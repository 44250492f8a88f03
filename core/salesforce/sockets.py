"""Connections that another thread can cut: a cancel must end a blocked read within a second.

Closing a response from another thread blocks until the read time-out, so a cancel shuts the sockets down instead.
A `SocketRegistry` belongs to one transport and knows its sockets in every phase: name look-up, connecting, TLS
handshake, waiting, and streaming after the connection object has let go of its socket. `shut_down` may come from any
thread; everything else stays with the transport's thread.
"""

from __future__ import annotations

import contextlib
import ipaddress
import queue
import socket
import ssl
import threading
import time
import weakref
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.poolmanager import PoolManager, ProxyManager, proxy_from_url
from urllib3.util.wait import wait_for_write

from core.model.cancel import CancelToken
from core.salesforce.network import Network

# How often the phases that no shutdown can reach look at the cancel token.
SLICE_SECONDS = 0.2


class SocketRegistry:
    """The sockets of one transport."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._early: set[socket.socket] = set()
        self.cancel = CancelToken()

    def track(self, sock: Any) -> None:
        """An established socket; it leaves by itself when it is collected."""
        # TLS inside TLS (an HTTPS proxy) is not a socket but wraps one.
        actual = sock if isinstance(sock, socket.socket) else getattr(sock, "socket", None)
        if isinstance(actual, socket.socket):
            with self._lock:
                self._sockets.add(actual)

    def hold(self, sock: socket.socket) -> socket.socket | None:
        """A second handle on a socket that is about to be wrapped: the first one is emptied in mid-handshake."""
        try:
            handle = sock.dup()
        except OSError:
            return None
        with self._lock:
            self._early.add(handle)
        return handle

    def release(self, handle: socket.socket | None) -> None:
        if handle is not None:
            with self._lock:
                self._early.discard(handle)
            handle.close()

    def shut_down(self) -> None:
        """End every read and write that is under way. Any thread."""
        with self._lock:
            sockets = [*self._sockets, *self._early]
            for sock in sockets:
                with contextlib.suppress(OSError):
                    # Not SSLSocket.shutdown: that takes the TLS state away from under the reading thread.
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)


def resolve(host: str, port: int, seconds: float, cancel: CancelToken) -> list[tuple[Any, ...]]:
    """`getaddrinfo` that a cancel and a time-out can leave: the system's call itself cannot be interrupted."""
    try:
        ipaddress.ip_address(host)
        numeric = True
    except ValueError:
        numeric = host == "localhost"
    if numeric:
        return list(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM))
    answers: queue.SimpleQueue[list[tuple[Any, ...]] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else socket.gaierror(str(error)))

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    end = time.monotonic() + seconds
    while True:
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"no answer for {host}")
        try:
            answer = answers.get(timeout=min(SLICE_SECONDS, left))
        except queue.Empty:
            if cancel.is_set():
                raise ConnectionAbortedError("cancelled") from None
            continue
        if isinstance(answer, OSError):
            raise answer
        return answer


def open_socket(host: str, port: int, seconds: float, options: Any, cancel: CancelToken) -> socket.socket:
    """A connected socket in blocking mode with that time-out; leaves within a slice when cancelled."""
    end = time.monotonic() + seconds
    failure: OSError = OSError(f"no address for {host}")
    for family, kind, protocol, _, address in resolve(host, port, seconds, cancel):
        sock = socket.socket(family, kind, protocol)
        try:
            for option in options or ():
                sock.setsockopt(*option)
            sock.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                sock.connect(address)
            while not wait_for_write(sock, timeout=min(SLICE_SECONDS, max(0.01, end - time.monotonic()))):
                if cancel.is_set():
                    raise ConnectionAbortedError("cancelled")
                if time.monotonic() >= end:
                    raise TimeoutError(f"{host} does not answer")
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                raise OSError(code, f"cannot connect to {host}")
            sock.settimeout(seconds)
            return sock
        except OSError as error:
            sock.close()
            failure = error
            if cancel.is_set():
                break
    raise failure


class _Cuttable(HTTPConnection):
    """The part that both kinds of connection share; `registry` is set on a subclass per transport."""

    registry: SocketRegistry
    _handle: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        timeout = self.timeout
        seconds = float(timeout) if isinstance(timeout, (int, float)) else 30.0
        try:
            sock = open_socket(self._dns_host, self.port, seconds, self.socket_options, self.registry.cancel)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"{self.host} does not answer") from error
        except OSError as error:
            raise NewConnectionError(self, f"cannot connect: {error}") from error
        self._handle = self.registry.hold(sock)
        return sock

    def connect(self) -> None:
        try:
            super().connect()
            self.registry.track(self.sock)
        except BaseException:
            # urllib3 leaves a half-made connection's socket to the garbage collector.
            sock, self.sock = self.sock, None
            if sock is not None:
                sock.close()
            raise
        finally:
            handle, self._handle = self._handle, None
            self.registry.release(handle)
        if self.registry.cancel.is_set():
            self.close()
            raise NewConnectionError(self, "cancelled")


class CuttableAdapter(HTTPAdapter):
    """requests' adapter with our trust store and connections that a cancel can cut."""

    def __init__(self, network: Network, registry: SocketRegistry) -> None:
        self._network = network
        plain = type("PlainConnection", (_Cuttable,), {"registry": registry})
        secure = type("SecureConnection", (_Cuttable, HTTPSConnection), {"registry": registry})
        self._pools: dict[str, Any] = {
            "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }
        super().__init__(pool_connections=4, pool_maxsize=4)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        if proxy not in self.proxy_manager and proxy.lower().startswith("http"):
            manager: ProxyManager = proxy_from_url(
                proxy,
                proxy_headers=self.proxy_headers(proxy),
                num_pools=4,
                maxsize=4,
                proxy_ssl_context=self._network.ssl_context(),
                **kwargs,
            )
            manager.pool_classes_by_scheme = self._pools
            self.proxy_manager[proxy] = manager
        return super().proxy_manager_for(proxy, **kwargs)

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host, _ = super().build_connection_pool_key_attributes(request, True)
        if host["scheme"] != "https":
            return host, {}
        return host, {"ssl_context": self._network.ssl_context(), "cert_reqs": ssl.CERT_REQUIRED}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Nothing: the pool has the SSL context, and verification is not optional."""
