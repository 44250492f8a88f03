"""`HeaderMenu`: what can be done with a column: sort, fit, hide, choose others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

if TYPE_CHECKING:
    from core.api.browse import ColumnInfo


class HeaderMenu(QMenu):
    """Built for one click on a header; `column` is None right of the last column."""

    sort_wanted = Signal(str, bool)
    hide_wanted = Signal(str)
    fit_wanted = Signal(int)
    choose_wanted = Signal()

    def __init__(self, column: ColumnInfo | None, index: int, *, only_one: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("headerMenu")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if column is not None:
            name = column.name
            up = self.addAction(self.tr("Sort ascending"), lambda: self.sort_wanted.emit(name, False))
            down = self.addAction(self.tr("Sort descending"), lambda: self.sort_wanted.emit(name, True))
            for action in (up, down):
                action.setEnabled(column.sortable)
            self.addSeparator()
            self.addAction(self.tr("Fit the width"), lambda: self.fit_wanted.emit(index))
            hide = self.addAction(self.tr("Hide this column"), lambda: self.hide_wanted.emit(name))
            hide.setEnabled(not only_one)
        choose = self.addAction(self.tr("Choose columns…"), self.choose_wanted.emit)
        choose.setObjectName("chooseColumns")
