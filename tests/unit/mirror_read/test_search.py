"""The search index: what finds a record (rules 2, every case), and how the index keeps up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from core.api.browse import BrowseSession, IndexPhase
from core.mirror import search
from core.mirror.schema import ensure_table
from core.mirror.writer import Priority
from core.model.cancel import CancelToken
from core.model.errors import Cancelled
from core.model.filters import ListQuery
from tests.helpers.sample_org import LEAD, SampleOrg, describe, field

Reading = Callable[[], AbstractContextManager[BrowseSession]]


def _found(reading: Reading, text: str, object_name: str = "Lead") -> list[str]:
    """Names found in a list and by the search over all objects, which must agree."""
    with reading() as session:
        ids = session.open_list(ListQuery(object_name, search=text)).ids
        listed = [row[0] for row in session.page(object_name, ids, ["Name"])]
        hits = [hit.title for hit in session.search(text, 1000, [object_name])]
    assert sorted(listed) == sorted(hits)
    return sorted(listed)


@pytest.fixture
def people(org: SampleOrg) -> SampleOrg:
    org.add(
        "Lead",
        {"Name": "José O’Brien", "Company": "Müller & Söhne GmbH", "Email": "jose.obrien@mail.acme-corp.com"},
        {"Name": "Ann Lee", "Title": "VP, Sales", "City": "Zürich", "Phone": "+1 (415) 555-1234"},
        {"Name": "山田 太郎", "Company": "株式会社ＡＢＣ", "Phone": "+81 3-1234-5678"},
        {"Name": "김철수", "Company": "삼성전자"},
        {"Name": "Анна Ковалёва", "MobilePhone": "8 (495) 123-45-67"},
        {"Name": "محمّد أحمد", "Company": "شركة"},
        {"Name": "Jo Null", "Company": "NULL", "Phone": "+49 (0)30 901820", "Description": "secretword"},
    )
    org.ready("Lead")
    return org


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("text", "name"),
    [
        # word prefixes without accents
        ("jos", "José O’Brien"),
        ("JOSÉ", "José O’Brien"),
        ("obri", "José O’Brien"),
        ("o'bri", "José O’Brien"),
        ("brien", "José O’Brien"),
        ("muller sohne", "José O’Brien"),
        ("zuri", "Ann Lee"),
        ("lee sales", "Ann Lee"),
        ("ковалева", "Анна Ковалёва"),
        ("محمد", "محمّد أحمد"),
        ("احمد", "محمّد أحمد"),
        # either side of an e-mail address
        ("jose.obrien", "José O’Brien"),
        ("jose.obrien@mail", "José O’Brien"),
        ("acme-corp.com", "José O’Brien"),
        ("@mail.acme", "José O’Brien"),
        # any four or more digits of a phone number, however it is formatted
        ("5551234", "Ann Lee"),
        ("555-12", "Ann Lee"),
        ("415 555", "Ann Lee"),
        ("(415) 555.1234", "Ann Lee"),
        ("4155", "Ann Lee"),
        ("51234567", "Анна Ковалёва"),
        ("030 901820", "Jo Null"),
        ("+49 30 9018", "Jo Null"),
        ("0049309018", "Jo Null"),
        # any one or two CJK characters
        ("山", "山田 太郎"),
        ("太郎", "山田 太郎"),
        ("山田太郎", "山田 太郎"),
        ("会", "山田 太郎"),
        ("式会", "山田 太郎"),
        ("abc", "山田 太郎"),
        ("철", "김철수"),
        ("전자", "김철수"),
        # text that looks like nothing
        ("null", "Jo Null"),
    ],
)
def test_finds(reading: Reading, text: str, name: str) -> None:
    assert name in _found(reading, text)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "text", ["ose", "obrienx", "jose lee", "5559", "555-1235", "川", "secretword", "***", "41555512345"]
)
def test_does_not_find(reading: Reading, text: str) -> None:
    assert _found(reading, text) == []


def test_trigrams_of_two_numbers_do_not_make_a_third(org: SampleOrg, reading: Reading) -> None:
    org.add("Lead", {"Name": "A", "Phone": "12399", "MobilePhone": "9234"}, {"Name": "B", "Phone": "1234"})
    org.ready("Lead")
    assert _found(reading, "1234") == ["B"]


def test_a_found_name_stands_before_other_finds(org: SampleOrg, reading: Reading) -> None:
    org.add(
        "Lead",
        {"Name": "Zoe", "Company": "Berlin AG"},
        {"Name": "Berliner, A."},
        {"Name": "Anna Berlin"},
        {"Name": "Berlin, B."},
    )
    org.ready()
    with reading() as session:
        hits = session.search("berlin")
    assert [(h.title, h.matched) for h in hits] == [
        ("Berlin, B.", True),
        ("Berliner, A.", True),
        ("Anna Berlin", True),
        ("Zoe", False),
    ]


def test_an_id_finds_its_record(people: SampleOrg, reading: Reading) -> None:
    ids = people.add("Lead", {"Name": "By id"})
    with reading() as session:
        assert [hit.title for hit in session.search(ids[0])] == ["By id"]
        assert [hit.title for hit in session.search(ids[0][:15])] == ["By id"]


def test_the_index_follows_what_is_written(people: SampleOrg, reading: Reading) -> None:
    (made,) = people.add("Lead", {"Name": "Newly Made", "Phone": "777 8888"})
    assert _found(reading, "newly") == ["Newly Made"]
    assert _found(reading, "7778888") == ["Newly Made"]
    people.add("Lead", {"Id": made, "Name": "Renamed", "Phone": "777 9999"})
    assert _found(reading, "newly") == []
    assert _found(reading, "7778888") == []
    assert _found(reading, "renamed") == ["Renamed"]
    people.add("Lead", {"Id": made, "Name": "Renamed", "IsDeleted": True})
    assert _found(reading, "renamed") == []
    people.add("Lead", {"Id": made, "Name": "Renamed", "IsDeleted": False})
    assert _found(reading, "renamed") == ["Renamed"]


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Building an index takes several transactions."""
    for name in ("_FIRST_SLICE", "_MIN_SLICE", "_MAX_SLICE"):
        monkeypatch.setattr(search, name, 10)


@pytest.mark.usefixtures("small_slices")
def test_rows_that_change_while_the_index_is_built_are_in_it_once(org: SampleOrg, reading: Reading) -> None:
    ids = org.add("Lead", *({"Name": f"Before {n}"} for n in range(30)))
    table = org.mirror.tables()["Lead"]
    changed = []

    def between(state: search.IndexState) -> None:
        if state.done >= 10 and not changed:
            changed.append(True)
            org.add("Lead", {"Id": ids[2], "Name": "After 2"}, {"Id": ids[25], "Name": "After 25"}, {"Name": "Added"})

    search.build(org.mirror.writer, table, progress=between)
    assert changed
    index = search.words_table("Lead")
    rows = org.mirror.read(lambda s: s.conn.execute(f"SELECT rowid FROM {index}(?)", ('"before"',)).fetchall())
    assert len(rows) == len(set(rows)) == 28
    assert _found(reading, "after") == ["After 2", "After 25"]
    assert _found(reading, "added") == ["Added"]


@pytest.mark.usefixtures("small_slices")
def test_a_build_that_was_cut_off_goes_on(org: SampleOrg, reading: Reading) -> None:
    org.add("Lead", *({"Name": f"Row {n}"} for n in range(30)))
    table = org.mirror.tables()["Lead"]
    cancel = CancelToken()
    states: list[search.IndexState] = []

    def stop(state: search.IndexState) -> None:
        states.append(state)
        if state.done:
            cancel.set()

    with pytest.raises(Cancelled):
        search.build(org.mirror.writer, table, cancel, stop)
    with reading() as session:
        assert session.index_state("Lead").phase is IndexPhase.BUILDING
        assert session.indexing() == ["Leads"]
        assert session.search("row") == []
    search.build(org.mirror.writer, table, progress=states.append)
    assert min(s.done for s in states[2:]) >= 10
    assert len(_found(reading, "row")) == 30
    with reading() as session:
        assert session.indexing() == []


def test_a_list_searches_without_an_index_too(org: SampleOrg, reading: Reading) -> None:
    org.add("Lead", {"Name": "José", "Phone": "(030) 12 34"}, {"Name": "Ann"})
    with reading() as session:
        assert session.index_state("Lead").phase is IndexPhase.NONE
        for text in ("jose", "1234"):
            ids = session.open_list(ListQuery("Lead", search=text)).ids
            assert [row[0] for row in session.page("Lead", ids, ["Name"])] == ["José"]


def test_a_withdrawn_field_is_no_longer_found_by(people: SampleOrg, reading: Reading) -> None:
    assert _found(reading, "zurich") == ["Ann Lee"]
    fewer = [
        field(f.name, f.type, length=f.length, nameField=f.name_field, referenceTo=list(f.reference_to))
        for f in LEAD.fields
        if f.name not in ("Id", "IsDeleted", "CreatedDate", "SystemModstamp", "City")
    ]
    info = describe("Lead", "00Q", fewer)
    people.mirror.write(lambda s: ensure_table(s, info))
    with reading() as session:
        assert session.index_state("Lead").phase is IndexPhase.NONE
    assert _list_only(reading, "zurich") == []
    people.ready("Lead")
    assert _found(reading, "zurich") == []
    assert _found(reading, "ann") == ["Ann Lee"]


def _list_only(reading: Reading, text: str) -> list[str]:
    with reading() as session:
        ids = session.open_list(ListQuery("Lead", search=text)).ids
        return [row[0] for row in session.page("Lead", ids, ["Name"])]


def test_dropping_leaves_nothing(people: SampleOrg) -> None:
    people.mirror.write(lambda s: search.drop(s.conn, "Lead"), Priority.PERSON)
    left = people.mirror.read(
        lambda s: s.conn.execute("SELECT name FROM sqlite_schema WHERE name LIKE 'om_fts%' OR name LIKE 'om_dig%'").get
    )
    assert left is None


def test_several_objects_in_their_order_and_number(org: SampleOrg, reading: Reading) -> None:
    org.add("Account", *({"Name": f"Acme {n}"} for n in range(12)))
    org.add("Lead", {"Name": "Acme Buyer"})
    org.add("Thing__c", {"Name": "Acme thing", "Mail__c": "x@acme.org"})
    org.add("Task", {"Subject": "Call Acme"})
    org.ready()
    with reading() as session:
        hits = session.search("acme", per_object=5)
    assert [hit.ref.object for hit in hits] == ["Lead"] + ["Account"] * 5 + ["Task", "Thing__c"]
    assert hits[0].object_label == "Lead"
