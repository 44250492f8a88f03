"""`OpeningPanel`: what stands in the window while a mirror is being opened, and why one cannot be. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from gui.widgets.state_panel import PageState, StateAction, StatePanel


class OpeningPanel(StatePanel):
    """`sign_in_wished` and `retry_wished` ask the application."""

    sign_in_wished = Signal()
    retry_wished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="openingState")
        self.acted.connect(self._on_action)

    def show_opening(self, *, demo: bool = False, first: bool = False) -> None:
        """The mirror is being opened; `demo`: the demo org is started before, which the `first` time makes its data."""
        if not demo:
            self.show_state(PageState.OPENING)
            return
        self.show_words(
            PageState.OPENING,
            lambda: self.tr("Making the demo org's data…") if first else self.tr("Starting the demo org…"),
            lambda: self.tr("This once: about half a minute. It is kept on this computer.") if first else "",
            icon="demo",
        )

    def _on_action(self, action: StateAction) -> None:
        if action is StateAction.SIGN_IN:
            self.sign_in_wished.emit()
        else:
            self.retry_wished.emit()
