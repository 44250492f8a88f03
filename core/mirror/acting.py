"""What conversions and merges ask of the mirror, and what they leave in it: namesakes, children, edits that move.

Plain questions and small writes; deciding is in `core.sync.conversion` and `core.sync.record_merge`. Counts are of what
is mirrored: a child object that is not here is not counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from core.mirror import outbox
from core.mirror.columns import subtitle_columns, title_columns
from core.mirror.display import one_line, text_formatter
from core.mirror.entries import AMBIGUOUS, SENDING, UPDATE
from core.mirror.names import Names
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Column, Table
from core.mirror.values import quoted
from core.model.refs import RecordRef

_MOST = 10
# A person's own name parts and what says which company it is; exact, without case.
_ACCOUNT_FIELDS = ("Id", "Name", "BillingCity", "Industry")


@dataclass(frozen=True, slots=True)
class Namesake:
    """A record that may be the same as one that would be made."""

    ref: RecordRef
    label: str
    detail: str
    account_id: str | None = None


def same_company(session: Session, table: Table, company: str | None) -> list[Namesake]:
    """Accounts of that name."""
    if not company or "Name" not in table.by_name:
        return []
    chosen = [name for name in _ACCOUNT_FIELDS if name in table.by_name]
    sql = (
        f'SELECT {", ".join(map(quoted, chosen))} FROM {table.quoted} WHERE "Name" = ? COLLATE NOCASE'
        f"{_live(table)} ORDER BY om_row LIMIT {_MOST}"
    )
    rows = [dict(zip(chosen, row, strict=True)) for row in session.conn.execute(sql, (company,))]
    return [
        Namesake(
            RecordRef(table.name, str(row["Id"])),
            str(row["Name"]),
            ", ".join(str(row[name]) for name in chosen[2:] if row[name]),
        )
        for row in rows
    ]


def same_person(
    session: Session, tables: Mapping[str, Table], lead: Mapping[str, Any], accounts: Collection[str]
) -> list[Namesake]:
    """Contacts with the lead's e-mail address, or with its name in one of `accounts`."""
    table = tables["Contact"]
    found: dict[str, Mapping[str, Any]] = {}
    chosen = [n for n in ("Id", "Name", "Email", "Title", "AccountId") if n in table.by_name]
    head = f"SELECT {', '.join(map(quoted, chosen))} FROM {table.quoted} WHERE "
    if lead.get("Email") and "Email" in table.by_name:
        sql = f'{head}"Email" = ? COLLATE NOCASE{_live(table)} ORDER BY om_row LIMIT {_MOST}'
        for row in session.conn.execute(sql, (lead["Email"],)):
            found[str(row[0])] = dict(zip(chosen, row, strict=True))
    if lead.get("LastName") and "AccountId" in chosen and {"FirstName", "LastName"} <= table.by_name.keys():
        sql = (
            f'{head}"AccountId" = ? AND "LastName" = ? COLLATE NOCASE AND "FirstName" IS ? COLLATE NOCASE'
            f"{_live(table)} ORDER BY om_row LIMIT {_MOST}"
        )
        for account in accounts:
            for row in session.conn.execute(sql, (account, lead["LastName"], lead.get("FirstName"))):
                found.setdefault(str(row[0]), dict(zip(chosen, row, strict=True)))
    names = Names(session.conn)
    names.refresh(tables)
    names.resolve([str(row["AccountId"]) for row in found.values() if row.get("AccountId")], ("Account",))
    made = []
    for record_id, row in found.items():
        own = row.get("AccountId")
        parts = (row.get("Title"), row.get("Email"), names.name(str(own)) if own else None)
        detail = ", ".join(str(part) for part in parts if part)
        label = str(row.get("Name") or record_id)
        made.append(Namesake(RecordRef(table.name, record_id), label, detail, str(own) if own else None))
    return made


def account_of(session: Session, table: Table, contact_id: str) -> str | None:
    """The account of a contact, as far as it is here."""
    if "AccountId" not in table.by_name:
        return None
    found = session.conn.execute(f'SELECT "AccountId" FROM {table.quoted} WHERE "Id" = ?', (contact_id,)).get
    return None if found is None else str(found)


def titles(session: Session, table: Table, ids: Sequence[str]) -> dict[str, str]:
    """What names these records; the id where nothing does."""
    chosen = [quoted(name) for name in title_columns(table)]
    found = {}
    for record_id in ids:
        row = None
        if chosen:
            sql = f'SELECT {", ".join(chosen)} FROM {table.quoted} WHERE "Id" = ?'
            row = session.conn.execute(sql, (record_id,)).fetchone()
        found[record_id] = next((str(value) for value in row or () if value), record_id)
    return found


def subtitle(session: Session, tables: Mapping[str, Table], table: Table, record_id: str, zone: tzinfo) -> str:
    """What tells a record from its namesakes, on one line."""
    chosen = [table.by_name[name] for name in subtitle_columns(table)]
    if not chosen:
        return ""
    sql = f'SELECT {", ".join(quoted(column.name) for column in chosen)} FROM {table.quoted} WHERE "Id" = ?'
    row = session.conn.execute(sql, (record_id,)).fetchone()
    return ", ".join(filter(None, displays(session, tables, zip(chosen, row or (), strict=False), zone)))


def displays(session: Session, tables: Mapping[str, Table], cells: Any, zone: tzinfo) -> list[str]:
    """The texts of (column, stored value) pairs; look-ups by name."""
    pairs: list[tuple[Column, Any]] = list(cells)
    names = Names(session.conn)
    names.refresh(tables)
    texts = []
    for column, value in pairs:
        if value is not None and column.field.type == "reference":
            names.resolve([str(value)], column.field.reference_to)
            texts.append(names.name(str(value)) or str(value))
        else:
            texts.append(one_line(text_formatter(column, zone)(value)))
    return texts


def children(session: Session, tables: Mapping[str, Table], ref: RecordRef) -> list[tuple[str, str, int]]:
    """(object, its plural label, number) of the live records that point to this one, most first."""
    counts: dict[str, int] = {}
    for table in tables.values():
        for column in table.columns:
            if ref.object not in column.field.reference_to or column.name in _NOT_CHILDREN:
                continue
            sql = f"SELECT count(*) FROM {table.quoted} WHERE {quoted(column.name)} = ?{_live(table)}"
            number = int(session.conn.execute(sql, (ref.id,)).get or 0)
            if number:
                counts[table.name] = counts.get(table.name, 0) + number
    labels = {name: tables[name].info.label_plural for name in counts}
    return sorted(((name, labels[name], number) for name, number in counts.items()), key=lambda line: -line[2])


def in_flight(session: Session, refs: Collection[RecordRef]) -> bool:
    """Whether an edit of these records is on its way, so that nobody can take it back."""
    return any(
        entry.state in (SENDING, AMBIGUOUS)
        for ref in refs
        for entry in outbox.of_record(session, ref.object, ref.id, kept=False)
    )


def count_edits(session: Session, refs: Collection[RecordRef]) -> int:
    """How many edits of these records have not reached Salesforce."""
    return sum(len(outbox.of_record(session, ref.object, ref.id, kept=False)) for ref in refs)


def discard_edits(session: WriteSession, refs: Collection[RecordRef]) -> int:
    """Give these records' edits up; their values stay in the change log. Returns how many went."""
    seqs = [e.seq for ref in refs for e in outbox.of_record(session, ref.object, ref.id, kept=False)]
    return len(outbox.discard(session, seqs)) if seqs else 0


def move_edits(
    session: WriteSession, table: Table, losers: Collection[str], master_id: str, *, at: datetime, group_id: str
) -> list[int]:
    """Make the losers' edits edits of the master, where it has none of that field; the losers' own are given up.

    Returns the entries that hold them now.
    """
    taken = {entry.field for entry in outbox.of_record(session, table.name, master_id) if entry.op == UPDATE}
    wanted: dict[str, Any] = {}
    for loser in losers:
        for entry in outbox.of_record(session, table.name, loser, kept=False):
            if entry.op == UPDATE and entry.field and entry.field not in taken:
                wanted[entry.field] = entry.mine
    discard_edits(session, [RecordRef(table.name, loser) for loser in losers])
    return outbox.put(session, table, master_id, wanted, at=at, group_id=group_id) if wanted else []


def repoint(
    session: WriteSession,
    tables: Mapping[str, Table],
    moved: Mapping[str, str],
    *,
    at: datetime,
    fields: Collection[str] = (),
) -> int:
    """Let edits that refer to a record that is gone refer to what it became; returns how many there were.

    `moved`: old id -> new id. `fields` limits it to these look-ups (empty: all). What is on its way stays.
    """
    count = 0
    for entry in outbox.entries(session):
        new = moved.get(str(entry.mine)) if entry.op == UPDATE else None
        table = tables.get(entry.object)
        if new is None or table is None or entry.field is None or entry.in_flight:
            continue
        if fields and entry.field not in fields:
            continue
        outbox.put(
            session, table, entry.record_id, {entry.field: new}, at=at, group_id=entry.group_id or f"moved-{entry.seq}"
        )
        count += 1
    return count


_NOT_CHILDREN = frozenset(
    {"MasterRecordId", "ConvertedContactId", "ConvertedAccountId", "ConvertedOpportunityId", "LeadOrContactId"}
)


def _live(table: Table) -> str:
    return ' AND "IsDeleted" IS NOT 1' if table.has_is_deleted else ""
