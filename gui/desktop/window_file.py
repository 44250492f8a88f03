"""`WindowFile`: what the window remembers (geometry, columns, pins), in `window.json`. GUI thread.

Values change often and matter little: they are kept in memory and written a moment later, in the background, since the
GUI thread waits for no disk.
"""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer

from core.paths import read_json, write_private

log = logging.getLogger(__name__)

_DELAY_MS = 1500


class WindowFile(QObject):
    """A store of JSON values by key. `save` at the end writes what is left."""

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._lock = threading.Lock()
        self._values: dict[str, Any] = {}
        self._dirty = False
        try:
            self._values = read_json(path)
        except (ValueError, OSError) as problem:
            # How a window looked can be chosen again; a broken file must not keep the program from starting.
            log.info("window.json is not used: %s", problem)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DELAY_MS)
        self._timer.timeout.connect(self._save_soon)

    def get(self, key: str, default: Any = None) -> Any:
        """The value kept, or `default`."""
        return self._values.get(key, default)

    def set(self, key: str, value: Any) -> None:
        """Keep `value` (JSON); None forgets the key."""
        if self._values.get(key) == value:
            return
        if value is None:
            self._values.pop(key, None)
        else:
            self._values[key] = value
        self._dirty = True
        self._timer.start()

    def scoped(self, prefix: str) -> ScopedStore:
        """The same store for one connection's keys."""
        return ScopedStore(self, prefix)

    def save(self) -> None:
        """Write now, if there is something to write."""
        self._timer.stop()
        if self._dirty:
            self._dirty = False
            self._write(json.dumps(self._values, indent=1, sort_keys=True))

    def _save_soon(self) -> None:
        if self._dirty:
            self._dirty = False
            text = json.dumps(self._values, indent=1, sort_keys=True)
            threading.Thread(target=self._write, args=(text,), name="window file", daemon=True).start()

    def _write(self, text: str) -> None:
        with self._lock:
            try:
                write_private(self._path, text)
            except OSError as problem:
                log.info("window.json is not written: %s", problem)


class ScopedStore:
    """A `WindowFile` whose keys begin with a prefix."""

    def __init__(self, store: WindowFile, prefix: str) -> None:
        self._store = store
        self._prefix = prefix

    def get(self, key: str, default: Any = None) -> Any:
        """The value kept, or `default`."""
        return self._store.get(f"{self._prefix}/{key}", default)

    def set(self, key: str, value: Any) -> None:
        """Keep `value` (JSON)."""
        self._store.set(f"{self._prefix}/{key}", value)
