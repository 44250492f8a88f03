"""`Session`: one open connection as the window sees it. Owns the engine's thread and the latest status. GUI thread.

The engine speaks through `EngineWorker`; the session keeps the last thing it said and reads the stored status in the
background when something changed. Views bind to its signals and hold no state of their own about the sync.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal, Slot

from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.progress import CycleProgress, CycleResult, Event
from core.model.states import ConnectionState
from core.settings import PAUSED
from gui.models.edit_desk import EditDesk
from gui.operations import Operations, QueryOp, in_background
from gui.text.status import Situation, StatusText, describe
from gui.workers.engine_worker import EngineWorker

if TYPE_CHECKING:
    from core.api.sync import StatusView
    from core.app import Connection

log = logging.getLogger(__name__)

# The sentence says "2 min ago": once in half a minute is enough to keep it true.
_SENTENCE_MS = 30_000
# Counts move while a load runs; reading them more often would only disturb it.
_STATUS_PAUSE_MS = 1500
# How soon an edit that the command line made is seen here, and on its way.
_FOREIGN_MS = 2000


@dataclass(frozen=True, slots=True)
class Barrier:
    """What stops the whole sync until a person acts: a sign-in, or the keyring."""

    error: OrgMirrorError
    is_sign_in: bool


# Where only the state is known, as after a restart.
_BARRIERS = {
    ConnectionState.SIGN_IN_NEEDED: ErrorCode.SIGN_IN_NEEDED,
    ConnectionState.LOCKED: ErrorCode.KEYRING_LOCKED,
}


class Session(QObject):
    """`status_changed` (StatusView), `progress_changed` (CycleProgress or None), `text_changed` (StatusText),
    `data_changed` (Changes), `cycle_ended` (CycleResult), `engine_ended` (error or None), `needs_changed` (how many
    things wait for a person: the one number for sidebar, page and tray)."""

    status_changed = Signal(object)
    progress_changed = Signal(object)
    text_changed = Signal(object)
    data_changed = Signal(object)
    cycle_ended = Signal(object)
    engine_ended = Signal(object)
    needs_changed = Signal(int)
    stopped = Signal()

    def __init__(self, connection: Connection, operations: Operations, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.connection = connection
        self.operations = operations
        self.desk = EditDesk(connection, operations, self)
        self.status: StatusView | None = None
        self.progress: CycleProgress | None = None
        self.error: OrgMirrorError | None = None
        self.text: StatusText = describe(Situation(), _now())
        self.needs = 0
        self._pausing = False
        self._paused = False
        self._quitting = False
        self._starting_again = False
        self._asked = False
        self._reading: QueryOp[StatusView] | None = None
        self._read_again = False
        self._thread: QThread | None = None
        self._worker: EngineWorker | None = None
        self._control = connection.sync.make_control()
        self._paused = self._control.paused
        self._sentence_timer = QTimer(self)
        self._sentence_timer.setInterval(_SENTENCE_MS)
        self._sentence_timer.timeout.connect(self._say)
        self._foreign_timer = QTimer(self)
        self._foreign_timer.setInterval(_FOREIGN_MS)
        self._foreign_timer.timeout.connect(self._look_for_foreign)
        self._looking: QueryOp[Changes | None] | None = None
        self._status_timer = QTimer(self)
        self._status_timer.setSingleShot(True)
        self._status_timer.setInterval(_STATUS_PAUSE_MS)
        self._status_timer.timeout.connect(self._read_status)

    @property
    def is_running(self) -> bool:
        """Whether the engine's thread is alive."""
        return self._thread is not None

    @property
    def is_paused(self) -> bool:
        return self._paused or self._pausing

    @property
    def is_busy(self) -> bool:
        """Whether a cycle is under way, or was asked for and has not spoken yet."""
        return (self.progress is not None or self._asked) and not self.is_paused

    @property
    def barrier(self) -> Barrier | None:
        """What only a person can put right; None where nothing stands in the way."""
        status = self.status
        if status is None or status.state not in _BARRIERS or self.is_busy:
            return None
        error = self.error or status.error or OrgMirrorError(_BARRIERS[status.state])
        return Barrier(error, status.state is ConnectionState.SIGN_IN_NEEDED)

    def start(self) -> None:
        """Read the status and start the engine."""
        self._sentence_timer.start()
        if hasattr(self.desk.push, "foreign_changes"):
            self._foreign_timer.start()
        self._asked = not self._paused
        self._read_status()
        self._start_engine()
        self._say()

    # The levers

    def pause(self) -> None:
        """Stop the cycle under way and start none until resumed; the window says so at once."""
        if self.is_paused:
            return
        self._pausing = True
        self._asked = False
        self._control.pause()
        self._keep_pause(True)
        self._settle_pause()
        self._say()

    def resume(self) -> None:
        """Go on."""
        self._pausing = False
        self._paused = False
        self.error = None
        self._control.resume()
        self._keep_pause(False)
        self._start_engine()
        self._say()
        self._read_soon()

    def toggle_pause(self) -> None:
        """Pause or resume, whichever is the case."""
        if self.is_paused:
            self.resume()
        else:
            self.pause()

    def sync_now(self, objects: tuple[str, ...] | None = None) -> None:
        """Start a cycle now; a paused session resumes."""
        self.error = None
        if self.is_paused:
            self._pausing = False
            self._paused = False
            self._control.resume()
            self._keep_pause(False)
        self._asked = True
        self._control.sync_now(objects)
        self._start_engine()
        self._say()

    def cancel_cycle(self) -> None:
        """Abandon the cycle under way; what is here stays."""
        self._control.cancel_cycle()

    def restart_engine(self) -> None:
        """End the engine and start another, which knows the new sign-in and the new settings; what is here stays."""
        self.error = None
        self._asked = not self.is_paused
        if self._thread is None:
            self._start_engine()
        else:
            self._starting_again = True
            self._control.stop()
        self._say()

    def _keep_pause(self, on: bool) -> None:
        connection = self.connection
        in_background(self, self.operations, lambda: connection.set_setting(PAUSED, on))

    def stop(self) -> None:
        """The quit sequence: stop timers and the engine; `stopped` follows when its thread has ended."""
        self._quitting = True
        self._starting_again = False
        self._sentence_timer.stop()
        self._foreign_timer.stop()
        self._status_timer.stop()
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        self._control.stop()
        if self._thread is None:
            QTimer.singleShot(0, self, self.stopped.emit)

    # The engine's thread

    def _start_engine(self) -> None:
        if self._thread is not None or self._quitting:
            return
        self._thread = QThread()
        self._thread.setObjectName(f"engine {self.connection.info.name}")
        self._worker = EngineWorker(self.connection.sync, self._control)
        self._worker.moveToThread(self._thread)
        self._thread.started.connect(self._worker.run)
        queued = Qt.ConnectionType.QueuedConnection
        self._worker.event.connect(self._on_event, queued)
        self._worker.ended.connect(self._on_ended, queued)
        self._worker.ended.connect(self._thread.quit, Qt.ConnectionType.DirectConnection)
        self._thread.finished.connect(self._on_thread_finished, queued)
        self._thread.start()

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        if event.progress is not None:
            self._take_progress(event.progress)
        if event.changes is not None:
            self.data_changed.emit(event.changes)
            self._read_soon()
        if event.result is not None:
            self._take_result(event.result)

    def _take_progress(self, progress: CycleProgress) -> None:
        self.progress = progress
        self._asked = False
        if not progress.waiting_for:
            self.error = None
        self.progress_changed.emit(progress)
        self._say()

    def _take_result(self, result: CycleResult) -> None:
        self.progress = None
        self._asked = False
        is_cancel = result.error is not None and result.error.code is ErrorCode.CANCELLED
        self.error = None if is_cancel else result.error
        self._settle_pause()
        self.progress_changed.emit(None)
        self.cycle_ended.emit(result)
        self._say()
        self._read_status()

    def _settle_pause(self) -> None:
        if self._pausing and self.progress is None:
            self._paused = True
            self._pausing = False

    @Slot(object)
    def _on_ended(self, error: OrgMirrorError | None) -> None:
        self.error = error or self.error
        self.progress = None
        self._asked = self._starting_again
        self._settle_pause()
        if not self._quitting:
            self.progress_changed.emit(None)
            self.engine_ended.emit(error)
            self._say()
            self._read_status()

    @Slot()
    def _on_thread_finished(self) -> None:
        thread, self._thread, self._worker = self._thread, None, None
        if thread is not None:
            thread.wait()
            thread.deleteLater()
        if self._quitting:
            self.stopped.emit()
        elif self._starting_again:
            self._starting_again = False
            paused = self.is_paused
            self._control = self.connection.sync.make_control()
            if paused:
                self._control.pause()
            else:
                self._control.resume()
            self._start_engine()

    # What is told

    def tell(self, changes: Changes) -> None:
        """An act of a person changed rows here: every view hears of it as of what a cycle changes."""
        if not self._quitting:
            self.data_changed.emit(changes)
            self._read_soon()

    def set_needs(self, count: int) -> None:
        """So many things wait for a person."""
        if count != self.needs:
            self.needs = count
            self.needs_changed.emit(count)

    # What other processes write

    def _look_for_foreign(self) -> None:
        if self._quitting or (self._looking is not None and self._looking.running):
            return
        look = self.connection.push.foreign_changes
        self._looking = QueryOp(self, self.operations, lambda _token: look())
        # A look that fails is repeated with the next; what stands in its way is told by the status.
        self._looking.success(self._take_foreign).failure(lambda _error: None).run()

    def _take_foreign(self, changes: Changes | None) -> None:
        if changes is None or self._quitting:
            return
        self.operations.changed.emit((changes, None))
        self._read_soon()
        self.desk.push_soon()

    # The stored status

    def refresh(self) -> None:
        """Read the stored status again, in the background."""
        self._read_status()

    def _read_soon(self) -> None:
        if not self._status_timer.isActive() and not self._quitting:
            self._status_timer.start()

    def _read_status(self) -> None:
        if self._quitting:
            return
        if self._reading is not None and self._reading.running:
            self._read_again = True
            return
        sync = self.connection.sync
        self._reading = QueryOp(self, self.operations, lambda _token: sync.status())
        self._reading.success(self._take_status).failure(self._status_failed).run()

    def _take_status(self, status: StatusView) -> None:
        self.status = status
        self.status_changed.emit(status)
        self._say()
        self._again()

    def _status_failed(self, error: OrgMirrorError) -> None:
        self.error = error
        self._say()
        self._again()

    def _again(self) -> None:
        if self._read_again:
            self._read_again = False
            self._read_soon()

    def retranslate(self) -> None:
        """Word the sentence again."""
        self._say()

    def _say(self) -> None:
        situation = Situation(self.status, self.progress, self._paused, self._pausing, self.error, self._asked)
        text = describe(situation, _now())
        if text != self.text:
            self.text = text
            self.text_changed.emit(text)


def _now() -> datetime:
    return datetime.now(UTC)
