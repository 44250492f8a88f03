"""Page layouts and picklist values by record type: what the org says of its forms.

`describe/layouts` answers every layout with the mapping of record types, or, where there are many, only the mapping;
`describe/layouts/<record type>` answers one. Picklist values of a record type come from the User Interface API. Either
may be refused (no layouts for this object, an edition without the API, missing rights): that is an answer too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from core.salesforce.client import Client
from core.salesforce.errors import ErrorClass, SalesforceError

# What is not this object's refusal but trouble with the org, the sign-in or the wire.
_TROUBLE = frozenset(
    {
        ErrorClass.TRANSIENT,
        ErrorClass.BUSY,
        ErrorClass.AUTH,
        ErrorClass.BUDGET,
        ErrorClass.ORG_STATE,
        ErrorClass.TOO_BIG,
    }
)


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """`body` None: refused, or not changed since (`unchanged`). `stamp`: its Last-Modified, for the next time."""

    body: Mapping[str, Any] | None
    stamp: str | None = None
    unchanged: bool = False


def layouts(client: Client, name: str, since: str | None = None) -> FormAnswer:
    """All layouts of an object. Raises OrgMirrorError for what is no refusal of this object."""
    return _get(client, f"sobjects/{quote(name)}/describe/layouts", since)


def layout_of(client: Client, name: str, record_type: str, since: str | None = None) -> FormAnswer:
    """The layout of one record type."""
    return _get(client, f"sobjects/{quote(name)}/describe/layouts/{quote(record_type)}", since)


def picklist_values(client: Client, name: str, record_type: str) -> FormAnswer:
    """`picklistFieldValues` of one record type."""
    return _get(client, f"ui-api/object-info/{quote(name)}/picklist-values/{quote(record_type)}", None)


def _get(client: Client, path: str, since: str | None) -> FormAnswer:
    headers = {"If-Modified-Since": since} if since else {}
    try:
        answer = client.transport.request("GET", client.path(path), headers=headers)
    except SalesforceError as error:
        if error.kind in _TROUBLE:
            raise
        return FormAnswer(None)
    if answer.status_code == 304:
        return FormAnswer(None, answer.headers.get("Last-Modified") or since, unchanged=True)
    body = answer.json()
    return FormAnswer(body if isinstance(body, Mapping) else None, answer.headers.get("Last-Modified"))
