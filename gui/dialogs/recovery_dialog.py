"""`RecoveryDialog`: the recovery code of a mirror, once: to be copied, saved to a file or written down. GUI thread.

The code wraps the key of the encrypted file; whoever loses the keyring gets the mirror back with it. It is kept nowhere
else: closing the dialog forgets it, and another code takes the place of this one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from core.model.errors import OrgMirrorError
from core.paths import write_private
from gui.desktop import theme
from gui.desktop.theme import Space, Type
from gui.operations import Operations, QueryOp, in_background
from gui.text import errors
from gui.widgets.label import Label

if TYPE_CHECKING:
    from core.api.connections import ConnectionInfo, ConnectionsApi

_WIDTH = 520


class RecoveryDialog(QDialog):
    """`code`: the one that was just made; empty: it is made now, in the background."""

    def __init__(
        self,
        connections: ConnectionsApi,
        operations: Operations,
        info: ConnectionInfo,
        code: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("recoveryDialog")
        self._operations = operations
        self._info = info
        self._title = Label("heading", self, wrap=True, name="recoveryTitle")
        self._text = Label("soft", self, wrap=True, name="recoveryText")
        self._code = QLineEdit(code, self)
        self._code.setObjectName("recoveryCode")
        self._code.setReadOnly(True)
        face = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        face.setPixelSize(round(theme.base_pixels() * Type.HEADING))
        self._code.setFont(face)
        self._said = Label("small", self, wrap=True, name="recoverySaid")
        self._copy = self._button("recoveryCopy", self._on_copy)
        self._save = self._button("recoverySave", self._on_save)
        self._close = self._button("recoveryClose", self.accept)
        self._close.setProperty("kind", "primary")
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self._copy)
        buttons.addWidget(self._save)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        layout.setSpacing(Space.M)
        layout.addWidget(self._title)
        layout.addWidget(self._text)
        layout.addWidget(self._code)
        layout.addWidget(self._said)
        layout.addLayout(buttons)
        self.setMinimumWidth(_WIDTH)
        self.retranslate()
        if not code:
            self._make(connections)
        self._refresh()

    def _button(self, name: str, call: object) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        if callable(call):
            button.clicked.connect(lambda _checked=False: call())
        return button

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Recovery code – {name}").format(name=self._info.name))
        self._title.setText(self.tr("Keep this code in a safe place, away from this computer"))
        self._text.setText(
            self.tr(
                "It opens the mirror of {name} if your keyring is lost. It is shown only now; a new one takes its place"
                " and makes this one worthless."
            ).format(name=self._info.name)
        )
        self._code.setAccessibleName(self.tr("Recovery code"))
        self._copy.setText(self.tr("Copy"))
        self._save.setText(self.tr("Save to a file…"))
        self._close.setText(self.tr("I have kept it"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def done(self, result: int) -> None:
        self._code.clear()
        super().done(result)

    def _make(self, connections: ConnectionsApi) -> None:
        name = self._info.name
        self._said.setText(self.tr("Making the code… your keyring may ask for its password."))
        op = QueryOp(self, self._operations, lambda _token: connections.make_recovery_code(name))
        op.success(self._made).failure(self._failed).run()

    def _made(self, code: str) -> None:
        self._code.setText(code)
        self._said.setText("")
        self._code.setCursorPosition(0)
        self._refresh()

    def _failed(self, error: OrgMirrorError) -> None:
        said = errors.words(error)
        self._said.set_role("bad")
        self._said.setText(f"{said.title} {said.remedy}".strip())

    def _refresh(self) -> None:
        for button in (self._copy, self._save):
            button.setEnabled(bool(self._code.text()))

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._code.text())
        self._said.setText(self.tr("Copied; the clipboard forgets it with the next copy."))

    def _on_save(self) -> None:
        dialog = QFileDialog(self, self.tr("Save the recovery code"))
        dialog.setObjectName("recoverySaveDialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("txt")
        dialog.selectFile(self.tr("OrgMirror recovery code") + ".txt")
        dialog.fileSelected.connect(lambda path: self.save_to(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_to(self, path: Path) -> None:
        """Write the code into a file that only this user can read."""
        text = f"{self._info.name}\n{self._code.text()}\n"
        in_background(
            self,
            self._operations,
            lambda: write_private(path, text),
            lambda _none: self._said.setText(self.tr("Saved to {file}").format(file=path.name)),
            self._failed,
        )
