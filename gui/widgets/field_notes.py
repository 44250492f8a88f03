"""`FieldNotes`: what is to be said about one field, below its value: a fault, a newer value, a conflict, "waiting".

Only fields that have something to say have this widget. GUI thread; texts are plain (rules 8).
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.desktop import theme
from gui.text.edit_words import Note
from gui.widgets.label import Label
from gui.widgets.link_button import LinkButton


class FieldNotes(QWidget):
    """`acted` carries the key of the action used."""

    acted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fieldNotes")
        self._notes: tuple[Note, ...] = ()
        self._lines: list[Label] = []
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 2)
        self._box.setSpacing(2)

    @property
    def notes(self) -> tuple[Note, ...]:
        return self._notes

    def show_notes(self, notes: Sequence[Note]) -> None:
        """Say these; what was said before goes."""
        if tuple(notes) == self._notes:
            return
        self._notes = tuple(notes)
        self._lines.clear()
        while self._box.count():
            item = self._box.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for note in self._notes:
            self._box.addWidget(self._line(note))

    def _line(self, note: Note) -> QWidget:
        holder = QWidget(self)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        label = Label(note.role, holder, wrap=True, name="fieldNote")
        label.setFont(theme.font(theme.Type.SMALL))
        label.setText(note.text)
        self._lines.append(label)
        column.addWidget(label)
        if note.actions:
            row = QHBoxLayout()
            row.setSpacing(theme.Space.M)
            for key, words in note.actions:
                button = LinkButton(holder, text=words)
                button.setObjectName(f"note_{key}")
                button.setFont(theme.font(theme.Type.SMALL, theme.Type.MEDIUM))
                button.clicked.connect(lambda _checked=False, key=key: self.acted.emit(key))
                row.addWidget(button)
            row.addStretch(1)
            column.addLayout(row)
        return holder

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        height = 2
        for note, label in zip(self._notes, self._lines, strict=True):
            height += max(label.heightForWidth(max(width, 60)), label.sizeHint().height() // 4) + 2
            if note.actions:
                height += label.fontMetrics().height() + 4
        return height

    def sizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(200))
