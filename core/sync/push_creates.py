"""Making records that were made here, each once (rules 5).

By the external id that the connection is told to use, a repeat is harmless. Under an idempotency key, where the org
honours keys, it is too. Otherwise a create without an answer is looked up among what this user made since, until ten
minutes after it was sent, on server time: a transaction may run that long. Only then is it sent again. Runs on the
push's thread.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from core.mirror import meta, outbox, sends
from core.mirror.conflicts import Found
from core.mirror.entries import CREATE, UPDATE, of_record
from core.mirror.sends import Send
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Table
from core.model.conflicts import ConflictKind
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import TEMPORARY_PREFIX
from core.salesforce.errors import ErrorClass, SalesforceError
from core.salesforce.writes import MAX_WRITES, WriteAnswer, WriteOptions
from core.sync.push_errors import Answer, Remedy, clashing_id, refused
from core.sync.push_org import Record
from core.sync.push_plan import Job, Rules, candidates
from core.sync.push_sending import Desk, split
from core.sync.push_values import stored_record, wire_record

log = logging.getLogger(__name__)

LONGEST_TRANSACTION = timedelta(minutes=10)
# Clocks of two servers of an org differ a little.
BEFORE_SENT = timedelta(seconds=60)
LOOK_SECONDS = 30.0
# A key that the org refuses again and again is no help; then the record is looked up.
KEY_TRIES = 3
LOCK_SECONDS = 0.5
# Unique external ids may ignore case; 16 such characters are as good as never met twice.
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
SHORTEST_KEY = 16
UPSERT, KEYED, PLAIN = "upsert", "keyed", "plain"
_KEYS = "push:keys:"
_EXTERNAL = "push:external-id:"


def external_id_field(session: Session, object_name: str) -> str | None:
    """The external id that the connection is told to make records of the object by."""
    return meta.get(session, _EXTERNAL + object_name)


def use_external_id(session: WriteSession, object_name: str, field: str | None) -> None:
    """Make records of the object by this external id; None: by none."""
    meta.set_(session, _EXTERNAL + object_name, field)


class Creates:
    """The new records of one object in one push."""

    def __init__(self, desk: Desk, table: Table, rules: Rules) -> None:
        self._desk = desk
        self._table = table
        self._rules = rules

        def known(session: Session) -> tuple[str | None, str | None, frozenset[str]]:
            return (
                external_id_field(session, table.name),
                meta.get(session, _KEYS + table.name),
                sends.allowed_duplicates(session, table.name),
            )

        self._external, self._keys, self._allowed = desk.mirror.read(known)

    @property
    def _key_length(self) -> int:
        """How many characters of a key the external id holds; 0 where there is none, or one that holds no text."""
        column = self._table.column(self._external) if self._external is not None else None
        return column.field.length if column is not None and column.field.type in ("string", "textarea") else 0

    def run(self, jobs: Sequence[Job]) -> None:
        """Make what can be made. Raises Stopped and Cancelled."""
        by_way: dict[tuple[str, WriteOptions], list[Job]] = {}
        for job in jobs:
            by_way.setdefault((self._method(job, len(jobs)), self._options(job)), []).append(job)
        for (method, options), some in by_way.items():
            if method == KEYED:
                for job in some:
                    self._desk.cancel.raise_if_set()
                    self._keyed(job, options)
                continue
            for start in range(0, len(some), MAX_WRITES):
                self._desk.cancel.raise_if_set()
                self._together(some[start : start + MAX_WRITES], method, options)

    def _options(self, job: Job) -> WriteOptions:
        told = job.options
        return WriteOptions(
            # Rules choose the owner of what has none; a chosen owner stays.
            assign=bool(told.get("use_assignment_rules")) and "OwnerId" not in job.values,
            allow_duplicates=bool(told.get("allow_duplicates")) or job.record_id in self._allowed,
        )

    def _method(self, job: Job, together: int) -> str:
        if self._key_length >= SHORTEST_KEY and job.values.get(str(self._external)) is None:
            return UPSERT
        most = self._desk.settings.keyed_most
        if self._desk.settings.use_keys and self._keys != "no" and together <= most:
            return KEYED
        return PLAIN

    # sending

    def _keyed(self, job: Job, options: WriteOptions) -> None:
        earlier = self._desk.mirror.read(lambda s: sends.unanswered(s, self._table.name, [job.record_id]))
        same = [
            line for line in earlier.get(job.record_id, ()) if line.method == KEYED and dict(line.content) == job.values
        ]
        if earlier.get(job.record_id) and not same:
            # It may be there already, as it was before the person changed it since: never under another key.
            self._desk.unknown(self._table, [job], OrgMirrorError(ErrorCode.TIMED_OUT), 0.0)
            return
        token = same[-1].token if same else self._desk.around.new_token()
        if not self._desk.begin(self._table, [(job, job.values)], KEYED, token):
            return
        try:
            answer = self._desk.org.create_keyed(self._table, wire_record(self._table, job.values), token, options)
        except SalesforceError as error:
            if error.kind is not ErrorClass.NOT_OFFERED:
                self._whole([job], error, token, KEYED, options)
                return
            # This server makes no records of this object in that way.
            self._keep_keys("no")
            self._desk.back(self._table, [job], token)
            self._together([job], PLAIN, options)
            return
        except OrgMirrorError as error:
            self._whole([job], error, token, KEYED, options)
            return
        self._answered([job], [answer], token, KEYED, options)
        if answer.id is not None and self._keys is None:
            self._try_keys(token, answer.id)

    def _try_keys(self, token: str, record_id: str) -> None:
        try:
            honoured = self._desk.org.honours_keys(self._table, token, record_id)
        except OrgMirrorError as error:
            log.info("whether keys are honoured is not known yet: %s", error.code.value)
            return
        self._keep_keys("yes" if honoured else "no")

    def _keep_keys(self, value: str) -> None:
        self._keys = value
        self._desk.write(lambda s: meta.set_(s, _KEYS + self._table.name, value))

    def _together(self, jobs: Sequence[Job], method: str, options: WriteOptions) -> None:
        token = self._desk.around.new_token()
        going = self._desk.begin(self._table, [(job, job.values) for job in jobs], method, token)
        jobs = [job for job in jobs if job.record_id in going]
        if not jobs:
            return
        records = [wire_record(self._table, job.values) for job in jobs]
        try:
            if method == UPSERT and self._external is not None:
                field = self._external
                keyed = [
                    {**values, field: external_value(job, self._key_length)}
                    for job, values in zip(jobs, records, strict=True)
                ]
                answers = self._desk.org.upsert(self._table, field, keyed, options)
            else:
                answers = self._desk.org.create(self._table, records, options)
        except OrgMirrorError as error:
            self._whole(jobs, error, token, method, options)
            return
        self._answered(jobs, answers, token, method, options)

    def _whole(
        self, jobs: Sequence[Job], error: OrgMirrorError, token: str, method: str, options: WriteOptions
    ) -> None:
        answer = self._desk.failed_whole(self._table, jobs, error, token, creates=True)
        if answer.remedy is Remedy.HALVE:
            half = (len(jobs) + 1) // 2
            for part in (jobs[:half], jobs[half:]):
                self._together(part, method, options)
        elif answer.remedy is Remedy.ASK:
            self._desk.ask(self._table, jobs[0], answer, error, None)

    def _answered(
        self, jobs: Sequence[Job], answers: Sequence[WriteAnswer], token: str, method: str, options: WriteOptions
    ) -> None:
        good, bad = split(answers, jobs)
        made = [(jobs[i], str(answers[i].id)) for i in good]
        self.made(made)
        again: list[tuple[Job, bool]] = []
        for i in bad:
            self._refused(jobs[i], answers[i], len(jobs), token, again)
        if again:
            self._desk.back(self._table, [job for job, _ in again], token)
            if any(slowly for _, slowly in again):
                self._desk.around.sleep(LOCK_SECONDS * self._desk.around.jitter())
            for job, _ in again:
                self._together([job], method, options)

    def _refused(self, job: Job, answer: WriteAnswer, together: int, token: str, again: list[tuple[Job, bool]]) -> None:
        error = answer.error
        assert error is not None
        attempts = max(self._desk.tried.get(seq, 1) for seq in job.seqs) - 1
        what = refused(error, fields=job.values, attempts=attempts, together=together, looked=True)
        clash = clashing_id(error)
        if clash is not None and self._is_ours(job, clash):
            self.made([(job, clash)])
            return
        if "IDEMPOTEN" in (error.salesforce_code or "").upper():
            # The first request with this key is still under way, or was another one: nobody knows yet.
            self._desk.unknown(self._table, [job], error, LOOK_SECONDS)
            return
        match what.remedy:
            case Remedy.RETRY | Remedy.MERGE:
                self._desk.retry(self._table, [job], token, error, what.pause)
            case Remedy.QUICKLY:
                again.append((job, True))
            case Remedy.SINGLY:
                again.append((job, False))
            case Remedy.DUPLICATE if together > 1:
                again.append((job, False))
            case Remedy.FIELDS:
                # A record is not made without what was entered unless its maker says so.
                asked = Answer(Remedy.ASK, what.code, fields=what.fields)
                self._desk.ask(self._table, job, asked, error, token)
            case _:
                self._desk.ask(self._table, job, what, error, token)

    def _is_ours(self, job: Job, record_id: str) -> bool:
        """Whether the record that a unique value clashes with is what an earlier attempt of this job made."""
        earlier = self._desk.mirror.read(lambda s: sends.unanswered(s, self._table.name, [job.record_id]))
        lines = earlier.get(job.record_id, [])
        if len(lines) < 2 and not any(line.tries > 1 for line in lines):
            return False
        found = self._made_since(lines)
        return record_id in candidates(job.values, found, self._rules, self._taken())

    # made

    def made(self, records: Sequence[tuple[Job, str]]) -> None:
        """These are in Salesforce: their ids are committed at once, then they are read back and acknowledged."""
        if not records:
            return
        name = self._table.name

        def known(session: WriteSession) -> None:
            for job, real_id in records:
                sends.made(session, name, job.record_id, real_id)

        self._desk.write(known)
        rows = self._desk.read_back(
            self._table,
            [real_id for _, real_id in records],
            self._rules,
            [field for job, _ in records for field in job.values],
        )
        real = {job.record_id: real_id for job, real_id in records}

        def adopt(session: WriteSession, job: Job) -> None:
            outbox.adopt_id(session, name, job.record_id, real[job.record_id])
            sends.forget_duplicates(session, name, job.record_id)

        self._desk.acknowledge(self._table, [(job, rows.get(real_id)) for job, real_id in records], adopt)
        tally = self._desk.tally(name)
        tally.made += len(records)
        tally.ids.update(real.values())

    # without an answer

    def look_up(self, jobs: Sequence[Job]) -> None:
        """Creates whose answer was lost: find each, wait for it, or let it be sent again."""
        earlier = self._desk.mirror.read(
            lambda s: sends.unanswered(s, self._table.name, [job.record_id for job in jobs])
        )
        harmless = [job for job in jobs if self._may_repeat(job, earlier.get(job.record_id, []))]
        if harmless:
            self._desk.write(lambda s: outbox.back_to_pending(s, [seq for job in harmless for seq in job.seqs]))
        left = [job for job in jobs if job not in harmless]
        lines = [line for job in left for line in earlier.get(job.record_id, [])]
        if not left:
            return
        found = self._made_since(lines) if lines else []
        taken = set(self._taken())
        for alike in _alike(left, earlier):
            self._resolve(alike, earlier, found, taken)

    def _may_repeat(self, job: Job, lines: Sequence[Send]) -> bool:
        """Whether sending it again cannot make it twice: a key answers for the very same values only."""
        ways = {line.method for line in lines}
        if any(line.tries > KEY_TRIES for line in lines):
            return False
        if KEYED in ways:
            now = self._desk.mirror.read(lambda s: of_record(s, self._table.name, job.record_id, kept=False))
            values = {e.field: e.mine for e in now if e.op == UPDATE}
            if self._keys != "yes" or any(dict(line.content) != values for line in lines):
                return False
        return bool(ways) and ways <= {UPSERT, KEYED}

    def _resolve(
        self, alike: list[Job], earlier: Mapping[str, list[Send]], found: Sequence[Record], taken: set[str]
    ) -> None:
        """New records with equal values, which nothing tells apart: as many candidates as there are belong to them."""
        ids = candidates(_sent_values(alike[0], earlier), found, self._rules, taken)
        if len(ids) > len(alike):
            for job in alike:
                self._several(job, ids)
            return
        taken.update(ids)
        self.made([(_as_sent(job, earlier), made) for job, made in zip(alike, ids, strict=False)])
        now = self._desk.org.server_now()
        for job in alike[len(ids) :]:
            lines = earlier.get(job.record_id, [])
            until = max((line.latest for line in lines), default=now - LONGEST_TRANSACTION) + LONGEST_TRANSACTION
            if now >= until:
                self._desk.write(partial(self._send_again, job=job))
            else:
                left = (until - now).total_seconds()
                error = OrgMirrorError(ErrorCode.TIMED_OUT)
                self._desk.unknown(self._table, [job], error, min(LOOK_SECONDS, max(1.0, left)))

    def _send_again(self, session: WriteSession, job: Job) -> None:
        sends.forget(session, self._table.name, job.record_id)
        outbox.back_to_pending(session, job.seqs)

    def _several(self, job: Job, ids: Iterable[str]) -> None:
        kind = ConflictKind.SEVERAL_CANDIDATES
        found = Found(self._table.name, job.record_id, kind, details={"candidates": list(ids)})

        def commit(session: WriteSession) -> None:
            outbox.back_to_pending(session, job.seqs)

        self._desk.write(commit)
        self._desk.conflict(job, [found], job.seqs)

    def _made_since(self, lines: Sequence[Send]) -> list[Record]:
        since = min(line.sent_at for line in lines) - BEFORE_SENT
        fields = {name for line in lines for name in line.content if self._table.column(name) is not None}
        found = self._desk.org.made_since(self._table, self._desk.user_id, since, sorted(fields))
        return [stored_record(self._table, record) for record in found]

    def _taken(self) -> frozenset[str]:
        return self._desk.mirror.read(lambda s: sends.taken_ids(s, self._table.name))


def external_value(job: Job, length: int) -> str:
    """What a new record is upserted by: the unique part of its temporary id, as many characters as the field holds."""
    number = uuid.UUID(job.record_id.removeprefix(TEMPORARY_PREFIX)).int
    text = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        text += _DIGITS[digit]
    return text[:length] if length else text


def _sent_values(job: Job, earlier: Mapping[str, Sequence[Send]]) -> dict[str, Any]:
    """The values that it was sent with: the person may have changed it since."""
    lines = earlier.get(job.record_id)
    return dict(lines[-1].content) if lines else job.values


def _as_sent(job: Job, earlier: Mapping[str, Sequence[Send]]) -> Job:
    """Those of its entries that went out as they are; what was entered since is an edit of the record that was made."""
    sent = _sent_values(job, earlier)
    kept = tuple(e for e in job.entries if e.op != UPDATE or (e.field in sent and sent[e.field] == e.mine))
    return replace(job, entries=kept)


def _alike(jobs: Iterable[Job], earlier: Mapping[str, Sequence[Send]]) -> list[list[Job]]:
    """The jobs by equal values."""
    found: dict[tuple[tuple[str, str], ...], list[Job]] = {}
    for job in jobs:
        values = _sent_values(job, earlier)
        found.setdefault(tuple(sorted((name, repr(value)) for name, value in values.items())), []).append(job)
    return list(found.values())


def recover(session: WriteSession, tables: Mapping[str, Table]) -> dict[str, set[str]]:
    """After a process died in mid-push: updates and deletes are looked at again, creates whose id is known are

    acknowledged, the others looked up. Only for whoever has the push to itself. Returns the records by object.
    """
    touched: dict[str, set[str]] = {}
    left = outbox.entries(session, states=(outbox.SENDING,))
    creates = {(e.object, e.record_id) for e in left if e.op == CREATE}
    rest = [e.seq for e in left if (e.object, e.record_id) not in creates]
    if rest:
        outbox.back_to_pending(session, rest)
    for name, record_id in creates:
        table = tables.get(name)
        seqs = [e.seq for e in left if (e.object, e.record_id) == (name, record_id)]
        real_id = sends.result_of(session, name, record_id)
        if real_id is not None and table is not None:
            outbox.adopt_id(session, name, record_id, real_id)
            outbox.acknowledge(session, table, seqs, None)
        else:
            code = ErrorCode.TIMED_OUT.value
            outbox.fail(session, seqs, outbox.AMBIGUOUS, code=code, text=None, next_try_at=None)
        touched.setdefault(name, set()).add(real_id or record_id)
    return touched
