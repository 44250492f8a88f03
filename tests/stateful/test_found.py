"""What random histories found, each as a history of its own, short and without chance."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.mirror import problems
from core.model.states import CycleOutcome
from core.sync.planner import LoadLimits
from tests.helpers.demo_rig import DemoRig
from tests.stateful.machine import ADMIN, SALES, Lab
from tests.stateful.world import OBJECT, World

Played = tuple[World, DemoRig]


@pytest.fixture
def admin(lab: Lab) -> Iterator[Played]:
    world, rig = lab.begin(ADMIN, LoadLimits(window_max_rows=1))
    yield world, rig
    lab.end(rig)


def part_refused(place: str, code: str, status: int = 400) -> dict[str, object]:
    """A part of the next composite call goes wrong."""
    return {
        "match": {"path": place, "nested": True},
        "action": {"status": status, "body": [{"errorCode": code, "message": "not now"}]},
    }


def ok(rig: DemoRig) -> None:
    result = rig.cycle()
    assert result.outcome is CycleOutcome.OK, result


def test_a_large_window_waits_for_a_transaction_that_is_still_open(admin: Played) -> None:
    """The Bulk job's window moved the watermark past rows that came later with the stamps of before."""
    world, rig = admin
    world.hold()
    world.create("Task", 1, 0)
    world.advance(601)
    for number in range(5):
        world.touch("Task", number)
    ok(rig)
    world.end(0, commit=True)
    world.advance(601)
    ok(rig)
    assert rig.differences({"Task"}) == []


def test_a_large_window_still_hears_of_what_was_deleted_for_good(admin: Played) -> None:
    """Its probe alone named the purged row, and was thrown away."""
    world, rig = admin
    world.purge("Task", 7, binned=False)
    for number in range(5):
        world.touch("Task", number)
    ok(rig)
    assert rig.differences({"Task"}) == []


def test_a_large_window_does_not_hide_that_the_log_of_deletions_was_cut(admin: Played) -> None:
    world, rig = admin
    world.purge("Task", 7, binned=False)
    world.administrate("trim_delete_log")
    for number in range(5):
        world.touch("Task", number)
    ok(rig)
    assert rig.differences({"Task"}) == []


def test_a_large_window_that_comes_again_counts_as_skipped_and_moves_no_view(admin: Played) -> None:
    """The overlap brings the window again: it was told as updates, and every list was read anew."""
    world, rig = admin
    for number in range(5):
        world.touch("Task", number)
    first = next(item for item in rig.cycle().objects if item.name == "Task")
    assert (first.new, first.updated, first.deleted) == (0, 5, 0)
    rig.events.clear()
    again = next(item for item in rig.cycle().objects if item.name == "Task")
    assert (again.new, again.updated, again.deleted) == (0, 0, 0)
    assert again.skipped >= 5
    assert not any(event.changes.touches("Task") for event in rig.events if event.changes)


@pytest.mark.parametrize(
    ("place", "code"),
    [("queryAll.*FROM.Task", "UNABLE_TO_LOCK_ROW"), ("Task/deleted", "SERVER_UNAVAILABLE"),
     ("Task/deleted", "EXCEEDED_ID_LIMIT")],
)  # fmt: skip
def test_a_part_that_was_refused_does_not_lose_what_was_deleted_for_good(admin: Played, place: str, code: str) -> None:
    """The watermark moved on, and the stretch of the log that could not be read was never asked for again."""
    world, rig = admin
    world.purge("Task", 7, binned=False)
    world.advance(1200)
    rig.org.site.faults.add(part_refused(place, code))
    rig.cycle()
    world.advance(1200)
    ok(rig)
    assert rig.differences({"Task"}) == []


def test_a_withdrawn_object_is_no_finding(lab: Lab) -> None:
    world, rig = lab.begin(SALES, LoadLimits())
    world.administrate("hide_object", rig.user_id, "Opportunity")
    ok(rig)
    assert "Opportunity" not in rig.mirror.tables()
    assert rig.findings() == []
    lab.end(rig)


def test_an_object_that_could_not_be_described_for_a_while_is_no_problem_any_more(admin: Played) -> None:
    """Nothing closed what the schema step had opened."""
    world, rig = admin
    world.administrate("add_field", "Lead", "Extra1__c; string(40); Extra 1; cu")
    fault = part_refused("Lead/describe", "SERVER_UNAVAILABLE", 503)
    rig.org.site.faults.add({**fault, "times": None})
    rig.org.site.faults.add({**fault, "match": {"path": "Lead/describe"}, "times": None})
    assert rig.cycle().outcome is CycleOutcome.PROBLEMS
    assert [p.object for p in rig.mirror.read(problems.open_problems)] == ["Lead"]
    rig.org.site.faults.clear()
    ok(rig)
    assert rig.mirror.read(problems.open_problems) == []


def test_an_object_that_is_no_longer_shown_takes_its_problems_along(lab: Lab) -> None:
    world, rig = lab.begin(SALES, LoadLimits())
    world.touch("Opportunity", 1)
    rig.org.site.faults.add({**part_refused("FROM.{1,3}Opportunity", "SOMETHING_NEW"), "times": None})
    fault = part_refused("FROM.{1,3}Opportunity", "SOMETHING_NEW")
    rig.org.site.faults.add({**fault, "match": {"path": r"FROM(\+|%20)Opportunity\b"}, "times": None})
    assert rig.cycle().outcome is CycleOutcome.PROBLEMS
    world.administrate("hide_object", rig.user_id, "Opportunity")
    rig.org.site.faults.clear()
    ok(rig)
    assert rig.mirror.read(problems.open_problems) == []
    lab.end(rig)


@pytest.mark.parametrize("seconds", [1, 590])
def test_a_row_that_ends_after_its_object_s_first_load_by_bulk_comes_with_the_next_cycle(
    lab: Lab, seconds: int
) -> None:
    """The only row of a new object has a stamp from before the load, and is seen after it. None runs longer."""
    world, rig = lab.begin(ADMIN, LoadLimits(window_max_rows=3, rest_max_rows=0))
    rig.org.site.behaviour.rest_page_rows = 1
    world.administrate("add_object", OBJECT.format(name="Stuff__c", prefix="a0Y"))
    world.hold()
    world.create("Stuff__c", 4, 0)
    world.advance(seconds)
    ok(rig)
    assert rig.rows("Stuff__c") == []
    world.end(0, commit=True)
    ok(rig)
    assert len(rig.rows("Stuff__c")) == 1
    assert rig.differences({"Stuff__c"}) == []
    lab.end(rig)
