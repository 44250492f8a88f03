"""`ActDialog`: what the dialogs of an act have in common: a title, words, a body, the act and the way out. Not modal.

GUI thread. A subclass fills `body`, words itself in `retranslate` and calls `run` with what is to be done; while that
goes on the buttons rest, and an error stands above them in words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from core.model.errors import OrgMirrorError
from gui.desktop.theme import Size, Space
from gui.models.edit_desk import EditDesk
from gui.text import errors
from gui.widgets.label import Label


class ActDialog(QDialog):
    """`act_button` does it (Ctrl+Enter), `cancel_button` leaves; `scrolls` for a body that may be long."""

    def __init__(
        self, desk: EditDesk, parent: QWidget | None = None, *, width: int = 520, scrolls: bool = False
    ) -> None:
        super().__init__(parent)
        self.desk = desk
        self._busy = False
        self._may = True
        self.heading = Label("title", self, wrap=True, name="actTitle")
        self.words = Label("soft", self, wrap=True, name="actWords")
        self.words.hide()
        self.error = Label("bad", self, wrap=True, name="actError")
        self.error.hide()
        self.cancel_button = self._button("actCancel", self.reject)
        self.act_button = self._button("actDo", self.act)
        self.act_button.setProperty("kind", "primary")
        self.body = QVBoxLayout()
        self.body.setSpacing(Space.M)
        self.footer = QHBoxLayout()
        self.footer.setSpacing(Space.S)
        self.footer.addStretch(1)
        self.footer.addWidget(self.cancel_button)
        self.footer.addWidget(self.act_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        layout.setSpacing(Space.M)
        layout.addWidget(self.heading)
        layout.addWidget(self.words)
        if scrolls:
            inside = QWidget(self)
            inside.setLayout(self.body)
            self.body.setContentsMargins(0, 0, Space.S, 0)
            area = QScrollArea(self)
            area.setObjectName("actScroll")
            area.setFrameShape(QFrame.Shape.NoFrame)
            area.setWidgetResizable(True)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            area.setWidget(inside)
            layout.addWidget(area, 1)
        else:
            layout.addLayout(self.body, 1)
        layout.addWidget(self.error)
        layout.addLayout(self.footer)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self, self.act_button.click)
        self.setMinimumWidth(min(width, 760))

    def _button(self, name: str, call: Callable[[], None]) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: call())
        return button

    def caption(self) -> Label:
        """The label of a line of the form, on the height of its field."""
        label = Label("caption", self)
        label.setMinimumHeight(Size.CONTROL)
        return label

    def say(self, title: str, words: str, act: str) -> None:
        """The words of the dialog: its title, what is to be known, and the button that does it."""
        self.setWindowTitle(title)
        self.heading.setText(title)
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self.act_button.setText(act.replace("&", "&&"))
        self.cancel_button.setText(self.tr("Cancel"))

    def allow(self, may: bool) -> None:
        """Whether there is enough to do it."""
        self._may = may
        self.act_button.setEnabled(may and not self._busy)

    def act(self) -> None:
        """Do it."""
        raise NotImplementedError

    def run(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Do `work` in the background; `done` says what follows, an error stays here."""
        if self._busy:
            return
        self._set_busy(True)
        self.error.hide()

        def here(answer: Any) -> None:
            self._set_busy(False)
            done(answer)

        self.desk.ask(self, work, here, self.failed)

    def failed(self, error: OrgMirrorError) -> None:
        """It could not be done: say why, keep everything."""
        self._set_busy(False)
        said = errors.words(error)
        self.tell(f"{said.title} {said.remedy}\n{error.salesforce_text or ''}".strip())

    def tell(self, words: str) -> None:
        """Say what stands in the way."""
        self.error.setText(words)
        self.error.setVisible(bool(words))

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self.act_button.setEnabled(self._may and not busy)

    def retranslate(self) -> None:
        """Set all texts; called at the end of a subclass's __init__ and when the language changes."""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
