"""Random choices and the passing of time for the generator. One Source per object, seeded by name, so that the number
of records of one object does not change the others."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

T = TypeVar("T")
YEARS = 8
_TIMES = [f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}.000Z" for s in range(86400)]


def scattered(total: int, count: int) -> dict[int, int]:
    """Where so many special values go among records 1 to `total`: place of the value by number of the record.

    Evenly and out of order, so that the first and the last page of an object look like any other; an object with fewer
    records than values has the first of them.
    """
    if total <= count:
        return {number: number - 1 for number in range(1, total + 1)}
    step = next(step for step in (23, 29, 31, 1) if math.gcd(step, count) == 1)
    return {(2 * place + 1) * total // (2 * count) + 1: place * step % count for place in range(count)}


class Clock:
    """Moments as whole seconds since the company began to use the org, and their stored form."""

    def __init__(self, anchor: datetime) -> None:
        self.start = (anchor - timedelta(days=round(365.25 * YEARS))).replace(hour=0, minute=0, second=0, microsecond=0)
        self.end = int((anchor - self.start).total_seconds())
        self._days = [
            (self.start + timedelta(days=day)).strftime("%Y-%m-%dT") for day in range(self.end // 86400 + 400)
        ]

    def text(self, second: int) -> str:
        """`2024-02-29T08:15:00.000Z`."""
        day, rest = divmod(second, 86400)
        return self._days[day] + _TIMES[rest]

    def date(self, second: int) -> str:
        """`2024-02-29`, the past and about a year to come."""
        return self._days[second // 86400][:10]

    def day(self, offset: int) -> str:
        """The date so many days from the anchor."""
        return (self.start + timedelta(seconds=self.end, days=offset)).date().isoformat()


class Source:
    """A seeded stream of choices."""

    def __init__(self, seed: int, name: str) -> None:
        self.rng = random.Random(f"{seed}:{name}")
        self.random = self.rng.random

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[int(self.random() * len(items))]

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1."""
        return int(self.random() * limit)

    def chance(self, share: float) -> bool:
        return self.random() < share

    def digits(self, pattern: str) -> str:
        """The pattern with a digit for each #."""
        if "#" not in pattern:
            return pattern
        return "".join(str(int(self.random() * 10)) if char == "#" else char for char in pattern)

    def stamps(self, clock: Clock, place: int, total: int) -> tuple[int, int, int]:
        """Seconds of creation, last edit and system stamp of the nth of so many records.

        Records are made evenly over the years; some are edited at once, some later, a few in the last ten days, and
        some stamps were moved by the system after the last edit.
        """
        random_ = self.random
        created = int(clock.end * (place + random_()) / total)
        kind = random_()
        if kind < 0.3:
            edited = min(clock.end, created + int(random_() * 7200))
        elif kind < 0.9:
            edited = created + int((clock.end - created) * random_())
        elif kind < 0.95:
            edited = max(created, clock.end - int(random_() * 864000))
        else:
            edited = created
        stamped = edited + int((clock.end - edited) * random_()) if random_() < 0.08 else edited
        return created, edited, stamped
