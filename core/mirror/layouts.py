"""Page layouts and picklists of record types as Salesforce answered them, compressed (`om_layout`).

`sync/forms.py` fetches them, `records` reads them. A part that was refused is stored without content, so that it is not
asked for again with every record that is opened.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
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


def reduced(layout: Mapping[str, Any]) -> dict[str, Any]:
    """What a form needs of one layout of `describe/layouts`: a hundredth of it."""
    sections = layout.get("detailLayoutSections") or layout.get("editLayoutSections") or ()
    edit = {
        name: item
        for section in layout.get("editLayoutSections") or ()
        for item in _items(section)
        for name in _fields(item)
    }
    return {
        "sections": [
            {
                "heading": section.get("heading") if section.get("useHeading", True) else "",
                "collapsed": bool(section.get("collapsed")),
                "rows": [
                    [_reduced_item(item, edit) for item in row.get("layoutItems") or ()]
                    for row in section.get("layoutRows") or ()
                ],
            }
            for section in sections
        ],
        "related": [
            {
                "object": item.get("sobject"),
                "field": item.get("field"),
                "label": item.get("label"),
                "columns": [str(c.get("name") or c.get("field")) for c in item.get("columns") or ()],
            }
            for item in layout.get("relatedLists") or ()
            if item.get("sobject") and item.get("field")
        ],
    }


def _reduced_item(item: Mapping[str, Any], edit: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    fields = list(_fields(item))
    said = next((edit[name] for name in fields if name in edit), item)
    return {
        "fields": fields,
        "required": bool(said.get("required")),
        "new": bool(said.get("editableForNew", True)),
        "update": bool(said.get("editableForUpdate", True)),
    }


def _items(section: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    for row in section.get("layoutRows") or ():
        yield from row.get("layoutItems") or ()


def _fields(item: Mapping[str, Any]) -> Iterable[str]:
    """The fields of one item: components of a compound one are listed below it by some versions."""
    for component in item.get("layoutComponents") or ():
        if component.get("type") in (None, "Field") and component.get("value"):
            inner = [c for c in component.get("components") or () if c.get("value")]
            yield from (str(c["value"]) for c in inner or [component])
