"""Targets of look-ups, owners, and records that may be the same as a new one. Reads the mirror only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from core.mirror import lookups
from core.mirror.session import Session
from core.mirror.tables import Table
from core.model.describe import FieldInfo
from core.model.errors import ErrorCode, OrgMirrorError
from core.records.views import DuplicateHit, LookupHit, TargetKind

_ALIKE = {
    "Lead": ("Lead", "Contact"),
    "Contact": ("Contact", "Lead"),
    "Account": ("Account",),
    "Campaign": ("Campaign",),
}


def owners(session: Session, tables: Mapping[str, Table], table: Table, text: str, limit: int) -> tuple[LookupHit, ...]:
    """Active users; queues for leads and for other objects that the org gives queues to, never for contacts."""
    owner = table.column("OwnerId")
    queues = owner is not None and table.name != "Contact" and "Group" in owner.field.reference_to
    found = lookups.owners(session, tables, table.name if queues else "", text, limit)
    return tuple(
        LookupHit(item.ref, item.name, item.title, TargetKind.QUEUE if item.queue else TargetKind.USER)
        for item in found
        if queues or not item.queue
    )


def targets(
    session: Session, tables: Mapping[str, Table], table: Table, field: str, text: str, zone: tzinfo, limit: int
) -> tuple[LookupHit, ...]:
    """Records that the look-up may refer to."""
    info = _field(table, field)
    if info.name == "OwnerId":
        return owners(session, tables, table, text, limit)
    hits = lookups.records(session, tables, info.reference_to, text, zone, limit)
    return tuple(LookupHit(hit.ref, hit.title, hit.subtitle) for hit in hits)


def duplicates(
    session: Session, tables: Mapping[str, Table], table: Table, values: Mapping[str, Any], zone: tzinfo
) -> tuple[DuplicateHit, ...]:
    """Records here that agree with the new one in e-mail address, phone number or name."""
    given = {
        column.name: str(value)
        for name, value in values.items()
        if value and (column := table.column(name)) is not None
    }
    wanted: dict[str, str] = {name: given[name] for name in given if name in ("Email", "Phone")}
    name = " ".join(given[part] for part in ("FirstName", "LastName") if part in given) or given.get("Name", "")
    # A last name alone says nothing.
    if given.get("FirstName") or "LastName" not in given:
        wanted["Name"] = name
    found = lookups.alike(session, tables, _ALIKE.get(table.name, (table.name,)), wanted, zone)
    return tuple(DuplicateHit(hit.ref, hit.title, hit.subtitle, fields) for hit, fields in found)


def _field(table: Table, name: str) -> FieldInfo:
    column = table.column(name)
    if column is None or column.field.type != "reference":
        raise OrgMirrorError(ErrorCode.NO_SUCH_FIELD, object=table.name, field=name)
    return column.field
