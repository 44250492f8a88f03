"""The bars around a record: what is special about it (a conflict, a refusal), and what was typed and not saved.

GUI thread, owned by the record's pane. A bar is there while it has something to say; none of them asks a question that
stops the work.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.desktop import theme
from gui.text import numbers
from gui.widgets.icon_view import IconView
from gui.widgets.label import Label


@dataclass(frozen=True, slots=True)
class BarText:
    """`tone`: bad, warn or accent; each action is (key, words)."""

    tone: str
    icon: str
    text: str
    actions: tuple[tuple[str, str], ...] = ()


class RecordBar(QFrame):
    """Says one thing about the record. `acted` carries the key of the button used."""

    acted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recordBar")
        self._shown: BarText | None = None
        self._icon = IconView("alert", 18, "warn", self)
        self._text = Label("", self, wrap=True, name="recordBarText")
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.Space.S)
        column = QVBoxLayout()
        column.setSpacing(theme.Space.XS)
        column.addWidget(self._text)
        column.addLayout(self._buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.Space.M, theme.Space.S, theme.Space.M, theme.Space.S)
        row.setSpacing(theme.Space.S)
        row.addWidget(self._icon)
        row.addLayout(column, 1)
        self.hide()

    @property
    def shown(self) -> BarText | None:
        return self._shown

    def show_text(self, text: BarText | None) -> None:
        """Say this, or nothing."""
        if text == self._shown:
            return
        self._shown = text
        while self._buttons.count():
            item = self._buttons.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        self.setVisible(text is not None)
        if text is None:
            return
        self.setProperty("area", f"note-{text.tone}")
        self.style().unpolish(self)
        self.style().polish(self)
        self._icon.set_icon(text.icon, text.tone)
        self._text.setText(text.text)
        for key, words in text.actions:
            button = QPushButton(words, self)
            button.setObjectName(f"bar_{key}")
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, key=key: self.acted.emit(key))
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)


class SaveBar(QFrame):
    """What was typed and not saved, with Save and the way back."""

    save_wanted = Signal()
    discard_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("saveBar")
        self.setProperty("area", "note-accent")
        self._count = 0
        self._faults = 0
        self.chip = Label("chip-accent", self, name="draftChip")
        self._text = Label("soft", self, name="saveText")
        self.discard = QPushButton(self)
        self.discard.setObjectName("saveDiscard")
        self.discard.setProperty("kind", "quiet")
        self.save = QPushButton(self)
        self.save.setObjectName("saveButton")
        self.save.setProperty("kind", "primary")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.Space.L, theme.Space.S, theme.Space.M, theme.Space.S)
        row.setSpacing(theme.Space.S)
        row.addWidget(self.chip)
        row.addWidget(self._text, 1)
        row.addWidget(self.discard)
        row.addWidget(self.save)
        self.save.clicked.connect(self.save_wanted)
        self.discard.clicked.connect(self.discard_wanted)
        self.retranslate()
        self.hide()

    def show_count(self, count: int, faults: int) -> None:
        """So many fields were typed into, and so many of them cannot be saved as they are."""
        self._count, self._faults = count, faults
        self.setVisible(count > 0)
        self.retranslate()

    def retranslate(self) -> None:
        self.chip.setText(self.tr("Draft"))
        self.discard.setText(self.tr("Discard"))
        self.save.setText(self.tr("Save"))
        self.save.setToolTip(self.tr("Save (Ctrl+Enter)"))
        self.discard.setToolTip(self.tr("Take back what was typed"))
        if self._faults:
            words = self.tr("1 field needs another look") if self._faults == 1 else self.tr("{count} need another look")
        else:
            words = self.tr("1 field changed") if self._count == 1 else self.tr("{count} fields changed")
        self._text.setText(words.format(count=numbers.number(self._faults or self._count)))
        self._text.set_role("bad" if self._faults else "soft")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
