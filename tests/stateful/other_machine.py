"""Random histories of the org that is not the demo org: its switches vary the protocol. A mirror in step beside it.

Here a merge moves its children's look-ups and no stamp of theirs, as orgs may (sync-peers 2.4): the machine finds what
only shows where nothing but the merge itself tells of it.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from core.mirror import problems
from core.model.progress import CycleResult
from core.model.states import CycleOutcome
from core.sync.control import EngineControl
from tests.helpers.other_org import OtherOrg, Ways
from tests.helpers.other_org_data import EXTRA, Forms
from tests.helpers.other_org_rig import Rig
from tests.stateful.machine import told, unexpected

OBJECTS = ("Account", "Contact", "Lead", "Task", "ns__Thing__c")
PARENTS = {"Contact": "AccountId", "Task": "WhoId"}
CHOICES: dict[str, list[Any]] = {
    "page_rows": [(2000,), (7, 33, 1), (25,)],
    "next_url": ["relative", "absolute", "bare"],
    "total_size": [True, False],
    "attributes": [True, False],
    "last_modified": ["all", "objects", "none"],
    "composite": [25, 5, 3, 404],
    "composite_queries": [5, 2],
    "address_bytes": [16_000, 700],
    "most_fields": [10_000, 12],
    "versions": [("59.0", "65.0"), ("52.0",)],
    "clock": [timedelta(0), timedelta(days=900), timedelta(days=-900)],
    "count": ["ok", "timeout", "refused"],
    "cursor_lives": [None, 2],
    "too_large": [{}, {"Lead": 20}],
    "lower_names": [False, True],
    "bulk": [200, 404],
    "replication": [True, False],
    "forms": [Forms(), Forms(number="exponent", short_ids=True), Forms(datetime="seconds", number="point")],
}
number = st.integers(0, 60)
thing = st.sampled_from(OBJECTS)


class OtherHistory(RuleBasedStateMachine):
    """One org of some ways, and the mirror of it."""

    patch: pytest.MonkeyPatch

    @initialize(chance=st.randoms(use_true_random=False))
    def begins(self, chance: random.Random) -> None:
        known = {item.name for item in fields(Ways)}
        ways = Ways(**{name: chance.choice(choices) for name, choices in CHOICES.items() if name in known})
        self.said = [str(ways)]
        self.folder = Path(tempfile.mkdtemp(prefix="om-other-"))
        self.org = OtherOrg(ways, seed=chance.randrange(1000))
        self.org.standard(20)
        data = self.org.data
        data.add("Contact", 20, {**EXTRA, "AccountId": ("reference", 0, 18), "MasterRecordId": ("reference", 0, 18)})
        data.add("Task", 20, {"WhoId": ("reference", 0, 18), "Notes__c": ("textarea", 0, 3000)})
        data.refer("Contact", "AccountId", "Account")
        data.refer("Contact", "MasterRecordId", "Contact")
        data.refer("Task", "WhoId", "Contact")
        for name, field in PARENTS.items():
            for row in data.things[name].rows.values():
                row[field] = chance.choice(list(data.things[data.things[name].targets[field]].rows))
        for row in data.things["Contact"].rows.values():
            row["MasterRecordId"] = None
        self.rig = Rig(self.org, self.folder, self.patch, bulk=chance.random() < 0.3)
        result = self.cycle()
        assert result.outcome is CycleOutcome.OK, told(result)

    def teardown(self) -> None:
        if not hasattr(self, "rig"):
            return
        try:
            self.settle()
        except BaseException:
            for line in self.said:
                note(line)
            raise
        finally:
            self.rig.close()
            self.org.stop()
            shutil.rmtree(self.folder)
            assert not [call for call in self.org.calls if call.startswith("BUG")]

    # people at work

    def pick(self, name: str, which: int, *, deleted: bool = False) -> str | None:
        rows = self.org.data.things[name].rows
        found = [key for key, row in rows.items() if row["IsDeleted"] is deleted]
        return found[which % len(found)] if found else None

    def say(self, *words: object) -> None:
        self.said.append(" ".join(map(str, words)))

    @rule(name=thing, which=number)
    def edits(self, name: str, which: int) -> None:
        with self.org.lock:
            if key := self.pick(name, which):
                single = "Notes__c"
                value = self.org.data.value("textarea", 0)
                self.org.data.change(name, key, **{single: value})
                self.say("edit", name, key)

    @rule(name=thing)
    def creates(self, name: str) -> None:
        with self.org.lock:
            self.say("create", name, self.org.data.insert(name))

    @rule(name=thing, which=number)
    def deletes(self, name: str, which: int) -> None:
        with self.org.lock:
            if key := self.pick(name, which):
                self.org.data.change(name, key, IsDeleted=True)
                self.say("delete", name, key)

    @rule(name=thing, which=number)
    def undeletes(self, name: str, which: int) -> None:
        with self.org.lock:
            if key := self.pick(name, which, deleted=True):
                self.org.data.change(name, key, IsDeleted=False)
                self.say("undelete", name, key)

    @rule(name=thing, which=number, deleted=st.booleans())
    def purges(self, name: str, which: int, deleted: bool) -> None:
        with self.org.lock:
            if key := self.pick(name, which, deleted=deleted):
                self.org.data.purge(name, key)
                self.say("purge", name, key)

    @rule(first=number, second=number)
    def merges_contacts(self, first: int, second: int) -> None:
        """The loser's tasks go to the master, and no stamp of theirs moves."""
        with self.org.lock:
            master, loser = self.pick("Contact", first), self.pick("Contact", second)
            if master and loser and master != loser:
                self.org.data.change("Contact", loser, IsDeleted=True, MasterRecordId=master)
                self.org.data.change("Contact", master)
                for row in self.org.data.things["Task"].rows.values():
                    if row["WhoId"] == loser:
                        row["WhoId"] = master
                self.say("merge", loser, "into", master)

    @rule(name=thing, which=number)
    def hides_or_shows_a_row(self, name: str, which: int) -> None:
        """Sharing: no stamp moves."""
        with self.org.lock:
            data = self.org.data
            if data.unshared.get(name) and which % 2:
                self.say("share", name, *data.unshared[name])
                data.share(name)
            elif key := self.pick(name, which):
                data.unshare(name, key)
                self.say("unshare", name, key)

    @rule(name=thing, field=st.sampled_from(["Pick__c", "Amount__c", "New__c", "Notes__c"]))
    def changes_the_schema(self, name: str, field: str) -> None:
        with self.org.lock:
            data, item = self.org.data, self.org.data.things[name]
            if field == "New__c" and field not in item.fields:
                item.fields[field] = ("string", 0, 20)
                for row in item.rows.values():
                    row[field] = "n"
            elif field in item.hidden:
                item.hidden.discard(field)
            elif field in item.fields and field != "Notes__c":
                item.hidden.add(field)
            else:
                return
            self.org.advance(1)
            data.alter(name)
            self.say("schema", name, field)

    @rule(seconds=st.sampled_from([1, 60, 601, 3700, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.org.advance(seconds)
        self.say("advance", seconds)

    @rule(
        place=st.sampled_from([r"/query", r"composite", r"sobjects$", r"describe", r"/jobs/query"]),
        kind=st.sampled_from(["503", "reset", "cut", "short", "limit", "busy", "401", "414", "404", "500"]),
        times=st.integers(1, 3),
        after=st.integers(0, 3),
    )
    def something_goes_wrong(self, place: str, kind: str, times: int, after: int) -> None:
        self.org.fault(place, kind, times=times, after=after)
        self.say("fault", place, kind, times, after)

    # cycles

    def cycle(self) -> CycleResult:
        result = self.rig.cycle()
        self.say("cycle ->", told(result))
        assert not unexpected(result), told(result)
        return result

    @rule()
    def cycles(self) -> None:
        self.cycle()

    @rule(nth=st.integers(1, 8))
    def a_cycle_is_cancelled(self, nth: int) -> None:
        control = EngineControl()
        self.org.at_call(nth, control.cancel_cycle)
        result = self.rig.cycle(control=control)
        self.org.at_call(0, lambda: None)
        self.say("cancelled cycle ->", told(result))
        assert not unexpected(result), told(result)

    def settle(self) -> None:
        with self.org.lock:
            self.org._faults.clear()
        self.org.advance(3700)
        result = self.cycle()
        assert result.outcome is CycleOutcome.OK, told(result)
        wrong = [f"{item.object}: {item.error}" for item in self.rig.reconcile() if item.error is not None]
        assert not wrong, wrong
        found = self.rig.differences()
        assert not found, "\n".join(found)
        again = self.cycle()
        assert again.outcome is CycleOutcome.OK, told(again)
        moved = [item for item in again.objects if (item.new, item.updated, item.deleted) != (0, 0, 0)]
        assert not moved, f"a cycle after a reconcile found more: {moved}"
        left = [f"{p.object} {p.code}" for p in self.rig.mirror.read(problems.open_problems)]
        assert not left, f"problems that are none any more: {left}"
