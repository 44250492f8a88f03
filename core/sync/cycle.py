"""One cycle, step by step, as Marketo publishes them per object (marketo-sync 1.4): push, schema, first load of what is

not here yet, pull updates and deletes, conversions and merges, reconcile, formulas. One bad object never stops the
rest; what concerns everything (signed out, offline, API limit, disk) ends the cycle with its reason. Engine's thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial

from core.mirror import holds, loads, problems, search
from core.mirror.mirror import Mirror
from core.mirror.objects import all_objects, reload_wanted
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.model.progress import CycleResult, Event, ObjectResult, Pushed
from core.model.scope import load_order
from core.model.states import CycleOutcome, LoadPhase, Operation
from core.salesforce.client import Client
from core.sync import catalog, minutes
from core.sync.aftermath import Errand, due_errands, errand_done, note_losses, plan_errands, run_errand
from core.sync.board import ProgressBoard
from core.sync.budget import Budget
from core.sync.catalog import Catalog
from core.sync.describing import describe_again
from core.sync.expenses import budget_of
from core.sync.faults import outcome_of
from core.sync.initial_load import InitialLoad
from core.sync.ledger import Done, Ledger
from core.sync.passes import SlowPasses
from core.sync.planner import LoadLimits
from core.sync.probing import choose_tables, probes
from core.sync.pulls import Pulls
from core.sync.refused_fields import leave_out
from core.sync.scope_changes import ScopeChanges

log = logging.getLogger(__name__)

Emit = Callable[[Event], None]
# Sends what waits in the outbox; raises only what concerns everything. Runs on the engine's thread.
Push = Callable[[CancelToken], Pushed]


@dataclass(frozen=True, slots=True)
class CycleParts:
    """What every cycle of an engine works with. `client` is the engine thread's own; fetchers get clones of it."""

    mirror: Mirror
    client: Client
    objects: tuple[str, ...] | None
    limits: LoadLimits
    fetchers: int
    monotonic: Callable[[], float]
    api_share: Callable[[], int]
    check_identity: Callable[[], None]
    push: Push | None = None


class Cycle:
    """One cycle's state. Lives as long as `run`. `only`: the objects that a person asked for (None: all)."""

    def __init__(self, parts: CycleParts, cancel: CancelToken, emit: Emit, only: Collection[str] | None) -> None:
        self._parts = parts
        self._mirror = parts.mirror
        self._client = parts.client
        self._cancel = cancel
        self._emit = emit
        self._holds = self._mirror.read(holds.read)
        self._only = None if only is None else {name.lower() for name in only}
        self._started = parts.monotonic()
        self._begun = minutes.begin(self._mirror)
        self._calls = self._client.calls
        self._board = ProgressBoard(emit, parts.monotonic, lambda: self._spent)
        self._ledger = Ledger(self._mirror, self._client, emit, parts.monotonic)
        self._passes = SlowPasses(self._mirror, self._client, cancel, self._ledger)
        self._taken: Mapping[str, tuple[float, int]] = {}

    @property
    def _spent(self) -> int:
        """API calls of this cycle so far."""
        return self._client.calls - self._calls

    def run(self) -> CycleResult:
        """Never raises for what a cycle can meet."""
        self._client.transport.cancel = self._cancel
        error: OrgMirrorError | None = None
        try:
            self._cancel.raise_if_set()
            self._steps()
        except OrgMirrorError as raised:
            error = raised
            if not isinstance(raised, Cancelled):
                log.info("the cycle stopped: %s", raised.code.value)
        except Exception as unexpected:
            # The day goes on, and whoever asked for a result gets one.
            log.exception("the cycle stopped")
            error = OrgMirrorError(ErrorCode.UNEXPECTED, reason=type(unexpected).__name__)
        self._board.flush()
        outcome = CycleOutcome.OK
        if error is not None:
            outcome = outcome_of(error)
        elif self._ledger.failed:
            outcome = CycleOutcome.PROBLEMS
        result = CycleResult(
            outcome=outcome,
            seconds=self._parts.monotonic() - self._started,
            api_calls=self._spent,
            objects=tuple(sorted(self._ledger.results.values(), key=lambda item: load_order(item.name))),
            error=None if outcome is CycleOutcome.CANCELLED else error,
        )
        changes = minutes.keep(self._mirror, self._client, result, self._begun)
        if changes.objects:
            self._emit(Event(changes=changes))
        return result

    def _steps(self) -> None:
        self._parts.check_identity()
        self._push()
        if self._only is None and self._holds.stops_pull():
            return
        self._check_budget()
        found = self._schema()
        tables = [table for table in found.tables if self._asked(table.name) and not self._is_held(table.name)]
        fresh, read = self._first_load(tables)
        self._scope(tables)
        self._pull(tables, fresh, read, found.reload)
        self._conversions_and_merges()
        if self._only is None and not self._budget.is_tight:
            self._slow_passes(found)

    # push

    def _push(self) -> None:
        """A person's own edits go first, and whatever the budget: it binds the background alone."""
        if self._parts.push is None or self._mirror.read(holds.read).stops_push():
            return
        meter = self._ledger.meter()
        with meter:
            done = self._ledger.guarded(Operation.PUSH, None, self._pushed)
        if isinstance(done, Done):
            self._ledger.enter(Operation.PUSH, None, done, meter)
            return
        for item in done.objects:
            self._ledger.enter(
                Operation.PUSH,
                item.name,
                Done(item.new, item.updated, item.deleted, item.skipped, item.failed),
                meter,
            )
            meter = self._ledger.meter()
        if done.changes.objects or done.changes.outbox:
            self._emit(Event(changes=done.changes))

    def _pushed(self) -> Pushed:
        assert self._parts.push is not None
        return self._parts.push(self._cancel)

    # schema

    def _check_budget(self) -> None:
        """Raise BUDGET_SPENT where the background may spend no more; an object asked for by name is a person's wish."""
        if self._only is None and self._budget.is_spent:
            raise OrgMirrorError(ErrorCode.BUDGET_SPENT)

    @property
    def _budget(self) -> Budget:
        """As it stands, with the calls of this cycle."""
        return budget_of(self._mirror, self._client, self._parts.api_share())

    def _schema(self) -> Catalog:
        meter = self._ledger.meter()
        with meter:
            found = self._ledger.guarded(Operation.SCHEMA, None, self._described)
        if isinstance(found, Done):
            # What was known before is still asked for what changed.
            self._ledger.enter(Operation.SCHEMA, None, found, meter)
            found = self._as_known()
        else:
            self._ledger.enter(Operation.SCHEMA, None, Done(failed=len(found.failed)), meter)
            self._described_again(found)
        self._check_budget()
        if found.changed:
            self._emit(Event(changes=Changes(schema=True, status=True)))
        for name, error in found.failed.items():
            if self._asked(name):
                self._ledger.add(name, Done(failed=1, error=error))
        self._unknown(found)
        return found

    def _described(self) -> Catalog:
        return catalog.refresh(self._mirror, self._client, self._parts.objects)

    def _described_again(self, found: Catalog) -> None:
        """Objects that could not be described and now were are well again; fields that are left out are not."""
        well = {table.name for table in found.tables} - found.failed.keys()
        waiting = [
            p.problem_id
            for p in self._mirror.read(problems.open_problems)
            if p.operation == Operation.SCHEMA and p.field is None and p.object in well
        ]
        for number in waiting:
            self._mirror.writer.call(partial(problems.close_problem, problem_id=number), Priority.BATCH)

    def _as_known(self) -> Catalog:
        known, tables = self._mirror.read(all_objects), self._mirror.tables()
        here = sorted((name for name in tables if known[name].in_scope), key=load_order)
        return Catalog(tuple(tables[name] for name in here), self._mirror.read(reload_wanted))

    def _unknown(self, found: Catalog) -> None:
        """Objects asked for by name that are not in this mirror."""
        if self._only is None:
            return
        here = {t.name.lower() for t in found.tables} | {name.lower() for name in found.failed}
        for name in sorted(self._only - here):
            raise OrgMirrorError(ErrorCode.NO_SUCH_OBJECT, object=name)

    def _asked(self, name: str) -> bool:
        return self._only is None or name.lower() in self._only

    def _is_held(self, name: str) -> bool:
        """A pause holds up everything but what was asked for by name."""
        return self._only is None and self._holds.stops_pull(name)

    def _redescribe(self, client: Client, name: str) -> Table:
        """A field or the object was refused: what does this user see now? What is refused all the same is left out."""
        table = describe_again(self._mirror, client, name)
        if leave_out(self._mirror, client, table):
            table = describe_again(self._mirror, client, name)
        return table

    # first load

    def _first_load(self, tables: list[Table]) -> tuple[set[str], set[str]]:
        """Load what is not here, and large windows that an earlier process left half read; the names of both."""
        known = self._mirror.read(all_objects)
        half_read = {job.object for job in self._mirror.read(loads.all_jobs) if job.phase is not LoadPhase.DONE}
        windows = [t for t in tables if t.name in half_read and known[t.name].loaded]
        fresh = [t for t in tables if not known[t.name].loaded]
        if fresh or windows:
            newly = {t.name for t in fresh}
            for result in self._load([*fresh, *windows]).values():
                operation = Operation.FIRST_LOAD if result.name in newly else Operation.PULL_UPDATES
                done = Done(
                    result.new,
                    result.updated,
                    result.deleted,
                    result.skipped,
                    result.failed,
                    result.rows,
                    error=result.error,
                )
                meter = self._ledger.meter().taken(*self._taken.get(result.name, (0.0, 0)))
                self._ledger.enter(operation, result.name, done, meter)
        return {t.name for t in fresh}, {t.name for t in windows}

    def _load(self, tables: list[Table]) -> dict[str, ObjectResult]:
        load = InitialLoad(
            self._mirror,
            self._client,
            self._board,
            self._emit,
            self._cancel,
            limits=replace(self._parts.limits, calls_remaining=self._client.meter.remaining),
            fetchers=self._parts.fetchers,
            monotonic=self._parts.monotonic,
            redescribe=self._redescribe,
            between=self._push,
        )
        results = load.run(tables)
        self._taken = load.taken
        return results

    # scope

    def _scope(self, tables: list[Table]) -> None:
        """Fit rows to a changed filter, and take out those that ceased to fit."""
        loaded = {name for name, item in self._mirror.read(all_objects).items() if item.loaded}
        now = self._mirror.tables()
        ScopeChanges(self._mirror, self._client, self._cancel, self._ledger).run(
            [now[t.name] for t in tables if t.name in loaded and t.name not in self._ledger.failed]
        )

    # pull updates, pull deletes

    def _pull(self, tables: list[Table], fresh: set[str], read: set[str], reload: frozenset[str]) -> None:
        """Ask what changed: everything that was just loaded or asked for by name, the rest as the schedule has it.

        A window that was just `read` to its end is not asked for once more; the overlap would bring all of it again.
        """
        for table in tables:
            if table.name in reload and table.name not in fresh:
                self._fill(table)
        still = self._mirror.read(reload_wanted)
        whole = {t.name for t in tables if t.name in still and t.name not in fresh}
        always = {t.name for t in tables if t.name in fresh or t.name in whole or self._only is not None}
        chosen = choose_tables(self._mirror, tables, self._client.server_now(), self._spent, always)
        chosen = [t for t in chosen if t.name not in read and t.name not in self._ledger.failed]
        pulls = Pulls(
            self._mirror,
            self._client,
            self._cancel,
            self._ledger,
            load=self._load,
            redescribe=lambda name: self._redescribe(self._client, name),
            most_rows=self._parts.limits.window_max_rows,
        )
        pulls.run(probes(self._mirror, self._client, chosen, whole), whole)
        known = self._mirror.read(all_objects)
        for table in tables:
            if table.name not in self._ledger.failed:
                self._ledger.add(table.name, Done(rows=known[table.name].rows))

    def _fill(self, table: Table) -> None:
        """Values for the columns that came, and for those alone; where that fails the pull reads whole rows."""
        table = self._mirror.tables()[table.name]
        if self._passes.backfill(table) is None:
            search.build(self._mirror.writer, table, self._cancel)

    # conversions and merges; reconcile; formulas

    def _conversions_and_merges(self) -> None:
        """What merges lost; children of what was merged or converted in this cycle, or in one that was cut short."""
        moved = plan_errands(self._mirror)
        for errand in due_errands(self._mirror, self._ledger.results.keys()):
            self._cancel.raise_if_set()
            self._ledger.step(Operation.CONVERSIONS, errand.object, lambda e=errand: self._run_errand(e))  # type: ignore[misc]
        # Once more: a master that was not here may have come with the children.
        note_losses(self._mirror, moved)

    def _run_errand(self, errand: Errand) -> Done:
        counts = run_errand(self._mirror, self._client, self._mirror.tables()[errand.object], errand)
        errand_done(self._mirror, errand)
        return Done.of(counts, Changes({errand.object: counts.changed_ids}) if counts.written else None)

    def _slow_passes(self, found: Catalog) -> None:
        now, known = self._mirror.tables(), self._mirror.read(all_objects)
        loaded = [now[t.name] for t in found.tables if t.name in now and known[t.name].loaded]
        behind = [t for t in loaded if t.name in self._ledger.failed or self._is_held(t.name)]
        names = {t.name for t in behind}
        self._passes.run_due([t for t in loaded if t.name not in names], behind)
