"""Noticing what another process wrote: a second mirror over the same file stands for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.mirror import meta
from core.mirror.foreign import ForeignWrites
from core.mirror.mirror import Mirror

_CHANGE = (
    'INSERT INTO om_change (at, object, record_id, field, old, new, "by", side) '
    "VALUES ('2026-11-22T10:00:00Z', 'Lead', ?, 'Title', NULL, 'CTO', NULL, 'local')"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "mirror.db"
    Mirror.create(made, None).close()
    return made


def test_own_writes_are_not_foreign(path: Path) -> None:
    with Mirror.open(path, None) as own:
        foreign = ForeignWrites(own)
        assert foreign.look() is None
        own.write(lambda s: s.conn.execute(_CHANGE, ("00Q000000000001AAA",)))
        assert foreign.look() is None


def test_what_another_process_wrote_is_told_once_with_its_records(path: Path) -> None:
    with Mirror.open(path, None) as own, Mirror.open(path, None) as other:
        foreign = ForeignWrites(own)
        foreign.look()
        other.write(lambda s: s.conn.execute(_CHANGE, ("00Q000000000001AAA",)))

        told = foreign.look()

        assert told is not None
        assert told.objects == {"Lead": frozenset({"00Q000000000001AAA"})}
        assert told.outbox
        assert foreign.look() is None


def test_a_summary_of_many_records_is_many(path: Path) -> None:
    with Mirror.open(path, None) as own, Mirror.open(path, None) as other:
        foreign = ForeignWrites(own)
        foreign.look()
        other.write(lambda s: s.conn.execute(_CHANGE, ("00Q000000000001AAA",)))
        other.write(lambda s: s.conn.execute(_CHANGE, (None,)))

        told = foreign.look()

        assert told is not None
        assert told.objects == {"Lead": None}


def test_a_write_that_concerns_no_record_is_told_too(path: Path) -> None:
    with Mirror.open(path, None) as own, Mirror.open(path, None) as other:
        foreign = ForeignWrites(own)
        foreign.look()
        other.write(lambda s: meta.set_(s, "note", "1"))

        told = foreign.look()

        assert told is not None
        assert told.objects == {}
        assert told.status
