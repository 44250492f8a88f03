"""What a person follows: records and views. Changes that came in to them are marked in the change log.

A view is followed as it stands (its conditions and search), not by name. Marks are set when a change comes in, so that
a record that fits no longer keeps the marks it had.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from core.mirror import times
from core.mirror.query import Scene, list_sql
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Table
from core.model.errors import OrgMirrorError
from core.model.filters import Condition, ListQuery, Operator
from core.model.refs import RecordRef

_MARK_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Followed:
    """A followed record (`record_id`) or view (`query`). `new`: marked changes that the person has not looked at."""

    follow_id: int
    object: str
    title: str
    since: datetime
    record_id: str | None = None
    query: ListQuery | None = None
    new: int = 0


def follow_record(session: WriteSession, ref: RecordRef, title: str = "") -> int:
    """Follow a record; the id of what is followed. Following it twice is following it once."""
    sql = "SELECT follow_id FROM om_follow WHERE object = ? AND record_id = ?"
    known = session.conn.execute(sql, (ref.object, ref.id)).get
    if known is not None:
        return int(known)
    model = session.models.Follow
    return int(
        model.insert(
            object=ref.object,
            record_id=ref.id,
            title=title,
            since=times.now_text(),
            seen_change=_newest(session),
        ).execute()
    )


def follow_view(session: WriteSession, query: ListQuery, title: str) -> int:
    """Follow the records of a view, as the view stands; the id of what is followed."""
    definition = _packed(query)
    sql = "SELECT follow_id FROM om_follow WHERE object = ? AND record_id IS NULL AND definition = ?"
    known = session.conn.execute(sql, (query.object, definition)).get
    if known is not None:
        return int(known)
    model = session.models.Follow
    return int(
        model.insert(
            object=query.object,
            title=title,
            definition=definition,
            since=times.now_text(),
            seen_change=_newest(session),
        ).execute()
    )


def same_view(one: ListQuery, other: ListQuery) -> bool:
    """Whether both have the same records. Pure."""
    return one.object == other.object and _packed(one) == _packed(other)


def unfollow(session: WriteSession, follow_id: int) -> None:
    """Follow it no longer. Marks that were set stay."""
    model = session.models.Follow
    model.delete().where(model.follow_id == follow_id).execute()


def seen(session: WriteSession, follow_id: int | None = None) -> None:
    """A person looked at the changes of one followed thing, or of all."""
    model = session.models.Follow
    query = model.update(seen_change=_newest(session))
    (query if follow_id is None else query.where(model.follow_id == follow_id)).execute()


def followed(session: Session) -> list[Followed]:
    """What is followed, the newest first."""
    model = session.models.Follow
    return [
        Followed(
            follow_id=row.follow_id,
            object=row.object,
            title=row.title or row.record_id or row.object,
            since=times.from_text(row.since),
            record_id=row.record_id,
            query=None if row.definition is None else _unpacked(row.object, row.definition),
            new=_new(session, row),
        )
        for row in model.select().order_by(model.follow_id.desc())
    ]


def mark(session: WriteSession, tables: Mapping[str, Table], zone: tzinfo, after: int) -> int:
    """Mark the changes behind number `after` that concern followed things; returns how many there are.

    A view that cannot be read any more (its object or a field is gone) marks nothing. At most 500 records of an object
    are looked at, the newest: a mass change is told as such and not record by record.
    """
    marked = 0
    for item in followed(session):
        if item.record_id is not None:
            session.conn.execute(
                "UPDATE om_change SET followed = 1 WHERE change_id > ? AND object = ? AND record_id = ?",
                (after, item.object, item.record_id),
            )
            marked += session.conn.changes()
        elif item.query is not None and item.object in tables:
            marked += _mark_view(session, item.query, tables, zone, after)
    return marked


def newest_change(session: Session) -> int:
    """The number of the newest line of the change log."""
    return _newest(session)


def _mark_view(session: WriteSession, query: ListQuery, tables: Mapping[str, Table], zone: tzinfo, after: int) -> int:
    table = tables[query.object]
    ids = [
        str(record_id)
        for (record_id,) in session.conn.execute(
            "SELECT DISTINCT record_id FROM om_change WHERE change_id > ? AND object = ? AND record_id IS NOT NULL "
            "ORDER BY change_id DESC LIMIT ?",
            (after, query.object, _MARK_AT_ONCE),
        )
    ]
    if not ids:
        return 0
    try:
        statement = list_sql(query, Scene(tables, indexed=False, loaded=False, zone=zone))
    except OrgMirrorError:
        return 0
    places = ", ".join("?" * len(ids))
    fitting = [
        str(record_id)
        for (record_id,) in session.conn.execute(
            f'SELECT "Id" FROM {table.quoted} WHERE "Id" IN ({places}) AND om_row IN ({statement.text})',
            (*ids, *statement.params),
        )
    ]
    marked = 0
    for record_id in fitting:
        session.conn.execute(
            "UPDATE om_change SET followed = 1 WHERE change_id > ? AND object = ? AND record_id = ?",
            (after, query.object, record_id),
        )
        marked += session.conn.changes()
    return marked


def _new(session: Session, row: Any) -> int:
    if row.record_id is not None:
        return int(
            session.conn.execute(
                "SELECT count(*) FROM om_change WHERE object = ? AND record_id = ? AND followed AND change_id > ?",
                (row.object, row.record_id, row.seen_change),
            ).get
        )
    return int(
        session.conn.execute(
            "SELECT count(*) FROM om_change WHERE object = ? AND followed AND change_id > ?",
            (row.object, row.seen_change),
        ).get
    )


def _newest(session: Session) -> int:
    return int(session.conn.execute("SELECT coalesce(max(change_id), 0) FROM om_change").get)


def _packed(query: ListQuery) -> str:
    """Conditions and search as JSON; order and limit say nothing about which records a view has."""
    conditions = [[c.field, c.operator.value, c.value] for c in query.conditions]
    return json.dumps({"conditions": conditions, "search": query.search}, ensure_ascii=False, default=str)


def _unpacked(object_name: str, definition: str) -> ListQuery:
    raw = json.loads(definition)
    conditions = tuple(
        Condition(field, Operator(operator), tuple(value) if isinstance(value, list) else value)
        for field, operator, value in raw["conditions"]
    )
    return ListQuery(object_name, conditions, search=raw["search"])
