"""`Sessions`: opens the mirrors of the connections and keeps a `Session` for each. GUI thread; the application owns it.

A mirror that cannot be opened is kept with its error. At login the keyring may come later than the program: where it is
the keyring that is missing, it is asked again from time to time whether it is open, which never prompts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from core.model.errors import ErrorCode, OrgMirrorError
from gui.operations import Operations, in_background
from gui.workers.session import Session

if TYPE_CHECKING:
    from core.api.connections import ConnectionInfo
    from core.app import App, Connection

_KEYRING_RETRY_MS = 10_000
_KEYRING = (ErrorCode.KEYRING_LOCKED, ErrorCode.KEYRING_UNAVAILABLE)


class Sessions(QObject):
    """`opened` carries the Session, `failed` the ConnectionInfo and the OrgMirrorError; `stopped` ends `stop`."""

    opened = Signal(object)
    failed = Signal(object, object)
    stopped = Signal()

    def __init__(self, operations: Operations, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._operations = operations
        self._app: App | None = None
        self._sessions: dict[str, Session] = {}
        self._errors: dict[str, OrgMirrorError] = {}
        self._waiting_for: set[Session] = set()
        self._stopping = False

    def use(self, app: App) -> None:
        """The home folder's app, once it is there."""
        self._app = app

    def get(self, uuid: str | None) -> Session | None:
        """The session of a connection that is open."""
        return self._sessions.get(uuid) if uuid is not None else None

    def error(self, uuid: str) -> OrgMirrorError | None:
        """Why a connection could not be opened."""
        return self._errors.get(uuid)

    def open(self, info: ConnectionInfo) -> None:
        """Open its mirror in the background, unless it is open."""
        self._errors.pop(info.uuid, None)
        self._open(info)

    def look_for_keyring(self, info: ConnectionInfo) -> None:
        """Try again, quietly, a connection that could not be opened."""
        if info.uuid in self._errors and not self._stopping:
            self._open(info)

    def _open(self, info: ConnectionInfo) -> None:
        app = self._app
        if app is None or info.uuid in self._sessions:
            return
        in_background(
            self,
            self._operations,
            lambda: app.open(info.uuid),
            self._is_open,
            lambda error: self._open_failed(info, error),
        )

    def _is_open(self, connection: Connection) -> None:
        uuid = connection.info.uuid
        self._errors.pop(uuid, None)
        if self._stopping or uuid in self._sessions:
            return
        session = Session(connection, self._operations, self)
        self._sessions[uuid] = session
        session.start()
        self.opened.emit(session)

    def _open_failed(self, info: ConnectionInfo, error: OrgMirrorError) -> None:
        known = self._errors.get(info.uuid)
        self._errors[info.uuid] = error
        if error.code in _KEYRING:
            QTimer.singleShot(_KEYRING_RETRY_MS, self, lambda: self.look_for_keyring(info))
            if known is not None and known.code is error.code:
                return
        self.failed.emit(info, error)

    # The end

    @property
    def waiting_for(self) -> list[str]:
        """The names of the connections whose engines have not ended yet."""
        return [session.connection.info.name for session in self._waiting_for]

    def stop(self) -> None:
        """End every engine; `stopped` follows when the last has ended."""
        self._stopping = True
        self._waiting_for = set(self._sessions.values())
        for session in list(self._waiting_for):
            session.stopped.connect(self._one_stopped(session))
            session.stop()
        if not self._waiting_for:
            QTimer.singleShot(0, self, self.stopped.emit)

    def _one_stopped(self, session: Session) -> Callable[[], None]:
        def gone() -> None:
            self._waiting_for.discard(session)
            if not self._waiting_for:
                self.stopped.emit()

        return gone
