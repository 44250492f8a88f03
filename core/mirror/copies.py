"""Copies of records that a person deleted, and the tombstones of those that were removed only here (`om_copy`).

A copy is the server's image when the record was deleted. A tombstone (`here_only`) keeps pulls from bringing the row
back; the absence of a row is never a delete.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.mirror import times
from core.mirror.removal import pack_image, unpack_image
from core.mirror.session import Session, WriteSession
from core.model.refs import TEMPORARY_PREFIX


@dataclass(frozen=True, slots=True)
class Copy:
    """A kept record: its stored values by column."""

    object: str
    record_id: str
    at: datetime
    here_only: bool
    image: dict[str, Any]


def keep(
    session: WriteSession, object_name: str, record_id: str, image: dict[str, Any], *, at: datetime, here_only: bool
) -> None:
    """Keep a copy; a newer one of the same record replaces it."""
    session.conn.execute(
        "INSERT OR REPLACE INTO om_copy (object, record_id, at, here_only, image) VALUES (?, ?, ?, ?, ?)",
        (object_name, record_id, times.to_text(at), int(here_only), pack_image(image)),
    )


def get(session: Session, object_name: str, record_id: str) -> Copy | None:
    """The kept copy of a record, or None."""
    row = session.conn.execute(
        "SELECT at, here_only, image FROM om_copy WHERE object = ? AND record_id = ?", (object_name, record_id)
    ).fetchone()
    if row is None:
        return None
    return Copy(object_name, record_id, times.from_text(row[0]), bool(row[1]), unpack_image(row[2]))


def forget(session: WriteSession, object_name: str, record_id: str) -> None:
    """The record is back, or erased: its copy and its tombstone go."""
    session.conn.execute("DELETE FROM om_copy WHERE object = ? AND record_id = ?", (object_name, record_id))


def tombstones(session: Session, object_name: str) -> set[str]:
    """Ids of the object's records that were removed only here: a comparison with the org leaves them out."""
    rows = session.conn.execute("SELECT record_id FROM om_copy WHERE object = ? AND here_only", (object_name,))
    return {str(record_id) for (record_id,) in rows}


def not_in_step(session: Session) -> dict[str, int]:
    """By object, how many records the org counts and this file does not: removed only here, less those made here."""
    found: dict[str, int] = {}
    removed = "SELECT object, count(*) FROM om_copy WHERE here_only GROUP BY object"
    made = (
        "SELECT object, -count(DISTINCT record_id) FROM om_outbox WHERE op = 'create' "
        f"AND record_id GLOB '{TEMPORARY_PREFIX}*' GROUP BY object"
    )
    for sql in (removed, made):
        for name, count in session.conn.execute(sql):
            found[str(name)] = found.get(str(name), 0) + int(count)
    return found


def prune(session: WriteSession, before: datetime) -> int:
    """Erase copies older than `before`; tombstones stay. Returns how many went."""
    session.conn.execute("DELETE FROM om_copy WHERE at < ? AND NOT here_only", (times.to_text(before),))
    return session.conn.changes()
