"""The sync as the window and the command line see it: run it, steer it, ask how it stands."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from core.api.lookback import BacklogLine, Lookback
from core.api.status import Live, ObjectStatus, StatusView, status_of
from core.mirror import history as history_store
from core.mirror import holds as holds_store
from core.mirror import objects as objects_store
from core.mirror import problems as problem_store
from core.mirror.changes import Change
from core.mirror.deleted import DeletedRecord
from core.mirror.following import Followed
from core.mirror.history import Step
from core.mirror.kin import KinLink, Link, LostValue
from core.mirror.mirror import Mirror
from core.mirror.problems import Problem
from core.mirror.schema_log import SchemaLine
from core.mirror.session import Session, WriteSession
from core.mirror.throughput import HourLine
from core.model.changes import Changes
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.model.progress import CycleProgress, CycleResult, Event
from core.model.states import Operation
from core.salesforce.meter import ApiMeter
from core.sync.control import EngineControl
from core.sync.engine import Engine
from core.sync.expenses import stored_budget
from core.sync.faults import OFFLINE
from core.sync.handover import Wish, WishServer, hand_over, tell_of_edit, tell_of_pause, wish_file
from core.sync.lock import EngineLock
from core.sync.reconcile import Reconciled

__all__ = [
    "BacklogLine",
    "Change",
    "DeletedRecord",
    "EngineControl",
    "Followed",
    "HourLine",
    "KinLink",
    "Link",
    "LostValue",
    "ObjectStatus",
    "Problem",
    "SchemaLine",
    "StatusView",
    "Step",
    "SyncApi",
    "Usage",
    "result_json",
]

Emit = Callable[[Event], None]
T = TypeVar("T")
BUSY_WAIT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Usage:
    """The API budget. `used` of `limit` calls by everybody in the org's last 24 hours; None before any answer.

    `share`: percent of the limit that this program's background work may use. `own_today`: our calls of the last 24
    hours, `own_cycle`: of the cycle under way, or the last one; `left`: what the background may still spend.
    """

    used: int | None
    limit: int | None
    share: int
    own_today: int
    own_cycle: int
    left: int | None


class SyncApi(Lookback):
    """One per open connection. `run`/`run_once`/`reconcile` occupy the calling thread; all else answers at once.

    `make_engine` signs in where needed and may raise SIGN_IN_NEEDED, KEYRING_LOCKED and their like. `on_edit` is called
    on a thread of its own when another process has made an edit while `run` is under way here.
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
        on_edit: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(mirror)
        self._name = name
        self._lock_file = lock_file
        self._meter = meter
        self._make_engine = make_engine
        self._api_share = api_share
        self._on_edit = on_edit
        self._lock = threading.Lock()
        self._control: EngineControl | None = None
        self._progress: CycleProgress | None = None
        self._error: OrgMirrorError | None = None
        self._started_at: datetime | None = None
        self._next_cycle_at: datetime | None = None
        self._offline_since: datetime | None = None

    # running

    def make_control(self) -> EngineControl:
        """The levers for a run of the engine; a pause that was kept holds on."""
        control = EngineControl()
        if self.holds().all:
            control.pause()
        return control

    def run(self, control: EngineControl, emit: Emit) -> None:
        """The whole day: cycle, pause, again, until `control.stop`. Raises ENGINE_BUSY and what signing in can."""
        with EngineLock(self._lock_file, self._name):
            engine = self._made()
            wishes = WishServer(wish_file(self._lock_file.parent), control, self._on_edit)
            with self._lock:
                self._control = control
            try:
                engine.run(
                    control,
                    self._watched(emit, wishes),
                    on_begin=wishes.begun,
                    on_wait=self._waits,
                    on_reconciled=wishes.reconciled,
                )
            finally:
                with self._lock:
                    self._control = None
                wishes.close()

    def run_once(self, control: EngineControl, emit: Emit, objects: Collection[str] | None = None) -> CycleResult:
        """One cycle, over `objects` or all. Raises ENGINE_BUSY and what signing in can.

        Where another process has the engine, the wish is handed to it and its result comes back; where that one runs
        a single cycle too, this one waits for its end. A paused connection answers at once that it is, unless objects
        are asked for by name.
        """

        def mine() -> CycleResult:
            return self._made().run_once(control, self._watched(emit), objects)

        def handed() -> CycleResult | None:
            answer = hand_over(wish_file(self._lock_file.parent), Wish.of(objects))
            if isinstance(answer, CycleResult):
                emit(Event(result=answer))
                return answer
            return None

        return self._here_or_there(control, mine, handed)

    def reconcile(
        self, control: EngineControl, emit: Emit, objects: Collection[str] | None = None, *, consent: bool = False
    ) -> list[Reconciled]:
        """Compare every id of `objects` (None: all) with the org, repair, and read calculated fields anew.

        `consent`: however many rows may vanish. An object's failure is in its answer. Handed over where another
        process, or another thread of this one, has the engine. Raises NO_SUCH_OBJECT, and what concerns everything.
        """

        def mine() -> list[Reconciled]:
            return self._made().reconcile(control, emit, objects, consent=consent)

        def handed() -> list[Reconciled] | None:
            answer = hand_over(wish_file(self._lock_file.parent), Wish.of(objects, reconcile=True, consent=consent))
            return answer if isinstance(answer, list) else None

        return self._here_or_there(control, mine, handed)

    def _here_or_there(self, control: EngineControl, mine: Callable[[], T], handed: Callable[[], T | None]) -> T:
        """Do it with an engine of our own, or have it done by whoever has the engine.

        A single cycle of another process takes no wishes: then its end is waited for.
        """
        while True:
            try:
                with EngineLock(self._lock_file, self._name):
                    return mine()
            except OrgMirrorError as error:
                if error.code is not ErrorCode.ENGINE_BUSY or control.stopped:
                    raise
            answer = handed()
            if answer is not None:
                return answer
            if control.wait_stopped(BUSY_WAIT_SECONDS):
                raise Cancelled

    def refresh_record(self, object_name: str, record_id: str) -> Changes:
        """Read one record anew, calculated fields included, as when it is opened; what changed by it.

        It needs no engine and may run beside one. A record that is gone leaves the mirror. Raises OrgMirrorError.
        """
        return self._make_engine().refresh_record(self.object_name(object_name), record_id)

    def tell_of_edit(self) -> bool:
        """Something was put into the outbox: whoever runs the engine in another process is to send it soon.

        False where nobody does; then `push` or the next cycle sends it.
        """
        return tell_of_edit(wish_file(self._lock_file.parent))

    # steering

    def pause(self, direction: str | None = None) -> None:
        """Hold the sync until `resume`, also over restarts; "pull" or "push": that direction alone."""
        self._mirror.write(lambda s: holds_store.hold(s, on=True, direction=direction))
        if direction is None:
            control = self._own_control()
            if control is not None:
                control.pause()
            else:
                tell_of_pause(wish_file(self._lock_file.parent), paused=True)

    def resume(self, direction: str | None = None) -> None:
        """Go on at once; "pull" or "push": with that direction. Objects that are held by themselves stay so."""
        self._mirror.write(lambda s: holds_store.hold(s, on=False, direction=direction))
        control = self._own_control()
        if control is not None:
            control.resume()
        else:
            tell_of_pause(wish_file(self._lock_file.parent), paused=False)

    def pause_object(self, name: str, *, paused: bool, direction: str | None = None) -> str:
        """Hold one object, or one direction of it ("pull", "push"), or take it up again; kept in the file.

        Answers its API name. Raises NO_SUCH_OBJECT.
        """
        found = self.object_name(name)
        self._mirror.write(lambda s: holds_store.hold_object(s, found, on=paused, direction=direction))
        return found

    def retry_problems(self, ids: Collection[int]) -> None:
        """Try again what these problems are about, at once where the engine runs in this process."""

        def write(session: WriteSession) -> list[Problem]:
            chosen = problem_store.retry(session, ids)
            for problem in chosen:
                if problem.object is None:
                    continue
                if problem.operation == Operation.RECONCILE.value:
                    objects_store.want_sweep(session, problem.object)
                if problem.operation == Operation.SCHEMA.value and problem.field is not None:
                    objects_store.forget_refused(session, problem.object)
            return chosen

        chosen = self._mirror.write(write)
        control = self._own_control()
        if control is None or not chosen:
            return
        slow = {Operation.RECONCILE.value, Operation.FORMULAS.value, Operation.COUNT.value}
        names = {problem.object for problem in chosen if problem.object is not None}
        whole = not names or any(problem.operation in slow for problem in chosen)
        control.sync_now(None if whole else names)

    def _own_control(self) -> EngineControl | None:
        with self._lock:
            return self._control

    # how it stands

    def status(self) -> StatusView:
        """How the connection stands, from the file and from what runs in this process."""
        usage = self._meter.usage
        with self._lock:
            live = Live(
                progress=self._progress,
                error=self._error,
                started_at=self._started_at,
                next_cycle_at=self._next_cycle_at,
                offline_since=self._offline_since,
                used=usage.used,
                limit=usage.limit,
                share=self._api_share(),
            )
        return self._mirror.read(lambda s: status_of(s, live))

    def usage(self) -> Usage:
        """The API budget as it stands."""
        seen = self._meter.usage
        with self._lock:
            progress = self._progress

        def read(session: Session) -> Usage:
            budget = stored_budget(session, self._api_share(), seen.used, seen.limit)
            last = history_store.last(session, Operation.CYCLE.value)
            own = budget.spent + self._meter.unbooked
            return Usage(
                used=budget.used,
                limit=budget.limit,
                share=budget.share,
                own_today=own,
                own_cycle=progress.api_calls if progress else last.api_calls if last else 0,
                left=None if budget.allowed is None else max(0, budget.allowed - own),
            )

        return self._mirror.read(read)

    def _made(self) -> Engine:
        try:
            return self._make_engine()
        except OrgMirrorError as error:
            with self._lock:
                self._error = error
            raise

    def _waits(self, seconds: float | None) -> None:
        with self._lock:
            self._next_cycle_at = None if seconds is None else datetime.now(UTC) + timedelta(seconds=seconds)

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
