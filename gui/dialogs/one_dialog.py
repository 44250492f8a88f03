"""Dialogs that belong to a window: one of each at a time, not modal, and those of a session go with it. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

D = TypeVar("D", bound=QDialog)

_OF_SESSION = "of_session"


def show_one(window: QWidget, name: str, make: Callable[[QWidget], D], *, of_session: bool = True) -> D | None:
    """Show the dialog `make(window)`, or bring the one called `name` that is open to the front: then None.

    `name` becomes its objectName; name what it is about where several may be open (`objectSettings_Lead`).
    `of_session`: it shows a connection's data and closes when the window shows another.
    """
    window = window.window()
    for dialog in window.findChildren(QDialog, name, Qt.FindChildOption.FindDirectChildrenOnly):
        if dialog.isVisible():
            dialog.raise_()
            dialog.activateWindow()
            return None
    made = make(window)
    made.setObjectName(name)
    made.setProperty(_OF_SESSION, of_session)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    made.show()
    return made


def close_session_dialogs(window: QWidget) -> None:
    """The window shows another connection, or none."""
    for dialog in window.findChildren(QDialog, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if dialog.property(_OF_SESSION) is True:
            dialog.reject()
