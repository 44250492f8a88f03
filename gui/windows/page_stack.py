"""`PageStack`: the pages of the window one above the other: which is shown, and which was, per connection. GUI thread.

It makes the places of the registry once and the lists of the objects when they are first shown, and gives what the
pages ask for to the window.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from core.model.changes import Changes
from core.model.refs import RecordRef
from gui.desktop.window_file import ScopedStore
from gui.pages.object_page import ObjectPage
from gui.pages.page import Page
from gui.pages.page_names import HOME, SYNC
from gui.windows.object_pages import ObjectPages
from gui.windows.page_registry import PLACES
from gui.workers.session import Session

_LAST = "last_page"
_OBJECT = "object/"


class PageStack(QStackedWidget):
    """`place_shown` and `object_shown` say what came to the front, `count_changed` (place, number) a page's badge."""

    place_shown = Signal(str)
    object_shown = Signal(str)
    count_changed = Signal(str, int)
    scope_wished = Signal(str)
    sign_in_wished = Signal()
    told = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pages")
        self._session: Session | None = None
        self._store: ScopedStore | None = None
        self._places: dict[str, Page] = {}
        self._objects = ObjectPages(self, self)
        self._objects.told.connect(self.told)
        self._objects.sync_page_wanted.connect(lambda: self.show_place(SYNC))
        self._objects.sign_in_wanted.connect(self.sign_in_wished)
        for place in PLACES:
            self._add(place.key, place.make(self))

    def _add(self, key: str, page: Page) -> None:
        page.record_wished.connect(self.open_record)
        page.object_wished.connect(self.show_object)
        page.place_wished.connect(self.show_place)
        page.scope_wished.connect(self.scope_wished)
        page.sign_in_wished.connect(self.sign_in_wished)
        page.told.connect(self.told)
        page.count_changed.connect(lambda count: self.count_changed.emit(key, count))
        self._places[key] = page
        self.addWidget(page)

    def page(self, place: str) -> Page:
        """The page of a place of the registry."""
        return self._places[place]

    def set_session(self, session: Session | None, store: ScopedStore | None) -> None:
        """Show another connection's pages; `store` keeps what belongs to it."""
        if self._session is not None:
            self._remember()
            self._session.progress_changed.disconnect(self._objects.show_progress)
            self._session.data_changed.disconnect(self.apply_changes)
        self._objects.close_all()
        self._session, self._store = session, store
        for page in self._places.values():
            page.set_session(session)
        if session is not None:
            session.progress_changed.connect(self._objects.show_progress)
            session.data_changed.connect(self.apply_changes)

    # What is shown

    def show_place(self, place: str) -> None:
        """One of the places of the registry."""
        page = self._places.get(place)
        if page is None or self._session is None:
            return
        self.setCurrentWidget(page)
        self.place_shown.emit(place)
        if self.window().focusWidget() is None:
            page.setFocus(Qt.FocusReason.OtherFocusReason)
        page.on_shown()
        self._remember()

    def show_object(self, name: str) -> ObjectPage | None:
        """The list of an object."""
        if self._session is None:
            return None
        page = self._objects.show(self._session, self._store, name)
        self.object_shown.emit(name)
        self._remember()
        return page

    def open_record(self, ref: RecordRef) -> None:
        """Open a record beside its object's list."""
        page = self.show_object(ref.object)
        if page is not None:
            page.open_record(ref)

    def show_last(self) -> None:
        """What was shown when this connection was last left."""
        last = str(self._store.get(_LAST, HOME)) if self._store is not None else HOME
        if last.startswith(_OBJECT):
            self.show_object(last.removeprefix(_OBJECT))
        else:
            self.show_place(last if last in self._places else HOME)

    def _remember(self) -> None:
        widget = self.currentWidget()
        if self._store is None:
            return
        if isinstance(widget, ObjectPage):
            self._store.set(_LAST, f"{_OBJECT}{widget.object_name}")
            return
        place = next((place for place, page in self._places.items() if page is widget), None)
        if place is not None:
            self._store.set(_LAST, place)

    # What the session says

    def apply_changes(self, changes: Changes) -> None:
        """Rows have changed: the lists decide for themselves."""
        self._objects.apply_changes(changes)
