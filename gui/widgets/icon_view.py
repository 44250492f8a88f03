"""`IconView`: a drawing as a widget, sharp at every scale and in step with the palette."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.desktop import icons, theme


class IconView(QWidget):
    """`disc` draws a soft circle of that token behind the icon."""

    def __init__(
        self,
        name: str,
        size: int = 18,
        role: str = "text_soft",
        parent: QWidget | None = None,
        *,
        disc: str = "",
        brand: bool = False,
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._size = size
        self._role = role
        self._disc = disc
        self._brand = brand
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.notifier().changed.connect(self.update)

    def set_icon(self, name: str, role: str | None = None, disc: str | None = None) -> None:
        """Another drawing."""
        self._name = name
        self._role = self._role if role is None else role
        self._disc = self._disc if disc is None else disc
        self.update()

    def sizeHint(self) -> QSize:
        side = self._size * 2 if self._disc else self._size
        return QSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._disc:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(getattr(theme.current(), self._disc)))
            painter.drawEllipse(self.rect())
        ratio = self.devicePixelRatioF()
        if self._brand:
            pixmap = icons.drawn(self._name, "#000000", self._size, ratio)
        else:
            pixmap = theme.pixmap(self._name, self._size, self._role, ratio)
        painter.drawPixmap((self.width() - self._size) // 2, (self.height() - self._size) // 2, pixmap)
        painter.end()
