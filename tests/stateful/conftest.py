"""The org and the first loads that every history begins from, and no waiting."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.sync import bulk_load, part_read
from tests.stateful.machine import Lab


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    made = Lab()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_load, "FIRST_POLL_SECONDS", 0.01)
    monkeypatch.setattr(bulk_load, "FIRST_RETRY_SECONDS", 0.005)
    monkeypatch.setattr(part_read, "FIRST_POLL_SECONDS", 0.01)
