"""Sending edits of existing records: look, merge, send, read back, acknowledge (sync-peers 2.6; rules 5).

At most 200 records are looked at right before they are sent; a single one is sent on condition; thousands go by a Bulk
job, merged field by field first. Runs on the push's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from core.mirror import conflicts, outbox, overlay, problems, sends, times
from core.mirror.conflicts import Found
from core.mirror.outbox import NEEDS_USER
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Table
from core.model.conflicts import ConflictKind
from core.model.errors import ErrorCode, OrgMirrorError
from core.salesforce.errors import ErrorClass, SalesforceError
from core.salesforce.writes import MAX_READS, MAX_WRITES, WriteAnswer, WriteOptions
from core.sync.merge3 import Decision, Verdict
from core.sync.push_errors import MERGE_ROUNDS, Answer, Remedy, named_fields, refused
from core.sync.push_org import Record
from core.sync.push_plan import Job, Rules, Seen, UpdatePlan, gone_kind, plan_update
from core.sync.push_sending import Desk, entries_of, split, unchanged
from core.sync.push_values import stored_record, wire_record

_PLAIN = WriteOptions()
_ALLOWED = WriteOptions(allow_duplicates=True)
_CONVERTED = "IsConverted"
LOCK_SECONDS = 0.5


class Updates:
    """The updates of one object in one push."""

    def __init__(self, desk: Desk, table: Table, rules: Rules) -> None:
        self._desk = desk
        self._table = table
        self._rules = rules
        self._allowed: frozenset[str] = frozenset()

    def run(self, jobs: Sequence[Job]) -> None:
        """Send what can go. Raises Stopped and Cancelled."""
        self._allowed = self._desk.mirror.read(lambda s: sends.allowed_duplicates(s, self._table.name))
        if len(jobs) > self._desk.settings.bulk_from:
            self._bulk(jobs)
            return
        for start in range(0, len(jobs), MAX_WRITES):
            self._desk.cancel.raise_if_set()
            self._send(list(jobs[start : start + MAX_WRITES]))

    def _send(self, jobs: list[Job], rounds: int = 0) -> None:
        """Look, merge and send up to 200 records; `rounds` counts how often Salesforce was newer once more."""
        plans = self._prechecked(jobs)
        apart = [plan for plan in plans if plan.job.record_id in self._allowed]
        together = [plan for plan in plans if plan.job.record_id not in self._allowed]
        for plan in apart:
            self._one(plan, rounds, _ALLOWED)
        if len(together) == 1:
            self._one(together[0], rounds, _PLAIN)
        elif together:
            self._many(together, rounds, partial(self._desk.org.update, self._table, options=_PLAIN), "collection")

    # looking and merging

    def _prechecked(self, jobs: Sequence[Job]) -> list[UpdatePlan]:
        """What is left to send of these after the merge; all else is settled in the mirror."""
        ids = [job.record_id for job in jobs]
        fields = self._rules.looked_at(dict.fromkeys(name for job in jobs for name in job.values))
        try:
            records = self._desk.org.retrieve(self._table, ids, fields)
        except SalesforceError as error:
            if error.kind is not ErrorClass.SCHEMA:
                raise
            return self._without_hidden(jobs, error)
        seen = {record_id: Seen.of(stored_record(self._table, record)) for record_id, record in records.items()}
        missing = [job for job in jobs if job.record_id not in seen or _is_lost(seen[job.record_id])]
        if missing:
            self._lost(missing, records)
        left = [job for job in jobs if job not in missing]
        plans = self._merged(left, seen)
        self._settle(plans, records)
        return [plan for plan in plans if plan.send]

    def _without_hidden(self, jobs: Sequence[Job], error: SalesforceError) -> list[UpdatePlan]:
        """A field can no longer be read: its edits wait for a person, the others go on."""
        hidden = named_fields(error, {name for job in jobs for name in job.values})
        if not hidden:
            raise error
        left = []
        for job in jobs:
            mine = [name for name in hidden if name in job.values]
            if mine:
                self._field_asked(job, Answer(Remedy.FIELDS, ErrorCode.PUSH_FIELD_REFUSED, fields=tuple(mine)), error)
            rest = job.only([name for name in job.values if name not in hidden])
            if rest.values:
                left.append(rest)
        return self._prechecked(left) if left else []

    def _merged(self, jobs: Sequence[Job], seen: Mapping[str, Seen]) -> list[UpdatePlan]:
        table, rules = self._table, self._rules

        def known(session: Session) -> tuple[dict[str, dict[str, Any]], dict[str, list[sends.Send]]]:
            bases: dict[str, dict[str, Any]] = {}
            for job in jobs:
                around = {other for name in job.values for other in rules.partners.get(name, ())} - set(job.values)
                if around:
                    row = overlay.read(session.conn, table, job.record_id, [n for n in around if n in table.by_name])
                    bases[job.record_id] = (row or {}) | sends.sibling_bases(session, table.name, job.record_id)
            unanswered: dict[str, list[sends.Send]] = {}
            if sends.has_unanswered(session, table.name):
                unanswered = sends.unanswered(session, table.name, [job.record_id for job in jobs])
            return bases, unanswered

        bases, unanswered = self._desk.mirror.read(known)
        plans = []
        for job in jobs:
            sent: dict[str, tuple[Any, ...]] = {}
            for line in unanswered.get(job.record_id, ()):
                for name, value in line.content.items():
                    sent[name] = (*sent.get(name, ()), value)
            around = bases.get(job.record_id, {})
            plans.append(plan_update(job, seen[job.record_id], rules, bases=around, sent=sent))
        if bases:

            def keep(session: WriteSession) -> None:
                for record_id, values in bases.items():
                    sends.keep_sibling_bases(session, table.name, record_id, values)

            self._desk.write(keep)
        return plans

    def _settle(self, plans: Sequence[UpdatePlan], records: Mapping[str, Record]) -> None:
        """Write down what was decided without sending: converged, Salesforce's turn, a person's turn."""
        decided = [p for p in plans if any(d.verdict is not Verdict.SEND for d in p.decisions)]
        if not decided:
            return
        asked = [plan for plan in decided if plan.of(Verdict.ASK) or plan.of(Verdict.THEIRS)]
        who = self._who(asked)
        for plan in decided:
            self._desk.write(partial(self._settle_one, plan=plan, record=records[plan.job.record_id], who=who))

    def _settle_one(
        self, session: WriteSession, plan: UpdatePlan, record: Record, who: Mapping[tuple[str, str], tuple[str, str]]
    ) -> None:
        job, name = plan.job, self._table.name
        if not unchanged(session, job):
            return
        converged = plan.entries(Verdict.CONVERGED)
        if converged:
            fields = {e.field for e in converged}
            row = {key: value for key, value in record.items() if key in fields} | {"Id": job.record_id}
            outbox.acknowledge(session, self._table, [e.seq for e in converged], row)
        for decision in (*plan.of(Verdict.THEIRS), *plan.of(Verdict.ASK)):
            edit = decision.edit
            seqs = [e.seq for e in entries_of(job, [edit.field])]
            conflicts.know_server(session, seqs, edit.theirs)
            found = self._found(plan, decision, who)
            if decision.verdict is Verdict.THEIRS:
                assert decision.by is not None
                conflicts.note_decided(session, found, winner="theirs", policy=decision.by.value)
                outbox.discard(session, seqs)
            else:
                conflicts.open_conflict(session, found)
                code = ErrorCode.PUSH_CONFLICT.value
                outbox.fail(session, seqs, outbox.CONFLICT, code=code, text=None, next_try_at=None)
        tally = self._desk.tally(name)
        tally.conflicts += 1 if plan.of(Verdict.ASK) else 0
        tally.ids.add(job.record_id)

    def _found(self, plan: UpdatePlan, decision: Decision, who: Mapping[tuple[str, str], tuple[str, str]]) -> Found:
        edit, record_id = decision.edit, plan.job.record_id
        by, at = who.get((record_id, edit.field), (plan.seen.modified_by, None))
        others = {name: plan.seen.values.get(name) for name in decision.collided if name != edit.field}
        return Found(
            object=self._table.name,
            record_id=record_id,
            kind=ConflictKind.FIELD,
            field=edit.field,
            base=edit.base,
            mine=edit.mine,
            theirs=edit.theirs,
            changed_by=by,
            changed_at=at or times.optional_text(plan.seen.modified_at),
            details={"unit": others} if others else {},
        )

    def _who(self, plans: Sequence[UpdatePlan]) -> dict[tuple[str, str], tuple[str, str]]:
        """Who changed the fields in conflict and when, where the object's History tells: {(id, field): (by, at)}."""
        if not plans:
            return {}
        fields = {d.edit.field for p in plans for d in (*p.of(Verdict.ASK), *p.of(Verdict.THEIRS))}
        try:
            lines = self._desk.org.history(self._table, [p.job.record_id for p in plans], fields)
        except SalesforceError as error:
            if error.kind in (ErrorClass.AUTH, ErrorClass.BUDGET):
                raise
            return {}
        return {(each.record_id, each.field): (each.by or "", times.to_text(each.at)) for each in lines}

    # lost records

    def _lost(self, jobs: Sequence[Job], records: Mapping[str, Record]) -> None:
        """Records that cannot be written to: the edits are kept, and a person chooses."""
        found = dict(records) | self._desk.org.whereabouts(self._table, [job.record_id for job in jobs])
        for job in jobs:
            record = found.get(job.record_id)
            kind = gone_kind(None if record is None else _stored(self._table, record))
            if kind is None:
                # It is there after all: the next push sends it.
                self._desk.retry(self._table, [job], None, OrgMirrorError(ErrorCode.SERVER_ERROR, status=404), 30.0)
                continue
            self._desk.conflict(
                job,
                [Found(self._table.name, job.record_id, kind[0], details=kind[1])],
                job.seqs,
            )

    # sending

    def _one(self, plan: UpdatePlan, rounds: int, options: WriteOptions) -> None:
        def send(records: Sequence[tuple[str, Mapping[str, Any]]]) -> list[WriteAnswer]:
            [(record_id, values)] = records
            return [self._desk.org.update_one(self._table, record_id, values, plan.seen.modified_at, options)]

        self._many([plan], rounds, send, "conditional")

    def _many(
        self,
        plans: Sequence[UpdatePlan],
        rounds: int,
        send: Callable[[Sequence[tuple[str, Mapping[str, Any]]]], list[WriteAnswer]],
        method: str,
    ) -> None:
        token = self._desk.around.new_token()
        jobs = {plan.job.record_id: plan.job.only(plan.send) for plan in plans}
        overruled = {plan.job.record_id: plan for plan in plans if plan.overruled}

        def note(session: WriteSession, job: Job) -> None:
            # Before it leaves: a process that dies before the answer must not lose the value that it replaces.
            if job.record_id in overruled:
                self._note_overruled(session, overruled[job.record_id], {}, token)

        going = self._desk.begin(self._table, [(jobs[p.job.record_id], p.send) for p in plans], method, token, note)
        plans = [plan for plan in plans if plan.job.record_id in going]
        if not plans:
            return
        sending = [jobs[plan.job.record_id] for plan in plans]
        records = [(p.job.record_id, wire_record(self._table, p.send)) for p in plans]
        try:
            answers = send(records)
        except OrgMirrorError as error:
            answer = self._desk.failed_whole(self._table, sending, error, token, creates=False)
            self._after_whole(sending, answer, error, rounds)
            return
        good, bad = split(answers, sending)
        self._taken([plans[i] for i in good], [sending[i] for i in good], token)
        self._refused([(sending[i], answers[i]) for i in bad], len(sending), token, rounds)

    def _after_whole(self, jobs: list[Job], answer: Answer, error: OrgMirrorError, rounds: int) -> None:
        if answer.remedy is Remedy.HALVE:
            half = (len(jobs) + 1) // 2
            for part in (jobs[:half], jobs[half:]):
                self._send(part, rounds)
        elif answer.remedy is Remedy.ASK:
            assert isinstance(error, SalesforceError)
            self._refused([(jobs[0], WriteAnswer(jobs[0].record_id, error))], 1, "", rounds)

    def _note_overruled(
        self, session: WriteSession, plan: UpdatePlan, who: Mapping[tuple[str, str], tuple[str, str]], token: str
    ) -> None:
        """Keep the values of Salesforce that are replaced because a policy says so."""
        for decision in plan.overruled:
            assert decision.by is not None
            found = self._found(plan, decision, who)
            found = replace(found, details={**found.details, "token": token})
            conflicts.note_decided(session, found, winner="mine", policy=decision.by.value)

    def _taken(self, plans: Sequence[UpdatePlan], jobs: Sequence[Job], token: str) -> None:
        rows = self._desk.read_back(
            self._table, [job.record_id for job in jobs], self._rules, [name for job in jobs for name in job.values]
        )
        overruled = {plan.job.record_id: plan for plan in plans if plan.overruled}
        who = self._who_overruled(list(overruled.values()))

        def also(session: WriteSession, job: Job) -> None:
            if job.record_id in overruled:
                self._note_overruled(session, overruled[job.record_id], who, token)

        self._desk.acknowledge(self._table, [(job, rows.get(job.record_id)) for job in jobs], also)
        self._desk.tally(self._table.name).updated += len(jobs)

    def _who_overruled(self, plans: Sequence[UpdatePlan]) -> dict[tuple[str, str], tuple[str, str]]:
        if not plans:
            return {}
        fields = {d.edit.field for plan in plans for d in plan.overruled}
        try:
            lines = self._desk.org.history(self._table, [p.job.record_id for p in plans], fields)
        except OrgMirrorError:
            return {}
        # The newest line is our own by now: only another's tells who was overruled.
        return {
            (each.record_id, each.field): (each.by or "", times.to_text(each.at))
            for each in lines
            if each.by != self._desk.user_id
        }

    def _refused(
        self, refusals: Sequence[tuple[Job, WriteAnswer]], together: int, token: str, rounds: int, tries: int = 0
    ) -> None:
        merge_again: list[Job] = []
        quickly: list[Job] = []
        singly: list[Job] = []
        looked: list[Job] = []
        for job, answer in refusals:
            error = answer.error
            assert error is not None
            what = refused(
                error,
                fields=job.values,
                attempts=max(self._desk.tried.get(seq, 1) for seq in job.seqs) - 1,
                together=together,
            )
            match what.remedy:
                case Remedy.MERGE if rounds < MERGE_ROUNDS:
                    merge_again.append(job)
                case Remedy.MERGE | Remedy.RETRY:
                    self._desk.retry(self._table, [job], token, error, what.pause)
                case Remedy.QUICKLY:
                    quickly.append(job)
                case Remedy.SINGLY:
                    singly.append(job)
                case Remedy.DUPLICATE if together > 1:
                    # A collection's answer does not tell the matches.
                    singly.append(job)
                case Remedy.LOOK:
                    looked.append(job)
                    self._look(job, error, token)
                case Remedy.FIELDS:
                    self._fields_refused(job, what, error, token, rounds)
                case _:
                    self._desk.ask(self._table, job, what, error, token)
        again = [*merge_again, *quickly, *singly]
        if again:
            self._desk.back(self._table, again, token)
        for job in merge_again:
            self._send([job], rounds + 1)
        for job in singly:
            self._send([job], rounds)
        if quickly:
            self._desk.around.sleep(LOCK_SECONDS * self._desk.around.jitter() * (1 + rounds))
            half = (len(quickly) + 1) // 2
            for part in (quickly[:half], quickly[half:]):
                if part:
                    self._send(part, rounds)

    def _look(self, job: Job, error: SalesforceError, token: str) -> None:
        """Refused as if it were gone: find out what became of it; where it is there, a reference of it is not."""
        found = self._desk.org.whereabouts(self._table, [job.record_id]).get(job.record_id)
        kind = gone_kind(None if found is None else _stored(self._table, found))
        if kind is None:
            what = refused(error, fields=job.values, attempts=0, looked=True)
            self._desk.ask(self._table, job, what, error, token)
            return
        self._desk.back(self._table, [job], token)
        self._desk.conflict(job, [Found(self._table.name, job.record_id, kind[0], details=kind[1])], job.seqs)

    def _fields_refused(self, job: Job, what: Answer, error: SalesforceError, token: str, rounds: int) -> None:
        self._desk.back(self._table, [job], token)
        self._field_asked(job, what, error)
        rest = job.only([name for name in job.values if name not in what.fields])
        if rest.values:
            self._send([rest], rounds)

    def _field_asked(self, job: Job, what: Answer, error: SalesforceError) -> None:
        """These fields wait for a person, the record's others do not."""
        told = OrgMirrorError(
            what.code,
            salesforce_code=error.salesforce_code,
            salesforce_text=error.salesforce_text,
            object=self._table.name,
        )
        seqs = [e.seq for e in entries_of(job, what.fields)]

        def commit(session: WriteSession) -> None:
            code = what.code.value
            outbox.fail(session, seqs, NEEDS_USER, code=code, text=error.salesforce_text, next_try_at=None)
            for name in what.fields:
                problems.open_problem(session, self._table.name, told, record_id=job.record_id, field=name)

        self._desk.write(commit)
        tally = self._desk.tally(self._table.name)
        tally.failed += 1
        tally.ids.add(job.record_id)

    # thousands

    def _bulk(self, jobs: Sequence[Job]) -> None:
        """Merged field by field, then one Bulk job (sync-peers 3: more than 2,000 edits)."""
        plans: list[UpdatePlan] = []
        for start in range(0, len(jobs), MAX_READS):
            self._desk.cancel.raise_if_set()
            plans += self._prechecked(list(jobs[start : start + MAX_READS]))
        apart = [plan for plan in plans if plan.job.record_id in self._allowed]
        together = [plan for plan in plans if plan.job.record_id not in self._allowed]
        if together:
            self._many(together, 0, partial(self._desk.org.update_bulk, self._table), "bulk")
        for plan in apart:
            self._one(plan, 0, _ALLOWED)


def _stored(table: Table, record: Record) -> dict[str, Any]:
    """Stored values; what tells a record's whereabouts may have no column."""
    known = stored_record(table, record)
    for name in ("IsDeleted", "IsConverted"):
        if name in record and name not in known:
            known[name] = int(record[name] is True)
    for name in ("MasterRecordId", "ConvertedContactId", "ConvertedAccountId"):
        if record.get(name) and name not in known:
            known[name] = record[name]
    return known


def _is_lost(seen: Seen) -> bool:
    """Read, but in the recycle bin or converted."""
    return seen.values.get("IsDeleted") == 1 or seen.values.get(_CONVERTED) == 1
