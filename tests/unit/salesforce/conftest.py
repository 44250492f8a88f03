"""What the wire's tests share: a scripted server and a transport or client to it that never really sleeps."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.salesforce.access import Access, FixedAccess
from core.salesforce.client import Client
from core.salesforce.transport import Transport
from tests.helpers.loopback import Loopback
from tests.helpers.tls import make_tls


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as loopback:
        yield loopback


@pytest.fixture
def pauses() -> list[float]:
    """The pauses that the transport asked for."""
    return []


@pytest.fixture
def transport(server: Loopback, pauses: list[float]) -> Iterator[Transport]:
    made = Transport(FixedAccess(Access("00Dxx!first", server.url)), sleep=pauses.append)
    yield made
    made.close()


@pytest.fixture
def client(transport: Transport) -> Client:
    return Client(transport, version="65.0")


@pytest.fixture(scope="session")
def tls_context(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """A server context for 127.0.0.1 and the file of the authority that signed its certificate."""
    return make_tls(tmp_path_factory.mktemp("tls"))
