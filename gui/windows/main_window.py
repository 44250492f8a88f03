"""`MainWindow`: sidebar, top bar and the stack of pages, for one session at a time. GUI thread.

It puts the parts together and hands each what it is to show; sessions, tray and quitting belong to the application
object. New pages go into the registry (`page_registry.py`), new dialogs into `gui/dialogs/one_dialog.py`'s care.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from core.model.changes import Changes
from core.model.errors import OrgMirrorError
from core.model.filters import Condition
from core.model.refs import RecordRef
from gui.desktop.window_file import ScopedStore, WindowFile
from gui.dialogs.one_dialog import close_session_dialogs, show_one
from gui.models.object_lines import ObjectLine, default_pins, object_lines, overall
from gui.operations import Operations
from gui.pages.object_page import ObjectPage
from gui.pages.page_names import NEEDS_YOU, PENDING, SYNC
from gui.pages.welcome_page import WelcomePage
from gui.text import phases
from gui.text.status import Mood, StatusText
from gui.widgets.notice_bar import NoticeBar
from gui.widgets.offer_bar import OfferBar
from gui.widgets.org_stripe import OrgStripe
from gui.widgets.toast import Toasts
from gui.windows.geometry import WindowGeometry
from gui.windows.opening_panel import OpeningPanel
from gui.windows.page_registry import PLACES
from gui.windows.page_stack import PageStack
from gui.windows.sidebar import Sidebar
from gui.windows.top_bar import TopBar
from gui.workers.session import Session

if TYPE_CHECKING:
    from core.api.connections import ConnectionInfo

_MIN = QSize(920, 600)
_USUAL = QSize(1360, 860)
# The keys of the pinned objects follow those of the places.
_FIRST_PINNED_KEY, _PINNED_KEYS = 6, 4


class MainWindow(QMainWindow):
    """Signals ask the application: `connection_wished` (uuid), `connect_wished`, `demo_wished`, `sign_in_wished`,
    `retry_wished` (open the mirror again), `close_wished` (the window's own close), `settings_wished`,
    `about_wished`, `quit_wished`."""

    connection_wished = Signal(str)
    connect_wished = Signal()
    demo_wished = Signal()
    sign_in_wished = Signal()
    retry_wished = Signal()
    close_wished = Signal()
    settings_wished = Signal()
    about_wished = Signal()
    quit_wished = Signal()

    def __init__(self, operations: Operations, store: WindowFile) -> None:
        super().__init__()
        self.operations = operations
        self.setObjectName("mainWindow")
        self._store = store
        self._session: Session | None = None
        self._may_close = False
        self.sidebar = Sidebar(self)
        self.top_bar = TopBar(self)
        self.search = self.top_bar.search
        self.stack = PageStack(self)
        self.welcome = WelcomePage(self)
        self.opening = OpeningPanel(self)
        self.notice = NoticeBar(self)
        self.offers = OfferBar(self)
        self._stripe = OrgStripe(self)
        self._build()
        self._connect()
        operations.changed.connect(self._on_act)
        self._make_shortcuts()
        self._geometry = WindowGeometry(self, store, _USUAL)
        self._geometry.restore()
        self._word_title()
        self.show_opening()

    # Building

    def _build(self) -> None:
        self.stack.addWidget(self.welcome)
        self.stack.addWidget(self.opening)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.top_bar)
        right.addWidget(self.notice)
        right.addWidget(self.offers)
        right.addWidget(self.stack, 1)
        body = QHBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        body.addWidget(self.sidebar)
        body.addLayout(right, 1)
        central = QWidget(self)
        central.setObjectName("windowBody")
        outer = QVBoxLayout(central)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._stripe)
        outer.addLayout(body, 1)
        self.setCentralWidget(central)
        self.toasts = Toasts(central)
        self.setMinimumSize(_MIN)

    def _connect(self) -> None:
        self.sidebar.place_wished.connect(self.show_place)
        self.sidebar.object_wished.connect(self.show_object)
        self.sidebar.sync_wished.connect(lambda: self.show_place(SYNC))
        self.sidebar.pins_changed.connect(self._on_pins)
        self.sidebar.scope_wished.connect(self.show_scope)
        self.sidebar.object_sync_wished.connect(self._on_object_sync)
        self.offers.scope_wished.connect(self.show_scope)
        self.sidebar.org.chosen.connect(self.connection_wished)
        self.sidebar.org.connect_wished.connect(self.connect_wished)
        self.sidebar.org.settings_wished.connect(self.settings_wished)
        self.sidebar.org.about_wished.connect(self.about_wished)
        self.sidebar.org.sign_in_wished.connect(self.sign_in_wished)
        self.search.record_chosen.connect(self.open_record)
        self.stack.place_shown.connect(self.sidebar.choose_place)
        self.stack.object_shown.connect(self.sidebar.choose_object)
        self.stack.count_changed.connect(self.sidebar.set_badge)
        self.stack.scope_wished.connect(self.show_scope)
        self.stack.sign_in_wished.connect(self.sign_in_wished)
        self.stack.told.connect(lambda text: self.toasts.show_note(text))
        self.welcome.connect_wished.connect(self.connect_wished)
        self.welcome.demo_wished.connect(self.demo_wished)
        self.opening.sign_in_wished.connect(self.sign_in_wished)
        self.opening.retry_wished.connect(self.retry_wished)
        self.notice.sign_in_wished.connect(self.sign_in_wished)
        self.notice.retry_wished.connect(self._on_retry)

    def _make_shortcuts(self) -> None:
        for place in PLACES:
            QShortcut(QKeySequence(place.shortcut), self, lambda key=place.key: self.show_place(key))
        for number in range(_PINNED_KEYS):
            keys = QKeySequence(f"Ctrl+{_FIRST_PINNED_KEY + number}")
            QShortcut(keys, self, lambda number=number: self._show_pinned(number))
        others: tuple[tuple[Any, Any], ...] = (
            ("Ctrl+Shift+S", self.top_bar.sync),
            ("F5", self.top_bar.sync),
            ("Ctrl+Shift+P", self.top_bar.pause),
            ("Ctrl+,", self.settings_wished.emit),
            (QKeySequence.StandardKey.Undo, self._on_undo),
            (QKeySequence.StandardKey.Quit, self.quit_wished.emit),
            (QKeySequence.StandardKey.Close, self.close),
        )
        for sequence, call in others:
            QShortcut(QKeySequence(sequence), self, call)

    def _show_pinned(self, number: int) -> None:
        """The object at that place of the sidebar, from 0."""
        if number < len(self.sidebar.pins):
            self.show_object(self.sidebar.pins[number])

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._word_title()

    # The session

    @property
    def session(self) -> Session | None:
        return self._session

    def set_session(self, session: Session | None, connections: tuple[ConnectionInfo, ...]) -> None:
        """Show `session`, or the welcome page where there is none."""
        if self._session is not None:
            close_session_dialogs(self)
            for signal, slot in self._followed(self._session):
                signal.disconnect(slot)
        self._session = session
        info = session.connection.info if session is not None else None
        self.sidebar.org.show_connection(info, connections)
        self._stripe.show_connection(info)
        self.stack.set_session(session, self._connection_store() if session is not None else None)
        self.top_bar.set_session(session)
        self.offers.set_session(session)
        self.top_bar.setVisible(session is not None)
        self.sidebar.setVisible(session is not None or bool(connections))
        self.sidebar.set_usable(session is not None)
        self._word_title()
        self._show_barrier()
        if session is None:
            self.sidebar.show_lines((), ())
            self.sidebar.footer.show_text(StatusText(Mood.IDLE, ""))
            self.stack.setCurrentWidget(self.welcome)
            return
        for signal, slot in self._followed(session):
            signal.connect(slot)
        self._on_text(session.text)
        self._refresh_lines()
        self.stack.show_last()

    def _followed(self, session: Session) -> tuple[tuple[Any, Any], ...]:
        return (
            (session.status_changed, self._on_status),
            (session.progress_changed, self._refresh_lines),
            (session.text_changed, self._on_text),
            (session.desk.noted, self.toasts.show_notice),
            (session.desk.decide_wanted, self._on_decide),
            (session.desk.list_wanted, self._on_list),
        )

    def show_connections(self, connections: tuple[ConnectionInfo, ...]) -> None:
        """The list of connections has changed."""
        info = self._session.connection.info if self._session is not None else None
        self.sidebar.org.show_connection(info, connections)

    def _on_status(self, status: Any) -> None:
        if self._session is None or not self._session.desk.can_edit:
            # Otherwise the page of what waits counts as it lists: a new record once, not each of its fields.
            self.sidebar.set_badge(PENDING, status.pending)
        self._refresh_lines()
        self._show_barrier()

    def _show_barrier(self) -> None:
        self.notice.show_barrier(self._session.barrier if self._session is not None else None)

    def _on_text(self, text: StatusText) -> None:
        self.sidebar.footer.show_text(text)
        self._show_barrier()
        self.top_bar.refresh()

    def _on_decide(self, _ref: RecordRef | None) -> None:
        self.show_place(NEEDS_YOU)

    def _on_list(self, object_name: str, condition: Condition, value: str) -> None:
        page = self.show_object(object_name)
        if page is not None:
            page.show_only(condition, value)

    def _on_undo(self) -> None:
        if self._session is not None:
            self._session.desk.undo_last()

    def _on_act(self, told: tuple[Changes, object]) -> None:
        if self._session is not None:
            self._session.tell(told[0])

    def _refresh_lines(self, *_told: object) -> None:
        session = self._session
        if session is None:
            return
        lines = object_lines(session.status, session.progress)
        self.sidebar.show_lines(lines, self._pins(lines))
        self.sidebar.footer.show_share(_share(session, lines))

    def _pins(self, lines: tuple[ObjectLine, ...]) -> tuple[str, ...]:
        kept = self._connection_store().get("pins")
        return tuple(kept) if isinstance(kept, list) else default_pins(lines)

    def _on_pins(self, pins: tuple[str, ...]) -> None:
        self._connection_store().set("pins", list(pins))

    def _connection_store(self) -> ScopedStore:
        uuid = self._session.connection.info.uuid if self._session is not None else "none"
        return self._store.scoped(f"connection/{uuid}")

    def _on_retry(self) -> None:
        if self._session is not None:
            self._session.restart_engine()

    def _word_title(self) -> None:
        if self._session is None:
            self.setWindowTitle("OrgMirror")
            return
        info = self._session.connection.info
        kind = phases.kind(is_sandbox=info.is_sandbox, is_demo=info.is_demo)
        self.setWindowTitle(self.tr("{name} ({kind}) – OrgMirror").format(name=info.name, kind=kind))

    # What is shown

    def show_opening(self, *, demo: bool = False, first: bool = False) -> None:
        """The mirror is being opened; `demo`: the demo org is started before, which the `first` time makes its data."""
        self.opening.show_opening(demo=demo, first=first)
        self.sidebar.setVisible(self.sidebar.org.has_connections)
        self.stack.setCurrentWidget(self.opening)
        self.top_bar.setVisible(self._session is not None)

    def show_opening_error(self, error: OrgMirrorError) -> None:
        """The mirror cannot be opened."""
        self.opening.show_error(error)
        self.stack.setCurrentWidget(self.opening)

    def show_place(self, place: str) -> None:
        """One of the places of the registry."""
        self.stack.show_place(place)

    def show_object(self, name: str) -> ObjectPage | None:
        """The list of an object."""
        return self.stack.show_object(name)

    def open_record(self, ref: RecordRef) -> None:
        """Open a record beside its object's list."""
        self.stack.open_record(ref)

    def show_scope(self, object_name: str = "") -> None:
        """What is mirrored, beginning with an object."""
        session = self._session
        if session is None:
            return
        # Needed rarely, and not for showing the window.
        from gui.dialogs.scope_dialog import ScopeDialog

        dialog = show_one(self, "scopeDialog", lambda window: ScopeDialog(session, object_name, window))
        if dialog is not None:
            dialog.told.connect(lambda text: self.toasts.show_note(text))
            return
        known = self.findChild(ScopeDialog, "scopeDialog")
        if known is not None:
            known.choose(object_name)

    def _on_object_sync(self, name: str) -> None:
        if self._session is not None:
            self._session.sync_now((name,))

    # Showing and closing

    def keep_geometry(self) -> None:
        """Note where the window is, for the next start."""
        self._geometry.keep()

    def bring_to_front(self) -> None:
        """Show the window, from wherever it was."""
        if self.isMinimized():
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def come_back(self) -> None:
        """Show the window without taking the keyboard from whatever the person is doing."""
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, True)
        self.show()
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, False)

    def let_go(self) -> None:
        """The program quits: the next close is a real one."""
        self._may_close = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.keep_geometry()
        if self._may_close:
            event.accept()
            return
        event.ignore()
        self.close_wished.emit()


def _share(session: Session, lines: tuple[ObjectLine, ...]) -> float | None:
    progress = session.progress
    loading = progress is not None and progress.first_load
    if not loading and not (session.is_paused and any(line.loading for line in lines)):
        return None
    done, total = overall(session.status, progress)
    return done / total if total else 0.0
