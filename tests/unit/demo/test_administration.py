"""An administrator's changes to fields and objects, with the values that rows hold."""

from __future__ import annotations

from typing import Any

import pytest

from core.demo.errors import OrgError
from core.demo.org import Org
from tests.unit.demo.conftest import SAM, add, admin, user_id

SHOP = """
object Shop__c; Shop; Shops; a7Y; all
Id; id; Record ID
@deleted
Name; string(80); Shop Name; cun
@stamps
Code__c; string(20); Code; cu
"""


def value(org: Org, record_id: str, field: str, name: str = "Lead") -> Any:
    return admin(org).record(name, record_id, [field])[field]


def field(org: Org, name: str, wanted: str) -> dict[str, Any]:
    return next(each for each in admin(org).describe(name)["fields"] if each["name"] == wanted)


def durable(org: Org, name: str, wanted: str) -> str:
    soql = (
        f"SELECT DurableId FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = '{name}' "
        f"AND QualifiedApiName = '{wanted}'"
    )
    return str(admin(org).query(soql).records("65.0")[0]["DurableId"])


@pytest.mark.parametrize(
    ("before", "stored", "after", "expected"),
    [
        ("string(40)", "12.5", "double(6,2)", 12.5),
        ("string(40)", "twelve", "double(6,2)", None),
        ("double(6,2)", 12.5, "string(40)", "12.5"),
        ("double(6,2)", 1200, "string(40)", "1200"),
        ("string(40)", "a long text", "string(6)", "a long"),
        ("string(40)", "2026-02-03", "date", "2026-02-03"),
        ("string(40)", "soon", "date", None),
        ("date", "2026-02-03", "datetime", "2026-02-03T00:00:00.000+0000"),
        ("picklist(20)", "red", "string(40)", "red"),
        ("string(40)", "true", "boolean", True),
        ("boolean", True, "string(40)", "true"),
        ("double(18,0)", 123456789012345678, "string(40)", "123456789012345678"),
    ],
)
def test_a_new_type_carries_what_fits(bare: Org, before: str, stored: Any, after: str, expected: Any) -> None:
    bare.add_field("Lead", f"Trait__c; {before}; Trait; cu")
    lead = add(bare, "Lead", LastName="A", Company="B", Trait__c=stored)
    stamp = value(bare, lead, "SystemModstamp")
    bare.retype_field("Lead", f"Trait__c; {after}; Trait; cu")
    assert value(bare, lead, "Trait__c") == expected
    assert field(bare, "Lead", "Trait__c")["type"] == after.partition("(")[0]
    assert value(bare, lead, "SystemModstamp") == stamp


def test_numbers_made_of_text_compare_as_numbers(bare: Org) -> None:
    bare.add_field("Lead", "Trait__c; string(40); Trait; cu")
    for text in ("9", "10", "100"):
        add(bare, "Lead", LastName=text, Company="B", Trait__c=text)
    bare.retype_field("Lead", "Trait__c; double(6,2); Trait; cu")
    found = admin(bare).query("SELECT LastName FROM Lead WHERE Trait__c > 9.5 ORDER BY Trait__c").records("65.0")
    assert [each["LastName"] for each in found] == ["10", "100"]


@pytest.mark.parametrize("line", ["Name; date; Name; cu", "SystemModstamp; string(9); S", "Id; string(18); Id"])
def test_system_fields_keep_their_type(bare: Org, line: str) -> None:
    with pytest.raises(ValueError, match="another type"):
        bare.retype_field("Account", line)


def test_a_renamed_field_keeps_values_permissions_and_durable_id(bare: Org) -> None:
    bare.add_field("Lead", "Trait__c; string(40); Trait; cu")
    lead = add(bare, "Lead", LastName="A", Company="B", Trait__c="kept")
    bare.hide_field(SAM, "Lead", "Trait__c")
    before = durable(bare, "Lead", "Trait__c")
    bare.rename_field("Lead", "Trait__c", "Character__c")
    assert value(bare, lead, "Character__c") == "kept"
    assert durable(bare, "Lead", "Character__c") == before
    with pytest.raises(OrgError, match="No such column"):
        admin(bare).query("SELECT Trait__c FROM Lead")
    sam = bare.view(user_id(bare, SAM))
    assert "Character__c" not in {each["name"] for each in sam.describe("Lead")["fields"]}
    hidden = sam.query("SELECT Id FROM FieldDefinition WHERE QualifiedApiName = 'Character__c'")
    assert hidden.total_size == 0
    folder = bare.store.path.parent
    bare.close()
    again = Org.open(folder)
    assert value(again, lead, "Character__c") == "kept"
    again.close()


def test_a_field_made_again_is_another_field(bare: Org) -> None:
    bare.add_field("Lead", "Trait__c; boolean; Trait; cu")
    lead = add(bare, "Lead", LastName="A", Company="B", Trait__c=True)
    before = durable(bare, "Lead", "Trait__c")
    bare.drop_field("Lead", "Trait__c")
    bare.add_field("Lead", "Trait__c; string(10); Trait; cu")
    assert value(bare, lead, "Trait__c") is None
    assert durable(bare, "Lead", "Trait__c") != before


def test_a_field_of_a_custom_object_has_the_ids_of_both(bare: Org) -> None:
    bare.add_object(SHOP)
    object_id, _, field_id = durable(bare, "Shop__c", "Code__c").partition(".")
    assert object_id.startswith("01I")
    assert field_id.startswith("00N")
    assert durable(bare, "Account", "Industry") == "Account.Industry"


@pytest.mark.parametrize("new", ["LastName", "Trait", "Score__c"])
def test_a_name_that_cannot_be_taken(bare: Org, new: str) -> None:
    bare.add_field("Lead", "Trait__c; string(40); Trait; cu")
    with pytest.raises(ValueError, match="cannot be renamed"):
        bare.rename_field("Lead", "Trait__c", new)


def test_label_length_and_values_change_without_touching_rows(bare: Org) -> None:
    lead = add(bare, "Lead", LastName="A", Company="B", Rating="Hot")
    bare.change_field("Lead", "Rating", label="Warmth", values="Cold|Boiling=Boiling hot")
    bare.change_field("Lead", "Company", length=300)
    found = field(bare, "Lead", "Rating")
    assert found["label"] == "Warmth"
    assert [(each["value"], each["label"]) for each in found["picklistValues"]] == [
        ("Cold", "Cold"), ("Boiling", "Boiling hot"),
    ]  # fmt: skip
    assert field(bare, "Lead", "Company")["length"] == 300
    assert value(bare, lead, "Rating") == "Hot"
    with pytest.raises(ValueError, match="can be changed"):
        bare.change_field("Lead", "Rating", colour="red")
    bare.change_object("Lead", "Prospect")
    assert admin(bare).describe("Lead")["labelPlural"] == "Prospects"


def test_a_list_view_goes_with_a_field_of_its_condition(copied: Org) -> None:
    before = {view["developerName"] for view in admin(copied).list_views("Lead")["listviews"]}
    copied.drop_field("Lead", "Region__c")
    after = admin(copied).list_views("Lead")["listviews"]
    assert before - {view["developerName"] for view in after} == {"HotLeads"}
    for view in after:
        admin(copied).list_view_results("Lead", view["id"])
    with pytest.raises(OrgError):
        admin(copied).list_view_results("Lead", "HotLeads")


def test_a_dependent_picklist_outlives_the_field_that_controls_it(bare: Org) -> None:
    assert field(bare, "Lead", "Sub_Region__c")["controllerName"] == "Region__c"
    bare.change_field("Lead", "Region__c", values="EMEA|Elsewhere")
    assert field(bare, "Lead", "Sub_Region__c")["controllerName"] == "Region__c"
    bare.rename_field("Lead", "Region__c", "Area__c")
    assert field(bare, "Lead", "Sub_Region__c")["controllerName"] == "Area__c"
    bare.drop_field("Lead", "Area__c")
    assert field(bare, "Lead", "Sub_Region__c")["controllerName"] is None
    admin(bare).picklist_values("Lead", "012000000000000AAA")
    admin(bare).layouts("Lead")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("Lead", "AnnualRevenue; string(20); Revenue; cu"),
        ("Milestone__c", "Cost__c; string(20); Cost; cu"),
    ],
)
def test_what_a_formula_reads_keeps_its_type(bare: Org, name: str, line: str) -> None:
    with pytest.raises(ValueError, match="another type"):
        bare.retype_field(name, line)


def test_what_a_sharing_rule_reads_keeps_its_name(bare: Org) -> None:
    bare.add_field("Lead", "Trait__c; string(40); Trait; cu")
    bare.hide_rows(SAM, "Lead", "Trait__c = 'secret'")
    with pytest.raises(ValueError, match="cannot be renamed"):
        bare.rename_field("Lead", "Trait__c", "Character__c")
    bare.rename_field("Lead", "Budget__c", "Money__c")
