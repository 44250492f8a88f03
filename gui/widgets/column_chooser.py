"""`ColumnChooser`: which columns a list shows, searched by typing; a popup, so it needs no OK and blocks nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.desktop import theme
from gui.widgets.clear_icon import give_clear_button

if TYPE_CHECKING:
    from core.api.browse import ColumnInfo

_NAME_ROLE = Qt.ItemDataRole.UserRole + 1


class ColumnChooser(QFrame):
    """`changed` carries the names chosen, those already shown first and in their order."""

    changed = Signal(object)  # tuple[str, ...]
    reset_wanted = Signal()

    def __init__(self, available: Sequence[ColumnInfo], shown: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("columnChooser")
        self.setProperty("area", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._shown = list(shown)
        self._filter = QLineEdit(self)
        self._filter.setObjectName("columnFilter")
        give_clear_button(self._filter)
        self._list = QListWidget(self)
        self._list.setObjectName("columnList")
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setUniformItemSizes(True)
        self._list.setSpacing(2)
        self._reset = QPushButton(self)
        self._reset.setObjectName("columnReset")
        self._reset.setProperty("kind", "quiet")
        self._done = QPushButton(self)
        self._done.setObjectName("columnDone")
        buttons = QHBoxLayout()
        buttons.addWidget(self._reset)
        buttons.addStretch(1)
        buttons.addWidget(self._done)
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.Space.M, theme.Space.M, theme.Space.M, theme.Space.M)
        box.setSpacing(theme.Space.S)
        box.addWidget(self._filter)
        box.addWidget(self._list, 1)
        box.addLayout(buttons)
        self._fill(available)
        self._list.itemChanged.connect(self._toggled)
        self._filter.textChanged.connect(self._narrow)
        self._reset.clicked.connect(self._on_reset)
        self._done.clicked.connect(self.close)
        self.resize(320, 440)
        self.retranslate()
        self._filter.setFocus()

    def retranslate(self) -> None:
        self._filter.setPlaceholderText(self.tr("Find a field"))
        self._filter.setAccessibleName(self.tr("Find a field"))
        self._list.setAccessibleName(self.tr("Columns"))
        self._reset.setText(self.tr("Reset"))
        self._done.setText(self.tr("Done"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def chosen(self) -> tuple[str, ...]:
        """The names chosen, in the order in which the list shows them."""
        return tuple(self._shown)

    def show_at(self, position: QPoint) -> None:
        """Open below `position` (global), moved so that it fits the screen."""
        screen = self.screen().availableGeometry()
        left = min(position.x(), screen.right() - self.width())
        top = min(position.y(), screen.bottom() - self.height())
        self.move(max(left, screen.left()), max(top, screen.top()))
        self.show()

    def _fill(self, available: Sequence[ColumnInfo]) -> None:
        order = {name: at for at, name in enumerate(self._shown)}
        columns = sorted(available, key=lambda c: (order.get(c.name, len(order)), c.label.casefold()))
        for column in columns:
            item = QListWidgetItem(column.label, self._list)
            item.setData(_NAME_ROLE, column.name)
            item.setFlags(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            item.setCheckState(Qt.CheckState.Checked if column.name in order else Qt.CheckState.Unchecked)
            item.setToolTip(column.name)

    def _toggled(self, item: QListWidgetItem) -> None:
        name = item.data(_NAME_ROLE)
        if item.checkState() == Qt.CheckState.Checked:
            if name not in self._shown:
                self._shown.append(name)
        elif name in self._shown:
            if len(self._shown) == 1:  # a list without columns would show nothing at all
                item.setCheckState(Qt.CheckState.Checked)
                return
            self._shown.remove(name)
        self.changed.emit(self.chosen())

    def _narrow(self, text: str) -> None:
        words = text.casefold().split()
        for row in range(self._list.count()):
            item = self._list.item(row)
            haystack = f"{item.text()} {item.data(_NAME_ROLE)}".casefold()
            item.setHidden(not all(word in haystack for word in words))

    def _on_reset(self) -> None:
        self.reset_wanted.emit()
        self.close()
