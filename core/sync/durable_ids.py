"""Salesforce's own ids of custom fields, which outlive a new API name: FieldDefinition.DurableId.

Asked for when an object's fields have changed, five objects to a call. They are not readable for everyone: what cannot
be read is absent, and then a person is asked whether a field that came is one that went.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.salesforce.client import Client
from core.salesforce.composite import Part
from core.salesforce.query import query_path

OBJECTS_AT_ONCE = 5


def read_durable_ids(client: Client, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """{object: {field: durable id}}; objects that could not be read are absent. Raises what concerns everything."""
    found: dict[str, dict[str, str]] = {}
    for start in range(0, len(names), OBJECTS_AT_ONCE):
        chunk = names[start : start + OBJECTS_AT_ONCE]
        parts = [Part(query_path(client.api_version, _statement(name), all_rows=False)) for name in chunk]
        for name, answer in zip(chunk, client.together(parts), strict=True):
            ids = _ids(answer.body) if answer is not None and answer.error is None else {}
            if ids:
                found[name] = ids
    return found


def _statement(name: str) -> str:
    # One object per query: FieldDefinition answers no other condition but one on its entity.
    return (
        "SELECT QualifiedApiName, DurableId FROM FieldDefinition "
        f"WHERE EntityDefinition.QualifiedApiName = '{name}' LIMIT 2000"
    )


def _ids(body: Any) -> dict[str, str]:
    if not isinstance(body, Mapping):
        return {}
    ids: dict[str, str] = {}
    for record in body.get("records") or ():
        if isinstance(record, Mapping) and record.get("QualifiedApiName") and record.get("DurableId"):
            ids[str(record["QualifiedApiName"])] = str(record["DurableId"])
    return ids
