"""Temporary ids of records made here keep working after the push (rules 9): which record each has become."""

from __future__ import annotations

from datetime import datetime

from core.mirror import times
from core.mirror.session import Session, WriteSession
from core.model.refs import is_temporary_id, long_id


def remember(session: WriteSession, object_name: str, temporary_id: str, real_id: str, at: datetime) -> None:
    """The record made here as `temporary_id` is `real_id` at Salesforce."""
    session.conn.execute(
        "INSERT OR REPLACE INTO om_alias (temporary_id, object, real_id, at) VALUES (?, ?, ?, ?)",
        (temporary_id, object_name, real_id, times.to_text(at)),
    )


def resolve(session: Session, record_id: str) -> str:
    """The id under which the record is found now: 18 characters, or a temporary one that is not yet sent."""
    if not is_temporary_id(record_id):
        return long_id(record_id)
    real = session.conn.execute("SELECT real_id FROM om_alias WHERE temporary_id = ?", (record_id,)).get
    return record_id if real is None else str(real)
