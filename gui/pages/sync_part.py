"""`SyncPart`: one tab of the Sync page: it follows the session as a page does, and reads only while it is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from core.model.cancel import CancelToken
from core.model.errors import OrgMirrorError
from gui.operations import QueryOp
from gui.pages.page import Page
from gui.workers.session import Session


class SyncPart(Page):
    """A subclass overrides `read` to start its reading; `ask` keeps one reading under way and one to follow."""

    def __init__(self, parent: QWidget | None = None, *, name: str) -> None:
        super().__init__(parent, name=name)
        self.setProperty("area", "")
        self._op: QueryOp[Any] | None = None
        self._again = False

    def on_session(self, session: Session | None) -> None:
        if self._op is not None:
            self._op.cancel()
            self._op = None
        if session is not None:
            self.follow(session.cycle_ended, lambda _result: self._read_if_seen())

    def on_shown(self) -> None:
        self._read_if_seen()

    def read(self, session: Session) -> None:
        """Start to read what this part shows."""

    def ask(
        self,
        work: Callable[[CancelToken], Any],
        success: Callable[[Any], None],
        failure: Callable[[OrgMirrorError], None],
    ) -> None:
        """Read in the background; while a reading runs, another is noted and follows it."""
        session = self.session
        if session is None:
            return
        if self._op is not None and self._op.running:
            self._again = True
            return

        def ended() -> None:
            if self._again:
                self._again = False
                self._read_if_seen()

        def good(answer: Any) -> None:
            success(answer)
            ended()

        def bad(error: OrgMirrorError) -> None:
            failure(error)
            ended()

        self._op = QueryOp(self, session.operations, work).success(good).failure(bad)
        self._op.run()

    def _read_if_seen(self) -> None:
        if self.session is not None and self.isVisible():
            self.read(self.session)
