"""Decides which objects a cycle asks for changes, and when the slower passes are due. Pure: values in, values out.

The twelve standard objects are asked every cycle, what was changed lately nearly as often, quiet objects up to hourly,
and never more than the cycle's budget of calls allows (rules 6). Everything it goes by is kept in the file, so that a
fresh process for every cycle keeps to it as well. Moments are server time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.model.scope import TWELVE, load_order

COUNT_EVERY = timedelta(hours=1)
SWEEP_SMALL_EVERY = timedelta(days=1)
SWEEP_LARGE_EVERY = timedelta(days=7)
LARGE_ROWS = 50_000
FORMULAS_EVERY = timedelta(days=1)
# What a cycle does of the slow passes at most, so that it ends and the next one begins.
SLOW_AT_ONCE = 20
PROBES_PER_CALL = 5
LEAST_CALLS = 6
FIRST_RETRY = timedelta(hours=1)
LONGEST_RETRY = timedelta(days=1)
LONGEST_QUIET = timedelta(hours=1)
RELOAD_EVERY = timedelta(hours=1)
# An object is asked again after this part of the time since its last change.
_PATIENCE = 12
# As many ride along in the calls that a small mirror may spend anyway, however quiet they are.
_COMFORT = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """One loaded object. `asked_at`: when it was last asked; `changed_at`: the newest stamp among its rows.

    `stamped` False: it has no stamp and can only be reloaded whole.
    """

    name: str
    asked_at: datetime | None
    changed_at: datetime | None
    stamped: bool = True


def calls_allowed(objects: int) -> int:
    """The calls that a cycle over `objects` objects may cost when it finds nothing (rules 6)."""
    return max(LEAST_CALLS, 1 + objects // 10)


def probe_slots(objects: int, spent: int) -> int:
    """How many objects may be asked in a cycle that has made `spent` calls for the schema; the twelve always fit."""
    left = calls_allowed(objects) - spent
    return PROBES_PER_CALL * max(left, math.ceil(len(TWELVE) / PROBES_PER_CALL))


def quiet_interval(candidate: Candidate, now: datetime) -> timedelta:
    """How long the object is left in peace: an hour at most, less the fresher its last change is."""
    if not candidate.stamped:
        return RELOAD_EVERY
    if candidate.changed_at is None:
        return LONGEST_QUIET
    return min(LONGEST_QUIET, max(timedelta(0), now - candidate.changed_at) / _PATIENCE)


def due_at(candidate: Candidate, now: datetime) -> datetime:
    """When the object is to be asked again; `now` for one of the twelve, and for what was never asked."""
    if candidate.asked_at is None or (candidate.name in TWELVE and candidate.stamped):
        return now
    return candidate.asked_at + quiet_interval(candidate, now)


def choose(candidates: Iterable[Candidate], now: datetime, slots: int) -> tuple[str, ...]:
    """The objects to ask in this cycle, at most `slots`, in load order.

    The twelve first, then what is due, the longest overdue first, then, while the mirror is small, the rest.
    """
    waiting = list(candidates)
    first = [c for c in waiting if c.name in TWELVE and due_at(c, now) <= now]
    others = sorted((c for c in waiting if c not in first), key=lambda c: (due_at(c, now), load_order(c.name)))
    due = [c for c in others if due_at(c, now) <= now]
    spare = [c for c in others if c not in due and c.stamped][: max(0, _COMFORT - len(first) - len(due))]
    chosen = [*first, *due, *spare][: max(slots, 0)]
    return tuple(sorted((c.name for c in chosen), key=load_order))


@dataclass(frozen=True, slots=True)
class Standing:
    """How an object stands with the slow passes. `loaded_at`: when its first load began. `sweep_wanted`: at once."""

    name: str
    rows: int
    loaded_at: datetime | None
    swept_at: datetime | None = None
    formulas_at: datetime | None = None
    sweep_wanted: bool = False


def sweeps_due(standings: Iterable[Standing], now: datetime) -> tuple[str, ...]:
    """Whose ids are to be compared now: what is wanted at once first, then the longest overdue."""

    def overdue(item: Standing) -> timedelta | None:
        if item.sweep_wanted:
            return timedelta.max
        last = item.swept_at or item.loaded_at
        every = SWEEP_LARGE_EVERY if item.rows > LARGE_ROWS else SWEEP_SMALL_EVERY
        return None if last is None or now - last < every else now - last - every

    return _most_overdue((item.name, overdue(item)) for item in standings)


def formulas_due(standings: Iterable[Standing], now: datetime) -> tuple[str, ...]:
    """Whose calculated fields are to be read now; an object without rows has none to read."""

    def overdue(item: Standing) -> timedelta | None:
        last = item.formulas_at or item.loaded_at
        return None if not item.rows or last is None or now - last < FORMULAS_EVERY else now - last

    return _most_overdue((item.name, overdue(item)) for item in standings)


def retry_after(attempts: int) -> timedelta:
    """How long a slow pass waits that failed `attempts` times in a row: an hour, then twice as long, up to a day."""
    return min(LONGEST_RETRY, FIRST_RETRY * (1 << min(max(attempts, 1) - 1, 10)))


def _most_overdue(found: Iterable[tuple[str, timedelta | None]]) -> tuple[str, ...]:
    late = sorted(
        ((by, name) for name, by in found if by is not None), key=lambda item: (-item[0].total_seconds(), item[1])
    )
    return tuple(name for _, name in late[:SLOW_AT_ONCE])
