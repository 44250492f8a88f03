"""`EngineWorker`: runs one connection's engine on a QThread and turns its events into one signal.

Made on the GUI thread and moved to its thread at once; `run` occupies that thread until the engine ends. A queued slot
could not interrupt it, so pause, cancel and quit go through the control, which any thread may pull.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from core.model.errors import Cancelled, OrgMirrorError
from core.model.progress import Event
from gui.operations import as_error

if TYPE_CHECKING:
    from core.api.sync import EngineControl, SyncApi

log = logging.getLogger(__name__)


class EngineWorker(QObject):
    """`event` carries a core.model.progress.Event, `ended` the error that ended the engine, or None."""

    event = Signal(object)
    ended = Signal(object)

    def __init__(self, sync: SyncApi, control: EngineControl) -> None:
        super().__init__()
        self._sync = sync
        self._control = control

    @Slot()
    def run(self) -> None:
        error: OrgMirrorError | None = None
        try:
            self._sync.run(self._control, self._emit)
        except Cancelled:
            log.debug("the engine was stopped")
        except Exception as problem:
            # The one border between the engine's thread and the window: whatever it is, the window must be told.
            error = as_error(problem)
        self.ended.emit(error)

    def _emit(self, event: Event) -> None:
        self.event.emit(event)
