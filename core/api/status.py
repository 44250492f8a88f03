"""How a connection stands, from its file and from what runs here: one value for every place that tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.mirror import holds as holds_store
from core.mirror import loads, meta, outbox, times, watermarks
from core.mirror import problems as problem_store
from core.mirror.holds import Holds
from core.mirror.objects import all_objects
from core.mirror.problems import Problem
from core.mirror.session import Session
from core.model.errors import OrgMirrorError
from core.model.progress import CycleProgress, ObjectProgress
from core.model.scope import load_order
from core.model.states import ConnectionState, CycleOutcome, LoadPhase
from core.sync.faults import BUDGET, LOCKED, OFFLINE, SIGN_IN


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
    held: str = ""  # what a person pauses of it: "", "all", "pull", "push"


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
    held: str = ""  # what a person pauses of the whole connection: "", "all", "pull", "push"


@dataclass(frozen=True, slots=True)
class Live:
    """What this process knows beside the file. `used` and `limit`: the org's calls as the last answer told them."""

    progress: CycleProgress | None = None
    error: OrgMirrorError | None = None
    started_at: datetime | None = None
    next_cycle_at: datetime | None = None
    offline_since: datetime | None = None
    used: int | None = None
    limit: int | None = None
    share: int | None = None


def status_of(session: Session, live: Live) -> StatusView:
    """How the connection stands."""
    stored = _read_status(session)
    running = {item.name: item for item in live.progress.objects} if live.progress else {}
    objects = tuple(_object_status(stored, name, running.get(name)) for name in sorted(stored.names, key=load_order))
    totals = [o.total if o.total is not None else (o.rows if o.loaded else None) for o in objects]
    return StatusView(
        state=_state(stored, live.progress, live.error, objects),
        rows=sum(o.rows for o in objects),
        total=sum(t for t in totals if t is not None) if totals and None not in totals else None,
        objects=objects,
        pending=stored.pending,
        conflicts=stored.conflicts,
        problems=stored.problems,
        started_at=live.started_at,
        next_cycle_at=live.next_cycle_at,
        last_ok_at=stored.last_ok_at,
        offline_since=live.offline_since,
        api_used=live.used if live.used is not None else stored.api_used,
        api_limit=live.limit if live.limit is not None else stored.api_limit,
        api_share=live.share,
        error=live.error,
        held=_held(stored.holds),
    )


def _held(holds: Holds) -> str:
    if holds.all or (holds.pull and holds.push):
        return holds_store.BOTH
    return holds_store.PULL if holds.pull else holds_store.PUSH if holds.push else ""


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
    holds: Holds


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
        holds=holds_store.read(session),
    )


def _object_status(stored: _Stored, name: str, live: ObjectProgress | None) -> ObjectStatus:
    item, job, mark = stored.objects[name], stored.jobs.get(name), stored.marks.get(name)
    problem = stored.problem_of.get(name)
    error = live.error if live else None
    if error is None and problem is not None:
        error = problem.error
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
        held=stored.holds.objects.get(name, ""),
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
    if stored.holds.all:
        return ConnectionState.PAUSED
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
