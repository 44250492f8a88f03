"""What Salesforce's duplicate rules found, out of the refusal that tells of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.model.errors import OrgMirrorError
from core.model.refs import long_id
from core.salesforce.errors import SalesforceError

# As spelt by REST, by newer servers, and by the UI API.
_KEYS = ("duplicateResut", "duplicateResult", "duplicateRecordError")


def duplicates_of(error: OrgMirrorError) -> dict[str, Any] | None:
    """`{"message", "rule", "allow_save", "matches": [{"object", "id", "confidence", "rule"}]}`; None without details.

    The first key is really spelt so (salesforce-api 3.10).
    """
    if not isinstance(error, SalesforceError) or not isinstance(error.details, Mapping):
        return None
    found = next((each for key in _KEYS if (each := error.details.get(key))), None)
    if not isinstance(found, Mapping):
        return None
    matches = []
    for result in _listed(found.get("matchResults")):
        for match in _listed(result.get("matchRecords")):
            record = match.get("record")
            if isinstance(record, Mapping) and record.get("Id"):
                kind = record.get("attributes")
                name = kind.get("type") if isinstance(kind, Mapping) else None
                matches.append(
                    {
                        "object": str(name or result.get("entityType") or ""),
                        "id": long_id(str(record["Id"])),
                        "confidence": float(match.get("matchConfidence") or 0.0),
                        "rule": str(result.get("rule") or ""),
                    }
                )
    return {
        "message": str(found.get("errorMessage") or error.salesforce_text or ""),
        "rule": str(found.get("duplicateRule") or ""),
        "allow_save": bool(found.get("allowSave")),
        "matches": matches,
    }


def _listed(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
