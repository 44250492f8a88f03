"""What stops the whole sync until a person acts: a sign-in, or the keyring. Shown first, kept nowhere.

It is made from the session, not read: `barrier_need` words it. Where a stored problem tells the same (kind sign-in),
the page leaves that one out, so that one thing is one row.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from core.model.states import ProblemKind
from gui.decisions.decision import Decision, Need, NeedKind
from gui.text import errors
from gui.workers.session import Barrier

KEY = "barrier"


def barrier_need(barrier: Barrier) -> Need:
    """The row for what stands in the way."""
    said = errors.words(barrier.error)
    return Need(
        key=KEY,
        kind=KEY,
        group=ProblemKind.SIGN_IN.value,
        title=said.title,
        remedy=said.remedy,
        what=barrier,
        code=barrier.error.code.value,
        salesforce_code=barrier.error.salesforce_code or "",
        salesforce_text=barrier.error.salesforce_text or "",
    )


class BarrierDecision(Decision):
    """Sign in again (S), or try again where it is the keyring (R); copy (C)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="barrierDecision")
        self._sign_in = self.add_act(
            "barrierSignIn", Qt.Key.Key_S, self.sign_in_wished.emit, primary=True, shown=lambda: self._signs_in()
        )
        self._retry = self.add_act(
            "barrierRetry", Qt.Key.Key_R, self._on_retry, primary=True, shown=lambda: not self._signs_in()
        )
        self._copy = self.add_act("barrierCopy", Qt.Key.Key_C, self._on_copy)
        self.retranslate()

    def retranslate(self) -> None:
        self.word_act(self._sign_in, self.tr("Sign in again"))
        self.word_act(self._retry, self.tr("Try again"))
        self.word_act(self._copy, self.tr("Copy details"))

    def _signs_in(self) -> bool:
        return self.need is not None and self.need.what.is_sign_in

    def _on_retry(self) -> None:
        if self.session is not None:
            self.session.restart_engine()

    def _on_copy(self) -> None:
        if self.need is not None:
            QGuiApplication.clipboard().setText(errors.report(self.need.what.error))
            self.told.emit(self.tr("Copied"))


BARRIER = NeedKind(KEY, lambda _connection, _problems: [], BarrierDecision)
