"""Lists: which records, in what order; bad filters are refused in codes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from core.api.browse import BrowseSession
from core.mirror import folding, sorting
from core.mirror import query as query_module
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.filters import Condition, ListQuery, Operator, Sort
from core.model.refs import RecordRef
from tests.helpers.sample_org import INFOS, SampleOrg, record_id

Reading = Callable[[], AbstractContextManager[BrowseSession]]
THING = next(info for info in INFOS if info.name == "Thing__c")


def _names(reading: Reading, query: ListQuery, column: str = "Name") -> list[str]:
    with reading() as session:
        found = session.open_list(query)
        assert session.count(query) == len(found) or query.limit is not None
        return [row[0] for row in session.page(query.object, found.ids, [column])]


def _where(reading: Reading, field: str, operator: Operator, value: Any = None, of: str = "Thing__c") -> list[str]:
    return _names(reading, ListQuery(of, (Condition(field, operator, value),), (Sort("Name"),)))


@pytest.fixture
def things(org: SampleOrg) -> SampleOrg:
    accounts = org.add("Account", {"Name": "Ärzte AG", "Industry": "Tech"}, {"Name": "Bank", "Industry": "Bank"})
    org.add(
        "Thing__c",
        {
            "Name": "a", "Amount__c": "9007199254740993", "Price__c": "10.5", "Count__c": 2, "On__c": True,
            "Day__c": "2024-02-29", "At__c": "2024-05-07T22:07:19.000Z", "Time__c": "10:30:00.000Z", "Colors__c": "R;G",
            "Account__c": accounts[0], "Note__c": "École",
        },
        {
            "Name": "b", "Amount__c": "9007199254740992", "Price__c": "9", "Count__c": 10, "On__c": False,
            "Day__c": "1900-01-01", "At__c": "2024-05-07T21:59:59.999Z", "Time__c": "09:00:00.000Z", "Colors__c": "G",
            "Account__c": accounts[1], "Note__c": "zebra",
        },
        {"Name": "c", "Amount__c": "5", "Ghost__c": "0XX000000000001AAA", "Note__c": "100%"},
    )  # fmt: skip
    return org


@pytest.mark.usefixtures("things")
@pytest.mark.parametrize(
    ("field", "operator", "value", "names"),
    [
        ("Name", Operator.EQUALS, "A", "a"),
        ("Name", Operator.NOT_EQUALS, "a", "bc"),
        ("Name", Operator.IN, ["A", "C"], "ac"),
        ("Name", Operator.IN, [], ""),
        ("Note__c", Operator.EQUALS, "ecole", "a"),
        ("Note__c", Operator.CONTAINS, "COL", "a"),
        ("Note__c", Operator.STARTS_WITH, "zeb", "b"),
        ("Note__c", Operator.CONTAINS, "%", "c"),
        ("Note__c", Operator.GREATER, "f", "b"),
        ("Amount__c", Operator.EQUALS, "9007199254740993", "a"),
        ("Amount__c", Operator.EQUALS, "5.0", "c"),
        ("Amount__c", Operator.GREATER_OR_EQUAL, 10, "ab"),
        ("Price__c", Operator.EQUALS, "10.50", "a"),
        ("Price__c", Operator.LESS, 10, "b"),
        ("Price__c", Operator.LESS_OR_EQUAL, 10.5, "ab"),
        ("Price__c", Operator.NOT_EQUALS, 9, "ac"),
        ("Count__c", Operator.GREATER, "2", "b"),
        ("Count__c", Operator.IN, [2, "10"], "ab"),
        ("On__c", Operator.EQUALS, "true", "a"),
        ("On__c", Operator.EQUALS, False, "b"),
        ("Day__c", Operator.EQUALS, "2024-02-29", "a"),
        ("Day__c", Operator.EQUALS, "2024-02", "a"),
        ("Day__c", Operator.LESS, date(2000, 1, 1), "b"),
        ("Day__c", Operator.GREATER_OR_EQUAL, "1900", "ab"),
        ("Time__c", Operator.EQUALS, "10:30", "a"),
        ("Time__c", Operator.LESS, "10:00", "b"),
        # The day of the Salesforce user: 00:07 on the 8th in Berlin.
        ("At__c", Operator.EQUALS, "2024-05-08", "a"),
        ("At__c", Operator.EQUALS, "2024-05-07", "b"),
        ("At__c", Operator.LESS_OR_EQUAL, "2024-05-07", "b"),
        ("At__c", Operator.GREATER, "2024-05-07", "a"),
        ("At__c", Operator.EQUALS, "2024-05-07T22:07:19.000Z", "a"),
        ("At__c", Operator.GREATER, datetime(2024, 5, 7, 22, tzinfo=UTC), "a"),
        ("Colors__c", Operator.EQUALS, "r", "a"),
        ("Colors__c", Operator.EQUALS, "Green", "ab"),
        ("Account__c", Operator.EQUALS, "arzte ag", "a"),
        ("Account__c", Operator.CONTAINS, "an", "b"),
        ("Account__c", Operator.NOT_EQUALS, "Bank", "ac"),
        ("Account__c", Operator.IS_EMPTY, None, "c"),
        ("Account__c", Operator.IN, ["bank", "ÄRZTE AG"], "ab"),
        ("Ghost__c", Operator.EQUALS, "0XX000000000001AAA", "c"),
        ("Ghost__c", Operator.CONTAINS, "0XX", ""),
        ("Day__c", Operator.EQUALS, "", "c"),
        ("Day__c", Operator.IS_NOT_EMPTY, None, "ab"),
        ("Id", Operator.EQUALS, record_id(THING, 2), "b"),
        ("Id", Operator.EQUALS, record_id(THING, 2)[:15], "b"),
        ("Id", Operator.IN, [record_id(THING, 1)[:15], record_id(THING, 3)], "ac"),
    ],
)
def test_conditions(reading: Reading, field: str, operator: Operator, value: Any, names: str) -> None:
    assert _where(reading, field, operator, value) == list(names)


@pytest.mark.usefixtures("things")
@pytest.mark.parametrize(
    ("field", "operator", "value"),
    [
        ("Price__c", Operator.EQUALS, "ten"),
        ("Price__c", Operator.LESS, float("nan")),
        ("Price__c", Operator.CONTAINS, "1"),
        ("Count__c", Operator.EQUALS, True),
        ("On__c", Operator.EQUALS, "maybe"),
        ("On__c", Operator.LESS, True),
        ("Day__c", Operator.EQUALS, "yesterday"),
        ("Day__c", Operator.LESS, "2024-13"),
        ("At__c", Operator.EQUALS, "2024-05-07Tnoon"),
        ("Time__c", Operator.EQUALS, "25:00"),
        ("Name", Operator.IN, "abc"),
        ("Day__c", Operator.IN, 5),
    ],
)
def test_what_does_not_fit_is_a_bad_filter(reading: Reading, field: str, operator: Operator, value: Any) -> None:
    with pytest.raises(OrgMirrorError) as caught:
        _where(reading, field, operator, value)
    assert caught.value.code is ErrorCode.BAD_FILTER
    assert caught.value.params["field"] == field


@pytest.mark.usefixtures("things")
def test_unknown_names_are_told_apart(reading: Reading) -> None:
    with reading() as session:
        with pytest.raises(OrgMirrorError) as caught:
            session.open_list(ListQuery("Nothing__c"))
        assert caught.value.code is ErrorCode.NO_SUCH_OBJECT
        for query in (
            ListQuery("Account", (Condition("Nope", Operator.EQUALS, 1),)),
            ListQuery("Account", sort=(Sort("Nope"),)),
        ):
            with pytest.raises(OrgMirrorError) as caught:
                session.open_list(query)
            assert caught.value.code is ErrorCode.NO_SUCH_FIELD
        with pytest.raises(OrgMirrorError) as caught:
            session.page("Account", [1], ["Nope"])
        assert caught.value.code is ErrorCode.NO_SUCH_FIELD


@pytest.mark.usefixtures("things")
def test_where_of_the_command_line(reading: Reading) -> None:
    with reading() as session:
        assert session.where("thing__C", ["name=x=y", "DAY__C="]) == (
            Condition("Name", Operator.EQUALS, "x=y"),
            Condition("Day__c", Operator.IS_EMPTY),
        )
        for bad in ("Name", "=x"):
            with pytest.raises(OrgMirrorError) as caught:
                session.where("Thing__c", [bad])
            assert caught.value.code is ErrorCode.BAD_FILTER
        with pytest.raises(OrgMirrorError) as caught:
            session.where("Thing__c", ["Nope=1"])
        assert caught.value.code is ErrorCode.NO_SUCH_FIELD


def test_a_polymorphic_look_up_filters_and_sorts_by_the_name_shown(org: SampleOrg, reading: Reading) -> None:
    (user,) = org.add("User", {"Name": "Ömer"})
    (queue,) = org.add("Group", {"Name": "inbound"})
    org.add(
        "Lead",
        {"Name": "1", "OwnerId": user},
        {"Name": "2", "OwnerId": queue},
        {"Name": "3", "OwnerId": None},
        {"Name": "4", "OwnerId": "005000000000009AAA"},
        {"Name": "5", "OwnerId": user},
    )
    assert _where(reading, "OwnerId", Operator.EQUALS, "omer", "Lead") == ["1", "5"]
    assert _where(reading, "OwnerId", Operator.EQUALS, "INBOUND", "Lead") == ["2"]
    assert _names(reading, ListQuery("Lead", sort=(Sort("OwnerId"),))) == ["2", "1", "5", "3", "4"]
    assert _names(reading, ListQuery("Lead", sort=(Sort("OwnerId", True),))) == ["5", "1", "2", "4", "3"]


@pytest.mark.parametrize("descending", [False, True])
def test_texts_sort_folded_with_empties_last_and_ties_by_arrival(
    org: SampleOrg, reading: Reading, descending: bool
) -> None:
    names = ["zebra", "Äpfel", "apfel", None, "Öl", "ABC", "", "ähre", "Apfel", "Ωmega", "山"]
    org.add("Lead", *({"Name": "x", "Company": name, "Title": str(n)} for n, name in enumerate(names)))
    keyed = [(folding.sort_key(name), n) for n, name in enumerate(names)]
    filled = sorted(((key, n) for key, n in keyed if key is not None), reverse=descending)
    empty = sorted((n for key, n in keyed if key is None), reverse=descending)
    expected = [str(n) for _, n in filled] + [str(n) for n in empty]
    query = ListQuery("Lead", sort=(Sort("Company", descending),))
    assert _names(reading, query, "Title") == expected
    table = org.mirror.tables()["Lead"]
    org.mirror.write(lambda s: s.conn.execute(sorting.index_sql(table, table.by_name["Company"]) or "").fetchall())
    assert _names(reading, query, "Title") == expected


def test_sorting_by_several_columns_and_numbers(org: SampleOrg, reading: Reading) -> None:
    rows = [(("aa", "bb")[n % 2], (n * 7) % 5, str(10**16 + n)) for n in range(10)]
    org.add("Thing__c", *({"Name": a, "Count__c": b, "Amount__c": c} for a, b, c in rows))
    query = ListQuery("Thing__c", sort=(Sort("Name", True), Sort("Count__c"), Sort("Amount__c", True)))
    with reading() as session:
        values = session.values("Thing__c", session.open_list(query).ids, ["Name", "Count__c", "Amount__c"])
    got = [(v["Name"], v["Count__c"]) for v in values]
    assert got == sorted(((a, b) for a, b, _ in rows), key=lambda pair: (-ord(pair[0][0]), pair[1]))


def test_without_a_sort_the_last_change_comes_first_once_loaded(org: SampleOrg, reading: Reading) -> None:
    stamps = ["2024-01-02", "2024-01-03", "2024-01-01"]
    org.add("Lead", *({"Name": str(n), "SystemModstamp": f"{day}T00:00:00.000Z"} for n, day in enumerate(stamps)))
    assert _names(reading, ListQuery("Lead")) == ["0", "1", "2"]
    assert _names(reading, ListQuery("Lead", limit=2)) == ["0", "1"]
    org.ready("Lead")
    assert _names(reading, ListQuery("Lead")) == ["1", "0", "2"]
    assert _names(reading, ListQuery("Lead", limit=1)) == ["1"]
    assert _names(reading, ListQuery("Lead", limit=0)) == []


@pytest.mark.parametrize("newest", [1, 3, 100])
def test_the_first_rows_of_a_filtered_list_are_the_first_of_the_whole(
    org: SampleOrg, reading: Reading, monkeypatch: pytest.MonkeyPatch, newest: int
) -> None:
    monkeypatch.setattr(query_module, "NEWEST_ROWS", newest)
    org.add(
        "Lead",
        *(
            {"Name": f"n{n}", "City": "ab"[n % 2], "SystemModstamp": f"2024-01-{1 + n * 7 % 20:02}T00:00:00.000Z"}
            for n in range(20)
        ),
    )
    org.ready("Lead")
    for query in (
        ListQuery("Lead", (Condition("City", Operator.EQUALS, "b"),)),
        ListQuery("Lead", search="n1"),
        ListQuery("Lead", (Condition("City", Operator.EQUALS, "b"),), search="n1"),
    ):
        whole = _names(reading, query)
        for limit in (1, 2, 5, 50):
            assert _names(reading, replace(query, limit=limit)) == whole[:limit]


def test_the_recycle_bin_is_left_out_unless_asked(org: SampleOrg, reading: Reading) -> None:
    org.add("Lead", {"Name": "here"}, {"Name": "gone", "IsDeleted": True})
    assert _names(reading, ListQuery("Lead")) == ["here"]
    assert _names(reading, ListQuery("Lead", include_deleted=True)) == ["here", "gone"]
    query = ListQuery("Lead", (Condition("Name", Operator.EQUALS, "gone"),))
    assert _names(reading, query) == []


def test_a_record_is_found_in_its_list(org: SampleOrg, reading: Reading) -> None:
    ids = org.add("Lead", {"Name": "b"}, {"Name": "a"}, {"Name": "c", "IsDeleted": True})
    with reading() as session:
        found = session.open_list(ListQuery("Lead", sort=(Sort("Name"),)))
        assert session.locate(found.ids, RecordRef("Lead", ids[0])) == 1
        assert session.locate(found.ids, RecordRef("Lead", ids[0][:15])) == 1
        assert session.locate(found.ids, RecordRef("Lead", ids[2])) is None
        assert session.locate(found.ids, RecordRef("Lead", "00Q000000000999")) is None


def test_a_picklist_filters_by_value_or_label(org: SampleOrg, reading: Reading) -> None:
    org.add("Lead", {"Name": "1", "Status": "Open"}, {"Name": "2", "Status": "Closed"}, {"Name": "3", "Status": "Odd"})
    assert _where(reading, "Status", Operator.EQUALS, "open - not contacted", "Lead") == ["1"]
    assert _where(reading, "Status", Operator.EQUALS, "open", "Lead") == ["1"]
    assert _where(reading, "Status", Operator.EQUALS, "odd", "Lead") == ["3"]


def test_an_id_shaped_name_is_still_a_name(org: SampleOrg, reading: Reading) -> None:
    (account,) = org.add("Account", {"Name": "Internationales"})
    org.add("Thing__c", {"Name": "x", "Account__c": account})
    assert _where(reading, "Account__c", Operator.EQUALS, "Internationales") == ["x"]
    assert _where(reading, "Account__c", Operator.EQUALS, account[:15]) == ["x"]


def test_keys_of_another_rule_are_dropped_before_anything_is_written(org: SampleOrg) -> None:
    table = org.mirror.tables()["Lead"]
    sql = sorting.index_sql(table, table.by_name["Company"])
    assert sql is not None
    org.mirror.write(lambda s: s.conn.execute(sql).fetchall())
    org.mirror.write(lambda s: sorting.check(s.conn))
    name = sorting.index_name(table, table.by_name["Company"])

    def there() -> bool:
        asked = "SELECT 1 FROM sqlite_schema WHERE name = ?"
        return org.mirror.read(lambda s: s.conn.execute(asked, (name,)).get) is not None

    assert there()
    org.mirror.write(lambda s: s.conn.execute("UPDATE om_setting SET value = '0/1.0' WHERE key = 'folding'"))
    org.mirror.write(lambda s: sorting.check(s.conn))
    assert not there()


def test_indexes_that_a_sort_would_want(org: SampleOrg) -> None:
    table = org.mirror.tables()["Lead"]

    def wanted(field: str) -> str | None:
        return org.mirror.write(lambda s: sorting.wanted_index(s.conn, table, table.by_name[field]))

    assert wanted("OwnerId") is None
    assert wanted("Description") is None
    sql = wanted("Company")
    assert sql is not None
    assert "om_fold" in sql
    org.mirror.write(lambda s: s.conn.execute(sql).fetchall())
    assert wanted("Company") is None
    assert wanted("CreatedDate") is not None
