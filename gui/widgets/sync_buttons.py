"""`SyncButtons`: Sync now, Pause or Resume, Cancel, for one session; they act within a moment and say so at once."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from gui.desktop import theme
from gui.desktop.theme import Size, Space
from gui.workers.session import Session

# A style sheet cannot part a button's icon from its words.
ICON_GAP = "\u2009\u2009"


class SyncButtons(QWidget):
    """`with_cancel` adds Cancel, which abandons the cycle under way."""

    def __init__(self, parent: QWidget | None = None, *, name: str, with_cancel: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._session: Session | None = None
        self._sync = QPushButton(self)
        self._sync.setObjectName(f"{name}Sync")
        self._sync.clicked.connect(self._on_sync)
        self._pause = QPushButton(self)
        self._pause.setObjectName(f"{name}Pause")
        self._pause.clicked.connect(self._on_pause)
        self._cancel = QPushButton(self)
        self._cancel.setObjectName(f"{name}Cancel")
        self._cancel.setProperty("kind", "quiet")
        self._cancel.clicked.connect(self._on_cancel)
        self._with_cancel = with_cancel
        for button in (self._sync, self._pause, self._cancel):
            button.setIconSize(QSize(Size.ICON_SMALL, Size.ICON_SMALL))
        theme.bind_icon(self._sync, "sync")
        theme.bind_icon(self._pause, "pause")
        theme.bind_icon(self._cancel, "close")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.S)
        layout.addWidget(self._cancel)
        layout.addWidget(self._pause)
        layout.addWidget(self._sync)
        self.refresh()

    def set_session(self, session: Session | None) -> None:
        self._session = session
        self.refresh()

    def refresh(self) -> None:
        """Words and states from the session as it is now."""
        session = self._session
        paused = session is not None and session.is_paused
        busy = session is not None and session.is_busy
        self._sync.setText(ICON_GAP + self.tr("Sync now"))
        self._sync.setEnabled(session is not None and not busy)
        self._sync.setVisible(not paused)
        self._pause.setText(ICON_GAP + (self.tr("Resume") if paused else self.tr("Pause")))
        self._pause.setEnabled(session is not None)
        kind = "primary" if paused else ""
        if self._pause.property("kind") != kind:
            self._pause.setProperty("kind", kind)
            self._pause.style().unpolish(self._pause)
            self._pause.style().polish(self._pause)
            theme.bind_icon(self._pause, "play" if paused else "pause", "on_accent" if paused else "text_soft")
        self._cancel.setText(ICON_GAP + self.tr("Cancel"))
        self._cancel.setToolTip(self.tr("Stop this run; what is here stays, and the next run goes on from there"))
        self._cancel.setVisible(self._with_cancel and busy)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.refresh()

    def _on_sync(self) -> None:
        if self._session is not None:
            self._session.sync_now()
            self.refresh()

    def _on_pause(self) -> None:
        if self._session is not None:
            self._session.toggle_pause()
            self.refresh()

    def _on_cancel(self) -> None:
        if self._session is not None:
            self._session.cancel_cycle()
