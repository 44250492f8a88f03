"""`SideDialogs`: settings and about, one of each at a time, made when wanted. GUI thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from gui.operations import Operations

if TYPE_CHECKING:
    from core.app import App, Connection
    from gui.dialogs.settings_dialog import SettingsDialog


class SideDialogs(QObject):
    """`app_setting_changed` and `connection_setting_changed` carry a declaration of core.settings; `scope_wished` opens
    what is mirrored."""

    app_setting_changed = Signal(object)
    connection_setting_changed = Signal(object)
    scope_wished = Signal()
    recovery_wished = Signal()

    def __init__(self, operations: Operations, window: QWidget) -> None:
        super().__init__(window)
        self._operations = operations
        self._window = window
        self._open: dict[str, QDialog] = {}

    def show_settings(self, app: App, connection: Connection | None, start_command: list[str]) -> None:
        """The settings of the app and of the connection that is shown."""
        if self._raise("settings"):
            return
        # Needed rarely, and not for showing the window.
        from gui.dialogs.settings_dialog import SettingsDialog

        dialog: SettingsDialog = SettingsDialog(
            app, connection, self._operations, start_command=start_command, parent=self._window
        )
        dialog.app_changed.connect(self.app_setting_changed)
        dialog.connection_changed.connect(self.connection_setting_changed)
        dialog.scope_wished.connect(self.scope_wished)
        dialog.recovery_wished.connect(self.recovery_wished)
        self._show("settings", dialog)

    def show_about(self) -> None:
        """The versions."""
        if self._raise("about"):
            return
        from gui.dialogs.about_dialog import AboutDialog

        self._show("about", AboutDialog(self._window))

    def close_all(self) -> None:
        """The program quits, or another connection is shown."""
        for dialog in list(self._open.values()):
            dialog.reject()

    def _raise(self, name: str) -> bool:
        dialog = self._open.get(name)
        if dialog is None:
            return False
        dialog.raise_()
        dialog.activateWindow()
        return True

    def _show(self, name: str, dialog: QDialog) -> None:
        self._open[name] = dialog
        dialog.finished.connect(lambda _result: self._open.pop(name, None))
        dialog.show()
