"""The push as the window and the command line see it: send, soon or now; conflicts and what to do about them.

`push_soon` hands over to the interactive lane: a thread of this connection with an HTTP session of its own, which works
while the engine is in a long load (rules 1). One push of a connection runs at a time, in whatever process.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from core.api.push_lane import PushLane
from core.api.push_views import ConflictView, Duplicate, DuplicateView
from core.mirror import aliases, conflicts, meta, outbox, sends, times
from core.mirror.conflicts import Conflict
from core.mirror.display import json_value
from core.mirror.foreign import ForeignWrites
from core.mirror.mirror import Mirror
from core.mirror.outbox import Entry
from core.mirror.session import Session, WriteSession
from core.mirror.writer import Priority
from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.conflicts import CHOICES, Choice, ConflictKind
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.progress import Pushed
from core.model.pushing import PushResult
from core.model.refs import RecordRef
from core.model.states import CycleOutcome
from core.salesforce.client import Client
from core.sync import conflict_acts
from core.sync.expenses import keep_spent
from core.sync.faults import is_fatal
from core.sync.merge3 import Policy
from core.sync.push import Around, Pusher, PushSettings, confirm_mass, pending_question
from core.sync.push_creates import external_id_field, use_external_id
from core.sync.push_plan import MARKETO_PRESET, MassQuestion
from core.sync.push_turn import push_turn
from core.sync.push_wire import WireOrg

log = logging.getLogger(__name__)

_SKEW = "clock_skew_seconds"
# An HTTP date has whole seconds; less is not worth a write.
SKEW_STEP = timedelta(seconds=2)

__all__ = ["Choice", "ConflictKind", "ConflictView", "Duplicate", "DuplicateView", "MassQuestion", "Policy", "PushApi"]


class PushApi:
    """One per open connection. `push` occupies the calling thread; all else answers at once, from any thread.

    `make_client` signs in where needed; `check_identity(client)` raises OTHER_ORG, asked once.
    """

    def __init__(
        self,
        mirror: Mirror,
        folder: Path,
        make_client: Callable[[CancelToken], Client],
        user_id: Callable[[], str],
        *,
        check_identity: Callable[[Client], None] = lambda _client: None,
        settings: Callable[[], PushSettings] = PushSettings,
        now: Callable[[], datetime],
        held: Callable[[], bool] = lambda: False,
    ) -> None:
        self._mirror = mirror
        self._folder = folder
        self._make_client = make_client
        self._user_id = user_id
        self._check_identity = check_identity
        self._checked = False
        self._settings = settings
        self._now = now
        # Kept here too: whoever asks for the time may be in the middle of a read.
        self.skew = mirror.read(_server_skew)
        self._watchers: list[Callable[[PushResult], None]] = []
        self._lane_client: Client | None = None
        self._foreign = ForeignWrites(mirror)
        self._lane = PushLane(mirror, self._push_in_lane, self._tell, held)

    # sending

    def push(
        self, cancel: CancelToken | None = None, records: Collection[str] | None = None, *, at_once: bool = True
    ) -> PushResult:
        """Send everything that may go, or what belongs to these records (ids); what waits for its next try too.

        Raises what signing in can, OTHER_ORG and Cancelled; whatever a push itself meets is in its result.
        """
        token = cancel or CancelToken()
        client = self._make_client(token)
        try:
            return self._push_with(client, token, records, at_once=at_once)
        finally:
            client.close()
            keep_spent(self._mirror, client.meter)

    def push_in_cycle(self, client: Client, cancel: CancelToken) -> Pushed:
        """The first step of a cycle, over the engine's own client, whose calls the cycle counts.

        Raises what concerns everything: then the cycle cannot go on either.
        """
        result = self._push_with(client, cancel, None, at_once=False)
        if result.error is not None and is_fatal(result.error):
            raise result.error
        return Pushed(result.objects, result.changes)

    def push_records(self, refs: Sequence[RecordRef], cancel: CancelToken) -> PushResult:
        """Send the edits of these records, before an act on them."""
        return self.push(cancel, [ref.id for ref in refs])

    def push_soon(self) -> None:
        """Send about two seconds after the last edit, by the interactive lane."""
        self._lane.soon()

    def foreign_changes(self) -> Changes | None:
        """What another process wrote into the mirror since this was last asked, or None. One thread at a time."""
        return self._foreign.look()

    def on_pushed(self, watcher: Callable[[PushResult], None]) -> Callable[[], None]:
        """Call `watcher` after each push of the lane, on the lane's thread; the answer takes it back."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    def close(self) -> None:
        """End the lane: a request in flight is abandoned, and resolved by the next push."""
        self._lane.close()
        if self._lane_client is not None:
            self._lane_client.close()
            self._lane_client = None

    def _push_with(
        self, client: Client, cancel: CancelToken, records: Collection[str] | None, *, at_once: bool
    ) -> PushResult:
        self._keep_skew(client)
        known = None
        if records is not None:
            known = self._mirror.read(lambda s: [aliases.resolve(s, each) for each in records])
        elif not self._mirror.read(_has_work):
            return PushResult(CycleOutcome.OK)
        if not self._checked:
            self._check_identity(client)
            self._checked = True
        with push_turn(self._folder, cancel):
            around = Around(sleep=_sleeper(cancel))
            pusher = Pusher(self._mirror, WireOrg(client), self._user_id(), around=around, settings=self._settings())
            return pusher.run(cancel, records=known, at_once=at_once)

    def _keep_skew(self, client: Client) -> None:
        """Remember how far this computer's clock is off, for edits that are made while nothing tells the time."""
        if not client.knows_time:
            return
        skew = client.server_now() - times.now()
        if abs(skew - self.skew) > SKEW_STEP:
            self.skew = skew
            seconds = str(round(skew.total_seconds()))
            self._mirror.writer.call(lambda s: meta.set_(s, _SKEW, seconds), Priority.BATCH)

    def _push_in_lane(self, cancel: CancelToken) -> PushResult:
        """On the lane's thread, which keeps its HTTP session from push to push as long as it works."""
        client, self._lane_client = self._lane_client or self._make_client(cancel), None
        kept = False
        try:
            result = self._push_with(client, cancel, None, at_once=False)
            kept = result.error is None
            return result
        finally:
            if kept:
                self._lane_client = client
            else:
                client.close()
            keep_spent(self._mirror, client.meter)

    def _tell(self, result: PushResult) -> None:
        for watcher in list(self._watchers):
            watcher(result)

    # conflicts

    def conflicts(self, ref: RecordRef | None = None) -> tuple[ConflictView, ...]:
        """What a person has to decide, the oldest first; of everything or of a record."""
        return self._views(
            lambda s: conflicts.waiting(s, ref.object, aliases.resolve(s, ref.id)) if ref else conflicts.waiting(s)
        )

    def conflict_rows(self) -> list[dict[str, Any]]:
        """What waits, as the command line prints it (rules 9): values as `list` has them."""
        tables = self._mirror.tables()
        rows = []
        for view in self.conflicts():
            table = tables.get(view.object)
            column = table.column(view.field) if table is not None and view.field else None
            sides = [v if column is None else json_value(column, v) for v in (view.base, view.mine, view.theirs)]
            rows.append(
                {
                    "conflict_id": view.conflict_id,
                    "object": view.object,
                    "id": view.id,
                    "field": view.field,
                    "base": sides[0],
                    "mine": sides[1],
                    "theirs": sides[2],
                    "changed_by": view.changed_by,
                    "changed_at": view.changed_at,
                    "kind": view.kind.value,
                    "choices": [choice.value for choice in view.choices],
                    "details": dict(view.details),
                }
            )
        return rows

    def kind_of(self, conflict_id: int) -> ConflictKind:
        """The kind of a conflict. Raises NO_SUCH_CONFLICT."""
        return self._mirror.read(lambda s: conflicts.get(s, conflict_id)).kind

    def decided(self, limit: int = 200) -> tuple[ConflictView, ...]:
        """Conflicts that were decided, by a person or a policy, the newest first: each holds the value that lost."""
        return self._views(lambda s: conflicts.decided(s, limit))

    def resolve(self, conflict_id: int, choice: Choice | str, value: Any = None) -> tuple[RecordRef, Changes]:
        """Do what was chosen; the record that the edit is at now. It is sent with the next push.

        Raises NO_SUCH_CONFLICT, NO_SUCH_CHOICE, NO_SUCH_RECORD.
        """
        chosen = _choice(choice)
        tables = self._mirror.tables()

        def work(session: WriteSession) -> tuple[RecordRef, Conflict]:
            conflict = conflicts.get(session, conflict_id)
            ref = conflict_acts.resolve(
                session, tables, conflict, chosen, value, at=self._now(), group_id=str(uuid.uuid4())
            )
            return ref, conflict

        ref, conflict = self._mirror.write(work)
        touched = Changes({conflict.object: frozenset({conflict.record_id})}, outbox=True, problems=True, status=True)
        return ref, touched.merged(Changes({ref.object: frozenset({ref.id})}))

    def bring_back(self, conflict_id: int) -> tuple[RecordRef, Changes]:
        """Enter the value that lost a decided conflict as a new edit. Raises NO_SUCH_CONFLICT, NO_SUCH_RECORD."""
        tables = self._mirror.tables()

        def work(session: WriteSession) -> RecordRef:
            conflict = conflicts.get(session, conflict_id)
            conflict_acts.bring_back(session, tables, conflict, at=self._now(), group_id=str(uuid.uuid4()))
            return RecordRef(conflict.object, conflict.record_id)

        ref = self._mirror.write(work)
        return ref, Changes({ref.object: frozenset({ref.id})}, outbox=True, status=True)

    # policies

    def policies(self) -> dict[tuple[str, str | None], Policy]:
        """Who wins: {(object, field or None for the whole object): policy}; what is not there asks."""
        return {key: Policy(value) for key, value in self._mirror.read(conflicts.policies).items()}

    def set_policy(self, object_name: str, field: str | None, policy: Policy | None) -> None:
        """Set who wins for an object or one field of it; None: as the object, or asking. Raises NO_SUCH_FIELD."""
        table = self._mirror.tables().get(object_name)
        if table is None:
            raise OrgMirrorError(ErrorCode.NO_SUCH_OBJECT, object=object_name)
        if field is not None and table.column(field) is None:
            raise OrgMirrorError(ErrorCode.NO_SUCH_FIELD, object=object_name, field=field)
        value = policy.value if policy is not None else None
        self._mirror.write(lambda s: conflicts.set_policy(s, object_name, field, value))

    def use_marketo_preset(self) -> None:
        """What is here wins for leads, Salesforce for contacts; their fields' own policies are taken back."""
        tables = self._mirror.tables()

        def work(session: WriteSession) -> None:
            for (name, own), _ in conflicts.policies(session).items():
                if name in MARKETO_PRESET:
                    conflicts.set_policy(session, name, own, None)
            for name, policy in MARKETO_PRESET.items():
                if name in tables:
                    conflicts.set_policy(session, name, None, policy.value)

        self._mirror.write(work)

    def external_id(self, object_name: str) -> str | None:
        """The external id that new records of the object are made by, or None."""
        return self._mirror.read(lambda s: external_id_field(s, object_name))

    def use_external_id(self, object_name: str, field: str | None) -> None:
        """Make new records of the object by this external id, so that none can be made twice. Raises NO_SUCH_FIELD."""
        table = self._mirror.tables().get(object_name)
        column = table.column(field) if table is not None and field is not None else None
        if field is not None and (column is None or not column.field.external_id or not column.field.createable):
            raise OrgMirrorError(ErrorCode.NO_SUCH_FIELD, object=object_name, field=field)
        self._mirror.write(lambda s: use_external_id(s, object_name, column.name if column is not None else None))

    # duplicates

    def duplicates_of(self, seq: int) -> DuplicateView | None:
        """What a duplicate rule found for the record of an entry, or None."""

        def read(session: Session) -> sends.Duplicates | None:
            entry = _entry(session, seq)
            return sends.duplicates(session, entry.object, entry.record_id)

        found = self._mirror.read(read)
        if found is None or not found.content:
            return None
        content = found.content
        return DuplicateView(
            message=str(content.get("message") or ""),
            rule=str(content.get("rule") or ""),
            allow_save=bool(content.get("allow_save")),
            matches=tuple(
                Duplicate(str(m["object"]), str(m["id"]), str(m["rule"]), float(m["confidence"]))
                for m in content.get("matches") or ()
            ),
        )

    def save_anyway(self, seq: int) -> Changes:
        """Send the record of an entry in spite of the duplicates. Raises NO_SUCH_CHOICE where the rule forbids it."""

        def work(session: WriteSession) -> Entry:
            entry = _entry(session, seq)
            found = sends.duplicates(session, entry.object, entry.record_id)
            if found is not None and found.content and not found.content.get("allow_save"):
                raise OrgMirrorError(ErrorCode.NO_SUCH_CHOICE, choice="save-anyway", choices="discard, link")
            sends.allow_duplicates(session, entry.object, entry.record_id)
            own = outbox.of_record(session, entry.object, entry.record_id, kept=False)
            outbox.back_to_pending(session, [e.seq for e in own if e.state == outbox.NEEDS_USER])
            return entry

        return _touched(self._mirror.write(work))

    def link(self, seq: int, record_id: str) -> tuple[RecordRef, Changes]:
        """The new record of an entry is this one, which Salesforce has; its values are given up (change log)."""
        tables = self._mirror.tables()

        def work(session: WriteSession) -> tuple[RecordRef, Entry]:
            entry = _entry(session, seq)
            return conflict_acts.link(session, tables[entry.object], entry.record_id, record_id), entry

        ref, entry = self._mirror.write(work)
        return ref, _touched(entry).merged(Changes({ref.object: frozenset({ref.id})}))

    def retry(self, seqs: Collection[int]) -> Changes:
        """Send again, unchanged, what Salesforce refused."""

        def work(session: WriteSession) -> list[Entry]:
            found = [e for e in outbox.by_seqs(session, seqs) if e.state in (outbox.NEEDS_USER, outbox.RETRY)]
            outbox.back_to_pending(session, [e.seq for e in found])
            return found

        changes = Changes(outbox=True, status=True)
        for entry in self._mirror.write(work):
            changes = changes.merged(_touched(entry))
        return changes

    # a mass change

    def mass_question(self) -> MassQuestion | None:
        """The mass change or delete that waits for a person's word, or None."""
        return pending_question(self._mirror, self._settings())

    def confirm_mass(self) -> MassQuestion | None:
        """Let it go, with the next push; what was confirmed, or None where nothing waits."""
        question = self.mass_question()
        if question is not None:
            confirm_mass(self._mirror, question)
        return question

    def _views(self, question: Callable[[Session], list[Conflict]]) -> tuple[ConflictView, ...]:
        tables = self._mirror.tables()

        def read(session: Session) -> list[tuple[Conflict, str | None]]:
            return [(each, conflicts.person(session, each.changed_by)) for each in question(session)]

        views = []
        for each, by in self._mirror.read(read):
            table = tables.get(each.object)
            column = table.column(each.field) if table is not None and each.field is not None else None
            views.append(
                ConflictView(
                    conflict_id=each.conflict_id,
                    object=each.object,
                    id=each.record_id,
                    field=each.field,
                    label=column.field.label if column is not None else each.field,
                    base=each.base,
                    mine=each.mine,
                    theirs=each.theirs,
                    changed_by=by,
                    changed_at=each.changed_at,
                    kind=each.kind,
                    choices=CHOICES[each.kind],
                    winner=each.winner,
                    policy=each.policy,
                    details=each.details,
                )
            )
        return tuple(views)


def _server_skew(session: Session) -> timedelta:
    """By how much the org's clock was ahead of this computer's when it was last heard."""
    return timedelta(seconds=float(meta.get(session, _SKEW) or 0))


def _choice(choice: Choice | str) -> Choice:
    try:
        return Choice(choice)
    except ValueError:
        words = ", ".join(each.value for each in Choice)
        raise OrgMirrorError(ErrorCode.NO_SUCH_CHOICE, choice=str(choice), choices=words) from None


def _entry(session: Session, seq: int) -> Entry:
    found = outbox.by_seqs(session, [seq])
    if not found:
        raise OrgMirrorError(ErrorCode.NO_SUCH_RECORD, object="", id=str(seq))
    return found[0]


def _touched(entry: Entry) -> Changes:
    return Changes({entry.object: frozenset({entry.record_id})}, outbox=True, problems=True, status=True)


def _has_work(session: Session) -> bool:
    return bool(outbox.entries(session, limit=1))


def _sleeper(cancel: CancelToken) -> Callable[[float], None]:
    def sleep(seconds: float) -> None:
        cancel.wait(seconds)
        cancel.raise_if_set()

    return sleep
