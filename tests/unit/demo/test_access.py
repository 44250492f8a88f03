"""Field-level security, object permissions and sharing: what a user may not see is not there, whichever way he asks."""

from __future__ import annotations

from typing import Any

import pytest

from core.demo.access import SALES_PROFILE
from core.demo.org import Org, OrgError, View
from tests.unit.demo.conftest import MIA, SAM, add, admin, user_id


def sam(org: Org) -> View:
    return org.view(user_id(org, SAM))


def field_names(view: View, name: str) -> set[str]:
    return {field["name"] for field in view.describe(name)["fields"]}


def test_the_restricted_user_differs_from_the_admin(filled: Org) -> None:
    view = sam(filled)
    hidden = field_names(admin(filled), "Lead") - field_names(view, "Lead")
    assert hidden == {"AnnualRevenue", "NumberOfEmployees", "Budget__c"}
    assert "Birthdate" not in field_names(view, "Contact")
    listed = {entry["name"]: entry for entry in view.describe_global()["sobjects"]}
    assert "Milestone__c" not in listed
    assert listed["Campaign"]["createable"] is listed["Campaign"]["updateable"] is False
    assert listed["Lead"]["updateable"] is True
    assert listed["Lead"]["deletable"] is False
    described = view.describe("Campaign")
    assert not any(field["updateable"] or field["createable"] for field in described["fields"])


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT AnnualRevenue FROM Lead",
        "SELECT Id FROM Lead WHERE AnnualRevenue > 1",
        "SELECT Id FROM Lead ORDER BY AnnualRevenue",
        "SELECT SUM(AnnualRevenue) FROM Lead",
        "SELECT Id FROM Contact WHERE Account.AnnualRevenue > 1",
        "SELECT Id, (SELECT Birthdate FROM Contacts) FROM Account",
        "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Birthdate != null)",
    ],
)
def test_a_hidden_field_is_no_such_column(filled: Org, soql: str) -> None:
    with pytest.raises(OrgError, match=r"No such column '(AnnualRevenue|Birthdate)' on entity") as caught:
        sam(filled).query(soql)
    assert caught.value.code == "INVALID_FIELD"
    assert admin(filled).query(soql).total_size >= 0


def test_a_hidden_object_is_nowhere(filled: Org) -> None:
    view = sam(filled)
    for call in (view.describe, view.layouts, view.list_views, lambda name: next(view.truth(name))):
        with pytest.raises(OrgError) as caught:
            call("Milestone__c")
        assert (caught.value.code, caught.value.status) == ("NOT_FOUND", 404)
    with pytest.raises(OrgError, match="sObject type 'Milestone__c' is not supported"):
        view.query("SELECT Id FROM Milestone__c")
    with pytest.raises(OrgError, match="Didn't understand relationship 'Milestones__r'"):
        view.query("SELECT Id, (SELECT Id FROM Milestones__r) FROM Project__c")
    assert "Milestone__c" not in view.record_count(["Milestone__c", "Lead"])
    assert "Milestones__r" not in {
        child["relationshipName"] for child in view.describe("Project__c")["childRelationships"]
    }


def test_private_rows_are_those_of_owner_and_queue(filled: Org) -> None:
    view = sam(filled)
    own = user_id(filled, SAM)
    queue = admin(filled).query("SELECT Id FROM Group WHERE Name = 'Leads EMEA'").records("65.0")[0]["Id"]
    owners = {record["OwnerId"] for record in view.query("SELECT OwnerId FROM Lead").records("65.0")}
    assert owners == {own, queue}
    expected = admin(filled).query(f"SELECT COUNT() FROM Lead WHERE OwnerId IN ('{own}', '{queue}')").total_size
    assert view.query("SELECT COUNT() FROM Lead").total_size == expected > 0
    for name in ("Account", "Opportunity", "Task", "Event"):
        assert {r["OwnerId"] for r in view.query(f"SELECT OwnerId FROM {name}").records("65.0")} <= {own, queue}
    assert (
        view.query("SELECT COUNT() FROM Campaign").total_size
        == admin(filled).query("SELECT COUNT() FROM Campaign").total_size
    )


def test_details_follow_their_parents(filled: Org) -> None:
    view = sam(filled)
    accounts = {record["Id"] for record in view.query("SELECT Id FROM Account").records("65.0")}
    own = user_id(filled, SAM)
    contacts = view.query("SELECT AccountId, OwnerId FROM Contact").records("65.0")
    assert contacts
    assert all(record["AccountId"] in accounts or record["OwnerId"] == own for record in contacts)
    deals = {record["Id"] for record in view.query("SELECT Id FROM Opportunity").records("65.0")}
    roles = view.query("SELECT OpportunityId FROM OpportunityContactRole").records("65.0")
    assert {record["OpportunityId"] for record in roles} <= deals
    # A parent that he does not see is null, its id stays.
    foreign = view.query("SELECT AccountId, Account.Name FROM Contact WHERE Account.Name = null").records("65.0")
    assert any(record["AccountId"] for record in foreign)
    assert all(record["Account"] is None for record in foreign)


def test_single_rows_and_truth_keep_to_the_rights(filled: Org) -> None:
    view = sam(filled)
    seen = {row["Id"] for row in view.truth("Lead")}
    every = [row["Id"] for row in admin(filled).truth("Lead")]
    unseen = next(each for each in every if each not in seen)
    with pytest.raises(OrgError) as caught:
        view.record("Lead", unseen)
    assert (caught.value.code, caught.value.status) == ("NOT_FOUND", 404)
    live = next(row["Id"] for row in view.truth("Lead", deleted=False))
    assert [record and record["Id"] for record in view.retrieve("Lead", [unseen, live], ["Id"])] == [None, live]
    assert "AnnualRevenue" not in view.record("Lead", live)
    with pytest.raises(OrgError, match="No such column 'AnnualRevenue' on sobject of type Lead"):
        view.record("Lead", live, ["AnnualRevenue"])
    result = view.query("SELECT Id FROM Lead", all_rows=True)
    assert {record["Id"] for record in result.records("65.0")} == seen


def test_encrypted_text_is_masked_for_most(copied: Org) -> None:
    soql = "SELECT Access_Code__c FROM Project__c WHERE Access_Code__c != null"
    with pytest.raises(OrgError, match="can not be filtered"):
        admin(copied).query(soql)
    soql = "SELECT Access_Code__c FROM Project__c LIMIT 3"
    clear = [record["Access_Code__c"] for record in admin(copied).query(soql).records("65.0")]
    mia = copied.view(user_id(copied, MIA))
    masked = [record["Access_Code__c"] for record in mia.query(soql).records("65.0")]
    assert masked == ["*" * (len(code) - 4) + code[-4:] for code in clear]
    assert all(code.startswith("AC-") for code in clear)


def test_hiding_and_showing_fields(copied: Org) -> None:
    before = copied.metadata_modified()
    copied.hide_field(SAM, "lead", "phone")
    assert "Phone" not in field_names(sam(copied), "Lead")
    assert copied.metadata_modified() > before
    copied.hide_field(SALES_PROFILE, "Lead", "Fax")
    # What is set for the user himself wins over his profile.
    copied.show_field(SAM, "Lead", "Fax")
    assert "Fax" in field_names(sam(copied), "Lead")
    copied.show_field(SAM, "Lead", "AnnualRevenue")
    assert sam(copied).query("SELECT AnnualRevenue FROM Lead").total_size > 0
    assert "Phone" in field_names(admin(copied), "Lead")


def test_a_hidden_address_hides_its_parts(copied: Org) -> None:
    copied.hide_field(SAM, "Lead", "Address")
    assert not field_names(sam(copied), "Lead") & {"Address", "Street", "City", "Latitude", "GeocodeAccuracy"}
    copied.hide_field(SAM, "Account", "BillingCity")
    for record in sam(copied).query("SELECT BillingAddress FROM Account").records("65.0"):
        assert record["BillingAddress"]["city"] is None
        assert record["BillingAddress"]["country"] is not None


def test_changes_of_rights_outlive_a_restart(copied: Org) -> None:
    copied.hide_object(SAM, "Event")
    copied.set_object_permission(SALES_PROFILE, "Lead", "viewAll", True)
    copied.hide_rows(SAM, "Account", "Name != null")
    modified = copied.metadata_modified()
    folder = copied.store.path.parent
    copied.close()
    again = Org.open(folder)
    try:
        view = again.view(user_id(again, SAM))
        with pytest.raises(OrgError):
            view.describe("Event")
        assert (
            view.query("SELECT COUNT() FROM Lead").total_size
            == admin(again).query("SELECT COUNT() FROM Lead").total_size
        )
        assert view.query("SELECT COUNT() FROM Account").total_size == 0
        assert again.metadata_modified() == modified
        again.show_object(SAM, "Event")
        assert view.describe("Event")["name"] == "Event"
    finally:
        again.close()


def test_hiding_rows_by_id_and_by_condition(bare: Org) -> None:
    ids = {name: add(bare, "Lead", LastName=name, Company="x", Country=country)
           for name, country in (("A", "France"), ("B", "Japan"), ("C", None))}  # fmt: skip
    view = admin(bare)
    modified = bare.metadata_modified()

    def seen() -> list[Any]:
        return [record["LastName"] for record in view.query("SELECT LastName FROM Lead").records("65.0")]

    bare.hide_rows(bare.admin_id, "Lead", [ids["A"][:15]])
    assert seen() == ["B", "C"]
    bare.hide_rows(bare.admin_id, "Lead", "Country = 'Japan' AND LastName LIKE 'b%'")
    assert seen() == ["C"]
    # Sharing changes no metadata, and the rows are still there for others.
    assert bare.metadata_modified() == modified
    robot = bare.view(user_id(bare, "integration.user@orgmirror.demo"))
    assert robot.query("SELECT COUNT() FROM Lead").total_size == 3
    bare.show_rows(bare.admin_id, "Lead", [ids["A"]])
    assert seen() == ["A", "C"]
    bare.show_rows(bare.admin_id, "Lead")
    assert seen() == ["A", "B", "C"]


def test_an_unknown_name_is_refused(copied: Org) -> None:
    with pytest.raises(ValueError, match="no such user or profile"):
        copied.hide_field("Nobody", "Lead", "Phone")
    with pytest.raises(ValueError, match="no such field"):
        copied.hide_field(SAM, "Lead", "Colour")
    with pytest.raises(ValueError, match="no such object"):
        copied.hide_object(SAM, "Nowhere")
    with pytest.raises(ValueError, match="no such permission"):
        copied.set_object_permission(SAM, "Lead", "dance", True)
    with pytest.raises(OrgError, match="No such column"):
        copied.hide_rows(SAM, "Lead", "Colour = 'red'")


def test_a_profile_without_an_object_by_name(filled: Org) -> None:
    mia = filled.view(user_id(filled, MIA))
    listed = {entry["name"] for entry in mia.describe_global()["sobjects"]}
    assert not listed & {"Opportunity", "OpportunityContactRole"}
    assert (
        mia.query("SELECT COUNT() FROM Lead").total_size == admin(filled).query("SELECT COUNT() FROM Lead").total_size
    )
    roles = {child["childSObject"] for child in mia.describe("Contact")["childRelationships"]}
    assert "OpportunityContactRole" not in roles
