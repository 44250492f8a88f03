"""The clear button of a text field in the program's own drawing: Qt's is a grey picture that ignores the palette."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit

from gui.desktop import theme

_QTS_NAME = "_q_qlineeditclearaction"


def give_clear_button(field: QLineEdit) -> None:
    """Let the field be emptied by a click."""
    field.setClearButtonEnabled(True)
    action = field.findChild(QAction, _QTS_NAME)
    if action is not None:
        theme.bind_icon(action, "close", "muted")
