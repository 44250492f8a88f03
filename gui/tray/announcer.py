"""`Announcer`: tells once of what needs a person: in the tray while the window is away, in a note while it is there.

GUI thread, owned by the application; one for all open connections. What was told is kept in the mirror's file, so that
neither a restart nor another process tells it again. Records are not named: a notification may be read by others.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from gui.operations import QueryOp
from gui.text import errors, numbers
from gui.workers.session import Session


class Announcer(QObject):
    """`told` carries the session's uuid, a title and a text."""

    told = Signal(str, str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reading: dict[str, QueryOp[list[Any]]] = {}

    def watch(self, session: Session) -> None:
        """Listen to another connection, for as long as it is open."""
        session.cycle_ended.connect(lambda _result: self.look(session))
        session.needs_changed.connect(lambda _count: self.look(session))
        self.look(session)

    def look(self, session: Session) -> None:
        """Read, in the background, what was not told yet; reading and noting that it was told are one step."""
        uuid = session.connection.info.uuid
        running = self._reading.get(uuid)
        if running is not None and running.running:
            return
        sync = session.connection.sync

        def work(_token: object) -> list[Any]:
            found = list(sync.to_announce())
            if found:
                sync.mark_announced([problem.problem_id for problem in found])
            return found

        op = QueryOp(self, session.operations, work)
        op.success(lambda found: self._tell(session, found)).failure(lambda _error: None).run()
        self._reading[uuid] = op

    def _tell(self, session: Session, found: list[Any]) -> None:
        if not found:
            return
        name = session.connection.info.name
        titles = list(dict.fromkeys(errors.words(problem.error).title for problem in found))
        if len(found) == 1:
            title = self.tr("{connection} needs you").format(connection=name)
        else:
            text = self.tr("{connection}: {count} things need you")
            title = text.format(connection=name, count=numbers.number(len(found)))
        self.told.emit(session.connection.info.uuid, title, "\n".join(titles[:3]))
