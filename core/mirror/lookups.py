"""What a look-up may refer to, found by what a person types; and records that may be the same one. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from core.mirror import finder, search
from core.mirror.columns import subtitle_columns, title_columns
from core.mirror.folding import fold
from core.mirror.names import Names
from core.mirror.search import IndexPhase
from core.mirror.session import Session
from core.mirror.tables import Table
from core.mirror.values import quoted
from core.mirror.views import SearchHit
from core.model.refs import RecordRef

_SCAN = 5000


@dataclass(frozen=True, slots=True)
class Owner:
    """A user or queue that may own records."""

    ref: RecordRef
    name: str
    title: str
    queue: bool


def owners(session: Session, tables: Mapping[str, Table], object_name: str, text: str, limit: int) -> list[Owner]:
    """Active users, and queues where `object_name` is among what they serve; every word of `text` begins a word."""
    terms = fold(text).split()
    found: list[Owner] = []
    for owner in (*_users(session, tables.get("User")), *_queues(session, tables, object_name)):
        words = fold(f"{owner.name} {owner.title}").split()
        if all(any(word.startswith(term) for word in words) for term in terms):
            found.append(owner)
            if len(found) == limit:
                break
    return found


def _users(session: Session, table: Table | None) -> Iterator[Owner]:
    if table is None or "Name" not in table.by_name:
        return
    active = ' AND "IsActive" = 1' if "IsActive" in table.by_name else ""
    people = " AND \"UserType\" = 'Standard'" if "UserType" in table.by_name else ""
    title = '"Title"' if "Title" in table.by_name else "NULL"
    sql = f'SELECT "Id", "Name", {title} FROM {table.quoted} WHERE true{active}{people} ORDER BY "Name" LIMIT {_SCAN}'
    for record_id, name, role in session.conn.execute(sql):
        yield Owner(RecordRef("User", str(record_id)), str(name or record_id), str(role or ""), False)


def _queues(session: Session, tables: Mapping[str, Table], object_name: str) -> Iterator[Owner]:
    table, serving = tables.get("Group"), tables.get("QueueSobject")
    if table is None or not {"Name", "Type"} <= set(table.by_name):
        return
    only, values = "", []
    if serving is not None and {"QueueId", "SobjectType"} <= set(serving.by_name):
        only = f' AND "Id" IN (SELECT "QueueId" FROM {serving.quoted} WHERE "SobjectType" = ?)'
        values.append(object_name)
    sql = f'SELECT "Id", "Name" FROM {table.quoted} WHERE "Type" = \'Queue\'{only} ORDER BY "Name" LIMIT {_SCAN}'
    for record_id, name in session.conn.execute(sql, values):
        yield Owner(RecordRef("Group", str(record_id)), str(name or record_id), "", True)


def records(
    session: Session, tables: Mapping[str, Table], objects: Collection[str], text: str, zone: tzinfo, limit: int
) -> list[SearchHit]:
    """Records of these objects found by `text`; without a text those that changed last."""
    here = [tables[name] for name in objects if name in tables]
    names = Names(session.conn)
    names.refresh(tables)
    if text.strip():
        return finder.find(
            session.conn, tables, text, names, zone, per_object=limit, objects=[table.name for table in here]
        )[:limit]
    return [hit for table in here for hit in _newest(session, table, limit)][:limit]


def _newest(session: Session, table: Table, limit: int) -> list[SearchHit]:
    titles, subtitles = title_columns(table), subtitle_columns(table)
    shown = [n for n in (*titles, *subtitles) if table.by_name[n].kind.value != "id"]
    listed = ", ".join(["om_row", '"Id"', *map(quoted, shown)])
    live = 'WHERE "IsDeleted" IS NOT 1' if table.has_is_deleted else ""
    order = f"{quoted(table.stamp_field)} DESC" if table.stamp_field else "om_row DESC"
    hits = []
    for om_row, record_id, *cells in session.conn.execute(
        f"SELECT {listed} FROM {table.quoted} {live} ORDER BY {order} LIMIT {int(limit)}"
    ):
        texts = dict(zip(shown, cells, strict=True))
        title = next((str(texts[n]) for n in titles if texts.get(n)), str(record_id))
        subtitle = " · ".join(str(texts[n]) for n in subtitles if texts.get(n))
        hits.append(SearchHit(RecordRef(table.name, str(record_id)), int(om_row), table.label, title, subtitle))
    return hits


def alike(
    session: Session, tables: Mapping[str, Table], objects: Sequence[str], wanted: Mapping[str, str], zone: tzinfo
) -> list[tuple[SearchHit, tuple[str, ...]]]:
    """Records that agree with `wanted` (Email, Phone, or the whole Name) in a field; those that agree in most first.

    Cases, accents and the way a phone number is written make no difference. Objects that are not indexed yet are
    asked for an equal e-mail address only.
    """
    found: dict[RecordRef, tuple[SearchHit, tuple[str, ...]]] = {}
    names = Names(session.conn)
    names.refresh(tables)
    for table in (tables[name] for name in objects if name in tables):
        ready = search.state(session.conn, table).phase is IndexPhase.READY
        for field, value in wanted.items():
            if field not in table.by_name or not value.strip():
                continue
            if ready:
                hits = finder.find(session.conn, tables, value, names, zone, per_object=50, objects=[table.name])
            else:
                hits = _equal(session, table, field, value) if field == "Email" else []
            for hit in hits:
                agree = _agreeing(session, table, hit, wanted)
                if agree:
                    found[hit.ref] = (hit, agree)
    return sorted(found.values(), key=lambda pair: -len(pair[1]))


def _equal(session: Session, table: Table, field: str, value: str) -> list[SearchHit]:
    live = ' AND "IsDeleted" IS NOT 1' if table.has_is_deleted else ""
    sql = f'SELECT om_row, "Id" FROM {table.quoted} WHERE {quoted(field)} IN (?, ?){live} LIMIT 50'
    rows: list[Any] = session.conn.execute(sql, (value, value.lower())).fetchall()
    return [SearchHit(RecordRef(table.name, str(i)), int(r), table.label, str(i), "") for r, i in rows]


def _agreeing(session: Session, table: Table, hit: SearchHit, wanted: Mapping[str, str]) -> tuple[str, ...]:
    columns = [name for name in wanted if name in table.by_name and wanted[name].strip()]
    sql = f"SELECT {', '.join(map(quoted, columns))} FROM {table.quoted} WHERE om_row = ?"
    row = session.conn.execute(sql, (hit.om_row,)).fetchone() or ()
    return tuple(
        name
        for name, value in zip(columns, row, strict=False)
        if value and _key(name, value) == _key(name, wanted[name])
    )


def _key(field: str, value: object) -> str:
    if field == "Phone":
        return "".join(c for c in str(value) if c.isdigit())[-9:]
    return " ".join(fold(str(value)).split())
