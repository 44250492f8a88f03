"""What is wrong with a value before it is sent, by the org's own describe. Pure.

`entered` turns what a form or a command line gives into the stored form; `faults` looks at a whole record. Salesforce
has the last word: what it only rounds or does not refuse is no fault here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any

from core.model.describe import NUMBER_TYPES, FieldInfo, ObjectInfo
from core.model.forms import FaultCode, FieldFault
from core.model.refs import is_salesforce_id, is_temporary_id
from core.records import picklists, rights

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
_YEARS = range(1700, 4001)  # Salesforce's own bounds of a date


@dataclass(frozen=True, slots=True)
class Fault(Exception):
    """Why a value cannot be taken."""

    code: FaultCode
    params: Mapping[str, Any]


def entered(field: FieldInfo, value: Any, zone: tzinfo) -> Any:
    """The value as wire text would have it: None, bool, or text. Raises Fault.

    A datetime without an offset is in `zone`, the Salesforce user's.
    """
    if value is None or (isinstance(value, str) and not value.strip() and field.type != "boolean"):
        return None
    text = value if isinstance(value, str) else _text(value)
    if field.type == "boolean":
        return _boolean(text)
    if field.type in NUMBER_TYPES:
        return _number(field, text.strip())
    if field.type == "date":
        return _date(text.strip())
    if field.type == "datetime":
        return _moment(text.strip(), zone)
    if field.type == "time":
        return _time(text.strip())
    if field.type == "reference":
        return _reference(text.strip())
    if field.type == "multipicklist":
        return ";".join(part.strip() for part in text.split(";") if part.strip()) or None
    text = text.replace("\r\n", "\n").replace("\0", "")
    if field.length and len(text) > field.length:
        raise Fault(FaultCode.TOO_LONG, {"length": len(text), "limit": field.length})
    if field.type == "email" and not _EMAIL.fullmatch(text.strip()):
        raise Fault(FaultCode.NOT_AN_EMAIL, {})
    return text.strip() if field.type in ("email", "phone", "url", "picklist") else text


def faults(
    info: ObjectInfo,
    changed: Mapping[str, Any],
    row: Mapping[str, Any],
    *,
    creating: bool,
    allowed: Mapping[str, Collection[str]] | None = None,
) -> list[FieldFault]:
    """What is wrong with `changed` (stored values by field name) in the record that `row` shows after the change.

    `row` has the values before for unchanged fields; `allowed` the picklist values of the record type where known.
    """
    found: list[FieldFault] = []
    after = {**row, **changed}
    for field in info.fields:
        if field.name in changed:
            found += _value_faults(info, field, changed[field.name], row, creating, allowed or {})
        elif creating and rights.required(field) and after.get(field.name) is None:
            found.append(FieldFault(field.name, FaultCode.REQUIRED, field.label))
    told = {fault.field for fault in found}
    for field in info.fields:
        moved = field.name in changed or field.controller_name in changed
        if field.dependent_picklist and moved and field.name not in told and not picklists.allows(info, field, after):
            controller = info.field(field.controller_name or "")
            params = {"value": after[field.name], "controller": controller.label if controller else ""}
            found.append(FieldFault(field.name, FaultCode.NOT_FOR_CONTROLLER, field.label, params))
    return found


def _value_faults(
    info: ObjectInfo,
    field: FieldInfo,
    value: Any,
    row: Mapping[str, Any],
    creating: bool,
    allowed: Mapping[str, Collection[str]],
) -> list[FieldFault]:
    reason = rights.field_reason(field, creating=creating, has_parts=rights.has_name_parts(info))
    if reason is not None:
        return [FieldFault(field.name, FaultCode.NOT_EDITABLE, field.label, {"reason": reason.value})]
    if value is None:
        needed = not field.nillable and field.type != "boolean" and not (creating and field.defaulted_on_create)
        return [FieldFault(field.name, FaultCode.REQUIRED, field.label)] if needed else []
    if field.type in ("picklist", "multipicklist") and field.restricted_picklist and field.picklist_values:
        return _picklist_faults(field, str(value), row.get(field.name), allowed.get(field.name))
    return []


def _picklist_faults(field: FieldInfo, value: str, before: Any, allowed: Collection[str] | None) -> list[FieldFault]:
    active = {item.value for item in field.picklist_values if item.active}
    parts = value.split(";") if field.type == "multipicklist" else [value]
    held = set() if before is None else set(str(before).split(";"))
    for part in parts:
        if part in held:
            continue  # an old value may stay
        if part not in active:
            return [FieldFault(field.name, FaultCode.NOT_IN_PICKLIST, field.label, {"value": part})]
        if allowed is not None and part not in allowed:
            return [FieldFault(field.name, FaultCode.NOT_FOR_RECORD_TYPE, field.label, {"value": part})]
    return []


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)


def _boolean(text: str) -> bool:
    found = _BOOLEANS.get(text.strip().lower()) if text.strip() else False
    if found is None:
        raise Fault(FaultCode.NOT_A_BOOLEAN, {})
    return found


def _number(field: FieldInfo, text: str) -> str:
    if not _NUMBER.fullmatch(text):
        raise Fault(FaultCode.NOT_A_NUMBER, {})
    number = Decimal(text)
    if field.type in ("int", "long"):
        if number != number.to_integral_value():
            raise Fault(FaultCode.TOO_MANY_DECIMALS, {"scale": 0})
        limit = field.digits or (9 if field.type == "int" else 18)
    else:
        limit = field.precision - field.scale if field.precision else 18
    if number and number.adjusted() + 1 > limit:
        raise Fault(FaultCode.OUT_OF_RANGE, {"digits": limit})
    return format(number, "f")


def _date(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Fault(FaultCode.NOT_A_DATE, {}) from error
    if day.year not in _YEARS:
        raise Fault(FaultCode.OUT_OF_RANGE, {"digits": 4})
    return day.isoformat()


def _moment(text: str, zone: tzinfo) -> str:
    try:
        moment = datetime.fromisoformat(text)
        if len(text) <= len("2024-01-01"):
            raise ValueError(text)  # a day is no moment
    except ValueError as error:
        raise Fault(FaultCode.NOT_A_DATETIME, {}) from error
    if moment.year not in _YEARS:
        raise Fault(FaultCode.OUT_OF_RANGE, {"digits": 4})
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()


def _time(text: str) -> str:
    try:
        at = time.fromisoformat(text.removesuffix("Z"))
    except ValueError as error:
        raise Fault(FaultCode.NOT_A_TIME, {}) from error
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _reference(text: str) -> str:
    if not is_salesforce_id(text) and not is_temporary_id(text):
        raise Fault(FaultCode.NOT_AN_ID, {})
    return text
