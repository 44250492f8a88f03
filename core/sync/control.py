"""`EngineControl`: the levers of a running engine. Any thread may pull them; the engine's thread listens.

Pause, cancel and quit all abandon the request in flight at once (rules 1): the resume state on disk makes
going on cheap, and a thread that waits on a socket would not hear anything else. What a person asks for by name is done
also while the rest is paused.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.model.cancel import CancelToken

# How often a long wait looks whether the computer slept, and by how much the clocks must disagree then.
LOOK_SECONDS = 10.0
SLEPT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class ReconcileWish:
    """A reconcile that a person asked for: of these objects (None: all); `consent`: however many rows may vanish."""

    objects: tuple[str, ...] | None = None
    consent: bool = False


class EngineControl:
    """One per engine run. A cycle works under the token that `begin_cycle` gave it.

    `clock` is the computer's own (seconds, as time.time), `monotonic` stands still while the computer sleeps, or not:
    systems differ, and both are right here.
    """

    def __init__(
        self,
        *,
        paused: bool = False,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._condition = threading.Condition()
        self._clock = clock
        self._monotonic = monotonic
        self._paused = paused
        self._stopped = False
        self._wanted: set[str] | None = None
        self._wake = False
        self._reconciles: deque[ReconcileWish] = deque()
        self._token = CancelToken()

    @property
    def paused(self) -> bool:
        with self._condition:
            return self._paused

    @property
    def stopped(self) -> bool:
        with self._condition:
            return self._stopped

    @property
    def wished(self) -> bool:
        """Whether something was asked for by name, or a reconcile: a pause does not hold it up."""
        with self._condition:
            return self._wished

    @property
    def _wished(self) -> bool:
        return bool(self._reconciles) or (self._wake and self._wanted is not None)

    def pause(self) -> None:
        """Stop the cycle under way and start none until `resume`."""
        with self._condition:
            self._paused = True
            token = self._token
            self._condition.notify_all()
        token.set()

    def resume(self) -> None:
        """Go on at once."""
        with self._condition:
            self._paused = False
            self._wake = True
            self._wanted = None
            self._condition.notify_all()

    def cancel_cycle(self) -> None:
        """Abandon the cycle under way; the next one comes at its time."""
        with self._condition:
            token = self._token
        token.set()

    def stop(self) -> None:
        """End for good: the quit sequence."""
        with self._condition:
            self._stopped = True
            token = self._token
            self._condition.notify_all()
        token.set()

    def wait_stopped(self, seconds: float) -> bool:
        """Sleep for `seconds` or until `stop`; True when stopped."""
        with self._condition:
            return self._condition.wait_for(lambda: self._stopped, seconds)

    def sync_now(self, objects: Iterable[str] | None = None) -> None:
        """Start a cycle without waiting for the pause to end; `objects` limits it to these.

        Wishes that come together become one cycle: over all of their objects, or over everything.
        """
        with self._condition:
            if objects is None:
                self._wanted = None
            elif not self._wake:
                self._wanted = set(objects)
            elif self._wanted is not None:
                self._wanted |= set(objects)
            self._wake = True
            self._condition.notify_all()

    def reconcile_now(self, wish: ReconcileWish) -> None:
        """Compare ids before the next cycle, without waiting for the pause to end."""
        with self._condition:
            self._reconciles.append(wish)
            self._condition.notify_all()

    def take_reconcile(self) -> ReconcileWish | None:
        """The next reconcile that was asked for, or None."""
        with self._condition:
            return self._reconciles.popleft() if self._reconciles else None

    def begin_cycle(self) -> tuple[CancelToken, tuple[str, ...] | None]:
        """A fresh token for the cycle that starts now, and the objects it was asked for (None = all)."""
        with self._condition:
            self._token = CancelToken()
            if self._stopped or (self._paused and not self._wished):
                self._token.set()
            wanted = None if self._wanted is None else tuple(sorted(self._wanted))
            self._wanted = None
            self._wake = False
            return self._token, wanted

    def begin_reconcile(self) -> CancelToken:
        """A fresh token for a reconcile, which a pause does not hold up."""
        with self._condition:
            self._token = CancelToken()
            if self._stopped:
                self._token.set()
            return self._token

    def wait_for_next(self, seconds: float | None) -> bool:
        """Wait out the pause between two cycles (None: until somebody asks). False when the engine is to end.

        While paused it waits without end; `resume` and what is asked for end the wait at once, and so does the
        computer's waking up: however long it slept, one cycle makes up for those that were missed.
        """
        with self._condition:
            if not self._paused:
                self._sleep(seconds)
            self._condition.wait_for(lambda: self._stopped or not self._paused or self._wished)
            return not self._stopped

    def _sleep(self, seconds: float | None) -> None:
        def done() -> bool:
            return self._stopped or self._wake or self._paused or bool(self._reconciles)

        begun = self._monotonic()
        while not done():
            left = LOOK_SECONDS if seconds is None else min(LOOK_SECONDS, seconds - (self._monotonic() - begun))
            if left <= 0:
                return
            wall, steady = self._clock(), self._monotonic()
            self._condition.wait_for(done, left)
            drift = (self._clock() - wall) - (self._monotonic() - steady)
            if seconds is not None and abs(drift) > SLEPT_SECONDS:
                return
