"""Page layouts and picklists of record types as Salesforce answered them, compressed (`om_layout`).

`sync/forms.py` fetches them, `records` reads them. A part that was refused is stored without content, so that it is not
asked for again with every record that is opened.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.mirror import times
from core.mirror.session import Session, WriteSession

# Salesforce's id of "no record type" (layouts and UI API picklist values are asked by it).
MASTER_RECORD_TYPE = "012000000000000AAA"
LAYOUTS = "layouts"


def layout_part(record_type: str) -> str:
    """The part that holds the layout of a record type (18-character id)."""
    return f"layout:{record_type}"


def picklists_part(record_type: str) -> str:
    """The part that holds the picklist values of a record type."""
    return f"picklists:{record_type}"


@dataclass(frozen=True, slots=True)
class Part:
    """One answer; `content` None: refused. `stamp`: its Last-Modified or ETag, where it had one."""

    content: Any
    at: datetime
    stamp: str | None


def get(session: Session, object_name: str, part: str) -> Part | None:
    """What is stored, or None where it was never asked for."""
    row = session.conn.execute(
        "SELECT content, at, stamp FROM om_layout WHERE object = ? AND part = ?", (object_name, part)
    ).fetchone()
    if row is None:
        return None
    content = None if row[0] is None else json.loads(zlib.decompress(row[0]))
    return Part(content, times.from_text(row[1]), row[2])


def put(
    session: WriteSession, object_name: str, part: str, content: Any, *, at: datetime, stamp: str | None = None
) -> None:
    """Store an answer; None for a refusal."""
    blob = None
    if content is not None:
        blob = zlib.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), 6)
    session.conn.execute(
        "INSERT OR REPLACE INTO om_layout (object, part, at, stamp, content) VALUES (?, ?, ?, ?, ?)",
        (object_name, part, times.to_text(at), stamp, blob),
    )


def touch(session: WriteSession, object_name: str, part: str, at: datetime) -> None:
    """It was asked for again and has not changed."""
    session.conn.execute(
        "UPDATE om_layout SET at = ? WHERE object = ? AND part = ?", (times.to_text(at), object_name, part)
    )


def forget(session: WriteSession, object_name: str) -> None:
    """The object was described anew: its layouts are asked for again when a record is opened."""
    session.conn.execute("DELETE FROM om_layout WHERE object = ?", (object_name,))
