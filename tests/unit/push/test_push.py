"""Edits of one side and both, against an org in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.mirror import conflicts
from core.model.conflicts import ConflictKind
from core.model.states import CycleOutcome
from tests.helpers.memory_org import refusal

if TYPE_CHECKING:
    from tests.unit.push.conftest import Rig


def test_an_edit_reaches_the_org_and_leaves_the_outbox(rig: Rig) -> None:
    lead = rig.add(LastName="Ames", City="Rome", AnnualRevenue=10)
    rig.edit(lead, City="Oslo", AnnualRevenue="12.50", HasOptedOutOfEmail=True)
    result = rig.push()
    assert (result.outcome, result.sent, result.pending) == (CycleOutcome.OK, 1, 0)
    there = rig.org.get("Lead", lead)
    assert (there["City"], there["AnnualRevenue"], there["HasOptedOutOfEmail"]) == ("Oslo", 12.5, True)
    assert rig.entries() == []
    assert rig.row(lead)["SystemModstamp"] == there["SystemModstamp"].replace("+0000", "Z")
    assert [name for name, _ in rig.org.calls] == ["retrieve", "update_one", "retrieve"]


def test_only_what_was_edited_goes_out(rig: Rig) -> None:
    lead = rig.add(LastName="Ames", City="Rome", Phone="1")
    rig.org.edit("Lead", lead, Phone="2")
    rig.edit(lead, City="Oslo")
    rig.push()
    assert rig.org.get("Lead", lead)["Phone"] == "2"
    assert rig.row(lead)["Phone"] == "2"


def test_the_same_field_on_both_sides_is_asked(rig: Rig) -> None:
    lead = rig.add(LastName="Ames", Phone="1", Company="A")
    rig.edit(lead, Phone="mine", Company="B")
    rig.org.edit("Lead", lead, Phone="theirs")
    result = rig.push()
    assert (result.sent, result.conflicts, result.outcome) == (1, 1, CycleOutcome.PROBLEMS)
    assert rig.org.get("Lead", lead)["Phone"] == "theirs"
    assert rig.org.get("Lead", lead)["Company"] == "B"
    [found] = rig.mirror.read(conflicts.waiting)
    assert (found.kind, found.field, found.base, found.mine, found.theirs) == (
        ConflictKind.FIELD,
        "Phone",
        "1",
        "mine",
        "theirs",
    )
    assert rig.row(lead)["Phone"] == "mine"
    assert rig.push().sent == 0


def test_equal_values_of_both_sides_converge(rig: Rig) -> None:
    lead = rig.add(LastName="Ames", Phone="1")
    rig.edit(lead, Phone="2")
    rig.org.edit("Lead", lead, Phone=" 2 ")
    result = rig.push()
    assert (result.sent, result.conflicts, result.pending) == (0, 0, 0)


def test_many_go_by_collections_and_one_bad_record_holds_up_nobody(rig: Rig) -> None:
    leads = [rig.add(LastName=f"L{i}") for i in range(5)]
    for lead in leads:
        rig.edit(lead, City="Oslo")
    rig.org.refusals[leads[2]] = refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Cities need a street", "City")
    result = rig.push()
    assert (result.sent, result.failed, result.pending) == (4, 1, 1)
    [entry] = rig.entries()
    assert (entry.state, entry.error_text) == ("needs-user", "Cities need a street")
    assert rig.push().sent == 0
    rig.edit(leads[2], City="Bergen")
    assert rig.push().sent == 1


def test_a_create_is_made_adopted_and_read_back(rig: Rig) -> None:
    temporary = rig.create(LastName="New", Company="N")
    member_of = rig.create("Campaign", Name="C")
    member = rig.create("CampaignMember", CampaignId=member_of, LeadId=temporary, Status="Sent")
    result = rig.push()
    assert (result.sent, result.pending, result.outcome) == (3, 0, CycleOutcome.OK)
    [there] = rig.org.rows["CampaignMember"].values()
    assert there["LeadId"] in rig.org.rows["Lead"]
    assert there["CampaignId"] in rig.org.rows["Campaign"]
    assert member
    [lead] = rig.org.rows["Lead"].values()
    assert rig.row(lead["Id"])["CreatedById"] == lead["CreatedById"]


def test_a_delete_goes_unless_somebody_changed_it(rig: Rig) -> None:
    first, second = rig.add(LastName="A"), rig.add(LastName="B", Phone="1")
    rig.delete(first)
    rig.delete(second)
    rig.org.edit("Lead", second, Phone="2")
    result = rig.push()
    assert (result.sent, result.conflicts) == (1, 1)
    assert rig.org.get("Lead", first)["IsDeleted"] is True
    assert rig.org.get("Lead", second)["IsDeleted"] is False
    [found] = rig.mirror.read(conflicts.waiting)
    assert found.kind is ConflictKind.DELETED_HERE
    assert found.details["changed"] == {"Phone": ["1", "2"]}
