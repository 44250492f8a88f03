"""Quiet signs of waiting: `Skeleton`, bars where a record's fields will be, and `BusyLine`, a line that moves."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.desktop import theme

_BAR = 9
_LINE_HEIGHT = 2
_SWEEP_MS = 1100
_SWEEP_SHARE = 0.28


class Skeleton(QWidget):
    """The outline of a record that is on its way; it does not move."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.current().track))
        left, width = theme.Space.L, self.width() - 2 * theme.Space.L
        caption = max(60, int(width * 0.28))
        y = theme.Space.L
        number = 0
        while y + _BAR < self.height() and number < 14:
            short = caption * (0.55 + (number * 5 % 7) / 16)
            longer = (width - caption - theme.Space.L) * (0.35 + (number * 3 % 11) / 20)
            for x, length in ((left, short), (left + caption + theme.Space.S, longer)):
                bar = QRectF(x, y, length, _BAR)
                if self.isRightToLeft():
                    bar.moveRight(self.width() - x)
                painter.drawRoundedRect(bar, _BAR / 2, _BAR / 2)
            y += 28 if number % 5 != 4 else 50
            number += 1
        painter.end()


class BusyLine(QWidget):
    """A thin line under a toolbar while something is read; it takes no time while nothing is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._sweep = QVariantAnimation(self)
        self._sweep.setStartValue(0.0)
        self._sweep.setEndValue(1.0)
        self._sweep.setDuration(_SWEEP_MS)
        self._sweep.setLoopCount(-1)
        self._sweep.setEasingCurve(QEasingCurve.Type.InOutSine)
        self._sweep.valueChanged.connect(self.update)
        self._busy = False

    @property
    def busy(self) -> bool:
        return self._busy

    def set_busy(self, busy: bool) -> None:
        """Move, or stand still and be invisible."""
        self._busy = busy
        if busy and self.isVisible():
            self._sweep.start()
        elif not busy:
            self._sweep.stop()
        self.update()

    def showEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().showEvent(event)
        if self._busy:
            self._sweep.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._sweep.stop()

    def sizeHint(self) -> QSize:
        return QSize(80, _LINE_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._busy:
            return
        painter = QPainter(self)
        tokens = theme.current()
        painter.fillRect(self.rect(), QColor(tokens.track))
        value = self._sweep.currentValue()
        at = value if isinstance(value, float) else 0.0
        length = self.width() * _SWEEP_SHARE
        left = at * (self.width() + length) - length
        painter.fillRect(QRectF(left, 0, length, self.height()), QColor(tokens.accent_fill))
        painter.end()
