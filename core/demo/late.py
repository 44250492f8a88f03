"""Calls that take effect long after their connection was cut, as a transaction of ten minutes does on a real org.

A fault puts them here (`"late": seconds`, core/demo/faults.py). They run when the org's clock has come that far, be it
by itself or because a test moved it. What they write has the stamps of when they came in, unless the fault says
otherwise, and until then `latestDateCovered` stays before them.

One LateCalls per site; its thread is a timer that lives only while something waits.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.demo.org import Org

log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class _Late:
    due: datetime
    began: datetime
    run: Callable[[], None]


class LateCalls:
    """The calls that wait."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._lock = threading.Lock()
        self._waiting: list[_Late] = []
        self._timer: threading.Timer | None = None
        self._stopped = False

    def add(self, seconds: float, run: Callable[[], None]) -> None:
        """Have `run` called in that many seconds of the org's clock."""
        now = self._org.now()
        late = _Late(now + timedelta(seconds=seconds), now.replace(microsecond=0), run)
        with self._lock:
            self._waiting.append(late)
        self._org.transaction_open(late.began)
        self._look_again()

    def __len__(self) -> int:
        return len(self._waiting)

    def run_due(self, *, everything: bool = False) -> int:
        """Run the calls whose time has come, in this thread; returns how many."""
        now = self._org.now()
        with self._lock:
            due = sorted((late for late in self._waiting if everything or late.due <= now), key=lambda late: late.due)
            self._waiting = [late for late in self._waiting if late not in due]
        for late in due:
            try:
                late.run()
            finally:
                self._org.transaction_closed(late.began)
        return len(due)

    def stop(self) -> None:
        """Forget what waits, as a server that goes down does."""
        with self._lock:
            self._stopped = True
            self._waiting.clear()
            timer = self._timer
        if timer is not None:
            timer.cancel()
            timer.join()

    def _look_again(self) -> None:
        with self._lock:
            if self._stopped or not self._waiting or (self._timer is not None and self._timer.is_alive()):
                return
            self._timer = threading.Timer(_LOOK_SECONDS, self._tick)
            self._timer.daemon = True
            self._timer.start()

    def _tick(self) -> None:
        try:
            self.run_due()
        except Exception:
            log.exception("a late call failed")
        with self._lock:
            self._timer = None
        self._look_again()
