"""`OrgStripe`: the line along the top of the window in the colour of the org's kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.desktop import theme

if TYPE_CHECKING:
    from core.api.connections import ConnectionInfo


class OrgStripe(QWidget):
    """Tells production, sandbox and demo apart at a glance."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("orgStripe")
        self.setFixedHeight(3)
        self._info: ConnectionInfo | None = None
        theme.notifier().changed.connect(self.update)

    def show_connection(self, info: ConnectionInfo | None) -> None:
        self._info = info
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        info = self._info
        if info is None:
            painter.fillRect(self.rect(), QColor(theme.current().accent_fill))
        else:
            painter.fillRect(self.rect(), QColor(theme.org_colour(is_sandbox=info.is_sandbox, is_demo=info.is_demo)))
        painter.end()
