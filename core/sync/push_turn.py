"""Whose turn it is to push: one push of a connection at a time, in whatever thread or process.

The operating system lets go of the lock when its owner dies, so whoever holds it knows that an entry on its way was
left there by somebody who is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.locks import FileLock
from core.model.cancel import CancelToken

LOOK_SECONDS = 0.05
FILE_NAME = "push.lock"


@contextmanager
def push_turn(folder: Path, cancel: CancelToken) -> Iterator[None]:
    """Wait for the turn and hold it. Raises Cancelled."""
    lock = FileLock(folder / FILE_NAME)
    while not lock.acquire():
        if cancel.wait(LOOK_SECONDS):
            cancel.raise_if_set()
    try:
        yield
    finally:
        lock.release()
