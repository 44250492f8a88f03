"""`NavButton`: one place of the sidebar: icon, name, a count, and a line of progress while its rows arrive."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.desktop import theme
from gui.desktop.theme import Size, Space, Type
from gui.text import numbers
from gui.widgets.press_area import PressArea
from gui.widgets.progress_bar import paint_bar

_ICON = 18


class NavButton(PressArea):
    """Checkable and exclusive among its siblings. `badge` is a number that asks for attention, `count` a quiet one."""

    def __init__(self, icon: str, parent: QWidget | None = None, *, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._icon_name = icon
        self._badge = 0
        self._count: int | None = None
        self._share: float | None = None

    @property
    def badge(self) -> int:
        return self._badge

    def set_badge(self, badge: int) -> None:
        """A number that asks for attention; 0 hides it."""
        if badge != self._badge:
            self._badge = badge
            self._name_it()
            self.update()

    def set_count(self, count: int | None) -> None:
        """A quiet number at the right."""
        if count != self._count:
            self._count = count
            self._name_it()
            self.update()

    def set_share(self, share: float | None) -> None:
        """How much of its first load is here; None shows no line."""
        if share != self._share:
            self._share = share
            self.update()

    def setText(self, text: str) -> None:
        super().setText(text)
        self._name_it()
        self.update()

    def _name_it(self) -> None:
        number = self._badge or self._count
        self.setAccessibleName(self.text() if number is None else f"{self.text()}, {numbers.number(number)}")

    def sizeHint(self) -> QSize:
        return QSize(Size.SIDEBAR - 2 * Space.S, Size.SIDEBAR_ROW)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self._step(1)
            return
        if event.key() == Qt.Key.Key_Up:
            self._step(-1)
            return
        super().keyPressEvent(event)

    def _step(self, by: int) -> None:
        """To the button above or below, in the order they are seen."""
        window = self.window()
        shown = [button for button in window.findChildren(NavButton) if button.isVisible()]
        shown.sort(key=lambda button: button.mapTo(window, button.rect().topLeft()).y())
        place = shown.index(self) + by
        if 0 <= place < len(shown):
            shown[place].setFocus(Qt.FocusReason.TabFocusReason)

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        chosen = self.isChecked()
        if chosen or self.hovered or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selection if chosen else tokens.hover))
            painter.drawRoundedRect(area, Size.RADIUS, Size.RADIUS)
        if self.ring:
            painter.setPen(QColor(tokens.focus))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area, Size.RADIUS, Size.RADIUS)
        self._paint_words(painter, chosen=chosen)
        painter.end()

    def _paint_words(self, painter: QPainter, *, chosen: bool) -> None:
        tokens = theme.current()
        left = Space.S + 2
        middle = self.height() // 2
        ratio = self.devicePixelRatioF()
        pixmap = theme.pixmap(self._icon_name, _ICON, self._role(chosen=chosen), ratio)
        painter.drawPixmap(left, middle - _ICON // 2, pixmap)
        left += _ICON + Space.S + 2
        right = self.width() - Space.S - 2
        if self._badge:
            right = self._paint_badge(painter, right) - Space.S
        elif self._count is not None:
            right = self._paint_count(painter, right) - Space.S
        painter.setFont(theme.font(Type.BODY, Type.SEMIBOLD if chosen else Type.NORMAL))
        painter.setPen(QColor(tokens.text if self.isEnabled() else tokens.disabled))
        shown = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, right - left)
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.drawText(QRect(left, 0, right - left, self.height()), flags, shown)
        if self._share:
            paint_bar(painter, QRectF(left, self.height() - 4, self.width() - left - Space.S - 2, 2), self._share)

    def _role(self, *, chosen: bool) -> str:
        if not self.isEnabled():
            return "disabled"
        return "accent" if chosen else "text_soft"

    def _paint_badge(self, painter: QPainter, right: int) -> int:
        tokens = theme.current()
        text = numbers.number(self._badge)
        painter.setFont(theme.font(Type.SMALL, Type.SEMIBOLD))
        width = max(20, painter.fontMetrics().horizontalAdvance(text) + 12)
        pill = QRectF(right - width, (self.height() - 20) / 2, width, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.warn_soft))
        painter.drawRoundedRect(pill, 10, 10)
        painter.setPen(QColor(tokens.warn))
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), text)
        return right - width

    def _paint_count(self, painter: QPainter, right: int) -> int:
        if self._count is None:
            return right
        text = numbers.number(self._count)
        painter.setFont(theme.font(Type.SMALL))
        painter.setPen(QColor(theme.current().muted))
        width = painter.fontMetrics().horizontalAdvance(text)
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        painter.drawText(QRect(right - width, 0, width, self.height()), flags, text)
        return right - width
