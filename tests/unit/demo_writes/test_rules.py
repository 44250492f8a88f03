"""What the demo org refuses, moves by itself and remembers when somebody writes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.demo.errors import OrgError
from core.demo.org import Org
from core.demo.values import parse_moment
from tests.unit.demo_writes.conftest import SAM, Ask, lead, queue_id, row, user_id

NEW = {"LastName": "L", "Company": "C"}


def refused(answer: Any) -> tuple[int, str, list[str]]:
    (error,) = answer.payload
    return answer.status, error["errorCode"], error.get("fields", [])


@pytest.mark.parametrize(
    ("name", "values", "code", "field"),
    [
        ("Lead", {"Email": "nobody"}, "INVALID_EMAIL_ADDRESS", "Email"),
        ("Lead", {"Email": "a@b"}, "INVALID_EMAIL_ADDRESS", "Email"),
        ("Lead", {"Score__c": 1000}, "NUMBER_OUTSIDE_VALID_RANGE", "Score__c"),
        ("Lead", {"NumberOfEmployees": 2**31}, "NUMBER_OUTSIDE_VALID_RANGE", "NumberOfEmployees"),
        ("Lead", {"NumberOfEmployees": -1}, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "NumberOfEmployees"),
        ("Lead", {"Title": "x" * 129}, "STRING_TOO_LONG", "Title"),
        ("Lead", {"Region__c": "EMEA", "Sub_Region__c": "Oceania"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
         "Sub_Region__c"),
        ("Lead", {"CleanStatus": "Mint"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "CleanStatus"),
        ("Lead", {"Is_Hot__c": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", "Is_Hot__c"),
        ("Contact", {"Birthdate": "2999-01-01"}, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Birthdate"),
        ("Account", {"Name": "A", "RecordTypeId": "012000000000001AAA"}, "INVALID_CROSS_REFERENCE_KEY", "RecordTypeId"),
    ],
)  # fmt: skip
def test_refused_values(org: Org, ask: Ask, name: str, values: dict[str, Any], code: str, field: str) -> None:
    given = {"Lead": NEW, "Contact": {"LastName": "L"}}.get(name, {}) | values
    assert refused(ask("POST", f"/sobjects/{name}", given)) == (400, code, [field])
    assert org.view(org.admin_id).query(f"SELECT COUNT() FROM {name}").total_size == 0


def test_an_old_value_that_a_rule_would_refuse_stays(org: Org, ask: Ask) -> None:
    made = org.insert(org.admin_id, "Lead", {**NEW, "Email": "old style", "Sub_Region__c": "Oceania"}, raw=True)
    assert ask("PATCH", f"/sobjects/Lead/{made}", {"City": "Rome", "Email": "old style"}).status == 204
    answer = ask("PATCH", f"/sobjects/Lead/{made}", {"Email": "new style"})
    assert refused(answer)[1] == "INVALID_EMAIL_ADDRESS"


def test_a_rule_of_the_administrator_can_be_added_and_dropped(org: Org, ask: Ask) -> None:
    rule = org.add_validation_rule("Lead", "City = 'Nowhere'", "There is no such city.", "City")
    made = lead(org)
    answer = ask("PATCH", f"/sobjects/Lead/{made}", {"City": "Nowhere"})
    assert answer.payload == [
        {"message": "There is no such city.", "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": ["City"]}
    ]
    assert row(org, "Lead", made)["City"] is None
    org.drop_validation_rule(rule)
    assert ask("PATCH", f"/sobjects/Lead/{made}", {"City": "Nowhere"}).status == 204


def test_the_assignment_rule_moves_owners_on_create_and_edit_unless_it_is_told_not_to(org: Org, ask: Ask) -> None:
    americas, emea = queue_id(org, "Leads_Americas"), queue_id(org, "Leads_EMEA")
    made = ask("POST", "/sobjects/Lead", {**NEW, "Country": "Brazil"}).payload["id"]
    assert row(org, "Lead", made)["OwnerId"] == americas
    assert ask("PATCH", f"/sobjects/Lead/{made}", {"OwnerId": org.admin_id}, sforce_auto_assign="FALSE").status == 204
    assert row(org, "Lead", made)["OwnerId"] == org.admin_id
    assert ask("PATCH", f"/sobjects/Lead/{made}", {"City": "Rio"}, sforce_auto_assign="false").status == 204
    assert row(org, "Lead", made)["OwnerId"] == org.admin_id
    assert ask("PATCH", f"/sobjects/Lead/{made}", {"Country": "Italy"}).status == 204
    assert row(org, "Lead", made)["OwnerId"] == emea
    org.set_assignment_rule(False)
    own = ask("POST", "/sobjects/Lead", NEW).payload["id"]
    assert row(org, "Lead", own)["OwnerId"] == org.admin_id


def test_a_part_of_a_composite_call_does_not_inherit_the_header(org: Org, ask: Ask) -> None:
    made = lead(org)
    part = {"method": "PATCH", "url": f"/services/data/v65.0/sobjects/Lead/{made}", "referenceId": "a",
            "body": {"City": "Rome"}}  # fmt: skip
    ask("POST", "/composite", {"compositeRequest": [part]}, sforce_auto_assign="FALSE")
    assert row(org, "Lead", made)["OwnerId"] == queue_id(org, "Leads_EMEA")
    other = lead(org)
    part |= {"url": f"/services/data/v65.0/sobjects/Lead/{other}", "httpHeaders": {"Sforce-Auto-Assign": "FALSE"}}
    ask("POST", "/composite", {"compositeRequest": [part]})
    assert row(org, "Lead", other)["OwnerId"] == org.admin_id


def test_duplicates_are_told_and_saved_only_when_allowed(org: Org, ask: Ask) -> None:
    first = lead(org, Email="a@example.com")
    twin = {**NEW, "LastName": "Other", "Email": "A@EXAMPLE.com"}
    answer = ask("POST", "/sobjects/Lead", twin, sforce_auto_assign="FALSE")
    (error,) = answer.payload
    assert (answer.status, error["errorCode"]) == (400, "DUPLICATES_DETECTED")
    details = error["duplicateResut"]
    assert details["allowSave"] is True
    (match,) = details["matchResults"]
    assert [found["record"]["Id"] for found in match["matchRecords"]] == [first]
    many = ask("POST", "/composite/sobjects", {"records": [{"attributes": {"type": "Lead"}, **twin}]})
    (failure,) = many.payload
    assert failure["errors"][0]["statusCode"] == "DUPLICATES_DETECTED"
    assert failure["errors"][0]["duplicateResut"]["allowSave"] is True
    allowed = {"sforce_duplicate_rule_header": "allowSave=true"}
    made = ask("POST", "/sobjects/Lead", twin, **allowed)
    assert made.status == 201
    # The rule looks again when a matching field changes, not at any other edit.
    assert ask("PATCH", f"/sobjects/Lead/{made.payload['id']}", {"City": "Rome"}).status == 204
    org.set_duplicate_rule("Lead", "block")
    blocked = ask("POST", "/sobjects/Lead", twin, **allowed)
    assert blocked.payload[0]["duplicateResut"]["allowSave"] is False
    org.set_duplicate_rule("Lead", "off")
    assert ask("POST", "/sobjects/Lead", twin).status == 201


def test_matches_that_the_user_does_not_see_are_no_matches(org: Org, ask: Ask) -> None:
    lead(org, Email="a@example.com")
    answer = ask("POST", "/sobjects/Lead", {**NEW, "Email": "a@example.com"}, user=user_id(org, SAM))
    assert answer.status == 201


def test_owners(org: Org, ask: Ask) -> None:
    inactive = next(user.id for user in org.users() if not user.is_active)
    made = lead(org)
    answer = ask("PATCH", f"/sobjects/Lead/{made}", {"OwnerId": inactive}, sforce_auto_assign="FALSE")
    assert refused(answer)[1] == "INACTIVE_OWNER_OR_USER"
    tasks = queue_id(org, "Task_Pool")
    assert refused(ask("PATCH", f"/sobjects/Lead/{made}", {"OwnerId": tasks}))[1] == "INVALID_CROSS_REFERENCE_KEY"
    contact = org.insert(org.admin_id, "Contact", {"LastName": "C"})
    web = queue_id(org, "Web_Leads")
    assert refused(ask("PATCH", f"/sobjects/Contact/{contact}", {"OwnerId": web}))[1] == "INVALID_CROSS_REFERENCE_KEY"
    assert ask("PATCH", f"/sobjects/Lead/{made}", {"OwnerId": web}, sforce_auto_assign="FALSE").status == 204
    # An owner who left stays the owner when something else is edited.
    old = org.insert(org.admin_id, "Lead", {**NEW, "OwnerId": inactive}, raw=True)
    assert ask("PATCH", f"/sobjects/Lead/{old}", {"City": "Rome"}, sforce_auto_assign="FALSE").status == 204


def test_members_are_in_a_campaign_once_and_have_one_of_its_statuses(org: Org, ask: Ask) -> None:
    campaign = ask("POST", "/sobjects/Campaign", {"Name": "Fair"}).payload["id"]
    person = lead(org)
    member = ask("POST", "/sobjects/CampaignMember", {"CampaignId": campaign, "LeadId": person}).payload["id"]
    made = row(org, "CampaignMember", member)
    assert (made["Status"], made["HasResponded"], made["FirstRespondedDate"]) == ("Sent", False, None)
    again = ask("POST", "/sobjects/CampaignMember", {"CampaignId": campaign, "LeadId": person})
    assert (again.payload[0]["errorCode"], again.payload[0]["message"]) == (
        "DUPLICATE_VALUE",
        "Already a campaign member.",
    )
    wrong = ask("PATCH", f"/sobjects/CampaignMember/{member}", {"Status": "Attended"})
    assert refused(wrong)[1] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    status = {"CampaignId": campaign, "Label": "Attended", "HasResponded": True}
    assert ask("POST", "/sobjects/CampaignMemberStatus", status).status == 201
    assert refused(ask("POST", "/sobjects/CampaignMemberStatus", status))[1] == "DUPLICATE_VALUE"
    assert ask("PATCH", f"/sobjects/CampaignMember/{member}", {"Status": "Attended"}).status == 204
    made = row(org, "CampaignMember", member)
    assert made["HasResponded"] is True
    assert made["FirstRespondedDate"] == org.now().date().isoformat()
    assert row(org, "Campaign", campaign)["NumberOfResponses"] == 1
    both = {"CampaignId": campaign, "LeadId": person, "ContactId": org.insert(org.admin_id, "Contact", NEW_CONTACT)}
    assert refused(ask("POST", "/sobjects/CampaignMember", both))[1] == "REQUIRED_FIELD_MISSING"
    assert refused(ask("PATCH", f"/sobjects/CampaignMember/{member}", {"LeadId": person}))[1] == (
        "INVALID_FIELD_FOR_INSERT_UPDATE"
    )
    org.convert(org.admin_id, person)
    other = ask("POST", "/sobjects/Campaign", {"Name": "Next"}).payload["id"]
    converted = ask("POST", "/sobjects/CampaignMember", {"CampaignId": other, "LeadId": person})
    assert refused(converted)[1] == "CANNOT_UPDATE_CONVERTED_LEAD"


NEW_CONTACT = {"LastName": "C"}


def test_the_default_record_type_and_its_values(org: Org, ask: Ask) -> None:
    made = ask("POST", "/sobjects/Project__c", {"Name": "P"}).payload["id"]
    kinds = {
        each["DeveloperName"]: each["Id"]
        for each in org.view(org.admin_id).query("SELECT Id, DeveloperName FROM RecordType").records("65.0")
    }
    assert row(org, "Project__c", made)["RecordTypeId"] == kinds["Client"]
    # Test belongs to the client projects alone.
    values = {"RecordTypeId": kinds["Internal"], "Status__c": "Active", "Phase__c": "Test"}
    answer = ask("PATCH", f"/sobjects/Project__c/{made}", values)
    assert refused(answer) == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["Phase__c"])
    foreign = ask("PATCH", f"/sobjects/Project__c/{made}", {"RecordTypeId": kinds["Partner"]})
    assert refused(foreign)[1] == "INVALID_CROSS_REFERENCE_KEY"


def test_every_write_is_remembered_with_who_when_and_what(org: Org, ask: Ask) -> None:
    sam = user_id(org, SAM)
    before = org.writes()[-1]["n"] if org.writes() else 0
    made = ask("POST", "/sobjects/Lead", NEW, user=sam, sforce_auto_assign="FALSE").payload["id"]
    org.advance_clock(60)
    ask("PATCH", f"/sobjects/Lead/{made}", {"City": "Rome", "NumberOfEmployees": -5}, sforce_auto_assign="FALSE")
    ask("PATCH", f"/sobjects/Lead/{made}", {"City": "Rome", "Company": "C"}, sforce_auto_assign="FALSE")
    ask("DELETE", f"/sobjects/Lead/{made}")
    org.undelete(org.admin_id, "Lead", made)
    written = org.writes(before, "Lead", made)
    assert [each["op"] for each in written] == ["insert", "update", "delete", "undelete"]
    first, second = written[:2]
    assert (first["user"], first["via"], first["fields"]["LastName"]) == (sam, "REST", [None, "L"])
    assert second["fields"] == {"City": [None, "Rome"], "Company": ["C", "C"]}
    assert second["headers"] == {"sforce-auto-assign": "FALSE"}
    assert written[3]["via"] == "control"
    first_at, second_at = parse_moment(first["at"]), parse_moment(second["at"])
    assert first_at is not None
    assert second_at is not None
    assert second_at - first_at >= timedelta(seconds=60)


def test_tracked_fields_have_a_history(org: Org, ask: Ask) -> None:
    made = lead(org, Status="Open - Not Contacted")
    web = queue_id(org, "Web_Leads")
    edit = {"Status": "Working - Contacted", "City": "Rome", "OwnerId": web, "Description": "Long"}
    ask("PATCH", f"/sobjects/Lead/{made}", edit, sforce_auto_assign="FALSE")
    soql = f"SELECT Field, OldValue, NewValue, CreatedBy.Name FROM LeadHistory WHERE LeadId = '{made}' ORDER BY Id"
    told = [(r["Field"], r["OldValue"], r["NewValue"]) for r in org.view(org.admin_id).query(soql).records("65.0")]
    assert told[0] == ("created", None, None)
    assert set(told[1:]) == {
        ("Status", "Open - Not Contacted", "Working - Contacted"),
        ("Owner", "Ada Admin", "Web Leads"),
        ("Owner", org.admin_id, web),
        ("Description", None, None),
    }
    org.track_fields("Lead", ["City"])
    ask("PATCH", f"/sobjects/Lead/{made}", {"City": "Oslo", "Rating": "Hot"}, sforce_auto_assign="FALSE")
    rows = org.view(org.admin_id).query(soql).records("65.0")
    assert (rows[-1]["Field"], rows[-1]["OldValue"], rows[-1]["NewValue"]) == ("City", "Rome", "Oslo")
    sam = org.view(user_id(org, SAM)).query("SELECT COUNT() FROM LeadHistory").total_size
    assert sam == 0


def test_one_bad_write_inside_a_transaction_is_taken_back_alone(org: Org) -> None:
    with org.store.writing():
        kept = lead(org)
        with pytest.raises(OrgError, match="FIELD_CUSTOM_VALIDATION"):
            lead(org, NumberOfEmployees=-1)
    assert [each["Id"] for each in org.view(org.admin_id).query("SELECT Id FROM Lead").records("65.0")] == [kept]


def test_a_field_that_may_be_read_and_not_written(org: Org, ask: Ask) -> None:
    sam = user_id(org, SAM)
    own = org.insert(sam, "Lead", {"LastName": "x", "Company": "y"})
    org.lock_field(SAM, "Lead", "Title")
    described = {f["name"]: f for f in org.view(sam).describe("Lead")["fields"]}
    assert (described["Title"]["updateable"], described["Title"]["createable"]) == (False, False)
    assert described["City"]["updateable"] is True
    answer = ask("PATCH", f"/sobjects/Lead/{own}", {"Title": "Boss"}, user=sam)
    assert refused(answer) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE", ["Title"])
    assert ask("PATCH", f"/sobjects/Lead/{own}", {"Title": "Boss"}, sforce_auto_assign="FALSE").status == 204
    assert org.view(sam).record("Lead", own, ["Title"])["Title"] == "Boss"
    org.unlock_field(SAM, "Lead", "Title")
    assert ask("PATCH", f"/sobjects/Lead/{own}", {"Title": "Chief"}, user=sam).status == 204
