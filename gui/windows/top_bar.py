"""`TopBar`: the search over everything, and the levers of the sync, for one session at a time. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from gui.desktop import theme
from gui.desktop.theme import Size, Space
from gui.widgets.global_search import GlobalSearch
from gui.workers.session import Session

_SEARCH_WIDTH = 560


class TopBar(QFrame):
    """`refresh` after anything that the levers depend on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topBar")
        self.setProperty("area", "bar")
        self.setFixedHeight(Size.TOP_BAR)
        self._session: Session | None = None
        self.search = GlobalSearch(None, self)
        self.search.setMaximumWidth(_SEARCH_WIDTH)
        self._pause_button = self._tool("topPause", "pause")
        self._pause_button.clicked.connect(self.pause)
        self._sync_button = self._tool("topSync", "sync")
        self._sync_button.clicked.connect(self.sync)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.L, 0, Space.L, 0)
        layout.setSpacing(Space.S)
        layout.addWidget(self.search, 1)
        layout.addStretch(1)
        layout.addWidget(self._pause_button)
        layout.addWidget(self._sync_button)
        self.refresh()

    def _tool(self, name: str, icon: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setFixedSize(Size.CONTROL, Size.CONTROL)
        theme.bind_icon(button, icon, "text_soft", Size.ICON)
        return button

    def set_session(self, session: Session | None) -> None:
        """Search and steer another connection, or none."""
        self._session = session
        self.search.set_browse(session.connection.browse if session is not None else None)
        self.refresh()

    def sync(self) -> None:
        """Start a cycle, unless one is under way."""
        if self._session is not None and not self._session.is_busy:
            self._session.sync_now()

    def pause(self) -> None:
        """Pause or resume."""
        if self._session is not None:
            self._session.toggle_pause()

    def refresh(self) -> None:
        """Words and states from the session as it is now."""
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

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.refresh()
