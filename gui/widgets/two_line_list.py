"""`TwoLineList`: a calm list whose rows have an icon, a title, a text below it and a note at the right."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui.desktop import theme
from gui.desktop.theme import Size, Space, Type
from gui.models.two_line_model import ENTRY_ROLE, Entry, TwoLineModel

_HEIGHT = 54
_COMPACT = 44
_ICON = 18
_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)


class TwoLineDelegate(QStyledItemDelegate):
    """Paints an `Entry`."""

    def __init__(self, parent: QWidget, *, height: int, margin: int) -> None:
        super().__init__(parent)
        self._height = height
        self._margin = margin

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, self._height)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry = index.data(ENTRY_ROLE)
        if not isinstance(entry, Entry):
            return
        tokens = theme.current()
        area = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if selected or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selection if selected else tokens.surface_alt))
            painter.drawRoundedRect(QRectF(area).adjusted(0, 1, 0, -1), Size.RADIUS, Size.RADIUS)
        elif index.row() + 1 < index.model().rowCount():
            painter.setPen(QColor(tokens.border_soft))
            painter.drawLine(area.left() + self._margin, area.bottom(), area.right() - self._margin, area.bottom())
        self._paint_entry(painter, entry, area)
        painter.restore()

    def _paint_entry(self, painter: QPainter, entry: Entry, area: QRect) -> None:
        tokens = theme.current()
        left, right = area.left() + self._margin, area.right() - self._margin
        if entry.icon:
            ratio = painter.device().devicePixelRatioF()
            spot = QPoint(left, area.top() + (area.height() - _ICON) // 2)
            painter.drawPixmap(spot, theme.pixmap(entry.icon, _ICON, entry.icon_role, ratio))
            left += _ICON + Space.M
        painter.setFont(theme.font(Type.SMALL))
        aside = painter.fontMetrics().horizontalAdvance(entry.aside) if entry.aside else 0
        painter.setPen(QColor(tokens.muted))
        painter.drawText(QRect(right - aside, area.top(), aside, area.height()), _RIGHT, entry.aside)
        room = right - aside - (Space.L if aside else 0) - left
        middle = area.top() + area.height() // 2
        top = QRect(left, middle - 19, room, 20) if entry.text else QRect(left, middle - 10, room, 20)
        painter.setFont(theme.font(Type.BODY, Type.MEDIUM))
        painter.setPen(QColor(tokens.text))
        painter.drawText(top, _LEFT, painter.fontMetrics().elidedText(entry.title, Qt.TextElideMode.ElideRight, room))
        if entry.text:
            painter.setFont(theme.font(Type.SMALL))
            painter.setPen(QColor(tokens.muted))
            text = painter.fontMetrics().elidedText(entry.text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRect(left, middle + 1, room, 18), _LEFT, text)


class TwoLineList(QListView):
    """`chosen` carries an entry's key when it is activated (click twice, or Enter)."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, name: str, compact: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._height = _COMPACT if compact else _HEIGHT
        self._fits_content = compact
        self.entries = TwoLineModel(self)
        self.setModel(self.entries)
        self.setItemDelegate(TwoLineDelegate(self, height=self._height, margin=Space.XS if compact else Space.L))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.activated.connect(self._on_activated)
        if compact:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.entries.modelReset.connect(self._fit)
            self._fit()
        theme.notifier().changed.connect(self.viewport().update)

    def current_key(self) -> object | None:
        """The key of the entry that is selected."""
        index = self.currentIndex()
        entry = index.data(ENTRY_ROLE) if index.isValid() else None
        return entry.key if isinstance(entry, Entry) else None

    def _fit(self) -> None:
        self.setFixedHeight(max(1, self._height * self.entries.rowCount()))

    def _on_activated(self, index: QModelIndex) -> None:
        entry = index.data(ENTRY_ROLE)
        if isinstance(entry, Entry):
            self.chosen.emit(entry.key)
