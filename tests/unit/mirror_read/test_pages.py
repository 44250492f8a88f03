"""Rows as texts: one line, names for look-ups, the user's time; and as values for the command line."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.api.browse import BrowseApi, BrowseSession, Lane
from core.mirror.display import cell_formatter, plain_text, text_formatter, zone_of
from core.mirror.tables import Column
from core.mirror.values import kind_of
from core.model.describe import parse_field
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.filters import ListQuery
from core.model.refs import RecordRef
from tests.helpers.sample_org import SampleOrg, describe, field, picked

Reading = Callable[[], AbstractContextManager[BrowseSession]]
BERLIN = ZoneInfo("Europe/Berlin")


def _column(type_: str, **more: Any) -> Column:
    info = parse_field(field("X__c", type_, **more))
    return Column("X__c", info, kind_of(info))


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        (_column("string"), None, ""),
        (_column("string"), "two\r\nlines\tand  blanks", "two lines and blanks"),
        (_column("string"), "plain", "plain"),
        (_column("string"), "x" * 999, "x" * 400),
        (_column("boolean"), 1, "✓"),
        (_column("boolean"), 0, ""),
        (_column("int", precision=9), 1234567, "1,234,567"),
        (_column("currency", precision=12, scale=2), 1234.5, "1,234.50"),
        (_column("currency", precision=12, scale=2), 9, "9.00"),
        (_column("currency", precision=12, scale=2), 1.005, "1.005"),
        (_column("double", precision=12, scale=6), 0.1, "0.1"),
        (_column("double", precision=12, scale=6), 1e21, "1,000,000,000,000,000,000,000"),
        (_column("percent", precision=5, scale=1), 12.5, "12.5%"),
        (_column("currency", precision=18, scale=0), "9007199254740993", "9,007,199,254,740,993"),
        (_column("double", precision=18), "-0.00000001", "-0.00000001"),
        (_column("double", precision=18), "no number", "no number"),
        (_column("datetime"), "2024-05-07T22:07:19.000Z", "2024-05-08 00:07"),
        (_column("datetime"), "2024-01-07T22:07:19.000Z", "2024-01-07 23:07"),
        (_column("datetime"), "soon", "soon"),
        (_column("date"), "1900-01-01", "1900-01-01"),
        (_column("time"), "10:30:00.000Z", "10:30"),
        (_column("time"), "10:30:05.000Z", "10:30:05"),
        (_column("picklist", picklistValues=picked(("a", "A label"))), "a", "A label"),
        (_column("picklist", picklistValues=picked(("a", "A label"))), "old", "old"),
        (_column("multipicklist", picklistValues=picked(("a", "A"), ("b", "b"))), "a;b;c", "A; b; c"),
        (_column("multipicklist"), "a;b", "a; b"),
        (_column("textarea", htmlFormatted=True), "<p>One &amp; <b>two</b></p><p>3</p>", "One & two 3"),
    ],
)
def test_cells(column: Column, value: Any, text: str) -> None:
    assert cell_formatter(column, BERLIN)(value) == text


def test_a_record_keeps_line_breaks() -> None:
    column = _column("textarea", length=255)
    assert text_formatter(column, UTC)("one\r\ntwo") == "one\r\ntwo"


def test_markup_becomes_its_words() -> None:
    assert plain_text("a<br>b<script>c</script>&lt;d&gt;") == "a\nbc<d>"


def test_unknown_zones_are_utc() -> None:
    assert zone_of("Nowhere/Else") is UTC
    assert zone_of("../etc/passwd") is UTC
    assert zone_of("") is UTC
    assert zone_of("Europe/Berlin") == BERLIN


def test_a_page_shows_names_in_the_order_asked(org: SampleOrg, reading: Reading) -> None:
    (user,) = org.add("User", {"Name": "Ömer"})
    (queue,) = org.add("Group", {"Name": "Inbound"})
    org.add(
        "Lead",
        {"Name": "1", "OwnerId": user, "Description": "long\ntext " * 900},
        {"Name": "2", "OwnerId": queue},
        {"Name": "3", "OwnerId": "005000000000009AAA"},
    )
    with reading() as session:
        rows = session.page("Lead", [3, 1, 99, 2, 1], ["Name", "OwnerId", "Description"])
    assert [row[:2] for row in rows] == [
        ("3", "005000000000009AAA"),
        ("1", "Ömer"),
        ("", ""),
        ("2", "Inbound"),
        ("1", "Ömer"),
    ]
    assert rows[1][2] == ("long text " * 900)[:400]
    with reading() as session:
        assert session.page("Lead", [77], ["Name", "Id"]) == [("", "")]
        assert session.page("Lead", [], ["Name"]) == []
        assert session.page("Lead", [1], []) == [()]


def test_a_renamed_owner_is_shown_by_the_new_name(org: SampleOrg, browse: BrowseApi) -> None:
    (user,) = org.add("User", {"Name": "Before"})
    org.add("Lead", {"Name": "1", "OwnerId": user})

    def owner() -> str:
        return browse.submit(Lane.QUICK, "v", lambda s: s.page("Lead", [1], ["OwnerId"])).result(10)[0][0]

    assert owner() == "Before"
    assert owner() == "Before"
    org.add("User", {"Id": user, "Name": "After"})
    assert owner() == "After"


def test_times_in_the_computers_zone_when_asked(org: SampleOrg, browse: BrowseApi, monkeypatch: Any) -> None:
    org.add("Lead", {"Name": "1"})
    monkeypatch.setattr("core.api.browse.computer_zone", lambda: ZoneInfo("Asia/Tokyo"))
    with browse.session() as session:
        assert session.page("Lead", [1], ["SystemModstamp"]) == [("2024-05-08 00:07",)]
    browse.use_computer_zone(True)
    with browse.session() as session:
        assert session.page("Lead", [1], ["SystemModstamp"]) == [("2024-05-08 07:07",)]


def test_amounts_say_their_currency_where_there_are_several(org: SampleOrg, reading: Reading) -> None:
    from core.mirror.schema import ensure_table

    fields = [field("Price__c", "currency", precision=12, scale=2), field("CurrencyIsoCode", "picklist")]
    info = describe("Sale__c", "a09", fields)
    org.mirror.write(lambda s: ensure_table(s, info))
    org.infos["Sale__c"], org._next["Sale__c"] = info, 1
    org.add("Sale__c", {"Price__c": "5", "CurrencyIsoCode": "EUR"}, {"CurrencyIsoCode": "USD"})
    with reading() as session:
        assert session.page("Sale__c", [1, 2], ["Price__c"]) == [("5.00 EUR",), ("",)]
        shown = session.record(("Sale__c", 1)).field("Price__c")
    assert shown is not None
    assert shown.display == "5.00 EUR"


def test_values_of_the_command_line(org: SampleOrg, reading: Reading) -> None:
    org.add(
        "Thing__c",
        {
            "Name": "a", "Amount__c": "100000000000000001", "Price__c": "10.50", "Count__c": 3, "On__c": True,
            "At__c": "2024-05-07T22:07:19.000+0000", "Note__c": "NULL",
        },
    )  # fmt: skip
    with reading() as session:
        (row,) = session.list_values(ListQuery("Thing__c"))
        assert row["Amount__c"] == "100000000000000001"
        assert row["Price__c"] == 10.5
        assert row["Count__c"] == 3
        assert isinstance(row["Count__c"], int)
        assert row["On__c"] is True
        assert row["IsDeleted"] is False
        assert row["At__c"] == "2024-05-07T22:07:19.000Z"
        assert row["Note__c"] == "NULL"
        assert row["Rich__c"] is None
        assert next(iter(row)) == "Id"
        shown = session.show_values(RecordRef("thing__c", row["Id"][:15]))
        assert shown == row
        with pytest.raises(OrgMirrorError) as caught:
            session.show_values(RecordRef("Thing__c", "a00000000000999"))
    assert caught.value.code is ErrorCode.NO_SUCH_RECORD


def test_default_columns_come_first(org: SampleOrg, reading: Reading) -> None:
    with reading() as session:
        leads = session.columns("Lead")
        things = session.columns("Thing__c")
    shown = [c.name for c in leads if c.default]
    assert shown == [
        "Name", "Company", "Title", "Email", "Phone", "Status", "City", "OwnerId",
    ]  # fmt: skip
    assert [c.name for c in leads][: len(shown)] == shown
    assert {c.name for c in leads} == set(org.mirror.tables()["Lead"].by_name)
    assert next(c.name for c in things if c.default) == "Name"
    by_name = {c.name: c for c in (*leads, *things)}
    assert by_name["Amount__c"].numeric
    assert not by_name["Description"].sortable
    assert by_name["OwnerId"].sortable


def test_objects_and_their_numbers(org: SampleOrg, reading: Reading) -> None:
    org.add("Lead", {"Name": "1"}, {"Name": "2", "IsDeleted": True})
    org.ready("Lead")
    with reading() as session:
        objects = {o.name: o for o in session.objects()}
    assert list(objects) == sorted(objects, key=lambda n: objects[n].label_plural.casefold())
    assert (objects["Lead"].rows, objects["Lead"].loaded, objects["Lead"].phase) == (1, True, None)
    assert objects["Lead"].key_prefix == "00Q"
    assert not objects["Task"].loaded
