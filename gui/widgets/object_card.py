"""`ObjectCard`: one object on the Home page: its count, and how its first load stands. A click opens its list."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.desktop import icons, theme
from gui.desktop.theme import Size, Space, Type
from gui.text import numbers
from gui.widgets.press_area import PressArea
from gui.widgets.progress_bar import paint_bar

_HEIGHT = 104


class ObjectCard(PressArea):
    """`show_numbers` sets all it shows; `object_name` says whom it stands for."""

    def __init__(self, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.object_name = object_name
        self.setObjectName(f"card-{object_name}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._label = object_name
        self._rows = 0
        self._note = ""
        self._share: float | None = None
        self._bar_role = "accent_fill"
        self._note_role = "muted"

    def show_numbers(
        self,
        label: str,
        rows: int,
        note: str,
        share: float | None,
        *,
        note_role: str = "muted",
        bar_role: str = "accent_fill",
    ) -> None:
        """`share` None draws no bar; roles are tokens."""
        self._label, self._rows, self._note, self._share = label, rows, note, share
        self._note_role, self._bar_role = note_role, bar_role
        self.setAccessibleName(f"{label}, {numbers.number(rows)}")
        self.setAccessibleDescription(note)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(220, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        edge = tokens.focus if self.ring else tokens.border_strong if self.hovered else tokens.border
        painter.setPen(QColor(edge))
        painter.setBrush(QColor(tokens.surface))
        painter.drawRoundedRect(area, Size.RADIUS_CARD, Size.RADIUS_CARD)
        left, right = Space.L, self.width() - Space.L
        ratio = self.devicePixelRatioF()
        pixmap = theme.pixmap(icons.object_icon_name(self.object_name), 18, "text_soft", ratio)
        painter.drawPixmap(left, 15, pixmap)
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.setFont(theme.font(Type.BODY, Type.MEDIUM))
        painter.setPen(QColor(tokens.text_soft))
        room = right - left - 26
        label = painter.fontMetrics().elidedText(self._label, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(left + 26, 14, room, 20), flags, label)
        painter.setFont(theme.font(1.54, Type.SEMIBOLD))
        painter.setPen(QColor(tokens.text if self._rows else tokens.muted))
        painter.drawText(QRect(left, 39, right - left, 28), flags, numbers.number(self._rows))
        painter.setFont(theme.font(Type.SMALL))
        painter.setPen(QColor(getattr(tokens, self._note_role)))
        note = painter.fontMetrics().elidedText(self._note, Qt.TextElideMode.ElideRight, right - left)
        painter.drawText(QRect(left, 69, right - left, 18), flags, note)
        if self._share is not None:
            paint_bar(painter, QRectF(left, 91, right - left, 4), self._share, self._bar_role)
        painter.end()
