"""`Page`: what the places of the window have in common: a session they follow, and what they may ask of the window.

GUI thread; made once by the `PageStack` from the registry (`gui/windows/page_registry.py`), which connects the signals
below for every page: a page only emits them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QMetaObject, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from gui.workers.session import Session


class Page(QFrame):
    """A subclass builds its widgets in __init__ and overrides `on_session` and `retranslate`.

    `record_wished` (RecordRef), `object_wished` (API name) and `place_wished` (a key of page_names) show something
    else; `scope_wished` (API name) opens what is mirrored of an object; `sign_in_wished` asks for the wizard;
    `count_changed` sets the number beside the page's place in the sidebar; `told` (text) says something in a note.
    """

    record_wished = Signal(object)
    object_wished = Signal(str)
    place_wished = Signal(str)
    scope_wished = Signal(str)
    sign_in_wished = Signal()
    count_changed = Signal(int)
    told = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setProperty("area", "page")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.session: Session | None = None
        self._session_links: list[QMetaObject.Connection] = []

    def set_session(self, session: Session | None) -> None:
        """Follow another connection, or none."""
        for connection in self._session_links:
            QObject.disconnect(connection)
        self._session_links.clear()
        self.session = session
        self.on_session(session)

    def follow(self, signal: Any, slot: Callable[..., None]) -> None:
        """Connect until the session changes."""
        self._session_links.append(signal.connect(slot))

    def on_session(self, session: Session | None) -> None:
        """The session has changed."""

    def on_shown(self) -> None:
        """The page came to the front."""

    def retranslate(self) -> None:
        """Set all texts; called at build and when the language changes."""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
