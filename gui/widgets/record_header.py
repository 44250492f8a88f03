"""`RecordHeader`: the column heads of a `RecordTable`: sort order, moving, widths and the way to the column chooser.

Lives on the GUI thread, owned by its table. It knows no SQL: a click says which column is to be sorted.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QHelpEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QToolTip, QWidget

from gui.desktop import theme
from gui.models.record_list_model import RecordListModel
from gui.widgets.cell_painter import PADDING, TextMeasure
from gui.widgets.plain_text import tooltip

_ARROW = 12
MIN_WIDTH = 48
MAX_WIDTH = 1200


class RecordHeader(QHeaderView):
    """Paints label and sort arrow itself, in the theme's colours."""

    sort_wanted = Signal(int, bool)  # column, descending
    menu_wanted = Signal(int, QPoint)  # column (-1 for none), global position

    def __init__(self, model: RecordListModel, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName("recordHeader")
        self._records = model
        self._sorted: tuple[str, bool] | None = None
        self._measure: TextMeasure | None = None
        self._hover = -1
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setFirstSectionMovable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(MIN_WIDTH)
        self.setMaximumSectionSize(MAX_WIDTH)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setResizeContentsPrecision(0)
        self.setStretchLastSection(False)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.sectionClicked.connect(self._clicked)

    def show_sort(self, name: str | None, descending: bool = False) -> None:
        """Mark the column of that name as the one sorted by."""
        self._sorted = (name, descending) if name is not None else None
        self.viewport().update()

    def label_width(self, column: int) -> int:
        """The width that a column's label and arrow take, in pixels."""
        return self._text().width(self._records.columns[column].label) + _ARROW + 6

    def restyle(self) -> None:
        self._measure = None
        self.viewport().update()

    def _text(self) -> TextMeasure:
        if self._measure is None:
            self._measure = TextMeasure(theme.font(theme.Type.SMALL, theme.Type.SEMIBOLD))
        return self._measure

    def _clicked(self, column: int) -> None:
        chosen = self._records.columns[column]
        if not chosen.sortable:
            return
        descending = self._sorted is not None and self._sorted == (chosen.name, False)
        self.sort_wanted.emit(column, descending)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width(), max(theme.Size.CONTROL, self._text().metrics.height() + 12))

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        tokens = theme.current()
        if not rect.isValid() or not 0 <= logicalIndex < len(self._records.columns):
            return
        column = self._records.columns[logicalIndex]
        measure = self._text()
        sorted_here = self._sorted is not None and self._sorted[0] == column.name
        hovered = logicalIndex == self._hover and column.sortable
        painter.save()
        painter.fillRect(rect, QColor(tokens.hover if hovered else tokens.surface))
        painter.setPen(QColor(tokens.border))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        edge = rect.left() if self.isRightToLeft() else rect.right()
        painter.drawLine(edge, rect.top() + 8, edge, rect.bottom() - 8)
        room = rect.width() - 2 * PADDING - (_ARROW + 4 if sorted_here else 0)
        text = measure.fitting(column.label, max(room, 0))
        at_end = column.numeric is not self.isRightToLeft()
        width = measure.width(text)
        left = rect.right() - PADDING - width if at_end else rect.left() + PADDING
        painter.setFont(measure.font)
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        painter.setPen(QColor(tokens.text if sorted_here else tokens.muted))
        baseline = rect.top() + (rect.height() - measure.metrics.height()) // 2 + measure.metrics.ascent()
        painter.drawText(QPoint(left, baseline), text)
        if sorted_here:
            descending = self._sorted is not None and self._sorted[1]
            arrow_left = left - _ARROW - 4 if at_end else left + width + 4
            arrow = theme.pixmap(
                "chevron-down" if descending else "chevron-up", _ARROW, "text", self.devicePixelRatioF()
            )
            top = rect.top() + (rect.height() - _ARROW) / 2
            painter.drawPixmap(QRectF(arrow_left, top, _ARROW, _ARROW), arrow, QRectF(arrow.rect()))
        painter.restore()

    def paintEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        # The part right of the last column belongs to the header, too.
        painter = QPainter(self.viewport())
        rect = self.viewport().rect()
        painter.fillRect(rect, theme.colour("surface"))
        painter.setPen(theme.colour("border"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.end()
        super().paintEvent(event)

    def _set_hover(self, section: int) -> None:
        if section != self._hover:
            self._hover = section
            self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._set_hover(self.logicalIndexAt(event.position().toPoint()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(self.logicalIndexAt(event.pos()), event.globalPos())

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._set_hover(-1)
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            section = self.logicalIndexAt(event.pos())
            if 0 <= section < len(self._records.columns):
                column = self._records.columns[section]
                words = f"{column.label}\n{column.name}" if column.label != column.name else column.name
                QToolTip.showText(event.globalPos(), tooltip(words), self.viewport())
            return True
        return super().viewportEvent(event)
