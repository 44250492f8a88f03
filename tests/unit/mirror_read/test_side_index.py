"""The search index that is made beside a first load: the same as the writer's own, and nothing left of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from core.api.browse import BrowseSession, IndexPhase
from core.mirror import search, side_index
from core.mirror.side_index import SideIndex, clear_leftovers
from core.model.cancel import CancelToken
from core.model.errors import Cancelled
from core.model.filters import ListQuery
from tests.helpers.sample_org import SampleOrg

Reading = Callable[[], AbstractContextManager[BrowseSession]]
FIRST = [{"Name": f"First {n}", "Company": "Müller & Söhne", "Phone": f"+49 30 55{n:04d}"} for n in range(30)]


def index_rows(org: SampleOrg) -> dict[str, list[object]]:
    """What both indexes of leads answer to some words, and for which rows they hold anything."""

    def ask(session: object) -> dict[str, list[object]]:
        conn = session.conn  # type: ignore[attr-defined]
        words, digits = search.words_table("Lead"), search.digits_table("Lead")
        answers: dict[str, list[object]] = {
            text: [r for (r,) in conn.execute(f"SELECT rowid FROM {words} WHERE {words} MATCH ? ORDER BY 1", (text,))]
            for text in ("fir*", "sohne", "se*", "gone*", "changed")
        }
        for text in ("550", "999"):
            found = conn.execute(f"SELECT rowid FROM {digits} WHERE {digits} MATCH ? ORDER BY 1", (text,))
            answers[text] = [row for (row,) in found]
        for name in (words, digits):
            answers[name] = list(conn.execute(f'SELECT id FROM {name[:-1]}_docsize" ORDER BY id'))
        return answers

    return org.mirror.read(ask)


def leftovers(org: SampleOrg) -> list[str]:
    names = org.mirror.read(
        lambda s: [n for (n,) in s.conn.execute("SELECT name FROM sqlite_schema WHERE name GLOB 'om_tou*'")]
    )
    return [*names, *(path.name for path in org.mirror.path.parent.glob("*search-build*"))]


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_index, "_SLICE", 7)
    monkeypatch.setattr(side_index, "_TAKEN_AT_ONCE", {"data": 2, "idx": 3, "docsize": 4, "config": 1})


def test_it_is_the_index_that_the_writer_makes(org: SampleOrg) -> None:
    ids = org.add("Lead", *FIRST[:20])
    side = SideIndex(org.mirror, org.mirror.tables()["Lead"])
    org.add("Lead", *FIRST[20:], {"Name": "Second one", "Phone": "0999 1234"})
    # What is written to rows that were passed, or not yet: changed, put into the bin, removed.
    org.add("Lead", FIRST[0] | {"Id": ids[0], "Name": "Changed already"})
    org.add("Lead", FIRST[1] | {"Id": ids[1], "IsDeleted": True})
    org.mirror.write(lambda s: s.conn.execute('DELETE FROM "Lead" WHERE "Id" = ?', (ids[2],)))
    assert side.finish(CancelToken())
    beside = index_rows(org)
    assert leftovers(org) == []
    assert org.mirror.read(lambda s: search.state(s.conn, org.mirror.tables()["Lead"]).phase) is IndexPhase.READY

    org.mirror.write(lambda s: search.drop(s.conn, "Lead"))
    search.build(org.mirror.writer, org.mirror.tables()["Lead"])
    assert index_rows(org) == beside
    assert beside["changed"]
    assert len(beside["fir*"]) == 27


def test_it_goes_on_like_any_index(org: SampleOrg, reading: Reading) -> None:
    ids = org.add("Lead", *FIRST)
    side = SideIndex(org.mirror, org.mirror.tables()["Lead"])
    assert side.finish(CancelToken())
    org.ready("Lead")
    org.add("Lead", FIRST[3] | {"Id": ids[3], "Name": "Another name"})
    with reading() as session:
        assert len(session.open_list(ListQuery("Lead", search="First")).ids) == 29
        assert len(session.open_list(ListQuery("Lead", search="another")).ids) == 1
        assert len(session.open_list(ListQuery("Lead", search="550004")).ids) == 1


def test_it_is_encrypted_while_it_is_made(org: SampleOrg) -> None:
    org.add("Lead", *FIRST)
    side = SideIndex(org.mirror, org.mirror.tables()["Lead"])
    path = side_index.scratch_file(org.mirror.path, "Lead")
    side._all_here.set()
    side._thread.join()
    try:
        raw = path.read_bytes()
        assert raw
        assert b"sohne" not in raw
        assert b"first" not in raw
        assert path.stat().st_mode & 0o777 == 0o600
        with pytest.raises(sqlite3.DatabaseError), sqlite3.connect(path) as plain:
            plain.execute("SELECT count(*) FROM sqlite_schema")
    finally:
        side.abandon()
    assert leftovers(org) == []


def test_a_failure_leaves_it_to_the_writer(org: SampleOrg, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, key: bytes | None) -> None:
        raise sqlite3.OperationalError("disk full")

    monkeypatch.setattr(side_index, "_scratch", full)
    org.add("Lead", *FIRST)
    side = SideIndex(org.mirror, org.mirror.tables()["Lead"])
    assert not side.finish(CancelToken())
    assert leftovers(org) == []
    org.ready("Lead")
    assert len(index_rows(org)["fir*"]) == 30


def test_a_cancel_leaves_nothing(org: SampleOrg) -> None:
    org.add("Lead", *FIRST)
    side = SideIndex(org.mirror, org.mirror.tables()["Lead"])
    cancel = CancelToken()
    cancel.set()
    with pytest.raises(Cancelled):
        side.finish(cancel)
    assert leftovers(org) == []
    org.ready("Lead")
    assert len(index_rows(org)["fir*"]) == 30


def test_what_a_killed_process_left_is_removed(org: SampleOrg) -> None:
    ids = org.add("Lead", *FIRST)
    side_index.scratch_file(org.mirror.path, "Lead").write_bytes(b"half an index")
    org.mirror.write(lambda s: side_index._watch(s.conn, org.mirror.tables()["Lead"]))
    org.add("Lead", FIRST[0] | {"Id": ids[0], "Name": "Changed"})
    assert len(leftovers(org)) == 4
    clear_leftovers(org.mirror)
    assert leftovers(org) == []
