"""Merges and conversions: who became whom, both ways, with the children, and what a merge lost."""

from __future__ import annotations

from core.mirror import history, kin
from core.mirror.kin import Link
from core.model.refs import RecordRef
from core.model.states import CycleOutcome, Operation
from tests.day.conftest import Day
from tests.helpers.demo_rig import DemoRig


def links(rig: DemoRig, name: str, record_id: str) -> set[tuple[Link, str, str, bool]]:
    tables = rig.mirror.tables()
    found = rig.mirror.read(lambda s: kin.links(s.conn, tables, RecordRef(name, record_id)))
    return {(item.link, item.ref.object, item.ref.id, item.here) for item in found}


def test_a_merge_is_linked_both_ways_and_tells_what_it_lost(day: Day) -> None:
    world, rig = day
    leads = [row for row in rig.rows("Lead") if not (row["IsDeleted"] or row["IsConverted"])]
    master, loser = leads[0]["Id"], leads[1]["Id"]
    world.do("update", name="Lead", record_id=master, values={"Title": "Kept", "Fax": None})
    world.do("update", name="Lead", record_id=loser, values={"Title": "Lost", "Fax": "+49 1"})
    assert rig.cycle().outcome is CycleOutcome.OK
    world.do("merge", name="Lead", master=master, losers=[loser])
    assert rig.cycle().outcome is CycleOutcome.OK
    assert links(rig, "Lead", loser) == {(Link.MERGED_INTO, "Lead", master, True)}
    assert links(rig, "Lead", master) == {(Link.MERGED_FROM, "Lead", loser, True)}
    tables = rig.mirror.tables()
    lost = rig.mirror.read(lambda s: kin.lost(s.conn, tables, RecordRef("Lead", master)))
    by_field = {item.field: (item.loser_id, item.value, item.kept) for item in lost}
    assert by_field["Title"] == (loser, "Lost", "Kept")
    assert not {"Id", "IsDeleted", "SystemModstamp", "MasterRecordId"} & by_field.keys()
    assert lost == rig.mirror.read(lambda s: kin.lost(s.conn, tables, RecordRef("Lead", loser)))
    # The loser's row goes for good; that it was merged is known all the same.
    world.do("purge", name="Lead", record_id=loser)
    rig.reconcile(("Lead",))
    assert loser not in {row["Id"] for row in rig.rows("Lead")}
    assert links(rig, "Lead", master) == {(Link.MERGED_FROM, "Lead", loser, False)}


def test_a_conversion_is_linked_both_ways_with_its_opportunity_and_activities(day: Day) -> None:
    world, rig = day
    with_tasks = {row["WhoId"] for row in rig.rows("Task") if not row["IsDeleted"]}
    leads = [row["Id"] for row in rig.rows("Lead") if not (row["IsDeleted"] or row["IsConverted"])]
    lead = next(each for each in leads if each in with_tasks)
    world.do("convert", lead_id=lead, account_id=None, opportunity_name="From the lead")
    assert rig.cycle().outcome is CycleOutcome.OK
    became = links(rig, "Lead", lead)
    assert {(link, name, here) for link, name, _, here in became} == {
        (Link.CONVERTED_TO, name, True) for name in ("Contact", "Account", "Opportunity")
    }
    for _, name, record_id, _ in became:
        assert (Link.CONVERTED_FROM, "Lead", lead, True) in links(rig, name, record_id)
    contact = next(record_id for _, name, record_id, _ in became if name == "Contact")
    who = {row["WhoId"] for row in rig.rows("Task") if not row["IsDeleted"]}
    assert lead not in who
    assert contact in who
    assert rig.differences({"Lead", "Contact", "Account", "Opportunity", "Task"}) == []
    steps = rig.mirror.read(lambda s: history.find(s, operations=[Operation.CONVERSIONS]))
    assert "Task" in {step.object for step in steps}
