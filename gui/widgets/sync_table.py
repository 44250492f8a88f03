"""`SyncTable`: the Sync page's table, with progress drawn as bars."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from core.model.states import LoadPhase
from gui.desktop import icons, theme
from gui.desktop.theme import Space, Type
from gui.models.object_lines import ObjectLine
from gui.models.sync_table_model import LINE_ROLE, Column, SyncTableModel
from gui.widgets.progress_bar import paint_bar

_ROW = 40
_ICON = 18
_WIDTHS = {
    Column.OBJECT: 216,
    Column.STATE: 150,
    Column.PROGRESS: 260,
    Column.SPEED: 100,
    Column.LEFT: 110,
    Column.METHOD: 56,
    Column.LAST: 104,
}


def _state_look(line: ObjectLine) -> tuple[str, str]:
    if line.error is not None or line.phase is LoadPhase.FAILED:
        return "bad", "bad"
    if line.active:
        return "accent", "accent_fill"
    if line.loading:
        return "muted", "border_strong"
    return "text_soft", "good"


class SyncDelegate(QStyledItemDelegate):
    """Icon and name, a dot before the state, a bar under the rows."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        line = index.data(LINE_ROLE)
        if not isinstance(line, ObjectLine):
            return
        tokens = theme.current()
        area = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(tokens.selection))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(tokens.surface_alt))
        painter.setPen(QColor(tokens.border_soft))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        inner = area.adjusted(Space.S, 0, -Space.S, 0)
        text = str(index.data() or "")
        column = Column(index.column())
        if column is Column.OBJECT:
            pixmap = theme.pixmap(icons.object_icon_name(line.name), _ICON, "text_soft", _ratio(painter))
            painter.drawPixmap(QPoint(inner.left(), inner.top() + (inner.height() - _ICON) // 2), pixmap)
            self._words(painter, inner.adjusted(_ICON + Space.S + 2, 0, 0, 0), text, tokens.text, Type.MEDIUM)
        elif column is Column.STATE:
            role, dot = _state_look(line)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(getattr(tokens, dot)))
            painter.drawEllipse(QRectF(inner.left(), inner.center().y() - 3, 7, 7))
            self._words(painter, inner.adjusted(15, 0, 0, 0), text, getattr(tokens, role))
        elif column is Column.PROGRESS:
            self._progress(painter, inner, line, text)
        else:
            flags = int(index.data(Qt.ItemDataRole.TextAlignmentRole) or 0)
            self._words(painter, inner, text, tokens.muted, flags=flags)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, _ROW)

    def _progress(self, painter: QPainter, area: QRect, line: ObjectLine, text: str) -> None:
        tokens = theme.current()
        share = line.share
        if share is None:
            self._words(painter, area, text, tokens.text)
            return
        bar = QRectF(area.left(), area.center().y() + 8, area.width(), 4)
        role = "bad" if line.error is not None else "accent_fill"
        paint_bar(painter, bar, share, role)
        self._words(painter, area.adjusted(0, 0, 0, -10), text, tokens.text)

    def _words(
        self, painter: QPainter, area: QRect, text: str, colour: str, weight: int = Type.NORMAL, flags: int = 0
    ) -> None:
        painter.setFont(theme.font(Type.BODY, weight))
        painter.setPen(QColor(colour))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, flags or int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)


def _ratio(painter: QPainter) -> float:
    return float(painter.device().devicePixelRatioF())


class SyncTable(QTableView):
    """`object_wished` carries the API name of the row that was activated."""

    object_wished = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("syncTable")
        self.lines = SyncTableModel(self)
        self.setModel(self.lines)
        self.setItemDelegate(SyncDelegate(self))
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(Column.PROGRESS, QHeaderView.ResizeMode.Stretch)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)
        self.activated.connect(self._on_activated)
        theme.notifier().changed.connect(self.viewport().update)

    def selected_object(self) -> str | None:
        """The API name of the selected row."""
        index = self.currentIndex()
        line = index.data(LINE_ROLE) if index.isValid() else None
        return line.name if isinstance(line, ObjectLine) else None

    def show_lines(self, lines: tuple[ObjectLine, ...]) -> None:
        """Show these; what only a first load has to tell has its columns only then."""
        self.lines.set_lines(lines)
        loading = any(line.loading for line in lines)
        for column in (Column.SPEED, Column.LEFT, Column.METHOD):
            if self.isColumnHidden(column) is loading:
                self.setColumnHidden(column, not loading)

    def _on_activated(self, index: QModelIndex) -> None:
        line = index.data(LINE_ROLE)
        if isinstance(line, ObjectLine):
            self.object_wished.emit(line.name)
