"""Deleting in Salesforce what was deleted here, unless somebody changed it there meanwhile. On the push's thread."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from core.mirror import copies, times
from core.mirror.conflicts import Found
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.model.conflicts import ConflictKind
from core.model.errors import OrgMirrorError
from core.salesforce.errors import SalesforceError
from core.salesforce.writes import MAX_WRITES, WriteAnswer
from core.sync.push_errors import Remedy, refused
from core.sync.push_plan import Job, Rules, Seen, changed_after, changed_since_delete
from core.sync.push_sending import Desk, split
from core.sync.push_values import stored_record

LOCK_SECONDS = 0.5


class Deletes:
    """The deletes of one object in one push."""

    def __init__(self, desk: Desk, table: Table, rules: Rules) -> None:
        self._desk = desk
        self._table = table
        self._rules = rules

    def run(self, jobs: Sequence[Job]) -> None:
        """Delete what may go. Raises Stopped and Cancelled."""
        for start in range(0, len(jobs), MAX_WRITES):
            self._desk.cancel.raise_if_set()
            self._send(list(jobs[start : start + MAX_WRITES]))

    def _send(self, jobs: list[Job]) -> None:
        going = self._looked_at(jobs)
        if not going:
            return
        token = self._desk.around.new_token()
        left = self._desk.begin(self._table, [(job, {}) for job in going], "collection", token)
        going = [job for job in going if job.record_id in left]
        if not going:
            return
        try:
            answers = self._desk.org.delete(self._table, [job.record_id for job in going])
        except OrgMirrorError as error:
            answer = self._desk.failed_whole(self._table, going, error, token, creates=False)
            if answer.remedy is Remedy.HALVE:
                half = (len(going) + 1) // 2
                self._send(going[:half])
                self._send(going[half:])
            elif answer.remedy is Remedy.ASK:
                self._desk.ask(self._table, going[0], answer, error, None)
            return
        good, bad = split(answers, going)
        self._gone([going[i] for i in good])
        self._refused([(going[i], answers[i]) for i in bad], len(going), token)

    def _looked_at(self, jobs: Sequence[Job]) -> list[Job]:
        """What may be deleted: what is gone already is done, what was changed there is asked about."""
        ids = [job.record_id for job in jobs]
        records = self._desk.org.retrieve(self._table, ids, self._rules.looked_at(()))
        seen = {key: Seen.of(stored_record(self._table, record)) for key, record in records.items()}
        done = [job for job in jobs if job.record_id not in seen or seen[job.record_id].values.get("IsDeleted") == 1]
        self._gone(done)
        left = [job for job in jobs if job not in done]
        touched = [job for job in left if changed_after(job, seen[job.record_id])]
        asked = self._changed(touched) if touched else []
        return [job for job in left if job not in asked]

    def _changed(self, jobs: Sequence[Job]) -> list[Job]:
        """Those of `jobs` that somebody changed after they were deleted here; a person decides."""
        fields = [c.name for c in self._table.columns if not c.field.is_long_text]
        try:
            records = self._desk.org.retrieve(self._table, [job.record_id for job in jobs], fields)
        except SalesforceError:
            records = {}
        asked = []
        for job in jobs:
            if job.record_id not in records:
                continue
            seen = Seen.of(stored_record(self._table, records[job.record_id]))
            kept = self._desk.mirror.read(partial(copies.get, object_name=self._table.name, record_id=job.record_id))
            changed = changed_since_delete(job, seen, kept.image if kept is not None else {}, self._rules)
            if not changed:
                continue
            asked.append(job)
            self._desk.conflict(
                job,
                [
                    Found(
                        self._table.name,
                        job.record_id,
                        ConflictKind.DELETED_HERE,
                        changed_by=seen.modified_by,
                        changed_at=times.optional_text(seen.modified_at),
                        details={"changed": {name: list(pair) for name, pair in changed.items()}},
                    )
                ],
                job.seqs,
            )
        return asked

    def _gone(self, jobs: Sequence[Job]) -> None:
        def also(_session: WriteSession, _job: Job) -> None:
            return None

        if jobs:
            self._desk.acknowledge(self._table, [(job, None) for job in jobs], also)
            self._desk.tally(self._table.name).deleted += len(jobs)

    def _refused(self, refusals: Sequence[tuple[Job, WriteAnswer]], together: int, token: str) -> None:
        again: list[Job] = []
        locked = False
        for job, answer in refusals:
            error = answer.error
            assert error is not None
            attempts = max(self._desk.tried.get(seq, 1) for seq in job.seqs) - 1
            what = refused(error, fields=(), attempts=attempts, together=together)
            match what.remedy:
                case Remedy.LOOK:
                    if self._desk.org.retrieve(self._table, [job.record_id], ["Id"]):
                        self._desk.ask(self._table, job, what, error, token)
                    else:  # whoever was quicker: it is gone
                        self._gone([job])
                case Remedy.RETRY | Remedy.MERGE:
                    self._desk.retry(self._table, [job], token, error, what.pause)
                case Remedy.QUICKLY | Remedy.SINGLY:
                    locked = locked or what.remedy is Remedy.QUICKLY
                    again.append(job)
                case _:
                    self._desk.ask(self._table, job, what, error, token)
        if again:
            self._desk.back(self._table, again, token)
            if locked:
                self._desk.around.sleep(LOCK_SECONDS * self._desk.around.jitter())
            for job in again:
                self._send([job])
