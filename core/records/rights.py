"""What may be edited: by the object's direction, the org's describe, and the state of the record. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.model.describe import FieldInfo, ObjectInfo
from core.model.forms import ReadOnly
from core.model.scope import Direction, may_open_for_editing

_SYSTEM = frozenset(
    {
        "Id", "IsDeleted", "CreatedById", "CreatedDate", "LastModifiedById", "LastModifiedDate", "SystemModstamp",
        "LastActivityDate", "LastViewedDate", "LastReferencedDate", "MasterRecordId", "LastCURequestDate",
        "LastCUUpdateDate", "IsConverted", "ConvertedDate", "ConvertedAccountId", "ConvertedContactId",
        "ConvertedOpportunityId", "EmailBouncedReason", "EmailBouncedDate", "PhotoUrl", "MayEdit", "IsLocked",
    }
)  # fmt: skip


def object_reason(info: ObjectInfo, direction: str, *, creating: bool = False) -> ReadOnly | None:
    """Why no record of the object can be edited (or made), or None."""
    if direction == Direction.PULL:
        return ReadOnly.OBJECT_CLOSED if may_open_for_editing(info.name) else ReadOnly.PULL_ONLY
    allowed = info.createable if creating else info.updateable
    return None if allowed else ReadOnly.NO_RIGHT


def record_reason(info: ObjectInfo, direction: str, row: Mapping[str, Any]) -> ReadOnly | None:
    """Why this record cannot be edited, or None. `row` is what is shown of it."""
    reason = object_reason(info, direction)
    if reason is not None:
        return reason
    if row.get("IsDeleted") == 1:
        return ReadOnly.RECORD_DELETED
    return ReadOnly.RECORD_CONVERTED if row.get("IsConverted") == 1 else None


def delete_reason(info: ObjectInfo, direction: str, row: Mapping[str, Any]) -> ReadOnly | None:
    """Why this record cannot be deleted in Salesforce, or None."""
    if direction == Direction.PULL:
        return object_reason(info, direction)
    if row.get("IsDeleted") == 1:
        return ReadOnly.RECORD_DELETED
    return None if info.deletable else ReadOnly.NO_RIGHT


def field_reason(field: FieldInfo, *, creating: bool = False, has_parts: bool = False) -> ReadOnly | None:
    """Why a field cannot be written, or None. `has_parts`: the object has the parts of a person's name."""
    if field.calculated:
        return ReadOnly.CALCULATED
    if field.auto_number:
        return ReadOnly.AUTO_NUMBER
    if field.createable if creating else field.updateable:
        return None
    if field.name in _SYSTEM or field.type == "id":
        return ReadOnly.SYSTEM
    if field.name == "Name" and has_parts:
        return ReadOnly.BUILT_FROM_PARTS
    return ReadOnly.ONLY_AT_CREATION if field.createable and not creating else ReadOnly.NO_RIGHT


def has_name_parts(info: ObjectInfo) -> bool:
    """Whether the object's Name is made of a first and a last name."""
    return info.field("LastName") is not None


def required(field: FieldInfo) -> bool:
    """Whether Salesforce takes no record without a value of this field."""
    return (
        not field.nillable
        and field.createable
        and not field.defaulted_on_create
        and field.type not in ("boolean", "id")
        and not field.calculated
    )
