"""What a push does about refusals, lost answers, newer values and records that are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.mirror import conflicts, outbox, problems
from core.model.conflicts import Choice, ConflictKind
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef
from core.model.states import CycleOutcome
from core.salesforce.errors import SalesforceError
from core.sync import conflict_acts
from core.sync.push_sending import PushSettings
from tests.helpers.memory_org import refusal
from tests.unit.push.test_creates import fails

if TYPE_CHECKING:
    from tests.unit.push.conftest import Rig


def decide(rig: Rig, choice: Choice, value: object = None) -> RecordRef:
    [found] = rig.mirror.read(conflicts.waiting)
    return rig.mirror.write(
        lambda s: conflict_acts.resolve(s, rig.mirror.tables(), found, choice, value, at=rig.now(), group_id="decided")
    )


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_of_an_update_is_looked_at_again(rig: Rig, when: str) -> None:
    lead = rig.add(LastName="A", City="Rome")
    rig.edit(lead, City="Oslo")
    rig.org.faults = [None, fails(when)]
    assert rig.push().outcome is CycleOutcome.ERROR
    rig.wait(40)
    result = rig.push()
    assert (result.pending, result.conflicts, rig.org.get("Lead", lead)["City"]) == (0, 0, "Oslo")


def test_our_own_value_that_arrived_unseen_is_no_foreign_change(rig: Rig) -> None:
    lead = rig.add(LastName="A", City="Rome")
    rig.edit(lead, City="Oslo")
    rig.org.faults = [None, fails("after")]
    rig.push()
    rig.pull("Lead", lead)
    rig.edit(lead, City="Bergen")
    rig.wait(40)
    result = rig.push()
    assert (result.pending, result.conflicts, rig.org.get("Lead", lead)["City"]) == (0, 0, "Bergen")


def test_an_edit_made_while_it_is_sent_survives(rig: Rig) -> None:
    lead = rig.add(LastName="A", City="Rome")
    rig.edit(lead, City="Oslo")

    def meanwhile(method: str, when: str) -> None:
        if when == "after":
            rig.edit(lead, City="Bergen")

    rig.org.faults = [None, meanwhile]
    rig.push()
    assert rig.org.get("Lead", lead)["City"] == "Bergen"
    assert rig.entries() == []


def test_an_edit_made_between_look_and_send_is_what_goes(rig: Rig) -> None:
    lead = rig.add(LastName="A", City="Rome")
    rig.edit(lead, City="Oslo")

    def meanwhile(method: str, when: str) -> None:
        if when == "after":
            rig.edit(lead, City="Bergen")

    rig.org.faults = [meanwhile]
    assert rig.push().sent == 1
    assert rig.org.get("Lead", lead)["City"] == "Bergen"
    assert ("update_one", 1) in rig.org.calls
    assert sum(1 for name, _ in rig.org.calls if name == "update_one") == 1


def test_a_newer_record_is_merged_again(rig: Rig) -> None:
    lead = rig.add(LastName="A", City="Rome", Phone="1")
    rig.edit(lead, City="Oslo")
    left = 2

    def colleague() -> None:
        nonlocal left
        if left:
            left -= 1
            rig.org.edit("Lead", lead, Phone=f"new {left}")

    rig.org.before_write = colleague
    assert rig.push().sent == 1
    assert rig.org.get("Lead", lead)["City"] == "Oslo"
    assert rig.org.get("Lead", lead)["Phone"] == "new 0"


def test_a_record_that_never_stands_still_is_left_for_later(rig: Rig) -> None:
    lead = rig.add(LastName="A", City="Rome", Phone="1")
    rig.edit(lead, City="Oslo")
    rig.org.before_write = lambda: rig.org.edit("Lead", lead, Phone=str(rig.org.now))
    result = rig.push()
    assert (result.sent, result.pending) == (0, 1)
    [entry] = rig.entries()
    assert entry.state == "retry"
    assert sum(1 for name, _ in rig.org.calls if name == "update_one") <= 4


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ({"IsDeleted": True}, ConflictKind.GONE_THERE),
        ({"IsDeleted": True, "MasterRecordId": "survivor"}, ConflictKind.MERGED_THERE),
        ({"IsConverted": True, "ConvertedContactId": "contact"}, ConflictKind.CONVERTED_THERE),
        (None, ConflictKind.HIDDEN_THERE),
    ],
)
def test_a_record_that_is_gone_there_waits_for_a_person(
    rig: Rig, what: dict[str, object] | None, kind: ConflictKind
) -> None:
    survivor = rig.add(LastName="S", City="Paris")
    contact = rig.add("Contact", LastName="C", MailingCity="Paris")
    lead = rig.add(LastName="A", City="Rome", Company="Acme")
    rig.edit(lead, City="Oslo")
    if what is None:
        del rig.org.rows["Lead"][lead]
    else:
        names = {"survivor": survivor, "contact": contact}
        rig.org.edit("Lead", lead, **{key: names.get(str(value), value) for key, value in what.items()})
    result = rig.push()
    assert (result.sent, result.conflicts) == (0, 1)
    [found] = rig.mirror.read(conflicts.waiting)
    assert found.kind is kind
    assert rig.push().conflicts == 1
    if kind in (ConflictKind.MERGED_THERE, ConflictKind.CONVERTED_THERE):
        ref = decide(rig, Choice.MOVE)
        assert ref.id == (survivor if kind is ConflictKind.MERGED_THERE else contact)
        assert rig.push().sent == 1
        name, field = ("Lead", "City") if kind is ConflictKind.MERGED_THERE else ("Contact", "MailingCity")
        assert rig.org.get(name, ref.id)[field] == "Oslo"
    elif kind is ConflictKind.GONE_THERE:
        ref = decide(rig, Choice.RECREATE)
        assert rig.push().sent == 1
        made = rig.mirror.read(lambda s: s.conn.execute("SELECT real_id FROM om_alias").get)
        assert rig.org.get("Lead", str(made))["City"] == "Oslo"
        assert rig.org.get("Lead", str(made))["Company"] == "Acme"
    else:
        decide(rig, Choice.DISCARD)
        assert rig.entries() == []


@pytest.mark.parametrize("choice", [Choice.MINE, Choice.THEIRS, Choice.VALUE])
def test_a_field_conflict_is_decided(rig: Rig, choice: Choice) -> None:
    lead = rig.add(LastName="A", Phone="1")
    rig.edit(lead, Phone="mine")
    rig.org.edit("Lead", lead, Phone="theirs")
    rig.push()
    decide(rig, choice, "third")
    result = rig.push()
    expected = {Choice.MINE: "mine", Choice.THEIRS: "theirs", Choice.VALUE: "third"}[choice]
    assert rig.org.get("Lead", lead)["Phone"] == expected
    assert rig.row(lead)["Phone"] == expected
    assert (result.conflicts, result.pending) == (0, 0)
    if choice is not Choice.VALUE:
        [kept] = rig.mirror.read(conflicts.decided)
        rig.mirror.write(lambda s: conflict_acts.bring_back(s, rig.mirror.tables(), kept, at=rig.now(), group_id="b"))
        rig.push()
        assert rig.org.get("Lead", lead)["Phone"] == {"mine": "theirs", "theirs": "mine"}[expected]


def test_a_decision_against_a_still_newer_value_is_asked_again(rig: Rig) -> None:
    lead = rig.add(LastName="A", Phone="1")
    rig.edit(lead, Phone="mine")
    rig.org.edit("Lead", lead, Phone="theirs")
    rig.push()
    decide(rig, Choice.MINE)
    rig.org.edit("Lead", lead, Phone="newer")
    result = rig.push()
    assert (result.conflicts, rig.org.get("Lead", lead)["Phone"]) == (1, "newer")


@pytest.mark.parametrize(("policy", "there"), [("mine", "mine"), ("salesforce", "theirs"), ("newest", "theirs")])
def test_a_policy_decides_and_keeps_what_lost(rig: Rig, policy: str, there: str) -> None:
    rig.mirror.write(lambda s: conflicts.set_policy(s, "Lead", None, policy))
    lead = rig.add(LastName="A", Phone="1")
    rig.edit(lead, Phone="mine")
    rig.org.edit("Lead", lead, Phone="theirs")
    result = rig.push()
    assert (result.conflicts, result.pending) == (0, 0)
    assert rig.org.get("Lead", lead)["Phone"] == there
    assert rig.row(lead)["Phone"] == there
    [kept] = rig.mirror.read(conflicts.decided)
    assert (kept.policy, kept.mine, kept.theirs) == (policy, "mine", "theirs")


def test_parts_of_a_name_are_one_unit(rig: Rig) -> None:
    lead = rig.add(FirstName="Ann", LastName="Ames")
    rig.edit(lead, LastName="Bell")
    rig.org.edit("Lead", lead, FirstName="Zoe")
    result = rig.push()
    assert (result.sent, result.conflicts) == (0, 1)
    [found] = rig.mirror.read(conflicts.waiting)
    assert found.details["unit"] == {"FirstName": "Zoe"}
    decide(rig, Choice.MINE)
    assert rig.push().sent == 1
    assert (rig.org.get("Lead", lead)["FirstName"], rig.org.get("Lead", lead)["LastName"]) == ("Zoe", "Bell")


def test_a_pull_in_between_does_not_hide_a_change_of_the_unit(rig: Rig) -> None:
    lead = rig.add(FirstName="Ann", LastName="Ames")
    rig.edit(lead, LastName="Bell")
    rig.org.faults = [None, fails("before")]
    rig.push()
    rig.org.edit("Lead", lead, FirstName="Zoe")
    rig.pull("Lead", lead)
    rig.wait(40)
    assert rig.push().conflicts == 1


def test_a_lock_is_tried_a_few_times_and_then_later(rig: Rig) -> None:
    first, second = rig.add(LastName="A"), rig.add(LastName="B")
    for lead in (first, second):
        rig.edit(lead, City="Oslo")
    rig.org.refusals[first] = refusal("UNABLE_TO_LOCK_ROW")
    assert rig.push().sent == 2
    assert rig.slept
    rig.org.keep_refusals = True
    rig.org.refusals[first] = refusal("UNABLE_TO_LOCK_ROW")
    rig.edit(first, City="Bergen")
    result = rig.push()
    assert (result.sent, result.pending, result.failed) == (0, 1, 0)
    [entry] = rig.entries()
    assert entry.state == "retry"
    assert 3 <= sum(1 for name, _ in rig.org.calls[-20:] if name == "update_one") <= 6


def test_a_field_that_may_not_be_written_waits_and_the_others_go(rig: Rig) -> None:
    lead = rig.add(LastName="A", City="Rome", Phone="1")
    rig.edit(lead, City="Oslo", Phone="2")
    rig.org.refusals[lead] = refusal(
        "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: Phone.", "Phone"
    )
    result = rig.push()
    assert (result.sent, result.failed) == (1, 1)
    assert rig.org.get("Lead", lead)["City"] == "Oslo"
    [entry] = rig.entries()
    assert (entry.field, entry.state) == ("Phone", "needs-user")
    [problem] = rig.mirror.read(problems.open_problems)
    assert (problem.code, problem.field) == (ErrorCode.PUSH_FIELD_REFUSED, "Phone")


def test_a_request_that_is_too_much_is_halved(rig: Rig) -> None:
    ids = [rig.add(LastName=f"L{i}") for i in range(4)]
    for lead in ids:
        rig.edit(lead, City="Oslo")
    rig.org.faults = [None, fails("before", SalesforceError(400, "JSON_PARSER_ERROR", "no"))]
    assert rig.push().sent == 4


def test_automation_that_fails_for_many_is_tried_singly(rig: Rig) -> None:
    ids = [rig.add(LastName=f"L{i}") for i in range(2)]
    for lead in ids:
        rig.edit(lead, City="Oslo")
        rig.org.refusals[lead] = refusal("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "LeadTrigger")
    assert rig.push().sent == 2


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (OrgMirrorError(ErrorCode.UNKNOWN_HOST, host="x"), CycleOutcome.ERROR),
        (OrgMirrorError(ErrorCode.SIGN_IN_NEEDED), CycleOutcome.SIGN_IN_NEEDED),
        (SalesforceError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), CycleOutcome.BUDGET),
    ],
)
def test_what_concerns_everything_stops_and_nothing_is_lost(
    rig: Rig, error: OrgMirrorError, outcome: CycleOutcome
) -> None:
    lead = rig.add(LastName="A")
    rig.edit(lead, City="Oslo")
    rig.org.faults = [None, fails("before", error)]
    assert rig.push().outcome is outcome
    [entry] = rig.entries()
    assert entry.state == "pending"
    assert rig.push().sent == 1


def test_a_mass_change_waits_for_a_word(rig: Rig) -> None:
    from core.sync.push import confirm_mass, pending_question

    rig.settings = PushSettings(mass_limit=2)
    ids = [rig.add(LastName=f"L{i}") for i in range(3)]
    for lead in ids:
        rig.edit(lead, City="Oslo", group="act")
    single = rig.add(LastName="S")
    rig.edit(single, City="Rome")
    result = rig.push()
    assert (result.sent, result.held, result.outcome) == (1, 3, CycleOutcome.PROBLEMS)
    question = pending_question(rig.mirror, rig.settings)
    assert question is not None
    confirm_mass(rig.mirror, question)
    assert rig.push().sent == 3


def test_deletes_are_resolved_both_ways(rig: Rig) -> None:
    for choice in (Choice.MINE, Choice.THEIRS):
        lead = rig.add(LastName="A", Phone="1")
        rig.delete(lead)
        rig.org.edit("Lead", lead, Phone="2")
        rig.push()
        decide(rig, choice)
        assert rig.push().conflicts == 0
        assert rig.org.get("Lead", lead)["IsDeleted"] is (choice is Choice.MINE)
        assert rig.entries() == []


def test_a_delete_of_what_is_gone_is_done(rig: Rig) -> None:
    lead = rig.add(LastName="A")
    rig.delete(lead)
    rig.org.edit("Lead", lead, IsDeleted=True)
    assert rig.push().pending == 0


def test_a_dead_process_in_mid_update_is_taken_up(rig: Rig) -> None:
    lead = rig.add(LastName="A", City="Rome")
    rig.edit(lead, City="Oslo")
    rig.org.faults = [None, fails("after", KeyboardInterrupt())]
    with pytest.raises(KeyboardInterrupt):
        rig.push()
    assert {e.state for e in rig.entries()} == {outbox.SENDING}
    result = rig.push()
    assert (result.pending, rig.org.get("Lead", lead)["City"]) == (0, "Oslo")


def test_thousands_go_by_a_job_merged_first(rig: Rig) -> None:
    rig.settings = PushSettings(bulk_from=3, mass_limit=0)
    ids = [rig.add(LastName=f"L{i}", Phone="1") for i in range(5)]
    for lead in ids:
        rig.edit(lead, Phone="2", City="Oslo")
    rig.org.edit("Lead", ids[0], Phone="theirs")
    rig.org.refusals[ids[1]] = refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION")
    result = rig.push()
    assert ("update_bulk", 5) in rig.org.calls
    assert (result.conflicts, result.sent) == (1, 4)
    assert rig.org.get("Lead", ids[0])["Phone"] == "theirs"
    assert rig.org.get("Lead", ids[0])["City"] == "Oslo"
