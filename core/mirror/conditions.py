"""One condition of a list -> SQL over the typed column. Pure.

Numbers compare as numbers, texts by their folded key, look-ups by the name shown or the id, days in the zone given.
A condition on an empty value holds only for "is empty", "is not" and "is not empty".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from core.mirror import times
from core.mirror.folding import after_prefix, fold, sort_key
from core.mirror.sorting import Key, key_of
from core.mirror.tables import Column, Table
from core.mirror.values import Kind, exact_text, quoted
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.filters import Condition, Operator
from core.model.refs import is_salesforce_id, long_id

Part = tuple[str, list[Any]]
_COMPARE = {
    Operator.LESS: "<",
    Operator.LESS_OR_EQUAL: "<=",
    Operator.GREATER: ">",
    Operator.GREATER_OR_EQUAL: ">=",
}
_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})
_INT64 = 2**63


def condition_sql(condition: Condition, column: Column, tables: Mapping[str, Table], zone: tzinfo) -> Part:
    """The SQL of a condition over the table aliased `t`. Raises BAD_FILTER for what does not fit the field."""
    name = f"t.{quoted(column.name)}"
    operator, value = condition.operator, condition.value
    if operator is Operator.IS_EMPTY or (operator is Operator.EQUALS and value in (None, "")):
        return f"{name} IS NULL", []
    if operator is Operator.IS_NOT_EMPTY or (operator is Operator.NOT_EQUALS and value in (None, "")):
        return f"{name} IS NOT NULL", []
    if operator is Operator.NOT_EQUALS:
        text, params = _positive(Condition(condition.field, Operator.EQUALS, value), column, tables, zone)
        return f"NOT coalesce({text}, 0)", params
    if operator is Operator.IN:
        if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
            raise _bad(condition)
        return _any(condition, list(value), column, tables, zone)
    return _positive(condition, column, tables, zone)


def _any(condition: Condition, values: list[Any], column: Column, tables: Mapping[str, Table], zone: tzinfo) -> Part:
    if not values:
        return "0", []
    if column.field.type == "id":
        ids = [long_id(str(v)) for v in values]
        return f't."{column.name}" IN (SELECT value FROM json_each(?))', [json.dumps(ids)]
    parts, params = [], []
    for value in values:
        text, some = condition_sql(Condition(condition.field, Operator.EQUALS, value), column, tables, zone)
        parts.append(text)
        params += some
    return "(" + " OR ".join(parts) + ")", params


def _positive(condition: Condition, column: Column, tables: Mapping[str, Table], zone: tzinfo) -> Part:
    way: Callable[[Condition, Column], Part]
    if key_of(column) is Key.NAME:
        return _look_up(condition, column, tables)
    if key_of(column) is Key.FOLDED:
        way = _text
    elif column.kind is Kind.ID:
        way = _id
    elif column.kind is Kind.BOOLEAN:
        way = _boolean
    elif column.kind in (Kind.NUMBER, Kind.EXACT):
        way = _number
    elif column.field.type == "time":
        way = _time
    else:
        return _moment(condition, column, zone)
    return way(condition, column)


def _bad(condition: Condition) -> OrgMirrorError:
    return OrgMirrorError(ErrorCode.BAD_FILTER, field=condition.field, operator=condition.operator.value)


def _text(condition: Condition, column: Column) -> Part:
    key = f"om_fold(t.{quoted(column.name)})"
    wanted = sort_key(condition.value) or ""
    match condition.operator:
        case Operator.EQUALS:
            keys = _picklist_keys(column, wanted)
            if column.field.type == "multipicklist":
                one = f"instr(';' || {key} || ';', ?)"
                return "(" + " OR ".join([one] * len(keys)) + ")", [f";{k};" for k in keys]
            return (f"{key} = ?", keys) if len(keys) == 1 else (f"{key} IN ({', '.join('?' * len(keys))})", keys)
        case Operator.CONTAINS:
            return f"instr({key}, ?) > 0", [fold(str(condition.value))]
        case Operator.STARTS_WITH:
            return f"({key} >= ? AND {key} < ?)", [wanted, after_prefix(wanted)]
        case _:
            return f"{key} {_COMPARE[condition.operator]} ?", [wanted]


def _picklist_keys(column: Column, wanted: str) -> list[str]:
    """The value itself and those whose label reads so: a person filters by what a list shows."""
    keys = [wanted]
    for item in column.field.picklist_values:
        if sort_key(item.label) == wanted and (key := sort_key(item.value)) and key not in keys:
            keys.append(key)
    return keys


def _id(condition: Condition, column: Column) -> Part:
    name = f"t.{quoted(column.name)}"
    text = str(condition.value).strip()
    match condition.operator:
        case Operator.EQUALS:
            return f"{name} = ?", [long_id(text)]
        case Operator.STARTS_WITH:
            return f"({name} >= ? AND {name} < ?)", [text, after_prefix(text)]
        case Operator.CONTAINS:
            return f"instr({name}, ?) > 0", [text]
        case _:
            return f"{name} {_COMPARE[condition.operator]} ?", [long_id(text)]


def _look_up(condition: Condition, column: Column, tables: Mapping[str, Table]) -> Part:
    name = f"t.{quoted(column.name)}"
    parts: list[str] = []
    params: list[Any] = []
    text = str(condition.value).strip()
    if condition.operator is Operator.EQUALS and is_salesforce_id(text):
        parts.append(f"{name} = ?")
        params.append(long_id(text))
    wanted = sort_key(text) or ""
    for target_name in column.field.reference_to:
        target = tables.get(target_name)
        if target is None or target.name_field is None:
            continue
        key = f"om_fold({quoted(target.name_field)})"
        match condition.operator:
            case Operator.EQUALS:
                test, values = f"{key} = ?", [wanted]
            case Operator.CONTAINS:
                test, values = f"instr({key}, ?) > 0", [fold(text)]
            case Operator.STARTS_WITH:
                test, values = f"{key} >= ? AND {key} < ?", [wanted, after_prefix(wanted)]
            case _:
                test, values = f"{key} {_COMPARE[condition.operator]} ?", [wanted]
        parts.append(f'{name} IN (SELECT "Id" FROM {target.quoted} WHERE {test})')
        params += values
    return ("(" + " OR ".join(parts) + ")" if parts else "0"), params


def _boolean(condition: Condition, column: Column) -> Part:
    text = str(condition.value).strip().lower()
    if condition.operator is not Operator.EQUALS or text not in _TRUE | _FALSE:
        raise _bad(condition)
    return f"t.{quoted(column.name)} = ?", [1 if text in _TRUE else 0]


def _number(condition: Condition, column: Column) -> Part:
    if isinstance(condition.value, bool):
        raise _bad(condition)
    try:
        number = Decimal(str(condition.value).strip())
    except InvalidOperation:
        raise _bad(condition) from None
    if not number.is_finite():
        raise _bad(condition)
    if condition.operator is Operator.EQUALS and column.kind is Kind.EXACT:
        return f"t.{quoted(column.name)} = ?", [exact_text(str(number))]
    sign = "=" if condition.operator is Operator.EQUALS else _COMPARE.get(condition.operator)
    if sign is None:
        raise _bad(condition)
    whole = number == number.to_integral_value() and abs(number) < _INT64
    return f"t.{column.order_sql} {sign} ?", [int(number) if whole else float(number)]


def _time(condition: Condition, column: Column) -> Part:
    try:
        value = condition.value
        moment = value if isinstance(value, time) else time.fromisoformat(str(value).strip().removesuffix("Z"))
    except ValueError:
        raise _bad(condition) from None
    sign = "=" if condition.operator is Operator.EQUALS else _COMPARE.get(condition.operator)
    if sign is None:
        raise _bad(condition)
    text = moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    return f"t.{quoted(column.name)} {sign} ?", [text]


def _moment(condition: Condition, column: Column, zone: tzinfo) -> Part:
    """Dates and datetimes. A year, month or day means the whole of it, in `zone` for a datetime."""
    name = f"t.{quoted(column.name)}"
    text = str(condition.value).strip()
    if condition.operator in (Operator.STARTS_WITH, Operator.CONTAINS):
        return f"instr({name}, ?) {'= 1' if condition.operator is Operator.STARTS_WITH else '> 0'}", [text]
    try:
        first, end = _span(condition.value, column.field.type == "date", zone)
    except (ValueError, OverflowError):
        raise _bad(condition) from None
    match condition.operator:
        case Operator.EQUALS:
            return f"({name} >= ? AND {name} < ?)", [first, end]
        case Operator.LESS:
            return f"{name} < ?", [first]
        case Operator.LESS_OR_EQUAL:
            return f"{name} < ?", [end]
        case Operator.GREATER:
            return f"{name} >= ?", [end]
        case _:
            return f"{name} >= ?", [first]


def _span(value: Any, dates: bool, zone: tzinfo) -> tuple[str, str]:
    """The first stored text inside the period that `value` names, and the first one behind it."""
    if isinstance(value, datetime) or (isinstance(value, str) and len(value.strip()) > 10):
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value.strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        if dates:
            day = moment.astimezone(zone).date()
            return day.isoformat(), (day + timedelta(days=1)).isoformat()
        return times.to_text(moment), times.to_text(moment + timedelta(milliseconds=1))
    if isinstance(value, date):
        first, end = value, value + timedelta(days=1)
    else:
        first, end = _period(str(value).strip())
    if dates:
        return first.isoformat(), end.isoformat()
    return _midnight(first, zone), _midnight(end, zone)


def _period(text: str) -> tuple[date, date]:
    numbers = [int(part) for part in text.split("-")]
    if len(numbers) == 1:
        return date(numbers[0], 1, 1), date(numbers[0] + 1, 1, 1)
    if len(numbers) == 2:
        year, month = numbers
        return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
    day = date.fromisoformat(text)
    return day, day + timedelta(days=1)


def _midnight(day: date, zone: tzinfo) -> str:
    return times.to_text(datetime.combine(day, time(), tzinfo=zone).astimezone(UTC))
