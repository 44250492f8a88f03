"""`SearchPopup`: the hits under the global search field. A child of the window, so it can never take the focus away."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gui.desktop import theme
from gui.desktop.icons import object_icon_name
from gui.models.search_model import SearchModel
from gui.widgets.cell_painter import TextMeasure
from gui.widgets.label import Label

_ICON = 18
_MAX_HEIGHT = 560


class _HitDelegate(QStyledItemDelegate):
    """Paints heads and hits; titles are drawn as plain text."""

    def __init__(self, model: SearchModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._fonts: tuple[TextMeasure, TextMeasure, TextMeasure] | None = None

    def restyle(self) -> None:
        self._fonts = None

    def _measures(self) -> tuple[TextMeasure, TextMeasure, TextMeasure]:
        if self._fonts is None:
            self._fonts = (
                TextMeasure(theme.font(weight=theme.Type.MEDIUM)),
                TextMeasure(theme.font(theme.Type.SMALL)),
                TextMeasure(theme.font(theme.Type.SMALL, theme.Type.SEMIBOLD)),
            )
        return self._fonts

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        title, small, head = self._measures()
        if self._model.group(index.row()) is not None:
            return QSize(100, head.metrics.height() + 14)
        return QSize(100, title.metrics.height() + small.metrics.height() + 14)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens = theme.current()
        title, small, head = self._measures()
        area: QRect = option.rect  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        painter.save()
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        start = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        group = self._model.group(index.row())
        hit = self._model.hit(index.row())
        if group is not None:
            painter.setFont(head.font)
            painter.setPen(QColor(tokens.muted))
            painter.drawText(area.adjusted(12, 6, -12, 0), start, head.fitting(group.label, area.width() - 24))
        elif hit is not None:
            if state & QStyle.StateFlag.State_Selected:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(tokens.selection))
                painter.drawRoundedRect(area.adjusted(4, 1, -4, -1), theme.Size.RADIUS, theme.Size.RADIUS)
            ratio = painter.device().devicePixelRatioF()
            icon = theme.pixmap(object_icon_name(hit.ref.object), _ICON, "muted", ratio)
            painter.drawPixmap(QPoint(area.left() + 14, area.top() + (area.height() - _ICON) // 2), icon)
            left = area.left() + 14 + _ICON + 12
            room = area.right() - 16 - left
            upper = QRect(left, area.top() + 6, room, title.metrics.height() + 2)
            lower = QRect(left, upper.bottom() + 1, room, small.metrics.height() + 2)
            painter.setFont(title.font)
            painter.setPen(QColor(tokens.text))
            name = " ".join(hit.title.split()) or hit.ref.id
            painter.drawText(upper, start, title.fitting(name, room))
            painter.setFont(small.font)
            painter.setPen(QColor(tokens.muted))
            painter.drawText(lower, start, small.fitting(" ".join(hit.subtitle.split()), room))
        painter.restore()


class SearchPopup(QFrame):
    """List, and a note below it. `chosen` carries a row of the model."""

    chosen = Signal(int)

    def __init__(self, model: SearchModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("searchPopup")
        self.setProperty("area", "card")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._model = model
        self.list = QListView(self)
        self.list.setObjectName("searchHits")
        self.list.setModel(model)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self._delegate = _HitDelegate(model, self.list)
        self.list.setItemDelegate(self._delegate)
        self.note = Label("small", self, wrap=True, name="searchNote")
        self.note.setContentsMargins(14, 8, 14, 10)
        box = QVBoxLayout(self)
        box.setContentsMargins(1, 5, 1, 5)
        box.setSpacing(0)
        box.addWidget(self.list)
        box.addWidget(self.note)
        self.list.entered.connect(self._hovered)
        self.list.clicked.connect(lambda index: self.chosen.emit(index.row()))
        theme.notifier().changed.connect(self._restyle)
        self.hide()

    def current_row(self) -> int:
        return self.list.currentIndex().row()

    def set_current(self, row: int) -> None:
        """Mark `row` and bring it, with its head, into view."""
        if row <= 1:
            self.list.scrollToTop()
        self.list.setCurrentIndex(self._model.index(row, 0))

    def place(self, field: QRect) -> None:
        """Below `field` (in the window's coordinates), as high as the hits, inside the window."""
        window = self.parentWidget()
        width = min(max(field.width(), 460), window.width() - 2 * theme.Space.S)
        left = min(max(field.left(), theme.Space.S), window.width() - width - theme.Space.S)
        content = sum(self.list.sizeHintForRow(row) for row in range(self._model.rowCount()))
        self.list.setVisible(content > 0)
        note = self.note.heightForWidth(width) if self.note.text() else 0
        self.note.setVisible(note > 0)
        room = window.height() - field.bottom() - theme.Space.L
        height = min(content + note + 14, _MAX_HEIGHT, max(room, 120))
        self.setGeometry(left, field.bottom() + 5, width, height)

    def _hovered(self, index: QModelIndex) -> None:
        if self._model.hit(index.row()) is not None:
            self.list.setCurrentIndex(index)

    def _restyle(self) -> None:
        self._delegate.restyle()
        self.list.viewport().update()
