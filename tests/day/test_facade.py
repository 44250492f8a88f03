"""The facade of the day over a running engine: wishes, pauses, problems, usage and backlog."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.api.sync import SyncApi
from core.mirror import problems
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.progress import Event
from core.model.refs import RecordRef
from core.model.states import ConnectionState, CycleOutcome, Operation, ProblemKind
from core.salesforce.client import Client
from core.salesforce.meter import ApiMeter
from core.salesforce.transport import Transport
from core.sync.engine import Engine
from tests.day.conftest import Day
from tests.helpers.demo_rig import DemoRig, Sessions

PATIENCE = 60


class Facade:
    """A SyncApi over a rig; each engine is a new one. `pause`: seconds between cycles, None by hand."""

    def __init__(self, rig: DemoRig, folder: Path, pause: float | None = None) -> None:
        self.rig = rig
        self.pause = pause
        self.meter = ApiMeter()
        self.results: list[Event] = []
        self.ended = threading.Semaphore(0)
        self.api = SyncApi(rig.mirror, "acme", folder / "engine.lock", self.meter, self._engine, api_share=lambda: 20)

    def _engine(self) -> Engine:
        client = Client(Transport(Sessions(self.rig.org, self.rig.user_id), meter=self.meter))
        return Engine(self.rig.mirror, client, None, pause=lambda: self.pause)

    def heard(self, event: Event) -> None:
        if event.result is not None:
            self.results.append(event)
            self.ended.release()

    def cycle_ended(self) -> CycleOutcome:
        assert self.ended.acquire(timeout=PATIENCE)
        result = self.results[-1].result
        assert result is not None
        return result.outcome

    @contextmanager
    def day(self) -> Iterator[None]:
        """The engine's day on a thread of its own, after its first cycle."""
        control = self.api.make_control()
        thread = threading.Thread(target=self.api.run, args=(control, self.heard))
        thread.start()
        try:
            assert self.cycle_ended() is CycleOutcome.OK
            yield
        finally:
            control.stop()
            thread.join(PATIENCE)


@pytest.fixture
def facade(day: Day, tmp_path: Path) -> Facade:
    return Facade(day[1], tmp_path)


def test_a_reconcile_and_a_cycle_are_handed_to_the_engine_that_runs(day: Day, facade: Facade) -> None:
    world, rig = day
    other = Facade(rig, facade.api._lock_file.parent)
    with facade.day():
        world.purge("Lead", 2, binned=False)
        world.administrate("trim_delete_log")
        done = other.api.reconcile(other.api.make_control(), other.heard, ["lead"])
        assert [(item.object, item.gone, item.error) for item in done] == [("Lead", 1, None)]
        world.touch("Contact", 3)
        result = other.api.run_once(other.api.make_control(), other.heard, ["Contact"])
        assert [item.updated for item in result.objects] == [1]
        with pytest.raises(OrgMirrorError) as caught:
            other.api.reconcile(other.api.make_control(), other.heard, ["NoSuch"])
        assert caught.value.code is ErrorCode.NO_SUCH_OBJECT
    assert rig.differences({"Lead", "Contact"}) == []


def test_a_retry_wakes_an_engine_that_waits_for_a_hand(day: Day, facade: Facade) -> None:
    world, rig = day
    with facade.day():
        assert facade.api.status().next_cycle_at is None
        error = OrgMirrorError(ErrorCode.QUERY_REFUSED, object="Lead")
        found = rig.mirror.write(lambda s: problems.open_problem(s, "Lead", error, operation=Operation.PULL_UPDATES))
        assert [p.problem_id for p in facade.api.to_announce()] == [found]
        facade.api.mark_announced([found])
        assert facade.api.to_announce() == []
        world.touch("Lead", 3)
        facade.api.retry_problems([found])
        assert facade.cycle_ended() is CycleOutcome.OK
        assert facade.api.problems() == []
    assert rig.differences({"Lead"}) == []


def test_a_pause_is_kept_and_told(day: Day, facade: Facade) -> None:
    facade.api.pause()
    assert facade.api.make_control().paused
    assert facade.api.status().state is ConnectionState.PAUSED
    assert facade.api.status().held == "all"
    facade.api.resume()
    facade.api.pause("pull")
    assert not facade.api.make_control().paused
    assert facade.api.status().held == "pull"
    facade.api.resume("pull")
    facade.api.pause_object("lead", paused=True, direction="push")
    held = {item.name: item.held for item in facade.api.status().objects}
    assert (held["Lead"], held["Contact"]) == ("push", "")
    facade.api.pause_object("Lead", paused=True)
    facade.api.pause_object("Lead", paused=False, direction="push")
    assert facade.api.holds().objects == {"Lead": "pull"}


def test_calls_are_counted_by_day_and_by_cycle(day: Day, facade: Facade) -> None:
    world, _ = day
    before = facade.api.usage()
    control = facade.api.make_control()
    result = facade.api.run_once(control, facade.heard)
    after = facade.api.usage()
    assert result.api_calls > 0
    assert after.own_cycle == result.api_calls
    assert after.own_today - before.own_today == result.api_calls
    assert after.limit is not None
    assert after.left == max(0, after.limit * 20 // 100 - after.own_today)
    contact = world.one("Contact", 2)
    assert contact is not None
    facade.api.refresh_record("contact", contact)
    assert facade.api.usage().own_today > after.own_today


def test_kinds_deleted_records_and_what_is_followed_by_the_facade(day: Day, facade: Facade) -> None:
    world, rig = day
    lead = world.one("Lead", 3)
    assert lead is not None
    number = facade.api.follow(RecordRef("Lead", lead), "A lead")
    assert facade.api.follow(RecordRef("Lead", lead)) == number
    world.delete("Lead", 3)
    facade.api.run_once(facade.api.make_control(), facade.heard)
    assert lead in {item.ref.id for item in facade.api.deleted("lead")}
    [change] = [c for c in facade.api.recent_changes(followed=True) if c.field == "IsDeleted"]
    assert (change.record_id, change.followed) == (lead, True)
    facade.api.unfollow(RecordRef("Lead", lead))
    assert facade.api.followed() == []
    sql = "UPDATE om_object SET delete_policy = 'ask' WHERE name = 'Lead'"
    rig.mirror.write(lambda s: s.conn.execute(sql).fetchall())
    facade.api.run_once(facade.api.make_control(), facade.heard)
    [asked] = facade.api.problems()
    assert asked.kind is ProblemKind.DELETED
    assert facade.api.decide_deleted("Lead", remove=True) == asked.params["count"]
    assert facade.api.problems() == []
    assert facade.api.deleted("Lead") == []
    lines = {line.object: line for line in facade.api.backlog()}
    assert lines["Lead"].waiting == 0
    assert not lines["Lead"].growing
    assert sum(line.done for line in facade.api.throughput("Lead")) >= 1
