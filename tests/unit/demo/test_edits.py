"""Edits: stamps, refusals, cascades, and what getUpdated and getDeleted tell of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.demo.org import Org, OrgError
from core.demo.values import moment
from tests.unit.demo.conftest import MIA, SAM, add, admin, user_id


def row(org: Org, name: str, record_id: str) -> dict[str, Any]:
    (found,) = (
        admin(org)
        .query(f"SELECT FIELDS(ALL) FROM {name} WHERE Id = '{record_id}' LIMIT 1", all_rows=True)
        .records("65.0")
    )
    return found


def code_of(call: Any, *args: Any, **options: Any) -> str:
    with pytest.raises(OrgError) as caught:
        call(*args, **options)
    return caught.value.code


def test_a_new_row_has_defaults_and_stamps(bare: Org) -> None:
    sam = user_id(bare, SAM)
    before = bare.now().replace(microsecond=0)
    made = bare.insert(sam, "Lead", {"lastname": "Ümit", "FirstName": "A", "Company": "C", "Phone": ""})
    found = row(bare, "Lead", made)
    assert found["Name"] == "A Ümit"
    assert found["OwnerId"] == found["CreatedById"] == found["LastModifiedById"] == sam
    assert found["Status"] == "Open - Not Contacted"
    assert found["IsConverted"] is found["DoNotCall"] is False
    assert found["Phone"] is None
    assert found["CreatedDate"] == found["LastModifiedDate"] == found["SystemModstamp"]
    created = datetime.strptime(found["CreatedDate"], "%Y-%m-%dT%H:%M:%S.000%z")
    assert before <= created <= bare.now()


def test_an_edit_moves_the_stamps_and_only_what_it_names(bare: Org) -> None:
    made = add(bare, "Lead", LastName="L", Company="C", City="Rome")
    bare.advance_clock(3600)
    mia = user_id(bare, MIA)
    bare.update(mia, "Lead", made[:15], {"City": None, "Company": "D"})
    found = row(bare, "Lead", made)
    assert (found["City"], found["Company"], found["LastName"]) == (None, "D", "L")
    assert found["LastModifiedById"] == mia
    assert found["CreatedById"] == bare.admin_id
    assert found["SystemModstamp"] == found["LastModifiedDate"] > found["CreatedDate"]


def test_auto_numbers_stages_and_person_names(bare: Org) -> None:
    project = bare.insert(bare.admin_id, "Project__c", {"Name": "P"})
    first = bare.insert(bare.admin_id, "Milestone__c", {"Project__c": project})
    bare.purge(bare.admin_id, "Milestone__c", first)
    second = bare.insert(bare.admin_id, "Milestone__c", {"Project__c": project})
    assert first != second
    assert row(bare, "Milestone__c", second)["Name"] == "MS-00002"
    assert row(bare, "Project__c", project)["Number__c"] == "P-00001"
    deal = bare.insert(
        bare.admin_id, "Opportunity", {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-01-01"}
    )
    assert row(bare, "Opportunity", deal)["Probability"] == 10
    bare.update(bare.admin_id, "Opportunity", deal, {"StageName": "Closed Won"})
    won = row(bare, "Opportunity", deal)
    assert (won["Probability"], won["IsWon"], won["IsClosed"], won["ForecastCategory"]) == (100, True, True, "Closed")
    person = add(bare, "Contact", LastName="L", FirstName="F")
    bare.update(bare.admin_id, "Contact", person, {"FirstName": None})
    assert row(bare, "Contact", person)["Name"] == "L"


@pytest.mark.parametrize(
    ("name", "values", "code"),
    [
        ("Lead", {"LastName": "x"}, "REQUIRED_FIELD_MISSING"),
        ("Lead", {"LastName": "x", "Company": ""}, "REQUIRED_FIELD_MISSING"),
        ("Lead", {"LastName": "x", "Company": "y", "Colour": 1}, "INVALID_FIELD"),
        ("Lead", {"LastName": "x", "Company": "y", "Name": "z"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ("Lead", {"LastName": "x", "Company": "y", "Is_Hot__c": True}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ("Lead", {"LastName": "x" * 81, "Company": "y"}, "STRING_TOO_LONG"),
        ("Lead", {"LastName": "x", "Company": "y", "OwnerId": "001000000000000"}, "INVALID_CROSS_REFERENCE_KEY"),
        ("Lead", {"LastName": "x", "Company": "y", "OwnerId": "me"}, "MALFORMED_ID"),
        ("Contact", {"LastName": "x", "AccountId": "001000000000000AAA"}, "INVALID_CROSS_REFERENCE_KEY"),
        ("Lead", {"LastName": "x", "Company": "y", "Sub_Region__c": "Mars"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Case", {}, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
        ("Nowhere", {}, "NOT_FOUND"),
    ],
)
def test_refused_inserts(bare: Org, name: str, values: dict[str, Any], code: str) -> None:
    assert code_of(bare.insert, bare.admin_id, name, values) == code
    if name == "Lead":
        assert admin(bare).query("SELECT COUNT() FROM Lead").total_size == 0


def test_unique_values(bare: Org) -> None:
    first = add(bare, "Lead", LastName="a", Company="c", Lead_Key__c="Key-1")
    with pytest.raises(OrgError, match=f"Lead_Key__c duplicates value on record with id: {first}"):
        add(bare, "Lead", LastName="b", Company="c", Lead_Key__c="KEY-1")
    second = add(bare, "Lead", LastName="b", Company="c", Lead_Key__c="other")
    assert code_of(bare.update, bare.admin_id, "Lead", second, {"Lead_Key__c": "key-1"}) == "DUPLICATE_VALUE"
    bare.update(bare.admin_id, "Lead", first, {"Lead_Key__c": "key-1"})


def test_rights_of_the_writer(bare: Org) -> None:
    sam = user_id(bare, SAM)
    foreign = add(bare, "Lead", LastName="a", Company="c")
    own = bare.insert(sam, "Lead", {"LastName": "b", "Company": "c"})
    assert code_of(bare.update, sam, "Lead", foreign, {"City": "x"}) == "NOT_FOUND"
    assert code_of(bare.update, sam, "Lead", own, {"AnnualRevenue": 1}) == "INVALID_FIELD"
    assert code_of(bare.delete, sam, "Lead", own) == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert code_of(bare.insert, sam, "Campaign", {"Name": "x"}) == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert code_of(bare.insert, sam, "Milestone__c", {}) == "NOT_FOUND"
    assert code_of(bare.update, bare.admin_id, "Lead", foreign, {"LastName": ""}) == "REQUIRED_FIELD_MISSING"


def test_delete_undelete_and_purge_with_details(bare: Org) -> None:
    account = add(bare, "Account", Name="A")
    contact = add(bare, "Contact", LastName="C", AccountId=account)
    deal = add(bare, "Opportunity", Name="O", AccountId=account, StageName="Prospecting", CloseDate="2026-01-01")
    role = add(bare, "OpportunityContactRole", OpportunityId=deal, ContactId=contact)
    alone = add(bare, "Contact", LastName="Gone before", AccountId=account)
    bare.delete(bare.admin_id, "Contact", alone)
    bare.advance_clock(60)
    bare.delete(bare.admin_id, "Account", account)
    for name, record_id in (("Account", account), ("Contact", contact), ("OpportunityContactRole", role)):
        found = row(bare, name, record_id)
        assert found["IsDeleted"] is True
        assert found["SystemModstamp"] > found["CreatedDate"]
    assert code_of(bare.delete, bare.admin_id, "Account", account) == "ENTITY_IS_DELETED"
    assert code_of(bare.update, bare.admin_id, "Account", account, {"Name": "B"}) == "ENTITY_IS_DELETED"
    assert code_of(admin(bare).record, "Account", account) == "ENTITY_IS_DELETED"
    bare.undelete(bare.admin_id, "Account", account)
    assert admin(bare).query("SELECT COUNT() FROM Contact").total_size == 1
    assert admin(bare).query("SELECT COUNT() FROM OpportunityContactRole").total_size == 1
    assert code_of(bare.undelete, bare.admin_id, "Account", account) == "UNDELETE_FAILED"
    bare.purge(bare.admin_id, "Account", account)
    assert [r["LastName"] for r in admin(bare).truth("Contact")] == ["Gone before"]
    assert list(admin(bare).truth("Account")) == []
    assert code_of(admin(bare).record, "Account", account) == "NOT_FOUND"


def test_updated_and_deleted(bare: Org) -> None:
    start = bare.now()
    old = add(bare, "Lead", LastName="Old", Company="c", CreatedDate="2020-01-01T00:00:00Z",
              SystemModstamp="2020-01-01T00:00:00Z", LastModifiedDate="2020-01-01T00:00:00Z")  # fmt: skip
    new = add(bare, "Lead", LastName="New", Company="c")
    gone = add(bare, "Lead", LastName="Gone", Company="c")
    purged = add(bare, "Lead", LastName="Purged", Company="c")
    back = add(bare, "Lead", LastName="Back", Company="c")
    bare.advance_clock(600)
    bare.delete(bare.admin_id, "Lead", gone)
    bare.purge(bare.admin_id, "Lead", purged)
    bare.delete(bare.admin_id, "Lead", back)
    bare.undelete(bare.admin_id, "Lead", back)
    bare.advance_clock(600)
    view, end = admin(bare), bare.now()
    ids, latest = view.updated("Lead", start - timedelta(seconds=1), end + timedelta(hours=1))
    assert ids == [new, back]
    assert end <= latest <= bare.now()
    rows, earliest, covered = view.deleted("lead", start - timedelta(seconds=1), end)
    assert [entry["id"] for entry in rows] == [gone, purged]
    assert rows[0]["deletedDate"].endswith(".000+0000")
    assert covered == end
    assert timedelta(days=14, hours=23) < bare.now() - earliest < timedelta(days=15, minutes=1)
    assert view.updated("Lead", start - timedelta(hours=2), start - timedelta(hours=1))[0] == []
    bare.update(bare.admin_id, "Lead", old, {"City": "Rome"})
    assert view.updated("Lead", end - timedelta(seconds=1), end + timedelta(hours=1))[0] == [old]
    bare.trim_delete_log()
    rows, earliest, _ = view.deleted("Lead", start, bare.now())
    assert rows == []
    assert earliest > start
    assert code_of(view.updated, "LeadStatus", start, end) == "INVALID_TYPE_FOR_OPERATION"


def test_deletions_of_others_are_not_told(bare: Org) -> None:
    foreign = add(bare, "Lead", LastName="a", Company="c")
    own = add(bare, "Lead", LastName="b", Company="c", OwnerId=user_id(bare, SAM))
    start = bare.now() - timedelta(minutes=1)
    for each in (foreign, own):
        bare.delete(bare.admin_id, "Lead", each)
    bare.advance_clock(60)
    view = bare.view(user_id(bare, SAM))
    assert [entry["id"] for entry in view.deleted("Lead", start, bare.now())[0]] == [own]


def test_merge_takes_the_children_along(bare: Org) -> None:
    master = add(bare, "Contact", LastName="Master")
    loser = add(bare, "Contact", LastName="Loser")
    task = add(bare, "Task", Subject="T", WhoId=loser, Priority="Normal", Status="Not Started")
    bare.advance_clock(60)
    kept = bare.merge(bare.admin_id, "Contact", master, [loser], {"Phone": "1"})
    assert kept == master
    found = row(bare, "Contact", loser)
    assert (found["IsDeleted"], found["MasterRecordId"]) == (True, master)
    moved = row(bare, "Task", task)
    assert moved["WhoId"] == master
    assert moved["SystemModstamp"] > moved["LastModifiedDate"]
    assert row(bare, "Contact", master)["Phone"] == "1"
    assert code_of(bare.merge, bare.admin_id, "Opportunity", master, [loser]) == "INVALID_OPERATION"


def test_convert_makes_the_customer(bare: Org) -> None:
    lead = add(bare, "Lead", LastName="L", FirstName="F", Company="Firm", Street="S 1", Email="l@example.com")
    made = bare.convert(bare.admin_id, lead, opportunity_name="Big deal")
    found = row(bare, "Lead", lead)
    assert found["IsConverted"] is True
    assert found["ConvertedDate"] == bare.now().date().isoformat()
    assert [found[f"Converted{n}Id"] for n in ("Account", "Contact", "Opportunity")] == list(made.values())
    (contact,) = admin(bare).query("SELECT Name, Email, MailingStreet, Account.Name FROM Contact").records("65.0")
    assert (contact["Name"], contact["MailingStreet"], contact["Account"]["Name"]) == ("F L", "S 1", "Firm")
    assert admin(bare).query("SELECT COUNT() FROM OpportunityContactRole").total_size == 1
    assert code_of(bare.update, bare.admin_id, "Lead", lead, {"City": "x"}) == "CANNOT_UPDATE_CONVERTED_LEAD"
    assert code_of(bare.convert, bare.admin_id, lead) == "CANNOT_UPDATE_CONVERTED_LEAD"


def test_what_hung_on_a_converted_lead_goes_with_it(bare: Org) -> None:
    lead = add(bare, "Lead", LastName="L", Company="Firm")
    task = add(bare, "Task", Subject="Call", WhoId=lead, SystemModstamp="2020-01-01T00:00:00Z")
    campaign = add(bare, "Campaign", Name="Fair")
    member = add(bare, "CampaignMember", CampaignId=campaign, LeadId=lead, SystemModstamp="2020-01-01T00:00:00Z")
    made = bare.convert(bare.admin_id, lead)
    moved = row(bare, "Task", task)
    assert (moved["WhoId"], moved["AccountId"]) == (made["contact_id"], made["account_id"])
    assert moved["SystemModstamp"] > "2021"
    joined = row(bare, "CampaignMember", member)
    assert (joined["LeadId"], joined["ContactId"]) == (lead, made["contact_id"])
    assert joined["SystemModstamp"] > "2021"


def test_a_lead_in_the_bin_cannot_be_converted(bare: Org) -> None:
    lead = add(bare, "Lead", LastName="L", Company="Firm")
    bare.delete(bare.admin_id, "Lead", lead)
    assert code_of(bare.convert, bare.admin_id, lead) == "ENTITY_IS_DELETED"


def test_a_failed_edit_leaves_nothing_behind(bare: Org) -> None:
    lead = add(bare, "Lead", LastName="L", Company="Firm", Country="x" * 80)
    bare.store.connection.execute('UPDATE "Lead" SET "Company" = ?', ("y" * 300,))
    assert code_of(bare.convert, bare.admin_id, lead, opportunity_name="o") == "STRING_TOO_LONG"
    for name in ("Account", "Contact", "Opportunity"):
        assert admin(bare).query(f"SELECT COUNT() FROM {name}").total_size == 0


def test_the_clock_never_goes_back(bare: Org) -> None:
    bare.advance_clock(86400)
    later = bare.now()
    assert later > datetime.now(UTC) + timedelta(hours=23)
    lead = add(bare, "Lead", LastName="L", Company="c")
    stamped = moment(row(bare, "Lead", lead)["SystemModstamp"])
    folder = bare.store.path.parent
    bare.close()
    again = Org.open(folder)
    try:
        assert again.now() >= stamped >= later.replace(microsecond=0)
        with pytest.raises(ValueError, match="only goes forward"):
            again.advance_clock(-1)
    finally:
        again.close()


def test_a_new_member_of_a_queue_sees_its_rows(bare: Org) -> None:
    (queue,) = admin(bare).query("SELECT Id FROM Group WHERE Name = 'Leads Americas'").records("65.0")
    add(bare, "Lead", LastName="Q", Company="c", OwnerId=queue["Id"])
    view = bare.view(user_id(bare, SAM))
    assert view.query("SELECT COUNT() FROM Lead").total_size == 0
    member = add(bare, "GroupMember", GroupId=queue["Id"], UserOrGroupId=view.user_id)
    assert view.query("SELECT COUNT() FROM Lead").total_size == 1
    bare.delete(bare.admin_id, "GroupMember", member)
    assert view.query("SELECT COUNT() FROM Lead").total_size == 0
