"""`Application`: builds the app, its threads, the tray and the window, and owns the quit sequence. GUI thread.

Start: hooks and log, single instance, look, window or hidden, then the home folder's `App` and the mirrors are opened
in the background. Quit: stop timers -> ask the engines to stop -> wait for their threads -> close readers and mirrors
in the background -> leave. Every step waits for the one before by a signal; nothing is terminated, and asking twice
changes nothing.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from core.model.errors import ErrorCode, OrgMirrorError
from core.paths import Home
from core.settings import (
    BY_HAND,
    CLOSE_TO_TRAY,
    CLOSE_TO_TRAY_TOLD,
    CYCLE_PAUSE_SECONDS,
    LANGUAGE,
    THEME,
    USE_COMPUTER_TIME_ZONE,
)
from gui.desktop import theme
from gui.desktop.language import Language
from gui.desktop.window_file import WindowFile
from gui.dialogs.crash_dialog import CrashDialog
from gui.dialogs.one_dialog import show_one
from gui.operations import Operations, in_background
from gui.pages.page_names import NEEDS_YOU
from gui.tray.announcer import Announcer
from gui.tray.tray import Tray
from gui.windows.main_window import MainWindow
from gui.windows.side_dialogs import SideDialogs
from gui.workers.session import Session
from gui.workers.sessions import Sessions

if TYPE_CHECKING:
    from core.api.connections import ConnectionInfo
    from core.app import App
    from core.settings import Setting
    from gui.dialogs.sign_in_wizard import SignInWizard

log = logging.getLogger(__name__)

ALREADY_RUNNING = 0
# An engine that has not ended by then is looked into, and after the second time left behind: the mirror's file stands
# any end, a program that never goes away helps nobody.
_PATIENCE_MS = 20_000
_LAST_PATIENCE_MS = 60_000
_SLOW_QUIT_MS = 400
_CURRENT = "connection"


class Application(QObject):
    """`start` once; `quit` from anywhere on the GUI thread."""

    def __init__(self, home: Home, make_app: Callable[[], App], *, demo: bool = False, minimized: bool = False) -> None:
        super().__init__()
        self.home = home
        self._make_app = make_app
        self._demo = demo
        self._minimized = minimized
        self._app: App | None = None
        self._current: str | None = None
        self._infos: tuple[ConnectionInfo, ...] = ()
        self._announced: str | None = None
        self._quitting = False
        self.operations = Operations(self)
        self.store = WindowFile(home.window_file, self)
        self.sessions = Sessions(self.operations, self)
        self.announcer = Announcer(self)
        self._language = Language(self)
        self.window = MainWindow(self.operations, self.store)
        self.tray = Tray(self)
        self.wizard: SignInWizard | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._out_of_patience)
        self.on_stuck: Callable[[], None] = lambda: None
        self.dialogs = SideDialogs(self.operations, self.window)
        self._connect()

    def _connect(self) -> None:
        window = self.window
        window.connection_wished.connect(self.show_connection)
        window.connect_wished.connect(self.open_wizard)
        window.sign_in_wished.connect(self.sign_in_again)
        window.demo_wished.connect(self.start_demo)
        window.retry_wished.connect(self._retry)
        window.settings_wished.connect(self.open_settings)
        window.about_wished.connect(self.dialogs.show_about)
        self.dialogs.app_setting_changed.connect(self._on_app_setting)
        self.dialogs.connection_setting_changed.connect(self._on_connection_setting)
        self.dialogs.scope_wished.connect(window.show_scope)
        self.dialogs.recovery_wished.connect(self.show_recovery)
        window.close_wished.connect(self._on_close)
        window.quit_wished.connect(self.quit)
        self.sessions.opened.connect(self.announcer.watch)
        self.sessions.opened.connect(self._session_is_open)
        self.sessions.failed.connect(self._session_failed)
        self.announcer.told.connect(self._announce)
        self.tray.message_clicked.connect(self._show_announced)
        self.tray.needs_wished.connect(self._show_needs)
        self.tray.open_wished.connect(window.bring_to_front)
        self.tray.quit_wished.connect(self.quit)
        self.tray.available_changed.connect(self._on_tray)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.commitDataRequest.connect(lambda _manager: self.store.save())

    # Starting

    def start(self) -> None:
        """Show the window and open what is here."""
        QApplication.setQuitOnLastWindowClosed(False)
        self.tray.start()
        if self._minimized and self.tray.available:
            log.info("started in the tray")
        elif self._minimized:
            self.window.showMinimized()
        else:
            self.window.show()
        self._open_app()

    def _open_app(self) -> None:
        demo_data = self.home.demo_org
        self.window.show_opening(demo=self._demo, first=not demo_data.is_dir())

        def work() -> tuple[App, list[ConnectionInfo]]:
            app = self._make_app()
            if self._demo:
                app.start_demo()
            return app, app.connections.list()

        in_background(self, self.operations, work, self._app_is_open, self._app_failed)

    def _app_failed(self, error: OrgMirrorError) -> None:
        self.window.show_opening_error(error)

    def _app_is_open(self, opened: tuple[App, list[ConnectionInfo]]) -> None:
        if self._quitting:
            self._close_late(opened[0].close)
            return
        self._app, infos = opened
        self.sessions.use(self._app)
        self._use_settings()
        self._infos = tuple(infos)
        if not infos:
            self.window.set_session(None, ())
            return
        kept = self.store.get(_CURRENT)
        self._current = kept if any(info.uuid == kept for info in infos) else infos[0].uuid
        for info in infos:
            self.sessions.open(info)

    def _use_settings(self) -> None:
        if self._app is None:
            return
        theme.choose(self._app.settings.get(THEME))
        self._language.use(self._app.settings.get(LANGUAGE))

    def _session_is_open(self, session: Session) -> None:
        uuid = session.connection.info.uuid
        if uuid == self._current or self._current is None:
            self.show_connection(uuid)

    def _session_failed(self, info: ConnectionInfo, error: OrgMirrorError) -> None:
        if info.uuid == self._current:
            self.window.set_session(None, self._infos)
            self.window.sidebar.org.show_connection(info, self._infos)
            self.window.show_opening_error(error)

    def show_connection(self, uuid: str) -> None:
        """Show another connection's session, or why it cannot be opened."""
        self._current = uuid
        self.store.set(_CURRENT, uuid)
        session = self.sessions.get(uuid)
        info = self._info(uuid)
        if session is not None:
            self.window.set_session(session, self._infos)
            self.tray.set_session(session)
        elif info is not None:
            self.tray.set_session(None)
            self.window.set_session(None, self._infos)
            self.window.sidebar.org.show_connection(info, self._infos)
            self.window.show_opening()
            self.sessions.open(info)

    def _info(self, uuid: str | None) -> ConnectionInfo | None:
        return next((info for info in self._infos if info.uuid == uuid), None)

    def _retry(self) -> None:
        app, current = self._app, self._current
        if app is None:
            self._open_app()
            return
        if current is None:
            return
        failed = self.sessions.error(current)
        if failed is None or failed.code is not ErrorCode.KEYRING_LOCKED:
            self.show_connection(current)
            return
        # The person asked: now, and only now, the keyring may ask for its password.
        in_background(
            self, self.operations, app.vault.unlock, lambda _state: self.show_connection(current), self._app_failed
        )

    # What needs a person

    def _announce(self, uuid: str, title: str, text: str) -> None:
        window = self.window
        if window.isActiveWindow() and uuid == self._current:
            if window.stack.currentWidget() is not window.stack.page(NEEDS_YOU):
                show = self.tr("Show")
                window.toasts.show_note(title, action=show, call=lambda: window.show_place(NEEDS_YOU), icon="needs-you")
            return
        self._announced = uuid
        self.tray.tell(title, text)

    def _show_announced(self) -> None:
        """The notification was clicked."""
        if self._announced is not None and self._announced != self._current:
            self.show_connection(self._announced)
        self.window.bring_to_front()
        if self._announced is not None:
            self.window.show_place(NEEDS_YOU)

    def _show_needs(self) -> None:
        self.window.bring_to_front()
        self.window.show_place(NEEDS_YOU)

    # Connecting

    def start_demo(self) -> None:
        """Make or open the demo connection in this home."""
        app = self._app
        if app is None:
            return
        self.window.show_opening(demo=True, first=not self.home.demo_org.is_dir())
        in_background(self, self.operations, app.start_demo, self._connected, self._demo_failed)

    def _demo_failed(self, error: OrgMirrorError) -> None:
        self.window.show_opening_error(error)

    def open_wizard(self) -> None:
        """The sign-in wizard for a new connection."""
        self._show_wizard(None)

    def sign_in_again(self) -> None:
        """The wizard for the connection that is shown: its mirror stays, its credentials are renewed."""
        info = self._info(self._current)
        if info is not None:
            self._show_wizard(info)

    def _show_wizard(self, renew: ConnectionInfo | None) -> None:
        app = self._app
        if app is None:
            return
        if self.wizard is not None:
            self.wizard.raise_()
            self.wizard.activateWindow()
            return
        # Needed rarely, and not for showing the window.
        from gui.dialogs.sign_in_wizard import SignInWizard

        self.wizard = SignInWizard(app.connections, self.operations, renew=renew, parent=self.window)
        self.wizard.connected.connect(self._connected)
        self.wizard.recovery_made.connect(self.show_recovery)
        self.wizard.renewed.connect(self._renewed)
        self.wizard.demo_wished.connect(self.start_demo)
        self.wizard.finished.connect(self._wizard_closed)
        self.wizard.show()

    def _wizard_closed(self, _result: int) -> None:
        self.wizard = None

    def _connected(self, info: ConnectionInfo) -> None:
        self._infos = tuple(sorted({*self._infos, info}, key=lambda item: item.name.casefold()))
        self.window.show_connections(self._infos)
        self.show_connection(info.uuid)

    def _renewed(self, info: ConnectionInfo) -> None:
        self._infos = tuple(info if known.uuid == info.uuid else known for known in self._infos)
        session = self.sessions.get(info.uuid)
        if session is not None:
            session.restart_engine()
        else:
            self.show_connection(info.uuid)
        self.window.toasts.show_note(self.tr("Signed in again"), icon="key")

    def show_recovery(self, info: ConnectionInfo | None = None, code: str = "") -> None:
        """The recovery code of a mirror: the one just made, or a new one of the connection that is shown."""
        app = self._app
        info = info or self._info(self._current)
        if app is None or info is None:
            return
        from gui.dialogs.recovery_dialog import RecoveryDialog

        connections, operations = app.connections, self.operations
        show_one(
            self.window,
            "recoveryDialog",
            lambda window: RecoveryDialog(connections, operations, info, code, window),
            of_session=False,
        )

    # Settings

    def open_settings(self) -> None:
        """The settings of the app and of the connection that is shown."""
        if self._app is not None:
            session = self.window.session
            connection = session.connection if session is not None else None
            self.dialogs.show_settings(self._app, connection, self.start_command())

    def start_command(self) -> list[str]:
        """The words that start this program on this home folder, for the entry that starts it at login."""
        program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "gui.main"]
        script = Path(sys.argv[0])
        if script.name.startswith("orgmirror") and script.is_file():
            program = [str(script.absolute())]
        return [*program, *(["--demo"] if self._demo else []), "--home", str(self.home.root)]

    def _on_app_setting(self, setting: Setting[object]) -> None:
        if setting is THEME or setting is LANGUAGE:
            self._use_settings()

    def _on_connection_setting(self, setting: Setting[object]) -> None:
        session = self.window.session
        if session is None:
            return
        if setting in (CYCLE_PAUSE_SECONDS, BY_HAND):
            session.restart_engine()
        elif setting is USE_COMPUTER_TIME_ZONE:
            # Every list shows times: they are made anew.
            self.window.set_session(session, self._infos)
        session.refresh()

    # Closing the window

    def _on_close(self) -> None:
        app = self._app
        keep = app is None or app.settings.get(CLOSE_TO_TRAY)
        if not keep or not self.tray.available:
            self.quit()
            return
        self.window.hide()
        if app is not None and not app.settings.get(CLOSE_TO_TRAY_TOLD):
            self.tray.tell(
                self.tr("OrgMirror keeps running"),
                self.tr("It stays in step in the background. Quit from the icon's menu."),
            )
            in_background(self, self.operations, lambda: app.settings.set(CLOSE_TO_TRAY_TOLD, True))

    def _on_tray(self, available: bool) -> None:
        if not available and not self.window.isVisible() and not self._quitting:
            # A hidden window without a tray could never be reached again; minimized would need a task bar.
            self.window.come_back()

    # Quitting

    def quit(self) -> None:
        """Begin the quit sequence; a second call changes nothing."""
        if self._quitting:
            return
        self._quitting = True
        log.info("quitting")
        if self.wizard is not None:
            self.wizard.reject()
        self.dialogs.close_all()
        self.tray.stop()
        self.window.keep_geometry()
        self.sessions.stopped.connect(self._close_app)
        self.sessions.stop()
        self.operations.cancel_all()
        QTimer.singleShot(_SLOW_QUIT_MS, self, self._say_closing)
        self._patience.start(_PATIENCE_MS)

    def _say_closing(self) -> None:
        if self.window.isVisible():
            self.window.toasts.show_note(self.tr("Closing after this batch…"), icon="clock")

    def _close_app(self) -> None:
        app = self._app
        # Pages hold readers of the mirror: they go before it does.
        self.window.set_session(None, ())
        if app is None:
            self._leave(None)
            return
        in_background(self, self.operations, app.close, self._leave, self._leave)

    def _close_late(self, close: Callable[[], None]) -> None:
        in_background(self, self.operations, close)

    def _leave(self, _result: object) -> None:
        self._patience.stop()
        self.store.save()
        self.window.let_go()
        self.operations.close()
        application = QApplication.instance()
        if application is not None:
            application.exit(0)

    def _out_of_patience(self) -> None:
        log.error("an engine does not end; waiting for: %s", self.sessions.waiting_for)
        self.on_stuck()
        self._patience.timeout.disconnect()
        self._patience.timeout.connect(lambda: os._exit(1))
        self._patience.start(_LAST_PATIENCE_MS)

    def tell_crash(self, text: str) -> None:
        """Show what went wrong; from any thread."""
        self.operations.deliver(lambda: CrashDialog(text, self.window).show())

    def note_last_crash(self, text: str) -> None:
        """The program ended hard last time: say so once, quietly, with what can be copied into a report."""
        self.window.toasts.show_note(
            self.tr("OrgMirror ended unexpectedly last time. Nothing that was here is lost."),
            action=self.tr("Show details"),
            call=lambda: CrashDialog(text, self.window).show(),
            icon="alert",
        )
