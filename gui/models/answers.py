"""`Answers`: brings the result of a future from a reading lane to the GUI thread, and drops what came too late.

One per widget or controller that asks. A newer question of the same topic makes older answers stale, so a slow answer
can never overwrite a fresh one. Lanes finish their futures on their own threads; one `_PostOffice` per application,
living on the GUI thread, carries the callbacks over, so that no signal of a widget that has died is ever touched.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, Slot

from core.model.errors import ErrorCode, OrgMirrorError

log = logging.getLogger(__name__)

_OFFICE_NAME = "AnswersPostOffice"


class _PostOffice(QObject):
    """Lives as a child of the application; `delivered` may be emitted from any thread."""

    delivered = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName(_OFFICE_NAME)
        self.delivered.connect(self._run, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def _run(self, job: Callable[[], None]) -> None:
        job()


def _post_office() -> _PostOffice:
    application = QCoreApplication.instance()
    if application is None:
        raise RuntimeError("answers need a running application")
    office = application.findChild(_PostOffice, _OFFICE_NAME)
    return office if isinstance(office, _PostOffice) else _PostOffice(application)


class Answers:
    """Belongs to `owner` and lives on the GUI thread; once the owner is gone nothing is delivered any more."""

    def __init__(self, owner: QObject) -> None:
        self._owner = weakref.ref(owner)
        self._office = _post_office()
        self._tokens: dict[str, int] = {}
        self._running: dict[str, Future[Any]] = {}

    def expect(
        self,
        topic: str,
        future: Future[Any],
        on_answer: Callable[[Any], None],
        on_error: Callable[[Exception], None] | None = None,
    ) -> None:
        """Call `on_answer(result)` on the GUI thread, unless a newer question of `topic` was asked meanwhile.

        A cancelled or interrupted read is silent. Any other error goes to `on_error`, or is raised on the GUI thread.
        """
        token = self._tokens.get(topic, 0) + 1
        self._tokens[topic] = token
        self._running[topic] = future

        def finished(done: Future[Any]) -> None:
            try:
                self._office.delivered.emit(lambda: self._deliver(topic, token, done, on_answer, on_error))
            except RuntimeError:
                # The application object went first: the program is quitting and nobody waits any more.
                log.debug("an answer came after the application ended")

        future.add_done_callback(finished)

    def forget(self, topic: str | None = None) -> None:
        """Drop whatever is still to come for `topic`, or for all topics."""
        for name in [topic] if topic is not None else list(self._tokens):
            self._tokens[name] = self._tokens.get(name, 0) + 1
            future = self._running.pop(name, None)
            if future is not None:
                future.cancel()

    def is_waiting(self, topic: str) -> bool:
        """Whether an answer of `topic` is still to come."""
        return topic in self._running

    def _deliver(
        self,
        topic: str,
        token: int,
        future: Future[Any],
        on_answer: Callable[[Any], None],
        on_error: Callable[[Exception], None] | None,
    ) -> None:
        owner = self._owner()
        if owner is None or not shiboken6.isValid(owner) or self._tokens.get(topic) != token:
            return
        self._running.pop(topic, None)
        try:
            result = future.result()
        except CancelledError:
            return
        except OrgMirrorError as error:
            if error.code is ErrorCode.CANCELLED:
                return
            if on_error is None:
                raise
            on_error(error)
            return
        except Exception as error:
            if on_error is None:
                raise
            on_error(error)
            return
        on_answer(result)
