"""The three forms of a value: as stored, as REST JSON has it, as Bulk CSV has it. Pure functions.

Stored: text as is; booleans 0/1; datetimes `2026-01-31T12:00:00.000Z`; dates `2026-01-31`; times `12:00:00.000Z`;
numbers as REAL, or as decimal text where they have more digits than a double keeps.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from core.demo.errors import OrgError
from core.demo.ids import is_id, to_18
from core.demo.metadata.fields import NUMBER_TYPES, Field

Stored = str | int | float | None
_EXACT_DIGITS = 15
_DATETIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?", re.IGNORECASE
)
_MARK = "\ue000number\ue001"
_MARKED = re.compile(f'"(?:{_MARK}|\\\\ue000number\\\\ue001)([^"]*)"')


def number_form(value: Decimal) -> float | str:
    """How a number is stored: a double while that keeps every digit, decimal text otherwise."""
    digits = value.normalize().as_tuple().digits
    if len(digits) <= _EXACT_DIGITS:
        return float(value)
    return format(value.normalize(), "f")


def rest_number(value: float | int | str | None) -> float | int | Decimal | None:
    """A stored number for JSON: floats stay, long ones become int or Decimal (see `dumps`)."""
    if isinstance(value, str):
        return Decimal(value) if "." in value else int(value)
    return value if value is None else float(value)


def number_text(value: float) -> str:
    """A double as real orgs print it, in REST and in Bulk CSV: `1.25E7` from ten millions on, `1250000.0` below."""
    text = repr(value)
    if -1e7 < value < 1e7:
        return text
    mantissa, _, exponent = text.partition("e")
    if exponent:
        return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"
    sign = "-" if value < 0 else ""
    whole, _, rest = mantissa.lstrip("-").partition(".")
    digits = (whole + rest).rstrip("0")
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{len(whole) - 1}"


def rest_datetime(value: str | None) -> str | None:
    """`2013-05-07T22:07:19.000+0000`: REST has an offset without colon."""
    return value[:23] + "+0000" if value else None


def stamp(moment: datetime) -> str:
    """A moment as stored: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def moment(text: str) -> datetime:
    """A stored datetime as an aware datetime."""
    return datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)


def parse_moment(text: str) -> datetime | None:
    """An ISO datetime with any offset, or none for UTC; None if it is not one."""
    match = _DATETIME.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
    zone = match[7]
    tail = "+00:00" if zone is None or zone in "zZ" else zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    try:
        return datetime.fromisoformat(
            f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{int(match[6] or 0):02}{tail}"
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def to_stored(field: Field, value: Any) -> Stored:
    """A value as a caller writes it (JSON, or Python date types) in its stored form.

    Raises OrgError JSON_PARSER_ERROR, STRING_TOO_LONG, MALFORMED_ID or INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST.
    """
    if value is None or value == "":
        return 0 if field.type == "boolean" else None
    kind = field.type
    if kind == "boolean":
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return int(value.lower() == "true")
        if isinstance(value, (bool, int)):
            return int(bool(value))
        raise _unreadable(field, value)
    if kind in NUMBER_TYPES or kind == "int":
        return _number(field, value)
    if kind == "datetime":
        found = value if isinstance(value, datetime) else parse_moment(str(value))
        if found is None:
            raise _unreadable(field, value)
        return stamp(found)
    if kind == "date":
        return _date(field, value)
    if kind == "time":
        return _time(field, value)
    if not isinstance(value, str):
        raise _unreadable(field, value)
    if kind in ("reference", "id"):
        if not is_id(value):
            raise OrgError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", 400, [field.name])
        return to_18(value)
    if field.length and len(value) > field.length:
        raise OrgError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {value} (max length={field.length})",
            400,
            [field.name],
        )
    if kind == "picklist" and field.restricted and value not in {pick.value for pick in field.picks}:
        raise OrgError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label}: bad value for restricted picklist field: {value}",
            400,
            [field.name],
        )
    return value.replace("\x00", "")


def _number(field: Field, value: Any) -> Stored:
    try:
        number = Decimal(str(value)) if not isinstance(value, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise _unreadable(field, value)
    if field.type == "int":
        return int(number)
    return number_form(round(number, field.scale) if field.scale < 15 else number)


def _date(field: Field, value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    try:
        return date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError:
        raise _unreadable(field, value) from None


def _time(field: Field, value: Any) -> str:
    try:
        found = value if isinstance(value, time) else time.fromisoformat(str(value).rstrip("Zz"))
    except ValueError:
        raise _unreadable(field, value) from None
    return f"{found:%H:%M:%S}.{found.microsecond // 1000:03}Z"


def _unreadable(field: Field, value: Any) -> OrgError:
    return OrgError(
        "JSON_PARSER_ERROR", f"Cannot deserialize instance of {field.type} from VALUE {value}", 400, [field.name]
    )


def to_rest(field: Field, value: Stored) -> Any:
    """A stored value in REST form."""
    if value is None:
        return None
    if field.type == "boolean":
        return bool(value)
    if field.type in NUMBER_TYPES:
        return rest_number(value)
    return rest_datetime(str(value)) if field.type == "datetime" else value


class RawJson:
    """Ready JSON in UTF-8, which `encoded` puts into a payload as it is. Bytes: text with one emoji takes four each."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


def _default(value: object) -> str:
    if isinstance(value, Decimal):
        return _MARK + format(value, "f")
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def dumps(payload: Any) -> str:
    """JSON text, compact, in which a Decimal is a number with all its digits (the json module cannot do that)."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), default=_default)
    return _MARKED.sub(r"\1", text) if _MARK in text else text


def encoded(payload: Any) -> bytes:
    """`dumps` in UTF-8, of a payload that may have RawJson among its members."""
    if not isinstance(payload, dict) or not any(isinstance(value, RawJson) for value in payload.values()):
        return dumps(payload).encode()
    members = (
        json.dumps(name).encode() + b":" + (value.data if isinstance(value, RawJson) else dumps(value).encode())
        for name, value in payload.items()
    )
    return b"{" + b",".join(members) + b"}"
