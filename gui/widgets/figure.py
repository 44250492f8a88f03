"""`Figure`: a number with its caption, as they stand side by side in a summary."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.widgets.label import Label


class Figure(QWidget):
    """Caption above, value below."""

    def __init__(self, parent: QWidget | None = None, *, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._caption = Label("small", self, name=f"{name}Caption")
        self._value = Label("strong", self, name=f"{name}Value")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._caption)
        layout.addWidget(self._value)

    def show_figure(self, caption: str, value: str) -> None:
        self._caption.setText(caption)
        self._value.setText(value)

    def value(self) -> str:
        return self._value.text()
