"""`PageHeader`: a page's title with a line below it, and its buttons at the right."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.desktop.theme import Space
from gui.widgets.label import ElidedLabel, Label


class PageHeader(QWidget):
    """`actions` takes buttons, `beside` small things beside the title."""

    def __init__(self, parent: QWidget | None = None, *, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.title = Label("title", self, name=f"{name}Title")
        self.subtitle = ElidedLabel("muted", self, name=f"{name}Subtitle")
        self.beside = QHBoxLayout()
        self.beside.setSpacing(Space.S)
        self.beside.addWidget(self.title)
        self.beside.addStretch(1)
        self.actions = QHBoxLayout()
        self.actions.setSpacing(Space.S)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(self.beside)
        words.addWidget(self.subtitle)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.L)
        layout.addLayout(words, 1)
        layout.addLayout(self.actions)

    def add_beside(self, widget: QWidget) -> None:
        self.beside.insertWidget(self.beside.count() - 1, widget)
