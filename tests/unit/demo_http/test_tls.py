"""The demo org's certificates: made once, kept, verified by a client that trusts the CA alone."""

from __future__ import annotations

import os
import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest
from cryptography import x509

from core.demo.tls import CA_FILE, CA_KEY_FILE, SERVER_FILE, SERVER_KEY_FILE, ensure_certificates


def test_kept_as_long_as_they_are_whole(tmp_path: Path) -> None:
    first = ensure_certificates(tmp_path)
    ca, server = first.ca.read_bytes(), first.server.read_bytes()
    assert ensure_certificates(tmp_path) == first
    assert (first.ca.read_bytes(), first.server.read_bytes()) == (ca, server)
    (tmp_path / SERVER_FILE).write_bytes(b"half")
    again = ensure_certificates(tmp_path)
    assert again.ca.read_bytes() == ca
    assert x509.load_pem_x509_certificate(again.server.read_bytes()).subject is not None
    (tmp_path / CA_FILE).unlink()
    assert ensure_certificates(tmp_path).ca.read_bytes() != ca


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_private_keys_are_private(tmp_path: Path) -> None:
    ensure_certificates(tmp_path)
    for name in (CA_KEY_FILE, SERVER_KEY_FILE):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "::1"])
def test_a_strict_client_accepts_it_for_loopback_names(tmp_path: Path, name: str) -> None:
    assert handshake(tmp_path, name) == "TLSv1.3"


def test_and_for_no_other_name(tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(tmp_path, "example.com")


def handshake(folder: Path, name: str) -> str | None:
    files = ensure_certificates(folder)
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(files.server, files.server_key)
    client_context = ssl.create_default_context(cafile=str(files.ca))
    client_context.verify_flags |= ssl.VERIFY_X509_STRICT
    left, right = socket.socketpair()

    def serve() -> None:
        try:
            server_context.wrap_socket(left, server_side=True).close()
        except ssl.SSLError:
            left.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client_context.wrap_socket(right, server_hostname=name) as wrapped:
            return wrapped.version()
    finally:
        right.close()
        thread.join(timeout=10)
