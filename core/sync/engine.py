"""The engine of one connection: a cycle, and the day that cycles make.

Plain Python, run on a thread of its own; it decides and talks, the mirror stores. A cycle is: schema, first load of
what is not here yet, pull of what changed. One bad object never stops the rest; what concerns everything (signed out,
offline, API limit, disk) ends the cycle with its reason.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from core.mirror import history, loads, meta, preferences, problems, search, times
from core.mirror.history import Step
from core.mirror.loads import LoadJob
from core.mirror.mirror import Mirror
from core.mirror.objects import ObjectRecord, all_objects, reload_wanted
from core.mirror.objects import paused as paused_objects
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.model.progress import CycleResult, Event, ObjectResult
from core.model.refs import long_id
from core.model.scope import load_order
from core.model.states import CycleOutcome, LoadMethod, LoadPhase
from core.salesforce.client import Client
from core.salesforce.probes import Probe
from core.sync import catalog, soql
from core.sync.aftermath import follow
from core.sync.board import ProgressBoard
from core.sync.catalog import Catalog
from core.sync.control import EngineControl
from core.sync.deletions import settle
from core.sync.expenses import budget_of, keep_spent
from core.sync.faults import OFFLINE, as_error, is_fatal, outcome_of
from core.sync.incremental import LargeWindow, Pull
from core.sync.initial_load import InitialLoad
from core.sync.passes import SlowPasses, with_sweep
from core.sync.planner import LoadLimits
from core.sync.probing import choose_tables, probes
from core.sync.reconcile import Reconciled
from core.sync.upkeep import tidy

log = logging.getLogger(__name__)

Emit = Callable[[Event], None]
HELD_LOOK_SECONDS = 5.0
OFFLINE_RETRY_SECONDS = (5.0, 15.0, 30.0, 60.0)


class Engine:
    """Runs cycles over one mirror. `client` is the engine thread's own; fetchers get clones of it.

    `objects` None means the default scope. `check_identity(client)` raises OTHER_ORG when the credentials belong to
    another org than the mirror; it is asked once per engine.
    """

    def __init__(
        self,
        mirror: Mirror,
        client: Client,
        objects: tuple[str, ...] | None,
        *,
        limits: LoadLimits | None = None,
        fetchers: int = 3,
        pause_seconds: float = 300.0,
        check_identity: Callable[[Client], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        api_share: Callable[[], int] = lambda: 100,
    ) -> None:
        self._mirror = mirror
        self._api_share = api_share
        self._client = client
        self._objects = objects
        self._limits = limits or LoadLimits()
        self._fetchers = fetchers
        self._pause_seconds = pause_seconds
        self._check_identity = check_identity
        self._monotonic = monotonic

    def run(
        self,
        control: EngineControl,
        emit: Emit,
        *,
        on_begin: Callable[[], None] = lambda: None,
        on_wait: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        """The whole day: a cycle, the pause after its end, again, until `control.stop`. Offline: soon again.

        `on_begin` is called before each cycle, `on_wait(seconds)` hears how long the pause after it will be. Never
        raises for what a cycle can meet.
        """
        failures = 0
        while not control.stopped:
            if control.paused or self._is_held():
                # Taken up again by another process, which cannot wake this one.
                if not control.wait_for_next(min(self._pause_seconds, HELD_LOOK_SECONDS)):
                    return
                continue
            on_begin()
            result = self.run_once(control, emit)
            offline = result.error is not None and result.error.code in OFFLINE
            failures = failures + 1 if offline else 0
            seconds = self._pause_seconds * budget_of(self._mirror, self._client, self._api_share()).slow_down
            if offline:
                seconds = min(seconds, OFFLINE_RETRY_SECONDS[min(failures, len(OFFLINE_RETRY_SECONDS)) - 1])
            on_wait(seconds)
            if not control.wait_for_next(seconds):
                return

    def _is_held(self) -> bool:
        """Whether a person paused the connection, perhaps from another process."""
        return bool(self._mirror.read(preferences.read_all).get("paused"))

    def reconcile(
        self, control: EngineControl, emit: Emit, objects: Collection[str] | None = None, *, consent: bool = False
    ) -> list[Reconciled]:
        """Compare ids and calculated fields of `objects` (None: all) with the org's, at once; a person asked for it.

        `consent`: however many rows may vanish. Raises OrgMirrorError for what concerns everything.
        """
        cancel, _ = control.begin_cycle()
        self._client.transport.cancel = cancel
        cancel.raise_if_set()
        if self._check_identity is not None:
            self._check_identity(self._client)
        found = catalog.refresh(self._mirror, self._client, self._objects)
        known = self._mirror.read(all_objects)
        tables = wanted_tables([t for t in found.tables if known[t.name].loaded], objects)
        passes = SlowPasses(self._mirror, self._client, cancel, emit)
        results = []
        for table in tables:
            passes.formulas(table)
            results.append(passes.sweep(table, consent=consent))
        return results

    def refresh_record(self, object_name: str, record_id: str) -> Changes:
        """Read one record anew: what came is merged, what did not come leaves. Raises OrgMirrorError."""
        table = self._mirror.tables().get(object_name)
        if table is None:
            raise OrgMirrorError(ErrorCode.NO_SUCH_OBJECT, object=object_name)
        try:
            return settle(self._mirror, self._client, table, [long_id(record_id)]).changes
        finally:
            self._client.close()

    def run_once(self, control: EngineControl, emit: Emit, objects: Collection[str] | None = None) -> CycleResult:
        """One whole cycle; `objects` limits it to these. Never raises for what a cycle can meet."""
        cancel, wanted = control.begin_cycle()
        cycle = _Cycle(self, cancel, emit, objects if objects is not None else wanted)
        result = cycle.run()
        emit(Event(result=result, changes=Changes(status=True)))
        return result


class _Cycle:
    """One cycle's state. Lives as long as `run`."""

    def __init__(self, engine: Engine, cancel: CancelToken, emit: Emit, objects: Collection[str] | None) -> None:
        self._engine = engine
        self._mirror = engine._mirror
        self._client = engine._client
        self._cancel = cancel
        self._emit = emit
        self._only = None if objects is None else {name.lower() for name in objects}
        self._started = engine._monotonic()
        self._calls = self._client.calls
        self._board = ProgressBoard(emit, engine._monotonic, lambda: self._client.calls - self._calls)
        self._results: dict[str, ObjectResult] = {}
        self._written = Changes()

    def run(self) -> CycleResult:
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
        elif any(result.error is not None for result in self._results.values()):
            outcome = CycleOutcome.PROBLEMS
        result = CycleResult(
            outcome=outcome,
            seconds=self._engine._monotonic() - self._started,
            api_calls=self._client.calls - self._calls,
            objects=tuple(sorted(self._results.values(), key=lambda item: load_order(item.name))),
            error=None if outcome is CycleOutcome.CANCELLED else error,
        )
        self._record(result)
        return result

    def _steps(self) -> None:
        self._check_budget()
        if self._engine._check_identity is not None:
            self._engine._check_identity(self._client)
            self._engine._check_identity = None
        found = catalog.refresh(self._mirror, self._client, self._engine._objects)
        self._check_budget()
        if found.changed:
            self._emit(Event(changes=Changes(schema=True, status=True)))
        for name, error in found.failed.items():
            if self._asked(name):
                self._results[name] = ObjectResult(name, failed=1, error=error)
        self._unknown(found)
        held = self._mirror.read(paused_objects) if self._only is None else frozenset()
        tables = [table for table in found.tables if self._asked(table.name) and table.name not in held]
        known = self._mirror.read(all_objects)
        windows = self._windows(tables, known)
        fresh = [t for t in tables if not known[t.name].loaded]
        if fresh or windows:
            self._results.update(self._load([*fresh, *windows]))
        self._pull_all(tables, {t.name for t in fresh}, found.reload)
        self._follow()
        if self._only is None:
            self._slow_passes(tables)

    def _check_budget(self) -> None:
        """Raise BUDGET_SPENT where the background may spend no more; an object asked for by name is a person's wish."""
        if self._only is None and budget_of(self._mirror, self._client, self._engine._api_share()).is_spent:
            raise OrgMirrorError(ErrorCode.BUDGET_SPENT)

    def _follow(self) -> None:
        """Children of what was merged or converted in this cycle."""
        tables = {name: table for name, table in self._mirror.tables().items() if name in self._results}
        counts, changes = follow(self._mirror, self._client, tables, self._written.objects)
        for name, done in counts.items():
            result = self._results[name]
            self._results[name] = replace(
                result,
                new=result.new + done.new,
                updated=result.updated + done.updated,
                deleted=result.deleted + done.deleted,
            )
        if changes.objects:
            self._emit(Event(changes=changes))

    def _slow_passes(self, tables: list[Table]) -> None:
        passes = SlowPasses(self._mirror, self._client, self._cancel, self._emit)
        failed = {name for name, result in self._results.items() if result.error is not None}
        for done in passes.run_due([self._mirror.tables()[t.name] for t in tables if t.name not in failed]):
            self._results[done.object] = with_sweep(self._results[done.object], done)

    def _load(self, tables: list[Table]) -> dict[str, ObjectResult]:
        load = InitialLoad(
            self._mirror,
            self._client,
            self._board,
            self._emit,
            self._cancel,
            limits=replace(self._engine._limits, calls_remaining=self._client.meter.remaining),
            fetchers=self._engine._fetchers,
            monotonic=self._engine._monotonic,
            redescribe=self._redescribe,
        )
        return load.run(tables)

    def _windows(self, tables: list[Table], known: Mapping[str, ObjectRecord]) -> list[Table]:
        """Loaded objects of which an earlier process left a large window half read."""
        half_read = set(unfinished(self._mirror))
        return [t for t in tables if t.name in half_read and known[t.name].loaded]

    def _pull_all(self, tables: list[Table], fresh: set[str], reload: frozenset[str]) -> None:
        """Ask what changed: everything that was just loaded or asked for by name, the rest as the schedule has it."""
        for table in tables:
            if table.name in reload and table.name not in fresh:
                self._fill(table)
        still = self._mirror.read(reload_wanted)
        whole = {t.name for t in tables if t.name in still and t.name not in fresh}
        always = {t.name for t in tables if t.name in fresh or t.name in whole or self._only is not None}
        spent = self._client.calls - self._calls
        chosen = choose_tables(self._mirror, tables, self._client.server_now(), spent, always)
        failed = {name for name, result in self._results.items() if result.error is not None}
        # A window that was just read to its end is not asked for once more; the overlap would bring all of it again.
        done = {name for name in self._results if name not in fresh}
        chosen = [t for t in chosen if t.name not in failed and t.name not in done]
        for table, answer in probes(self._mirror, self._client, chosen, whole):
            self._cancel.raise_if_set()
            # A describe in mid-load may have made another table.
            self._pull(self._mirror.tables()[table.name], whole=table.name in whole, probe=answer)
        known = self._mirror.read(all_objects)
        for table in tables:
            if table.name not in self._results:
                self._results[table.name] = ObjectResult(table.name, rows=known[table.name].rows)

    def _fill(self, table: Table) -> None:
        """Values for the columns that came, and for those alone; where that fails the pull reads whole rows."""
        table = self._mirror.tables()[table.name]
        if SlowPasses(self._mirror, self._client, self._cancel, self._emit).backfill(table) is None:
            search.build(self._mirror.writer, table, self._cancel)

    def _unknown(self, found: Catalog) -> None:
        """Objects asked for by name that are not in this mirror."""
        if self._only is None:
            return
        here = {t.name.lower() for t in found.tables} | {name.lower() for name in found.failed}
        for name in sorted(self._only - here):
            raise OrgMirrorError(ErrorCode.NO_SUCH_OBJECT, object=name)

    def _asked(self, name: str) -> bool:
        return self._only is None or name.lower() in self._only

    def _redescribe(self, client: Client, name: str) -> Table:
        return catalog.describe_again(self._mirror, client, name)

    def _pull(self, table: Table, *, whole: bool, probe: Probe | None = None) -> None:
        started = times.now()
        begun, calls = self._engine._monotonic(), self._client.calls
        earlier = self._results.get(table.name)
        try:
            result, changes = self._pull_described(table, whole, probe)
        except Cancelled:
            raise
        except OrgMirrorError as error:
            if is_fatal(error):
                raise
            result, changes = self._pull_failed(table, error), Changes()
        except Exception as unexpected:
            # What nobody thought of in one object must not keep the others from being asked.
            log.exception("pulling %s failed", table.name)
            surprise = OrgMirrorError(ErrorCode.UNEXPECTED, reason=type(unexpected).__name__)
            result, changes = self._pull_failed(table, surprise), Changes()
        if changes.objects:
            self._written = self._written.merged(changes)
            self._emit(Event(changes=changes))
        outcome = CycleOutcome.OK if result.error is None else CycleOutcome.PROBLEMS
        step = Step(
            started=started,
            ended=times.now(),
            object=table.name,
            operation="pull-updates",
            status=outcome.value,
            new=result.new,
            updated=result.updated,
            deleted=result.deleted,
            failed=result.failed,
            skipped=result.skipped,
            api_calls=self._client.calls - calls,
            seconds=self._engine._monotonic() - begun,
        )
        self._mirror.writer.call(lambda s: self._note(s, step, result), Priority.BATCH)
        if earlier is not None:
            result = replace(
                result,
                new=result.new + earlier.new,
                updated=result.updated + earlier.updated,
                deleted=result.deleted + earlier.deleted,
                skipped=result.skipped + earlier.skipped,
            )
        self._results[table.name] = result

    def _pull_failed(self, table: Table, error: OrgMirrorError) -> ObjectResult:
        rows = self._mirror.read(all_objects)[table.name].rows
        return ObjectResult(table.name, rows=rows, failed=1, error=as_error(error, table.name))

    def _pull_described(self, table: Table, whole: bool, probe: Probe | None) -> tuple[ObjectResult, Changes]:
        """Pull; where a field was refused, describe the object again and pull once more."""
        most = self._engine._limits.window_max_rows
        pull = Pull(self._mirror, self._client, table, self._cancel, whole=whole, probe=probe, most_rows=most)
        try:
            return pull.run(), pull.changes
        except LargeWindow as window:
            return self._pull_window(table, window)
        except OrgMirrorError as error:
            if error.code not in (ErrorCode.FIELD_REFUSED, ErrorCode.OBJECT_NOT_VISIBLE):
                raise
        again = self._redescribe(self._client, table.name)
        whole = whole or table.name in self._mirror.read(reload_wanted)
        second = Pull(self._mirror, self._client, again, self._cancel, whole=whole)
        return second.run(), pull.changes.merged(second.changes)

    def _pull_window(self, table: Table, window: LargeWindow) -> tuple[ObjectResult, Changes]:
        """Read what changed by a Bulk job, which an interruption leaves where the next cycle takes it up."""
        before = self._mirror.read(all_objects)[table.name].rows
        job = LoadJob(
            object=table.name,
            method=LoadMethod.BULK,
            soql=soql.select(table, soql.load_fields(table), window.where),
            fields_hash=table.info.fingerprint(),
            api_version=self._client.api_version,
            started_server=window.before,
            total=window.rows,
        )
        self._mirror.writer.call(lambda s: loads.start_job(s, job), Priority.BATCH)
        result = self._load([table])[table.name]
        new = max(0, min(result.new, result.rows - before))
        return replace(result, new=new, updated=result.new - new), Changes({table.name: None})

    @staticmethod
    def _note(session: WriteSession, step: Step, result: ObjectResult) -> None:
        history.record_step(session, step)
        if result.error is None:
            problems.close_problems(session, result.name, keep=ErrorCode.TOO_MANY_GONE)
        else:
            problems.open_problem(session, result.name, result.error)

    def _record(self, result: CycleResult) -> None:
        """The cycle's own line. A mirror that cannot be written to is the very news, so it is not asked to keep it."""
        keep_spent(self._mirror, self._client.calls - self._calls)
        if result.error is not None and not is_fatal(result.error):
            return
        now = times.now()
        step = Step(
            started=now,
            ended=now,
            operation="cycle",
            status=result.outcome.value,
            new=sum(o.new for o in result.objects),
            updated=sum(o.updated for o in result.objects),
            deleted=sum(o.deleted for o in result.objects),
            failed=sum(o.failed for o in result.objects),
            skipped=sum(o.skipped for o in result.objects),
            api_calls=result.api_calls,
            seconds=result.seconds,
        )

        def note(session: WriteSession) -> None:
            history.record_step(session, step)
            if result.outcome in (CycleOutcome.OK, CycleOutcome.PROBLEMS):
                meta.set_(session, "last_ok_at", times.to_text(now))
            usage = self._client.meter.usage
            if usage.used is not None and usage.limit is not None:
                meta.set_(session, "api_used", str(usage.used))
                meta.set_(session, "api_limit", str(usage.limit))
            meta.set_(session, "last_outcome", result.outcome.value)
            meta.set_(session, "last_error", result.error.code.value if result.error else None)

        try:
            self._mirror.writer.call(note, Priority.BATCH)
        except OrgMirrorError as error:
            log.info("the cycle's line was not kept: %s", error.code.value)
            return
        if result.outcome in (CycleOutcome.OK, CycleOutcome.PROBLEMS):
            tidy(self._mirror)


def wanted_tables(tables: list[Table], objects: Collection[str] | None) -> list[Table]:
    """Those of `tables` that are asked for by name, in any case. Raises NO_SUCH_OBJECT."""
    if objects is None:
        return tables
    by_name = {table.name.lower(): table for table in tables}
    for name in objects:
        if name.lower() not in by_name:
            raise OrgMirrorError(ErrorCode.NO_SUCH_OBJECT, object=name)
    return [by_name[name.lower()] for name in objects]


def unfinished(mirror: Mirror) -> list[str]:
    """Objects whose first load was begun and has not ended."""
    jobs = mirror.read(loads.all_jobs)
    return [job.object for job in jobs if job.phase is not LoadPhase.DONE]
