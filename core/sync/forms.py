"""Fetches what a form needs of the org: the page layout and the picklist values of a record type.

When a record of the type is first opened, and once a day from then on, conditionally. What is refused is remembered as
refused for the day; the form then follows the documented rule. Runs on an interactive thread with a client of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from core.mirror import layouts as store
from core.mirror.mirror import Mirror
from core.mirror.session import WriteSession
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import long_id
from core.salesforce import layouts as wire
from core.salesforce.client import Client

MAX_AGE = timedelta(days=1)


def refresh(
    mirror: Mirror, client: Client, object_name: str, record_type: str | None, *, now: datetime, force: bool = False
) -> bool:
    """Fetch layout and picklist values of a record type where they are missing or a day old; whether any came.

    At most three calls. Raises NO_SUCH_OBJECT, and OrgMirrorError for what is no refusal of this object.
    """
    table = mirror.tables().get(object_name)
    if table is None:
        raise OrgMirrorError(ErrorCode.NO_SUCH_OBJECT, object=object_name)
    kind = long_id(record_type) if record_type else store.MASTER_RECORD_TYPE
    came = False
    if _is_due(mirror, object_name, store.layout_part(kind), now, force):
        came = _fetch_layout(mirror, client, object_name, kind, now)
    if _is_due(mirror, object_name, store.picklists_part(kind), now, force):
        has_picklists = any(f.type in ("picklist", "multipicklist") for f in table.info.fields)
        answer = wire.picklist_values(client, object_name, kind) if has_picklists else wire.FormAnswer(None)
        content = None if answer.body is None else _reduced_values(answer.body)
        if content is None:
            # The mapping of the layouts says the same, where the layouts were answered.
            content = _mapped_values(mirror, object_name, kind)
        mirror.write(lambda s: store.put(s, object_name, store.picklists_part(kind), content, at=now))
        came = came or content is not None
    return came


def _is_due(mirror: Mirror, object_name: str, part: str, now: datetime, force: bool) -> bool:
    known = mirror.read(lambda s: store.get(s, object_name, part))
    return force or known is None or now - known.at >= MAX_AGE


def _fetch_layout(mirror: Mirror, client: Client, object_name: str, kind: str, now: datetime) -> bool:
    known = mirror.read(lambda s: store.get(s, object_name, store.LAYOUTS))
    own = mirror.read(lambda s: store.get(s, object_name, store.layout_part(kind)))
    # Only where this type's layout is here is "not changed" an answer.
    since = known.stamp if known is not None and own is not None else None
    answer = wire.layouts(client, object_name, since)
    if answer.unchanged:
        mirror.write(lambda s: _touch(s, object_name, kind, now))
        return False
    mapping = mapping_of(answer.body or {})
    layout = chosen(answer.body or {}, kind)
    if layout is None and answer.body is not None:
        layout = wire.layout_of(client, object_name, kind).body
    content = None if layout is None else store.reduced(layout)

    def keep(session: WriteSession) -> None:
        store.put(session, object_name, store.LAYOUTS, mapping, at=now, stamp=answer.stamp)
        store.put(session, object_name, store.layout_part(kind), content, at=now, stamp=answer.stamp)

    mirror.write(keep)
    return content is not None


def _touch(session: WriteSession, object_name: str, kind: str, now: datetime) -> None:
    store.touch(session, object_name, store.LAYOUTS, now)
    store.touch(session, object_name, store.layout_part(kind), now)


def chosen(body: Mapping[str, Any], kind: str) -> Mapping[str, Any] | None:
    """The layout of a record type among those answered; None where it is not among them."""
    listed = [item for item in body.get("layouts") or () if isinstance(item, Mapping)]
    for mapping in body.get("recordTypeMappings") or ():
        if long_id(str(mapping.get("recordTypeId"))) == kind:
            return next((item for item in listed if item.get("id") == mapping.get("layoutId")), None)
    # An object without record types answers its one layout and no mapping.
    return listed[0] if len(listed) == 1 and not body.get("recordTypeMappings") else None


def mapping_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """For each record type the picklist values that the layouts' answer tells."""
    found: dict[str, Any] = {}
    for mapping in body.get("recordTypeMappings") or ():
        lists = mapping.get("picklistsForRecordType")
        if lists and mapping.get("recordTypeId"):
            found[long_id(str(mapping["recordTypeId"]))] = {
                str(item.get("picklistName")): [
                    str(value.get("value")) for value in item.get("picklistValues") or () if value.get("active", True)
                ]
                for item in lists
            }
    return found


def _mapped_values(mirror: Mirror, object_name: str, kind: str) -> dict[str, Any] | None:
    known = mirror.read(lambda s: store.get(s, object_name, store.LAYOUTS))
    lists = known.content.get(kind) if known is not None and isinstance(known.content, dict) else None
    return _values(lists) if lists else None


def _reduced_values(body: Mapping[str, Any]) -> dict[str, Any]:
    return _values(
        {
            str(name): [str(item.get("value")) for item in answer.get("values") or () if isinstance(item, Mapping)]
            for name, answer in (body.get("picklistFieldValues") or {}).items()
            if isinstance(answer, Mapping)
        }
    )


def _values(lists: Mapping[str, list[str]]) -> dict[str, Any]:
    return {"picklistFieldValues": {name: {"values": [{"value": v} for v in values]} for name, values in lists.items()}}
