"""`ApiMeter`: how much of the org's daily allowance is used, as every answer tells. One per connection, any thread."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass

_USAGE = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")
_PER_APP = re.compile(r"per-app-api-usage=(\d+)/(\d+)\(appName=([^)]*)\)")


@dataclass(frozen=True, slots=True)
class Usage:
    """`used` of `limit` in the org over the last 24 hours (None before the first answer); `own_calls` made by us since

    the meter began, without requests for tokens, which are `token_calls`.
    """

    used: int | None = None
    limit: int | None = None
    own_calls: int = 0
    token_calls: int = 0
    app_used: int | None = None
    app_limit: int | None = None


class ApiMeter:
    """Reads `Sforce-Limit-Info` (salesforce-api.md 3.9) and counts what we send."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._usage = Usage()
        self._booked = 0

    @property
    def usage(self) -> Usage:
        with self._lock:
            return self._usage

    @property
    def used(self) -> int | None:
        return self.usage.used

    @property
    def limit(self) -> int | None:
        return self.usage.limit

    @property
    def own_calls(self) -> int:
        return self.usage.own_calls

    @property
    def unbooked(self) -> int:
        """Our calls that nobody has written down yet."""
        with self._lock:
            return self._usage.own_calls - self._booked

    def take_unbooked(self) -> int:
        """Our calls since this was last asked: whoever asks writes them down."""
        with self._lock:
            fresh = self._usage.own_calls - self._booked
            self._booked = self._usage.own_calls
            return fresh

    @property
    def remaining(self) -> int | None:
        """Calls that the org has left, or None while unknown."""
        usage = self.usage
        if usage.used is None or usage.limit is None:
            return None
        return max(0, usage.limit - usage.used)

    def sent(self, *, token: bool = False) -> None:
        """One request goes out; `token` for sign-in requests."""
        with self._lock:
            now = self._usage
            self._usage = Usage(
                now.used,
                now.limit,
                now.own_calls + (not token),
                now.token_calls + token,
                now.app_used,
                now.app_limit,
            )

    def read(self, header: str | None) -> None:
        """Take over a `Sforce-Limit-Info` header; anything unreadable changes nothing."""
        if not header:
            return
        org, app = _USAGE.search(header), _PER_APP.search(header)
        with self._lock:
            now = self._usage
            self._usage = Usage(
                int(org[1]) if org else now.used,
                int(org[2]) if org else now.limit,
                now.own_calls,
                now.token_calls,
                int(app[1]) if app else now.app_used,
                int(app[2]) if app else now.app_limit,
            )

    def set_limits(self, used: int, limit: int) -> None:
        """Take over what `/limits` says."""
        with self._lock:
            now = self._usage
            self._usage = Usage(used, limit, now.own_calls, now.token_calls, now.app_used, now.app_limit)
