"""Which records a merged or converted one has become. Small questions over one object's rows."""

from __future__ import annotations

from collections.abc import Collection

from core.mirror.session import Session
from core.mirror.tables import Table
from core.mirror.values import quoted

# Column of the loser or the lead: the object of the record it names (None: its own object).
_NAMES = {
    "MasterRecordId": None,
    "ConvertedContactId": "Contact",
    "ConvertedAccountId": "Account",
    "ConvertedOpportunityId": "Opportunity",
}


def moved(session: Session, table: Table, ids: Collection[str]) -> list[tuple[str, str]]:
    """(object, id) of both sides of every merge and conversion among these rows: what went, and what it became."""
    present = [name for name in _NAMES if name in table.by_name]
    if not present:
        return []
    sql = f'SELECT {", ".join(map(quoted, present))} FROM {table.quoted} WHERE "Id" = ?'
    found: list[tuple[str, str]] = []
    for record_id in ids:
        row = session.conn.execute(sql, (record_id,)).fetchone()
        became = [
            (_NAMES[name] or table.name, str(value)) for name, value in zip(present, row or (), strict=False) if value
        ]
        if became:
            found += [(table.name, record_id), *became]
    return found
