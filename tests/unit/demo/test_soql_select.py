"""What a query answers: records, parents, children, TYPEOF, functions, aggregates."""

from __future__ import annotations

from typing import Any

import pytest

from core.demo.org import Org, OrgError
from tests.unit.demo.conftest import SAM, add, admin, user_id


@pytest.fixture
def org(bare: Org) -> Org:
    """Two accounts with contacts and opportunities, and activities that point at several kinds of record."""
    acme = add(bare, "Account", Name="Acme", BillingCity="Köln", BillingLatitude=50.9, Industry="Banking")
    beta = add(bare, "Account", Name="Beta", ParentId=acme)
    ann = add(bare, "Contact", FirstName="Ann", LastName="Zed", AccountId=acme, Birthdate="1970-02-03")
    bob = add(bare, "Contact", LastName="Bob", AccountId=beta, ReportsToId=ann)
    add(bare, "Contact", FirstName="Cy", LastName="Alone")
    deal = add(
        bare, "Opportunity", Name="Deal", AccountId=acme, StageName="Qualification", CloseDate="2026-03-04",
        Amount="1234567.89",
    )  # fmt: skip
    add(bare, "Opportunity", Name="Won", AccountId=acme, StageName="Closed Won", CloseDate="2025-12-31", Amount=100)
    lead = add(bare, "Lead", LastName="Lea", Company="L", OwnerId=_queue(bare))
    add(
        bare,
        "Event",
        Subject="At",
        WhoId=ann,
        WhatId=deal,
        DurationInMinutes=1,
        ActivityDateTime="2026-01-01T00:00:00Z",
    )
    add(bare, "Event", Subject="Be", WhoId=lead, DurationInMinutes=1, ActivityDateTime="2026-01-01T00:00:00Z")
    add(bare, "Event", Subject="Ce", WhatId=beta, DurationInMinutes=1, ActivityDateTime="2026-01-01T00:00:00Z")
    assert bob
    return bare


def _queue(org: Org) -> str:
    (row,) = admin(org).query("SELECT Id FROM Group WHERE Name = 'Web Leads'").records("65.0")
    return str(row["Id"])


def rows(org: Org, soql: str, version: str = "65.0") -> list[dict[str, Any]]:
    return admin(org).query(soql).records(version)


def bare_of(record: Any) -> Any:
    """A record without attributes and ids, all the way down."""
    if isinstance(record, dict):
        return {key: bare_of(value) for key, value in record.items() if key not in ("attributes", "Id")}
    return [bare_of(each) for each in record] if isinstance(record, list) else record


def test_names_and_values_have_the_form_of_rest(org: Org) -> None:
    (record,) = rows(
        org, "select ID, name, isdeleted, billingcity, numberofemployees from account where name='acme'", "31.0"
    )
    assert record == {
        "attributes": {"type": "Account", "url": f"/services/data/v31.0/sobjects/Account/{record['Id']}"},
        "Id": record["Id"],
        "Name": "Acme",
        "IsDeleted": False,
        "BillingCity": "Köln",
        "NumberOfEmployees": None,
    }
    assert list(record) == ["attributes", "Id", "Name", "IsDeleted", "BillingCity", "NumberOfEmployees"]


def test_compound_address_and_location(org: Org) -> None:
    acme, beta = rows(org, "SELECT BillingAddress FROM Account ORDER BY Name")
    assert acme["BillingAddress"] == {
        "city": "Köln", "country": None, "geocodeAccuracy": None, "latitude": 50.9, "longitude": None,
        "postalCode": None, "state": None, "street": None,
    }  # fmt: skip
    assert beta["BillingAddress"] is None
    add(org, "Project__c", Name="P", Site__Latitude__s=1.5, Site__Longitude__s=-2)
    (project,) = rows(org, "SELECT Site__c, Site__Latitude__s FROM Project__c")
    assert bare_of(project) == {"Site__c": {"latitude": 1.5, "longitude": -2.0}, "Site__Latitude__s": 1.5}


def test_parents(org: Org) -> None:
    found = rows(
        org,
        "SELECT LastName, Account.Name, Account.Parent.Industry, ReportsTo.Account.Name, Account.Parent.Name "
        "FROM Contact ORDER BY LastName",
    )
    assert [bare_of(record) for record in found] == [
        {"LastName": "Alone", "Account": None, "ReportsTo": None},
        {
            "LastName": "Bob",
            "Account": {"Name": "Beta", "Parent": {"Industry": "Banking", "Name": "Acme"}},
            "ReportsTo": {"Account": {"Name": "Acme"}},
        },
        {"LastName": "Zed", "Account": {"Name": "Acme", "Parent": None}, "ReportsTo": None},
    ]
    parent = found[1]["Account"]["Parent"]
    assert parent["attributes"]["type"] == "Account"
    assert parent["attributes"]["url"].startswith("/services/data/v65.0/sobjects/Account/001")


def test_parents_of_several_kinds(org: Org) -> None:
    found = rows(
        org, "SELECT Subject, Who.Name, Who.Type, What.Name, What.Type, Owner.Name FROM Event ORDER BY Subject"
    )
    assert [bare_of(record) for record in found] == [
        {
            "Subject": "At",
            "Who": {"Name": "Ann Zed", "Type": "Contact"},
            "What": {"Name": "Deal", "Type": "Opportunity"},
            "Owner": {"Name": "Ada Admin"},
        },
        {"Subject": "Be", "Who": {"Name": "Lea", "Type": "Lead"}, "What": None, "Owner": {"Name": "Ada Admin"}},
        {"Subject": "Ce", "Who": None, "What": {"Name": "Beta", "Type": "Account"}, "Owner": {"Name": "Ada Admin"}},
    ]
    assert found[0]["What"]["attributes"]["type"] == "Name"
    assert "/sobjects/Opportunity/006" in found[0]["What"]["attributes"]["url"]
    (lead,) = rows(org, "SELECT Owner.Name, Owner.Type, Owner.Username FROM Lead")
    assert bare_of(lead) == {"Owner": {"Name": "Web Leads", "Type": "Group", "Username": None}}


def test_typeof(org: Org) -> None:
    found = rows(
        org,
        "SELECT Subject, TYPEOF What WHEN Account THEN Industry, ParentId WHEN Opportunity THEN Amount, StageName "
        "ELSE Name END, TYPEOF Who WHEN Lead THEN Company END FROM Event ORDER BY Subject",
    )
    assert bare_of(found[0]) == {
        "Subject": "At", "What": {"Amount": 1234567.89, "StageName": "Qualification"}, "Who": None,
    }  # fmt: skip
    assert bare_of(found[1])["Who"] == {"Company": "L"}
    assert bare_of(found[2])["What"]["Industry"] is None
    assert found[0]["What"]["attributes"]["type"] == "Opportunity"
    (only,) = rows(org, "SELECT TYPEOF What WHEN Account THEN Industry ELSE Name END FROM Event WHERE Subject = 'At'")
    assert bare_of(only) == {"What": {"Name": "Deal"}}


def test_children(org: Org) -> None:
    found = rows(
        org,
        "SELECT Name, (SELECT LastName, Account.Name FROM Contacts), "
        "(SELECT Name FROM Opportunities WHERE Amount > 1 ORDER BY Name DESC), (SELECT Name FROM ChildAccounts) "
        "FROM Account ORDER BY Name",
    )
    acme, beta = found
    assert bare_of(acme["Contacts"]) == {
        "totalSize": 1, "done": True, "records": [{"LastName": "Zed", "Account": {"Name": "Acme"}}],
    }  # fmt: skip
    assert [record["Name"] for record in acme["Opportunities"]["records"]] == ["Won", "Deal"]
    assert acme["Opportunities"]["records"][0]["attributes"]["type"] == "Opportunity"
    assert [record["Name"] for record in acme["ChildAccounts"]["records"]] == ["Beta"]
    assert beta["Opportunities"] is None


def test_limits_of_children_count_for_each_parent(bare: Org) -> None:
    for name in ("A", "B"):
        account = add(bare, "Account", Name=name)
        for number in range(4):
            add(bare, "Contact", LastName=f"{name}{number}", AccountId=account)
    inner = "SELECT LastName FROM Contacts ORDER BY LastName DESC LIMIT 2 OFFSET 1"
    soql = f"SELECT Name, ({inner}) FROM Account ORDER BY Name"
    found = [[child["LastName"] for child in record["Contacts"]["records"]] for record in rows(bare, soql)]
    assert found == [["A2", "A1"], ["B2", "B1"]]


def test_children_of_custom_objects_and_their_roll_ups(bare: Org) -> None:
    project = add(bare, "Project__c", Name="P", Budget__c=1000, Start__c="2026-01-31")
    for cost, due, done in ((100.5, "2026-03-01", False), (200, "2026-02-01", True), (None, "2026-04-01", False)):
        add(bare, "Milestone__c", Project__c=project, Cost__c=cost, Due__c=due, Done__c=done)
    gone = add(bare, "Milestone__c", Project__c=project, Cost__c=5000, Due__c="2026-01-01")
    bare.delete(bare.admin_id, "Milestone__c", gone)
    (record,) = rows(
        bare,
        "SELECT Milestones__c, Milestone_Cost__c, Next_Due__c, Planned_Margin__c, Over_Budget__c, Planned_End__c, "
        "(SELECT Name, Share_of_Budget__c, Project__r.Name FROM Milestones__r ORDER BY Name) FROM Project__c",
    )
    children = record.pop("Milestones__r")["records"]
    assert bare_of(record) == {
        "Milestones__c": 3.0, "Milestone_Cost__c": 300.5, "Next_Due__c": "2026-03-01", "Planned_Margin__c": 699.5,
        "Over_Budget__c": False, "Planned_End__c": "2026-07-30",
    }  # fmt: skip
    assert [(child["Name"], child["Share_of_Budget__c"]) for child in children] == [
        ("MS-00001", 10.05), ("MS-00002", 20.0), ("MS-00003", None),
    ]  # fmt: skip
    assert children[0]["Project__r"]["Name"] == "P"


def test_fields_functions(org: Org) -> None:
    (standard,) = rows(org, "SELECT FIELDS(STANDARD) FROM Account WHERE Name = 'Acme'")
    (custom,) = rows(org, "SELECT Id, FIELDS(CUSTOM) FROM Account WHERE Name = 'Acme' LIMIT 1")
    (every,) = rows(org, "SELECT FIELDS(ALL) FROM Account WHERE Name = 'Acme' LIMIT 200")
    assert "Tier__c" not in standard
    assert set(custom) == {"attributes", "Id", "Tier__c", "Customer_Since__c", "Registry_Number__c"}
    described = admin(org).describe("Account")["fields"]
    assert list(every)[1:] == [field["name"] for field in described]
    for soql in ("SELECT FIELDS(ALL) FROM Account", "SELECT FIELDS(CUSTOM) FROM Account LIMIT 201"):
        with pytest.raises(OrgError, match="LIMIT of at most 200"):
            rows(org, soql)


def test_labels_and_formats(bare: Org) -> None:
    add(bare, "Project__c", Name="P", Priority__c="2", Budget__c=1234567.5, Start__c="2026-02-03")
    (record,) = rows(
        bare,
        "SELECT Priority__c, toLabel(Priority__c) shown, FORMAT(Budget__c) money, FORMAT(Start__c) FROM Project__c",
    )
    assert bare_of(record) == {"Priority__c": "2", "shown": "High", "money": "USD 1,234,567.50", "Start__c": "2/3/2026"}


def test_order(bare: Org) -> None:
    for name, city, status, amount in (
        ("b", None, "Working - Contacted", "123456789012345678"), ("A", "Zürich", "Open - Not Contacted", 20),
        ("C", "ulm", "Closed - Converted", None), ("d", "Ulm", "Open - Not Contacted", 3),
    ):  # fmt: skip
        add(bare, "Lead", LastName=name, Company="x", City=city, Status=status, AnnualRevenue=amount)

    def order(by: str) -> str:
        return "".join(record["LastName"] for record in rows(bare, f"SELECT LastName FROM Lead ORDER BY {by}"))

    assert order("LastName") == "AbCd"
    assert order("LastName DESC") == "dCbA"
    assert order("City, LastName") == "bCdA"
    assert order("City NULLS LAST, LastName DESC") == "dCAb"
    assert order("City DESC NULLS LAST, LastName") == "ACdb"
    assert order("AnnualRevenue") == "CdAb"
    assert order("AnnualRevenue DESC NULLS LAST") == "bAdC"
    # A picklist sorts by the place of its values, not by their letters.
    assert order("Status, LastName") == "AdbC"
    assert order("LastName LIMIT 2 OFFSET 1") == "bC"


def test_counting(org: Org) -> None:
    result = admin(org).query("SELECT COUNT() FROM Contact WHERE Account.Name != null")
    assert (result.is_count, result.total_size, result.records("65.0"), result.columns) == (True, 2, [], [])
    assert admin(org).query("SELECT COUNT() FROM Contact LIMIT 2").total_size == 2
    assert rows(org, "SELECT COUNT(Id) FROM Contact") == [{"attributes": {"type": "AggregateResult"}, "expr0": 3}]


def test_aggregates(bare: Org) -> None:
    for country, revenue, rating in (
        ("Japan", 100, "Hot"), ("japan", 50.5, None), ("France", None, "Hot"), (None, 1, "Cold"),
        ("Japan", "123456789012345678", "Hot"),
    ):  # fmt: skip
        add(
            bare, "Lead", LastName="x", Company="x", Country=country, Budget__c=revenue if revenue != 50.5 else 50.5,
            Rating=rating, CreatedDate="2025-07-01T00:00:00Z" if country == "France" else "2026-01-01T00:00:00Z",
        )  # fmt: skip

    def plain(soql: str) -> list[dict[str, Any]]:
        return [bare_of(record) for record in rows(bare, soql)]

    assert plain("SELECT Country, COUNT(Id) n FROM Lead GROUP BY Country ORDER BY COUNT(Id) DESC, Country LIMIT 2") == [
        {"Country": "Japan", "n": 3}, {"Country": None, "n": 1},
    ]  # fmt: skip
    assert plain("SELECT Rating, SUM(Budget__c) s, MIN(Budget__c), MAX(LastName) FROM Lead WHERE Country LIKE 'f%' "
                 "GROUP BY Rating") == [{"Rating": "Hot", "s": None, "expr0": None, "expr1": "x"}]  # fmt: skip
    assert plain(
        "SELECT COUNT_DISTINCT(Country) a, COUNT(Rating) b, AVG(Budget__c) c FROM Lead WHERE Budget__c < 1000"
    ) == [{"a": 1, "b": 2, "c": 50.5}]
    assert plain("SELECT CALENDAR_YEAR(CreatedDate) y, COUNT(Id) FROM Lead GROUP BY CALENDAR_YEAR(CreatedDate) "
                 "ORDER BY CALENDAR_YEAR(CreatedDate)") == [
                     {"y": 2025, "expr0": 1}, {"y": 2026, "expr0": 4}]  # fmt: skip
    assert plain("SELECT Country FROM Lead GROUP BY Country HAVING COUNT(Id) > 1") == [{"Country": "Japan"}]
    assert plain("SELECT Owner.Name, COUNT(Id) c FROM Lead GROUP BY Owner.Name") == [{"Name": "Ada Admin", "c": 5}]
    assert plain("SELECT MAX(CreatedDate) m FROM Lead") == [{"m": "2026-01-01T00:00:00.000+0000"}]
    assert plain("SELECT COUNT(Id) c FROM Lead WHERE Country = 'nowhere' GROUP BY Country") == []


@pytest.mark.parametrize(
    ("soql", "code", "part"),
    [
        ("SELECT Id FROM Nowhere", "INVALID_TYPE", "sObject type 'Nowhere' is not supported."),
        ("SELECT Id FROM LeadChangeEvent", "INVALID_TYPE", "sObject type 'LeadChangeEvent' is not supported."),
        ("SELECT Id, Id FROM Lead", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT Id, (SELECT Id FROM Nothings) FROM Account", "INVALID_TYPE", "understand relationship 'Nothings'"),
        ("SELECT Id, (SELECT COUNT(Id) FROM Contacts) FROM Account", "MALFORMED_QUERY", "Grouping not allowed"),
        ("SELECT Name n FROM Account", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name"),
        ("SELECT COUNT(Id), Name FROM Account GROUP BY Industry", "MALFORMED_QUERY", "grouped or aggregated: Name"),
        ("SELECT SUM(Name) FROM Account", "INVALID_FIELD", "does not support aggregate operator SUM"),
        ("SELECT COUNT(Id) FROM Lead GROUP BY Description", "MALFORMED_QUERY", "can not be grouped"),
        ("SELECT COUNT(Id) FROM Lead GROUP BY ROLLUP(Country)", "MALFORMED_QUERY", "ROLLUP"),
        ("SELECT Id FROM Lead ORDER BY Description", "MALFORMED_QUERY", "can not be sorted"),
        ("SELECT Id FROM Lead OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"),
        ("SELECT Id FROM Lead USING SCOPE nonsense", "INVALID_QUERY_SCOPE", "nonsense"),
        ("SELECT TYPEOF Who WHEN Account THEN Name END FROM Event", "INVALID_FIELD", "does not point to 'Account'"),
        ("SELECT convertCurrency(AnnualRevenue) FROM Lead", "MALFORMED_QUERY", "unexpected token: 'convertCurrency'"),
        ("SELECT A.B.C.D.E.F.Name FROM Contact", "INVALID_FIELD", "more than 5 levels"),
    ],
)  # fmt: skip
def test_refusals(filled: Org, soql: str, code: str, part: str) -> None:
    with pytest.raises(OrgError) as caught:
        admin(filled).query(soql)
    assert caught.value.code == code
    assert part in caught.value.message


def test_scopes(filled: Org) -> None:
    view = filled.view(user_id(filled, SAM))
    mine = view.query("SELECT COUNT() FROM Lead USING SCOPE mine").total_size
    queued = view.query("SELECT COUNT() FROM Lead USING SCOPE queue_owned").total_size
    users = view.query("SELECT COUNT() FROM Lead USING SCOPE user_owned").total_size
    everything = view.query("SELECT COUNT() FROM Lead USING SCOPE everything").total_size
    assert mine == users > 0
    assert mine + queued == everything


def test_objects_without_rows_answer_too(filled: Org) -> None:
    assert admin(filled).query("SELECT Id, Name, CreatedBy.Name FROM Product2 WHERE Name LIKE 'a%'").total_size == 0
    assert admin(filled).query("SELECT COUNT() FROM AccountHistory").total_size == 0
    assert rows(filled, "SELECT COUNT(Id) FROM Case") == [{"attributes": {"type": "AggregateResult"}, "expr0": 0}]
