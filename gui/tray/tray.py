"""`Tray`: the icon with the state, and its menu: status, open, sync now, pause or resume, quit. GUI thread.

One menu for the icon's whole life: some desktops keep the first one they saw. It is filled anew when it is about to be
shown and when the status changes, since not every tray says that it shows it. Whether there is a tray at all only
`QSystemTrayIcon.isSystemTrayAvailable` tells, and nothing signals a change: a slow timer asks.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from gui.desktop import icons
from gui.text import numbers
from gui.text.status import TRAY_ICONS, Mood, StatusText
from gui.workers.session import Session

_LOOK_MS = 10_000


class Tray(QObject):
    """`available_changed` says whether a tray is really there."""

    open_wished = Signal()
    quit_wished = Signal()
    message_clicked = Signal()
    needs_wished = Signal()
    available_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tray")
        self._session: Session | None = None
        self._text = StatusText(Mood.IDLE, "OrgMirror")
        self._icon = QSystemTrayIcon(self)
        self._icon.setObjectName("trayIcon")
        self._menu = QMenu()
        self._menu.setObjectName("trayMenu")
        self._icon.setContextMenu(self._menu)
        self._status = self._act("trayStatus", None)
        self._status.setEnabled(False)
        self._menu.addSeparator()
        self._open = self._act("trayOpen", self.open_wished.emit)
        self._needs = self._act("trayNeeds", self.needs_wished.emit)
        self._sync = self._act("traySync", self._on_sync)
        self._pause = self._act("trayPause", self._on_pause)
        self._menu.addSeparator()
        self._quit = self._act("trayQuit", self.quit_wished.emit)
        self._menu.setDefaultAction(self._open)
        self._menu.aboutToShow.connect(self.retranslate)
        self._icon.activated.connect(self._on_activated)
        self._icon.messageClicked.connect(self.message_clicked)
        self._available = False
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self.retranslate()

    def start(self) -> None:
        """Show the icon where there is a tray, and keep looking."""
        self.look()
        self._timer.start()

    def stop(self) -> None:
        """Take the icon away."""
        self._timer.stop()
        self._icon.hide()

    @property
    def available(self) -> bool:
        """Whether a tray is there at this moment; asks the desktop."""
        self.look()
        return self._available

    def look(self) -> None:
        """Ask whether there is a tray; the icon comes back with it."""
        available = QSystemTrayIcon.isSystemTrayAvailable()
        if available:
            if not self._available:
                self._icon.hide()
            self._icon.show()
        if available != self._available:
            self._available = available
            self.available_changed.emit(available)

    def set_session(self, session: Session | None) -> None:
        """Speak of this connection."""
        if self._session is not None:
            self._session.text_changed.disconnect(self.show_text)
            self._session.needs_changed.disconnect(self._on_needs)
        self._session = session
        if session is not None:
            session.text_changed.connect(self.show_text)
            session.needs_changed.connect(self._on_needs)
            self.show_text(session.text)
        self.retranslate()

    def show_text(self, text: StatusText) -> None:
        """Icon, tooltip and first line of the menu."""
        self._text = text
        self.retranslate()

    def tell(self, title: str, text: str) -> None:
        """A desktop notification, plain: some desktops would take a tag in a text for markup."""
        plain = (part.replace("<", "‹").replace(">", "›") for part in (title, text))
        self._icon.showMessage(*plain, icons.brand("orgmirror"))

    def _on_needs(self, _count: int) -> None:
        self.retranslate()

    def retranslate(self) -> None:
        session = self._session
        name = session.connection.info.name if session is not None else ""
        line = self._text.line
        # Plain text: a tooltip that looked like markup would be taken for it, and an ampersand would vanish in a menu.
        self._status.setText(line.replace("&", "&&"))
        shown = f"{name}: {line}" if name else line
        needs = session.needs if session is not None else 0
        if needs:
            waits = self.tr("Needs you: {count}").format(count=numbers.number(needs))
            shown = f"{shown}\n{waits}"
        self._needs.setText(self.tr("Needs you ({count})").format(count=numbers.number(needs)))
        self._needs.setVisible(needs > 0)
        self._icon.setToolTip(shown.replace("<", "‹").replace(">", "›"))
        self._icon.setIcon(icons.brand(TRAY_ICONS[self._text.mood]))
        self._open.setText(self.tr("Open OrgMirror"))
        self._sync.setText(self.tr("Sync now"))
        paused = session is not None and session.is_paused
        self._pause.setText(self.tr("Resume") if paused else self.tr("Pause"))
        self._quit.setText(self.tr("Quit"))
        self._sync.setEnabled(session is not None and not session.is_busy)
        self._pause.setEnabled(session is not None)

    def _act(self, name: str, call: object) -> QAction:
        action = QAction(self._menu)
        action.setObjectName(name)
        if callable(call):
            action.triggered.connect(lambda _checked=False: call())
        self._menu.addAction(action)
        return action

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.open_wished.emit()

    def _on_sync(self) -> None:
        if self._session is not None:
            self._session.sync_now()

    def _on_pause(self) -> None:
        if self._session is not None:
            self._session.toggle_pause()
