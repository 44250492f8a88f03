"""Which values a picklist offers: active ones, those of the record type, those that its controlling field allows. Pure.

`validFor` of describe is a base64 bitmap over the controlling field's values, the highest bit of the first byte first;
a controlling checkbox counts as the values false and true (salesforce-api.md 3.2).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping
from typing import Any

from core.model.describe import FieldInfo, ObjectInfo, PicklistValue
from core.records.views import Choice

BOOLEAN_CONTROLS = ("false", "true")


def choices(field: FieldInfo, current: Any = None, allowed: Collection[str] | None = None) -> tuple[Choice, ...]:
    """What a form offers. `allowed`: the values of the record type, where they are known.

    The record's own value stays visible when it is inactive or unknown, and is marked so.
    """
    offered = [
        Choice(item.value, item.label, True, item.default)
        for item in field.picklist_values
        if item.active and (allowed is None or item.value in allowed)
    ]
    known = {item.value: item for item in field.picklist_values}
    held = [] if current is None else (str(current).split(";") if field.type == "multipicklist" else [str(current)])
    for value in held:
        if all(choice.value != value for choice in offered):
            offered.append(Choice(value, known[value].label if value in known else value, False))
    return tuple(offered)


def choices_by_control(info: ObjectInfo, field: FieldInfo) -> dict[str, tuple[str, ...]]:
    """For each value of the controlling field the values that it allows; empty for a field that depends on none."""
    controls = controlling_values(info, field)
    if not controls:
        return {}
    allowed: dict[str, list[str]] = {control: [] for control in controls}
    for item in field.picklist_values:
        if item.active:
            for control in _valid_for(item, controls):
                allowed[control].append(item.value)
    return {control: tuple(values) for control, values in allowed.items()}


def controlling_values(info: ObjectInfo, field: FieldInfo) -> tuple[str, ...]:
    """The values of the field's controlling field, in the order of the bitmap; empty where it has none."""
    if not field.dependent_picklist or not field.controller_name:
        return ()
    controller = info.field(field.controller_name)
    if controller is None:
        return ()
    if controller.type == "boolean":
        return BOOLEAN_CONTROLS
    return tuple(item.value for item in controller.picklist_values)


def control_of(field: FieldInfo | None, value: Any) -> str | None:
    """A controlling field's stored value as the key of `choices_by_control`."""
    if field is not None and field.type == "boolean":
        return BOOLEAN_CONTROLS[1 if value in (1, True, "true", "1") else 0]
    return None if value is None else str(value)


def allows(info: ObjectInfo, field: FieldInfo, row: Mapping[str, Any]) -> bool:
    """Whether the field's value in `row` goes with its controlling field's. What is not known allows everything."""
    value = row.get(field.name)
    table = choices_by_control(info, field)
    if value is None or not table:
        return True
    assert field.controller_name is not None
    control = control_of(info.field(field.controller_name), row.get(field.controller_name))
    held = str(value).split(";") if field.type == "multipicklist" else [str(value)]
    if control is None:
        return False
    if control not in table:
        return True  # an old value of the controlling field, which describe no longer knows
    known = {item.value for item in field.picklist_values if item.active}
    return all(item in table[control] for item in held if item in known)


def _valid_for(item: PicklistValue, controls: Collection[str]) -> list[str]:
    if not item.valid_for:
        return []
    try:
        bits = base64.b64decode(item.valid_for, validate=True)
    except (binascii.Error, ValueError):
        return list(controls)  # a bitmap that cannot be read forbids nothing
    return [
        control for at, control in enumerate(controls) if at // 8 < len(bits) and bits[at // 8] & (0x80 >> (at % 8))
    ]
