"""`FlowGrid`: cards in as many equal columns as fit, rows as tall as their tallest card."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowGrid(QLayout):
    """Every column is at least `minimum` pixels wide, and all are equally wide."""

    def __init__(self, parent: QWidget | None = None, *, minimum: int = 210, spacing: int = 12) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._minimum = minimum
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, area: QRect) -> None:
        super().setGeometry(area)
        self._arrange(area, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        height = max((item.sizeHint().height() for item in self._items), default=0)
        return QSize(self._minimum, height)

    def columns(self, width: int) -> int:
        """How many columns a width gives."""
        return max(1, (width + self.spacing()) // (self._minimum + self.spacing()))

    def _arrange(self, area: QRect, *, move: bool) -> int:
        shown = [item for item in self._items if not item.isEmpty()]
        if not shown:
            return 0
        gap = self.spacing()
        columns = self.columns(area.width())
        width = (area.width() - gap * (columns - 1)) / columns
        top = area.y()
        for start in range(0, len(shown), columns):
            row = shown[start : start + columns]
            height = max(item.sizeHint().height() for item in row)
            if move:
                for place, item in enumerate(row):
                    left = area.x() + round(place * (width + gap))
                    right = area.x() + round(place * (width + gap) + width)
                    item.setGeometry(QRect(left, top, right - left, height))
            top += height + gap
        return top - gap - area.y()
