"""`ObjectPages`: the lists that were opened, a few of them kept, each bound to one session. GUI thread."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget

from core.model.changes import Changes
from core.model.progress import CycleProgress
from gui.pages.object_page import ObjectPage
from gui.workers.session import Session

_MOST = 8


class ObjectPages(QObject):
    """Makes a page when an object is first shown, and drops the one unseen for longest when there are too many."""

    told = Signal(str)
    sync_page_wanted = Signal()
    sign_in_wanted = Signal()

    def __init__(self, stack: QStackedWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stack = stack
        self._pages: OrderedDict[str, ObjectPage] = OrderedDict()

    def show(self, session: Session, store: Any, name: str) -> ObjectPage:
        """Bring the list of the object `name` to the front; `store` keeps its columns."""
        page = self._pages.get(name)
        if page is None:
            page = self._make(session, store, name)
        self._pages.move_to_end(name)
        self._stack.setCurrentWidget(page)
        return page

    def show_progress(self, progress: CycleProgress | None) -> None:
        """Tell each list how far its first load is."""
        for name, page in self._pages.items():
            live = None
            if progress is not None:
                live = next((item for item in progress.objects if item.name == name and item.first_load), None)
            page.set_progress(live)

    def apply_changes(self, changes: Changes) -> None:
        for page in self._pages.values():
            page.apply_changes(changes)

    def close_all(self) -> None:
        """Let go of every list: another session comes, or none."""
        for page in self._pages.values():
            self._drop(page)
        self._pages.clear()

    def _make(self, session: Session, store: Any, name: str) -> ObjectPage:
        connection = session.connection
        page = ObjectPage(connection.browse, connection.exports, store, name, self._stack, desk=session.desk)
        page.told.connect(self.told)
        page.sync_page_wanted.connect(self.sync_page_wanted)
        page.sign_in_wanted.connect(self.sign_in_wanted)
        self._pages[name] = page
        self._stack.addWidget(page)
        if session.progress is not None:
            self.show_progress(session.progress)
        while len(self._pages) > _MOST:
            _name, oldest = self._pages.popitem(last=False)
            self._drop(oldest)
        return page

    def _drop(self, page: ObjectPage) -> None:
        self._stack.removeWidget(page)
        page.deleteLater()
