"""Decides what the backlog of an object means: how fast it shrinks, and whether it grows. Pure.

The rule is Marketo's (marketo-sync 4.3): over a rolling day the highest, lowest and average number of records an hour,
the time that the backlog takes at that average, and "growing" where it is above the value of six hours ago.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.mirror.throughput import HourLine, hour_of

DAY_HOURS = 24
GROWING_SINCE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Pace:
    """Records an hour over the last 24 hours; `seconds_left` for the backlog at the average (None: no pace, no end)."""

    per_hour: float
    highest: int
    lowest: int
    seconds_left: float | None
    growing: bool


def pace_of(lines: Sequence[HourLine], waiting: int, now: datetime) -> Pace:
    """What the hours of one object, in order, say of its backlog of `waiting` records."""
    first = hour_of(now) - timedelta(hours=DAY_HOURS - 1)
    done = {line.hour: line.done for line in lines if line.hour >= first}
    values = [done.get(first + timedelta(hours=at), 0) for at in range(DAY_HOURS)]
    per_hour = sum(values) / DAY_HOURS
    return Pace(
        per_hour=per_hour,
        highest=max(values),
        lowest=min(values),
        seconds_left=0.0 if not waiting else waiting / per_hour * 3600 if per_hour else None,
        growing=waiting > _then(lines, hour_of(now) - GROWING_SINCE),
    )


def _then(lines: Sequence[HourLine], hour: datetime) -> int:
    """The backlog in that hour: the last one noted up to it, nothing where none was."""
    known = [line.backlog for line in lines if line.backlog is not None and line.hour <= hour]
    return known[-1] if known else 0
