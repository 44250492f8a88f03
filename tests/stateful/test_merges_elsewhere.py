"""Merges in an org where they move their children's look-ups and no stamp: nothing else ever tells of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.model.states import CycleOutcome
from core.sync.control import EngineControl
from tests.helpers.other_org import OtherOrg, Ways
from tests.helpers.other_org_rig import Rig

Played = tuple[OtherOrg, Rig]


@pytest.fixture
def merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    """A mirror in step, and then a merge of two contacts: the loser's tasks are the master's from now on."""
    with OtherOrg(Ways()) as org:
        data = org.data
        data.add("Contact", 6, {"MasterRecordId": ("reference", 0, 18)})
        data.add("Task", 12, {"WhoId": ("reference", 0, 18)})
        data.refer("Contact", "MasterRecordId", "Contact")
        data.refer("Task", "WhoId", "Contact")
        people = list(data.things["Contact"].rows)
        for number, row in enumerate(data.things["Task"].rows.values()):
            row["WhoId"] = people[number % 6]
        for row in data.things["Contact"].rows.values():
            row["MasterRecordId"] = None
        rig = Rig(org, tmp_path, monkeypatch)
        assert rig.cycle().outcome is CycleOutcome.OK
        org.advance(1200)
        with org.lock:
            data.change("Contact", people[1], IsDeleted=True, MasterRecordId=people[0])
            for row in data.things["Task"].rows.values():
                if row["WhoId"] == people[1]:
                    row["WhoId"] = people[0]
        yield org, rig
        rig.close()


def test_the_children_of_a_merge_are_asked_for(merged: Played) -> None:
    _, rig = merged
    assert rig.cycle().outcome is CycleOutcome.OK
    assert rig.differences() == []


@pytest.mark.parametrize("nth", range(1, 7))
def test_a_cycle_cut_short_between_the_merge_and_its_children_is_made_up_for(merged: Played, nth: int) -> None:
    org, rig = merged
    control = EngineControl()
    org.at_call(nth, control.cancel_cycle)
    rig.cycle(control=control)
    org.at_call(0, lambda: None)
    org.advance(1200)
    assert rig.cycle().outcome is CycleOutcome.OK
    assert rig.differences() == []


def test_children_that_could_not_be_asked_for_are_asked_for_again(merged: Played) -> None:
    org, rig = merged
    org.fault(r"WhoId", "503", times=100)
    assert rig.cycle().outcome is CycleOutcome.PROBLEMS
    org._faults.clear()
    org.advance(1200)
    assert rig.cycle().outcome is CycleOutcome.OK
    assert rig.differences() == []
