"""A small org that can be edited, and the facade over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.api.records import RecordsApi
from core.mirror import doctor
from core.mirror.mirror import Mirror
from tests.helpers.crm import Crm


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[Crm]:
    """The org, looked over by the doctor when the test is over."""
    with Mirror.create(tmp_path / "org" / "mirror.db", bytes(range(32))) as mirror:
        yield Crm(mirror)
        assert doctor.examine(mirror) == []


@pytest.fixture
def records(crm: Crm) -> RecordsApi:
    return crm.records()
