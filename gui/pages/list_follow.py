"""`ListFollow`: the star of a list: follow the view as it stands, with its conditions and search. GUI thread.

Owned by the list's page. Whether the view is followed is read in the background whenever the view changes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QToolButton, QWidget

from core.model.filters import ListQuery
from gui.desktop import theme
from gui.operations import QueryOp, in_background

if TYPE_CHECKING:
    from gui.models.edit_desk import EditDesk


class ListFollow(QObject):
    """`title` words the view for the list of what is followed; `told` says what was done."""

    told = Signal(str)

    def __init__(self, desk: EditDesk | None, button: QToolButton, title: Callable[[], str], parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._button = button
        self._title = title
        self._query: ListQuery | None = None
        self._follow_id: int | None = None
        self._reading: QueryOp[int | None] | None = None
        button.setCheckable(True)
        button.setVisible(desk is not None)
        button.clicked.connect(self._on_click)
        button.installEventFilter(self)
        self._word()

    def show_query(self, query: ListQuery) -> None:
        """The list shows this now."""
        self._query = query
        self._read()

    def _read(self) -> None:
        desk, query = self._desk, self._query
        if desk is None or query is None:
            return
        if self._reading is not None:
            self._reading.cancel()
        sync = desk.connection.sync

        def work(_token: object) -> int | None:
            same = (item for item in sync.followed() if item.query is not None and _same(item.query, query))
            return next((item.follow_id for item in same), None)

        self._reading = QueryOp(self, desk.operations, work).success(self._show).failure(lambda _error: None)
        self._reading.run()

    def _show(self, follow_id: int | None) -> None:
        self._follow_id = follow_id
        self._word()

    def _word(self) -> None:
        followed = self._follow_id is not None
        self._button.setChecked(followed)
        theme.bind_icon(self._button, "star", "warn" if followed else "text_soft", theme.Size.ICON)
        if followed:
            words = self.tr("Follow this view no longer")
        else:
            words = self.tr("Follow this view: its changes stand first")
        self._button.setToolTip(words)
        self._button.setAccessibleName(words)

    def _on_click(self, on: bool) -> None:
        desk, query, follow_id = self._desk, self._query, self._follow_id
        if desk is None or query is None:
            return
        sync, title = desk.connection.sync, self._title()

        def work() -> Any:
            return sync.follow(query, title) if on else sync.unfollow(follow_id if follow_id is not None else query)

        def done(_answer: object) -> None:
            self.told.emit(self.tr("Followed: {view}").format(view=title) if on else self.tr("Followed no longer"))
            self._read()

        in_background(self, desk.operations, work, done)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._button and event.type() is QEvent.Type.LanguageChange:
            self._word()
        return super().eventFilter(watched, event)


def _same(one: ListQuery, other: ListQuery) -> bool:
    """Whether both have the same records; the order says nothing about that."""
    return (one.object, tuple(one.conditions), one.search) == (other.object, tuple(other.conditions), other.search)
