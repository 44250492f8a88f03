"""The demo org's own certificate authority and server certificate, kept in its folder.

Clients trust the CA file alone, so that TLS verification is the same code path as for a company's CA. Both are made
once and made again when they are about to expire; private keys are readable by their owner only.
"""

from __future__ import annotations

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_FILE = "ca.pem"
CA_KEY_FILE = "ca.key"
SERVER_FILE = "server.pem"
SERVER_KEY_FILE = "server.key"
_CA_DAYS = 3650
_SERVER_DAYS = 397  # the longest life that strict clients accept
_RENEW_DAYS = 30


class Certificates(NamedTuple):
    """Paths of the PEM files a server and its clients need."""

    ca: Path
    server: Path
    server_key: Path


def ensure_certificates(folder: Path) -> Certificates:
    """The folder's certificates, made or renewed where needed. The CA stays the same as long as it is valid."""
    ca_path, key_path = folder / CA_FILE, folder / CA_KEY_FILE
    now = datetime.now(UTC)
    ca = _load(ca_path)
    if ca is None or not key_path.exists() or ca.not_valid_after_utc < now + timedelta(days=_SERVER_DAYS):
        ca_key = ec.generate_private_key(ec.SECP256R1())
        ca = _make_ca(ca_key, now)
        _write_private(key_path, _key_pem(ca_key))
        _write(ca_path, ca.public_bytes(serialization.Encoding.PEM))
        (folder / SERVER_FILE).unlink(missing_ok=True)
    server_path, server_key_path = folder / SERVER_FILE, folder / SERVER_KEY_FILE
    server = _load(server_path)
    expiring = server is None or server.not_valid_after_utc < now + timedelta(days=_RENEW_DAYS)
    if expiring or not server_key_path.exists():
        loaded = serialization.load_pem_private_key(key_path.read_bytes(), None)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        server_key = ec.generate_private_key(ec.SECP256R1())
        server = _make_server(ca, loaded, server_key, now)
        _write_private(server_key_path, _key_pem(server_key))
        _write(server_path, server.public_bytes(serialization.Encoding.PEM))
    return Certificates(ca_path, server_path, server_key_path)


def _load(path: Path) -> x509.Certificate | None:
    if not path.exists():
        return None
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError:
        # A half-written file of an interrupted first start: made again.
        return None


def _make_ca(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "OrgMirror demo org CA"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "OrgMirror"),
        ]
    )
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_CA_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _make_server(
    ca: x509.Certificate, ca_key: ec.EllipticCurvePrivateKey, key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.Certificate:
    names = x509.SubjectAlternativeName(
        [
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
            x509.IPAddress(ipaddress.ip_address("::1")),
        ]
    )
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]))
        .issuer_name(ca.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(min(now + timedelta(days=_SERVER_DAYS), ca.not_valid_after_utc))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _write_private(path: Path, content: bytes) -> None:
    # Removed first: the mode given to os.open counts only for a file that is new.
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
