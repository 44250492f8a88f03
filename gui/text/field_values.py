"""What a person types into a field -> the value that is kept, and back. Pure but for the locale; GUI thread.

Numbers may carry the digit groups and the decimal sign of the reader's language or of English; dates are written as
the record shows them (2024-05-07), as the language writes them, or as `today`, `tomorrow`, `+5`. Datetimes are typed
and shown in the zone of the Salesforce user and kept in UTC (rules 2 and 8).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from PySide6.QtCore import QCoreApplication, QDate, QLocale

NUMBERS = frozenset({"int", "long", "double", "currency", "percent"})
TICK = "✓"
_NOT_DIGITS = re.compile(r"[\s\u00a0\u202f'’]")
_DAYS = re.compile(r"^([+-])\s*(\d{1,4})$")
_CLOCK = re.compile(r"^(\d{1,2})(?:[:.](\d{2}))?(?:[:.](\d{2}))?\s*([ap]m?)?$", re.IGNORECASE)

Today = Callable[[], date]


class BadValue(ValueError):
    """The text is not a value of that type; `str()` is a sentence for the person."""


def is_true(value: Any) -> bool:
    """A stored or typed boolean."""
    return value in (1, True, "1", "true", "True")


def is_blank(value: Any) -> bool:
    """Whether a value is no value: rules 2 has null and empty the same."""
    return value is None or value == ""


def same(kind: str, one: Any, other: Any) -> bool:
    """Whether two values of a field of type `kind` are the same value, whatever form they have."""
    if kind == "boolean":
        return is_true(one) == is_true(other)
    if is_blank(one) or is_blank(other):
        return is_blank(one) and is_blank(other)
    if kind in NUMBERS:
        try:
            return Decimal(str(one)) == Decimal(str(other))
        except InvalidOperation:
            return str(one) == str(other)
    if kind == "datetime":
        first, second = _moment(one), _moment(other)
        return first == second if first and second else str(one) == str(other)
    if kind == "multipicklist":
        return set(str(one).split(";")) == set(str(other).split(";"))
    return str(one) == str(other)


# Shown


def shown(kind: str, value: Any, zone: tzinfo, *, scale: int = 0, labels: dict[str, str] | None = None) -> str:
    """A value as text, as the mirror shows it; a look-up's name is not known here."""
    if kind == "boolean":
        return TICK if is_true(value) else ""
    if is_blank(value):
        return ""
    text = str(value)
    if kind in NUMBERS:
        return _number_text(text, scale, kind)
    if kind == "datetime":
        moment = _moment(text)
        return moment.astimezone(zone).isoformat(" ", "minutes")[:16] if moment else text
    if kind == "multipicklist":
        return "; ".join((labels or {}).get(part, part) for part in text.split(";"))
    if kind in ("picklist", "combobox"):
        return (labels or {}).get(text, text)
    if kind == "time":
        return text[:5]
    return text


def editable_text(kind: str, value: Any, zone: tzinfo) -> str:
    """What stands in a line editor when editing begins: exactly the value, in a form `parsed` reads back."""
    if is_blank(value):
        return ""
    if kind in NUMBERS:
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            return str(value)
        text = format(number.normalize(), "f") if number == number.to_integral_value() else format(number, "f")
        return text.replace(".", QLocale().decimalPoint())
    return shown(kind, value, zone) if kind in ("datetime", "time") else str(value)


def _number_text(text: str, scale: int, kind: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    places = scale if kind not in ("int", "long") else 0
    return f"{number:,.{max(0, places)}f}"


# Typed


def parsed(kind: str, text: str, zone: tzinfo, *, today: Today = date.today) -> Any:
    """The value that `text` means; None for none. Raises BadValue."""
    text = text.strip() if kind not in ("textarea", "string") else text
    if not text.strip():
        return None
    if kind in NUMBERS:
        return _number(kind, text)
    if kind == "date":
        return _date(text, today).isoformat()
    if kind == "datetime":
        return _datetime(text, zone, today)
    if kind == "time":
        return f"{_time(text).isoformat('milliseconds')}Z"
    return text


def _number(kind: str, text: str) -> str:
    plain = _NOT_DIGITS.sub("", text.removesuffix("%"))
    point = QLocale().decimalPoint()
    group = "," if point == "." else "."
    if point in plain:
        plain = plain.replace(group, "").replace(point, ".")
    elif plain.count(group) == 1 and not re.search(rf"{re.escape(group)}\d{{3}}$", plain):
        plain = plain.replace(group, ".")  # the other language's decimal sign
    else:
        plain = plain.replace(group, "")
    try:
        number = Decimal(plain)
    except InvalidOperation as problem:
        raise BadValue(QCoreApplication.translate("FieldValues", "This is not a number.")) from problem
    if not number.is_finite():
        raise BadValue(QCoreApplication.translate("FieldValues", "This is not a number."))
    if kind in ("int", "long") and number != number.to_integral_value():
        raise BadValue(QCoreApplication.translate("FieldValues", "Whole numbers only."))
    return format(number, "f")


def _date(text: str, today: Today) -> date:
    word = text.casefold().strip()
    if word in ("today", QCoreApplication.translate("FieldValues", "today").casefold()):
        return today()
    if word in ("tomorrow", QCoreApplication.translate("FieldValues", "tomorrow").casefold()):
        return today() + timedelta(days=1)
    days = _DAYS.match(word)
    if days:
        return today() + timedelta(days=int(days[2]) * (1 if days[1] == "+" else -1))
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        pass
    locale = QLocale()
    for form in (QLocale.FormatType.ShortFormat, QLocale.FormatType.LongFormat):
        found = locale.toDate(text.strip(), form)
        if not found.isValid():
            found = locale.toDate(text.strip(), locale.dateFormat(form).replace("yyyy", "yy").replace("yy", "yyyy"))
        if found.isValid():
            return _century(found)
    raise BadValue(QCoreApplication.translate("FieldValues", "Write a date as 2026-11-30, or +5 for in five days."))


def _century(found: QDate) -> date:
    year = found.year() + 100 if found.year() < 1950 else found.year()
    return date(year, found.month(), found.day())


def _time(text: str) -> time:
    match = _CLOCK.match(text.strip())
    if match:
        hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
        half = (match[4] or "")[:1].lower()
        if half and not 1 <= hour <= 12:
            hour = 99
        elif half:
            hour = hour % 12 + (12 if half == "p" else 0)
        if hour < 24 and minute < 60 and second < 60:
            return time(hour, minute, second)
    raise BadValue(QCoreApplication.translate("FieldValues", "Write a time as 14:30."))


def _datetime(text: str, zone: tzinfo, today: Today) -> str:
    day, _, clock = text.strip().replace("T", " ").rpartition(" ")
    if clock.casefold() in ("am", "pm"):
        day, _, hour = day.rpartition(" ")
        clock = hour + clock
    if not day:
        day, clock = text, ""
    moment = datetime.combine(_date(day, today), _time(clock) if clock else time(9), tzinfo=zone)
    return stored_moment(moment)


def stored_moment(moment: datetime) -> str:
    """A datetime as the mirror keeps it: UTC, milliseconds, Z."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
