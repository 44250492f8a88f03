"""Hours of backlog and throughput as the points of a small chart: five days in 4-hour points, as Marketo shows them.

Pure: values in, values out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.api.sync import HourLine

DAYS = 5
HOURS = 4


@dataclass(frozen=True, slots=True)
class Point:
    """`done` records in the four hours from `start`; `backlog` what waited at their end, None where nobody looked."""

    start: datetime
    done: int = 0
    backlog: int | None = None


def points(hours: Iterable[HourLine], now: datetime, *, days: int = DAYS) -> list[Point]:
    """The points up to `now`, the oldest first; hours that were never counted stand as nothing done."""
    here = now.astimezone(UTC)
    last = here.replace(hour=here.hour - here.hour % HOURS, minute=0, second=0, microsecond=0)
    starts = [last - timedelta(hours=HOURS * back) for back in range(days * 24 // HOURS - 1, -1, -1)]
    done = dict.fromkeys(starts, 0)
    backlog: dict[datetime, tuple[datetime, int]] = {}
    for line in hours:
        at = line.hour.astimezone(UTC)
        start = at.replace(hour=at.hour - at.hour % HOURS, minute=0, second=0, microsecond=0)
        if start not in done:
            continue
        done[start] += line.done
        if line.backlog is not None and (start not in backlog or backlog[start][0] <= at):
            backlog[start] = (at, line.backlog)
    return [Point(start, done[start], backlog[start][1] if start in backlog else None) for start in starts]
