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

PROBES_PER_CALL = 5
LEAST_CALLS = 6
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
