"""`SingleInstance`: one window per home folder. The lock file decides, the local socket only carries the wish.

A second start asks the first to show its window and ends. The socket's name is taken over only by who has the lock, so
two programs that start at once cannot take it from each other. GUI thread.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

log = logging.getLogger(__name__)

_LOCK_NAME = "window.lock"
_WISH = b"show\n"
_ANSWER = b"ok\n"
_PATIENCE_MS = 3000
_MAX_WISH = 64


class SingleInstance(QObject):
    """`acquire` first; if it answers False, `ask_first_to_show` and leave."""

    show_wished = Signal()

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = QLockFile(str(home / _LOCK_NAME))
        # Age says nothing about a program that runs for days; Qt still sees when the process is gone.
        self._lock.setStaleLockTime(0)
        digest = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:20]
        self._name = f"orgmirror-{digest}"
        self._server: QLocalServer | None = None

    def acquire(self) -> bool:
        """Whether this is the first window of the home folder; from then on it hears wishes."""
        if not self._lock.tryLock(0):
            return False
        QLocalServer.removeServer(self._name)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        if not self._server.listen(self._name):
            # The window works without it; only a second start cannot bring it to the front.
            log.info("no local server: %s", self._server.errorString())
        return True

    def ask_first_to_show(self) -> bool:
        """Ask the window that has the lock to come to the front; whether it answered."""
        caller = QLocalSocket()
        caller.connectToServer(self._name)
        if not caller.waitForConnected(_PATIENCE_MS):
            return False
        caller.write(_WISH)
        caller.flush()
        heard = caller.waitForReadyRead(_PATIENCE_MS) and bytes(caller.readAll().data()) == _ANSWER
        caller.disconnectFromServer()
        return heard

    def close(self) -> None:
        """Give the home folder free."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._lock.unlock()

    def _on_connection(self) -> None:
        while self._server is not None and self._server.hasPendingConnections():
            caller = self._server.nextPendingConnection()
            caller.setParent(self)
            caller.disconnected.connect(caller.deleteLater)
            caller.readyRead.connect(lambda caller=caller: self._on_wish(caller))

    def _on_wish(self, caller: QLocalSocket) -> None:
        if bytes(caller.read(_MAX_WISH).data()) == _WISH:
            caller.write(_ANSWER)
            caller.flush()
            self.show_wished.emit()
        caller.disconnectFromServer()
