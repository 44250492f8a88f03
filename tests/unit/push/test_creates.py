"""Records made here are made once there, whatever becomes of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.mirror import aliases, conflicts
from core.model.conflicts import Choice, ConflictKind
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import CycleOutcome
from core.salesforce.errors import SalesforceError
from core.sync import conflict_acts, push_sending
from core.sync.push_creates import use_external_id
from core.sync.push_sending import PushSettings
from tests.helpers.memory_org import ME, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.push.conftest import Rig

LOST = OrgMirrorError(ErrorCode.TIMED_OUT, host="org")


def fails(when: str, error: BaseException = LOST, methods: tuple[str, ...] = ()) -> Callable[[str, str], None]:
    """A fault that raises before or after the work."""

    def fault(method: str, now: str) -> None:
        if now == when and (not methods or method in methods):
            raise error

    return fault


def leads(rig: Rig) -> list[dict[str, object]]:
    return [row for row in rig.org.rows.get("Lead", {}).values() if not row["IsDeleted"]]


def plain(rig: Rig) -> None:
    rig.settings = PushSettings(use_keys=False)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_is_looked_up_before_anything_is_sent_again(rig: Rig, when: str) -> None:
    plain(rig)
    temporary = rig.create(LastName="New", Company="N", AnnualRevenue="12.50")
    rig.org.faults = [fails(when)]
    result = rig.push()
    assert result.outcome is CycleOutcome.ERROR
    assert {e.state for e in rig.entries()} == {"ambiguous"}
    rig.wait(40)
    rig.push()
    if when == "after":
        assert rig.entries() == []
        assert rig.mirror.read(lambda s: aliases.resolve(s, temporary)) == leads(rig)[0]["Id"]
    else:
        assert {e.state for e in rig.entries()} == {"ambiguous"}
        rig.wait(9 * 60)
        rig.push()
        rig.wait(40)
        rig.push()
        assert rig.entries() == []
    assert len(leads(rig)) == 1


def test_a_create_that_commits_minutes_later_is_found(rig: Rig) -> None:
    plain(rig)
    rig.create(LastName="Late", Company="N")
    rig.org.faults = [fails("before")]
    rig.push()
    for _ in range(4):
        rig.wait(60)
        assert rig.push().sent == 0
    rig.org.put("Lead", {"LastName": "late", "Company": "N"}, by=ME)
    rig.wait(60)
    assert rig.push().sent == 1
    assert len(leads(rig)) == 1
    assert rig.entries() == []


def test_two_alike_are_told_apart_by_their_number(rig: Rig) -> None:
    plain(rig)
    for _ in range(2):
        rig.create(LastName="Twin", Company="N")
    rig.org.faults = [fails("after")]
    rig.push()
    rig.wait(40)
    result = rig.push()
    assert (result.sent, result.pending) == (2, 0)
    assert len(leads(rig)) == 2


def test_several_candidates_are_asked_about(rig: Rig) -> None:
    plain(rig)
    temporary = rig.create(LastName="One", Company="N")
    rig.org.faults = [fails("before")]
    rig.push()
    ids = [rig.org.put("Lead", {"LastName": "One", "Company": "N"}, by=ME) for _ in range(2)]
    rig.wait(40)
    result = rig.push()
    assert result.conflicts == 1
    [found] = rig.mirror.read(conflicts.waiting)
    assert found.kind is ConflictKind.SEVERAL_CANDIDATES
    assert sorted(found.details["candidates"]) == sorted(ids)
    ref = rig.mirror.write(
        lambda s: conflict_acts.resolve(s, rig.mirror.tables(), found, Choice.ADOPT, ids[1], at=rig.now(), group_id="g")
    )
    assert ref.id == ids[1]
    assert rig.entries() == []
    assert rig.mirror.read(lambda s: aliases.resolve(s, temporary)) == ids[1]


def test_a_key_that_is_honoured_makes_a_repeat_harmless(rig: Rig) -> None:
    rig.create(LastName="First", Company="N")
    rig.push()
    assert [name for name, _ in rig.org.calls] == ["create_keyed", "retrieve", "honours_keys"]
    rig.create(LastName="Second", Company="N")
    rig.org.faults = [fails("after")]
    rig.push()
    rig.wait(40)
    rig.org.calls.clear()
    assert rig.push().sent == 1
    assert [name for name, _ in rig.org.calls] == ["create_keyed", "retrieve"]
    assert len(leads(rig)) == 2


def test_a_key_that_is_not_honoured_is_not_trusted(rig: Rig) -> None:
    rig.org.honours = False
    rig.create(LastName="First", Company="N")
    rig.push()
    rig.create(LastName="Second", Company="N")
    rig.org.faults = [fails("after")]
    rig.push()
    rig.wait(40)
    rig.push()
    assert len(leads(rig)) == 2
    assert rig.entries() == []


def test_where_no_keyed_way_is_offered_the_usual_one_is_taken(rig: Rig) -> None:
    rig.org.keyed_offered = False
    rig.create(LastName="First", Company="N")
    assert rig.push().sent == 1
    assert [name for name, _ in rig.org.calls] == ["create", "retrieve"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_external_id_makes_a_repeat_harmless(rig: Rig, when: str) -> None:
    rig.mirror.write(lambda s: use_external_id(s, "Lead", "Key__c"))
    rig.create(LastName="New", Company="N")
    rig.org.faults = [fails(when)]
    rig.push()
    rig.wait(40)
    assert rig.push().sent == 1
    assert len(leads(rig)) == 1
    assert len(str(leads(rig)[0]["Key__c"])) == 18


def test_a_process_that_died_after_the_answer_knows_the_id(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    plain(rig)
    temporary = rig.create(LastName="New", Company="N")

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(push_sending, "acknowledge_all", dies)
        with pytest.raises(KeyboardInterrupt):
            rig.push()
    assert {e.state for e in rig.entries()} == {"sending"}
    rig.org.calls.clear()
    rig.push()
    assert rig.entries() == []
    assert rig.org.calls == []
    assert rig.mirror.read(lambda s: aliases.resolve(s, temporary)) == leads(rig)[0]["Id"]


def test_what_was_added_while_it_was_sent_follows(rig: Rig) -> None:
    plain(rig)
    temporary = rig.create(LastName="New", Company="N")

    def meanwhile(method: str, when: str) -> None:
        if when == "after":
            rig.edit(temporary, City="Oslo", Company="M")

    rig.org.faults = [meanwhile]
    result = rig.push()
    assert result.pending == 0
    [there] = leads(rig)
    assert (there["City"], there["Company"]) == ("Oslo", "M")
    assert len(leads(rig)) == 1


def test_children_wait_for_a_parent_that_was_refused(rig: Rig) -> None:
    campaign = rig.create("Campaign", Name="C")
    rig.create("CampaignMember", CampaignId=campaign, LeadId=rig.add(LastName="A"))
    rig.org.refusals["*"] = refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Not so")
    result = rig.push()
    assert (result.sent, result.failed) == (0, 1)
    assert "CampaignMember" not in rig.org.rows
    rig.edit(campaign, "Campaign", Name="D")
    assert rig.push().sent == 2


def test_a_duplicate_rule_waits_for_a_person_with_its_matches(rig: Rig) -> None:
    rig.create(LastName="Twin", Company="N")
    details = {
        "errorCode": "DUPLICATES_DETECTED",
        "duplicateResut": {
            "allowSave": True,
            "duplicateRule": "Leads",
            "errorMessage": "Use one of these records?",
            "matchResults": [
                {
                    "entityType": "Lead",
                    "rule": "Match",
                    "matchRecords": [{"matchConfidence": 100.0, "record": {"attributes": {"type": "Lead"}, "Id": ME}}],
                }
            ],
        },
    }
    rig.org.refusals["Twin"] = SalesforceError(400, "DUPLICATES_DETECTED", "Use one of these records?", details=details)
    rig.push()
    assert {e.error_code for e in rig.entries()} == {"push-duplicates"}


def test_a_value_taken_by_our_own_lost_create_is_that_record(rig: Rig) -> None:
    plain(rig)
    rig.create(LastName="New", Company="N", Key__c="k")
    rig.org.faults = [fails("before")]
    rig.push()
    rig.wait(11 * 60)
    made = rig.org.put("Lead", {"LastName": "Other", "Key__c": "k"}, by=ME)
    rig.org.refusals["New"] = refusal(
        "DUPLICATE_VALUE", f"duplicate value found: Key__c duplicates value on record with id: {made}"
    )
    rig.push()
    rig.push()
    assert {e.error_code for e in rig.entries()} == {"push-duplicate-value"}
