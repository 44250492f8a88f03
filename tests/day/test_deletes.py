"""Deletes, restores, purges, and what is done here with deleted records: flag, remove, ask, purge after a time."""

from __future__ import annotations

from typing import Any

from core.mirror import deleted, history, objects, preferences, problems
from core.model.errors import ErrorCode
from core.model.states import CycleOutcome, Operation, ProblemKind
from tests.day.conftest import Day
from tests.helpers.demo_rig import DemoRig
from tests.stateful.world import World


def ok(rig: DemoRig) -> Any:
    result = rig.cycle()
    assert result.outcome is CycleOutcome.OK, result
    return result


def policy(rig: DemoRig, name: str, value: str) -> None:
    sql = "UPDATE om_object SET delete_policy = ? WHERE name = ?"
    rig.mirror.write(lambda s: s.conn.execute(sql, (value, name)).fetchall())


def here(rig: DemoRig, name: str) -> dict[str, int]:
    return {row["Id"]: row["IsDeleted"] for row in rig.rows(name)}


def asks(rig: DemoRig, name: str) -> list[int]:
    found = rig.mirror.read(lambda s: problems.open_problems(s, name))
    return [p.params["count"] for p in found if p.code is ErrorCode.DELETED_ASKS and p.kind is ProblemKind.DELETED]


def one(world: World, name: str, place: int) -> str:
    found = world.one(name, place)
    assert found is not None
    return found


def test_a_deleted_record_stays_flagged_and_a_restored_one_is_alive_again(day: Day) -> None:
    world, rig = day
    lead = one(world, "Lead", 3)
    world.delete("Lead", 3)
    ok(rig)
    assert here(rig, "Lead")[lead] == 1
    steps = rig.mirror.read(lambda s: history.find(s, operations=[Operation.PULL_DELETES], objects=["Lead"]))
    assert [(step.deleted, step.status) for step in steps] == [(1, "ok")]
    listed = rig.mirror.read(lambda s: deleted.listed(s.conn, rig.mirror.tables()["Lead"]))
    assert lead in [item.ref.id for item in listed]
    world.do("undelete", name="Lead", record_id=lead)
    ok(rig)
    assert here(rig, "Lead")[lead] == 0
    assert rig.differences({"Lead"}) == []


def test_what_a_delete_takes_along_is_deleted_here_too(day: Day) -> None:
    world, rig = day
    account = next(row["AccountId"] for row in rig.rows("Contact") if row["AccountId"] and not row["IsDeleted"])
    world.do("delete", name="Account", record_id=account)
    ok(rig)
    children = [row for row in rig.rows("Contact") if row["AccountId"] == account]
    assert children
    assert {row["IsDeleted"] for row in children} == {1}
    assert rig.differences({"Account", "Contact", "Opportunity"}) == []


def test_a_purge_is_known_by_the_log_of_deletions(day: Day) -> None:
    """The row is in no query's answer any more; getDeleted alone names it."""
    world, rig = day
    lead = one(world, "Lead", 2)
    world.purge("Lead", 2, binned=False)
    ok(rig)
    assert lead not in here(rig, "Lead")
    assert rig.differences({"Lead"}) == []


def test_a_purge_out_of_the_recycle_bin_leaves_the_table_with_the_hourly_count(day: Day) -> None:
    world, rig = day
    lead = one(world, "Lead", 2)
    world.delete("Lead", 2)
    ok(rig)
    world.do("purge", name="Lead", record_id=lead)
    world.advance(2 * 3600)
    ok(rig)
    assert lead not in here(rig, "Lead")
    assert rig.differences({"Lead"}) == []


def test_late_rows_of_a_long_transaction_are_not_lost(day: Day) -> None:
    world, rig = day
    world.hold()
    world.create("Lead", 1, 0)
    world.edit("Account", 2, 1, 3, 0)
    world.advance(500)
    world.touch("Lead", 5)
    ok(rig)
    world.end(0, commit=True)
    world.advance(300)
    ok(rig)
    assert rig.differences({"Lead", "Account"}) == []


def test_removed_records_leave_and_are_not_fetched_again(day: Day) -> None:
    world, rig = day
    policy(rig, "Lead", "remove")
    lead, kept = one(world, "Lead", 3), one(world, "Contact", 3)
    world.delete("Lead", 3)
    world.delete("Contact", 3)
    ok(rig)
    assert lead not in here(rig, "Lead")
    assert here(rig, "Contact")[kept] == 1
    # Neither the count nor the sweep takes them for missing.
    world.advance(26 * 3600)
    ok(rig)
    swept = {item.object: item for item in rig.reconcile(("Lead",))}
    assert swept["Lead"].drift == 0
    assert lead not in here(rig, "Lead")
    world.do("undelete", name="Lead", record_id=lead)
    ok(rig)
    assert here(rig, "Lead")[lead] == 0
    assert not rig.mirror.read(lambda s: deleted.any_of(s, "Lead"))


def test_an_object_that_asks_keeps_them_until_a_person_decides(day: Day) -> None:
    world, rig = day
    already = len([row for row in rig.rows("Lead") if row["IsDeleted"]])
    policy(rig, "Lead", "ask")
    world.delete("Lead", 3)
    world.delete("Lead", 4)
    ok(rig)
    assert asks(rig, "Lead") == [already + 2]
    ok(rig)
    assert asks(rig, "Lead") == [already + 2]
    table = rig.mirror.tables()["Lead"]
    rows = rig.mirror.read(lambda s: deleted.undecided(s, table))
    rig.mirror.write(lambda s: deleted.keep(s, "Lead", [record_id for _, record_id in rows[:-1]]))
    rig.mirror.write(lambda s: deleted.remove(s, table, rows[-1:]))
    ok(rig)
    assert asks(rig, "Lead") == []
    assert rows[-1][1] not in here(rig, "Lead")
    assert rows[0][1] in here(rig, "Lead")


def test_deleted_records_are_purged_here_after_their_time(day: Day) -> None:
    world, rig = day
    lead = one(world, "Lead", 3)
    world.delete("Lead", 3)
    ok(rig)
    rig.mirror.write(lambda s: preferences.keep(s, "deleted_keep_days", 5))
    world.advance(4 * 86_400)
    ok(rig)
    assert lead in here(rig, "Lead")
    world.advance(2 * 86_400)
    ok(rig)
    assert lead not in here(rig, "Lead")
    log = rig.mirror.read(lambda s: s.conn.execute("SELECT 1 FROM om_change WHERE record_id = ?", (lead,)).fetchall())
    assert log == []
    ok(rig)
    assert lead not in here(rig, "Lead")


def test_a_hint_of_the_log_that_is_wrong_takes_nothing_out(day: Day) -> None:
    """Deleted and restored within the window: the log names it, the row is alive."""
    world, rig = day
    lead = one(world, "Lead", 3)
    world.delete("Lead", 3)
    world.do("undelete", name="Lead", record_id=lead)
    ok(rig)
    assert here(rig, "Lead")[lead] == 0
    assert not rig.mirror.read(objects.sweeps_wanted) or rig.differences({"Lead"}) == []
