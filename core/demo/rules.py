"""What an org checks in a record before it looks at anybody else's: e-mail addresses, ranges, restricted values.

Pure functions over stored values. A value that was there before and stays is not questioned: old data that a newer rule
would refuse does not stand in the way of an edit of another field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from core.demo.errors import OrgError
from core.demo.metadata.fields import NUMBER_TYPES, Field, Object
from core.demo.metadata.layouts import RECORD_TYPE_VALUES
from core.demo.values import Stored

_EMAIL = re.compile(r"[^\s@,;:<>()\[\]\"\\]+@[^\s@,;:<>()\[\]\"\\.]+(\.[^\s@,;:<>()\[\]\"\\.]+)+")
_INT = 2**31


def check_values(
    item: Object, row: Mapping[str, Stored], before: Mapping[str, Stored], record_type: str | None
) -> None:
    """Check what is new in `row`, the values that are to be written, against the row `before` (empty for a new one).

    `record_type` is the developer name of the record's type. Raises OrgError INVALID_EMAIL_ADDRESS,
    NUMBER_OUTSIDE_VALID_RANGE or INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST.
    """
    whole = {**before, **row}
    for name, value in row.items():
        field = item.by_name[name.lower()]
        if value is None or (name in before and before[name] == value):
            continue
        if field.type == "email" and not _EMAIL.fullmatch(str(value)):
            raise OrgError("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {value}", 400, [name])
        if field.type in NUMBER_TYPES or field.type == "int":
            _check_range(field, value)
        if field.type in ("picklist", "multipicklist"):
            _check_picks(item, field, str(value), whole, record_type)


def _check_range(field: Field, value: Stored) -> None:
    number = abs(Decimal(str(value)))
    most = _INT if field.type == "int" else Decimal(10) ** (field.precision - field.scale)
    if number >= most:
        raise OrgError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {value}",
            400,
            [field.name],
        )


def _check_picks(item: Object, field: Field, value: str, whole: Mapping[str, Stored], record_type: str | None) -> None:
    if not field.restricted:
        return
    kept = RECORD_TYPE_VALUES.get((item.name, record_type or "", field.name))
    controlling = whole.get(field.controller) if field.controller else None
    active = {pick.value: pick for pick in field.picks if pick.active}
    for single in value.split(";") if field.type == "multipicklist" else [value]:
        pick = active.get(single)
        fits = pick is not None and (kept is None or single in kept)
        if fits and pick is not None and field.controller:
            fits = controlling in pick.valid_for
        if not fits:
            raise OrgError(
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                f"{field.label}: bad value for restricted picklist field: {single}",
                400,
                [field.name],
            )
