"""`MainWindow`: sidebar, top bar and the stack of pages, for one session at a time. GUI thread.

It decides what is shown and nothing else; sessions, tray and quitting belong to the application object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMainWindow, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from core.model.changes import Changes
from core.model.errors import OrgMirrorError
from core.model.progress import CycleProgress
from core.model.refs import RecordRef
from gui.desktop import theme
from gui.desktop.theme import Size, Space
from gui.desktop.window_file import WindowFile
from gui.models.object_lines import ObjectLine, default_pins, object_lines, overall
from gui.operations import Operations
from gui.pages.changes_page import ChangesPage
from gui.pages.home_page import HomePage
from gui.pages.needs_you_page import NeedsYouPage
from gui.pages.object_page import ObjectPage
from gui.pages.page import Page
from gui.pages.pending_page import PendingPage
from gui.pages.sync_page import SyncPage
from gui.pages.welcome_page import WelcomePage
from gui.text import phases
from gui.text.status import Mood, StatusText
from gui.widgets.global_search import GlobalSearch
from gui.widgets.notice_bar import NoticeBar
from gui.widgets.org_stripe import OrgStripe
from gui.widgets.state_panel import PageState, StateAction, StatePanel
from gui.widgets.toast import Toasts
from gui.windows.geometry import WindowGeometry
from gui.windows.object_pages import ObjectPages
from gui.windows.sidebar import CHANGES, HOME, NEEDS_YOU, PENDING, Sidebar
from gui.workers.session import Session

if TYPE_CHECKING:
    from core.api.connections import ConnectionInfo

_MIN = QSize(920, 600)
_USUAL = QSize(1360, 860)
# Ctrl+1 to Ctrl+5 are the places; the pinned objects follow.
_FIRST_PINNED_KEY, _PINNED_KEYS = 6, 4
SYNC, WELCOME, OPENING = "sync", "welcome", "opening"
_LAST = "last_page"


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
        self.setObjectName("mainWindow")
        self._operations = operations
        self._store = store
        self._session: Session | None = None
        self._may_close = False
        self.sidebar = Sidebar(self)
        self.search = GlobalSearch(None, self)
        self.home = HomePage(self)
        self.needs_you = NeedsYouPage(self)
        self.pending = PendingPage(self)
        self.changes = ChangesPage(self)
        self.sync = SyncPage(self)
        self.welcome = WelcomePage(self)
        self.opening = StatePanel(self, name="openingState")
        self.toasts: Toasts
        self._pages: dict[str, Page] = {
            HOME: self.home,
            NEEDS_YOU: self.needs_you,
            PENDING: self.pending,
            CHANGES: self.changes,
            SYNC: self.sync,
            WELCOME: self.welcome,
        }
        self._build()
        self._connect()
        self._make_shortcuts()
        self._geometry = WindowGeometry(self, store, _USUAL)
        self._geometry.restore()
        self.retranslate()
        self.show_opening()

    # Building

    def _build(self) -> None:
        self._stripe = OrgStripe(self)
        self._sync_button = self._tool("topSync", "sync")
        self._pause_button = self._tool("topPause", "pause")
        self.search.setMaximumWidth(560)
        self._bar = QFrame(self)
        self._bar.setObjectName("topBar")
        self._bar.setProperty("area", "bar")
        self._bar.setFixedHeight(Size.TOP_BAR)
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(Space.L, 0, Space.L, 0)
        bar.setSpacing(Space.S)
        bar.addWidget(self.search, 1)
        bar.addStretch(1)
        bar.addWidget(self._pause_button)
        bar.addWidget(self._sync_button)
        self.stack = QStackedWidget(self)
        self.stack.setObjectName("pages")
        self._object_pages = ObjectPages(self.stack, self)
        for page in self._pages.values():
            self.stack.addWidget(page)
        self.stack.addWidget(self.opening)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self._bar)
        self.notice = NoticeBar(self)
        right.addWidget(self.notice)
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

    def _tool(self, name: str, icon: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setFixedSize(Size.CONTROL, Size.CONTROL)
        theme.bind_icon(button, icon, "text_soft", Size.ICON)
        return button

    def _connect(self) -> None:
        self.sidebar.place_wished.connect(self.show_place)
        self.sidebar.object_wished.connect(self.show_object)
        self.sidebar.sync_wished.connect(lambda: self.show_place(SYNC))
        self.sidebar.pins_changed.connect(self._on_pins)
        self.sidebar.org.chosen.connect(self.connection_wished)
        self.sidebar.org.connect_wished.connect(self.connect_wished)
        self.search.record_chosen.connect(self.open_record)
        self.home.object_wished.connect(self.show_object)
        self.home.sync_wished.connect(lambda: self.show_place(SYNC))
        self.home.needs_you_wished.connect(lambda: self.show_place(NEEDS_YOU))
        self.home.changes_wished.connect(lambda: self.show_place(CHANGES))
        for page in (self.home, self.changes, self.needs_you):
            page.record_wished.connect(self.open_record)
        self.needs_you.count_changed.connect(lambda count: self.sidebar.set_badge(NEEDS_YOU, count))
        self.needs_you.sign_in_wished.connect(self.sign_in_wished)
        self._object_pages.told.connect(self.toasts.show_note)
        self._object_pages.sync_page_wanted.connect(lambda: self.show_place(SYNC))
        self._object_pages.sign_in_wanted.connect(self.sign_in_wished)
        self.sidebar.org.settings_wished.connect(self.settings_wished)
        self.sidebar.org.about_wished.connect(self.about_wished)
        self.sidebar.org.sign_in_wished.connect(self.sign_in_wished)
        self.sync.object_wished.connect(self.show_object)
        self.sync.sign_in_wished.connect(self.sign_in_wished)
        self.welcome.connect_wished.connect(self.connect_wished)
        self.welcome.demo_wished.connect(self.demo_wished)
        self.opening.acted.connect(self._on_opening_action)
        self.notice.sign_in_wished.connect(self.sign_in_wished)
        self.notice.retry_wished.connect(self._on_retry)
        self._sync_button.clicked.connect(self._on_sync)
        self._pause_button.clicked.connect(self._on_pause)

    def _make_shortcuts(self) -> None:
        keys: tuple[tuple[str, Any], ...] = (
            ("Ctrl+1", lambda: self.show_place(HOME)),
            ("Ctrl+2", lambda: self.show_place(NEEDS_YOU)),
            ("Ctrl+3", lambda: self.show_place(PENDING)),
            ("Ctrl+4", lambda: self.show_place(CHANGES)),
            ("Ctrl+5", lambda: self.show_place(SYNC)),
            ("Ctrl+Shift+S", self._on_sync),
            ("F5", self._on_sync),
            ("Ctrl+,", self.settings_wished.emit),
            ("Ctrl+Shift+P", self._on_pause),
        )
        for place in range(_PINNED_KEYS):
            number = _FIRST_PINNED_KEY + place
            QShortcut(QKeySequence(f"Ctrl+{number}"), self, lambda place=place: self._show_pinned(place))
        for sequence, call in keys:
            QShortcut(QKeySequence(sequence), self, call)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Quit), self, self.quit_wished.emit)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Close), self, self.close)

    def _show_pinned(self, place: int) -> None:
        """The object at that place of the sidebar, from 0."""
        if place < len(self.sidebar.pins):
            self.show_object(self.sidebar.pins[place])

    def retranslate(self) -> None:
        self._word_levers()
        self._word_title()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    # The session

    @property
    def session(self) -> Session | None:
        return self._session

    def set_session(self, session: Session | None, connections: tuple[ConnectionInfo, ...]) -> None:
        """Show `session`, or the welcome page where there is none."""
        if self._session is not None:
            self._remember_page()
            for signal, slot in self._followed(self._session):
                signal.disconnect(slot)
        self._object_pages.close_all()
        self._session = session
        info = session.connection.info if session is not None else None
        self.sidebar.org.show_connection(info, connections)
        self._stripe.show_connection(info)
        self.search.set_browse(session.connection.browse if session is not None else None)
        for page in self._pages.values():
            page.set_session(session)
        self._bar.setVisible(session is not None)
        self.sidebar.setVisible(session is not None or bool(connections))
        self.sidebar.set_usable(session is not None)
        self._word_title()
        self._word_levers()
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
        self._restore_page()

    def _followed(self, session: Session) -> tuple[tuple[Any, Any], ...]:
        return (
            (session.status_changed, self._on_status),
            (session.progress_changed, self._on_progress),
            (session.text_changed, self._on_text),
            (session.data_changed, self._on_data),
        )

    def show_connections(self, connections: tuple[ConnectionInfo, ...]) -> None:
        """The list of connections has changed."""
        info = self._session.connection.info if self._session is not None else None
        self.sidebar.org.show_connection(info, connections)

    def _on_status(self, status: Any) -> None:
        self.sidebar.set_badge(PENDING, status.pending)
        self._refresh_lines()
        self._show_barrier()

    def _show_barrier(self) -> None:
        self.notice.show_barrier(self._session.barrier if self._session is not None else None)

    def _on_progress(self, progress: CycleProgress | None) -> None:
        self._refresh_lines()
        self._object_pages.show_progress(progress)

    def _on_text(self, text: StatusText) -> None:
        self.sidebar.footer.show_text(text)
        self._show_barrier()
        self._word_levers()

    def _on_data(self, changes: Changes) -> None:
        self._object_pages.apply_changes(changes)

    def _refresh_lines(self) -> None:
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

    def _connection_store(self) -> Any:
        uuid = self._session.connection.info.uuid if self._session is not None else "none"
        return self._store.scoped(f"connection/{uuid}")

    # Places

    def show_opening(self, *, demo: bool = False, first: bool = False) -> None:
        """The mirror is being opened; `demo`: the demo org is started before, which the `first` time makes its data."""
        if demo:
            self.opening.show_words(
                PageState.OPENING,
                lambda: self.tr("Making the demo org's data…") if first else self.tr("Starting the demo org…"),
                lambda: self.tr("This once: about half a minute. It is kept on this computer.") if first else "",
                icon="demo",
            )
        else:
            self.opening.show_state(PageState.OPENING)
        self.sidebar.setVisible(self.sidebar.org.has_connections)
        self.stack.setCurrentWidget(self.opening)
        self._bar.setVisible(self._session is not None)

    def show_opening_error(self, error: OrgMirrorError) -> None:
        """The mirror cannot be opened."""
        self.opening.show_error(error)
        self.stack.setCurrentWidget(self.opening)

    def _on_opening_action(self, action: StateAction) -> None:
        if action is StateAction.SIGN_IN:
            self.sign_in_wished.emit()
        else:
            self.retry_wished.emit()

    def show_place(self, place: str) -> None:
        """One of the places of the sidebar, or the Sync page."""
        page = self._pages.get(place)
        if page is None or self._session is None:
            return
        self.stack.setCurrentWidget(page)
        self.sidebar.choose_place(place)
        if self.focusWidget() is None:
            page.setFocus(Qt.FocusReason.OtherFocusReason)
        page.on_shown()
        self._remember_page()

    def show_object(self, name: str) -> ObjectPage | None:
        """The list of an object."""
        session = self._session
        if session is None:
            return None
        page = self._object_pages.show(session, self._connection_store(), name)
        self.sidebar.choose_object(name)
        self._remember_page()
        return page

    def open_record(self, ref: RecordRef) -> None:
        """Open a record beside its object's list."""
        page = self.show_object(ref.object)
        if page is not None:
            page.open_record(ref)

    def _remember_page(self) -> None:
        widget = self.stack.currentWidget()
        if isinstance(widget, ObjectPage):
            self._connection_store().set(_LAST, f"object/{widget.object_name}")
            return
        place = next((place for place, page in self._pages.items() if page is widget), None)
        if place is not None and place != WELCOME:
            self._connection_store().set(_LAST, place)

    def _restore_page(self) -> None:
        last = str(self._connection_store().get(_LAST, HOME))
        if last.startswith("object/"):
            self.show_object(last.removeprefix("object/"))
        else:
            self.show_place(last if last in self._pages and last != WELCOME else HOME)

    # The levers

    def _on_sync(self) -> None:
        if self._session is not None and not self._session.is_busy:
            self._session.sync_now()

    def _on_retry(self) -> None:
        if self._session is not None:
            self._session.restart_engine()

    def _on_pause(self) -> None:
        if self._session is not None:
            self._session.toggle_pause()

    def _word_levers(self) -> None:
        session = self._session
        paused = session is not None and session.is_paused
        pause = self.tr("Resume syncing (Ctrl+Shift+P)") if paused else self.tr("Pause syncing (Ctrl+Shift+P)")
        sync = self.tr("Sync now (F5)")
        self._pause_button.setToolTip(pause)
        self._pause_button.setAccessibleName(pause)
        self._sync_button.setToolTip(sync)
        self._sync_button.setAccessibleName(sync)
        self._sync_button.setEnabled(session is not None and not session.is_busy)
        wanted = "play" if paused else "pause"
        if self._pause_button.property("drawing") != wanted:
            self._pause_button.setProperty("drawing", wanted)
            theme.bind_icon(self._pause_button, wanted, "text_soft", Size.ICON)

    def _word_title(self) -> None:
        if self._session is None:
            self.setWindowTitle("OrgMirror")
            return
        info = self._session.connection.info
        kind = phases.kind(is_sandbox=info.is_sandbox, is_demo=info.is_demo)
        self.setWindowTitle(self.tr("{name} ({kind}) – OrgMirror").format(name=info.name, kind=kind))

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
