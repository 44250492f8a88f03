"""The only read-write connection of a mirror, on a thread of its own, fed by a priority queue (rules 1).

Each job is one `BEGIN IMMEDIATE` transaction: committed with its answer or rolled back with its exception, both of
which go to the job's future. A person's job goes before the next batch; a job submitted as `preemptible` (building an
index, which SQLite cannot do in slices) is interrupted and rolled back for a person and runs again afterwards.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeVar

import apsw
import peewee

from core.mirror.database import error_of
from core.mirror.session import WriteSession
from core.model.errors import Cancelled

T = TypeVar("T")
# A job that was interrupted this often runs to its end: a person who types all day must not keep an index from being.
MAX_PREEMPTIONS = 20
# SQLite instructions between two looks at whether a person waits; a few thousand are a millisecond.
PREEMPTION_CHECK_STEPS = 5_000


class Priority(IntEnum):
    """The lower number goes first; within a class, first come, first served."""

    PERSON = 0
    BATCH = 10
    IDLE = 20


@dataclass(order=True, slots=True)
class _Job:
    priority: int
    number: int
    call: Callable[[WriteSession], Any] = field(compare=False)
    future: Future[Any] = field(compare=False)
    transaction: bool = field(compare=False)
    preemptible: bool = field(compare=False)
    preempted: bool = field(compare=False, default=False)
    preemptions: int = field(compare=False, default=0)


class Writer:
    """Owns `conn` from its construction to `close`; `on_commit` hears of changed tables before a future resolves."""

    def __init__(
        self,
        conn: apsw.Connection,
        *,
        on_commit: Callable[[WriteSession, set[str]], None] | None = None,
        name: str = "writer",
    ) -> None:
        self._session = WriteSession(conn)
        self._on_commit = on_commit
        self._queue: list[_Job] = []
        self._numbers = itertools.count()
        self._wake = threading.Condition()
        self._running: _Job | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def submit(
        self,
        call: Callable[[WriteSession], T],
        priority: Priority = Priority.BATCH,
        *,
        transaction: bool = True,
        preemptible: bool = False,
    ) -> Future[T]:
        """Queue one job. Its future has what `call` answers, after the commit, or raises OrgMirrorError.

        `transaction=False` is for what SQLite refuses inside one (checkpoint, vacuum). After `close` the future raises
        Cancelled.
        """
        future: Future[T] = Future()
        with self._wake:
            if self._closing:
                future.set_exception(Cancelled())
                return future
            job = _Job(int(priority), next(self._numbers), call, future, transaction, preemptible)
            heapq.heappush(self._queue, job)
            running = self._running
            if priority is Priority.PERSON and running is not None and running.preemptible and not running.preempted:
                running.preempted = True
                self._session.conn.interrupt()
            self._wake.notify()
        return future

    def call(self, call: Callable[[WriteSession], T], priority: Priority = Priority.PERSON) -> T:
        """Queue one job and wait for it. Not from inside a job: that would wait for itself (RuntimeError)."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("Writer.call from a job of the same writer")
        return self.submit(call, priority).result()

    @property
    def waiting(self) -> int:
        """How many jobs are queued, the running one left out."""
        with self._wake:
            return len(self._queue)

    def close(self, *, drain: bool = True) -> None:
        """Take no more jobs; run what is queued (`drain`) or cancel it; then close the connection. May be repeated."""
        with self._wake:
            self._closing = True
            if not drain:
                for job in self._queue:
                    job.future.cancel()
                self._queue.clear()
            self._wake.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _work(self) -> None:
        try:
            while (job := self._next()) is not None:
                self._run(job)
        finally:
            self._session.conn.close()

    def _next(self) -> _Job | None:
        with self._wake:
            while True:
                while not self._queue and not self._closing:
                    self._wake.wait()
                if not self._queue:
                    return None
                job = heapq.heappop(self._queue)
                # A job that was preempted has told its future already that it runs.
                if job.preemptions or job.future.set_running_or_notify_cancel():
                    job.preempted = False
                    self._running = job
                    return job

    def _run(self, job: _Job) -> None:
        try:
            result = self._transact(job)
        except BaseException as error:  # whatever it is belongs to the future; the next job must still work
            self._settle()
            self._roll_back(error)
            if job.preempted and isinstance(error, apsw.InterruptError):
                self._again(job)
                return
            self._session.take_changes()
            if isinstance(error, (apsw.Error, peewee.PeeweeException)):
                coded = error_of(error)
                coded.__cause__ = error
                job.future.set_exception(coded)
            else:
                job.future.set_exception(error)
            return
        try:
            callbacks, changed = self._session.take_changes()
            if self._on_commit is not None and changed:
                self._on_commit(self._session, changed)
            for callback in callbacks:
                callback()
        except BaseException as error:
            job.future.set_exception(error)
            return
        job.future.set_result(result)

    def _transact(self, job: _Job) -> Any:
        if not job.transaction:
            result = job.call(self._session)
            self._settle()
            return result
        self._session.conn.execute("BEGIN IMMEDIATE")
        if job.preemptible:
            # interrupt() alone is lost between two statements of the job.
            self._session.conn.set_progress_handler(lambda: job.preempted, PREEMPTION_CHECK_STEPS)
        try:
            result = job.call(self._session)
        finally:
            if job.preemptible:
                self._session.conn.set_progress_handler(None)
        self._settle()  # from here on nobody interrupts: a COMMIT is not to be cut
        self._session.conn.execute("COMMIT")
        return result

    def _settle(self) -> None:
        with self._wake:
            self._running = None

    def _roll_back(self, reason: BaseException) -> None:
        # A full disk or an I/O error may have rolled back already.
        if self._session.conn.in_transaction:
            try:
                self._session.conn.execute("ROLLBACK")
            except apsw.Error as error:
                reason.add_note(f"the rollback failed too: {type(error).__name__}")

    def _again(self, job: _Job) -> None:
        self._session.take_changes()
        job.preemptions += 1
        if job.preemptions >= MAX_PREEMPTIONS:
            job.preemptible = False
        with self._wake:
            if self._closing:
                job.future.set_exception(Cancelled())
            else:
                heapq.heappush(self._queue, job)
