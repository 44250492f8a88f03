"""What the steps of a cycle did: each runs guarded, becomes a line of the history, and adds to its object's result.

A step that fails fails alone and becomes a problem; what concerns everything (signed out, offline, API limit, disk)
goes on up. Lives as long as a cycle, or as a reconcile that a person asked for. Engine's thread.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from core.mirror import history, problems, throughput, times
from core.mirror.history import Step
from core.mirror.merge import MergeCounts
from core.mirror.mirror import Mirror
from core.mirror.session import WriteSession
from core.mirror.writer import Priority
from core.model.changes import Changes
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.model.progress import Event, ObjectResult
from core.model.states import CycleOutcome, Operation
from core.salesforce.client import Client
from core.sync import schedule
from core.sync.faults import as_error
from core.sync.reachability import stops_everything

log = logging.getLogger(__name__)
T = TypeVar("T")
# Steps that are not tried again with the next cycle.
_SLOW = frozenset({Operation.RECONCILE, Operation.FORMULAS, Operation.COUNT})


@dataclass(frozen=True, slots=True)
class Done:
    """What one step of one object did. `rows` None: the step does not know how many there are now."""

    new: int = 0
    updated: int = 0
    deleted: int = 0
    skipped: int = 0
    failed: int = 0
    rows: int | None = None
    changes: Changes = field(default_factory=Changes)
    error: OrgMirrorError | None = None

    @classmethod
    def of(cls, counts: MergeCounts, changes: Changes | None = None, *, gone: int = 0, rows: int | None = None) -> Done:
        """The counts of a merge, and rows that left the table beside them."""
        return cls(
            counts.new, counts.updated, counts.deleted + gone, counts.skipped, rows=rows, changes=changes or Changes()
        )

    def __add__(self, other: Done) -> Done:
        return Done(
            self.new + other.new,
            self.updated + other.updated,
            self.deleted + other.deleted,
            self.skipped + other.skipped,
            self.failed + other.failed,
            self.rows if other.rows is None else other.rows,
            self.changes.merged(other.changes),
            other.error or self.error,
        )


@dataclass
class Meter:
    """Time and calls that a step took, also where it is done in several goes."""

    client: Client
    monotonic: Callable[[], float]
    started: datetime = field(default_factory=times.now)
    seconds: float = 0.0
    calls: int = 0

    def __enter__(self) -> Meter:
        self._begun, self._calls = self.monotonic(), self.client.calls
        return self

    def __exit__(self, *exception: object) -> None:
        self.seconds += self.monotonic() - self._begun
        self.calls += self.client.calls - self._calls

    def taken(self, seconds: float, calls: int) -> Meter:
        """With what another thread measured."""
        self.seconds, self.calls = seconds, calls
        return self


class Ledger:
    """`results` by object; `written` is what the steps changed."""

    def __init__(
        self,
        mirror: Mirror,
        client: Client,
        emit: Callable[[Event], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._mirror = mirror
        self._client = client
        self._emit = emit
        self._monotonic = monotonic
        self.results: dict[str, ObjectResult] = {}
        self.written = Changes()

    @property
    def failed(self) -> frozenset[str]:
        """Objects of which a step failed."""
        return frozenset(name for name, result in self.results.items() if result.error is not None)

    def meter(self) -> Meter:
        """A meter for a step that is entered later."""
        return Meter(self._client, self._monotonic)

    def step(self, operation: Operation, name: str | None, work: Callable[[], Done]) -> Done:
        """Do one step and write it down. Raises Cancelled and what concerns everything."""
        meter = self.meter()
        with meter:
            done = self.guarded(operation, name, work)
        self.enter(operation, name, done, meter)
        return done

    def guarded(self, operation: Operation, name: str | None, work: Callable[[], T]) -> T | Done:
        """What `work` did, its own failure in the answer. Raises Cancelled and what concerns everything."""
        try:
            return work()
        except Cancelled:
            raise
        except OrgMirrorError as error:
            if stops_everything(error, self._client):
                raise
            log.info("%s of %s: %s", operation.value, name, error.code.value)
            return Done(failed=1, error=as_error(error, name) if name else error)
        except Exception as unexpected:
            # What nobody thought of in one object must not keep the others from their turn.
            log.exception("%s of %s failed", operation.value, name)
            surprise = OrgMirrorError(ErrorCode.UNEXPECTED, reason=type(unexpected).__name__)
            return Done(failed=1, error=as_error(surprise, name) if name else surprise)

    def enter(self, operation: Operation, name: str | None, done: Done, meter: Meter) -> None:
        """Write a step down: history, problem, result, and the news of it."""
        if done.changes.objects:
            self.written = self.written.merged(done.changes)
            self._emit(Event(changes=done.changes))
        step = Step(
            started=meter.started,
            ended=times.now(),
            object=name,
            operation=operation.value,
            status=(CycleOutcome.OK if done.error is None else CycleOutcome.PROBLEMS).value,
            new=done.new,
            updated=done.updated,
            deleted=done.deleted,
            failed=done.failed,
            skipped=done.skipped,
            api_calls=meter.calls,
            seconds=meter.seconds,
        )
        self._mirror.writer.call(lambda s: _note(s, operation, step, done), Priority.BATCH)
        if done.error is not None:
            self._emit(Event(changes=Changes(problems=True)))
        if name is not None:
            self.add(name, done)

    def add(self, name: str, done: Done) -> None:
        """Add to an object's result."""
        before = self.results.get(name) or ObjectResult(name)
        self.results[name] = replace(
            before,
            rows=before.rows if done.rows is None else done.rows,
            new=before.new + done.new,
            updated=before.updated + done.updated,
            deleted=before.deleted + done.deleted,
            skipped=before.skipped + done.skipped,
            failed=before.failed + done.failed,
            error=done.error or before.error,
        )


def _note(session: WriteSession, operation: Operation, step: Step, done: Done) -> None:
    history.record_step(session, step)
    name = step.object
    if name is not None:
        throughput.add(session, name, step.started, done.new + done.updated + done.deleted)
    if done.error is not None:
        next_try = None
        if operation in _SLOW:
            failed = problems.attempts(session, name, operation) + 1
            next_try = times.now() + schedule.retry_after(failed)
        problems.open_problem(session, name, done.error, operation=operation, next_try_at=next_try)
        return
    problems.close_problems(session, name, operation=operation)
    if operation is Operation.PULL_UPDATES and name is not None:
        problems.close_problems(session, name, operation=Operation.FIRST_LOAD)
        throughput.set_waiting(session, name, None)
