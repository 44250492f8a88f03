"""`StepRail`: the steps of a wizard, one below the other: done, here, to come."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.desktop import icons, theme
from gui.desktop.theme import Space, Type

_WIDTH = 224
_STEP = 44
_TOP = 128
_DOT = 22


class StepRail(QWidget):
    """Painted only; the buttons of the wizard move."""

    def __init__(self, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stepRail")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self._title = ""
        self._names: tuple[str, ...] = ("",) * count
        self._current = 0
        theme.notifier().changed.connect(self.update)

    def set_names(self, title: str, names: Sequence[str]) -> None:
        self._title = title
        self._names = tuple(names)
        self._speak()

    def set_current(self, current: int) -> None:
        self._current = current
        self._speak()

    def _speak(self) -> None:
        self.setAccessibleName(self._names[self._current] if self._names else "")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, 400)

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(tokens.sidebar))
        painter.setPen(QColor(tokens.border))
        painter.drawLine(self.width() - 1, 0, self.width() - 1, self.height())
        ratio = self.devicePixelRatioF()
        painter.drawPixmap(Space.XL, Space.XXL, icons.drawn("orgmirror", "#000000", 40, ratio))
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(theme.font(Type.HEADING, Type.SEMIBOLD))
        painter.setPen(QColor(tokens.text))
        painter.drawText(QRect(Space.XL, 80, self.width() - 2 * Space.XL, 26), flags, self._title)
        for number, name in enumerate(self._names):
            self._paint_step(painter, number, name, ratio)
        painter.end()

    def _paint_step(self, painter: QPainter, number: int, name: str, ratio: float) -> None:
        tokens = theme.current()
        top = _TOP + number * _STEP
        dot = QRectF(Space.XL, top, _DOT, _DOT)
        done, here = number < self._current, number == self._current
        if number + 1 < len(self._names):
            painter.setPen(QColor(tokens.accent_fill if done else tokens.border_strong))
            middle = dot.center().x()
            painter.drawLine(QPointF(middle, top + _DOT + 3), QPointF(middle, top + _STEP - 3))
        filled = done or here
        painter.setPen(QColor(tokens.accent_fill if filled else tokens.border_strong))
        painter.setBrush(QColor(tokens.accent_fill if filled else tokens.sidebar))
        painter.drawEllipse(dot)
        if done:
            check = theme.pixmap("check", 14, "on_accent", ratio)
            painter.drawPixmap(int(dot.x()) + 4, int(dot.y()) + 4, check)
        else:
            painter.setFont(theme.font(Type.SMALL, Type.SEMIBOLD))
            painter.setPen(QColor(tokens.on_accent if here else tokens.muted))
            painter.drawText(dot, int(Qt.AlignmentFlag.AlignCenter), str(number + 1))
        painter.setFont(theme.font(Type.BODY, Type.SEMIBOLD if here else Type.NORMAL))
        painter.setPen(QColor(tokens.text if here else tokens.muted))
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(QRectF(dot.right() + Space.M, top, self.width() - dot.right() - Space.XL, _DOT), flags, name)
