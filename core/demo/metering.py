"""The org's daily allowance of API calls: counted for every call, kept across restarts, refused when used up.

One Meter per site, used by all worker threads under its own lock. Written to the org's key-value store at most once
in a while and at the end, so that counting costs no disk access per call.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from core.demo.errors import OrgError

if TYPE_CHECKING:
    from core.demo.org import Org

_KEY = "http.meter"
_SAVE_EVERY = 100
_DAY = timedelta(hours=24)
DEFAULT_MAX = 100_000


class Meter:
    """Counts API calls against a maximum per 24 hours of the org's clock."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._lock = threading.Lock()
        stored: dict[str, Any] = org.kv.get(_KEY) or {}
        self._max = int(stored.get("max", DEFAULT_MAX))
        self._used = int(stored.get("used", 0))
        since = stored.get("since")
        self._since = datetime.fromisoformat(since) if since else org.now()
        self._jobs = int(stored.get("jobs", 0))
        self._unsaved = 0

    @property
    def max(self) -> int:
        """Calls allowed per day."""
        return self._max

    @property
    def used(self) -> int:
        """Calls made in the current day."""
        with self._lock:
            self._roll()
            return self._used

    @property
    def bulk_jobs(self) -> int:
        """Bulk query jobs created in the current day."""
        with self._lock:
            self._roll()
            return self._jobs

    def count(self, calls: int = 1) -> None:
        """Count calls. Raises OrgError REQUEST_LIMIT_EXCEEDED (403) when the allowance is used up."""
        with self._lock:
            self._roll()
            if self._used >= self._max:
                raise OrgError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403)
            self._used += calls
            self._unsaved += calls
            if self._unsaved >= _SAVE_EVERY:
                self._save()

    def count_job(self) -> None:
        """Count one Bulk query job."""
        with self._lock:
            self._jobs += 1

    def set(self, *, maximum: int | None = None, used: int | None = None) -> None:
        """Set the allowance or the calls used so far."""
        with self._lock:
            self._max = self._max if maximum is None else maximum
            self._used = self._used if used is None else used
            self._save()

    def header(self) -> str:
        """The value of Sforce-Limit-Info."""
        return f"api-usage={self.used}/{self._max}"

    def save(self) -> None:
        """Write the counter to the org."""
        with self._lock:
            self._save()

    def _roll(self) -> None:
        now = self._org.now()
        if now - self._since >= _DAY:
            self._since, self._used, self._jobs = now, 0, 0

    def _save(self) -> None:
        self._unsaved = 0
        self._org.kv.set(
            _KEY, {"max": self._max, "used": self._used, "since": self._since.isoformat(), "jobs": self._jobs}
        )
