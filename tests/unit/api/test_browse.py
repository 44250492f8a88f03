"""The browse facade: lanes, one moment per question, and indexes that follow what a person sorts by."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError

import pytest

from core.api import browse as browse_module
from core.api.browse import BrowseApi, BrowseSession, Lane
from core.mirror import sorting
from core.mirror.writer import Priority
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.model.filters import ListQuery, Sort
from tests.helpers.sample_org import SampleOrg


def test_each_question_is_one_moment_of_the_file(org: SampleOrg, browse: BrowseApi) -> None:
    org.add("Lead", {"Name": "1"})

    def count_twice(session: BrowseSession) -> tuple[int, int]:
        before = session.count(ListQuery("Lead"))
        org.add("Lead", {"Name": "2"})
        return before, session.count(ListQuery("Lead"))

    assert browse.submit(Lane.HEAVY, "v", count_twice).result(10) == (1, 1)
    assert browse.submit(Lane.HEAVY, "v", lambda s: s.count(ListQuery("Lead"))).result(10) == 2


def test_the_newest_question_of_a_view_wins(org: SampleOrg, browse: BrowseApi) -> None:
    running, go = threading.Event(), threading.Event()

    def slow(session: BrowseSession) -> int:
        running.set()
        assert go.wait(10)
        return session.count(ListQuery("Lead"))

    first = browse.submit(Lane.HEAVY, "list", slow)
    assert running.wait(10)
    second = browse.submit(Lane.HEAVY, "list", lambda s: 2)
    third = browse.submit(Lane.HEAVY, "list", lambda s: 3)
    go.set()
    assert third.result(10) == 3
    with pytest.raises(CancelledError):
        second.result(0)
    with pytest.raises(Cancelled):
        first.result(10)


def test_a_schema_change_is_seen_by_the_next_question(org: SampleOrg, browse: BrowseApi) -> None:
    from core.mirror.schema import ensure_table
    from tests.helpers.sample_org import describe, field

    info = describe("Fresh__c", "a77", [field("Name", nameField=True)])
    with pytest.raises(OrgMirrorError) as caught:
        browse.submit(Lane.QUICK, "v", lambda s: s.columns("Fresh__c")).result(10)
    assert caught.value.code is ErrorCode.NO_SUCH_OBJECT
    org.mirror.write(lambda s: ensure_table(s, info))
    columns = browse.submit(Lane.QUICK, "v", lambda s: s.columns("fresh__C")).result(10)
    assert columns[0].name == "Name"


def _has_index(org: SampleOrg, field: str) -> bool:
    table = org.mirror.tables()["Lead"]
    name = sorting.index_name(table, table.by_name[field])
    asked = "SELECT 1 FROM sqlite_schema WHERE name = ?"
    return org.mirror.read(lambda s: s.conn.execute(asked, (name,)).get) is not None


def test_a_large_list_that_was_sorted_is_indexed_afterwards(
    org: SampleOrg, browse: BrowseApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browse_module, "SLOW_SORT_ROWS", 3)
    org.add("Lead", *({"Name": str(n), "Company": f"C{n % 2}"} for n in range(3)))

    def sort(field: str, limit: int | None = None) -> list[int]:
        query = ListQuery("Lead", sort=(Sort(field),), limit=limit)
        ids = list(browse.submit(Lane.HEAVY, "v", lambda s: s.open_list(query).ids).result(10))
        org.mirror.writer.submit(lambda s: None, Priority.IDLE).result(10)
        return ids

    sort("Company", limit=2)
    assert not _has_index(org, "Company")
    first = sort("Company")
    assert _has_index(org, "Company")
    assert sort("Company") == first == [1, 3, 2]
    sort("OwnerId")
    sort("Description")
    assert not _has_index(org, "OwnerId")
    assert not _has_index(org, "Description")


def test_a_small_list_needs_no_index(org: SampleOrg, browse: BrowseApi) -> None:
    org.add("Lead", {"Name": "1"})
    query = ListQuery("Lead", sort=(Sort("Company"),))
    browse.submit(Lane.HEAVY, "v", lambda s: s.open_list(query)).result(10)
    org.mirror.writer.submit(lambda s: None, Priority.IDLE).result(10)
    assert not _has_index(org, "Company")


def test_a_session_of_its_own_reads_and_closes(org: SampleOrg, browse: BrowseApi) -> None:
    org.add("Lead", {"Name": "1"})
    with browse.session() as session:
        assert session.object_name("LEAD") == "Lead"
        assert session.count(ListQuery("lead")) == 1
    with pytest.raises(OrgMirrorError), browse.session() as session:
        session.count(ListQuery("Nope"))


def test_nothing_is_answered_after_closing(org: SampleOrg) -> None:
    api = BrowseApi(org.mirror)
    api.submit(Lane.QUICK, "v", lambda s: 1).result(10)
    api.close()
    api.close()
    assert api.submit(Lane.QUICK, "v", lambda s: 1).cancelled()
    assert not [t for t in threading.enumerate() if t.name.startswith(("quick reader", "heavy reader"))]
