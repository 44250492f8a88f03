"""A scripted server for sign-ins."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.loopback import Loopback


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as loopback:
        yield loopback
