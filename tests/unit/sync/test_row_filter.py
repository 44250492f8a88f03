"""What can be seen of a row filter without asking Salesforce."""

from __future__ import annotations

import pytest

from core.mirror.tables import Table, make_table
from core.model.describe import FieldInfo, ObjectInfo
from core.model.errors import ErrorCode, OrgMirrorError
from core.sync import soql
from core.sync.row_filter import moves_by_itself, tidy


def table(row_filter: str | None = None) -> Table:
    fields = (
        FieldInfo("Id", "Id", "id"),
        FieldInfo("Country", "Country", "string"),
        FieldInfo("Today__c", "Today", "string"),
        FieldInfo("Age__c", "Age", "double", calculated=True),
    )
    info = ObjectInfo("Lead", "Lead", "Leads", fields=fields)
    return make_table(info, frozenset(f.name for f in fields), row_filter)


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        (None, None),
        ("", None),
        ("  where Country = 'x' ", "Country = 'x'"),
        ("Name = 'a)b' AND\n  (Country = 'it\\'s (')", "Name = 'a)b' AND (Country = 'it\\'s (')"),
    ],
)
def test_a_condition_is_taken_as_it_is(text: str | None, tidied: str | None) -> None:
    assert tidy(text, "Lead") == tidied


@pytest.mark.parametrize(
    "text", ["Country = 'x", "(Country = 'x'", "Country = 'x')", "A = 1) OR (B = 2", "Name = 'x\\'", ")("]
)
def test_what_is_not_one_condition_is_refused(text: str) -> None:
    with pytest.raises(OrgMirrorError) as raised:
        tidy(text, "Lead")
    assert raised.value.code is ErrorCode.ROW_FILTER_REFUSED


@pytest.mark.parametrize(
    "text",
    [
        "CreatedDate = TODAY",
        "CreatedDate > LAST_N_DAYS:90",
        "CloseDate < NEXT_FISCAL_QUARTER",
        "CloseDate = N_MONTHS_AGO:3",
        "CloseDate = LAST_90_DAYS",
        "CreatedDate=this_week",
        "Account.Industry = 'Mining'",
        "Id IN (SELECT LeadId FROM CampaignMember)",
        "age__c > 3",
    ],
)
def test_filters_whose_answer_moves_by_itself(text: str) -> None:
    assert moves_by_itself(table(), text)


@pytest.mark.parametrize(
    "text", [None, "Country = 'TODAY'", "Country = 'a.b'", "Today__c = 'x'", "CreatedDate > 2026-01-01T00:00:00Z"]
)
def test_filters_that_only_a_stamp_moves(text: str | None) -> None:
    assert not moves_by_itself(table(), text)


def test_the_filter_stands_in_every_statement_made_of_a_table() -> None:
    filtered = table("A = 1 OR B = 2")
    assert soql.select(filtered, ("Id",)) == "SELECT Id FROM Lead WHERE (A = 1 OR B = 2)"
    assert soql.select(filtered, ("Id",), "C = 3") == "SELECT Id FROM Lead WHERE (A = 1 OR B = 2) AND C = 3"
    assert soql.select(filtered, ("Id",), "C = 3", unfiltered=True) == "SELECT Id FROM Lead WHERE C = 3"
    assert soql.select(filtered.info, ("Id",)) == "SELECT Id FROM Lead"
