"""The sync as the window and the command line see it: run it, steer it, ask how it stands."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.mirror import changes as change_log
from core.mirror import history as history_store
from core.mirror import loads, meta, outbox, schema_log, times, watermarks
from core.mirror import objects as objects_store
from core.mirror import problems as problem_store
from core.mirror.changes import Change
from core.mirror.history import Step
from core.mirror.mirror import Mirror
from core.mirror.objects import all_objects
from core.mirror.problems import Problem
from core.mirror.schema_log import SchemaLine
from core.mirror.session import Session
from core.model.changes import Changes
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.model.progress import CycleProgress, CycleResult, Event, ObjectProgress
from core.model.scope import load_order
from core.model.states import ConnectionState, CycleOutcome, LoadPhase
from core.salesforce.meter import ApiMeter
from core.sync.control import EngineControl
from core.sync.engine import Engine
from core.sync.faults import BUDGET, LOCKED, OFFLINE, SIGN_IN
from core.sync.handover import WishServer, hand_over, wish_file
from core.sync.lock import EngineLock
from core.sync.reconcile import Reconciled

__all__ = ["EngineControl", "ObjectStatus", "StatusView", "SyncApi", "result_json"]

Emit = Callable[[Event], None]
BUSY_WAIT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class ObjectStatus:
    """One mirrored object. `rows` leaves deleted ones out; `total` and `rate` only while it loads."""

    name: str
    label: str
    label_plural: str
    custom: bool
    direction: str
    rows: int
    loaded: bool
    phase: LoadPhase
    total: int | None = None
    rate: float | None = None
    watermark: datetime | None = None
    last_synced_at: datetime | None = None
    error: OrgMirrorError | None = None


@dataclass(frozen=True, slots=True)
class StatusView:
    """How a connection stands. `rows` and `total` are over all objects, `total` None while unknown.

    The API numbers are of the org's last 24 hours; `api_share` is the percentage that this program may use.
    """

    state: ConnectionState
    rows: int
    total: int | None
    objects: tuple[ObjectStatus, ...]
    pending: int = 0
    conflicts: int = 0
    problems: int = 0
    started_at: datetime | None = None
    next_cycle_at: datetime | None = None
    last_ok_at: datetime | None = None
    offline_since: datetime | None = None
    api_used: int | None = None
    api_limit: int | None = None
    api_share: int | None = None
    error: OrgMirrorError | None = None


class SyncApi:
    """One per open connection. `run`/`run_once` occupy the calling thread; all else answers at once, from any thread.

    `make_engine` signs in where needed and may raise SIGN_IN_NEEDED, KEYRING_LOCKED and their like.
    """

    def __init__(
        self,
        mirror: Mirror,
        name: str,
        lock_file: Path,
        meter: ApiMeter,
        make_engine: Callable[[], Engine],
        *,
        api_share: Callable[[], int],
        paused: Callable[[], bool] = lambda: False,
    ) -> None:
        self._mirror = mirror
        self._name = name
        self._lock_file = lock_file
        self._meter = meter
        self._make_engine = make_engine
        self._api_share = api_share
        self._stored_pause = paused
        self._lock = threading.Lock()
        self._running = False
        self._paused = False
        self._progress: CycleProgress | None = None
        self._error: OrgMirrorError | None = None
        self._started_at: datetime | None = None
        self._next_cycle_at: datetime | None = None
        self._offline_since: datetime | None = None

    def make_control(self) -> EngineControl:
        """The levers for a run of the engine; a pause that was kept holds on."""
        control = EngineControl()
        if self._stored_pause():
            control.pause()
        return control

    def run(self, control: EngineControl, emit: Emit) -> None:
        """The whole day: cycle, pause, again, until `control.stop`. Raises ENGINE_BUSY and what signing in can."""
        with EngineLock(self._lock_file, self._name):
            engine = self._made()
            wishes = WishServer(wish_file(self._lock_file.parent), control)
            try:
                engine.run(control, self._watched(emit, wishes), on_begin=wishes.begun, on_wait=self._waits)
            finally:
                wishes.close()

    def run_once(self, control: EngineControl, emit: Emit, objects: Collection[str] | None = None) -> CycleResult:
        """One cycle, over `objects` or all. Raises ENGINE_BUSY and what signing in can.

        Where another process has the engine, the wish is handed to it and its result comes back; where that one runs
        a single cycle too, this one waits for its end.
        """
        while True:
            try:
                with EngineLock(self._lock_file, self._name):
                    return self._made().run_once(control, self._watched(emit), objects)
            except OrgMirrorError as error:
                if error.code is not ErrorCode.ENGINE_BUSY or control.stopped:
                    raise
            result = hand_over(wish_file(self._lock_file.parent), objects)
            if result is not None:
                emit(Event(result=result))
                return result
            if control.wait_stopped(BUSY_WAIT_SECONDS):
                raise Cancelled

    def reconcile(
        self, control: EngineControl, emit: Emit, objects: Collection[str] | None = None, *, consent: bool = False
    ) -> list[Reconciled]:
        """Compare every id of `objects` (None: all) with the org, repair, and read calculated fields anew.

        `consent`: however many rows may vanish. An object's failure is in its answer. Raises ENGINE_BUSY,
        NO_SUCH_OBJECT, and what concerns everything.
        """
        with EngineLock(self._lock_file, self._name):
            return self._made().reconcile(control, emit, objects, consent=consent)

    def refresh_record(self, object_name: str, record_id: str) -> Changes:
        """Read one record anew, calculated fields included, as when it is opened; what changed by it.

        It needs no engine and may run beside one. A record that is gone leaves the mirror. Raises OrgMirrorError.
        """
        return self._make_engine().refresh_record(object_name, record_id)

    def pause_object(self, name: str, *, paused: bool) -> str:
        """Hold one object, or take it up again; kept in the file. Answers its API name. Raises NO_SUCH_OBJECT."""
        known = {each.lower(): each for each in self._mirror.tables()}
        if name.lower() not in known:
            raise OrgMirrorError(ErrorCode.NO_SUCH_OBJECT, object=name)
        found = known[name.lower()]
        self._mirror.write(lambda s: objects_store.set_paused(s, found, paused=paused))
        return found

    def _made(self) -> Engine:
        try:
            return self._make_engine()
        except OrgMirrorError as error:
            with self._lock:
                self._error = error
            raise

    def _waits(self, seconds: float) -> None:
        with self._lock:
            self._next_cycle_at = datetime.now(UTC) + timedelta(seconds=seconds)

    def _watched(self, emit: Emit, wishes: WishServer | None = None) -> Emit:
        def watched(event: Event) -> None:
            with self._lock:
                if event.progress is not None:
                    if self._progress is None:
                        self._started_at = datetime.now(UTC)
                        self._next_cycle_at = None
                    self._progress = event.progress
                if event.result is not None:
                    self._progress = None
                    self._started_at = None
                    self._error = event.result.error
                    offline = self._error is not None and self._error.code in OFFLINE
                    self._offline_since = (self._offline_since or datetime.now(UTC)) if offline else None
            if event.result is not None and wishes is not None:
                wishes.answered(event.result)
            emit(event)

        return watched

    def status(self) -> StatusView:
        """How the connection stands, from the file and from what runs in this process."""
        with self._lock:
            progress, error = self._progress, self._error
            started, upcoming, offline = self._started_at, self._next_cycle_at, self._offline_since
        stored = self._mirror.read(_read_status)
        live = {item.name: item for item in progress.objects} if progress else {}
        objects = tuple(_object_status(stored, name, live.get(name)) for name in sorted(stored.names, key=load_order))
        totals = [o.total if o.total is not None else (o.rows if o.loaded else None) for o in objects]
        usage = self._meter.usage
        return StatusView(
            state=_state(stored, progress, error, objects),
            rows=sum(o.rows for o in objects),
            total=sum(t for t in totals if t is not None) if totals and None not in totals else None,
            objects=objects,
            pending=stored.pending,
            conflicts=stored.conflicts,
            problems=stored.problems,
            started_at=started,
            next_cycle_at=upcoming,
            last_ok_at=stored.last_ok_at,
            offline_since=offline,
            api_used=usage.used if usage.used is not None else stored.api_used,
            api_limit=usage.limit if usage.limit is not None else stored.api_limit,
            api_share=self._api_share(),
            error=error,
        )

    def problems(self) -> list[Problem]:
        """What waits for a person, the newest first."""
        return self._mirror.read(problem_store.open_problems)

    def history(self, limit: int = 200) -> list[Step]:
        """What cycles did, the newest first."""
        return self._mirror.read(lambda s: history_store.recent(s, limit))

    def schema_log(self, limit: int = 200) -> list[SchemaLine]:
        """What changed in the org's schema, the newest first."""
        return self._mirror.read(lambda s: schema_log.recent(s, limit))

    def recent_changes(self, limit: int = 100) -> list[Change]:
        """What came in and went out, the newest first."""
        return self._mirror.read(lambda s: change_log.recent(s, limit))


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the file tells of the connection."""

    names: tuple[str, ...]
    objects: dict[str, Any]
    jobs: dict[str, Any]
    marks: dict[str, Any]
    problem_of: dict[str, Problem]
    pending: int
    conflicts: int
    problems: int
    last_ok_at: datetime | None
    last_outcome: str | None
    last_error: str | None
    api_used: int | None
    api_limit: int | None


def _read_status(session: Session) -> _Stored:
    objects = all_objects(session)
    problems = problem_store.open_problems(session)
    used, limit = meta.get(session, "api_used"), meta.get(session, "api_limit")
    return _Stored(
        names=tuple(name for name, item in objects.items() if item.in_scope),
        objects=dict(objects),
        jobs={job.object: job for job in loads.all_jobs(session)},
        marks=dict(watermarks.all_watermarks(session)),
        problem_of={p.object: p for p in reversed(problems) if p.object is not None},
        pending=outbox.count_pending(session),
        conflicts=outbox.count_conflicts(session),
        problems=len(problems),
        last_ok_at=times.optional_moment(meta.get(session, "last_ok_at")),
        last_outcome=meta.get(session, "last_outcome"),
        last_error=meta.get(session, "last_error"),
        api_used=int(used) if used else None,
        api_limit=int(limit) if limit else None,
    )


def _object_status(stored: _Stored, name: str, live: ObjectProgress | None) -> ObjectStatus:
    item, job, mark = stored.objects[name], stored.jobs.get(name), stored.marks.get(name)
    problem = stored.problem_of.get(name)
    error = live.error if live else None
    if error is None and problem is not None:
        error = OrgMirrorError(
            problem.code,
            salesforce_code=problem.salesforce_code,
            salesforce_text=problem.salesforce_text,
            **dict(problem.params),
        )
    total = job.total if job is not None and not item.loaded else None
    if item.loaded:
        phase = LoadPhase.DONE
    else:
        phase = live.phase if live else job.phase if job else LoadPhase.WAITING
    return ObjectStatus(
        name=name,
        label=item.label,
        label_plural=item.label_plural,
        custom=item.custom,
        direction=item.direction,
        rows=item.rows if item.loaded else (live.rows_done if live else job.rows_done if job else 0),
        loaded=item.loaded,
        phase=phase,
        total=live.total if live and not item.loaded else total,
        rate=live.rate if live else None,
        watermark=mark.safe_from if mark else None,
        last_synced_at=times.optional_moment(item.last_synced_at),
        error=error,
    )


def _state(
    stored: _Stored,
    progress: CycleProgress | None,
    error: OrgMirrorError | None,
    objects: tuple[ObjectStatus, ...],
) -> ConnectionState:
    """The one state, the most pressing first."""
    if error is not None:
        for codes, state in (
            (LOCKED, ConnectionState.LOCKED),
            (SIGN_IN, ConnectionState.SIGN_IN_NEEDED),
            (BUDGET, ConnectionState.BUDGET),
            (OFFLINE, ConnectionState.OFFLINE),
        ):
            if error.code in codes:
                return state
    if progress is not None:
        return ConnectionState.LOADING if progress.first_load else ConnectionState.SYNCING
    if error is None and stored.last_outcome in _OUTCOME_STATES:
        return _OUTCOME_STATES[stored.last_outcome]
    if error is None and stored.last_outcome == CycleOutcome.ERROR.value and stored.last_error in OFFLINE:
        return ConnectionState.OFFLINE
    if stored.problems or stored.conflicts:
        return ConnectionState.NEEDS_YOU
    if not objects or not any(o.loaded for o in objects):
        return ConnectionState.LOADING if stored.jobs else ConnectionState.NEVER_SYNCED
    if not all(o.loaded for o in objects):
        return ConnectionState.LOADING
    return ConnectionState.IN_STEP


_OUTCOME_STATES = {
    CycleOutcome.SIGN_IN_NEEDED.value: ConnectionState.SIGN_IN_NEEDED,
    CycleOutcome.LOCKED.value: ConnectionState.LOCKED,
    CycleOutcome.BUDGET.value: ConnectionState.BUDGET,
}


def result_json(result: CycleResult) -> dict[str, Any]:
    """The one JSON object of `sync --once --json` (issue 2, section 6)."""
    answer: dict[str, Any] = {
        "result": result.outcome.value,
        "seconds": round(result.seconds, 3),
        "api_calls": result.api_calls,
        "objects": [
            {
                "name": item.name,
                "rows": item.rows,
                "new": item.new,
                "updated": item.updated,
                "deleted": item.deleted,
                "skipped": item.skipped,
                "failed": item.failed,
            }
            for item in result.objects
        ],
    }
    return answer
