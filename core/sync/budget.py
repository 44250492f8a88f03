"""Decides how much of the org's day the background may still spend, and how slowly it should go. Pure.

The share is the user's (default 20 %). The org's own counter tells what everybody used in 24 hours; what this program
spent of it is counted by ourselves and kept in the file, so that fresh processes know it too. A person's own acts are
never held back (sync-peers 2.8).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = timedelta(hours=24)
# The org as a whole is left this much of its day, whoever used the rest.
_KEEP_FREE_PERCENT = 5
_SLOW_FROM = 0.5
_TIGHT_FROM = 0.8


@dataclass(frozen=True, slots=True)
class Spent:
    """`calls` of ours since `since` (server time); a day after that the count begins anew."""

    since: datetime
    calls: int = 0

    def added(self, calls: int, now: datetime) -> Spent:
        """With `calls` more, as of `now`."""
        if now - self.since >= DAY:
            return Spent(now, calls)
        return Spent(self.since, self.calls + calls)


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent: `share` percent of `limit` calls a day. `used` is the org's own count (None: unknown)."""

    share: int
    limit: int | None
    used: int | None
    spent: int

    @property
    def allowed(self) -> int | None:
        """Calls a day that are ours, or None while the org's limit is unknown."""
        return None if self.limit is None else self.limit * self.share // 100

    @property
    def is_spent(self) -> bool:
        """Whether background work stops: our share is used, or the org itself is nearly at its end."""
        if self.limit is None or self.allowed is None:
            return False
        org_is_out = self.used is not None and self.used >= self.limit * (100 - _KEEP_FREE_PERCENT) / 100
        return self.spent >= self.allowed or org_is_out

    @property
    def is_tight(self) -> bool:
        """Whether only cycles go on: what is left of our share is kept for them, sweeps and formulas wait."""
        return self.allowed is not None and self.spent >= self.allowed * _TIGHT_FROM

    @property
    def slow_down(self) -> float:
        """By how much the pause between cycles grows: 1 up to half of the share, then steadily up to 6."""
        allowed = self.allowed
        if not allowed:
            return 1.0
        part = min(1.0, self.spent / allowed)
        return 1.0 if part <= _SLOW_FROM else 1.0 + 5.0 * (part - _SLOW_FROM) / (1.0 - _SLOW_FROM)
