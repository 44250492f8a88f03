"""`SettingsDialog`: the app's settings and those of the connection shown. Not modal; a choice takes effect at once.

The rows are drawn from the declarations of `core.settings`; storing happens in the background, since the GUI thread
waits for no disk. Nothing here knows what a setting does: the application hears `app_changed` and `connection_changed`.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.model.errors import OrgMirrorError
from core.settings import ALL, Scope, Setting
from gui.desktop import autostart
from gui.desktop.theme import Space
from gui.operations import Operations, in_background
from gui.text import errors
from gui.text import settings as text
from gui.widgets.label import Label
from gui.widgets.setting_row import SettingRow

if TYPE_CHECKING:
    from core.app import App, Connection

_WIDTH, _HEIGHT = 600, 780


class SettingsDialog(QDialog):
    """`app_changed` and `connection_changed` carry the declaration, once its new value is kept; `scope_wished` opens
    what is mirrored."""

    app_changed = Signal(object)
    connection_changed = Signal(object)
    scope_wished = Signal()
    recovery_wished = Signal()

    def __init__(
        self,
        app: App,
        connection: Connection | None,
        operations: Operations,
        *,
        start_command: list[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("settingsDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._app = app
        self._connection = connection
        self._operations = operations
        self._command = start_command
        self._folder = Path(app.home.root)
        self.rows: dict[str, SettingRow] = {}
        self._captions: list[Label] = []
        self._login = QCheckBox(self)
        self._login.setObjectName("startAtLogin")
        self._login_help = Label("small", self, wrap=True)
        self._login_help.setIndent(Space.XL + 2)
        self._path = QLineEdit(str(self._folder), self)
        self._path.setObjectName("dataFolder")
        self._path.setReadOnly(True)
        self._path_help = Label("small", self, wrap=True)
        self._open_folder = self._button("openFolder", self._on_open_folder)
        self._copy_folder = self._button("copyFolder", self._on_copy_folder)
        self._close = self._button("settingsClose", self.accept)
        self._scope_label = Label("strong", self)
        self._scope_help = Label("small", self, wrap=True)
        self._choose_scope = self._button("chooseScope", self.scope_wished.emit)
        self._recovery_label = Label("strong", self)
        self._recovery_help = Label("small", self, wrap=True)
        self._make_recovery = self._button("makeRecovery", self.recovery_wished.emit)
        if connection is None:
            links = (self._scope_label, self._scope_help, self._choose_scope)
            for widget in (*links, self._recovery_label, self._recovery_help, self._make_recovery):
                widget.hide()
        self._error = Label("bad", self, wrap=True, name="settingsError")
        self._error.hide()
        self._lay_out()
        self._login.setChecked(autostart.is_enabled())
        self._login.toggled.connect(self._on_login)
        self.resize(QSize(_WIDTH, _HEIGHT).boundedTo(QGuiApplication.primaryScreen().availableSize() * 0.9))
        self.retranslate()
        self._order_tabs()

    def _order_tabs(self) -> None:
        """As they are seen, from the top."""
        fields = [row.field for row in self.rows.values()]
        place = sum(1 for row in self.rows.values() if row.setting.scope is Scope.APP)
        order = [*fields[:place], self._login, *fields[place:], self._choose_scope, self._make_recovery]
        order += [self._path, self._copy_folder, self._open_folder, self._close]
        for earlier, later in pairwise(order):
            QWidget.setTabOrder(earlier, later)
        order[0].setFocus()

    def _button(self, name: str, call: object) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        if callable(call):
            button.clicked.connect(lambda _checked=False: call())
        return button

    def _lay_out(self) -> None:
        body = QWidget(self)
        body.setObjectName("settingsBody")
        inside = QVBoxLayout(body)
        inside.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        inside.setSpacing(Space.M)
        self._app_card = self._card(inside, [self._row(s) for s in ALL if s.scope is Scope.APP and _shown(s)])
        if autostart.is_supported():
            layout = self._app_card.layout()
            if isinstance(layout, QVBoxLayout):
                cell = QVBoxLayout()
                cell.setSpacing(2)
                cell.addWidget(self._login)
                cell.addWidget(self._login_help)
                layout.addLayout(cell)
        else:
            self._login.hide()
            self._login_help.hide()
        if self._connection is not None:
            rows = [self._row(s) for s in ALL if s.scope is Scope.CONNECTION and _shown(s)]
            scope = self._link_row(self._scope_label, self._scope_help, self._choose_scope)
            rows += [scope, self._link_row(self._recovery_label, self._recovery_help, self._make_recovery)]
            rows[-1].setVisible(self._connection.info.encrypted)
            self._card(inside, rows)
        buttons = QWidget(self)
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._path, 1)
        row.addWidget(self._copy_folder)
        row.addWidget(self._open_folder)
        self._card(inside, [buttons, self._path_help])
        inside.addStretch(1)
        area = QScrollArea(self)
        area.setObjectName("settingsScroll")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(body)
        line = QFrame(self)
        line.setProperty("area", "line")
        foot = QHBoxLayout()
        foot.setContentsMargins(Space.XL, Space.M, Space.XL, Space.M)
        foot.addWidget(self._error, 1)
        foot.addStretch(1)
        foot.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(area, 1)
        layout.addWidget(line)
        layout.addLayout(foot)

    def _card(self, into: QVBoxLayout, widgets: list[QWidget]) -> QFrame:
        caption = Label("heading", self)
        self._captions.append(caption)
        card = QFrame(self)
        card.setProperty("area", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        inside.setSpacing(Space.M)
        for widget in widgets:
            inside.addWidget(widget)
        into.addWidget(caption)
        into.addWidget(card)
        into.addSpacing(Space.S)
        return card

    def _link_row(self, label: Label, help_: Label, button: QPushButton) -> QWidget:
        """The way to something that has a dialog of its own."""
        row = QWidget(self)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label)
        words.addWidget(help_)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.L)
        layout.addLayout(words, 1)
        layout.addWidget(button)
        return row

    def _row(self, setting: Setting[Any]) -> QWidget:
        connection = self._connection
        if setting.scope is Scope.APP:
            value = self._app.settings.get(setting)
        else:
            value = connection.setting(setting) if connection is not None else setting.default
        row = SettingRow(setting, value, self)
        row.changed.connect(self._keep)
        self.rows[setting.key] = row
        return row

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Settings – OrgMirror"))
        names = [self.tr("OrgMirror")]
        if self._connection is not None:
            names.append(self._connection.info.name)
        names.append(self.tr("Where your data is"))
        for caption, name in zip(self._captions, names, strict=True):
            caption.setText(name)
        self._login.setText(self.tr("Start OrgMirror at login"))
        self._login_help.setText(self.tr("It starts in the tray and does not open its window."))
        self._scope_label.setText(self.tr("What is mirrored"))
        self._scope_help.setText(self.tr("Objects, their records and fields, and which way changes travel."))
        self._choose_scope.setText(self.tr("Choose…"))
        self._recovery_label.setText(self.tr("Recovery code"))
        self._recovery_help.setText(self.tr("Opens the mirror if your keyring is lost. A new one replaces the old."))
        self._make_recovery.setText(self.tr("Make one…"))
        self._path.setAccessibleName(self.tr("Folder of your data"))
        self._path_help.setText(
            self.tr("Mirrors, settings and logs are in this folder; keys and credentials are in your keyring.")
        )
        self._open_folder.setText(self.tr("Open"))
        self._copy_folder.setText(self.tr("Copy"))
        self._close.setText(self.tr("Close"))
        for row in self.rows.values():
            row.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    # Keeping

    def _keep(self, setting: Setting[Any], value: Any) -> None:
        app, connection = self._app, self._connection
        self._error.hide()
        if setting.scope is Scope.APP:
            if app.settings.get(setting) == value:
                return
            in_background(
                self,
                self._operations,
                lambda: app.settings.set(setting, value),
                lambda _none: self.app_changed.emit(setting),
                self._failed,
            )
        elif connection is not None and connection.setting(setting) != value:
            in_background(
                self,
                self._operations,
                lambda: connection.set_setting(setting, value),
                lambda _none: self.connection_changed.emit(setting),
                self._failed,
            )

    def _on_login(self, on: bool) -> None:
        self._error.hide()
        command = list(self._command)
        in_background(self, self._operations, lambda: autostart.set_enabled(on, command), failure=self._failed)

    def _failed(self, error: OrgMirrorError) -> None:
        said = errors.words(error)
        self._error.setText(f"{said.title} {said.remedy}".strip())
        self._error.show()

    # The folder

    def _on_open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))

    def _on_copy_folder(self) -> None:
        QGuiApplication.clipboard().setText(str(self._folder))


def _shown(setting: Setting[Any]) -> bool:
    return text.words(setting.key) is not None
