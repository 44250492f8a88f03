"""The doing around one request of a push: what is committed before it leaves, and what each of its answers becomes.

Every step is one transaction of the writer. `Desk` is the state of one push: what it counts, what it changed, and the
surroundings that a simulation owns (clock, pauses, chance, tokens). It lives as long as the push and on its thread.
"""

from __future__ import annotations

import logging
import random
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from core.mirror import conflicts, outbox, problems, sends, times
from core.mirror.conflicts import Found
from core.mirror.delivery import acknowledge_all
from core.mirror.mirror import Mirror
from core.mirror.outbox import AMBIGUOUS, CONFLICT, NEEDS_USER, RETRY, Entry
from core.mirror.sends import Send
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.progress import ObjectResult
from core.salesforce.errors import SalesforceError
from core.salesforce.failures import was_never_sent
from core.salesforce.writes import WriteAnswer
from core.sync.duplicates import duplicates_of
from core.sync.faults import is_fatal
from core.sync.push_errors import Answer, Remedy, failed
from core.sync.push_org import Org, Record
from core.sync.push_plan import Job, Rules

log = logging.getLogger(__name__)

# Records acknowledged in one transaction: an edit of a person must not wait long (rules 1).
ACKNOWLEDGED_AT_ONCE = 25
WRITTEN_AT_ONCE = 100
T = TypeVar("T")
# On their way already, or waiting for a person.
_TAKEN = frozenset({AMBIGUOUS, NEEDS_USER, CONFLICT, outbox.SENDING})


@dataclass(frozen=True, slots=True)
class Around:
    """What a push takes from the world besides the org. `sleep` raises Cancelled when asked to stop."""

    now: Callable[[], datetime] = times.now
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = lambda: random.uniform(0.8, 1.2)
    new_token: Callable[[], str] = lambda: str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class PushSettings:
    """`mass_limit`: from how many records on an act is asked about (0: never); `bulk_from`: more updates of one object

    go by a Bulk job; `keyed_most`: more new records of one object at once go by collections.
    """

    mass_limit: int = 200
    bulk_from: int = 2000
    keyed_most: int = 25
    use_keys: bool = True


class Stopped(Exception):
    """Nothing else can go either."""

    def __init__(self, error: OrgMirrorError) -> None:
        super().__init__(error.code.value)
        self.error = error


@dataclass
class Tally:
    """What was done to one object's records; a conflict is no failure of its own."""

    made: int = 0
    updated: int = 0
    deleted: int = 0
    failed: int = 0
    conflicts: int = 0
    ids: set[str] = field(default_factory=set)


class Desk:
    """One push."""

    def __init__(
        self, mirror: Mirror, org: Org, around: Around, settings: PushSettings, user_id: str, cancel: CancelToken
    ) -> None:
        self.mirror = mirror
        self.org = org
        self.around = around
        self.settings = settings
        self.user_id = user_id
        self.cancel = cancel
        self.tallies: dict[str, Tally] = {}
        self.tried: dict[int, int] = {}

    # counting

    def tally(self, name: str) -> Tally:
        return self.tallies.setdefault(name, Tally())

    @property
    def failed(self) -> int:
        """How many records Salesforce refused."""
        return sum(tally.failed for tally in self.tallies.values())

    def results(self) -> tuple[ObjectResult, ...]:
        """For the history, where everything that did not go counts as failed."""
        return tuple(
            ObjectResult(name, new=t.made, updated=t.updated, deleted=t.deleted, failed=t.failed + t.conflicts)
            for name, t in sorted(self.tallies.items())
        )

    def changes(self) -> Changes:
        touched = {name: frozenset(t.ids) for name, t in self.tallies.items() if t.ids}
        return Changes(touched).merged(Changes(outbox=True, problems=True, status=True)) if self.tallies else Changes()

    # asking and writing

    def write(self, job: Callable[[WriteSession], Any]) -> Any:
        return self.mirror.writer.call(job, Priority.PERSON)

    def later(self, seconds: float) -> datetime:
        """A moment that far from now, a little apart from others."""
        return self.around.now() + timedelta(seconds=seconds * self.around.jitter())

    # before a request

    def begin(
        self,
        table: Table,
        jobs: Iterable[tuple[Job, Mapping[str, Any]]],
        method: str,
        token: str,
        also: Callable[[WriteSession, Job], None] = lambda _session, _job: None,
    ) -> frozenset[str]:
        """Commit that these are about to leave, with their values; returns the records that go.

        A record that a person edited or discarded since it was collected stays behind for the next round. `also` joins
        the transaction for each that goes: whatever must be known even if the process ends before the answer.
        """
        sent_at = self.org.server_now()
        listed = list(jobs)

        def commit(session: WriteSession, part: Sequence[tuple[Job, Mapping[str, Any]]]) -> list[str]:
            going = [(job, values) for job, values in part if unchanged(session, job)]
            outbox.mark_sending(session, [seq for job, _ in going for seq in job.seqs], token)
            sends.begin(
                session,
                [Send(token, table.name, job.record_id, job.op, method, sent_at, values) for job, values in going],
            )
            for job, _ in going:
                also(session, job)
            return [job.record_id for job, _ in going]

        going: set[str] = set()
        for part in _parts(listed):
            going.update(self.write(partial(commit, part=part)))
        for job, _ in listed:
            for seq in job.seqs:
                self.tried[seq] = self.tried.get(seq, 0) + 1
        return frozenset(going)

    # after a request

    def back(self, table: Table, jobs: Sequence[Job], token: str) -> None:
        """It did not happen: all wait as before."""

        def commit(session: WriteSession, part: Sequence[Job]) -> None:
            _not_processed(session, token, [job.record_id for job in part])
            outbox.back_to_pending(session, [seq for job in part for seq in job.seqs])

        for part in _parts(jobs):
            self.write(partial(commit, part=part))

    def retry(
        self, table: Table, jobs: Sequence[Job], token: str | None, error: OrgMirrorError, seconds: float
    ) -> None:
        """Quietly later. `token` names an attempt that was not processed; None where it may have been."""
        at = self.later(seconds)

        def commit(session: WriteSession, part: Sequence[Job]) -> None:
            if token is not None:
                _not_processed(session, token, [job.record_id for job in part])
            seqs = [seq for job in part for seq in job.seqs]
            outbox.fail(session, seqs, RETRY, code=error.code.value, text=error.salesforce_text, next_try_at=at)

        for part in _parts(jobs):
            self.write(partial(commit, part=part))
        self.tally(table.name).ids.update(job.record_id for job in jobs)

    def unknown(self, table: Table, jobs: Sequence[Job], error: OrgMirrorError, seconds: float) -> None:
        """Creates whose answer was lost: they are looked up."""
        at = self.later(seconds)

        def commit(session: WriteSession, part: Sequence[Job]) -> None:
            seqs = [seq for job in part for seq in job.seqs]
            outbox.fail(session, seqs, AMBIGUOUS, code=error.code.value, text=None, next_try_at=at)

        for part in _parts(jobs):
            self.write(partial(commit, part=part))
        self.tally(table.name).ids.update(job.record_id for job in jobs)

    def ask(self, table: Table, job: Job, answer: Answer, error: OrgMirrorError, token: str | None) -> None:
        """A person has to read it: it stands at the record and at the fields it is about, in Salesforce's words."""
        told = OrgMirrorError(
            answer.code,
            salesforce_code=error.salesforce_code,
            salesforce_text=error.salesforce_text,
            object=table.name,
        )
        matches = duplicates_of(error) if answer.remedy is Remedy.DUPLICATE else None

        def commit(session: WriteSession) -> None:
            if token is not None:
                _not_processed(session, token, [job.record_id])
            outbox.fail(
                session, job.seqs, NEEDS_USER, code=answer.code.value, text=error.salesforce_text, next_try_at=None
            )
            if matches is not None:
                sends.keep_duplicates(session, table.name, job.record_id, matches)
            for name in answer.fields or (None,):
                problems.open_problem(session, table.name, told, record_id=job.record_id, field=name)

        self.write(commit)
        tally = self.tally(table.name)
        tally.failed += 1
        tally.ids.add(job.record_id)

    def conflict(self, job: Job, found: Sequence[Found], seqs: Sequence[int]) -> None:
        """A person has to choose: both sides are kept."""

        def commit(session: WriteSession) -> None:
            if not unchanged(session, job):
                return
            for each in found:
                conflicts.open_conflict(session, each)
            code = ErrorCode.PUSH_CONFLICT if found[0].field else ErrorCode.PUSH_GONE
            outbox.fail(session, seqs, CONFLICT, code=code.value, text=None, next_try_at=None)

        self.write(commit)
        tally = self.tally(job.object)
        tally.conflicts += 1
        tally.ids.add(job.record_id)

    def acknowledge(
        self, table: Table, done: Sequence[tuple[Job, Record | None]], also: Callable[[WriteSession, Job], None]
    ) -> None:
        """Salesforce has these, read back where it could be; `also` runs in the record's transaction."""
        for start in range(0, len(done), ACKNOWLEDGED_AT_ONCE):
            part = done[start : start + ACKNOWLEDGED_AT_ONCE]

            def commit(session: WriteSession, part: Sequence[tuple[Job, Record | None]] = part) -> None:
                for job, _ in part:
                    also(session, job)
                acknowledge_all(session, table, [(job.seqs, row) for job, row in part])
                for job, _ in part:
                    sends.answered(session, table.name, [job.record_id])
                    sends.forget_duplicates(session, table.name, job.record_id)

            self.write(commit)
            self.tally(table.name).ids.update(job.record_id for job, _ in part)

    def read_back(self, table: Table, ids: Sequence[str], rules: Rules, fields: Iterable[str]) -> dict[str, Record]:
        """The records as they are after the write; where that fails the next pull brings them."""
        if not ids:
            return {}
        try:
            try:
                return self.org.retrieve(table, ids, [column.name for column in table.columns])
            except SalesforceError:
                # A field that went since the describe spoils the list: what was sent is enough.
                return self.org.retrieve(table, ids, rules.looked_at(dict.fromkeys(fields)))
        except OrgMirrorError as error:
            log.info("what was sent could not be read back: %s", error.code.value)
            return {}

    def failed_whole(
        self, table: Table, jobs: Sequence[Job], error: OrgMirrorError, token: str, *, creates: bool
    ) -> Answer:
        """A request failed as a whole. What concerns everything raises Stopped; HALVE, FIELDS and ASK are left to the

        caller, whose entries are pending again by then.
        """
        sent = not was_never_sent(error)
        answer = failed(error, sent=sent, records=len(jobs), attempts=max(job.attempts for job in jobs))
        match answer.remedy:
            case Remedy.STOP:
                if answer.pause:
                    self.retry(table, jobs, token, error, answer.pause)
                else:
                    self.back(table, jobs, token)
                raise Stopped(error)
            case Remedy.RETRY:
                self.retry(table, jobs, token, error, answer.pause)
            case Remedy.UNKNOWN:
                if creates:
                    self.unknown(table, jobs, error, answer.pause)
                else:
                    self.retry(table, jobs, None, error, answer.pause)
            case _:
                self.back(table, jobs, token)
        if is_fatal(error):
            raise Stopped(error)
        return answer


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """The items of a large request in the pieces that one transaction takes."""
    for start in range(0, len(items), WRITTEN_AT_ONCE):
        yield items[start : start + WRITTEN_AT_ONCE]


def unchanged(session: WriteSession, job: Job) -> bool:
    """Whether the record's entries are still what was collected: a person may have edited or undone them since."""
    now = {e.seq: (e.mine, e.base) for e in outbox.by_seqs(session, job.seqs) if e.state not in _TAKEN}
    return all(now.get(e.seq) == (e.mine, e.base) for e in job.entries)


def entries_of(job: Job, fields: Iterable[str]) -> list[Entry]:
    """The job's entries of these fields."""
    wanted = set(fields)
    return [entry for entry in job.entries if entry.field in wanted]


def split(answers: Sequence[WriteAnswer], jobs: Sequence[Job]) -> tuple[list[int], list[int]]:
    """Positions of what was taken and of what was refused."""
    good = [index for index, answer in enumerate(answers) if answer.error is None]
    bad = [index for index, answer in enumerate(answers) if answer.error is not None]
    assert len(answers) == len(jobs)
    return good, bad


def _not_processed(session: WriteSession, token: str, record_ids: Sequence[str]) -> None:
    sends.refused(session, token, record_ids)
    conflicts.take_back(session, token, record_ids)
