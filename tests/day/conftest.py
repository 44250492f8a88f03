"""An org in this process and a mirror that is in step with it: what a day of cycles is tried on. Nothing waits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.sync import bulk_load, part_read
from core.sync.planner import LoadLimits
from tests.helpers.demo_rig import DemoRig
from tests.stateful.machine import ADMIN, Lab
from tests.stateful.world import World

Day = tuple[World, DemoRig]


@pytest.fixture(scope="package")
def lab() -> Iterator[Lab]:
    made = Lab()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_load, "FIRST_POLL_SECONDS", 0.01)
    monkeypatch.setattr(bulk_load, "FIRST_RETRY_SECONDS", 0.005)
    monkeypatch.setattr(part_read, "FIRST_POLL_SECONDS", 0.01)


@pytest.fixture
def day(lab: Lab) -> Iterator[Day]:
    """The admin's mirror, loaded, and what the people of its org do."""
    world, rig = lab.begin(ADMIN, LoadLimits())
    yield world, rig
    lab.end(rig)
