"""`FieldMenu`: what can be done with the value of one field in a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from gui.text.field_labels import shown_label

if TYPE_CHECKING:
    from core.api.browse import FieldView


class FieldMenu(QMenu):
    """`text` is the value as plain text, `selected` what of it is marked."""

    apart_wanted = Signal(object)  # RecordRef

    def __init__(self, value: FieldView, text: str, selected: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fieldMenu")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if selected:
            self._offer_copy("copySelection", self.tr("Copy selected text"), selected)
        self._offer_copy("copyValue", self.tr("Copy value"), text).setEnabled(bool(text))
        both = f"{shown_label(value.label, value.type)}: {text}"
        self._offer_copy("copyBoth", self.tr("Copy label and value"), both)
        if value.link is not None:
            self._offer_copy("copyLinkId", self.tr("Copy id"), value.link.id)
        self._offer_copy("copyApiName", self.tr("Copy field name"), value.name)
        target = value.link
        if target is not None:
            self.addSeparator()
            apart = self.addAction(self.tr("Open in its own window"))
            apart.setObjectName("openLinkApart")
            apart.triggered.connect(lambda: self.apart_wanted.emit(target))

    def _offer_copy(self, name: str, label: str, text: str) -> QAction:
        action = self.addAction(label)
        action.setObjectName(name)
        action.triggered.connect(lambda: QGuiApplication.clipboard().setText(text))
        return action
