"""One engine per connection: a lock file that the operating system lets go of when its owner dies (rules 7)."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType

from core.model.errors import ErrorCode, OrgMirrorError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class FileLock:
    """An exclusive lock on a file, held by this process until `release` or its end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock without waiting; False when another process holds it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if sys.platform == "win32":
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let go. The file stays: removing it would let two processes hold two locks of one name."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class EngineLock:
    """`with EngineLock(path, name):` holds the connection's engine lock, or raises ENGINE_BUSY."""

    def __init__(self, path: Path, name: str) -> None:
        self._lock = FileLock(path)
        self._name = name

    def __enter__(self) -> EngineLock:
        if not self._lock.acquire():
            raise OrgMirrorError(ErrorCode.ENGINE_BUSY, name=self._name)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._lock.release()
