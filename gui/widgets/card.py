"""`Card`: a framed area with a heading, and place at its right for a link or a button."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from gui.desktop.theme import Space
from gui.widgets.label import Label


class Card(QFrame):
    """Put content into `body`, and small things beside the heading into `head`."""

    def __init__(self, parent: QWidget | None = None, *, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setProperty("area", "card")
        self.heading = Label("heading", self, name=f"{name}Heading")
        self.head = QHBoxLayout()
        self.head.setSpacing(Space.S)
        self.head.addWidget(self.heading)
        self.head.addStretch(1)
        self.body = QVBoxLayout()
        self.body.setSpacing(Space.S)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.L + 4, Space.L, Space.L + 4, Space.L)
        layout.setSpacing(Space.M)
        layout.addLayout(self.head)
        layout.addLayout(self.body)

    def set_heading(self, text: str) -> None:
        self.heading.setText(text)
        self.heading.setVisible(bool(text))
        self.setAccessibleName(text)
