"""The schema and its describe: attributes, counts and rules that a real org's describe was recorded with."""

from __future__ import annotations

import base64
from collections import Counter
from typing import Any

import pytest

from core.demo.metadata.fields import DEFAULT_LENGTHS
from core.demo.metadata.others import other_objects
from core.demo.metadata.parse import parse_objects
from core.demo.metadata.schema import changed_schema, standard_schema
from core.demo.org import Org, OrgError
from tests.unit.demo.conftest import admin

FIELD_ATTRIBUTES = """
aggregatable aiPredictionField autoNumber byteLength calculated calculatedFormula cascadeDelete caseSensitive
compoundFieldName controllerName createable custom defaultValue defaultValueFormula defaultedOnCreate
dependentPicklist deprecatedAndHidden digits displayLocationInDecimal encrypted externalId extraTypeInfo filterable
filteredLookupInfo formulaTreatNullNumberAsZero groupable highScaleNumber htmlFormatted idLookup inlineHelpText label
length mask maskType name nameField namePointing nillable permissionable picklistValues polymorphicForeignKey
precision queryByDistance referenceTargetField referenceTo relationshipName relationshipOrder restrictedDelete
restrictedPicklist scale searchPrefilterable soapType sortable type unique updateable writeRequiresMasterRead
""".split()  # noqa: SIM905
OBJECT_ATTRIBUTES = """
actionOverrides activateable associateEntityType associateParentEntity childRelationships compactLayoutable createable
custom customSetting deepCloneable defaultImplementation deletable deprecatedAndHidden extendedBy extendsInterfaces
feedEnabled fields hasSubtypes implementedBy implementsInterfaces isInterface isSubtype keyPrefix label labelPlural
layoutable listviewable lookupLayoutable mergeable mruEnabled name namedLayoutInfos networkScopeFieldName queryable
recordTypeInfos replicateable retrieveable searchLayoutable searchable sobjectDescribeOption supportedScopes
triggerable undeletable updateable urls
""".split()  # noqa: SIM905


def described(org: Org, name: str) -> dict[str, dict[str, Any]]:
    return {field["name"]: field for field in admin(org).describe(name)["fields"]}


def test_every_attribute_is_there(filled: Org) -> None:
    for name in ("Lead", "Account", "Project__c", "User", "Product2"):
        answer = admin(filled).describe(name)
        assert sorted(answer) == sorted(OBJECT_ATTRIBUTES)
        for field in answer["fields"]:
            assert sorted(field) == sorted(FIELD_ATTRIBUTES)


def test_names_are_found_whatever_their_case(filled: Org) -> None:
    assert admin(filled).describe("leAD")["name"] == "Lead"
    with pytest.raises(OrgError) as caught:
        admin(filled).describe("Nowhere")
    assert (caught.value.code, caught.value.status, caught.value.message) == (
        "NOT_FOUND", 404, "The requested resource does not exist",
    )  # fmt: skip


def test_every_field_type_occurs(filled: Org) -> None:
    kinds = Counter(f["type"] for name in ("Project__c", "Milestone__c") for f in described(filled, name).values())
    assert set(kinds) >= {
        "id", "boolean", "string", "reference", "picklist", "multipicklist", "currency", "percent", "double", "date",
        "datetime", "time", "location", "textarea", "encryptedstring", "email", "phone", "url",
    }  # fmt: skip
    project = described(filled, "Project__c")
    assert project["Code__c"]["externalId"] is project["Code__c"]["unique"] is True
    assert project["Number__c"]["autoNumber"] is True
    assert project["Number__c"]["createable"] is False
    assert project["Brief__c"]["htmlFormatted"] is True
    assert project["Brief__c"]["extraTypeInfo"] == "richtextarea"
    assert project["Notes__c"]["length"] == 32768
    assert (project["Notes__c"]["filterable"], project["Notes__c"]["sortable"]) == (False, False)
    assert project["Access_Code__c"]["maskType"] == "lastFour"
    assert project["Planned_Margin__c"]["calculated"] is True
    assert project["Planned_Margin__c"]["calculatedFormula"] == "Budget__c - Milestone_Cost__c"
    assert project["Milestones__c"]["calculated"] is True
    assert project["Milestones__c"]["calculatedFormula"] is None
    assert project["Ledger_Number__c"]["precision"] == 18
    assert project["Site__Latitude__s"]["compoundFieldName"] == "Site__c"
    detail = described(filled, "Milestone__c")["Project__c"]
    assert (detail["cascadeDelete"], detail["relationshipOrder"], detail["updateable"]) == (True, 0, False)
    (child,) = [
        c for c in admin(filled).describe("Project__c")["childRelationships"] if c["childSObject"] == "Milestone__c"
    ]
    assert (child["relationshipName"], child["cascadeDelete"]) == ("Milestones__r", True)


def test_what_recorded_describes_say(filled: Org) -> None:
    lead = described(filled, "Lead")
    required = {n for n, f in lead.items() if f["createable"] and not f["nillable"] and not f["defaultedOnCreate"]}
    assert required == {"LastName", "Company"}
    assert (lead["Status"]["nillable"], lead["Status"]["defaultedOnCreate"]) == (False, True)
    assert lead["Name"]["updateable"] is lead["Name"]["createable"] is False
    assert lead["Name"]["compoundFieldName"] is None
    assert (lead["FirstName"]["compoundFieldName"], lead["FirstName"]["extraTypeInfo"]) == ("Name", "personname")
    assert (lead["IsConverted"]["createable"], lead["IsConverted"]["updateable"]) == (True, False)
    assert lead["OwnerId"]["referenceTo"] == ["Group", "User"]
    assert lead["OwnerId"]["polymorphicForeignKey"] is True
    assert lead["Street"]["byteLength"] == 765
    account = described(filled, "Account")["Name"]
    assert (account["compoundFieldName"], account["extraTypeInfo"], account["updateable"]) == (
        "Name", "switchablepersonname", True,
    )  # fmt: skip
    member = described(filled, "CampaignMember")
    assert [name for name, field in member.items() if field["updateable"]] == ["Status"]
    assert len(described(filled, "User")) > 170
    visible = [name for name, field in lead.items() if field["type"] != "address"]
    assert 50 <= len(visible) <= 70


def test_dependent_picklists(filled: Org) -> None:
    field = described(filled, "Lead")["Sub_Region__c"]
    assert (field["controllerName"], field["dependentPicklist"]) == ("Region__c", True)
    valid = {value["value"]: base64.b64decode(value["validFor"])[0] for value in field["picklistValues"]}
    # Americas, EMEA and APAC are the first, second and third value: the three highest bits.
    assert (valid["Latin America"], valid["Africa"], valid["Oceania"]) == (0b10000000, 0b01000000, 0b00100000)
    phases = described(filled, "Project__c")["Phase__c"]["picklistValues"]
    estimate = next(value for value in phases if value["value"] == "Estimate")
    assert base64.b64decode(estimate["validFor"])[0] == 0b11000000
    assert described(filled, "Lead")["Region__c"]["picklistValues"][0]["validFor"] is None


def test_global_describe_is_as_long_as_a_real_one(filled: Org) -> None:
    entries = {entry["name"]: entry for entry in admin(filled).describe_global()["sobjects"]}
    assert len(entries) > 500
    assert list(entries) == sorted(entries)
    assert entries["AccountHistory"]["queryable"] is True
    assert entries["LeadChangeEvent"]["queryable"] is False
    assert entries["Lead"]["urls"]["describe"] == "/services/data/v65.0/sobjects/Lead/describe"
    assert entries["Project__c"]["custom"] is True
    assert entries["Lead"]["keyPrefix"] == "00Q"
    assert entries["Lead"]["mergeable"] is entries["Contact"]["mergeable"] is entries["Account"]["mergeable"] is True
    brief = set(OBJECT_ATTRIBUTES) & set(entries["Lead"])
    described_lead = admin(filled).describe("Lead")
    assert all(entries["Lead"][key] == described_lead[key] for key in brief - {"urls"})
    for name in ("AccountHistory", "Case", "ApexClass"):
        assert admin(filled).describe(name)["fields"][0]["name"] == "Id"


def test_objects_on_demand(bare: Org) -> None:
    entries = {entry["name"] for entry in admin(bare).describe_global()["sobjects"]}
    assert {"Empty001__c", "Empty002__c"} <= entries
    assert "Empty003__c" not in entries
    made = bare.insert(bare.admin_id, "Empty002__c", {"Name": "x", "Amount__c": 5})
    assert admin(bare).record("Empty002__c", made, ["Amount__c"])["Amount__c"] == 5.0
    prefixes = [item.prefix for item in standard_schema(500) if item.custom]
    assert len(prefixes) == len(set(prefixes)) == 502


def test_every_declared_reference_and_relationship_is_sound() -> None:
    schema = standard_schema(0)
    known = {item.name for item in schema}
    for item in schema:
        names = [field.name.lower() for field in item.fields]
        assert len(names) == len(set(names)), item.name
        if item.virtual:
            continue
        children = [child.name for child in item.children if child.name]
        assert len(children) == len(set(children)), item.name
        for field in item.fields:
            known_types = {*DEFAULT_LENGTHS, "anyType", "id", "boolean", "reference", "int", "double", "currency"}
            known_types |= {"percent", "date", "datetime", "time", "address", "location"}
            assert field.type in known_types, field
            for pick in field.picks:
                assert len(pick.value) <= field.length
            if field.controller:
                allowed = {pick.value for pick in item.by_name[field.controller.lower()].picks}
                assert all(set(pick.valid_for) <= allowed for pick in field.picks)
            if item.name in ("Lead", "Contact", "Account", "Opportunity", "Project__c", "Milestone__c"):
                assert field.type != "reference" or set(field.reference_to) & known
    assert len({item.name for item in other_objects()}) == len(other_objects())


@pytest.mark.parametrize("line", ["Colour", "Colour__c; string(; Colour", "Colour__c; string; Colour; z", "@nothing"])
def test_wrong_declarations_are_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_objects(f"object X__c; X; Xs; a99; all\n{line}")


def test_schema_changes(copied: Org) -> None:
    view, before = admin(copied), copied.metadata_modified()
    copied.add_field("Lead", "Colour__c; picklist(20); Colour; cu; values=red|green")
    assert copied.metadata_modified() > before
    assert described(copied, "Lead")["Colour__c"]["picklistValues"][1]["value"] == "green"
    lead = view.query("SELECT Id, Colour__c FROM Lead LIMIT 1").records("65.0")[0]
    assert lead["Colour__c"] is None
    copied.update(copied.admin_id, "Lead", lead["Id"], {"Colour__c": "red"})
    copied.drop_field("Lead", "rating")
    assert "Rating" not in described(copied, "Lead")
    with pytest.raises(OrgError, match="No such column 'Rating'"):
        view.query("SELECT Rating FROM Lead")
    copied.add_object(
        "object Pet__c; Pet; Pets; a0Z; all\nId; id; Record ID\n@deleted\nName; string(80); Name; cun\n@stamps"
    )
    pet = copied.insert(copied.admin_id, "Pet__c", {"Name": "Rex"})
    assert pet.startswith("a0Z")
    copied.drop_object("Milestone__c")
    folder = copied.store.path.parent
    copied.close()
    again = Org.open(folder)
    try:
        assert admin(again).record("Lead", lead["Id"], ["Colour__c"])["Colour__c"] == "red"
        assert admin(again).record("Pet__c", pet, ["Name"])["Name"] == "Rex"
        assert admin(again).query("SELECT Name, Sponsor__r.Name FROM Project__c").total_size > 0
        again.drop_field("Lead", "Colour__c")
        again.add_field("Lead", "Colour__c; string(20); Colour; cu")
        assert admin(again).record("Lead", lead["Id"], ["Colour__c"])["Colour__c"] is None
        with pytest.raises(OrgError):
            admin(again).describe("Milestone__c")
    finally:
        again.close()


def test_a_folder_of_an_older_program_gets_its_new_columns(copied: Org) -> None:
    copied.store.connection.execute('ALTER TABLE "Campaign" DROP COLUMN "NumberSent"')
    copied.store.connection.execute('DROP TABLE "LeadStatus"')
    copied.kv.set("schema_fingerprint", "old")
    folder = copied.store.path.parent
    copied.close()
    again = Org.open(folder)
    try:
        assert admin(again).query("SELECT NumberSent FROM Campaign").records("65.0")[0]["NumberSent"] is None
        assert admin(again).query("SELECT COUNT() FROM LeadStatus").total_size == 0
    finally:
        again.close()


def test_an_unknown_change_is_refused() -> None:
    with pytest.raises(ValueError, match="paint"):
        changed_schema(standard_schema(0), [("paint", "Lead", "red")])
