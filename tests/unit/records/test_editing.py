"""What a person does: edits, bulk edits, creates, deletes, restores, undoes; and what is refused before it is sent."""

from __future__ import annotations

import pytest

from core.api.records import ActName, CreateOptions, EditRefused, FaultCode, FieldRule, ReadOnly
from core.mirror import outbox
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef, long_id
from tests.helpers.crm import ME, OTHER_QUEUE, QUEUE, SLEEPER


@pytest.fixture
def lead(crm):
    (made,) = crm.add("Lead", {"LastName": "Lovelace", "Name": "Lovelace", "Company": "Acme", "Status": "Old"})
    return RecordRef("Lead", made)


def send(crm, ref, *, as_id=None, **row):
    """What a push does, without Salesforce."""
    table = crm.mirror.tables()[ref.object]

    def job(session):
        waiting = outbox.of_record(session, ref.object, ref.id, kept=False)
        seqs = [e.seq for e in waiting]
        outbox.mark_sending(session, seqs, "t")
        if as_id:
            outbox.adopt_id(session, ref.object, ref.id, as_id)
        outbox.acknowledge(session, table, seqs, ({"Id": as_id or ref.id} | row) if row else None)

    crm.mirror.write(job)


def test_an_edit_and_its_undo_before_and_after_the_push(crm, records, lead):
    act = records.edit(lead, {"company": "Zenith", "AnnualRevenue": "1e6"})
    assert (act.name, act.refs, len(act.seqs)) == (ActName.EDIT, (lead,), 2)
    assert act.params["title"] == "Lovelace"
    assert act.changes.touches("Lead")
    assert act.changes.outbox
    assert crm.value("Lead", lead.id, "AnnualRevenue") == "1000000"
    undone = records.undo_act(act.act_id)
    assert undone.name is ActName.UNDO
    assert records.pending() == ()
    assert crm.value("Lead", lead.id, "Company") == "Acme"

    act = records.edit(lead, {"Company": "Zenith"})
    send(crm, lead)
    assert records.pending() == ()
    assert records.last_act().act_id == act.act_id
    records.undo_act(act.act_id)
    (waiting,) = records.pending()
    assert (waiting.base, waiting.mine, waiting.label) == ("Zenith", "Acme", "Company")
    with pytest.raises(OrgMirrorError) as caught:
        records.undo_act(act.act_id)
    assert caught.value.code is ErrorCode.NOTHING_TO_UNDO
    assert records.last_act() is None


def test_undo_leaves_what_was_changed_since(crm, records, lead):
    act = records.edit(lead, {"Company": "Zenith", "Phone": "1"})
    records.edit(lead, {"Company": "Other"})
    undone = records.undo_act(act.act_id)
    assert undone.params["left_out"] == 1
    assert {v.field: v.mine for v in records.pending()} == {"Company": "Other"}


def test_undo_by_record_field_and_number(crm, records, lead):
    records.edit(lead, {"Company": "B", "Phone": "1", "Email": "a@b.org"})
    assert records.undo(lead, "phone").params["count"] == 1
    with pytest.raises(OrgMirrorError) as caught:
        records.undo(lead, "Nope")
    assert caught.value.code is ErrorCode.NO_SUCH_FIELD
    (email,) = [v.seq for v in records.pending(ref=lead) if v.field == "Email"]
    records.undo([email])
    records.undo(lead)
    with pytest.raises(OrgMirrorError) as caught:
        records.undo()
    assert caught.value.code is ErrorCode.NOTHING_TO_UNDO


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"LastName": ""}, FaultCode.REQUIRED),
        ({"LastName": "x" * 81}, FaultCode.TOO_LONG),
        ({"Email": "nobody"}, FaultCode.NOT_AN_EMAIL),
        ({"NumberOfEmployees": "many"}, FaultCode.NOT_A_NUMBER),
        ({"NumberOfEmployees": "1.5"}, FaultCode.TOO_MANY_DECIMALS),
        ({"NumberOfEmployees": "123456789"}, FaultCode.OUT_OF_RANGE),
        ({"Share__c": "1000"}, FaultCode.OUT_OF_RANGE),
        ({"Birthday__c": "1.2.2000"}, FaultCode.NOT_A_DATE),
        ({"Birthday__c": "1066-10-14"}, FaultCode.OUT_OF_RANGE),
        ({"Call__c": "2024-05-07"}, FaultCode.NOT_A_DATETIME),
        ({"Call__c": "1066-10-14 12:00"}, FaultCode.OUT_OF_RANGE),
        ({"At__c": "noon"}, FaultCode.NOT_A_TIME),
        ({"HasOptedOutOfEmail": "perhaps"}, FaultCode.NOT_A_BOOLEAN),
        ({"Status": "Nope"}, FaultCode.NOT_IN_PICKLIST),
        ({"Tags__c": "A;C"}, FaultCode.NOT_IN_PICKLIST),
        ({"Country": "US", "State": "Bavaria"}, FaultCode.NOT_FOR_CONTROLLER),
        ({"State": "Bavaria"}, FaultCode.NOT_FOR_CONTROLLER),
        ({"Score__c": 1}, FaultCode.NOT_EDITABLE),
        ({"Name": "x"}, FaultCode.NOT_EDITABLE),
        ({"CreatedVia__c": "x"}, FaultCode.NOT_EDITABLE),
        ({"Nope": "x"}, FaultCode.NO_SUCH_FIELD),
        ({"OwnerId": "me"}, FaultCode.NOT_AN_ID),
        ({"OwnerId": SLEEPER}, FaultCode.INACTIVE_OWNER),
        ({"OwnerId": OTHER_QUEUE}, FaultCode.QUEUE_NOT_FOR_OBJECT),
        ({"OwnerId": "00Q000000000001"}, FaultCode.WRONG_TARGET),
        ({"OwnerId": "new-123"}, FaultCode.NO_SUCH_TARGET),
    ],
)
def test_what_is_wrong_is_said_before_it_is_sent(crm, records, lead, values, code):
    assert [fault.code for fault in records.check("Lead", lead.id, values)] == [code]
    with pytest.raises(EditRefused) as caught:
        records.edit(lead, values)
    assert caught.value.code is ErrorCode.VALUES_REFUSED
    assert records.pending() == ()


def test_what_is_right(crm, records, lead):
    values = {
        "Status": "Old",  # an old value may stay
        "Tags__c": "B; A",
        "Country": "DE",
        "State": "Bavaria",
        "Call__c": "2024-07-01 12:00",
        "At__c": "12:30",
        "Birthday__c": "1815-12-10",
        "HasOptedOutOfEmail": True,
        "OwnerId": QUEUE[:15],
        "Description": "two\r\nlines",
        "Share__c": 12.5,
    }
    assert records.check("Lead", lead.id, values) == ()
    records.edit(lead, values)
    stored = {view.field: view.mine for view in records.pending()}
    assert stored == {
        "Tags__c": "B;A",
        "Country": "DE",
        "State": "Bavaria",
        "Call__c": "2024-07-01T16:00:00.000Z",  # entered in the user's zone, New York
        "At__c": "12:30:00.000Z",
        "Birthday__c": "1815-12-10",
        "HasOptedOutOfEmail": 1,
        "OwnerId": QUEUE,
        "Description": "two\nlines",
        "Share__c": 12.5,
    }
    (view,) = [view for view in records.pending() if view.field == "OwnerId"]
    assert view.mine_text == "Inbound"
    (call,) = [view for view in records.pending() if view.field == "Call__c"]
    assert call.mine_text == "2024-07-01 12:00"


def test_a_contact_is_never_put_into_a_queue(crm, records):
    (made,) = crm.add("Contact", {"LastName": "Hopper"})
    (fault,) = records.check("Contact", made, {"OwnerId": QUEUE})
    assert fault.code is FaultCode.QUEUE_FOR_CONTACT
    (fault,) = records.check("Contact", made, {"AccountId": ME})
    assert (fault.code, fault.params["objects"]) == (FaultCode.WRONG_TARGET, "Account")


def test_records_that_take_no_edit(crm, records, lead):
    (converted,) = crm.add("Lead", {"LastName": "X", "Company": "Y", "IsConverted": True})
    (deleted,) = crm.add("Lead", {"LastName": "X", "Company": "Y", "IsDeleted": True})
    (account,) = crm.add("Account", {"Name": "A"})
    for ref, reason in (
        (RecordRef("Lead", converted), ReadOnly.RECORD_CONVERTED),
        (RecordRef("Lead", deleted), ReadOnly.RECORD_DELETED),
        (RecordRef("Account", account), ReadOnly.OBJECT_CLOSED),
        (RecordRef("User", ME), ReadOnly.PULL_ONLY),
    ):
        with pytest.raises(OrgMirrorError) as caught:
            records.edit(ref, {"Name": "B"})
        assert (caught.value.code, caught.value.params["reason"]) == (ErrorCode.NOT_EDITABLE, reason)
    records.open_for_editing("Account", True)
    records.edit(RecordRef("Account", account), {"Name": "B"})
    records.open_for_editing("Account", False)
    with pytest.raises(OrgMirrorError):
        records.open_for_editing("User", True)
    with pytest.raises(OrgMirrorError) as caught:
        records.edit(RecordRef("Nope", account), {"Name": "B"})
    assert caught.value.code is ErrorCode.NO_SUCH_OBJECT


def test_many_at_once_with_a_preview(crm, records, lead):
    second, third = crm.add(
        "Lead", {"LastName": "B", "Company": "Zenith"}, {"LastName": "C", "Company": "X", "IsConverted": True}
    )
    refs = [lead, *(RecordRef("Lead", each) for each in (second, third, long_id("00Q000000000999")))]
    lines = records.preview(refs, {"Company": "Zenith"})
    assert [(line.ref.id, line.before, line.after) for line in lines if line.fault is None] == [
        (lead.id, "Acme", "Zenith")
    ]
    assert [line.fault.code for line in lines if line.fault] == [FaultCode.NOT_EDITABLE, FaultCode.NO_SUCH_TARGET]
    assert records.preview([lead], {"Email": "no"})[0].fault.code is FaultCode.NOT_AN_EMAIL
    act = records.edit_many(refs, {"Company": "Zenith", "Phone": "1"})
    assert act.params["left_out"] == 2
    assert {ref.id for ref in act.refs} == {lead.id, second}
    assert len({view.group_id for view in records.pending()}) == 1
    records.undo_act(act.act_id)
    assert records.pending() == ()


def test_a_record_is_made_here_edited_undone(crm, records):
    with pytest.raises(EditRefused) as caught:
        records.create("Lead", {"LastName": "New", "Score__c": 1})
    assert {(f.field, f.code) for f in caught.value.faults} == {
        ("Company", FaultCode.REQUIRED),
        ("Score__c", FaultCode.NOT_EDITABLE),
    }
    act = records.create("Lead", {"LastName": "New", "Company": "Co", "CreatedVia__c": "web"}, CreateOptions(True))
    (ref,) = act.refs
    assert crm.value("Lead", ref.id, "Name") == "New"
    records.edit(ref, {"CreatedVia__c": "phone"})  # not sent yet: a new record's fields may still be set
    assert records.pending(ref=ref)[0].op == "create"
    records.undo_act(act.act_id)
    assert records.pending() == ()
    with pytest.raises(KeyError):
        crm.value("Lead", ref.id, "Name")
    again = records.restore(ref)
    assert crm.value("Lead", again.refs[0].id, "CreatedVia__c") == "phone"


def test_a_create_is_countered_by_a_delete_once_it_was_sent(crm, records):
    act = records.create("Lead", {"LastName": "New", "Company": "Co"})
    made = long_id("00Q000000000777")
    send(crm, act.refs[0], as_id=made, LastName="New", Company="Co", SystemModstamp="2024-03-02T00:00:00.000+0000")
    assert records.current(act.refs[0]).id == made
    records.undo_act(act.act_id)
    (view,) = records.pending()
    assert (view.op, view.id) == ("delete", made)


def test_a_delete_is_taken_back_or_made_anew(crm, records, lead):
    act = records.delete([lead])
    assert crm.value("Lead", lead.id, "IsDeleted") == 1
    with pytest.raises(OrgMirrorError):
        records.edit(lead, {"Company": "B"})
    records.restore(lead)
    assert records.pending() == ()
    act = records.delete([lead])
    assert act.params["title"] == "Lovelace"
    records.undo_act(act.act_id)
    assert crm.value("Lead", lead.id, "IsDeleted") == 0
    records.delete([lead])
    send(crm, lead)
    (made,) = records.restore(lead).refs
    assert crm.value("Lead", made.id, "Company") == "Acme"
    with pytest.raises(OrgMirrorError) as caught:
        records.restore(RecordRef("Lead", long_id("00Q000000000888")))
    assert caught.value.code is ErrorCode.NO_SUCH_RECORD


def test_a_record_removed_here_alone(crm, records, lead):
    records.edit(lead, {"Company": "B"})
    act = records.delete([lead], here_only=True)
    assert act.name is ActName.DELETE_HERE
    assert records.pending() == ()
    crm.add("Lead", {"Id": lead.id, "LastName": "Lovelace", "Company": "Acme"})
    with pytest.raises(KeyError):
        crm.value("Lead", lead.id, "Name")
    records.undo_act(act.act_id)
    assert crm.value("Lead", lead.id, "Company") == "Acme"
    (made,) = records.create("Lead", {"LastName": "New", "Company": "Co"}).refs
    records.delete([made], here_only=True)
    assert records.pending() == ()
    records.edit(lead, {"Company": "B"})
    crm.mirror.write(lambda s: outbox.mark_sending(s, [e.seq for e in outbox.entries(s)], "t"))
    with pytest.raises(OrgMirrorError):
        records.delete([lead], here_only=True)


def test_the_change_log_and_the_way_back(crm, records, lead):
    records.edit(lead, {"Company": "B"})
    send(crm, lead)
    line = next(view for view in records.change_log(lead) if view.field == "Company")
    assert (line.old, line.new, line.by, line.side, line.can_revert) == ("Acme", "B", "Ada", "local", True)
    act = records.revert(line.change_id)
    assert act.name is ActName.REVERT
    assert records.pending()[0].mine == "Acme"
    with pytest.raises(OrgMirrorError):
        records.revert(10**6)


def test_drafts(crm, records, lead):
    assert records.draft(lead) is None
    records.keep_draft(lead, {"Company": "half typ"})
    assert records.draft(lead).values == {"Company": "half typ"}
    records.edit(lead, {"Company": "typed"})
    assert records.draft(lead) is None
    new = RecordRef("Lead", "")
    records.keep_draft(new, {"LastName": "N"})
    records.create("Lead", {"LastName": "N", "Company": "C"})
    assert records.draft(new) is None
    records.keep_draft(new, {"LastName": "N"})
    records.keep_draft(new, {})
    records.drop_draft(new)
    assert records.draft(new) is None


def test_a_fields_rule(crm, records, lead):
    records.edit(lead, {"Company": "B"})
    records.set_field_rule("Lead", "company", FieldRule.NEVER_SEND)
    assert records.pending() == ()
    assert crm.value("Lead", lead.id, "Company") == "B"
    (made,) = records.create("Lead", {"LastName": "N", "Company": "only here"}).refs
    assert {view.field for view in records.pending(ref=made)} == {None, "LastName"}
    records.set_field_rule("Lead", "Company", FieldRule.NEVER_OVERWRITE)
    assert crm.value("Lead", lead.id, "Company") == "B"
    records.set_field_rule("Lead", "Company", FieldRule.NONE)
    assert crm.value("Lead", lead.id, "Company") == "Acme"
    with pytest.raises(OrgMirrorError):
        records.set_field_rule("Lead", "Nope", FieldRule.NONE)


def test_an_act_over_many_records_goes_in_slices(crm, records, monkeypatch):
    monkeypatch.setattr("core.api.record_acts.ONE_TRANSACTION", 3)
    monkeypatch.setattr("core.api.record_acts.SLICE", 2)
    ids = crm.add("Lead", *({"LastName": f"L{n}", "Company": "X"} for n in range(5)))
    refs = [RecordRef("Lead", each) for each in ids]
    act = records.edit_many(refs, {"Company": "Y"})
    assert act.refs == tuple(refs)
    assert len({view.group_id for view in records.pending()}) == 1
    assert records.undo_act(act.act_id).params["left_out"] == 0
    assert records.pending() == ()
    with pytest.raises(OrgMirrorError):
        records.delete([*refs[:4], RecordRef("Lead", long_id("00Q000000000999"))])
    assert len(records.pending()) == 4  # what was done before the fault can be undone
    records.undo_act(records.last_act().act_id)
    assert records.pending() == ()
    with pytest.raises(OrgMirrorError):
        records.delete([refs[0], RecordRef("Lead", long_id("00Q000000000999"))])
    assert records.pending() == ()


def test_defaults_of_required_fields(crm, records):
    records.set_required_default("Lead", "company", "(unknown)")
    assert records.required_defaults("Lead") == {"Company": "(unknown)"}
    assert records.form("Lead").field("Company").value == "(unknown)"
    (made,) = records.create("Lead", {"LastName": "New", "company": ""}).refs
    assert crm.value("Lead", made.id, "Company") == "(unknown)"
    (made,) = records.create("Lead", {"LastName": "New", "Company": "Co"}).refs
    assert crm.value("Lead", made.id, "Company") == "Co"
    with pytest.raises(EditRefused):
        records.set_required_default("Lead", "LastName", "x" * 100)
    with pytest.raises(OrgMirrorError):
        records.set_required_default("Lead", "Nope", "x")
    records.set_required_default("Lead", "Company", None)
    with pytest.raises(EditRefused):
        records.create("Lead", {"LastName": "New"})
