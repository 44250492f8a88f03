"""Which columns are indexed, why, and how the indexes come to be: the one place (rules 1).

SQLite builds an index in one statement (about 1 to 4 s for a million rows), and an index kept up during a first load
costs more than half of its speed. So indexes are built after the load, each as a preemptible job of the writer: a
person's edit interrupts it, is written, and the index begins again. Readers are not held up at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.values import quoted
from core.mirror.writer import Priority, Writer

# Look-ups that related lists and joins go by, in the order of their use.
_LOOK_UPS = (
    "OwnerId",
    "AccountId",
    "CampaignId",
    "LeadId",
    "ContactId",
    "OpportunityId",
    "WhoId",
    "WhatId",
    "ParentId",
    "ReportsToId",
)
# Filled in a few rows only; by them a contact, an account or an opportunity finds the lead it came from.
_SPARSE = ("ConvertedContactId", "ConvertedAccountId", "ConvertedOpportunityId")
_STAMPS = ("SystemModstamp", "LastModifiedDate")
_MAX_CUSTOM_LOOK_UPS = 6


@dataclass(frozen=True, slots=True)
class Index:
    """An index over one column; a `sparse` one holds the rows that have a value."""

    table: str
    column: str
    sparse: bool = False

    @property
    def name(self) -> str:
        return f"om_ix_{self.table}_{self.column}"

    @property
    def sql(self) -> str:
        only = f" WHERE {quoted(self.column)} IS NOT NULL" if self.sparse else ""
        return f"CREATE INDEX IF NOT EXISTS {quoted(self.name)} ON {quoted(self.table)} ({quoted(self.column)}){only}"


def planned(table: Table) -> tuple[Index, ...]:
    """The indexes of a loaded table: owner and parents (related lists, joins), stamps (the newest first, and what
    changed since), e-mail, unique and external ids (found by value)."""
    return tuple(Index(table.name, name, sparse=name in _SPARSE) for name in dict.fromkeys(_columns(table)))


def _columns(table: Table) -> Iterator[str]:
    yield from (name for name in (*_LOOK_UPS, *_SPARSE, *_STAMPS) if name in table.by_name)
    custom = [c.name for c in table.columns if c.field.custom and c.field.type == "reference"]
    yield from custom[:_MAX_CUSTOM_LOOK_UPS]
    for column in table.columns:
        field = column.field
        if column.name != "Id" and (field.type == "email" or field.external_id or field.unique):
            yield column.name


def create_indexes(writer: Writer, table: Table) -> list[str]:
    """Build the planned indexes that are missing and wait for them; returns the names of those built.

    Not from a job of the writer. Safe to repeat after a kill.
    """
    have = writer.submit(lambda s: existing(s, table.name)).result()
    missing = [index for index in planned(table) if index.name not in have]
    for index in missing:
        build(writer, index)
    return [index.name for index in missing]


def build(writer: Writer, index: Index, priority: Priority = Priority.BATCH) -> None:
    """Build one index and wait; the writer's other batches wait as well, a person does not."""
    writer.submit(lambda s: s.conn.execute(index.sql).fetchall(), priority, preemptible=True).result()


def existing(session: WriteSession, table_name: str) -> set[str]:
    """Names of the indexes on an object's table."""
    rows = session.conn.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?", (table_name,))
    return {row[0] for row in rows}
