"""`EngineControl`: the levers of a running engine. Any thread may pull them; the engine's thread listens.

Pause, cancel and quit all abandon the request in flight at once (rules 1): the resume state on disk makes
going on cheap, and a thread that waits on a socket would not hear anything else.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from core.model.cancel import CancelToken


class EngineControl:
    """One per engine run. A cycle works under the token that `begin_cycle` gave it."""

    def __init__(self, *, paused: bool = False) -> None:
        self._condition = threading.Condition()
        self._paused = paused
        self._stopped = False
        self._wanted: set[str] | None = None
        self._wake = False
        self._token = CancelToken()

    @property
    def paused(self) -> bool:
        with self._condition:
            return self._paused

    @property
    def stopped(self) -> bool:
        with self._condition:
            return self._stopped

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
        """Start a cycle without waiting for the pause to end; `objects` limits it to these."""
        with self._condition:
            self._wake = True
            self._wanted = None if objects is None else set(objects)
            self._condition.notify_all()

    def begin_cycle(self) -> tuple[CancelToken, tuple[str, ...] | None]:
        """A fresh token for the cycle that starts now, and the objects it was asked for (None = all)."""
        with self._condition:
            self._token = CancelToken()
            if self._stopped or self._paused:
                self._token.set()
            wanted = None if self._wanted is None else tuple(sorted(self._wanted))
            self._wanted = None
            self._wake = False
            return self._token, wanted

    def wait_for_next(self, seconds: float) -> bool:
        """Wait out the pause between two cycles. False when the engine is to end.

        While paused it waits without end; `resume` and `sync_now` end the wait at once.
        """
        with self._condition:
            if not self._paused:
                self._condition.wait_for(lambda: self._stopped or self._wake or self._paused, seconds)
            self._condition.wait_for(lambda: self._stopped or not self._paused)
            return not self._stopped
