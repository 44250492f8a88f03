"""`BacklogChart`: five days at a glance: bars for the records that were done, a line for those that waited. GUI thread.

Drawn by itself, in the tokens of the palette. The arrow keys walk from point to point, and what a point says is told to
screen readers and in a tooltip; the whole is worded in the accessible description.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.desktop import theme
from gui.desktop.theme import Space, Type
from gui.models.backlog_points import HOURS, Point
from gui.text import numbers
from gui.widgets.plain_text import tooltip

_POINTS_A_DAY = 24 // HOURS


class BacklogChart(QWidget):
    """`show_points` with what `backlog_points.points` makes; an empty sequence draws the empty frame."""

    def __init__(self, parent: QWidget | None = None, *, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._points: tuple[Point, ...] = ()
        self._at: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(96)
        theme.notifier().changed.connect(self.update)
        self.retranslate()

    @property
    def points(self) -> tuple[Point, ...]:
        return self._points

    def show_points(self, points: Sequence[Point]) -> None:
        """Draw these, the oldest first."""
        self._points = tuple(points)
        if self._at is not None and self._at >= len(self._points):
            self._at = None
        self.retranslate()
        self.update()

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Backlog and throughput of the last five days"))
        self.setAccessibleDescription(self._summary())

    def _summary(self) -> str:
        if not self._points:
            return self.tr("Nothing was counted yet.")
        done = sum(point.done for point in self._points)
        waited = [point.backlog for point in self._points if point.backlog is not None]
        text = self.tr("{done} records came in and went out; at most {most} waited, now {now}.")
        return text.format(
            done=numbers.number(done),
            most=numbers.number(max(waited, default=0)),
            now=numbers.number(waited[-1] if waited else 0),
        )

    def point_words(self, point: Point) -> str:
        """What a point says."""
        done = self.tr("{time}: {done} records done").format(
            time=numbers.moment_text(point.start), done=numbers.number(point.done)
        )
        if point.backlog is None:
            return done
        return self.tr("{done}, {backlog} waiting").format(done=done, backlog=numbers.number(point.backlog))

    # Where things are

    def _plot(self) -> QRectF:
        line = self.fontMetrics().height()
        return QRectF(self.rect()).adjusted(1, Space.S, -1, -(line + Space.XS))

    def _slot(self, number: int) -> QRectF:
        plot = self._plot()
        width = plot.width() / max(1, len(self._points))
        return QRectF(plot.left() + number * width, plot.top(), width, plot.height())

    def _number_at(self, x: float) -> int | None:
        plot = self._plot()
        if not self._points or not plot.left() <= x <= plot.right():
            return None
        return min(len(self._points) - 1, int((x - plot.left()) / (plot.width() / len(self._points))))

    # Drawing

    def sizeHint(self) -> QSize:
        return QSize(480, 132)

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(Type.SMALL))
        plot = self._plot()
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.focus), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        self._paint_days(painter, plot)
        if self._at is not None:
            painter.fillRect(self._slot(self._at), QColor(tokens.hover))
        self._paint_bars(painter, plot)
        self._paint_line(painter, plot)
        painter.end()

    def _paint_days(self, painter: QPainter, plot: QRectF) -> None:
        tokens = theme.current()
        painter.setPen(QPen(QColor(tokens.border), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        painter.setPen(QPen(QColor(tokens.border_soft), 1, Qt.PenStyle.DashLine))
        painter.drawLine(plot.topLeft(), plot.topRight())
        for number, point in enumerate(self._points):
            if not numbers.starts_day(point.start, HOURS):
                continue
            slot = self._slot(number)
            painter.setPen(QPen(QColor(tokens.border_soft), 1))
            painter.drawLine(QPointF(slot.left(), plot.top()), QPointF(slot.left(), plot.bottom()))
            painter.setPen(QColor(tokens.muted))
            room = QRectF(slot.left() + 2, plot.bottom() + 2, slot.width() * _POINTS_A_DAY, self.height())
            shown = numbers.weekday(point.start)
            if painter.fontMetrics().horizontalAdvance(shown) < plot.right() - slot.left():
                painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop), shown)

    def _paint_bars(self, painter: QPainter, plot: QRectF) -> None:
        most = max((point.done for point in self._points), default=0)
        if not most:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.current().focus))
        for number, point in enumerate(self._points):
            if not point.done:
                continue
            slot = self._slot(number)
            gap = min(3.0, slot.width() * 0.18)
            height = max(2.0, plot.height() * point.done / most)
            bar = QRectF(slot.left() + gap, plot.bottom() - height, slot.width() - 2 * gap, height)
            painter.drawRoundedRect(bar, min(2.0, bar.width() / 2), min(2.0, height / 2))

    def _paint_line(self, painter: QPainter, plot: QRectF) -> None:
        most = max((point.backlog or 0 for point in self._points), default=0)
        spots = []
        for number, point in enumerate(self._points):
            if point.backlog is not None:
                share = point.backlog / most if most else 0.0
                spots.append(QPointF(self._slot(number).center().x(), plot.bottom() - plot.height() * share))
        if not spots:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.current().warn), 2))
        painter.drawPolyline(QPolygonF(spots))
        painter.setBrush(QColor(theme.current().warn))
        painter.drawEllipse(spots[-1], 3, 3)

    # Looking at a point

    def _look_at(self, number: int | None) -> None:
        if number == self._at:
            return
        self._at = number
        self.update()
        if number is None:
            QToolTip.hideText()
            return
        words = self.point_words(self._points[number])
        self.setAccessibleDescription(words)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        spot = self.mapToGlobal(self._slot(number).center().toPoint())
        QToolTip.showText(spot, tooltip(words), self)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._look_at(self._number_at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._look_at(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._look_at(None)
        self.retranslate()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._points) - 1
        here = last if self._at is None else self._at
        moves = {
            Qt.Key.Key_Left: max(0, here - 1) if self._at is not None else last,
            Qt.Key.Key_Right: min(last, here + 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        wanted = moves.get(Qt.Key(event.key()))
        if wanted is None or last < 0:
            super().keyPressEvent(event)
            return
        self._look_at(wanted)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
