"""Reader lanes: threads with a read-only connection each, on which a view's newest question wins.

A lane has one running and one waiting question per view. A newer one replaces the waiting one, whose future is
cancelled, and interrupts the running one of the same view, whose future then raises Cancelled. Every question runs in
one read transaction, so that what it answers is one moment of the file, and none is left open behind it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import apsw

from core.mirror.database import connect, error_of
from core.model.errors import Cancelled

T = TypeVar("T")
# SQLite's instructions between two looks at whether the answer is still wanted.
_STEPS = 20_000


@dataclass(slots=True)
class _Question:
    view: str
    call: Callable[[apsw.Connection], Any]
    future: Future[Any] = field(default_factory=Future)
    superseded: bool = False


@dataclass(slots=True)
class _Seat:
    """What one thread of the lane is doing."""

    conn: apsw.Connection | None = None
    question: _Question | None = None


class ReadLane:
    """`threads` daemon threads over one file. Safe from any thread; `close` waits until they have ended."""

    def __init__(self, path: Path, key: bytes | None, *, name: str, threads: int = 1) -> None:
        self._path = path
        self._key = key
        self._name = name
        self._limit = threads
        self._wake = threading.Condition()
        self._waiting: dict[str, _Question] = {}
        self._order: deque[str] = deque()
        self._seats: list[_Seat] = []
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._closing = False

    def submit(self, view: str, call: Callable[[apsw.Connection], T]) -> Future[T]:
        """Ask on behalf of `view`; an older question of the same view is dropped.

        The future has the answer or raises OrgMirrorError (Cancelled for a dropped one that had begun).
        """
        question = _Question(view, call)
        dropped: _Question | None
        with self._wake:
            if self._closing:
                question.future.cancel()
                return question.future
            dropped = self._waiting.get(view)
            if dropped is None:
                self._order.append(view)
            self._waiting[view] = question
            for seat in self._seats:
                if seat.question is not None and seat.question.view == view:
                    self._interrupt(seat)
            if not self._idle and len(self._threads) < self._limit:
                self._start()
            self._wake.notify()
        if dropped is not None:
            dropped.future.cancel()
        return question.future

    def forget(self, view: str) -> None:
        """Nobody waits for the answers of `view` any more."""
        with self._wake:
            dropped = self._waiting.pop(view, None)
            if dropped is not None:
                self._order.remove(view)
            for seat in self._seats:
                if seat.question is not None and seat.question.view == view:
                    self._interrupt(seat)
        if dropped is not None:
            dropped.future.cancel()

    def close(self) -> None:
        """Drop what waits, interrupt what runs, end the threads. May be called again."""
        with self._wake:
            self._closing = True
            dropped = list(self._waiting.values())
            self._waiting.clear()
            self._order.clear()
            for seat in self._seats:
                if seat.question is not None:
                    self._interrupt(seat)
            self._wake.notify_all()
            threads = list(self._threads)
        for question in dropped:
            question.future.cancel()
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join()

    @staticmethod
    def _interrupt(seat: _Seat) -> None:
        # Under the lock: the thread lets go of its question under it too, so no other question is hit.
        assert seat.question is not None
        seat.question.superseded = True
        if seat.conn is not None:
            seat.conn.interrupt()

    def _start(self) -> None:
        seat = _Seat()
        number = len(self._threads) + 1
        thread = threading.Thread(target=self._work, args=(seat,), name=f"{self._name} {number}", daemon=True)
        self._seats.append(seat)
        self._threads.append(thread)
        thread.start()

    def _work(self, seat: _Seat) -> None:
        try:
            while self._take(seat):
                self._answer(seat)
        finally:
            if seat.conn is not None:
                seat.conn.close()

    def _take(self, seat: _Seat) -> bool:
        with self._wake:
            while True:
                while not self._closing and not self._order:
                    self._idle += 1
                    self._wake.wait()
                    self._idle -= 1
                if self._closing:
                    return False
                question = self._waiting.pop(self._order.popleft())
                if question.future.set_running_or_notify_cancel():
                    seat.question = question
                    return True

    def _answer(self, seat: _Seat) -> None:
        question = seat.question
        assert question is not None
        answer: Any = None
        failure: BaseException | None = None
        try:
            if seat.conn is None:
                seat.conn = connect(self._path, self._key, readonly=True)
            answer = self._ask(seat.conn, question)
        except BaseException as error:  # whatever it is belongs to the future; the next question must still work
            failure = error
        with self._wake:
            seat.question = None
        if question.superseded:
            question.future.set_exception(Cancelled())  # an answer that came all the same is stale
        elif failure is None:
            question.future.set_result(answer)
        elif isinstance(failure, apsw.Error):
            coded = error_of(failure)
            coded.__cause__ = failure
            question.future.set_exception(coded)
        else:
            question.future.set_exception(failure)

    @staticmethod
    def _ask(conn: apsw.Connection, question: _Question) -> Any:
        if question.superseded:
            raise Cancelled
        # Interrupting says nothing to a statement that has not begun; this does.
        conn.set_progress_handler(lambda: question.superseded, _STEPS)
        conn.execute("BEGIN")
        try:
            return question.call(conn)
        finally:
            conn.set_progress_handler(None)
            if conn.in_transaction:
                conn.execute("ROLLBACK")
