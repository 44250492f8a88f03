"""`SignalWatch`: SIGINT, SIGTERM and SIGHUP wake the Qt loop through a socket, without a polling timer.

Python runs its own signal handlers only between bytecodes, and a waiting Qt loop runs none. The interpreter writes the
signal's number to the wake-up descriptor from C; the notifier then lets Qt call us. GUI thread.
"""

from __future__ import annotations

import signal
import socket
from types import FrameType
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, Signal

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class SignalWatch(QObject):
    """`arrived` carries the signal's number. `close` puts the old handlers back."""

    arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
        self._before: dict[int, Any] = {number: signal.signal(number, _ignore) for number in self._numbers}
        self._old_descriptor = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_readable)

    def _on_readable(self) -> None:
        try:
            numbers = self._reader.recv(64)
        except BlockingIOError:
            return
        for number in numbers:
            if number in self._numbers:
                self.arrived.emit(number)

    def close(self) -> None:
        """Let go of the signals."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._old_descriptor)
        for number, handler in self._before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        self._before.clear()
        self._reader.close()
        self._writer.close()


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """The wake-up descriptor carries the news; a handler must only exist."""
