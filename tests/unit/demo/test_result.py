"""Pages of an answer: stable, and in the forms of REST and of Bulk."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal

import pytest

from core.demo.org import BulkRefused, Org, OrgError
from core.demo.values import dumps
from tests.unit.demo.conftest import add, admin


def test_pages_stay_the_same_while_rows_come_and_go(copied: Org) -> None:
    result = admin(copied).query("SELECT Id, LastName FROM Lead ORDER BY Company DESC")
    before = [record["Id"] for record in result.records("65.0")]
    assert result.total_size == len(before) > 100
    copied.delete(copied.admin_id, "Lead", before[5])
    copied.update(copied.admin_id, "Lead", before[70], {"Company": "AAAA", "LastName": "Renamed"}, raw=True)
    add(copied, "Lead", LastName="New", Company="ZZZZ")
    paged = [record for start in range(0, result.total_size, 30) for record in result.records("65.0", start, 30)]
    assert [record["Id"] for record in paged] == before
    # The rows are those of the query, their values those of the moment.
    assert paged[70]["LastName"] == "Renamed"
    assert admin(copied).query("SELECT Id FROM Lead").total_size == result.total_size


def test_pages_from_any_place(filled: Org) -> None:
    result = admin(filled).query("SELECT Id, Account.Name FROM Contact")
    whole = result.records("65.0")
    assert result.records("65.0", 10, 7) == whole[10:17]
    assert result.records("65.0", len(whole) - 1, 50) == whole[-1:]
    assert result.records("65.0", len(whole), 50) == []
    csv = result.csv_rows()
    assert csv[3:5] == result.csv_rows(3, 2)
    assert [row[0] for row in csv] == [record["Id"] for record in whole]


def test_ready_json_holds_the_same_values(filled: Org) -> None:
    for name in ("Lead", "Contact", "Account", "Opportunity", "Project__c", "Milestone__c", "Event", "User", "Task"):
        fields = [f["name"] for f in admin(filled).describe(name)["fields"] if f["type"] not in ("address", "location")]
        result = admin(filled).query(f"SELECT {', '.join(fields)} FROM {name}", all_rows=True)
        ready = result.json_records("65.0", 3, 140)
        assert ready is not None
        expected = json.loads(dumps(result.records("65.0", 3, 140)), parse_float=Decimal)
        assert json.loads(ready.data, parse_float=Decimal) == expected
    big = admin(filled).query("SELECT AnnualRevenue FROM Account WHERE AnnualRevenue >= 10000000 LIMIT 1")
    ready = big.json_records("65.0")
    assert ready is not None
    assert re.search(rb'"AnnualRevenue":\d\.\d+E\d+}', ready.data)


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id, Account.Name FROM Contact",
        "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
        "SELECT Id, BillingAddress FROM Account",
        "SELECT TYPEOF Who WHEN Lead THEN Company END FROM Task",
        "SELECT COUNT(Id) FROM Lead",
        "SELECT COUNT() FROM Lead",
    ],
)
def test_what_is_more_than_a_row_has_no_ready_json(filled: Org, soql: str) -> None:
    assert admin(filled).query(soql).json_records("65.0") is None


def test_csv_and_rest_hold_the_same_values(filled: Org) -> None:
    for name in ("Lead", "Contact", "Account", "Opportunity", "Project__c", "Milestone__c", "Event", "User"):
        fields = [f["name"] for f in admin(filled).describe(name)["fields"] if f["type"] not in ("address", "location")]
        soql = f"SELECT {', '.join(fields)} FROM {name}"
        rest = admin(filled).query(soql, all_rows=True)
        bulk = admin(filled).query(soql, all_rows=True, bulk=True)
        assert [column.name for column in bulk.columns] == fields
        types = [column.type for column in bulk.columns]
        for record, row in zip(rest.records("65.0"), bulk.csv_rows(), strict=True):
            for field, kind, cell in zip(fields, types, row, strict=True):
                value = record[field]
                if value is None:
                    expected = ""
                elif isinstance(value, bool):
                    expected = "true" if value else "false"
                elif kind == "datetime":
                    expected = value.replace("+0000", "Z")
                else:
                    expected = value if isinstance(value, str) else dumps(value)
                if kind in ("double", "currency", "percent") and cell:
                    assert float(cell) == float(expected)
                    assert len(expected) < 18 or cell == expected
                else:
                    assert cell == expected, (name, field)


@pytest.mark.parametrize(("delimiter", "ending"), [(",", "\n"), ("\t", "\r\n"), ("`", "\n"), ("^", "\r\n")])
def test_csv_lines_are_the_rows_as_text(filled: Org, delimiter: str, ending: str) -> None:
    for name in ("Lead", "Contact", "Project__c", "User", "Milestone__c"):
        fields = [f["name"] for f in admin(filled).describe(name)["fields"] if f["type"] not in ("address", "location")]
        for chosen in (fields, fields[::-1], ["Id"], [f for f in fields if f.endswith("Cost__c")]):
            if not chosen:
                continue
            result = admin(filled).query(f"SELECT {', '.join(chosen)} FROM {name}", all_rows=True, bulk=True)
            sink = io.StringIO()
            writer = csv.writer(sink, quoting=csv.QUOTE_ALL, delimiter=delimiter, lineterminator=ending)
            writer.writerows(result.csv_rows())
            assert b"".join(result.csv_lines(0, None, delimiter, ending)).decode() == sink.getvalue()
            assert result.csv_lines(5, 3, delimiter, ending) == result.csv_lines(0, None, delimiter, ending)[5:8]


def test_long_numbers_keep_their_digits(bare: Org) -> None:
    add(bare, "Account", Name="x", Registry_Number__c="123456789012345678")
    add(bare, "Project__c", Name="p", Budget__c="99999999999999.99")
    result = admin(bare).query("SELECT Registry_Number__c FROM Account")
    assert '"Registry_Number__c":123456789012345678}' in dumps(result.records("65.0"))
    assert result.csv_rows() == [["123456789012345678"]]
    result = admin(bare).query("SELECT Budget__c FROM Project__c")
    assert '"Budget__c":99999999999999.99}' in dumps(result.records("65.0"))
    assert result.csv_rows() == [["99999999999999.99"]]


def test_parents_in_csv(filled: Org) -> None:
    result = admin(filled).query("SELECT id, account.name, account.owner.isactive FROM contact", bulk=True)
    assert [column.name for column in result.columns] == ["Id", "Account.Name", "Account.Owner.IsActive"]
    rows = result.csv_rows()
    assert {row[2] for row in rows} == {"true", "false", ""}
    assert all((row[1] == "") == (row[2] == "") for row in rows)


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id, Address FROM Lead",
        "SELECT Site__c FROM Project__c",
        "SELECT COUNT() FROM Lead",
        "SELECT COUNT(Id) FROM Lead",
        "SELECT Status, MAX(Name) FROM Lead GROUP BY Status",
        "SELECT Id FROM Lead LIMIT 10 OFFSET 5",
        "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
        "SELECT TYPEOF Who WHEN Lead THEN Name END FROM Event",
        "SELECT FIELDS(STANDARD) FROM Lead",
    ],
)
def test_what_bulk_refuses(filled: Org, soql: str) -> None:
    admin(filled).query(soql)
    with pytest.raises(BulkRefused) as caught:
        admin(filled).query(soql, bulk=True)
    assert caught.value.code == "FUNCTIONALITY_NOT_ENABLED"


def test_wrong_soql_is_no_refusal(filled: Org) -> None:
    with pytest.raises(OrgError) as caught:
        admin(filled).query("SELECT Nothing FROM Lead", bulk=True)
    assert not isinstance(caught.value, BulkRefused)
    with pytest.raises(BulkRefused):
        admin(filled).query("SELECT COUNT(Id) FROM Lead").csv_rows()


def test_column_metadata(filled: Org) -> None:
    result = admin(filled).query("SELECT Id, Name, Account.Name, IsDeleted, Birthdate FROM Contact LIMIT 1")
    described = result.column_metadata()
    assert [column["columnName"] for column in described] == ["Id", "Name", "Account", "IsDeleted", "Birthdate"]
    assert [column["apexType"] for column in described] == ["ID", "String", "String", "Boolean", "Date"]
    assert described[2]["joinColumns"][0]["columnName"] == "Name"
    (counted,) = admin(filled).query("SELECT COUNT(Id) n FROM Contact").column_metadata()
    assert (counted["columnName"], counted["aggregate"], counted["numberType"]) == ("n", True, True)


def test_truth_is_what_query_all_gives(filled: Org) -> None:
    truth = list(admin(filled).truth("Lead"))
    fields = list(truth[0])
    assert "Address" not in fields
    assert "attributes" not in fields
    result = admin(filled).query(f"SELECT {', '.join(fields)} FROM Lead", all_rows=True)
    records = result.records("65.0")
    for record in records:
        del record["attributes"]
    assert json.dumps(records, default=str) == json.dumps(truth, default=str)
    live = list(admin(filled).truth("Lead", deleted=False))
    assert live == [record for record in truth if not record["IsDeleted"]]
    assert len(live) < len(truth)
    assert list(admin(filled).truth("Product2")) == []
