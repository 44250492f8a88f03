"""What the sync did and what waits, read from the file: history, problems, throughput, changes, what is followed.

Nothing here talks to Salesforce; every answer comes at once, on any background thread.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.mirror import changes as change_log
from core.mirror import deleted as deleted_store
from core.mirror import following, kin, schema_log, throughput, watermarks
from core.mirror import history as history_store
from core.mirror import holds as holds_store
from core.mirror import objects as objects_store
from core.mirror import problems as problem_store
from core.mirror.changes import Change
from core.mirror.deleted import DeletedRecord
from core.mirror.following import Followed
from core.mirror.history import Step
from core.mirror.kin import KinLink, LostValue
from core.mirror.mirror import Mirror
from core.mirror.problems import Problem
from core.mirror.schema_log import SchemaLine
from core.mirror.session import Session, WriteSession
from core.mirror.throughput import HourLine
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.filters import ListQuery
from core.model.refs import RecordRef
from core.model.scope import load_order
from core.model.states import Operation
from core.sync.backlog import pace_of


@dataclass(frozen=True, slots=True)
class BacklogLine:
    """What waits of an object, in both directions, and how fast it goes: Marketo's figures over a rolling day.

    `seconds_left` is None where nothing moves; `growing`: more waits than six hours ago. `next_fetch` None: held, or
    nothing runs by itself.
    """

    object: str
    waiting: int
    per_hour: float
    growing: bool
    highest: int = 0
    lowest: int = 0
    seconds_left: float | None = None
    last_fetched: datetime | None = None


class Lookback:
    """Answers from a mirror's file."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror

    # history

    def history(
        self,
        limit: int = 200,
        *,
        objects: Collection[str] | None = None,
        operations: Collection[str] | None = None,
        statuses: Collection[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Step]:
        """What cycles did, the newest first; None of a filter is all. Operations are those of `Operation`."""
        return self._mirror.read(
            lambda s: history_store.find(
                s, limit, objects=objects, operations=operations, statuses=statuses, since=since, until=until
            )
        )

    def last_cycle(self) -> Step | None:
        """The newest cycle's own line."""
        return self._mirror.read(lambda s: history_store.last(s, Operation.CYCLE.value))

    def drift(self) -> dict[str, int]:
        """By object: how many rows were not in step when its ids were last compared with the org's."""
        return self._mirror.read(objects_store.drifts)

    def schema_log(self, limit: int = 200) -> list[SchemaLine]:
        """What changed in the org's schema, the newest first."""
        return self._mirror.read(lambda s: schema_log.recent(s, limit))

    # problems

    def problems(self) -> list[Problem]:
        """What waits for a person, the newest first."""
        return self._mirror.read(problem_store.open_problems)

    def ignore_problems(self, ids: Collection[int]) -> None:
        """A person wants to hear no more of these until they are well again."""
        self._mirror.write(lambda s: problem_store.ignore(s, ids))

    def to_announce(self) -> list[Problem]:
        """Problems that a person was not told of yet, the oldest first."""
        return [problem for problem in reversed(self.problems()) if not problem.announced]

    def mark_announced(self, ids: Collection[int]) -> None:
        """A person was told of these: never again by a notification."""
        self._mirror.write(lambda s: problem_store.announced(s, ids))

    # throughput and backlog

    def throughput(self, object_name: str | None = None, days: int = 5) -> list[HourLine]:
        """The last days hour by hour, hours without anything left out; of one object or of all together."""
        since = datetime.now(UTC) - timedelta(days=days)
        return self._mirror.read(lambda s: throughput.hours(s, object_name, since))

    def backlog(self) -> list[BacklogLine]:
        """What waits, object by object in load order, and whether it grows (marketo-sync 4.3)."""
        now = datetime.now(UTC)

        def read(session: Session) -> list[BacklogLine]:
            hours = throughput.by_object(session, now - timedelta(days=2))
            waiting = throughput.waiting(session)
            marks = watermarks.all_watermarks(session)
            known = objects_store.all_objects(session)
            lines = []
            for name in sorted((n for n, o in known.items() if o.in_scope), key=load_order):
                pace = pace_of(hours.get(name, ()), waiting.get(name, 0), now)
                mark = marks.get(name)
                lines.append(
                    BacklogLine(
                        name,
                        waiting.get(name, 0),
                        pace.per_hour,
                        pace.growing,
                        pace.highest,
                        pace.lowest,
                        pace.seconds_left,
                        mark.last_asked_at if mark else None,
                    )
                )
            return lines

        return self._mirror.read(read)

    # changes, and what is followed

    def recent_changes(
        self,
        limit: int = 100,
        *,
        objects: Collection[str] | None = None,
        record: RecordRef | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        side: str | None = None,
        followed: bool = False,
    ) -> list[Change]:
        """What came in and went out, the newest first; `followed`: only of followed records and views."""
        return self._mirror.read(
            lambda s: change_log.find(
                s, limit, objects=objects, record=record, since=since, until=until, side=side, followed=followed
            )
        )

    def follow(self, what: RecordRef | ListQuery, title: str = "") -> int:
        """Follow a record or a view as it stands; its number. Following twice is following once."""

        def write(session: WriteSession) -> int:
            if isinstance(what, RecordRef):
                return following.follow_record(session, what, title)
            return following.follow_view(session, what, title)

        return self._mirror.write(write)

    def unfollow(self, what: RecordRef | ListQuery | int) -> None:
        """Follow it no longer; by its number, or by what it is."""

        def write(session: WriteSession) -> None:
            for item in following.followed(session):
                same = (
                    item.follow_id == what
                    if isinstance(what, int)
                    else (item.object, item.record_id) == (what.object, what.id)
                    if isinstance(what, RecordRef)
                    else item.query is not None and following.same_view(item.query, what)
                )
                if same:
                    following.unfollow(session, item.follow_id)

        self._mirror.write(write)

    def followed(self) -> list[Followed]:
        """What is followed, the newest first, each with its changes that were not looked at yet."""
        return self._mirror.read(following.followed)

    def mark_seen(self, follow_id: int | None = None) -> None:
        """A person looked at the changes of one followed thing, or of all."""
        self._mirror.write(lambda s: following.seen(s, follow_id))

    # kin, and what was deleted

    def kin(self, ref: RecordRef) -> tuple[KinLink, ...]:
        """What a record became or came from by a merge or a lead conversion, both ways."""
        tables = self._mirror.tables()
        return self._mirror.read(lambda s: kin.links(s.conn, tables, ref))

    def lost_in_merge(self, ref: RecordRef) -> tuple[LostValue, ...]:
        """The values that merges into a record lost, beside what it has instead; of a loser, what it lost itself."""
        tables = self._mirror.tables()
        return self._mirror.read(lambda s: kin.lost(s.conn, tables, ref))

    def deleted(self, object_name: str, limit: int = 500) -> list[DeletedRecord]:
        """Records of an object that were deleted in Salesforce and are still kept here, the latest first."""
        table = self._mirror.tables()[self.object_name(object_name)]
        return self._mirror.read(lambda s: deleted_store.listed(s.conn, table, limit))

    def decide_deleted(self, object_name: str, *, remove: bool) -> int:
        """A person was asked about an object's deleted records: remove them here, or keep them. Returns how many."""
        name = self.object_name(object_name)
        table = self._mirror.tables()[name]

        def piece(session: WriteSession) -> int:
            rows = deleted_store.undecided(session, table)
            if remove:
                return deleted_store.remove(session, table, rows)
            deleted_store.keep(session, name, [record_id for _, record_id in rows])
            return len(rows)

        decided = 0
        while count := self._mirror.write(piece):
            decided += count
        self._mirror.write(lambda s: problem_store.close_problems(s, name, code=ErrorCode.DELETED_ASKS))
        return decided

    def object_name(self, name: str) -> str:
        """The API name of a mirrored object, given in any case. Raises NO_SUCH_OBJECT."""
        known = {each.lower(): each for each in self._mirror.tables()}
        if name.lower() not in known:
            raise OrgMirrorError(ErrorCode.NO_SUCH_OBJECT, object=name)
        return known[name.lower()]

    # what is held

    def holds(self) -> holds_store.Holds:
        """What a person pauses."""
        return self._mirror.read(holds_store.read)
