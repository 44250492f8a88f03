"""The push: what people edited goes home, field by field, and nothing of either side is lost (sync-peers 2.6).

Recover what an earlier process left on its way; look up creates without an answer; then collect, look, merge, send,
read back and acknowledge, until nothing is left that could go. One bad record never holds up another; a record is tried
a few times at most, so a push never loops. Deciding is in `merge3`, `push_plan` and `push_errors`; the other side,
clock, chance and pauses are passed in. A push runs on one thread and has the outbox to itself (`push_turn`).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from core.mirror import conflicts, holds, meta, outbox, sends
from core.mirror.entries import CREATE, DELETE, UPDATE
from core.mirror.mirror import Mirror
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Table
from core.model.cancel import CancelToken
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.model.pushing import PushResult
from core.model.scope import load_order
from core.model.states import CycleOutcome
from core.salesforce.errors import SalesforceError
from core.sync.faults import is_fatal, outcome_of
from core.sync.merge3 import Policy
from core.sync.push_creates import Creates, recover
from core.sync.push_deletes import Deletes
from core.sync.push_org import Org
from core.sync.push_plan import Job, MassQuestion, Rules, by_object, jobs, mass_question
from core.sync.push_sending import Around, Desk, PushSettings, Stopped
from core.sync.push_updates import Updates

log = logging.getLogger(__name__)

__all__ = ["Around", "PushSettings", "Pusher", "confirm_mass", "pending_question"]

# Rounds of collecting: children follow their parents, edits that were made meanwhile follow too.
MOST_ROUNDS = 20
# How often an entry is taken up in one push; row locks and 412 have their own few tries within one.
TRIES_PER_PUSH = 2
KEEP_SENDS = timedelta(hours=24)
_CONFIRMED = "push:confirmed"


class Pusher:
    """Pushes over one org. `user_id` is who we are there: a lost create is looked up among what this user made."""

    def __init__(
        self,
        mirror: Mirror,
        org: Org,
        user_id: str,
        *,
        around: Around | None = None,
        settings: PushSettings | None = None,
    ) -> None:
        self._mirror = mirror
        self._org = org
        self._user_id = user_id
        self._around = around or Around()
        self._settings = settings or PushSettings()

    def run(
        self,
        cancel: CancelToken,
        *,
        only: Collection[str] | None = None,
        records: Collection[str] | None = None,
        at_once: bool = False,
    ) -> PushResult:
        """One push of everything that may go, or of these objects or records; whoever calls has the push to itself.

        `at_once`: what waits for its next try is due now (a person asked). Never raises for what a push can meet.
        """
        desk = Desk(self._mirror, self._org, self._around, self._settings, self._user_id, cancel)
        error: OrgMirrorError | None = None
        held: MassQuestion | None = None
        try:
            held = self._run(desk, only, records, at_once)
        except Stopped as stopped:
            error = stopped.error
        except OrgMirrorError as raised:
            error = raised
        if error is not None and not isinstance(error, Cancelled):
            log.info("the push stopped: %s", error.code.value)
        return self._result(desk, error, held)

    def _run(
        self, desk: Desk, only: Collection[str] | None, records: Collection[str] | None, at_once: bool
    ) -> MassQuestion | None:
        desk.cancel.raise_if_set()
        tables = self._mirror.tables()
        self._tidy(desk, tables)
        self._look_up(desk, tables, only, records, at_once)
        question: MassQuestion | None = None
        unreadable: set[str] = set()
        for _ in range(MOST_ROUNDS):
            ready, question = self._ready(desk, tables, only, records, at_once)
            ready = [job for job in ready if job.object not in unreadable]
            if not ready:
                break
            self._round(desk, tables, ready, unreadable)
        return question

    def _tidy(self, desk: Desk, tables: Mapping[str, Table]) -> None:
        before = self._around.now() - KEEP_SENDS

        def tidy(session: WriteSession) -> dict[str, set[str]]:
            touched = recover(session, tables)
            conflicts.close_stale(session)
            sends.forget_sibling_bases(session)
            sends.prune(session, before)
            return touched

        # A push with nothing to do must not write: it runs every cycle.
        if self._mirror.read(lambda s: bool(outbox.entries(s, limit=1)) or sends.any_left(s)):
            for name, ids in desk.write(tidy).items():
                desk.tally(name).ids.update(ids)

    def _look_up(
        self,
        desk: Desk,
        tables: Mapping[str, Table],
        only: Collection[str] | None,
        records: Collection[str] | None,
        at_once: bool,
    ) -> None:
        now = self._around.now()
        waiting = self._mirror.read(lambda s: outbox.entries(s, states=(outbox.AMBIGUOUS,)))
        held = self._mirror.read(holds.read)
        due = [
            e
            for e in waiting
            if not held.stops_push(e.object)
            and (at_once or e.next_try_at is None or e.next_try_at <= now)
            and (only is None or e.object in only)
            and (records is None or e.record_id in records)
        ]
        for name, some in by_object(jobs(due, {}), load_order, CREATE).items():
            desk.cancel.raise_if_set()
            if name in tables:
                creates = Creates(desk, tables[name], self._rules(tables[name]))
                self._guarded(name, partial(creates.look_up, some))

    def _ready(
        self,
        desk: Desk,
        tables: Mapping[str, Table],
        only: Collection[str] | None,
        records: Collection[str] | None,
        at_once: bool,
    ) -> tuple[list[Job], MassQuestion | None]:
        """What may go now, and what has to be confirmed before."""
        now = self._around.now() + (timedelta(days=365) if at_once else timedelta())

        def collected(session: Session) -> tuple[list[Job], int]:
            held = holds.read(session)
            found = outbox.collect(session, now=now, objects=only, records=records)
            found = [e for e in found if e.object in tables and not held.stops_push(e.object)]
            return jobs(found, outbox.waits_for(session, found)), int(meta.get(session, _CONFIRMED) or 0)

        ready, confirmed = self._mirror.read(collected)
        ready = [job for job in ready if not self._tried_enough(desk, job)]
        question = mass_question(ready, self._settings.mass_limit, confirmed)
        if question is not None:
            waiting = set(question.seqs)
            ready = [job for job in ready if not waiting.intersection(job.seqs)]
        return ready, question

    def _tried_enough(self, desk: Desk, job: Job) -> bool:
        """Due again within one push although it was answered: it waits for the next one."""
        return any(desk.tried.get(seq, 0) >= TRIES_PER_PUSH for seq in job.seqs)

    def _round(self, desk: Desk, tables: Mapping[str, Table], ready: list[Job], unreadable: set[str]) -> None:
        for op, kind in ((CREATE, Creates), (UPDATE, Updates), (DELETE, Deletes)):
            for name, some in by_object(ready, load_order, op).items():
                desk.cancel.raise_if_set()
                table = tables[name]
                sender: Any = kind(desk, table, self._rules(table))
                if not self._guarded(name, partial(sender.run, some)):
                    unreadable.add(name)

    def _guarded(self, name: str, step: Any) -> bool:
        """Run one object's step; a refusal of that object alone must not keep the others from going."""
        try:
            step()
        except (Stopped, Cancelled):
            raise
        except SalesforceError as error:
            if is_fatal(error):
                raise
            log.info("the push of %s stopped: %s", name, error)
            return False
        return True

    def _rules(self, table: Table) -> Rules:
        stored = self._mirror.read(conflicts.policies)
        policies = {field: Policy(policy) for (name, field), policy in stored.items() if name == table.name}
        return Rules.of(table, policies)

    def _result(self, desk: Desk, error: OrgMirrorError | None, held: MassQuestion | None) -> PushResult:
        def left(session: Session) -> tuple[int, int]:
            return len(conflicts.waiting(session)), outbox.count_pending(session)

        waiting, pending = self._mirror.read(left)
        results = desk.results()
        outcome = CycleOutcome.OK
        if error is not None:
            outcome = outcome_of(error)
        elif desk.failed or waiting or held is not None:
            outcome = CycleOutcome.PROBLEMS
        return PushResult(
            outcome=outcome,
            sent=sum(item.new + item.updated + item.deleted for item in results),
            failed=desk.failed,
            conflicts=waiting,
            pending=pending,
            objects=results,
            changes=desk.changes(),
            error=None if isinstance(error, Cancelled) else error,
            held=held.records if held is not None else 0,
        )


def pending_question(mirror: Mirror, settings: PushSettings) -> MassQuestion | None:
    """The mass change or delete that waits for a person's word, or None."""

    def asked(session: Session) -> MassQuestion | None:
        found = outbox.entries(session, states=(outbox.PENDING, outbox.RETRY))
        return mass_question(jobs(found, {}), settings.mass_limit, int(meta.get(session, _CONFIRMED) or 0))

    return mirror.read(asked)


def confirm_mass(mirror: Mirror, question: MassQuestion) -> None:
    """A person wants it sent: what is asked about now, and nothing that is entered later."""
    if not question.seqs:
        raise OrgMirrorError(ErrorCode.NEEDS_CONFIRMATION)

    def keep(session: WriteSession) -> None:
        known = int(meta.get(session, _CONFIRMED) or 0)
        meta.set_(session, _CONFIRMED, str(max(known, question.seqs[-1])))

    mirror.write(keep)
