"""`CancelToken`: the one way to ask long work to stop. Set from any thread, waited on instead of sleeping."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count

from core.model.errors import Cancelled


class CancelToken:
    """An Event with callbacks, so that a cancel can also shut a socket down that a thread is blocked on."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: dict[int, Callable[[], None]] = {}
        self._keys = count()

    def set(self) -> None:
        """Ask to stop. Callbacks run once, on this thread, the newest first."""
        with self._lock:
            if self._event.is_set():
                return
            self._event.set()
            callbacks = list(reversed(self._callbacks.values()))
            self._callbacks.clear()
        for callback in callbacks:
            callback()

    def is_set(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep for `seconds` or until asked to stop; True when asked to stop."""
        return self._event.wait(seconds)

    def raise_if_set(self) -> None:
        """Raise `Cancelled` when asked to stop."""
        if self._event.is_set():
            raise Cancelled

    def on_cancel(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` when set (at once if it is already); the answer takes the callback back."""
        with self._lock:
            if not self._event.is_set():
                key = next(self._keys)
                self._callbacks[key] = callback
                return lambda: self._forget(key)
        callback()
        return lambda: None

    def _forget(self, key: int) -> None:
        with self._lock:
            self._callbacks.pop(key, None)
