"""`Network`: how a connection reaches the world: whom it trusts, through which proxy, and how long it waits.

Immutable and shared by all transports of a connection. Nothing is taken from the environment behind our back:
`.netrc` and REQUESTS_CA_BUNDLE would otherwise override what the person chose (rules 7).
"""

from __future__ import annotations

import ipaddress
import ssl
import threading
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import certifi

from core.model.errors import ErrorCode, OrgMirrorError

CONNECT_SECONDS = 10.0
READ_SECONDS = 90.0
NO_PROXY_WORDS = frozenset({"none", "direct", "off"})


def is_loopback(host: str | None) -> bool:
    """Whether `host` names this computer, the only place where plain http is allowed."""
    if not host:
        return False
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


class Network:
    """`ca_file`: a PEM file trusted in addition to the usual authorities; `proxy`: an address, empty for the system's

    own setting, or "none". Times are seconds.
    """

    def __init__(
        self,
        *,
        ca_file: Path | str | None = None,
        proxy: str = "",
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self.ca_file = Path(ca_file).expanduser() if ca_file else None
        self.proxy = proxy.strip()
        self.connect_seconds = connect_seconds
        self.read_seconds = read_seconds
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None

    def ssl_context(self) -> ssl.SSLContext:
        """Trusts the computer's authorities, certifi's and the company's file. Raises OrgMirrorError BAD_CA_FILE."""
        with self._lock:
            if self._context is None:
                self._context = self._make_context()
            return self._context

    def _make_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.load_verify_locations(cafile=certifi.where())
        # Company authorities often lack extensions that strict mode (on from Python 3.13) insists upon.
        context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
        if self.ca_file is not None:
            try:
                text = self.ca_file.read_text(encoding="utf-8", errors="replace")
                context.load_verify_locations(cadata=_certificates(text))
            except (OSError, ValueError) as error:
                # ssl.SSLError is an OSError.
                raise OrgMirrorError(ErrorCode.BAD_CA_FILE, path=str(self.ca_file)) from error
            # The file may hold an intermediate authority or the server's own certificate: what it names is trusted.
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return context

    def proxies_for(self, url: str) -> dict[str, str]:
        """The proxy for one address, as requests wants it; empty for none. Loopback never goes through a proxy."""
        parts = urlsplit(url)
        if is_loopback(parts.hostname) or self.proxy.lower() in NO_PROXY_WORDS:
            return {}
        host = parts.hostname or ""
        if urllib.request.proxy_bypass(host if parts.port is None else f"{host}:{parts.port}"):
            return {}
        proxy = self.proxy
        if not proxy:
            system = urllib.request.getproxies()
            proxy = system.get(parts.scheme) or system.get("all") or ""
        if not proxy:
            return {}
        if "://" not in proxy:
            proxy = f"http://{proxy}"
        return {"http": proxy, "https": proxy}


def _certificates(text: str) -> str:
    """The certificates of a PEM text without what stands around them (keys, comments)."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    found = []
    for part in text.split(begin)[1:]:
        body, mark, _ = part.partition(end)
        if mark:
            found.append(f"{begin}{body}{end}\n")
    if not found:
        raise ValueError("no certificate in the file")
    return "".join(found)
