"""`SelectionBar`: above a list while several records are selected: how many, and what to do with them. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from gui.desktop import theme
from gui.text import numbers
from gui.widgets.label import Label


class SelectionBar(QFrame):
    """`edit_wanted`, `more_wanted` (where to open a menu, global) and `clear_wanted`."""

    edit_wanted = Signal()
    more_wanted = Signal(QPoint)
    clear_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("selectionBar")
        self.setProperty("area", "note-accent")
        self._count = 0
        self._text = Label("strong", self, name="selectionCount")
        self.edit = self._button("selectionEdit")
        self.more = self._button("selectionMore")
        self.clear = self._button("selectionClear")
        self.clear.setProperty("kind", "quiet")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.Space.L, theme.Space.XS, theme.Space.M, theme.Space.XS)
        row.setSpacing(theme.Space.S)
        row.addWidget(self._text)
        row.addStretch(1)
        for button in (self.edit, self.more, self.clear):
            row.addWidget(button)
        self.edit.clicked.connect(self.edit_wanted)
        self.more.clicked.connect(
            lambda: self.more_wanted.emit(self.more.mapToGlobal(QPoint(0, self.more.height() + 2)))
        )
        self.clear.clicked.connect(self.clear_wanted)
        self.retranslate()
        self.hide()

    def _button(self, name: str) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        return button

    def show_count(self, count: int) -> None:
        """So many are selected; one is no selection."""
        self._count = count
        self.setVisible(count > 1)
        self.retranslate()

    def retranslate(self) -> None:
        self._text.setText(self.tr("{count} selected").format(count=numbers.number(self._count)))
        self.edit.setText(self.tr("Edit…"))
        self.more.setText(self.tr("More"))
        self.clear.setText(self.tr("Clear"))
        self.more.setToolTip(self.tr("What else can be done to all of them"))
        self.clear.setToolTip(self.tr("Select nothing"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
