"""The progress board: fetchers and writer report to it from their threads, the window sees it ten times a second.

Rates come from a sliding window of samples. A remaining time is told only when it can be trusted: a known total,
ten seconds of samples, and a rate that has not changed by more than a third lately.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from core.model.errors import OrgMirrorError
from core.model.progress import CycleProgress, Event, ObjectProgress
from core.model.states import LoadMethod, LoadPhase

EMIT_INTERVAL = 0.1
WINDOW_SECONDS = 15.0
TRUST_SECONDS = 10.0
TRUST_CHANGE = 1 / 3
# Nothing may follow for a while, so these are never held back.
_TOLD_AT_ONCE = frozenset({LoadPhase.QUEUED, LoadPhase.INDEXING, LoadPhase.DONE, LoadPhase.FAILED})


@dataclass
class _Samples:
    """(time, rows) of the last seconds of one object."""

    points: deque[tuple[float, int]] = field(default_factory=deque)

    def add(self, now: float, rows: int) -> None:
        if self.points and now - self.points[-1][0] < 0.2:
            self.points[-1] = (self.points[-1][0], rows)
            return
        self.points.append((now, rows))
        while self.points and now - self.points[0][0] > WINDOW_SECONDS:
            self.points.popleft()

    def rate(self) -> float | None:
        """Rows per second over the window; None while there is too little to tell."""
        if len(self.points) < 2:
            return None
        (start, before), (end, after) = self.points[0], self.points[-1]
        return (after - before) / (end - start) if end > start else None

    def trusted_rate(self) -> float | None:
        """The rate where the two halves of the window agree, otherwise None."""
        if len(self.points) < 4 or self.points[-1][0] - self.points[0][0] < TRUST_SECONDS:
            return None
        middle = self.points[len(self.points) // 2]
        first, last = self.points[0], self.points[-1]
        if middle[0] <= first[0] or last[0] <= middle[0]:
            return None
        early = (middle[1] - first[1]) / (middle[0] - first[0])
        late = (last[1] - middle[1]) / (last[0] - middle[0])
        if min(early, late) <= 0 or abs(early - late) > TRUST_CHANGE * max(early, late):
            return None
        return self.rate()


class ProgressBoard:
    """One per cycle. `emit` is called on the reporting thread, at most ten times a second; `flush` sends the last."""

    def __init__(
        self,
        emit: Callable[[Event], None],
        clock: Callable[[], float],
        api_calls: Callable[[], int],
        *,
        first_load: bool = False,
    ) -> None:
        self._emit = emit
        self._clock = clock
        self._api_calls = api_calls
        self._lock = threading.Lock()
        self._objects: dict[str, ObjectProgress] = {}
        self._samples: dict[str, _Samples] = {}
        self._started = clock()
        self._last = float("-inf")
        self._first_load = first_load
        self._waiting_for: str | None = None
        self._all = _Samples()

    def add(
        self,
        name: str,
        label: str,
        *,
        total: int | None = None,
        estimate: bool = False,
        first_load: bool = True,
        rows_done: int = 0,
        resumed: bool = False,
        phase: LoadPhase = LoadPhase.WAITING,
    ) -> None:
        """Put an object on the board. `resumed`: `rows_done` rows were here when an interrupted load went on."""
        with self._lock:
            self._objects[name] = ObjectProgress(
                name,
                label,
                phase,
                rows_done=rows_done,
                total=total,
                total_is_estimate=estimate,
                first_load=first_load,
                resumed_at=rows_done if resumed else None,
            )
            self._samples[name] = _Samples()
            self._first_load = self._first_load or first_load
        self._tick()

    def rows(self, name: str, rows_done: int) -> None:
        """`rows_done` rows of the object are committed."""
        now = self._clock()
        with self._lock:
            current = self._objects.get(name)
            if current is None:
                return
            self._samples[name].add(now, rows_done)
            total = current.total
            if total is not None and rows_done > total:
                total = rows_done
            self._objects[name] = replace(current, rows_done=rows_done, total=total)
            self._all.add(now, sum(o.rows_done for o in self._objects.values()))
        self._tick()

    def total(self, name: str, total: int, *, estimate: bool = False) -> None:
        """The answer itself said how many rows there are."""
        with self._lock:
            current = self._objects.get(name)
            if current is not None:
                self._objects[name] = replace(current, total=total, total_is_estimate=estimate)
        self._tick()

    def phase(
        self, name: str, phase: LoadPhase, *, method: LoadMethod | None = None, error: OrgMirrorError | None = None
    ) -> None:
        """The object entered another phase; always sent."""
        with self._lock:
            current = self._objects.get(name)
            if current is None:
                return
            self._objects[name] = replace(current, phase=phase, method=method or current.method, error=error)
        self._tick(force=phase in _TOLD_AT_ONCE)

    def waiting_for(self, what: str | None) -> None:
        """The engine waits for something outside: "network", "retry", "budget"; None when it goes on."""
        with self._lock:
            self._waiting_for = what
        self._tick(force=True)

    def snapshot(self) -> CycleProgress:
        """The board as one frozen value."""
        with self._lock:
            objects = tuple(self._with_rate(item) for item in self._objects.values())
            totals = [item.total for item in objects]
            return CycleProgress(
                objects=objects,
                rows_done=sum(item.rows_done for item in objects),
                total=sum(t for t in totals if t is not None) if totals and None not in totals else None,
                api_calls=self._api_calls(),
                seconds=self._clock() - self._started,
                first_load=self._first_load,
                waiting_for=self._waiting_for,
            )

    def flush(self) -> None:
        """Send the last value."""
        self._tick(force=True)

    def _with_rate(self, item: ObjectProgress) -> ObjectProgress:
        if item.phase is not LoadPhase.LOADING:
            return item
        samples = self._samples[item.name]
        trusted = samples.trusted_rate()
        remaining = None
        if trusted and item.total is not None and not item.total_is_estimate:
            remaining = max(0, item.total - item.rows_done) / trusted
        return replace(item, rate=samples.rate(), remaining_seconds=remaining)

    def _tick(self, *, force: bool = False) -> None:
        now = self._clock()
        with self._lock:
            if not force and now - self._last < EMIT_INTERVAL:
                return
            self._last = now
        self._emit(Event(progress=self.snapshot()))
