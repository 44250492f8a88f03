"""`QueryOp` and `MutateOp`: work in the background, delivered to the GUI thread.

The GUI thread never touches the network, the keyring or the database. A `QueryOp` reads; a `MutateOp` changes something
and answers `Changes`, which every view hears of through `Operations.changed` and decides for itself what to do.
Made and delivered on the GUI thread; the work runs on a small pool. An answer for a widget that is gone is dropped.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError

log = logging.getLogger(__name__)
T = TypeVar("T")

_THREADS = 4


def as_error(problem: BaseException) -> OrgMirrorError:
    """`problem` as an error with a code; one that has none is logged with its traceback."""
    if isinstance(problem, OrgMirrorError):
        return problem
    log.error("an operation failed", exc_info=problem)
    return OrgMirrorError(ErrorCode.UNEXPECTED, reason=type(problem).__name__)


class Operations(QObject):
    """The pool and the way back. One per program, owned by the application object."""

    changed = Signal(object)  # (Changes, initiator | None)
    _delivered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="operation")
        self._open: set[CancelToken] = set()
        self._closed = False
        self._delivered.connect(self._run_delivery, Qt.ConnectionType.QueuedConnection)

    @property
    def closed(self) -> bool:
        """Whether the program quits: a timer that still runs asks for nothing any more."""
        return self._closed

    def submit(self, token: CancelToken, work: Callable[[], T]) -> Future[T]:
        """Run `work` on the pool; `token` is set when the program quits meanwhile."""
        self._open.add(token)
        return self._pool.submit(work)

    def deliver(self, call: Callable[[], None]) -> None:
        """Run `call` on the GUI thread, soon. From any thread."""
        if not self._closed:
            self._delivered.emit(call)

    def forget(self, token: CancelToken) -> None:
        self._open.discard(token)

    def cancel_all(self) -> None:
        """Ask all that is under way to stop."""
        for token in list(self._open):
            token.set()

    def close(self) -> None:
        """The end: what waits is dropped, what runs is asked to stop and waited for. Nothing is delivered any more."""
        self.cancel_all()
        self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    @Slot(object)
    def _run_delivery(self, call: Callable[[], None]) -> None:
        call()


class QueryOp(Generic[T]):
    """Read something in the background. `owner` is the widget that wants it; when it is gone nobody does.

    `QueryOp(self, operations, work).success(show).failure(tell).run()`; `work` may take a `CancelToken`.
    """

    def __init__(self, owner: QObject, operations: Operations, work: Callable[[CancelToken], T]) -> None:
        self._owner = weakref.ref(owner)
        self._operations = operations
        self._work = work
        self._token = CancelToken()
        self._success: Callable[[T], None] | None = None
        self._failure: Callable[[OrgMirrorError], None] | None = None
        self._finished = False

    def success(self, call: Callable[[T], None]) -> QueryOp[T]:
        """`call(answer)` on the GUI thread."""
        self._success = call
        return self

    def failure(self, call: Callable[[OrgMirrorError], None]) -> QueryOp[T]:
        """`call(error)` on the GUI thread; without one an error is only logged. A cancel is not an error."""
        self._failure = call
        return self

    @property
    def running(self) -> bool:
        return not self._finished

    def cancel(self) -> None:
        """Ask the work to stop; nothing is delivered any more."""
        self._finished = True
        self._token.set()

    def run(self) -> QueryOp[T]:
        """Start. The answer is the operation itself, to cancel it by. Once the program quits nothing is begun."""
        if self._operations.closed:
            self._finished = True
            return self
        future = self._operations.submit(self._token, lambda: self._work(self._token))
        future.add_done_callback(lambda done: self._operations.deliver(lambda: self._arrive(done)))
        return self

    def _arrive(self, done: Future[T]) -> None:
        self._operations.forget(self._token)
        owner = self._owner()
        if self._finished or owner is None or not isValid(owner):
            return
        self._finished = True
        try:
            answer = done.result()
        except (Cancelled, CancelledError):
            return
        except Exception as problem:
            error = as_error(problem)
            if self._failure is not None:
                self._failure(error)
            else:
                log.warning("nobody asked for this failure: %s", error)
            return
        self._answer(answer)

    def _answer(self, answer: T) -> None:
        if self._success is not None:
            self._success(answer)


class MutateOp(QueryOp[Changes]):
    """Change something in the background; every view hears of the `Changes`, with who asked as initiator."""

    def _answer(self, answer: Changes) -> None:
        super()._answer(answer)
        self._operations.changed.emit((answer, self._owner()))


def in_background(
    owner: QObject,
    operations: Operations,
    work: Callable[[], T],
    success: Callable[[T], None] | None = None,
    failure: Callable[[OrgMirrorError], Any] | None = None,
) -> QueryOp[T]:
    """The short form for work that cannot be cancelled."""
    op: QueryOp[T] = QueryOp(owner, operations, lambda _token: work())
    if success is not None:
        op.success(success)
    if failure is not None:
        op.failure(failure)
    return op.run()
