"""`LinkButton`: a value that leads somewhere, as plain text that can be clicked, reached by Tab and read aloud."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui.desktop import theme
from gui.widgets.plain_text import tooltip, without_mnemonic


class LinkButton(QAbstractButton):
    """Shows `plain_text()` elided. `followed(apart)` says it was used, with Ctrl or the middle button for "apart"."""

    followed = Signal(bool)

    def __init__(self, parent: QWidget | None = None, *, text: str = "") -> None:
        super().__init__(parent)
        self._plain = ""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.set_plain_text(text)
        self.clicked.connect(lambda: self.followed.emit(False))

    def set_plain_text(self, text: str) -> None:
        """Show `text`, whatever it contains."""
        self._plain = " ".join(text.split())
        self.setText(without_mnemonic(self._plain))
        self.setAccessibleName(self._plain)
        self.updateGeometry()

    def plain_text(self) -> str:
        return self._plain

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._plain) + 2, metrics.height() + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.fontMetrics().height() + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        font = self.font()
        font.setUnderline(self.isEnabled() and (self.underMouse() or self.hasFocus()))
        painter.setFont(font)
        tokens = theme.current()
        painter.setPen(QColor(tokens.accent if self.isEnabled() else tokens.disabled))
        metrics = painter.fontMetrics()
        text = metrics.elidedText(self._plain, Qt.TextElideMode.ElideRight, self.width())
        start = Qt.AlignmentFlag.AlignRight if self.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
        flags = start | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(QRect(0, 0, self.width(), self.height()), flags, text)
        self.setToolTip(tooltip(self._plain) if text != self._plain else "")
        painter.end()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        inside = self.rect().contains(event.position().toPoint())
        if inside and (event.button() == Qt.MouseButton.MiddleButton or (control and self.isDown())):
            self.setDown(False)
            self.followed.emit(True)
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.followed.emit(bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
            return
        super().keyPressEvent(event)
