"""Which records a merged or converted one has become, which ones it came from, and what a merge lost.

The loser of a merge names its master by MasterRecordId, a converted lead its contact, account and opportunity; the way
back goes over small indexes. What the loser had and the master has not is kept in `om_lost` when the merge is seen,
because the loser's row does not stay for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import apsw

from core.mirror import times
from core.mirror.columns import title_columns
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Table
from core.mirror.values import quoted
from core.model.refs import RecordRef

# Column of the loser or the lead: the object of the record it names (None: its own object).
_NAMES = {
    "MasterRecordId": None,
    "ConvertedContactId": "Contact",
    "ConvertedAccountId": "Account",
    "ConvertedOpportunityId": "Opportunity",
}
_CONVERTED = {target: column for column, target in _NAMES.items() if target}
# A merge does not lose these: they are the record's own, or say that it was merged.
_OWN = frozenset({"Id", "IsDeleted", "MasterRecordId", "CreatedDate", "CreatedById", "LastModifiedDate"}) | frozenset(
    {"LastModifiedById", "SystemModstamp", "LastViewedDate", "LastReferencedDate", "LastActivityDate", "PhotoUrl"}
)
# The line that says that there was a merge, also where it lost nothing.
_MARK = "Id"


class Link(StrEnum):
    """How another record is kin to this one."""

    MERGED_INTO = "merged-into"
    MERGED_FROM = "merged-from"
    CONVERTED_TO = "converted-to"
    CONVERTED_FROM = "converted-from"


@dataclass(frozen=True, slots=True)
class KinLink:
    """Another record that this one became or came from. `here` False: it has no row (any more)."""

    link: Link
    ref: RecordRef
    title: str
    here: bool = True


@dataclass(frozen=True, slots=True)
class LostValue:
    """A value that the loser of a merge had, and the one that its master has instead; stored values."""

    loser_id: str
    field: str
    label: str
    value: Any
    kept: Any
    at: str


def moved(session: Session, table: Table, ids: Collection[str]) -> list[tuple[str, str]]:
    """(object, id) of both sides of every merge and conversion among these rows: what went, and what it became."""
    found: list[tuple[str, str]] = []
    for record_id in ids:
        became = _became(session.conn, table, record_id)
        if became:
            found += [(table.name, record_id), *((ref.object, ref.id) for _, ref in became)]
    return found


def links(conn: apsw.Connection, tables: Mapping[str, Table], ref: RecordRef) -> tuple[KinLink, ...]:
    """What a record became and what it came from, both ways."""
    table = tables.get(ref.object)
    if table is None:
        return ()
    found = [
        (Link.MERGED_INTO if column == "MasterRecordId" else Link.CONVERTED_TO, other)
        for column, other in _became(conn, table, ref.id)
    ]
    found += [(Link.MERGED_FROM, RecordRef(ref.object, loser)) for loser in _losers(conn, table, ref.id)]
    lead, column = tables.get("Lead"), _CONVERTED.get(ref.object)
    if lead is not None and column is not None and column in lead.by_name:
        sql = f'SELECT "Id" FROM {lead.quoted} WHERE {quoted(column)} = ? LIMIT 50'
        found += [(Link.CONVERTED_FROM, RecordRef("Lead", str(id_))) for (id_,) in conn.execute(sql, (ref.id,))]
    return tuple(_shown(conn, tables, link, other) for link, other in found)


def note_losses(session: WriteSession, table: Table, ids: Collection[str]) -> int:
    """Keep what the merges among these rows lost; returns how many merges were new.

    To be called when the loser's row is here as a deleted one and the master has been read since the merge.
    """
    if "MasterRecordId" not in table.by_name:
        return 0
    conn = session.conn
    columns = [c.name for c in table.columns if c.name not in _OWN and not c.field.calculated]
    names = ", ".join(map(quoted, columns))
    now = times.now_text()
    noted = 0
    for record_id in ids:
        row = conn.execute(f'SELECT "MasterRecordId", {names} FROM {table.quoted} WHERE "Id" = ?', (record_id,)).get
        if row is None or not row[0]:
            continue
        master_id = str(row[0])
        known = "SELECT 1 FROM om_lost WHERE object = ? AND loser_id = ? AND field = ?"
        if conn.execute(known, (table.name, record_id, _MARK)).get is not None:
            continue
        master = conn.execute(f'SELECT {names} FROM {table.quoted} WHERE "Id" = ?', (master_id,)).fetchone()
        if master is None:
            continue  # not visible, or not here yet: asked for with its children, and looked at again then
        lost = [
            (name, mine)
            for name, mine, theirs in zip(columns, row[1:], master, strict=True)
            if mine is not None and mine != theirs
        ]
        conn.executemany(
            "INSERT OR REPLACE INTO om_lost (object, master_id, loser_id, field, value, at) VALUES (?, ?, ?, ?, ?, ?)",
            [(table.name, master_id, record_id, name, value, now) for name, value in [(_MARK, record_id), *lost]],
        )
        noted += 1
    return noted


def lost(conn: apsw.Connection, tables: Mapping[str, Table], ref: RecordRef) -> tuple[LostValue, ...]:
    """What merges into this record lost, or, of a loser, what it lost itself."""
    table = tables.get(ref.object)
    if table is None:
        return ()
    rows = conn.execute(
        "SELECT master_id, loser_id, field, value, at FROM om_lost WHERE object = ?1 AND field <> ?3 AND "
        "(master_id = ?2 OR loser_id = ?2) ORDER BY at DESC, loser_id, field",
        (ref.object, ref.id, _MARK),
    ).fetchall()
    found = []
    for master_id, loser_id, name, value, at in rows:
        column = table.by_name.get(str(name))
        if column is None:
            continue  # not visible any more
        kept = conn.execute(f'SELECT {quoted(column.name)} FROM {table.quoted} WHERE "Id" = ?', (master_id,)).get
        found.append(LostValue(str(loser_id), column.name, column.field.label, value, kept, str(at)))
    return tuple(found)


def forget(session: WriteSession, object_name: str, ids: Collection[str]) -> None:
    """Purging a record purges what is kept of its merges as well."""
    session.conn.executemany(
        "DELETE FROM om_lost WHERE object = ? AND (loser_id = ? OR master_id = ?)",
        [(object_name, each, each) for each in ids],
    )


def _became(conn: apsw.Connection, table: Table, record_id: str) -> list[tuple[str, RecordRef]]:
    """(column, record) for every record that this one names as what it became."""
    present = [name for name in _NAMES if name in table.by_name]
    if not present:
        return []
    sql = f'SELECT {", ".join(map(quoted, present))} FROM {table.quoted} WHERE "Id" = ?'
    row = conn.execute(sql, (record_id,)).fetchone()
    return [
        (name, RecordRef(_NAMES[name] or table.name, str(value)))
        for name, value in zip(present, row or (), strict=False)
        if value
    ]


def _losers(conn: apsw.Connection, table: Table, master_id: str) -> list[str]:
    """Records that were merged into this one: those in the recycle bin, and those that were purged since."""
    sql = "SELECT loser_id FROM om_lost WHERE object = ? AND master_id = ? AND field = ?"
    found = [str(id_) for (id_,) in conn.execute(sql, (table.name, master_id, _MARK))]
    if "MasterRecordId" in table.by_name and table.has_is_deleted:
        # By the small index of deleted rows.
        sql = f'SELECT "Id" FROM {table.quoted} WHERE "IsDeleted" = 1 AND "MasterRecordId" = ?'
        found += [str(id_) for (id_,) in conn.execute(sql, (master_id,))]
    return list(dict.fromkeys(found))


def _shown(conn: apsw.Connection, tables: Mapping[str, Table], link: Link, ref: RecordRef) -> KinLink:
    table = tables.get(ref.object)
    if table is None:
        return KinLink(link, ref, ref.id, here=False)
    names = [name for name in title_columns(table) if name in table.by_name]
    chosen = ", ".join([quoted("Id"), *map(quoted, names)])
    row = conn.execute(f'SELECT {chosen} FROM {table.quoted} WHERE "Id" = ?', (ref.id,)).fetchone()
    if row is None:
        return KinLink(link, ref, ref.id, here=False)
    return KinLink(link, ref, next((str(value) for value in row[1:] if value), ref.id))
