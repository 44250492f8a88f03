"""Forms: the org's layout or the rule, every field with what may be entered, look-ups, owners, duplicates."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from core.api.records import FieldRule, ReadOnly, TargetKind
from core.mirror import layouts, outbox, watermarks
from core.mirror.schema import ensure_table
from core.model.describe import parse_object
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef, long_id
from core.records import picklists, sections
from tests.helpers.crm import LEAD, ME, QUEUE, describe, field

AT = datetime(2024, 3, 1, tzinfo=UTC)
INSIDE = long_id("012000000000001")
LAYOUT = {
    "detailLayoutSections": [
        {
            "heading": "Who", "useHeading": True, "layoutRows": [
                {"layoutItems": [
                    {"layoutComponents": [{"type": "Field", "value": "Name"}]},
                    {"layoutComponents": [{"type": "Field", "value": "Company"}], "required": True},
                ]},
                {"layoutItems": [
                    {"layoutComponents": []},
                    {"layoutComponents": [{"type": "Field", "value": "Phone"}]},
                    {"layoutComponents": [{"type": "Field", "value": "Gone__c"}, {"type": "Separator", "value": ","}]},
                ]},
            ],
        },
        {"heading": "Hidden", "useHeading": False, "collapsed": True, "layoutRows": [
            {"layoutItems": [{"layoutComponents": [{"type": "Field", "value": "Status"}]}]},
        ]},
        {"heading": "Empty", "layoutRows": [{"layoutItems": [{"layoutComponents": []}]}]},
    ],
    "editLayoutSections": [
        {"layoutRows": [{"layoutItems": [
            {"layoutComponents": [{"type": "Field", "value": "Phone"}], "editableForUpdate": False, "required": True},
        ]}]},
    ],
    "relatedLists": [
        {"sobject": "OpenActivity", "field": "WhoId", "label": "Open Activities", "columns": [{"name": "Subject"}]},
        {"sobject": "ActivityHistory", "field": "WhoId", "label": "Activity History", "columns": []},
        {"sobject": "CampaignMember", "field": "LeadId", "label": "Campaign History",
         "columns": [{"name": "Status"}, {"name": "Campaign.Name"}, {"name": "LeadId"}]},
        {"sobject": "Nowhere__c", "field": "Lead__c", "label": "Nowhere", "columns": []},
        {"label": "no object"},
    ],
}  # fmt: skip


@pytest.fixture
def lead(crm):
    (made,) = crm.add("Lead", {"LastName": "Lovelace", "Name": "Lovelace", "Company": "Acme", "Status": "Old"})
    return RecordRef("Lead", made)


def keep_layout(crm, object_name="Lead", kind=layouts.MASTER_RECORD_TYPE, layout=LAYOUT):
    content = layouts.reduced(layout) if layout else None
    crm.mirror.write(lambda s: layouts.put(s, object_name, layouts.layout_part(kind), content, at=AT))


def test_without_a_layout_every_field_has_its_place(crm, records, lead):
    form = records.form("lead", lead.id[:15])
    assert (form.ref, form.title, form.from_layout, form.can_edit, form.can_delete) == (
        lead, "Lovelace", False, True, True
    )  # fmt: skip
    assert {f.name for f in form.fields} == set(crm.mirror.tables()["Lead"].by_name)
    assert [s.title for s in form.sections][:2] == ["About", "Contact"]
    assert form.sections[-1].collapsed
    reasons = {f.name: f.reason for f in form.fields if f.reason}
    assert reasons["Score__c"] is ReadOnly.CALCULATED
    assert reasons["Number__c"] is ReadOnly.AUTO_NUMBER
    assert reasons["Name"] is ReadOnly.BUILT_FROM_PARTS
    assert reasons["CreatedVia__c"] is ReadOnly.ONLY_AT_CREATION
    assert reasons["IsConverted"] is ReadOnly.SYSTEM
    assert form.field("LastName").required
    assert not form.field("OwnerId").required
    assert form.field("Description").long
    (row,) = [r for s in form.sections for r in s.rows if form.field("Description") in r]
    assert len(row) == 1
    assert form.field("Nope") is None
    assert [(r.object, r.field) for r in form.related] == [("Task", "WhoId"), ("CampaignMember", "LeadId")]
    assert [r.can_create for r in form.related] == [False, True]


def test_choices_of_picklists(crm, records, lead):
    form = records.form("Lead", lead.id)
    status = form.field("Status")
    assert [(c.value, c.label, c.active) for c in status.choices] == [
        ("Open", "Open!", True), ("Closed", "Closed!", True), ("Old", "Old!", False)
    ]  # fmt: skip
    assert status.restricted
    state = form.field("State")
    assert (state.controller, state.choices_by_control) == ("Country", {"DE": ("Bavaria",), "US": ("Ohio",)})
    content = {"picklistFieldValues": {"Status": {"values": [{"value": "Open"}]}}}
    part = layouts.picklists_part(layouts.MASTER_RECORD_TYPE)
    crm.mirror.write(lambda s: layouts.put(s, "Lead", part, content, at=AT))
    assert [c.value for c in records.form("Lead", lead.id).field("Status").choices] == ["Open", "Old"]
    (fault,) = records.check("Lead", lead.id, {"Status": "Closed"})
    assert fault.code == "not-for-record-type"


def test_a_layout_is_followed(crm, records, lead):
    keep_layout(crm)
    form = records.form("Lead", lead.id)
    assert form.from_layout
    assert [s.title for s in form.sections][:2] == ["Who", ""]
    names = [[f.name if f else None for f in row] for row in form.sections[0].rows]
    assert names == [["Salutation", "FirstName", "LastName", "Company"], [None, "Phone", None]]
    phone = form.field("Phone")
    assert (phone.editable, phone.reason, phone.required) == (False, ReadOnly.ON_LAYOUT, False)
    assert form.field("Company").required
    assert form.sections[1].collapsed
    assert all(s.collapsed for s in form.sections[2:])
    assert {f.name for f in form.fields} == set(crm.mirror.tables()["Lead"].by_name)
    assert [(r.object, r.field, r.label, r.columns) for r in form.related] == [
        ("Task", "WhoId", "Tasks", ("Subject",)),
        ("CampaignMember", "LeadId", "Campaign History", ("Status",)),
    ]
    keep_layout(crm, layout=None)
    assert not records.form("Lead", lead.id).from_layout
    keep_layout(crm, layout={"detailLayoutSections": []})
    assert not records.form("Lead", lead.id).from_layout
    crm.mirror.write(lambda s: layouts.touch(s, "Lead", layouts.layout_part(layouts.MASTER_RECORD_TYPE), AT))
    crm.mirror.write(lambda s: layouts.forget(s, "Lead"))
    assert not records.form("Lead", lead.id).from_layout


def test_compound_fields_are_their_parts(crm):
    parts = [field(f"Mailing{n}", compoundFieldName="MailingAddress") for n in ("City", "Street")]
    info = describe("House__c", "a01", field("MailingAddress", "address"), *parts, field("Name", nameField=True))
    crm.mirror.write(lambda s: ensure_table(s, info))
    table = crm.mirror.tables()["House__c"]
    layout = {"sections": [{"heading": "A", "rows": [[{"fields": ["MailingAddress"]}, {"fields": ["Name"]}]]}]}
    (plan, *_) = sections.by_layout(table, layout, creating=True)
    assert [p.name for p in plan.rows[0]] == ["MailingCity", "MailingStreet", "Name"]
    item = {"layoutComponents": [{"type": "Field", "value": "Name", "components": [{"value": "FirstName"}]}]}
    kept = layouts.reduced({"editLayoutSections": [{"layoutRows": [{"layoutItems": [item]}]}]})
    assert kept["sections"][0]["rows"][0][0]["fields"] == ["FirstName"]


def test_what_waits_stands_at_its_field(crm, records, lead):
    records.edit(lead, {"Company": "B"})
    records.set_field_rule("Lead", "Phone", FieldRule.NEVER_SEND)
    seq = records.pending()[0].seq
    crm.mirror.write(
        lambda s: outbox.fail(s, [seq], outbox.NEEDS_USER, code="X", text="Salesforce says no", next_try_at=None)
    )
    form = records.form("Lead", lead.id)
    pending = form.field("Company").pending
    assert (pending.base, pending.mine, pending.server, pending.error_text) == (
        "Acme",
        "B",
        "Acme",
        "Salesforce says no",
    )
    assert form.pending == 1
    assert form.field("Phone").rule is FieldRule.NEVER_SEND
    assert form.field("FirstName").group == form.field("LastName").group == "Name"
    records.keep_draft(lead, {"Company": "typing"})
    assert records.form("Lead", lead.id).draft == {"Company": "typing"}


def test_a_record_that_takes_no_edit_says_why(crm, records):
    (made,) = crm.add("Lead", {"LastName": "X", "Company": "Y", "IsConverted": True})
    form = records.form("Lead", made)
    assert (form.can_edit, form.reason) == (False, ReadOnly.RECORD_CONVERTED)
    assert not form.field("Company").editable
    (account,) = crm.add("Account", {"Name": "A"})
    form = records.form("Account", account)
    assert (form.can_edit, form.can_delete, form.reason) == (False, False, ReadOnly.OBJECT_CLOSED)
    with pytest.raises(OrgMirrorError) as caught:
        records.form("Lead", long_id("00Q000000000999"))
    assert caught.value.code is ErrorCode.NO_SUCH_RECORD


def test_the_form_of_a_new_record_has_the_defaults(crm, records):
    raw = {
        "name": "Deal__c", "label": "Deal", "keyPrefix": "a02", "createable": True, "updateable": True,
        "fields": [
            field("Id", "id", write=False), field("RecordTypeId", "reference", referenceTo=["RecordType"]),
            field("On__c", "boolean", defaultValue=True), field("Rank__c", "double", defaultValue=3),
            field("Kind__c", "picklist", picklistValues=[{"value": "A"}, {"value": "B", "defaultValue": True}]),
            field("Many__c", "multipicklist", picklistValues=[{"value": "C", "defaultValue": True}]),
            field("SystemModstamp", "datetime", write=False),
        ],
        "recordTypeInfos": [
            {"recordTypeId": INSIDE, "name": "Inside", "available": True, "defaultRecordTypeMapping": True},
            {"recordTypeId": layouts.MASTER_RECORD_TYPE, "name": "Master", "available": True, "master": True},
            {"recordTypeId": long_id("012000000000002"), "name": "Other", "available": False},
        ],
    }  # fmt: skip
    crm.mirror.write(lambda s: ensure_table(s, parse_object(raw)))
    form = records.form("Deal__c")
    assert (form.ref, form.reason) == (None, ReadOnly.OBJECT_CLOSED)
    crm.mirror.write(lambda s: s.conn.execute("UPDATE om_object SET direction = 'two-way' WHERE name = 'Deal__c'"))
    form = records.form("Deal__c")
    assert (form.can_edit, form.can_delete, form.related) == (True, False, ())
    assert [(c.value, c.label, c.default) for c in form.record_types] == [(INSIDE, "Inside", True)]
    assert form.record_type == form.field("RecordTypeId").value == INSIDE
    found = {name: form.field(name).value for name in ("On__c", "Rank__c", "Kind__c", "Many__c")}
    assert found == {"On__c": 1, "Rank__c": 3, "Kind__c": "B", "Many__c": "C"}
    assert records.form("Deal__c", record_type=layouts.MASTER_RECORD_TYPE[:15]).record_type != INSIDE
    assert records.form("Lead").field("CreatedVia__c").editable
    assert records.form("User").reason is ReadOnly.PULL_ONLY
    crm.mirror.write(lambda s: s.conn.execute("UPDATE om_object SET loaded = 0 WHERE name = 'Deal__c'"))


def test_calculated_fields_tell_their_time(crm, records, lead):
    crm.mirror.write(lambda s: watermarks.formulas_read(s, "Lead", AT + timedelta(hours=10)))
    assert records.form("Lead", lead.id).field("Score__c").as_of == AT + timedelta(hours=10)
    assert records.form("Lead", lead.id).field("Company").as_of is None


def test_owners_are_active_users_and_queues_for_leads(crm, records):
    def names(*asked):
        return [(hit.title, hit.kind) for hit in records.owners(*asked)]

    assert names("Lead") == [("Ada", TargetKind.USER), ("Inbound", TargetKind.QUEUE)]
    assert names("Contact") == [("Ada", TargetKind.USER)]
    assert names("Lead", "inb") == [("Inbound", TargetKind.QUEUE)]
    assert names("Lead", "x") == []
    assert [hit.ref.id for hit in records.owners("Lead", "", 1)] == [ME]
    assert records.lookup("Lead", "OwnerId", "Inb")[0].ref == RecordRef("Group", QUEUE)


def test_targets_are_searched_here(crm, records):
    accounts = crm.add("Account", {"Name": "Äcme"}, {"Name": "Zenith", "Industry": "Tech"})
    crm.index("Account")
    assert [hit.title for hit in records.lookup("Contact", "AccountId", "acm")] == ["Äcme"]
    assert {hit.ref.id for hit in records.lookup("Contact", "AccountId", "")} == set(accounts)
    for name in ("Company", "Nope"):
        with pytest.raises(OrgMirrorError):
            records.lookup("Lead", name, "x")


def test_duplicates_are_found_here(crm, records):
    (same,) = crm.add("Lead", {"LastName": "Hopper", "FirstName": "Grace", "Name": "Grace Hopper", "Company": "Navy"})
    (other,) = crm.add(
        "Contact", {"LastName": "G", "Name": "G", "Email": "Grace@navy.mil", "Phone": "+1 (202) 555-0100"}
    )
    assert [hit.ref.id for hit in records.local_duplicates("Lead", {"Email": "Grace@navy.mil"})] == [other]
    crm.index("Lead", "Contact")
    values = {"FirstName": "grace", "LastName": "HOPPER", "Email": "grace@NAVY.mil", "Phone": "202-555-0100"}
    found = records.local_duplicates("Lead", values)
    assert [(hit.ref.id, set(hit.fields)) for hit in found] == [(other, {"Email", "Phone"}), (same, {"Name"})]
    assert records.local_duplicates("Lead", {"LastName": "Hopper"}) == ()
    assert records.local_duplicates("Campaign", {"Name": "Fair"}) == ()


# picklists alone


def test_bitmaps():
    nine = [{"value": f"v{n}"} for n in range(9)]
    last = base64.b64encode(bytes([0, 0x80])).decode()
    raw = {
        "name": "X", "fields": [
            field("C", "picklist", picklistValues=nine),
            field("On", "boolean"),
            field("D", "picklist", dependentPicklist=True, controllerName="C", picklistValues=[
                {"value": "a", "validFor": last}, {"value": "b"}, {"value": "c", "validFor": "!"},
                {"value": "d", "validFor": last, "active": False},
            ]),
            field("E", "multipicklist", dependentPicklist=True, controllerName="On", picklistValues=[
                {"value": "yes", "validFor": base64.b64encode(bytes([0x40])).decode()},
                {"value": "any", "validFor": base64.b64encode(bytes([0xC0])).decode()},
            ]),
            field("F", "picklist", dependentPicklist=True, controllerName="Nope"),
        ],
    }  # fmt: skip
    info = parse_object(raw)
    assert picklists.choices_by_control(info, info.field("D"))["v8"] == ("a", "c")
    assert picklists.choices_by_control(info, info.field("D"))["v0"] == ("c",)
    assert picklists.choices_by_control(info, info.field("E")) == {"false": ("any",), "true": ("yes", "any")}
    assert picklists.choices_by_control(info, info.field("F")) == {}
    for row, right in (
        ({"D": "a", "C": "v8"}, True), ({"D": "a", "C": "v0"}, False), ({"D": "a", "C": None}, False),
        ({"D": "a", "C": "old"}, True), ({"D": None}, True), ({"D": "unknown", "C": "v0"}, True),
    ):  # fmt: skip
        assert picklists.allows(info, info.field("D"), row) is right
    assert picklists.allows(info, info.field("E"), {"E": "yes;any", "On": 1})
    assert not picklists.allows(info, info.field("E"), {"E": "yes;any", "On": 0})
    assert picklists.choices(LEAD.field("Tags__c"), "A;Z")[-1].value == "Z"
