"""Mirrors for tests, encrypted as in life, closed when the test is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.mirror.mirror import Mirror

KEY = bytes(range(32))


@pytest.fixture
def make_mirror(tmp_path: Path) -> Iterator[Callable[..., Mirror]]:
    """Make (or open again) a mirror by name."""
    made: list[Mirror] = []

    def make(name: str = "org", key: bytes | None = KEY) -> Mirror:
        path = tmp_path / name / "mirror.db"
        mirror = Mirror.open(path, key) if path.exists() else Mirror.create(path, key)
        made.append(mirror)
        return mirror

    yield make
    for mirror in made:
        mirror.close(drain=False)


@pytest.fixture
def mirror(make_mirror: Callable[..., Mirror]) -> Mirror:
    """A new, empty mirror."""
    return make_mirror()
