"""Conditions over a handful of rows, each answer worked out by hand."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from core.demo.org import Org, OrgError
from tests.unit.demo.conftest import ANCHOR, add, admin, names, user_id


@pytest.fixture
def org(bare: Org) -> Org:
    """Leads named A to G, with values that differ where conditions look."""
    far = "2026-05-{:02}T12:00:00Z"
    rows = [
        {"Company": "Müller GmbH", "Country": "Germany", "AnnualRevenue": 100, "Rating": "Hot", "Email": "a@x.de",
         "Product_Interest__c": "Analytics;Mobile", "Best_Time_to_Call__c": "09:00:00Z", "DoNotCall": True},
        {"Company": "MÜLLER gmbh", "Country": "germany", "AnnualRevenue": 0, "Rating": "Cold",
         "Product_Interest__c": "Mobile", "ConvertedDate": "2026-05-31"},
        {"Company": "100% Juice", "Country": "France", "AnnualRevenue": "123456789012345678",
         "Product_Interest__c": "Analytics;Security;Mobile", "ConvertedDate": "2026-06-01"},
        {"Company": "O'Neill \\ Sons", "Country": None, "Rating": "Warm", "ConvertedDate": "1900-01-01"},
        {"Company": "snake_case", "Country": "France", "AnnualRevenue": -5, "City": "Foo\nBar"},
        {"Company": "snakeXcase", "Country": "Japan", "AnnualRevenue": 2000, "City": "東京"},
        {"Company": "Zed", "Country": "Japan", "AnnualRevenue": 100.01, "Rating": "Hot", "IsDeleted": True},
    ]  # fmt: skip
    for number, row in enumerate(rows):
        stamp = far.format(10 + number)
        add(bare, "Lead", LastName="ABCDEFG"[number], CreatedDate=stamp, SystemModstamp=stamp, **row)
    return bare


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        # Text: without case, null is neither equal nor greater, and "not equal" holds for it.
        ("Country = 'GERMANY'", "AB"),
        ("Country != 'Germany'", "CDEF"),
        ("Country <> 'Germany'", "CDEF"),
        ("NOT Country = 'Germany'", "CDEF"),
        ("Country = null", "D"),
        ("Country != NULL", "ABCEF"),
        ("Country = ''", "D"),
        ("Company = 'müller gmbh'", "AB"),
        ("Company = 'O\\'Neill \\\\ Sons'", "D"),
        ("Country > 'france'", "ABF"),
        ("NOT Country > 'France'", "CDE"),
        ("City = 'Foo\\nBar'", "E"),
        ("City = '東京'", "F"),
        # LIKE
        ("Company LIKE 'MÜLL%'", "AB"),
        ("Company LIKE '%gmbh'", "AB"),
        ("Company LIKE '100\\%%'", "C"),
        ("Company LIKE 'snake_case'", "EF"),
        ("Company LIKE 'snake\\_case'", "E"),
        ("Company LIKE '%\\\\%'", "D"),
        ("NOT Company LIKE 'snake%'", "ABCD"),
        ("Country LIKE '%'", "ABCDEF"),
        ("City LIKE 'Foo%Bar'", "E"),
        # Numbers
        ("AnnualRevenue = 100", "A"),
        ("AnnualRevenue = 0", "B"),
        ("AnnualRevenue != 0", "ACDEF"),
        ("AnnualRevenue < 0", "E"),
        ("AnnualRevenue >= 100.0", "ACF"),
        ("AnnualRevenue > 2000", "C"),
        ("AnnualRevenue = 123456789012345678", "C"),
        ("AnnualRevenue = 123456789012345679", ""),
        ("AnnualRevenue = -5", "E"),
        ("AnnualRevenue IN (0, 100, -5.0)", "ABE"),
        ("AnnualRevenue NOT IN (0, 100)", "CDEF"),
        ("AnnualRevenue = null", "D"),
        # Booleans
        ("DoNotCall = TRUE", "A"),
        ("DoNotCall != true", "BCDEF"),
        # Lists
        ("Country IN ('germany', 'JAPAN')", "ABF"),
        ("Country NOT IN ('Germany')", "CDEF"),
        ("Country IN ('Germany', null)", "ABD"),
        ("Country NOT IN ('Germany', null)", "CEF"),
        ("Company IN ('MÜLLER GMBH', 'Zed')", "AB"),
        # Multi-select
        ("Product_Interest__c INCLUDES ('Mobile')", "ABC"),
        ("Product_Interest__c INCLUDES ('analytics;mobile')", "AC"),
        ("Product_Interest__c INCLUDES ('Security', 'Analytics;Mobile')", "AC"),
        ("Product_Interest__c EXCLUDES ('Analytics')", "BDEF"),
        ("Product_Interest__c = 'Mobile'", "B"),
        ("Product_Interest__c != 'Mobile'", "ACDEF"),
        # Dates and times
        ("CreatedDate = 2026-05-12T12:00:00Z", "C"),
        ("CreatedDate > 2026-05-12T12:00:00.000+0000", "DEF"),
        ("CreatedDate >= 2026-05-12T14:00:00+02:00", "CDEF"),
        ("CreatedDate >= 2026-05-12T12:00:00.900Z", "CDEF"),
        ("ConvertedDate = 2026-05-31", "B"),
        ("ConvertedDate <= 1900-01-01", "D"),
        ("ConvertedDate = null", "AEF"),
        ("Best_Time_to_Call__c = 09:00:00.000Z", "A"),
        ("Best_Time_to_Call__c > 09:00:00Z", ""),
        # Functions
        ("DAY_IN_MONTH(CreatedDate) = 12", "C"),
        ("CALENDAR_YEAR(CreatedDate) = 2026 AND CALENDAR_MONTH(CreatedDate) = 5", "ABCDEF"),
        ("DAY_ONLY(CreatedDate) = 2026-05-13", "D"),
        ("HOUR_IN_DAY(CreatedDate) = 12 AND DAY_IN_WEEK(CreatedDate) = 1", "A"),
        ("HOUR_IN_DAY(convertTimezone(CreatedDate)) = 14", "ABCDEF"),
        ("CALENDAR_YEAR(ConvertedDate) = 1900", "D"),
        # Logic
        ("Country = 'Germany' AND Rating = 'Hot'", "A"),
        ("(Country = 'Germany' AND Rating = 'Hot') OR Country = null", "AD"),
        ("NOT (Country = 'Germany' OR Country = 'France')", "DF"),
        ("NOT (Rating = 'Hot' AND Country = 'Germany')", "BCDEF"),
        ("Rating = 'Hot' AND NOT Country = 'x'", "A"),
        # Another record, which is not there
        ("MasterRecord.Name = 'x'", ""),
        ("Owner.Name = 'Ada Admin'", "ABCDEF"),
        ("Owner.Type = 'Group'", ""),
        ("Lead.Country = 'Germany'", "AB"),
        ("CreatedBy.Profile.Name = 'System Administrator' AND Country = null", "D"),
    ],
)  # fmt: skip
def test_conditions(org: Org, condition: str, found: str) -> None:
    assert names(org, condition) == list(found)


def test_rows_in_the_recycle_bin_need_query_all(org: Org) -> None:
    assert names(org, "Rating = 'Hot'") == ["A"]
    assert names(org, "Rating = 'Hot'", all_rows=True) == ["A", "G"]
    assert names(org, "IsDeleted = true", all_rows=True) == ["G"]
    assert names(org, "Rating = 'Hot' ALL ROWS") == ["A", "G"]


def test_alias_of_the_object(org: Org) -> None:
    found = admin(org).query("SELECT l.LastName FROM Lead l WHERE l.Country = 'France' AND l.Owner.Name LIKE 'Ada%'")
    assert [record["LastName"] for record in found.records("65.0")] == ["C", "E"]


def test_ids_of_15_and_18_characters(org: Org) -> None:
    (record,) = admin(org).query("SELECT Id FROM Lead WHERE LastName = 'C'").records("65.0")
    assert names(org, f"Id = '{record['Id']}'") == ["C"]
    assert names(org, f"Id = '{record['Id'][:15]}'") == ["C"]
    assert names(org, f"Id IN ('{record['Id'][:15]}', '00Q000000000000')") == ["C"]
    assert names(org, f"Id = '{record['Id'][:15].swapcase()}'") == []
    assert names(org, f"OwnerId = '{org.admin_id[:15]}' AND Id < '{record['Id']}'") == ["A", "B"]


def test_a_list_longer_than_sqlite_has_parameters(org: Org) -> None:
    values = ", ".join(f"'x{n}'" for n in range(5000))
    assert names(org, f"Country IN ({values}, 'Japan')") == ["F"]
    assert names(org, f"NOT (Country IN ({values}, 'Japan', 'France'))") == ["A", "B", "D"]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("ConvertedDate = TODAY", ["C"]),
        ("ConvertedDate = YESTERDAY", ["B"]),
        ("ConvertedDate < TODAY", ["B", "D"]),
        ("ConvertedDate <= TODAY", ["B", "C", "D"]),
        ("ConvertedDate > YESTERDAY", ["C"]),
        ("ConvertedDate >= YESTERDAY", ["B", "C"]),
        ("ConvertedDate != THIS_WEEK", ["A", "D", "E", "F"]),
        ("ConvertedDate IN (TODAY, YESTERDAY)", ["B", "C"]),
        ("ConvertedDate NOT IN (TODAY, YESTERDAY)", ["A", "D", "E", "F"]),
        ("CreatedDate = LAST_N_DAYS:17", ["F"]),
        ("CreatedDate = LAST_MONTH", ["A", "B", "C", "D", "E", "F"]),
        ("CreatedDate > N_DAYS_AGO:18", ["F"]),
        ("CreatedDate < N_DAYS_AGO:20", ["A", "B"]),
    ],
)
def test_relative_dates_follow_the_clock_of_the_org(org: Org, condition: str, found: list[str]) -> None:
    # The clock of the org, whatever that of this computer is: noon of 1 June 2026 in the admin's time zone.
    org.now = lambda: ANCHOR + timedelta(hours=10)  # type: ignore[method-assign]
    assert names(org, condition) == found


def test_a_day_of_a_user_begins_at_his_midnight(org: Org) -> None:
    add(org, "Lead", LastName="Late", Company="x", CreatedDate="2026-05-31T22:30:00Z")
    org.now = lambda: ANCHOR + timedelta(hours=10)  # type: ignore[method-assign]
    # 22:30 UTC is the next day in Berlin, the admin's zone, and still the same in New York, Sam's.
    assert names(org, "CreatedDate = TODAY") == ["Late"]
    sam = user_id(org, "sam.sales@orgmirror.demo")
    org.set_object_permission(sam, "Lead", "viewAll", True)
    result = org.view(sam).query("SELECT LastName FROM Lead WHERE CreatedDate = TODAY")
    assert result.records("65.0") == []


def test_semi_joins(bare: Org) -> None:
    one = add(bare, "Account", Name="One")
    two = add(bare, "Account", Name="Two")
    add(bare, "Account", Name="Three")
    add(bare, "Contact", LastName="Of One", AccountId=one)
    gone = add(bare, "Contact", LastName="Of Two", AccountId=two)
    add(bare, "Contact", LastName="Of None")
    bare.delete(bare.admin_id, "Contact", gone)

    def accounts(condition: str, **options: bool) -> list[str]:
        return names(bare, condition, "Account", "Name", **options)

    assert accounts("Id IN (SELECT AccountId FROM Contact)") == ["One"]
    assert accounts("Id NOT IN (SELECT AccountId FROM Contact)") == ["Three", "Two"]
    assert accounts("Id IN (SELECT AccountId FROM Contact)", all_rows=True) == ["One", "Two"]
    assert accounts("Id IN (SELECT AccountId FROM Contact WHERE LastName LIKE '%none')") == []
    assert accounts("Id NOT IN (SELECT AccountId FROM Contact WHERE LastName = 'x') AND Name LIKE 'T%'") == [
        "Three", "Two",
    ]  # fmt: skip
    assert names(bare, "AccountId IN (SELECT Id FROM Account WHERE Name = 'One')", "Contact") == ["Of One"]
    assert names(bare, "AccountId NOT IN (SELECT Id FROM Account WHERE Name = 'One')", "Contact") == ["Of None"]


@pytest.mark.parametrize(
    ("condition", "code", "part"),
    [
        ("Foo = 1", "INVALID_FIELD", "No such column 'Foo' on entity 'Lead'. If you are attempting to use a custom "),
        ("Owner.Foo = 'x'", "INVALID_FIELD", "No such column 'Foo' on entity 'Name'."),
        ("Nobody.Name = 'x'", "INVALID_FIELD", "Didn't understand relationship 'Nobody' in field path."),
        ("CreatedDate = 'yesterday'", "INVALID_FIELD", "must be of type dateTime and should not be enclosed in quotes"),
        ("CreatedDate = 2026-01-01", "INVALID_FIELD", "'CreatedDate' must be of type dateTime"),
        ("ConvertedDate > 2026-01-01T00:00:00Z", "INVALID_FIELD", "'ConvertedDate' must be of type date"),
        ("AnnualRevenue = '5'", "INVALID_FIELD", "must be of type currency and should not be enclosed in quotes"),
        ("LastName = 5", "INVALID_FIELD", "must be of type string and should be enclosed in quotes"),
        ("IsDeleted = 'true'", "INVALID_FIELD", "must be of type boolean"),
        ("Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"),
        ("AnnualRevenue > null", "MALFORMED_QUERY", "Invalid operator on null value"),
        ("IsDeleted > false", "INVALID_QUERY_FILTER_OPERATOR", "not valid for boolean"),
        ("CreatedDate LIKE '2026%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
        ("Description = 'x'", "INVALID_FIELD", "field 'Description' can not be filtered in a query call"),
        ("Status INCLUDES ('x')", "INVALID_QUERY_FILTER_OPERATOR", "not a multi-select picklist"),
        ("Id IN (SELECT Name FROM Account)", "MALFORMED_QUERY", "must be of type id or reference"),
        ("Name IN (SELECT Id FROM Account)", "MALFORMED_QUERY", "Semi join"),
        ("COUNT(Id) > 1", "MALFORMED_QUERY", "unexpected token"),
        ("SOUNDEX(Name) = 'x'", "MALFORMED_QUERY", "unexpected token: 'SOUNDEX'"),
        ("CALENDAR_YEAR(Name) = 1", "INVALID_FIELD", "can only be used on date"),
        ("CreatedDate = LAST_N_DAYS:9999999", "MALFORMED_QUERY", "Invalid date"),
        ("Address = 'x'", "INVALID_FIELD", "Illegal field reference"),
    ],
)
def test_refusals(filled: Org, condition: str, code: str, part: str) -> None:
    with pytest.raises(OrgError) as caught:
        admin(filled).query(f"SELECT Id FROM Lead WHERE {condition}")
    assert caught.value.code == code
    assert part in caught.value.message
    assert "ERROR at Row:1:Column:" in caught.value.message


def test_the_place_of_an_unknown_field_is_shown(filled: Org) -> None:
    with pytest.raises(OrgError) as caught:
        admin(filled).query("SELECT Id, Foo FROM Lead")
    assert caught.value.message.startswith(
        "\nSELECT Id, Foo FROM Lead\n           ^\nERROR at Row:1:Column:12\nNo such column 'Foo' on entity 'Lead'."
    )


def test_text_of_a_value_never_becomes_sql(bare: Org) -> None:
    nasty = 'x\' OR 1=1; DROP TABLE "Lead"; --'
    add(bare, "Lead", LastName=nasty, Company="ok")
    add(bare, "Lead", LastName="other", Company="?")
    quoted = nasty.replace("'", "\\'")
    assert names(bare, f"LastName = '{quoted}'") == [nasty]
    assert names(bare, f"LastName LIKE '{quoted}' AND Company != '?'") == [nasty]
    assert json.dumps(names(bare, "Company = '?'")) == '["other"]'
