"""What changed in the org's schema, as a person reads it: one line per object or field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.mirror import times
from core.mirror.session import Session, WriteSession


@dataclass(frozen=True, slots=True)
class SchemaLine:
    """One change. `field` None: the object itself. `what` is one of added, removed, returned, type, label, length,

    picklist; `old` and `new` as texts where there are any. `at` is ISO text, empty before it is stored.
    """

    object: str
    field: str | None
    what: str
    old: str | None = None
    new: str | None = None
    at: str = ""


def record(session: WriteSession, lines: Sequence[SchemaLine]) -> None:
    """Add lines, in the transaction that makes the changes."""
    now = times.now_text()
    session.conn.executemany(
        "INSERT INTO om_schema_log (at, object, field, what, old, new) VALUES (?, ?, ?, ?, ?, ?)",
        [(now, line.object, line.field, line.what, line.old, line.new) for line in lines],
    )


def recent(session: Session, limit: int = 200, object_name: str | None = None) -> list[SchemaLine]:
    """The newest lines first, of everything or of an object."""
    rows: list[Any] = session.conn.execute(
        "SELECT object, field, what, old, new, at FROM om_schema_log WHERE ?1 IS NULL OR object = ?1 "
        "ORDER BY line_id DESC LIMIT ?2",
        (object_name, limit),
    ).fetchall()
    return [SchemaLine(*row) for row in rows]
