"""The cycle's steps: what they leave in the history, and that one that goes wrong stops no other."""

from __future__ import annotations

from typing import Any

import pytest

from core.mirror import following, history, holds, problems, throughput
from core.mirror import objects as objects_store
from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.filters import Condition, ListQuery, Operator
from core.model.progress import ObjectResult, Pushed
from core.model.refs import RecordRef
from core.model.states import CycleOutcome, Operation
from core.sync import pulls
from core.sync.control import EngineControl
from core.sync.engine import Engine
from tests.day.conftest import Day
from tests.helpers.demo_here import rule
from tests.helpers.demo_rig import DemoRig

FROM_LEAD = r"FROM(\+|%20)Lead(\+|%20|$)"
INVALID_FIELD = [{"errorCode": "INVALID_FIELD", "message": "\nSELECT Id, Phone\n^\nNo such column 'Phone' on entity"}]


def steps(rig: DemoRig, *operations: Operation) -> list[history.Step]:
    return rig.mirror.read(lambda s: history.find(s, 500, operations=list(operations) or None))


def failed(result: Any) -> dict[str, ErrorCode]:
    return {item.name: item.error.code for item in result.objects if item.error is not None}


def test_the_cycles_own_line_has_a_beginning_and_an_end(day: Day) -> None:
    _, rig = day
    rig.cycle()
    cycle = steps(rig, Operation.CYCLE)[0]
    assert cycle.ended is not None
    assert cycle.started < cycle.ended
    inner = [step for step in steps(rig) if step.started >= cycle.started and step is not cycle]
    assert {step.operation for step in inner} >= {Operation.SCHEMA, Operation.PULL_UPDATES}
    assert sum(step.api_calls for step in inner if step.operation == Operation.SCHEMA) >= 1
    loads = steps(rig, Operation.FIRST_LOAD)
    assert {step.object for step in loads} >= {"Lead", "Account", "Task"}
    assert sum(step.new for step in loads if step.object == "Lead") == len(rig.rows("Lead"))


def test_the_push_goes_first_and_between_the_objects_of_a_first_load(day: Day) -> None:
    _, rig = day
    order: list[str] = []

    def push(_cancel: CancelToken) -> Pushed:
        order.append("push")
        return Pushed((ObjectResult("Lead", updated=1),), Changes({"Lead": None}))

    sql = "UPDATE om_object SET loaded = 0 WHERE name IN ('Task', 'Event')"
    rig.mirror.write(lambda s: s.conn.execute(sql).fetchall())
    client = rig.client()
    engine = Engine(rig.mirror, client, None, push=push)
    assert engine.run_once(EngineControl(), rig.events.append).outcome is CycleOutcome.OK
    client.close()
    assert len(order) >= 2
    pushed = steps(rig, Operation.PUSH)
    assert [(step.object, step.updated) for step in pushed] == [("Lead", 1)] * len(order)
    first = min(step.started for step in pushed)
    assert all(first <= step.started for step in steps(rig, Operation.SCHEMA)[:1])


def test_a_push_that_fails_does_not_stop_the_cycle(day: Day) -> None:
    world, rig = day

    def push(_cancel: CancelToken) -> Pushed:
        raise OrgMirrorError(ErrorCode.QUERY_REFUSED)

    world.touch("Lead", 3)
    client = rig.client()
    result = Engine(rig.mirror, client, None, push=push).run_once(EngineControl(), rig.events.append)
    client.close()
    assert result.outcome in (CycleOutcome.OK, CycleOutcome.PROBLEMS)
    assert rig.differences({"Lead"}) == []
    found = [p.code for p in rig.mirror.read(problems.open_problems) if p.operation == Operation.PUSH]
    assert found == [ErrorCode.QUERY_REFUSED]


def test_a_stalling_query_fails_its_object_alone(day: Day) -> None:
    world, rig = day
    for name in ("Lead", "Contact", "Task"):
        world.touch(name, 5)
    rig.read_timeout(0.4)
    for place in ({"path": FROM_LEAD}, {"path": "/composite", "body": FROM_LEAD}):
        rig.org.site.faults.add(rule(action={"stall": 3.0}, times=None, **place))
    result = rig.cycle()
    rig.org.site.faults.clear()
    assert failed(result) == {"Lead": ErrorCode.TIMED_OUT}
    assert result.outcome is CycleOutcome.PROBLEMS
    assert rig.differences({"Contact", "Task"}) == []
    rig.read_timeout(2.0)
    assert rig.cycle().outcome is CycleOutcome.OK
    assert rig.mirror.read(problems.open_problems) == []
    assert rig.differences({"Lead"}) == []


def test_a_field_that_is_listed_and_refused_is_left_out_and_told_of(day: Day) -> None:
    world, rig = day
    world.touch("Lead", 5)
    refuse = {"status": 400, "body": INVALID_FIELD}
    for nested in (False, True):
        rig.org.site.faults.add(rule(rf"(\+|%20)Phone(%2C|\+|%20).*{FROM_LEAD}", refuse, times=None, nested=nested))
    result = rig.cycle()
    assert failed(result) == {}
    told = rig.mirror.read(lambda s: problems.open_problems(s, "Lead"))
    assert [(p.code, p.field) for p in told] == [(ErrorCode.FIELD_REFUSED, "Phone")]
    assert "Phone" not in rig.mirror.tables()["Lead"].by_name
    assert "MobilePhone" in rig.mirror.tables()["Lead"].by_name
    rig.org.site.faults.clear()
    rig.cycle()
    assert "Phone" not in rig.mirror.tables()["Lead"].by_name
    rig.mirror.write(lambda s: objects_store.forget_refused(s, "Lead"))
    rig.cycle()
    assert "Phone" in rig.mirror.tables()["Lead"].by_name
    assert rig.differences({"Lead"}) == []


def test_a_mass_change_of_one_object_yields_to_the_others(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    world, rig = day
    monkeypatch.setattr(pulls, "SLICE_ROWS", 2)
    rig.org.site.behaviour.rest_page_rows = 2
    for number in range(12):
        world.touch("Account", number)
    world.touch("Task", 3)
    assert rig.cycle().outcome is CycleOutcome.OK
    done = [step.object for step in reversed(steps(rig, Operation.PULL_UPDATES)) if step.updated]
    assert done.index("Task") < done.index("Account")
    assert rig.differences({"Account", "Task"}) == []


def test_a_direction_or_an_object_that_is_held_is_left_alone(day: Day) -> None:
    world, rig = day
    world.touch("Lead", 3)
    world.touch("Contact", 3)
    rig.mirror.write(lambda s: holds.hold_object(s, "Lead", on=True, direction="pull"))
    rig.cycle()
    assert rig.differences({"Contact"}) == []
    assert rig.differences({"Lead"})
    rig.mirror.write(lambda s: holds.hold(s, on=True, direction="pull"))
    world.touch("Contact", 4)
    assert rig.cycle().outcome is CycleOutcome.OK
    assert rig.differences({"Contact"})
    rig.mirror.write(lambda s: holds.hold(s, on=True))
    paused = rig.cycle()
    assert (paused.outcome, paused.error.code if paused.error else None) == (CycleOutcome.CANCELLED, ErrorCode.PAUSED)
    assert rig.cycle(("Lead",)).outcome is CycleOutcome.OK
    assert rig.differences({"Lead"}) == []
    rig.mirror.write(lambda s: holds.hold(s, on=False))
    assert rig.cycle().outcome is CycleOutcome.OK
    assert rig.differences({"Contact"}) == []


def test_what_waits_of_a_held_object_is_counted_and_grows(day: Day) -> None:
    world, rig = day
    rig.mirror.write(lambda s: holds.hold_object(s, "Lead", on=True))
    for number in range(4):
        world.touch("Lead", number)
    rig.cycle()
    world.advance(2 * 3600)
    rig.cycle()
    assert rig.mirror.read(throughput.waiting)["Lead"] >= 4
    rig.mirror.write(lambda s: holds.hold_object(s, "Lead", on=False))
    rig.cycle()
    assert "Lead" not in rig.mirror.read(throughput.waiting)
    hours = rig.mirror.read(lambda s: throughput.hours(s, "Lead", history.last(s, "cycle").started))
    assert hours[-1].done >= 4
    assert hours[-1].backlog == 0


def test_changes_of_what_is_followed_are_marked(day: Day) -> None:
    world, rig = day
    followed, other = [row["Id"] for row in rig.rows("Lead") if not (row["IsDeleted"] or row["IsConverted"])][:2]
    contact = next(row["Id"] for row in rig.rows("Contact") if not row["IsDeleted"])
    view = ListQuery("Contact", (Condition("Department", Operator.EQUALS, "Watched"),))
    rig.mirror.write(lambda s: following.follow_record(s, RecordRef("Lead", followed), "A lead"))
    rig.mirror.write(lambda s: following.follow_view(s, view, "Watched people"))
    world.do("update", name="Lead", record_id=followed, values={"Title": "One"})
    world.do("update", name="Lead", record_id=other, values={"Title": "Two"})
    world.do("update", name="Contact", record_id=contact, values={"Department": "Watched"})
    rig.cycle()
    news = {item.title: item.new for item in rig.mirror.read(following.followed)}
    assert news["A lead"] >= 1
    assert news["Watched people"] >= 1
    sql = "SELECT DISTINCT record_id FROM om_change WHERE followed"
    assert {row[0] for row in rig.mirror.read(lambda s: s.conn.execute(sql).fetchall())} == {followed, contact}
    rig.mirror.write(following.seen)
    assert {item.new for item in rig.mirror.read(following.followed)} == {0}
