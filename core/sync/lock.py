"""One engine per connection: a lock file that the operating system lets go of when its owner dies (rules 7)."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from core.locks import FileLock
from core.model.errors import ErrorCode, OrgMirrorError


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
