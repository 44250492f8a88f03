"""`ChangesPage`: what came in and went out, by whom, newest first. GUI thread."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from core.model.changes import Changes
from gui.desktop.theme import Space
from gui.models.change_lines import ChangeLine, read_change_lines
from gui.operations import QueryOp
from gui.pages.page import Page
from gui.widgets.change_list import ChangeList
from gui.widgets.page_header import PageHeader
from gui.workers.session import Session

_LIMIT = 500


class ChangesPage(Page):
    """Each line leads on to its record."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="changesPage")
        self._reading: QueryOp[list[ChangeLine]] | None = None
        self._header = PageHeader(self, name="changesHeader")
        self._list = ChangeList(self, name="changes")
        self._list.record_wished.connect(self.record_wished)
        frame = QFrame(self)
        frame.setObjectName("changesFrame")
        frame.setProperty("area", "card")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(Space.XS, Space.XS, Space.XS, Space.XS)
        inside.addWidget(self._list)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XXL, Space.XL, Space.XXL, Space.XL)
        layout.setSpacing(Space.L)
        layout.addWidget(self._header)
        layout.addWidget(frame, 1)
        self.retranslate()

    def on_session(self, session: Session | None) -> None:
        self._list.show_changes([])
        if session is not None:
            self.follow(session.data_changed, self._on_changes)
            self.follow(session.status_changed, lambda _status: self._follow_load())
            self._read()
        self._follow_load()

    def on_shown(self) -> None:
        self._read()

    def retranslate(self) -> None:
        self._header.title.setText(self.tr("Changes"))
        self._header.subtitle.setText(self.tr("What came in from Salesforce and went out, newest first"))
        self._list.retranslate()

    def _follow_load(self) -> None:
        status = self.session.status if self.session is not None else None
        self._list.show_while_loading(status is not None and status.last_ok_at is None)

    def _on_changes(self, changes: Changes) -> None:
        if changes.objects and self.isVisible():
            self._read()

    def _read(self) -> None:
        session = self.session
        if session is None or (self._reading is not None and self._reading.running):
            return
        connection = session.connection
        self._reading = QueryOp(self, session.operations, lambda _token: read_change_lines(connection, _LIMIT))
        self._reading.success(self._list.show_changes).failure(lambda _error: None).run()
