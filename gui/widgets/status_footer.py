"""`StatusFooter`: the status sentence at the foot of the sidebar; it opens the Sync page."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.desktop import theme
from gui.desktop.theme import Size, Space, Type
from gui.text.status import MOOD_ICONS, Mood, StatusText
from gui.widgets.plain_text import tooltip
from gui.widgets.press_area import PressArea
from gui.widgets.progress_bar import paint_bar

_HEIGHT = 60
_ICON = 18


class StatusFooter(PressArea):
    """Shows a `StatusText` and, while a first load runs, how much is here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusFooter")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._text = StatusText(Mood.IDLE, "")
        self._share: float | None = None

    def show_text(self, text: StatusText) -> None:
        """Another sentence."""
        self._text = text
        self.setAccessibleName(text.sentence)
        self.setAccessibleDescription(text.detail)
        self.setToolTip(tooltip(text.line))
        self.update()

    def show_share(self, share: float | None) -> None:
        """How much of the first load is here, or None."""
        if share != self._share:
            self._share = share
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(Size.SIDEBAR, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hovered or self.isDown():
            painter.fillRect(self.rect(), QColor(tokens.hover))
        painter.setPen(QColor(tokens.border))
        painter.drawLine(0, 0, self.width(), 0)
        if self.ring:
            painter.setPen(QColor(tokens.focus))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            area = QRectF(self.rect()).adjusted(4.5, 4.5, -4.5, -4.5)
            painter.drawRoundedRect(area, Size.RADIUS, Size.RADIUS)
        name, role = MOOD_ICONS[self._text.mood]
        left = Space.L + 2
        top = 12
        painter.drawPixmap(left, top, theme.pixmap(name, _ICON, role, self.devicePixelRatioF()))
        left += _ICON + Space.S + 2
        width = self.width() - left - Space.M
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.setFont(theme.font(Type.BODY, Type.MEDIUM))
        painter.setPen(QColor(tokens.text))
        sentence = painter.fontMetrics().elidedText(self._text.sentence, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, top - 1, width, 20), flags, sentence)
        painter.setFont(theme.font(Type.SMALL))
        painter.setPen(QColor(tokens.muted))
        detail = painter.fontMetrics().elidedText(self._text.detail, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, top + 19, width, 17), flags, detail)
        if self._share is not None:
            paint_bar(painter, QRectF(0, 0, self.width(), 3), self._share)
        painter.end()
