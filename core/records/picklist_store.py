"""The picklist values of a record type, as the UI API answered them and the mirror keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.mirror import layouts
from core.mirror.session import Session


def allowed_values(session: Session, object_name: str, record_type: str | None) -> dict[str, frozenset[str]]:
    """For each picklist of the object the values that the record type allows; empty where that is not known here."""
    part = layouts.get(session, object_name, layouts.picklists_part(record_type or layouts.MASTER_RECORD_TYPE))
    content = part.content if part is not None else None
    fields: Mapping[str, Any] = content.get("picklistFieldValues", {}) if isinstance(content, dict) else {}
    return {
        str(name): frozenset(str(item.get("value")) for item in answer.get("values") or () if isinstance(item, dict))
        for name, answer in fields.items()
        if isinstance(answer, dict)
    }
