"""The recovery code is shown once, and kept where the person wants it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QLineEdit
from pytestqt.qtbot import QtBot

from core.model.errors import ErrorCode, OrgMirrorError
from gui.dialogs.recovery_dialog import RecoveryDialog
from gui.operations import Operations
from gui.widgets.label import Label
from tests.helpers import fake_app
from tests.helpers.fake_app import FakeConnections

CODE = "ABCD-EFGH-JKLM-NPQR"


def shown(dialog: RecoveryDialog) -> str:
    field = dialog.findChild(QLineEdit, "recoveryCode")
    assert field is not None
    return field.text()


def press(dialog: RecoveryDialog, name: str) -> None:
    button = dialog.findChild(QAbstractButton, name)
    assert button is not None
    button.click()


def test_a_new_code_is_made_copied_saved_and_forgotten(qtbot: QtBot, operations: Operations, tmp_path: Path) -> None:
    connections = FakeConnections()
    dialog = RecoveryDialog(connections, operations, fake_app.info())  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: shown(dialog) == CODE)
    press(dialog, "recoveryCopy")
    assert QGuiApplication.clipboard().text() == CODE
    file = tmp_path / "code.txt"
    dialog.save_to(file)
    qtbot.waitUntil(file.is_file)
    assert CODE in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    dialog.accept()
    assert shown(dialog) == ""


def test_why_no_code_can_be_made_is_said(qtbot: QtBot, operations: Operations) -> None:
    class Locked(FakeConnections):
        def make_recovery_code(self, name: str) -> str:
            raise OrgMirrorError(ErrorCode.KEYRING_LOCKED)

    dialog = RecoveryDialog(Locked(), operations, fake_app.info())  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    said = dialog.findChild(Label, "recoverySaid")
    assert said is not None
    qtbot.waitUntil(lambda: said.role == "bad")
    assert said.text()
    copy = dialog.findChild(QAbstractButton, "recoveryCopy")
    assert copy is not None
    assert not copy.isEnabled()
