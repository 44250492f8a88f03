"""What was asked of the demo org, for tests that count calls and repeated pages.

One CallLog per site. Appended by the event loop and read by control calls, under its own lock.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from typing import Any

_KEPT = 200_000


class CallLog:
    """The last calls in order, and counters of all of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self._by_status: Counter[int] = Counter()
        self._by_method: Counter[str] = Counter()
        self._number = 0

    def add(self, *, method: str, path: str, status: int, at: float, fault: bool) -> dict[str, Any]:
        """Note one call before its answer leaves, so that a client that has an answer finds it here.

        `path` holds the query string, `at` is Unix time, `status` 0 for a call that gets no answer. Returns the entry,
        whose `seconds` and `bytes` (of body sent) the caller fills in at the end.
        """
        with self._lock:
            self._number += 1
            self._by_status[status] += 1
            self._by_method[method] += 1
            entry = {
                "n": self._number,
                "method": method,
                "path": path,
                "status": status,
                "at": at,
                "seconds": None,
                "bytes": 0,
                "fault": fault,
            }
            self._calls.append(entry)
            return entry

    def calls(self, after: int = 0) -> list[dict[str, Any]]:
        """The calls noted since number `after`."""
        with self._lock:
            return [call for call in self._calls if call["n"] > after]

    def counters(self) -> dict[str, Any]:
        """Totals since the last reset."""
        with self._lock:
            return {
                "calls": sum(self._by_status.values()),
                "by_status": {str(key): value for key, value in self._by_status.items()},
                "by_method": dict(self._by_method),
            }

    def reset(self) -> None:
        """Forget everything but the numbering."""
        with self._lock:
            self._calls.clear()
            self._by_status.clear()
            self._by_method.clear()
