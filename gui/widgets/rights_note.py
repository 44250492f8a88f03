"""`RightsNote`: what the signed-in user may not do in the org, and what to ask an administrator for. GUI thread.

It holds values only: whoever owns it asks. A missing right is no refusal: what may be read is copied all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.desktop.theme import Space
from gui.widgets.icon_view import IconView
from gui.widgets.label import Label

if TYPE_CHECKING:
    from core.api.connections import MissingRight


class RightsNote(QFrame):
    """`show_rights` with what is missing; None while it is being asked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rightsNote")
        self._missing: tuple[MissingRight, ...] | None = None
        self._asking = False
        self._icon = IconView("shield", 18, "warn", self)
        self._title = Label("strong", self, wrap=True, name="rightsTitle")
        self._text = Label("soft", self, wrap=True, name="rightsText")
        self._copy = QPushButton(self)
        self._copy.setObjectName("rightsCopy")
        self._copy.setProperty("kind", "link")
        self._copy.setAutoDefault(False)
        self._copy.clicked.connect(self._on_copy)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._text)
        words.addWidget(self._copy)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        layout.setSpacing(Space.M)
        layout.addWidget(self._icon)
        layout.addLayout(words, 1)
        self.hide()

    @property
    def is_asking(self) -> bool:
        """Whether the answer is still to come."""
        return self._asking

    def show_asking(self) -> None:
        """The org is being asked."""
        self._missing, self._asking = None, True
        self.retranslate()

    def show_rights(self, missing: Sequence[MissingRight] | None) -> None:
        """What is missing; None: it could not be asked, and nothing is said."""
        self._missing, self._asking = (tuple(missing) if missing is not None else None), False
        self.retranslate()

    def retranslate(self) -> None:
        self.setVisible(self._asking or self._missing is not None)
        missing = self._missing or ()
        self.setProperty("area", "note-warn" if missing else "note-accent")
        self.style().unpolish(self)
        self.style().polish(self)
        self._icon.set_icon("shield", "warn" if missing else "accent")
        self._copy.setText(self.tr("Copy for your administrator"))
        self._copy.setVisible(bool(missing))
        self._text.setVisible(bool(missing))
        if self._asking:
            self._title.setText(self.tr("Looking at what you may do there…"))
        elif missing:
            self._title.setText(self.tr("Some rights are missing; all else works"))
            self._text.setText(self._lines())
        else:
            self._title.setText(self.tr("You may do there all that OrgMirror does"))

    def _lines(self) -> str:
        from core.messages import right

        lines = []
        for missing in self._missing or ():
            said = right(missing, lambda source: QCoreApplication.translate("Messages", source))  # tr: checked
            lines.append(f"{said.title} {said.remedy}".strip())
        return "\n".join(lines)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._lines())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
