"""`PendingPage`: what was changed here and has not reached Salesforce. Editing comes later; the place is here."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.desktop.theme import Space
from gui.pages.page import Page
from gui.text import numbers
from gui.widgets.page_header import PageHeader
from gui.widgets.state_panel import PageState, StatePanel
from gui.workers.session import Session


class PendingPage(Page):
    """Follows the status's number of pending changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="pendingPage")
        self._header = PageHeader(self, name="pendingHeader")
        self._panel = StatePanel(self, name="pendingState")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XXL, Space.XL, Space.XXL, Space.XL)
        layout.setSpacing(Space.L)
        layout.addWidget(self._header)
        layout.addWidget(self._panel, 1)
        self.retranslate()

    def on_session(self, session: Session | None) -> None:
        if session is not None:
            self.follow(session.status_changed, lambda _status: self._refresh())
        self._refresh()

    def retranslate(self) -> None:
        self._header.title.setText(self.tr("Pending"))
        self._header.subtitle.setText(self.tr("Changes made here that are not in Salesforce yet"))
        self._refresh()

    def _refresh(self) -> None:
        status = self.session.status if self.session is not None else None
        count = status.pending if status is not None else 0
        if count:
            self._panel.show_words(
                PageState.NONE_YET,
                lambda: self.tr("Waiting to be sent: {count}").format(count=numbers.number(count)),
                lambda: self.tr("They are safe here; `orgmirror pending` lists them."),
                icon="pending",
            )
            return
        self._panel.show_words(
            PageState.ALL_DONE,
            lambda: self.tr("Nothing waits to be sent"),
            lambda: self.tr("All that was changed here is in Salesforce."),
        )
