"""`NoticeBar`: above every page while the whole sync waits for a person: what happened, and the one button for it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.model.errors import OrgMirrorError
from gui.desktop.theme import Space
from gui.text import errors
from gui.widgets.icon_view import IconView
from gui.widgets.label import ElidedLabel
from gui.workers.session import Barrier


class NoticeBar(QFrame):
    """`sign_in_wished` or `retry_wished`, as the button says. Hidden while nothing stands in the way."""

    sign_in_wished = Signal()
    retry_wished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("noticeBar")
        self.setProperty("area", "note-warn")
        self._barrier: Barrier | None = None
        self._icon = IconView("user-off", 18, "warn", self)
        self._title = ElidedLabel("strong", self, name="noticeTitle")
        self._text = ElidedLabel("soft", self, name="noticeText")
        self.button = QPushButton(self)
        self.button.setObjectName("noticeAction")
        self.button.setProperty("kind", "primary")
        self.button.clicked.connect(self._on_button)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._text)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.L, Space.S, Space.L, Space.S)
        layout.setSpacing(Space.M)
        layout.addWidget(self._icon)
        layout.addLayout(words, 1)
        layout.addWidget(self.button)
        self.hide()

    @property
    def error(self) -> OrgMirrorError | None:
        """What stands in the way; None where nothing does."""
        return self._barrier.error if self._barrier is not None else None

    def show_barrier(self, barrier: Barrier | None) -> None:
        """Say what stands in the way, or nothing."""
        self._barrier = barrier
        self.retranslate()

    def retranslate(self) -> None:
        barrier = self._barrier
        if barrier is None and self.window().focusWidget() is self.button:
            # Otherwise the keyboard would go to whatever comes next, a note's button for one, and keep that open.
            self.button.clearFocus()
        self.setVisible(barrier is not None)
        if barrier is None:
            return
        said = errors.words(barrier.error)
        self._icon.set_icon("user-off" if barrier.is_sign_in else "key")
        self._title.setText(said.title)
        self._text.setText(said.remedy)
        self.button.setText(self.tr("Sign in again") if barrier.is_sign_in else self.tr("Try again"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def _on_button(self) -> None:
        if self._barrier is not None:
            (self.sign_in_wished if self._barrier.is_sign_in else self.retry_wished).emit()
