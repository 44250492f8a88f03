"""Random histories of an org with a mirror in step beside it, as hypothesis state machines over real HTTP.

Two promises, two machines. `Freshness`: whatever moves a stamp is here after the next cycle, without a sweep.
`Anything`: rights, sharing and schema change as well, things go wrong on the wire, the program is restarted; after a
quiet cycle and a reconcile the mirror equals the org value by value, and a further cycle finds nothing.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from core.mirror import problems
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.progress import CycleResult
from core.model.states import CycleOutcome
from core.sync.control import EngineControl
from core.sync.planner import LoadLimits
from tests.helpers.demo_here import DemoServer, copy_org, make_org
from tests.helpers.demo_rig import DemoRig
from tests.stateful.world import EDITED, HIDEABLE, LINES, OBJECT, PEOPLE, RETYPED, SCHEMA_OBJECTS, World

ROWS = {"*": 8, "Lead": 24, "Contact": 18, "Account": 12, "Task": 20, "CampaignMember": 14, "Opportunity": 10}
ADMIN, SALES = "ada.admin@orgmirror.demo", "sam.sales@orgmirror.demo"
# Formulas and roll-ups move no stamp; a cycle alone does not promise them.
CALCULATED = frozenset({"calculated"})

number = st.integers(0, 60)
edited = st.sampled_from(EDITED)
person = st.sampled_from(PEOPLE)
maybe_held = st.one_of(st.none(), st.none(), st.integers(0, 1))

_REFUSALS = {
    "lock": (400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
    "timeout": (400, "QUERY_TIMEOUT", "Your query request was running for too long."),
    "large": (400, "OPERATION_TOO_LARGE", "exceeded 100000 distinct who/what's"),
    "wide": (400, "QUERY_TOO_COMPLICATED", "QUERY_TOO_COMPLICATED"),
    "field": (400, "INVALID_FIELD", "No such column 'Nothing__c' on entity 'Lead'."),
    "type": (400, "INVALID_TYPE", "sObject type 'Lead' is not supported."),
    "cursor": (400, "INVALID_QUERY_LOCATOR", "invalid query locator"),
    "busy": (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
    "spent": (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    "session": (401, "INVALID_SESSION_ID", "Session expired or invalid"),
    "unknown": (400, "SOMETHING_NEW", "nobody has seen this"),
    "down": (503, "SERVER_UNAVAILABLE", "down for maintenance"),
}
_PLACES = ("/query", "/composite", "/sobjects$", "/describe", "/jobs/query")


def _actions() -> st.SearchStrategy[dict[str, Any]]:
    refusals = st.sampled_from(sorted(_REFUSALS)).map(
        lambda name: {
            "status": _REFUSALS[name][0],
            "body": [{"errorCode": _REFUSALS[name][1], "message": _REFUSALS[name][2]}],
        }
    )
    wires = st.sampled_from(
        [{"cut": "before"}, {"cut": "after"}, {"cut": "mid-body"}, {"truncate": 300}, {"truncate": 300, "clean": True},
         {"delay": 0.02}, {"status": 502, "body": "<html>bad gateway</html>"}]
    )  # fmt: skip
    return st.one_of(refusals, wires)


class Lab:
    """The server, and the org and first loads that every history begins from, made once."""

    def __init__(self) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="om-hist-"))
        self.server = DemoServer()
        self.histories = 0
        make_org(self.base / "org", ROWS)
        org = self.server.open(self.base / "org")
        sales = org.find_user(SALES)
        assert sales is not None
        self.users = {ADMIN: org.admin_id, SALES: sales.id}
        for name in ("Lead", "Account", "Opportunity", "Task"):
            world = World(org, sales.id)
            for place, _ in enumerate(world.ids(name)):
                if place % 2:
                    world.reassign(name, place, to_user=True)
        for user in self.users:
            rig = DemoRig(org, self.base / user, self.users[user])
            assert rig.cycle().outcome is CycleOutcome.OK
            rig.close()
        self.server.close_org()

    def begin(self, user: str, limits: LoadLimits) -> tuple[World, DemoRig]:
        """A fresh copy of the org and of the user's mirror of it."""
        self.histories += 1
        folder = self.base / f"history-{self.histories}"
        org = self.server.open(copy_org(self.base / "org", folder / "org"))
        shutil.copytree(self.base / user, folder / "mirror")
        rig = DemoRig(org, folder / "mirror", self.users[user], limits=limits)
        return World(org, self.users[user]), rig

    def end(self, rig: DemoRig) -> None:
        self.server.hook = None
        rig.close()
        self.server.close_org()
        shutil.rmtree(rig.path.parent.parent)

    def close(self) -> None:
        self.server.close()
        shutil.rmtree(self.base, ignore_errors=True)


@dataclass
class Interruption:
    """Calls `act` once, when the org is asked for the nth time from now on. Called by handlers' threads."""

    nth: int
    act: Callable[[], None]
    lock: Any = None

    def __call__(self) -> None:
        with self.lock:
            self.nth -= 1
            if self.nth == 0:
                self.act()


class History(RuleBasedStateMachine):
    """What both machines have: people at work in the org, and cycles."""

    lab: Lab
    user = ADMIN
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.world: World
        self.rig: DemoRig

    def begin(self, user: str, limits: LoadLimits) -> None:
        self.world, self.rig = self.lab.begin(user, limits)

    def teardown(self) -> None:
        if not hasattr(self, "rig"):
            return
        try:
            self.settle()
        except BaseException:
            for line in self.world.said:
                note(line)
            raise
        finally:
            self.lab.end(self.rig)

    def settle(self) -> None:
        """Everything calms down, and is compared."""
        raise NotImplementedError

    # people at work

    @rule(name=edited, which=number, field=number, value=number, held=maybe_held)
    def edits(self, name: str, which: int, field: int, value: int, held: int | None) -> None:
        self.world.edit(name, which, field, value, held)

    @rule(name=person, which=number, field=number, value=number)
    def edits_a_person(self, name: str, which: int, field: int, value: int) -> None:
        self.world.edit(name, which, field, value)

    @rule(name=edited, value=number, held=maybe_held)
    def creates(self, name: str, value: int, held: int | None) -> None:
        self.world.create(name, value, held)

    @rule(name=edited, which=number, held=maybe_held)
    def deletes(self, name: str, which: int, held: int | None) -> None:
        self.world.delete(name, which, held)

    @rule(name=edited, which=number)
    def undeletes(self, name: str, which: int) -> None:
        self.world.undelete(name, which)

    @rule(name=edited, which=number, binned=st.booleans())
    def purges(self, name: str, which: int, binned: bool) -> None:
        self.world.purge(name, which, binned=binned)

    @rule(name=person, first=number, second=number)
    def merges(self, name: str, first: int, second: int) -> None:
        self.world.merge(name, first, second)

    @rule(which=number, opportunity=st.booleans(), into=st.one_of(st.none(), number))
    def converts(self, which: int, opportunity: bool, into: int | None) -> None:
        self.world.convert(which, opportunity=opportunity, into=into)

    @rule()
    def begins_a_transaction(self) -> None:
        self.world.hold()

    @precondition(lambda self: self.world.held)
    @rule(which=number, commit=st.sampled_from([True, True, False]))
    def ends_a_transaction(self, which: int, commit: bool) -> None:
        self.world.end(which, commit=commit)

    @rule(seconds=st.sampled_from([1, 1, 59, 300, 601, 1200]))
    def time_passes(self, seconds: int) -> None:
        self.world.advance(seconds)

    # cycles

    def cycle(self, objects: tuple[str, ...] | None = None) -> CycleResult:
        result = self.rig.cycle(objects)
        self.world.said.append(f"cycle {objects or ''} -> {told(result)}")
        # Nobody thought of it: always a bug, whatever went on.
        assert not unexpected(result), told(result)
        return result

    def expect_ok(self, what: str) -> CycleResult:
        result = self.cycle()
        assert result.outcome is CycleOutcome.OK, f"{what}: {told(result)}"
        return result

    @rule()
    def restarts(self) -> None:
        self.world.said.append("restart")
        self.rig.restart()

    @rule(nth=st.integers(1, 9), name=edited, which=number, field=number, value=number)
    def somebody_edits_during_a_cycle(self, nth: int, name: str, which: int, field: int, value: int) -> None:
        with self.interrupted(nth, lambda: self.world.edit(name, which, field, value)):
            self.cycle()

    @rule(nth=st.integers(1, 12))
    def a_cycle_is_cancelled(self, nth: int) -> None:
        control = EngineControl()
        client = self.rig.client()
        with self.interrupted(nth, control.cancel_cycle):
            try:
                result = self.rig.engine(client).run_once(control, self.rig.events.append)
            finally:
                client.close()
        self.world.said.append(f"cancelled cycle -> {told(result)}")
        assert not unexpected(result), told(result)

    @contextmanager
    def interrupted(self, nth: int, act: Callable[[], None]) -> Iterator[None]:
        self.lab.server.hook = Interruption(nth, act, threading.Lock())
        try:
            yield
        finally:
            self.lab.server.hook = None


class Freshness(History):
    """No sweep, no reconcile: edits, creates, deletes, purges, merges and conversions come by cycles alone."""

    @initialize(window=st.sampled_from([30_000, 3]), page=st.sampled_from([None, 1, 5]))
    def begins(self, window: int, page: int | None) -> None:
        self.begin(ADMIN, LoadLimits(window_max_rows=window))
        self.rig.org.site.behaviour.rest_page_rows = page
        self.world.said.append(f"window {window} page {page}")

    @rule()
    def cycles(self) -> None:
        self.compare()

    def compare(self) -> None:
        self.expect_ok("a cycle over edits alone")
        found = self.rig.differences(self.asked(), without=self.unpromised())
        assert not found, "\n".join(found)

    def asked(self) -> set[str]:
        """What a mirror of this size asks in every cycle."""
        return set(EDITED) | {"OpportunityContactRole", "CampaignMemberStatus", "User"}

    def unpromised(self) -> frozenset[str]:
        org, found = self.rig.org, {"LastViewedDate", "LastReferencedDate"}
        for name in self.asked():
            found |= {single.name for single in org.schema[name].fields if not single.stored}
        return frozenset(found)

    def settle(self) -> None:
        while self.world.held:
            self.world.end(0, commit=True)
        self.compare()
        found = self.rig.findings()
        assert not found, "\n".join(found)


class Anything(History):
    """Rights, sharing, schema, faults and restarts too."""

    @initialize(
        user=st.sampled_from([SALES, ADMIN]),
        window=st.sampled_from([30_000, 3]),
        rest=st.sampled_from([50_000, 0]),
        page=st.sampled_from([None, 1, 5]),
        queries=st.sampled_from([5, 2]),
    )
    def begins(self, user: str, window: int, rest: int, page: int | None, queries: int) -> None:
        self.begin(user, LoadLimits(window_max_rows=window, rest_max_rows=rest))
        behaviour = self.rig.org.site.behaviour
        behaviour.rest_page_rows, behaviour.composite_query_limit = page, queries
        self.world.said.append(f"{user} window {window} rest {rest} page {page} queries {queries}")

    @rule()
    def cycles(self) -> None:
        self.cycle()

    @rule(name=edited)
    def one_object_is_asked(self, name: str) -> None:
        if name in self.rig.mirror.tables():
            self.cycle((name,))

    @rule(name=edited)
    def one_object_is_reconciled(self, name: str) -> None:
        if name in self.rig.mirror.tables():
            self.world.said.append(f"reconcile {name}")
            self.tried(lambda: self.rig.reconcile((name,)))

    @rule(name=edited, which=number)
    def a_record_is_opened(self, name: str, which: int) -> None:
        record = self.world.one(name, which)
        if record is None or name not in self.rig.mirror.tables():
            return
        self.world.said.append(f"refresh {name} {record}")
        self.tried(lambda: self.rig.engine(self.rig.client()).refresh_record(name, record))

    def tried(self, wish: Callable[[], object]) -> None:
        """What a person asked for, which the org may refuse."""
        try:
            wish()
        except OrgMirrorError as error:
            self.world.said[-1] += f" -> {error}"
            if error.code is ErrorCode.UNEXPECTED:
                raise

    @rule(days=st.sampled_from([0.1, 1.1, 8, 16]))
    def days_pass(self, days: float) -> None:
        self.world.advance(days * 86_400)

    # rights and sharing

    @rule(name=st.sampled_from(["Lead", "Account", "Opportunity", "Task"]), which=number, mine=st.booleans())
    def reassigns(self, name: str, which: int, mine: bool) -> None:
        self.world.reassign(name, which, to_user=mine)

    @rule(name=edited, which=number, count=st.integers(1, 6), hide=st.booleans())
    def shares(self, name: str, which: int, count: int, hide: bool) -> None:
        self.world.share(name, which, count, hide=hide)

    @rule(name=st.sampled_from(sorted(HIDEABLE)), which=number, hide=st.booleans())
    def shows_or_hides_a_field(self, name: str, which: int, hide: bool) -> None:
        fields = HIDEABLE[name]
        act = "hide_field" if hide else "show_field"
        self.world.administrate(act, self.rig.user_id, name, fields[which % len(fields)])

    @rule(name=edited, hide=st.sampled_from([True, False, False]))
    def shows_or_hides_an_object(self, name: str, hide: bool) -> None:
        self.world.administrate("hide_object" if hide else "show_object", self.rig.user_id, name)

    @rule(name=person, value=st.booleans())
    def grants_view_all(self, name: str, value: bool) -> None:
        self.world.administrate("set_object_permission", self.rig.user_id, name, "viewAll", value)

    # schema

    @rule(name=st.sampled_from(SCHEMA_OBJECTS), line=st.sampled_from(LINES))
    def adds_a_field(self, name: str, line: str) -> None:
        self.world.administrate("add_field", name, line)

    @rule(name=st.sampled_from(SCHEMA_OBJECTS), line=st.sampled_from(LINES))
    def drops_a_field(self, name: str, line: str) -> None:
        self.world.administrate("drop_field", name, line.partition(";")[0])

    @rule(name=st.sampled_from(SCHEMA_OBJECTS), field=st.sampled_from(sorted(RETYPED)), which=number)
    def retypes_a_field(self, name: str, field: str, which: int) -> None:
        lines = RETYPED[field]
        self.world.administrate("retype_field", name, lines[which % len(lines)])

    @rule(name=st.sampled_from(SCHEMA_OBJECTS), line=st.sampled_from(LINES[:3]), back=st.booleans())
    def renames_a_field(self, name: str, line: str, back: bool) -> None:
        old = line.partition(";")[0]
        new = old.replace("Extra", "Other")
        self.world.administrate("rename_field", name, *((new, old) if back else (old, new)))

    @rule(name=st.sampled_from(SCHEMA_OBJECTS), values=st.sampled_from(["red|green", "red=Rot|blue", "green|violet"]))
    def changes_a_picklist(self, name: str, values: str) -> None:
        self.world.administrate("change_field", name, "Extra5__c", values=values, label="Colour")

    @rule(which=st.integers(0, 1), drop=st.booleans(), value=number)
    def adds_or_drops_an_object(self, which: int, drop: bool, value: int) -> None:
        name = ("Thing__c", "Stuff__c")[which]
        if drop:
            self.world.administrate("drop_object", name)
        elif self.rig.org.schema.find(name) is None:
            self.world.administrate("add_object", OBJECT.format(name=name, prefix=("a0X", "a0Y")[which]))
            self.world.create(name, value)

    @rule()
    def the_log_of_deletions_is_cut(self) -> None:
        self.world.administrate("trim_delete_log")

    # what goes wrong

    @rule(place=st.sampled_from(_PLACES), action=_actions(), times=st.integers(1, 3), nth=st.integers(1, 3))
    def something_goes_wrong(self, place: str, action: dict[str, Any], times: int, nth: int) -> None:
        self.world.said.append(f"fault {place} {action} times {times} from {nth}")
        fault = {"match": {"path": place}, "times": times, "nth": nth, "action": action}
        self.rig.org.site.faults.add(fault)

    @rule(
        code=st.sampled_from(["lock", "timeout", "large", "field", "type", "busy", "unknown", "down"]),
        place=st.sampled_from(["/query", "/query", "/deleted/", "/updated/", "/describe"]),
    )
    def a_part_of_a_composite_goes_wrong(self, code: str, place: str) -> None:
        status, name, text = _REFUSALS[code]
        self.world.said.append(f"nested fault {place} {name}")
        body = [{"errorCode": name, "message": text}]
        fault = {"match": {"path": place, "nested": True}, "action": {"status": status, "body": body}}
        self.rig.org.site.faults.add(fault)

    @rule()
    def the_session_expires(self) -> None:
        self.world.said.append("expire")
        self.rig.org.site.sessions.expire(user_id=self.rig.user_id)

    @rule()
    def the_cursors_expire(self) -> None:
        self.rig.org.site.cursors.close_all()

    def settle(self) -> None:
        while self.world.held:
            self.world.end(0, commit=True)
        self.rig.org.site.faults.clear()
        self.expect_ok("the quiet cycle")
        done = self.rig.reconcile()
        wrong = [f"{item.object}: {item.error}" for item in done if item.error is not None]
        assert not wrong, wrong
        found = self.rig.differences(self.here())
        assert not found, "\n".join(found)
        again = self.expect_ok("the cycle after it")
        moved = [item for item in again.objects if (item.new, item.updated, item.deleted) != (0, 0, 0)]
        assert not moved, f"a cycle after a reconcile found more: {moved}"
        found = self.rig.findings()
        assert not found, "\n".join(found)
        left = [f"{p.object} {p.code}" for p in self.rig.mirror.read(problems.open_problems)]
        assert not left, f"problems that are none any more: {left}"

    def here(self) -> set[str]:
        """What has to be mirrored: all that was at the beginning and can be seen now, and what is here beside it."""
        tables = set(self.rig.mirror.tables())
        first = {*EDITED, "User", "Group", "RecordType", "Organization", "OpportunityContactRole"}
        missing = (first & self.rig.visible()) - tables
        assert not missing, f"not mirrored: {missing}"
        gone = tables - self.rig.visible()
        assert not gone, f"no longer visible, and here: {gone}"
        return tables


def told(result: CycleResult) -> str:
    """A cycle's result in a line."""
    objects = {o.name: str(o.error) for o in result.objects if o.error is not None}
    return f"{result.outcome.value} {result.error or ''} {objects or ''}"


def unexpected(result: CycleResult) -> bool:
    """Whether something went wrong that nobody thought of."""
    errors = [result.error, *(item.error for item in result.objects)]
    return any(error is not None and error.code is ErrorCode.UNEXPECTED for error in errors)
