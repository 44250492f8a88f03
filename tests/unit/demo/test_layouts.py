"""Layouts, list views, recently viewed records and picklist values by record type."""

from __future__ import annotations

from typing import Any

import pytest

from core.demo.org import Org, OrgError
from tests.unit.demo.conftest import SAM, admin, user_id


def record_type(org: Org, item: str, name: str) -> str:
    soql = f"SELECT Id FROM RecordType WHERE SobjectType = '{item}' AND DeveloperName = '{name}'"
    (found,) = admin(org).query(soql).records("65.0")
    return str(found["Id"])


def test_a_layout_shows_every_visible_field_once(filled: Org) -> None:
    for username in ("ada.admin@orgmirror.demo", SAM):
        view = filled.view(user_id(filled, username))
        answer = view.layouts("Lead")
        (layout,) = answer["layouts"]
        shown = [
            component["value"]
            for section in layout["detailLayoutSections"]
            for line in section["layoutRows"]
            for item in line["layoutItems"]
            for component in item["layoutComponents"]
        ]
        assert len(shown) == len(set(shown))
        assert {"Name", "Company", "Address", "Description", "CreatedById"} <= set(shown)
        assert ("AnnualRevenue" in shown) == (username != SAM)
        assert answer["recordTypeMappings"][-1]["layoutId"] == layout["id"]
    assert {related["name"] for related in layout["relatedLists"]} >= {"CampaignMembers", "Tasks", "Events"}
    assert view.layouts("Lead") == view.layouts("lead")


def test_objects_without_layouts(filled: Org) -> None:
    for call in (admin(filled).layouts, admin(filled).compact_layouts):
        with pytest.raises(OrgError) as caught:
            call("RecordType")
        assert caught.value.status == 404


def test_compact_layouts(filled: Org) -> None:
    answer = admin(filled).compact_layouts("Contact")
    names = [item["layoutComponents"][0]["value"] for item in answer["compactLayouts"][0]["fieldItems"]]
    assert names == ["Name", "Title", "AccountId", "Phone", "Email"]


def test_list_views_answer_what_their_query_answers(filled: Org) -> None:
    view = admin(filled)
    for name in ("Lead", "Contact", "Account", "Opportunity", "Campaign", "Task", "Project__c", "Milestone__c", "User"):
        listed = view.list_views(name)
        assert listed["size"] == len(listed["listviews"]) > 0
        for entry in listed["listviews"]:
            described = view.list_view_describe(name, entry["id"])
            result = view.query(described["query"])
            answer = view.list_view_results(name, entry["id"][:15], limit=10, offset=2)
            assert answer["size"] == result.total_size
            expected = result.records("65.0", 2, 10)
            assert len(answer["records"]) == len(expected)
            for given, record in zip(answer["records"], expected, strict=True):
                cells = {cell["fieldNameOrPath"]: cell["value"] for cell in given["columns"]}
                assert cells["Id"] == record["Id"]
    assert view.list_view_describe("Lead", view.list_views("Lead")["listviews"][1]["id"])["scope"] == "mine"


def test_an_unknown_list_view(filled: Org) -> None:
    foreign = admin(filled).list_views("Contact")["listviews"][0]["id"]
    with pytest.raises(OrgError) as caught:
        admin(filled).list_view_results("Lead", foreign)
    assert caught.value.status == 404


def test_list_views_leave_out_hidden_columns(copied: Org) -> None:
    copied.hide_field(SAM, "Lead", "Email")
    view = copied.view(user_id(copied, SAM))
    described = view.list_view_describe("Lead", view.list_views("Lead")["listviews"][0]["id"])
    assert "Email" not in [column["fieldNameOrPath"] for column in described["columns"]]
    assert view.query(described["query"]).total_size > 0


def test_recently_viewed(copied: Org) -> None:
    view = admin(copied)
    recent = view.recently_viewed(200)
    assert {entry["attributes"]["type"] for entry in recent} == {"Lead", "Contact", "Account"}
    assert all(entry["Name"] and entry["Id"] for entry in recent)
    account = view.query("SELECT Id, Name FROM Account ORDER BY Name DESC LIMIT 1 FOR VIEW").records("65.0")[0]
    assert view.recently_viewed(1)[0]["Id"] == account["Id"]
    copied.delete(copied.admin_id, "Account", account["Id"])
    assert account["Id"] not in [entry["Id"] for entry in view.recently_viewed(200)]
    assert copied.view(user_id(copied, SAM)).recently_viewed(200) != recent


def values(answer: dict[str, Any], field: str) -> list[str]:
    return [value["value"] for value in answer["picklistFieldValues"][field]["values"]]


def test_picklist_values_by_record_type(filled: Org) -> None:
    view = admin(filled)
    master = view.picklist_values("Project__c", "012000000000000AAA")
    internal = view.picklist_values("Project__c", record_type(filled, "Project__c", "Internal"))
    client = view.picklist_values("Project__c", record_type(filled, "Project__c", "Client"))
    assert "On Hold" in values(master, "Status__c")
    assert "On Hold" in values(client, "Status__c")
    assert values(internal, "Status__c") == ["Draft", "Planned", "Active", "Done", "Cancelled"]
    phase = internal["picklistFieldValues"]["Phase__c"]
    assert phase["controllerValues"]["Draft"] == 0
    build = next(value for value in phase["values"] if value["value"] == "Build")
    assert build["validFor"] == [phase["controllerValues"]["Active"]]
    assert client["picklistFieldValues"]["Status__c"]["defaultValue"]["value"] == "Draft"
    assert values(master, "Priority__c") == ["1", "2", "3", "4"]
    with pytest.raises(OrgError) as caught:
        view.picklist_values("Lead", record_type(filled, "Project__c", "Internal"))
    assert caught.value.status == 404


def test_record_types_in_describe(filled: Org) -> None:
    infos = admin(filled).describe("Project__c")["recordTypeInfos"]
    assert [info["developerName"] for info in infos] == ["Client", "Internal", "Master"]
    assert [info["defaultRecordTypeMapping"] for info in infos] == [True, False, False]
    assert [info["developerName"] for info in admin(filled).describe("Lead")["recordTypeInfos"]] == ["Master"]
