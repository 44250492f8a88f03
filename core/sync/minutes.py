"""What is written down once a cycle has ended: its own line, how it stands with everything, and the upkeep.

A mirror that cannot be written to is the very news of some cycles, so it is asked to keep them and may refuse.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.mirror import following, history, meta, preferences, problems, throughput, times
from core.mirror.display import zone_of
from core.mirror.history import Step
from core.mirror.mirror import Mirror
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.progress import CycleResult
from core.model.states import CycleOutcome, Operation
from core.salesforce.client import Client
from core.sync.deletions import purge
from core.sync.expenses import keep_spent
from core.sync.faults import BUDGET, LOCKED, OFFLINE
from core.sync.upkeep import tidy

log = logging.getLogger(__name__)

_KEEP_DAYS, _KEEP_DAYS_DEFAULT = "deleted_keep_days", 30
_ENDED = (CycleOutcome.OK, CycleOutcome.PROBLEMS)
# These pass by themselves, or are told by the state alone.
_NO_PROBLEM = OFFLINE | BUDGET | LOCKED | {ErrorCode.CANCELLED, ErrorCode.PAUSED, ErrorCode.NO_SUCH_OBJECT}


@dataclass(frozen=True, slots=True)
class Begun:
    """How it stood when the cycle began: when, and the number of the newest line of the change log."""

    at: datetime
    change: int


def begin(mirror: Mirror) -> Begun:
    """Before a cycle's first step."""
    return Begun(times.now(), mirror.read(following.newest_change))


def keep(mirror: Mirror, client: Client, result: CycleResult, begun: Begun) -> Changes:
    """Write a cycle down; answers what the upkeep changed. Never raises for a file that cannot be written to."""
    keep_spent(mirror, client.meter)
    if result.error is not None and result.error.code is ErrorCode.NO_SUCH_OBJECT:
        return Changes()  # nothing was done
    tables = mirror.tables()
    zone = zone_of(mirror.read(lambda s: meta.get(s, "timezone")))
    try:
        mirror.writer.call(lambda s: _note(s, client, result, begun), Priority.BATCH)
        mirror.writer.call(lambda s: following.mark(s, tables, zone, begun.change), Priority.BATCH)
        if result.outcome not in _ENDED:
            return Changes()
        now = client.server_now()
        tidy(mirror, now)
        return _purge(mirror, client, tables, now)
    except OrgMirrorError as error:
        log.info("the cycle was not written down: %s", error.code.value)
        return Changes()


def _note(session: WriteSession, client: Client, result: CycleResult, begun: Begun) -> None:
    now = times.now()
    step = Step(
        started=begun.at,
        ended=now,
        operation=Operation.CYCLE.value,
        status=result.outcome.value,
        new=sum(o.new for o in result.objects),
        updated=sum(o.updated for o in result.objects),
        deleted=sum(o.deleted for o in result.objects),
        failed=sum(o.failed for o in result.objects),
        skipped=sum(o.skipped for o in result.objects),
        api_calls=result.api_calls,
        seconds=result.seconds,
    )
    history.record_step(session, step)
    if result.outcome in _ENDED:
        meta.set_(session, "last_ok_at", times.to_text(now))
    usage = client.meter.usage
    if usage.used is not None and usage.limit is not None:
        meta.set_(session, "api_used", str(usage.used))
        meta.set_(session, "api_limit", str(usage.limit))
    meta.set_(session, "last_outcome", result.outcome.value)
    meta.set_(session, "last_error", result.error.code.value if result.error else None)
    throughput.note_backlog(session, now)
    if result.error is None:
        if result.outcome in _ENDED:
            problems.close_problems(session, None, operation=Operation.CYCLE)
    elif result.error.code not in _NO_PROBLEM:
        problems.open_problem(session, None, result.error, operation=Operation.CYCLE)


def _purge(mirror: Mirror, client: Client, tables: Mapping[str, Table], now: datetime) -> Changes:
    """Deleted records whose time here is over."""
    days = mirror.read(preferences.read_all).get(_KEEP_DAYS, _KEEP_DAYS_DEFAULT)
    if not client.knows_time:
        return Changes()
    return purge(mirror, tables.values(), now - timedelta(days=int(days)))
