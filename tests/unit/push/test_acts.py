"""What a person decides, and deletes that meet trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.mirror import aliases, conflicts, outbox, sends
from core.model.conflicts import Choice
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import CycleOutcome
from core.salesforce.errors import SalesforceError
from core.sync import conflict_acts
from core.sync.push_sending import PushSettings
from tests.helpers.memory_org import ME, refusal
from tests.unit.push.test_creates import fails
from tests.unit.push.test_trouble import decide

if TYPE_CHECKING:
    from tests.unit.push.conftest import Rig


def lost_create(rig: Rig, count: int = 2) -> tuple[str, list[str]]:
    """A create without an answer and that many records that may be it; its temporary id and theirs."""
    rig.settings = PushSettings(use_keys=False)
    temporary = rig.create(LastName="One", Company="N")
    rig.org.faults = [fails("before")]
    rig.push()
    ids = [rig.org.put("Lead", {"LastName": "One", "Company": "N"}, by=ME) for _ in range(count)]
    rig.wait(40)
    rig.push()
    return temporary, ids


def test_a_lost_create_may_be_sent_again_or_given_up(rig: Rig) -> None:
    temporary, ids = lost_create(rig)
    decide(rig, Choice.RECREATE)
    assert rig.push().sent == 1
    real = rig.mirror.read(lambda s: aliases.resolve(s, temporary))
    assert real not in ids
    lost_create(rig, 3)
    decide(rig, Choice.DISCARD)
    assert rig.entries() == []


def test_only_a_candidate_can_be_adopted(rig: Rig) -> None:
    lost_create(rig)
    with pytest.raises(OrgMirrorError) as raised:
        decide(rig, Choice.ADOPT, "00Q000000009999AAA")
    assert raised.value.code is ErrorCode.NO_SUCH_CHOICE
    assert len(rig.mirror.read(conflicts.waiting)) == 1, "a choice that cannot be made decides nothing"


def test_choices_that_do_not_fit_are_refused(rig: Rig) -> None:
    lead = rig.add(LastName="A", Phone="1")
    rig.edit(lead, Phone="mine")
    rig.org.edit("Lead", lead, Phone="theirs")
    rig.push()
    with pytest.raises(OrgMirrorError) as raised:
        decide(rig, Choice.MOVE)
    assert raised.value.code is ErrorCode.NO_SUCH_CHOICE
    [found] = rig.mirror.read(conflicts.waiting)
    with pytest.raises(OrgMirrorError) as raised:
        rig.mirror.write(lambda s: conflict_acts.bring_back(s, rig.mirror.tables(), found, at=rig.now(), group_id="g"))
    assert raised.value.code is ErrorCode.NO_SUCH_CONFLICT
    decide(rig, Choice.THEIRS)
    with pytest.raises(OrgMirrorError) as raised:
        rig.mirror.write(
            lambda s: conflict_acts.resolve(
                s,
                rig.mirror.tables(),
                conflicts.get(s, found.conflict_id),
                Choice.MINE,
                None,
                at=rig.now(),
                group_id="g",
            )
        )
    assert raised.value.code is ErrorCode.NO_SUCH_CONFLICT
    with pytest.raises(OrgMirrorError) as raised:
        rig.mirror.read(lambda s: conflicts.get(s, 4711))
    assert raised.value.code is ErrorCode.NO_SUCH_CONFLICT


def test_a_survivor_that_is_not_here_keeps_the_question(rig: Rig) -> None:
    lead = rig.add(LastName="A", City="Rome")
    rig.edit(lead, City="Oslo")
    rig.org.edit("Lead", lead, IsConverted=True)
    rig.push()
    with pytest.raises(OrgMirrorError) as raised:
        decide(rig, Choice.MOVE)
    assert raised.value.code is ErrorCode.NO_SUCH_RECORD
    assert len(rig.mirror.read(conflicts.waiting)) == 1


def test_a_new_record_is_one_that_is_there(rig: Rig) -> None:
    known = rig.add(LastName="Known", Company="K")
    campaign = rig.add("Campaign", Name="C")
    temporary = rig.create(LastName="Twin", Company="N")
    rig.create("CampaignMember", CampaignId=campaign, LeadId=temporary)
    rig.org.refusals["Twin"] = refusal("DUPLICATES_DETECTED", "Use one of these records?")
    rig.push()
    ref = rig.mirror.write(lambda s: conflict_acts.link(s, rig.table(), temporary, known))
    assert ref.id == known
    assert rig.push().pending == 0
    [member] = rig.org.rows["CampaignMember"].values()
    assert member["LeadId"] == known
    assert rig.org.get("Lead", known)["Company"] == "K"
    with pytest.raises(OrgMirrorError):
        rig.mirror.write(lambda s: conflict_acts.link(s, rig.table(), temporary, "00Q000000009999AAA"))


def test_saving_in_spite_of_duplicates_tells_salesforce_so(rig: Rig) -> None:
    lead = rig.add(LastName="A")
    rig.edit(lead, Phone="1")
    rig.org.refusals[lead] = refusal("DUPLICATES_DETECTED", "Use one of these records?")
    rig.push()
    rig.mirror.write(lambda s: sends.allow_duplicates(s, "Lead", lead))
    rig.mirror.write(lambda s: outbox.back_to_pending(s, [e.seq for e in outbox.entries(s)]))
    assert rig.push().sent == 1
    assert rig.org.options[-1].allow_duplicates is True
    rig.edit(lead, Phone="2")
    rig.push()
    assert rig.org.options[-1].allow_duplicates is False, "it was said of that one save"


@pytest.mark.parametrize(
    ("error", "state", "outcome"),
    [
        (OrgMirrorError(ErrorCode.UNKNOWN_HOST, host="x"), "pending", CycleOutcome.ERROR),
        (OrgMirrorError(ErrorCode.TIMED_OUT, host="x"), "retry", CycleOutcome.ERROR),
        (SalesforceError(503, "SERVER_UNAVAILABLE", None), "retry", CycleOutcome.OK),
    ],
)
def test_a_delete_whose_answer_was_lost_is_looked_at_again(
    rig: Rig, error: OrgMirrorError, state: str, outcome: CycleOutcome
) -> None:
    lead = rig.add(LastName="A")
    rig.delete(lead)
    rig.org.faults = [None, fails("after", error)]
    assert rig.push().outcome is outcome
    assert [e.state for e in rig.entries()] == [state]
    rig.wait(60)
    assert rig.push().pending == 0
    assert rig.org.get("Lead", lead)["IsDeleted"] is True


def test_deletes_meet_refusals_one_by_one(rig: Rig) -> None:
    answers: dict[str, Any] = {
        "UNABLE_TO_LOCK_ROW": None,
        "TOO_MANY_APEX_REQUESTS": "retry",
        "DELETE_FAILED": "needs-user",
        "APEX_ERROR": None,
        "ENTITY_IS_DELETED": "needs-user",
    }
    leads = {code: rig.add(LastName=code) for code in answers}
    for code, lead in leads.items():
        rig.delete(lead)
        rig.org.refusals[lead] = refusal(code, "words")
    rig.push()
    states = {e.record_id: e.state for e in rig.entries()}
    assert {code: states.get(lead) for code, lead in leads.items()} == answers


def test_a_list_of_deletes_that_is_too_much_is_halved(rig: Rig) -> None:
    for number in range(3):
        rig.delete(rig.add(LastName=str(number)))
    too_much = SalesforceError(400, "JSON_PARSER_ERROR", "no")
    rig.org.faults = [None, fails("before", too_much), None, None, None, fails("before", too_much)]
    result = rig.push()
    assert (result.sent, result.failed) == (2, 1)


def test_a_delete_is_not_stopped_by_a_change_that_shows_nothing(rig: Rig) -> None:
    lead = rig.add(LastName="A")
    rig.delete(lead)
    rig.org.edit("Lead", lead)
    assert rig.push().pending == 0


def test_a_field_that_can_no_longer_be_read_waits_and_the_others_go(rig: Rig) -> None:
    first, second = rig.add(LastName="A"), rig.add(LastName="B")
    rig.edit(first, Phone="1", City="Oslo")
    rig.edit(second, Phone="2")
    hidden = SalesforceError(400, "INVALID_FIELD", "No such column 'Phone' on entity 'Lead'")
    rig.org.faults = [fails("before", hidden)]
    result = rig.push()
    assert (result.sent, result.failed) == (1, 2)
    assert rig.org.get("Lead", first)["City"] == "Oslo"
    assert {e.field for e in rig.entries()} == {"Phone"}


def test_an_object_that_cannot_be_read_at_all_holds_up_no_other(rig: Rig) -> None:
    rig.edit(rig.add(LastName="A"), City="Oslo")
    campaign = rig.add("Campaign", Name="C")
    rig.edit(campaign, "Campaign", Name="D")
    unreadable = SalesforceError(400, "INVALID_TYPE", "sObject type 'X' is not supported")

    def fault(method: str, when: str) -> None:
        if when == "before":
            raise unreadable

    rig.org.faults = [fault]
    result = rig.push()
    assert result.sent == 1
    assert result.pending == 1


def test_what_cannot_be_read_back_is_acknowledged_all_the_same(rig: Rig) -> None:
    lead = rig.add(LastName="A")
    rig.edit(lead, City="Oslo")
    rig.org.faults = [None, None, fails("before")]
    result = rig.push()
    assert (result.sent, result.pending) == (1, 0)
    assert rig.row(lead)["City"] == "Oslo"
    rig.edit(lead, City="Bergen")
    rig.org.faults = [None, None, fails("before", SalesforceError(400, "INVALID_FIELD", "No such column"))]
    assert rig.push().pending == 0
