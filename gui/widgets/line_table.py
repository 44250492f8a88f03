"""`LineTable`: the view of a `LineModel`: icon or dot, words, a thin bar below them where there is one. GUI thread.

Whole rows are chosen; Enter or a double click activates one, Ctrl+C copies those selected, a click on a heading sorts.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gui.desktop import theme
from gui.desktop.theme import Space, Type
from gui.models.line_model import COLUMN_ROLE, LINE_ROLE, LineColumn, LineModel
from gui.widgets.progress_bar import paint_bar

T = TypeVar("T")

_ROW = 36
_ICON = 18
_DOT = 7
# Widths are declared for a face of so many pixels.
_FACE = 13


class LineDelegate(QStyledItemDelegate):
    """Paints a cell by its column's declaration."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, row_height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        column, line = index.data(COLUMN_ROLE), index.data(LINE_ROLE)
        if not isinstance(column, LineColumn):
            return
        tokens = theme.current()
        area = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(area, QColor(tokens.selection))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(tokens.surface_alt))
        painter.setPen(QColor(tokens.border_soft))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        inner = area.adjusted(Space.S, 0, -Space.S, 0)
        if column.icon is not None:
            inner = self._icon(painter, inner, column.icon(line))
        elif column.dot is not None:
            inner = self._dot(painter, inner, column.dot(line))
        share = column.share(line) if column.share is not None else None
        if share is not None:
            bar = QRectF(inner.left(), inner.center().y() + 8, inner.width(), 4)
            paint_bar(painter, bar, share, "accent_fill")
            inner = inner.adjusted(0, 0, 0, -10)
        usual = "selection_text" if selected else "text" if column.strong else "text_soft"
        role = column.role(line) if column.role is not None else usual
        painter.setFont(theme.font(Type.BODY, Type.MEDIUM if column.strong else Type.NORMAL))
        painter.setPen(QColor(getattr(tokens, role)))
        text = painter.fontMetrics().elidedText(column.text(line), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, int(index.data(Qt.ItemDataRole.TextAlignmentRole)), text)
        painter.restore()

    def _icon(self, painter: QPainter, area: QRect, name: str) -> QRect:
        pixmap = theme.pixmap(name, _ICON, "text_soft", float(painter.device().devicePixelRatioF()))
        painter.drawPixmap(QPoint(area.left(), area.top() + (area.height() - _ICON) // 2), pixmap)
        return area.adjusted(_ICON + Space.S + 2, 0, 0, 0)

    def _dot(self, painter: QPainter, area: QRect, role: str) -> QRect:
        if role:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(getattr(theme.current(), role)))
            painter.drawEllipse(QRectF(area.left(), area.center().y() - 3, _DOT, _DOT))
        return area.adjusted(_DOT + Space.S, 0, 0, 0)


def row_height() -> int:
    """The height of a row: more where the desktop's face is large."""
    return max(_ROW, theme.base_pixels() * 2 + 10)


class LineTable(QTableView, Generic[T]):
    """`chosen` carries the line that was activated, `current_changed` the one under the keyboard, or None."""

    chosen = Signal(object)
    current_changed = Signal(object)

    def __init__(self, model: LineModel[T], parent: QWidget | None = None, *, name: str, sortable: bool = True) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.lines = model
        self._kept: object = None
        self.setModel(model)
        self.setItemDelegate(LineDelegate(self))
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(row_height())
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._stretched = next((at for at, column in enumerate(model.columns) if column.stretch), None)
        for number, column in enumerate(model.columns):
            self.setColumnWidth(number, self._width(number))
            self.setColumnHidden(number, column.file_only)
        if sortable:
            header.setSectionsClickable(True)
            header.setSortIndicatorClearable(True)
            header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
            self.setSortingEnabled(True)
        model.modelAboutToBeReset.connect(self._keep_place)
        model.modelReset.connect(self._find_place)
        self.activated.connect(lambda index: self.chosen.emit(index.data(LINE_ROLE)))
        self.selectionModel().currentRowChanged.connect(
            lambda new, _old: self.current_changed.emit(new.data(LINE_ROLE) if new.isValid() else None)
        )
        theme.notifier().changed.connect(self.viewport().update)

    def current_line(self) -> T | None:
        """The line under the keyboard."""
        index = self.currentIndex()
        line: Any = index.data(LINE_ROLE) if index.isValid() else None
        return line  # type: ignore[no-any-return]

    def selected_lines(self) -> list[T]:
        """All lines that are selected, from the top."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.lines.lines[row] for row in rows]

    def show_column(self, key: str, shown: bool) -> None:
        """Show or hide a column."""
        number = next(at for at, column in enumerate(self.lines.columns) if column.key == key)
        if self.isColumnHidden(number) is shown:
            self.setColumnHidden(number, not shown)
            self._fit()

    def stretch_column(self, key: str) -> None:
        """Let this column take the room that the others leave, never less than its own width."""
        wanted = next(at for at, column in enumerate(self.lines.columns) if column.key == key)
        if wanted != self._stretched:
            if self._stretched is not None:
                self.setColumnWidth(self._stretched, self._width(self._stretched))
            self._stretched = wanted
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _width(self, number: int) -> int:
        """A column's declared width, for the face in use."""
        return round(self.lines.columns[number].width * theme.base_pixels() / _FACE)

    def _fit(self) -> None:
        stretched = self._stretched
        if stretched is None or self.isColumnHidden(stretched):
            return
        shown = [at for at in range(len(self.lines.columns)) if at != stretched and not self.isColumnHidden(at)]
        rest = self.viewport().width() - sum(self.columnWidth(at) for at in shown)
        self.setColumnWidth(stretched, max(self._width(stretched), rest))

    def choose(self, key: object) -> bool:
        """Put the keyboard on the line of that key; False where there is none."""
        row = self.lines.row_of(key)
        if row is None:
            return False
        self.setCurrentIndex(self.lines.index(row, 0))
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            columns = [column for at, column in enumerate(self.lines.columns) if not self.isColumnHidden(at)]
            lines = ["\t".join(column.text(line) for column in columns) for line in self.selected_lines()]
            QGuiApplication.clipboard().setText("\n".join(lines))
            return
        super().keyPressEvent(event)

    def _keep_place(self) -> None:
        line = self.current_line()
        self._kept = self.lines.key_of(line) if line is not None else None

    def _find_place(self) -> None:
        if self._kept is not None:
            self.choose(self._kept)
