"""`ChoiceBox`: a drop-down that narrows a list to one value, or to none: "All objects". GUI thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget


class ChoiceBox(QComboBox):
    """`picked` carries the key chosen by the person, or None for all; keys are what the owner knows values by."""

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMaximumWidth(260)
        self.addItem("", None)
        self.activated.connect(lambda _row: self.picked.emit(self.key))

    @property
    def key(self) -> str | None:
        """The key chosen; None for all."""
        key = self.currentData()
        return str(key) if key is not None else None

    def set_words(self, everything: str, accessible: str) -> None:
        """The words for all, and what is chosen here."""
        self.setItemText(0, everything)
        self.setAccessibleName(accessible)

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """(key, words) of each; a choice that is still there stays, another becomes all."""
        if [(self.itemData(row), self.itemText(row)) for row in range(1, self.count())] == list(choices):
            return
        kept = self.key
        while self.count() > 1:
            self.removeItem(1)
        for key, words in choices:
            self.addItem(words, key)
        self.choose(kept)

    def choose(self, key: str | None) -> None:
        """Put a key there, without saying so."""
        row = self.findData(key) if key is not None else 0
        self.setCurrentIndex(max(0, row))
