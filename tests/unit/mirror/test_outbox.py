"""The outbox: what a person entered is safe, shown, and goes when Salesforce has it or the person gives it up."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from core.mirror import (
    aliases,
    changes,
    copies,
    doctor,
    field_rules,
    meta,
    outbox,
    overlay,
    schema,
    search,
    shadow,
    sweeps,
)
from core.mirror.field_rules import FieldRule
from core.mirror.meta import Owner
from core.mirror.rows import RowWriter
from core.model.errors import ErrorCode, OrgMirrorError
from tests.unit.mirror.samples import describe, lead, lead_id, lead_table, select, stamp

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)
ME = "Ada"
NAME_PARTS = (
    {"name": "Id", "type": "id"},
    {"name": "IsDeleted", "type": "boolean"},
    {"name": "FirstName", "type": "string", "updateable": True},
    {"name": "LastName", "type": "string", "updateable": True},
    {"name": "Name", "type": "string", "nameField": True},
    {"name": "SystemModstamp", "type": "datetime"},
)
MEMBER = (
    {"name": "Id", "type": "id"},
    {"name": "IsDeleted", "type": "boolean"},
    {"name": "LeadId", "type": "reference", "referenceTo": ["Lead"], "createable": True, "updateable": False},
    {"name": "Friend__c", "type": "reference", "referenceTo": ["Lead"], "updateable": True, "nillable": True},
    {"name": "Status", "type": "picklist", "updateable": True},
    {"name": "SystemModstamp", "type": "datetime"},
)


@pytest.fixture
def table(mirror):
    """A lead's table with leads 1 and 2, loaded and indexed."""
    made = lead_table(mirror)
    mirror.write(lambda s: meta.claim(s, Owner("00D000000000001EAA", user_name=ME)))
    pull(mirror, made, lead(1, Company="Acme"), lead(2))
    mirror.write(lambda s: s.conn.execute("UPDATE om_object SET loaded = 1 WHERE name = 'Lead'"))
    mirror.write(lambda s: s.conn.execute("INSERT INTO om_watermark (object, safe_from) VALUES ('Lead', 'x')"))
    search.build(mirror.writer, made)
    yield made
    assert doctor.examine(mirror) == []


def pull(mirror, table, *rows):
    writer = RowWriter.for_json(table)
    return mirror.write(lambda s: writer.merge(s, list(rows)))


def put(mirror, table, number, *, group="g", at=AT, **values):
    target = number if isinstance(number, str) else lead_id(number)
    return mirror.write(lambda s: outbox.put(s, table, target, values, at=at, group_id=group))


def create(mirror, table, **values):
    return mirror.write(
        lambda s: outbox.put_create(s, table, values, {"use_assignment_rules": False}, at=AT, group_id="c")
    )


def delete(mirror, table, number):
    target = number if isinstance(number, str) else lead_id(number)
    return mirror.write(lambda s: outbox.put_delete(s, table, target, at=AT, group_id="d"))


def sending(mirror, *seqs):
    mirror.write(lambda s: outbox.mark_sending(s, seqs, "token"))


def failed(mirror, *seqs, state=outbox.NEEDS_USER, at=None):
    mirror.write(lambda s: outbox.fail(s, seqs, state, code="X", text="no", next_try_at=at))


def acknowledge(mirror, table, *seqs, row=None):
    mirror.write(lambda s: outbox.acknowledge(s, table, seqs, row))


def discard(mirror, *seqs):
    return mirror.write(lambda s: outbox.discard(s, seqs))


def entries(mirror):
    return mirror.read(outbox.entries)


def collect(mirror, now=AT, **limits):
    return [e.seq for e in mirror.read(lambda s: outbox.collect(s, now=now, **limits))]


def shown(mirror, number, field, table="Lead"):
    target = number if isinstance(number, str) else lead_id(number)
    (row,) = select(mirror, f'SELECT "{field}" FROM "{table}" WHERE "Id" = ?', target)
    return row[0]


def logged(mirror, field="Company"):
    found = mirror.read(lambda s: changes.recent(s, 50))
    return [(c.old, c.new, c.by, c.side) for c in reversed(found) if c.field == field]


def test_an_edit_is_shown_found_and_waits(mirror, table):
    (seq,) = put(mirror, table, 1, Company="Zenith")
    assert shown(mirror, 1, "Company") == "Zenith"
    (entry,) = entries(mirror)
    assert (entry.seq, entry.base, entry.mine, entry.server) == (seq, "Acme", "Zenith", "Acme")
    assert (entry.state, entry.attempts, entry.group_id, entry.created_at) == ("pending", 0, "g", AT)
    assert collect(mirror) == [seq]
    assert mirror.read(lambda s: outbox.server_image(s, table, lead_id(1)))["Company"] == "Acme"
    assert select(mirror, "SELECT count(*) FROM om_fts_Lead('zenith')") == [(1,)]


def test_edits_collapse_onto_the_first_base_and_the_values_between_are_logged(mirror, table):
    (first,) = put(mirror, table, 1, Company="B")
    assert put(mirror, table, 1, Company="C", at=AT + timedelta(hours=1), group="h") == [first]
    (entry,) = entries(mirror)
    assert (entry.base, entry.mine, entry.group_id) == ("Acme", "C", "h")
    assert (entry.created_at, entry.edited_at) == (AT, AT + timedelta(hours=1))
    assert logged(mirror) == [("B", "C", ME, "local")]


def test_a_value_set_back_to_its_base_leaves(mirror, table):
    put(mirror, table, 1, Company="B")
    assert put(mirror, table, 1, Company="Acme") == []
    assert entries(mirror) == []
    assert put(mirror, table, 1, Company="Acme") == []
    assert logged(mirror) == [("B", "Acme", ME, "local")]


def test_a_value_set_to_what_the_server_has_leaves(mirror, table):
    put(mirror, table, 1, Company="B")
    pull(mirror, table, lead(1, 5, Company="C"))
    assert shown(mirror, 1, "Company") == "B"
    put(mirror, table, 1, Company="C")
    assert entries(mirror) == []
    assert shown(mirror, 1, "Company") == "C"


def test_back_to_a_base_that_moved_shows_the_servers(mirror, table):
    put(mirror, table, 1, Company="B")
    pull(mirror, table, lead(1, 5, Company="C"))
    put(mirror, table, 1, Company="Acme")
    assert entries(mirror) == []
    assert shown(mirror, 1, "Company") == "C"


def test_values_are_stored_in_their_one_form(mirror, table):
    put(mirror, table, 1, AnnualRevenue="1.0E7", NumberOfEmployees="12.0", HasOptedOutOfEmail=True, company="  ")
    values = {e.field: e.mine for e in entries(mirror)}
    assert values == {"AnnualRevenue": "10000000", "NumberOfEmployees": 12, "HasOptedOutOfEmail": 1, "Company": "  "}
    put(mirror, table, 1, HasOptedOutOfEmail="", NumberOfEmployees=None, AnnualRevenue="")
    assert {e.field for e in entries(mirror)} == {"Company"}


def test_refuses_what_is_not_there(mirror, table):
    for values, code in (({"Nope": 1}, ErrorCode.NO_SUCH_FIELD), ({"Id": "x"}, ErrorCode.NO_SUCH_FIELD)):
        with pytest.raises(OrgMirrorError) as caught:
            put(mirror, table, 1, **values)
        assert caught.value.code is code
    with pytest.raises(OrgMirrorError) as caught:
        put(mirror, table, 9, Company="x")
    assert caught.value.code is ErrorCode.NO_SUCH_RECORD
    with pytest.raises(OrgMirrorError):
        mirror.read(lambda s: outbox.server_image(s, table, lead_id(9)))


def test_an_edit_made_while_one_is_sent_survives(mirror, table):
    (first,) = put(mirror, table, 1, Company="B")
    sending(mirror, first)
    assert put(mirror, table, 1, Company="B") == []
    (later,) = put(mirror, table, 1, Company="C")
    (other,) = put(mirror, table, 1, Email="a@b.org")
    assert later > first
    assert collect(mirror) == []  # nothing else of the record goes while it is on its way
    acknowledge(mirror, table, first, row={"Id": lead_id(1), "Company": "b!", "SystemModstamp": stamp(9)})
    found = {e.seq: e for e in entries(mirror)}
    assert set(found) == {later, other}
    assert (found[later].base, found[later].mine, found[later].server) == ("b!", "C", "b!")
    assert shown(mirror, 1, "Company") == "C"
    assert collect(mirror) == [later, other]
    assert logged(mirror) == [("b!", "B", ME, "local")] or ("Acme", "B", ME, "local") in logged(mirror)


def test_an_edit_back_while_one_is_sent_is_an_edit(mirror, table):
    (first,) = put(mirror, table, 1, Company="B")
    sending(mirror, first)
    (later,) = put(mirror, table, 1, Company="Acme")
    put(mirror, table, 1, Company="D")
    assert put(mirror, table, 1, Company="Acme") == [later]
    acknowledge(mirror, table, first, row={"Id": lead_id(1), "Company": "B", "SystemModstamp": stamp(9)})
    (entry,) = entries(mirror)
    assert (entry.base, entry.mine) == ("B", "Acme")


def test_a_later_edit_that_changes_nothing_any_more_leaves(mirror, table):
    (first,) = put(mirror, table, 1, Company="B")
    sending(mirror, first)
    put(mirror, table, 1, Company="C")
    acknowledge(mirror, table, first, row={"Id": lead_id(1), "Company": "C", "SystemModstamp": stamp(9)})
    assert entries(mirror) == []
    assert shown(mirror, 1, "Company") == "C"


def test_what_failed_becomes_one_with_what_was_entered_meanwhile(mirror, table):
    (first,) = put(mirror, table, 1, Company="B")
    sending(mirror, first)
    (later,) = put(mirror, table, 1, Company="C")
    failed(mirror, first)
    (entry,) = entries(mirror)
    assert (entry.seq, entry.base, entry.mine, entry.state) == (later, "Acme", "C", "pending")
    assert ("B", "C", ME, "local") in logged(mirror)


def test_what_failed_and_was_taken_back_meanwhile_is_gone(mirror, table):
    (first,) = put(mirror, table, 1, Company="B")
    sending(mirror, first)
    put(mirror, table, 1, Company="Acme")
    mirror.write(lambda s: outbox.back_to_pending(s, [first]))
    assert entries(mirror) == []
    assert shown(mirror, 1, "Company") == "Acme"


def test_an_ambiguous_one_keeps_its_token_and_holds_the_rest(mirror, table):
    (first,) = put(mirror, table, 1, Company="B")
    sending(mirror, first)
    (later,) = put(mirror, table, 1, Company="C")
    failed(mirror, first, state=outbox.AMBIGUOUS)
    assert [e.token for e in entries(mirror)] == ["token", None]
    assert collect(mirror) == []
    mirror.write(lambda s: outbox.back_to_pending(s, [first]))
    assert collect(mirror) == [later]


def test_a_retry_waits_for_its_time(mirror, table):
    (seq,) = put(mirror, table, 1, Company="B")
    failed(mirror, seq, state=outbox.RETRY, at=AT + timedelta(minutes=5))
    assert collect(mirror) == []
    assert collect(mirror, now=AT + timedelta(minutes=5)) == [seq]
    (entry,) = entries(mirror)
    assert (entry.error_code, entry.error_text, entry.next_try_at) == ("X", "no", AT + timedelta(minutes=5))
    sending(mirror, seq)
    assert entries(mirror)[0].attempts == 1


def test_collect_limits(mirror, table):
    (one,) = put(mirror, table, 1, Company="B")
    (two,) = put(mirror, table, 2, Company="B")
    assert collect(mirror, objects=["Lead"]) == [one, two]
    assert collect(mirror, objects=["Contact"]) == []
    assert collect(mirror, records=[lead_id(2)]) == [two]


def test_mending_a_record_tries_all_of_it_again(mirror, table):
    seqs = put(mirror, table, 1, Company="B", Email="x")
    failed(mirror, *seqs)
    assert collect(mirror) == []
    put(mirror, table, 1, Email="a@b.org")
    assert collect(mirror) == seqs
    failed(mirror, *seqs)
    put(mirror, table, 1, Email="a@b.org")  # the same value once more: try again
    assert collect(mirror) == seqs
    failed(mirror, *seqs)
    discard(mirror, seqs[1])
    assert collect(mirror) == seqs[:1]


def test_discard_restores_the_servers_value_and_never_the_base(mirror, table):
    (seq,) = put(mirror, table, 1, Company="B")
    pull(mirror, table, lead(1, 5, Company="C"))
    (gone,) = discard(mirror, seq)
    assert gone.mine == "B"
    assert shown(mirror, 1, "Company") == "C"
    assert entries(mirror) == []
    assert logged(mirror)[-1] == ("B", "C", ME, "local")
    assert discard(mirror, seq) == []


def test_what_is_on_its_way_is_not_discarded(mirror, table):
    (first,) = put(mirror, table, 1, Company="B")
    sending(mirror, first)
    (later,) = put(mirror, table, 1, Company="C")
    assert [e.seq for e in discard(mirror, first, later)] == [later]
    assert shown(mirror, 1, "Company") == "B"
    acknowledge(mirror, table, first)
    assert shown(mirror, 1, "Company") == "B"
    assert mirror.read(outbox.count_pending) == 0


def test_an_acknowledged_row_is_the_one_read_back(mirror, table):
    (seq,) = put(mirror, table, 1, Company="B")
    sending(mirror, seq)
    row = lead(1, 9, Company="b", AnnualRevenue=5.0)
    acknowledge(mirror, table, seq, row=row)
    assert (shown(mirror, 1, "Company"), shown(mirror, 1, "AnnualRevenue")) == ("b", "5")
    assert entries(mirror) == []
    acknowledge(mirror, table, seq, row=row)
    assert ("Acme", "B", ME, "local") in logged(mirror)


def test_a_newer_pull_stays_over_what_was_read_back(mirror, table):
    (first,) = put(mirror, table, 1, Company="B")
    sending(mirror, first)
    (later,) = put(mirror, table, 1, Company="D", Email="e@x.org")[:1]
    pull(mirror, table, lead(1, 20, Company="theirs"))
    acknowledge(mirror, table, first, row=lead(1, 10, Company="B"))
    found = {e.field: e for e in entries(mirror)}
    assert (found["Company"].seq, found["Company"].base, found["Company"].server) == (later, "B", "theirs")
    discard(mirror, later)
    assert shown(mirror, 1, "Company") == "theirs"
    (again,) = put(mirror, table, 2, Company="B")
    sending(mirror, again)
    pull(mirror, table, lead(2, 20, Company="theirs"))
    acknowledge(mirror, table, again, row=lead(2, 10, Company="B"))
    assert shown(mirror, 2, "Company") == "theirs"


def test_an_own_push_that_a_pull_brings_first_is_no_foreign_change(mirror, table):
    (seq,) = put(mirror, table, 1, Company="B")
    sending(mirror, seq)
    pull(mirror, table, lead(1, 5, Company="B"))
    assert logged(mirror) == []
    acknowledge(mirror, table, seq, row=lead(1, 5, Company="B"))
    assert logged(mirror) == [("Acme", "B", ME, "local")]


def test_what_is_entered_again_on_the_same_value_stays_without_a_read_back(mirror, table):
    (first,) = put(mirror, table, 1, Company="B")
    sending(mirror, first)
    (later,) = put(mirror, table, 1, Company="C")
    sending(mirror, later)
    acknowledge(mirror, table, first)
    (entry,) = entries(mirror)
    assert (entry.mine, entry.server, entry.state) == ("C", "B", "sending")


# records made here


def test_a_record_made_here_is_a_row(mirror, table):
    seq, temporary = create(mirror, table, LastName="New", Company="Co", Email="")
    assert temporary.startswith("new-")
    assert shown(mirror, temporary, "Company") == "Co"
    assert shown(mirror, temporary, "Name") == "New"
    assert shown(mirror, temporary, "HasOptedOutOfEmail") == 0
    found = entries(mirror)
    assert [(e.op, e.field, e.mine) for e in found] == [
        ("create", None, '{"use_assignment_rules": false}'),
        ("update", "LastName", "New"),
        ("update", "Company", "Co"),
    ]
    assert found[0].seq == seq
    assert found[0].options == {"use_assignment_rules": False}
    assert found[1].options == {}
    assert collect(mirror) == [e.seq for e in found]
    assert mirror.read(lambda s: outbox.is_unmade(s, temporary))
    assert mirror.read(lambda s: outbox.server_image(s, table, temporary))["Company"] is None
    assert select(mirror, "SELECT rows FROM om_object WHERE name = 'Lead'") == [(3,)]
    put(mirror, table, temporary, Company="")  # back to nothing
    assert [e.field for e in entries(mirror)] == [None, "LastName"]


def test_a_refused_record_made_here_goes_again_once_it_is_mended(mirror, table):
    create(mirror, table, LastName="New")
    seqs = [e.seq for e in entries(mirror)]
    failed(mirror, *seqs)
    (temporary,) = {e.record_id for e in entries(mirror)}
    assert collect(mirror) == []
    (mended,) = put(mirror, table, temporary, Company="Co")
    assert collect(mirror) == [*seqs, mended]
    failed(mirror, seqs[0], state=outbox.RETRY, at=AT + timedelta(minutes=1))
    assert collect(mirror) == []  # its fields wait for it


def test_a_record_made_here_gets_its_id(mirror, table):
    create(mirror, table, LastName="New", Company="Co")
    found = entries(mirror)
    (temporary,) = {e.record_id for e in found}
    seqs = [e.seq for e in found]
    sending(mirror, *seqs)
    (later,) = put(mirror, table, temporary, Email="a@b.org")
    (again,) = put(mirror, table, temporary, Company="Co 2")
    mirror.write(lambda s: outbox.adopt_id(s, "Lead", temporary, lead_id(7)))
    mirror.write(lambda s: outbox.adopt_id(s, "Lead", temporary, lead_id(7)))
    assert mirror.read(lambda s: aliases.resolve(s, temporary)) == lead_id(7)
    acknowledge(mirror, table, *seqs, row=lead(7, 9, LastName="New", Name="New", Company="Co", Email="old@b.org"))
    left = {e.field: e for e in entries(mirror)}
    assert {e.seq for e in left.values()} == {later, again}
    assert (left["Email"].base, left["Email"].server) == ("old@b.org", "old@b.org")
    assert (left["Company"].base, left["Company"].record_id) == ("Co", lead_id(7))
    assert (shown(mirror, 7, "Email"), shown(mirror, 7, "Company")) == ("a@b.org", "Co 2")
    assert (None, lead_id(7), ME, "local") in logged(mirror, "Id")
    assert select(mirror, "SELECT rows FROM om_object WHERE name = 'Lead'") == [(3,)]


def test_a_pull_that_was_quicker_than_the_answer(mirror, table):
    create(mirror, table, LastName="New", Company="Co")
    found = entries(mirror)
    (temporary,) = {e.record_id for e in found}
    sending(mirror, *[e.seq for e in found])
    put(mirror, table, temporary, Company="Co 2")
    pull(mirror, table, lead(7, 5, LastName="New", Name="New", Company="Co", Email="rule@b.org"))
    mirror.write(lambda s: outbox.adopt_id(s, "Lead", temporary, lead_id(7)))
    assert select(mirror, 'SELECT "Id" FROM "Lead" WHERE "LastName" = ?', "New") == [(lead_id(7),)]
    assert (shown(mirror, 7, "Company"), shown(mirror, 7, "Email")) == ("Co 2", "rule@b.org")
    acknowledge(mirror, table, *[e.seq for e in found])
    (entry,) = entries(mirror)
    assert (entry.base, entry.mine) == ("Co", "Co 2")


@pytest.fixture
def members(mirror, table):
    """A table of campaign members, which refer to leads."""
    mirror.write(lambda s: schema.ensure_table(s, describe("CampaignMember", *MEMBER)))
    mirror.write(lambda s: s.conn.execute("UPDATE om_object SET loaded = 0 WHERE name = 'CampaignMember'"))
    return mirror.tables()["CampaignMember"]


def test_who_refers_to_a_record_made_here_waits_and_follows(mirror, table, members):
    _, temporary = create(mirror, table, LastName="New")
    _, member = create(mirror, members, LeadId=temporary, Status="Sent")
    waiting = entries(mirror)
    assert mirror.read(lambda s: outbox.waits_for(s, waiting)) == {member: {temporary}}
    content = json.dumps({"LeadId": temporary})
    mirror.write(lambda s: s.conn.execute("INSERT INTO om_draft VALUES ('CampaignMember', 'new', 'at', ?)", (content,)))
    mirror.write(lambda s: outbox.adopt_id(s, "Lead", temporary, lead_id(7)))
    assert mirror.read(lambda s: outbox.waits_for(s, outbox.entries(s))) == {}
    assert shown(mirror, member, "LeadId", "CampaignMember") == lead_id(7)
    assert [e.mine for e in entries(mirror) if e.field == "LeadId"] == [lead_id(7)]
    assert select(mirror, "SELECT content FROM om_draft") == [(json.dumps({"LeadId": lead_id(7)}),)]


def test_giving_up_a_record_made_here_takes_what_cannot_be_without_it(mirror, table, members):
    seq, temporary = create(mirror, table, LastName="New")
    create(mirror, members, LeadId=temporary, Status="Sent")
    _, friend = create(mirror, members, LeadId=lead_id(1), Friend__c=temporary)
    put(mirror, table, 1, OwnerId=temporary)
    gone = discard(mirror, seq)
    assert {(e.op, e.object) for e in gone} == {
        ("create", "Lead"), ("update", "Lead"), ("create", "CampaignMember"), ("update", "CampaignMember")
    }  # fmt: skip
    left = [(e.record_id, e.field) for e in entries(mirror)]
    assert left == [(friend, None), (friend, "LeadId")]
    assert select(mirror, 'SELECT count(*) FROM "Lead"') == [(2,)]
    assert select(mirror, 'SELECT "Id" FROM "CampaignMember"') == [(friend,)]
    assert ("New", None, ME, "local") in logged(mirror, "LastName")


def test_a_record_on_its_way_is_not_given_up(mirror, table):
    seq, _ = create(mirror, table, LastName="New")
    seqs = [e.seq for e in entries(mirror)]
    sending(mirror, *seqs[1:])
    assert discard(mirror, seq) == []
    mirror.write(lambda s: outbox.back_to_pending(s, seqs))
    assert len(discard(mirror, seq)) == 2


# deletes


def test_a_delete_is_out_of_sight_and_comes_back(mirror, table):
    (edit,) = put(mirror, table, 1, Company="B")
    seq = delete(mirror, table, 1)
    assert delete(mirror, table, 1) == seq
    assert shown(mirror, 1, "IsDeleted") == 1
    assert select(mirror, "SELECT rows FROM om_object WHERE name = 'Lead'") == [(1,)]
    assert collect(mirror) == [seq]
    assert mirror.read(lambda s: outbox.server_image(s, table, lead_id(1)))["IsDeleted"] == 0
    assert mirror.read(lambda s: copies.get(s, "Lead", lead_id(1))).image["Company"] == "Acme"
    pull(mirror, table, lead(1, 5, Company="C"))
    assert shown(mirror, 1, "IsDeleted") == 1
    discard(mirror, seq)
    assert (shown(mirror, 1, "IsDeleted"), shown(mirror, 1, "Company")) == (0, "B")
    assert select(mirror, "SELECT rows FROM om_object WHERE name = 'Lead'") == [(2,)]
    assert mirror.read(lambda s: copies.get(s, "Lead", lead_id(1))) is None
    assert collect(mirror) == [edit]


def test_a_delete_that_arrived_takes_the_edits_beneath_along(mirror, table):
    put(mirror, table, 1, Company="B")
    seq = delete(mirror, table, 1)
    sending(mirror, seq)
    acknowledge(mirror, table, seq)
    assert entries(mirror) == []
    assert (shown(mirror, 1, "IsDeleted"), shown(mirror, 1, "Company")) == (1, "Acme")
    assert ("B", None, ME, "local") in logged(mirror)
    assert (0, 1, ME, "local") in logged(mirror, "IsDeleted")


def test_a_delete_of_what_was_never_sent_just_goes(mirror, table):
    _, temporary = create(mirror, table, LastName="New", Company="Co")
    assert delete(mirror, table, temporary) is None
    assert entries(mirror) == []
    assert select(mirror, 'SELECT count(*) FROM "Lead"') == [(2,)]
    assert mirror.read(lambda s: copies.get(s, "Lead", temporary)).image["Company"] == "Co"


def test_a_delete_of_what_is_just_being_made_waits(mirror, table):
    _, temporary = create(mirror, table, LastName="New")
    seqs = [e.seq for e in entries(mirror)]
    sending(mirror, *seqs)
    seq = delete(mirror, table, temporary)
    assert collect(mirror) == []
    mirror.write(lambda s: outbox.adopt_id(s, "Lead", temporary, lead_id(7)))
    acknowledge(mirror, table, *seqs, row=lead(7, 5, LastName="New", Name="New"))
    assert collect(mirror) == [seq]
    assert shown(mirror, 7, "IsDeleted") == 1


def test_a_delete_where_there_is_no_recycle_bin(mirror, table):
    fields = tuple(f for f in MEMBER if f["name"] != "IsDeleted")
    mirror.write(lambda s: schema.ensure_table(s, describe("Bare__c", *fields)))
    bare = mirror.tables()["Bare__c"]
    mirror.write(lambda s: RowWriter.for_json(bare).merge(s, [{f["name"]: None for f in fields} | {"Id": lead_id(3)}]))
    seq = delete(mirror, bare, 3)
    acknowledge(mirror, bare, seq)
    assert select(mirror, 'SELECT count(*) FROM "Bare__c"') == [(0,)]


# names, rules, tombstones


def test_a_name_follows_its_parts_and_comes_back(mirror, table):
    mirror.write(lambda s: schema.ensure_table(s, describe("Person__c", *NAME_PARTS)))
    people = mirror.tables()["Person__c"]
    row = {"Id": lead_id(1), "IsDeleted": False, "FirstName": "Ada", "LastName": "L", "Name": "Countess Ada L"}
    pull(mirror, people, row | {"SystemModstamp": stamp(1)})
    seqs = put(mirror, people, 1, LastName="Lovelace")
    assert shown(mirror, 1, "Name", "Person__c") == "Ada Lovelace"
    assert mirror.read(outbox.count_pending) == 1
    pull(mirror, people, row | {"FirstName": "Adele", "Name": "Countess Adele L", "SystemModstamp": stamp(2)})
    assert shown(mirror, 1, "Name", "Person__c") == "Adele Lovelace"
    assert mirror.read(lambda s: outbox.server_image(s, people, lead_id(1)))["Name"] == "Countess Adele L"
    discard(mirror, *seqs)
    assert shown(mirror, 1, "Name", "Person__c") == "Countess Adele L"
    (seq,) = put(mirror, people, 1, LastName="Lovelace")
    acknowledge(mirror, people, seq, row=row | {"LastName": "Lovelace", "Name": "X", "SystemModstamp": stamp(3)})
    assert shown(mirror, 1, "Name", "Person__c") == "X"
    assert select(mirror, "SELECT count(*) FROM om_outbox") == [(0,)]


def test_a_field_that_is_never_sent_stays_here(mirror, table):
    mirror.write(lambda s: field_rules.set_rule(s, "Lead", "Company", FieldRule.NEVER_SEND))
    (seq,) = put(mirror, table, 1, Company="B")
    assert mirror.read(outbox.count_pending) == 0
    assert collect(mirror) == []
    pull(mirror, table, lead(1, 5, Company="C"))
    assert shown(mirror, 1, "Company") == "B"
    assert put(mirror, table, 1, Company="D") == [seq]
    sending(mirror, seq)
    failed(mirror, seq)
    assert entries(mirror) == []
    mirror.write(lambda s: field_rules.set_rule(s, "Lead", "Company", FieldRule.NONE))
    (seq,) = put(mirror, table, 1, Company="E")
    (entry,) = entries(mirror)
    assert (entry.base, entry.mine, entry.server) == ("C", "E", "C")
    discard(mirror, seq)
    assert shown(mirror, 1, "Company") == "C"


def test_a_field_that_is_never_overwritten_keeps_its_value(mirror, table):
    mirror.write(lambda s: field_rules.set_rule(s, "Lead", "Company", FieldRule.NEVER_OVERWRITE))
    pull(mirror, table, lead(1, 5, Company="C", Email="a@b.org"), lead(2, 5, Company="filled"))
    assert (shown(mirror, 1, "Company"), shown(mirror, 1, "Email")) == ("Acme", "a@b.org")
    assert shown(mirror, 2, "Company") == "filled"  # an empty field is not overwritten
    assert mirror.read(lambda s: outbox.server_image(s, table, lead_id(1)))["Company"] == "C"
    assert mirror.read(outbox.count_pending) == 0
    pull(mirror, table, lead(1, 6, Company="D"))
    assert mirror.read(lambda s: outbox.server_image(s, table, lead_id(1)))["Company"] == "D"
    put(mirror, table, 1, Company="mine")
    (entry,) = entries(mirror)
    assert (entry.base, entry.mine, entry.server, entry.state) == ("D", "mine", "D", "pending")


def test_a_record_removed_only_here_stays_away(mirror, table):
    def remove(session):
        image = outbox.server_image(session, table, lead_id(1))
        copies.keep(session, "Lead", lead_id(1), image, at=AT, here_only=True)

        overlay.remove(session, table, lead_id(1))
        overlay.remove(session, table, lead_id(1))

    mirror.write(remove)
    assert pull(mirror, table, lead(1, 9)).written == 0
    writer = RowWriter.for_json(table)
    mirror.write(lambda s: writer.load(s, [lead(1, 10)]))
    assert select(mirror, 'SELECT count(*) FROM "Lead"') == [(1,)]
    assert mirror.read(lambda s: copies.tombstones(s, "Lead")) == {lead_id(1)}
    create(mirror, table, LastName="New")
    create(mirror, table, LastName="New")
    assert mirror.read(copies.not_in_step) == {"Lead": -1}

    def sweep(session):
        sweeps.begin(session)
        sweeps.add(
            session, [(lead_id(1), stamp(0), False), (lead_id(2), stamp(0), False), (lead_id(3), stamp(0), False)]
        )
        return sweeps.wanted(session, table, "")[1]

    assert mirror.write(sweep) == [lead_id(3)]
    shadow.begin(mirror.writer, table)
    filled = RowWriter.for_json(shadow.shadow_of(table))
    mirror.write(lambda s: filled.fill(s, [lead(1), lead(2)]))
    mirror.write(lambda s: shadow.swap_loaded(s, table))
    assert select(mirror, 'SELECT "Id" FROM "Lead" WHERE "Id" LIKE \'00Q%\'') == [(lead_id(2),)]
    shadow.finish(mirror.writer, table)
    search.build(mirror.writer, table)
    assert mirror.write(lambda s: copies.prune(s, AT + timedelta(days=1))) == 0
    mirror.write(lambda s: copies.forget(s, "Lead", lead_id(1)))
    assert pull(mirror, table, lead(1, 9)).new == 1


def test_edits_of_an_object_that_is_out_of_sight_can_be_given_up(mirror, table):
    (seq,) = put(mirror, table, 1, Company="B")
    mirror.write(lambda s: s.conn.execute("UPDATE om_object SET has_table = 0 WHERE name = 'Lead'"))
    assert [e.seq for e in discard(mirror, seq)] == [seq]
    assert entries(mirror) == []
    mirror.write(
        lambda s: (
            s.conn.execute("UPDATE om_object SET has_table = 1 WHERE name = 'Lead'"),
            s.conn.execute('UPDATE "Lead" SET "Company" = \'Acme\''),
        )
    )


def test_what_was_deleted_while_it_was_being_made_and_was_not_made(mirror, table):
    _, temporary = create(mirror, table, LastName="New")
    seqs = [e.seq for e in entries(mirror)]
    sending(mirror, *seqs)
    delete(mirror, table, temporary)
    failed(mirror, *seqs)
    assert entries(mirror) == []
    assert select(mirror, 'SELECT count(*) FROM "Lead"') == [(2,)]


def test_a_delete_over_a_record_that_a_pull_brought_first(mirror, table):
    _, temporary = create(mirror, table, LastName="New")
    sending(mirror, *[e.seq for e in entries(mirror)])
    delete(mirror, table, temporary)
    pull(mirror, table, lead(7, 5, LastName="New", Name="New"))
    mirror.write(lambda s: outbox.adopt_id(s, "Lead", temporary, lead_id(7)))
    assert shown(mirror, 7, "IsDeleted") == 1
    assert select(mirror, "SELECT rows FROM om_object WHERE name = 'Lead'") == [(2,)]


def test_the_same_value_once_more_changes_nothing(mirror, table):
    (seq,) = put(mirror, table, 1, Company="B")
    assert put(mirror, table, 1, Company="B", group="other", at=AT + timedelta(hours=1)) == [seq]
    (entry,) = entries(mirror)
    assert (entry.group_id, entry.edited_at) == ("g", AT)
    assert [(e.seq, e.op, e.field) for e in mirror.read(outbox.pending)] == [(seq, "update", "Company")]
    assert mirror.read(outbox.count_conflicts) == 0


def test_a_delete_that_could_not_go_waits_again(mirror, table):
    seq = delete(mirror, table, 1)
    sending(mirror, seq)
    mirror.write(lambda s: outbox.back_to_pending(s, [seq]))
    assert collect(mirror) == [seq]
    sending(mirror, seq)
    # A sweep took the row out meanwhile; that Salesforce has deleted it is no news then.
    mirror.write(lambda s: overlay.remove(s, table, lead_id(1)))
    acknowledge(mirror, table, seq)
    assert entries(mirror) == []


def test_ids_are_adopted_for_an_object_that_is_out_of_sight(mirror, table, members):
    _, temporary = create(mirror, table, LastName="New")
    _, member = create(mirror, members, LeadId=temporary)
    for seen in (0, 1):
        sql = f"UPDATE om_object SET has_table = {seen}"
        mirror.write(lambda s, sql=sql: s.conn.execute(sql))
        mirror.write(lambda s: outbox.adopt_id(s, "Lead", temporary, lead_id(7)))
    assert mirror.read(lambda s: aliases.resolve(s, temporary)) == lead_id(7)
    assert [e.mine for e in entries(mirror) if e.field == "LeadId"] == [lead_id(7)]
    mirror.write(lambda s: s.conn.execute('UPDATE "CampaignMember" SET "LeadId" = ?', (lead_id(7),)))
    assert shown(mirror, member, "LeadId", "CampaignMember") == lead_id(7)
