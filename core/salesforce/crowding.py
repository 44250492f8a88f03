"""An org that is asked too much at once is asked one thing at a time for a while (sync-peers.md 2.7).

One `Crowding` is shared by all transports of a connection, and used by any of their threads.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.model.cancel import CancelToken

ALONE_SECONDS = 120.0
_LOOK_SECONDS = 0.1


class Crowding:
    """Lets requests through side by side, or in turn for two minutes after `told`."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._turn = threading.Lock()
        self._until: float | None = None

    def told(self) -> None:
        """Salesforce refused a request because too many run at once."""
        self._until = self._monotonic() + ALONE_SECONDS

    @property
    def alone(self) -> bool:
        """Whether requests go in turn now."""
        until = self._until
        return until is not None and self._monotonic() < until

    @contextmanager
    def turn(self, cancel: CancelToken) -> Iterator[None]:
        """For one request until its answer begins. Raises Cancelled while it waits for its turn."""
        if not self.alone:
            yield
            return
        while not self._turn.acquire(timeout=_LOOK_SECONDS):
            cancel.raise_if_set()
        try:
            yield
        finally:
            self._turn.release()
