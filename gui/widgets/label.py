"""`Label`: a QLabel of plain text with a role of the style sheet. Record text never becomes markup (rules 8)."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from gui.widgets.plain_text import tooltip


class Label(QLabel):
    """Roles: title, heading, figure, strong, soft, muted, small, caption, good, warn, bad, accent, chip*."""

    def __init__(self, role: str = "", parent: QWidget | None = None, *, wrap: bool = False, name: str = "") -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if name:
            self.setObjectName(name)
        if role:
            self.setProperty("role", role)
        if role.startswith("chip"):
            self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)

    @property
    def role(self) -> str:
        return str(self.property("role") or "")

    def set_role(self, role: str) -> None:
        """Change the role; the style is applied anew only where it differs."""
        if role == self.role:
            return
        self.setProperty("role", role)
        self.style().unpolish(self)
        self.style().polish(self)


class ElidedLabel(Label):
    """One line that ends in an ellipsis where the room ends; the whole text is in the tooltip then."""

    def __init__(self, role: str = "", parent: QWidget | None = None, *, name: str = "") -> None:
        super().__init__(role, parent, name=name)
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:
        self._whole = text
        self.setAccessibleName(text)
        self._elide()

    def whole_text(self) -> str:
        """The text without the ellipsis."""
        return self._whole

    def set_role(self, role: str) -> None:
        super().set_role(role)
        self._elide()

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        one_line = " ".join(self._whole.split())
        shown = self.fontMetrics().elidedText(
            one_line, Qt.TextElideMode.ElideRight, max(0, self.contentsRect().width())
        )
        super().setText(shown)
        self.setToolTip(tooltip(one_line) if shown != one_line else "")
