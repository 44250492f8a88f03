"""What a person did, so that the last act can be undone by its name. The newest acts only; any older one is history.

A step is data of `core/records`: what was done to which record and what was there before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.mirror import times
from core.mirror.session import Session, WriteSession

KEEP = 100


@dataclass(frozen=True, slots=True)
class StoredAct:
    """One act; `undone_at` once it was undone."""

    act_id: int
    at: datetime
    name: str
    params: Mapping[str, Any]
    steps: tuple[Mapping[str, Any], ...]
    undone_at: datetime | None


def record(
    session: WriteSession, at: datetime, name: str, params: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]
) -> int:
    """Note an act; acts beyond the newest go. Returns its id."""
    session.conn.execute(
        "INSERT INTO om_act (at, name, params, steps) VALUES (?, ?, ?, ?)",
        (times.to_text(at), name, _json(dict(params)), _json([dict(step) for step in steps])),
    )
    act_id = int(session.conn.last_insert_rowid())
    session.conn.execute("DELETE FROM om_act WHERE act_id <= ?", (act_id - KEEP,))
    return act_id


def get(session: Session, act_id: int) -> StoredAct | None:
    """An act by its id, or None."""
    return _first(session, "act_id = ?", act_id)


def last(session: Session) -> StoredAct | None:
    """The newest act that is not undone, or None."""
    return _first(session, "undone_at IS NULL AND ? = 0", 0)


def undone(session: WriteSession, act_id: int, at: datetime) -> None:
    """The act was undone."""
    session.conn.execute("UPDATE om_act SET undone_at = ? WHERE act_id = ?", (times.to_text(at), act_id))


def _first(session: Session, condition: str, value: int) -> StoredAct | None:
    row = session.conn.execute(
        f"SELECT act_id, at, name, params, steps, undone_at FROM om_act WHERE {condition} ORDER BY act_id DESC LIMIT 1",
        (value,),
    ).fetchone()
    if row is None:
        return None
    act_id, at, name, params, steps, undone_at = row
    return StoredAct(
        int(act_id),
        times.from_text(at),
        name,
        json.loads(params),
        tuple(json.loads(steps)),
        times.optional_moment(undone_at),
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
