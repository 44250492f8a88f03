"""`ThinBar`: a progress bar that is only a line: rounded, calm."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.desktop import theme


class ThinBar(QWidget):
    """`set_share(None)` draws an empty track; colours are tokens."""

    def __init__(self, parent: QWidget | None = None, *, height: int = 6, role: str = "accent_fill") -> None:
        super().__init__(parent)
        self._share: float | None = None
        self._role = role
        self._height = height
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.notifier().changed.connect(self.update)

    @property
    def share(self) -> float | None:
        return self._share

    def set_share(self, share: float | None, role: str | None = None) -> None:
        """0.0 to 1.0, or None while unknown."""
        bounded = None if share is None else min(1.0, max(0.0, share))
        if bounded == self._share and role in (None, self._role):
            return
        self._share = bounded
        self._role = role or self._role
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, self._height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_bar(painter, QRectF(self.rect()), self._share, self._role)
        painter.end()


def paint_bar(painter: QPainter, area: QRectF, share: float | None, role: str = "accent_fill") -> None:
    """Draw a rounded track and the share of it that is done."""
    tokens = theme.current()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    radius = area.height() / 2
    painter.setBrush(QColor(tokens.track))
    painter.drawRoundedRect(area, radius, radius)
    if share:
        done = QRectF(area)
        done.setWidth(max(area.height(), area.width() * share))
        painter.setBrush(QColor(getattr(tokens, role)))
        painter.drawRoundedRect(done, radius, radius)
    painter.restore()
