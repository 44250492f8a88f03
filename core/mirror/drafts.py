"""What was typed into a form and not saved: kept until it is saved or given up; leaving never asks (issue 4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.mirror import times
from core.mirror.session import Session, WriteSession


def keep(session: WriteSession, object_name: str, record_id: str, values: Mapping[str, Any], at: datetime) -> None:
    """Keep what was typed; `record_id` is empty for a new record. Nothing typed: nothing is kept."""
    if not values:
        drop(session, object_name, record_id)
        return
    content = json.dumps(dict(values), ensure_ascii=False)
    session.conn.execute(
        "INSERT OR REPLACE INTO om_draft (object, record_id, at, content) VALUES (?, ?, ?, ?)",
        (object_name, record_id, times.to_text(at), content),
    )


def get(session: Session, object_name: str, record_id: str) -> tuple[dict[str, Any], datetime] | None:
    """What was typed and when, or None."""
    row = session.conn.execute(
        "SELECT content, at FROM om_draft WHERE object = ? AND record_id = ?", (object_name, record_id)
    ).fetchone()
    return None if row is None else (json.loads(row[0]), times.from_text(row[1]))


def drop(session: WriteSession, object_name: str, record_id: str) -> None:
    """Forget what was typed."""
    session.conn.execute("DELETE FROM om_draft WHERE object = ? AND record_id = ?", (object_name, record_id))
