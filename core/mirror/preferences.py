"""A connection's settings (core/settings.py) in `om_setting`, as JSON under `setting:<key>`.

Other keys of that table are the mirror's own notes and nobody's business.
"""

from __future__ import annotations

import json
from typing import Any

from core.mirror.session import Session, WriteSession

_PREFIX = "setting:"


def read_all(session: Session) -> dict[str, Any]:
    """Every setting that was chosen, by its key."""
    rows = session.conn.execute("SELECT key, value FROM om_setting WHERE key LIKE ?", (_PREFIX + "%",))
    return {key.removeprefix(_PREFIX): json.loads(value) for key, value in rows}


def keep(session: WriteSession, key: str, value: Any) -> None:
    """Keep a choice."""
    session.conn.execute(
        "INSERT OR REPLACE INTO om_setting (key, value) VALUES (?, ?)", (_PREFIX + key, json.dumps(value))
    )
