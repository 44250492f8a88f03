"""Conditions to SQL. SOQL knows no third truth value: what compares with null is false, and != is true for null."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.demo.errors import OrgError
from core.demo.ids import is_id, to_18
from core.demo.metadata.fields import NUMBER_TYPES, Field
from core.demo.soql import tree
from core.demo.soql.dates import relative_range
from core.demo.soql.parse import unescape
from core.demo.soql.scope import Context, Scope
from core.demo.values import parse_moment, stamp

_ID_TYPES = frozenset({"id", "reference"})
# SQL of a date function over the stored text of a date or datetime.
DATE_FUNCTIONS = {
    "calendar_year": ("int", "CAST(strftime('%Y', {x}) AS INTEGER)"),
    "calendar_quarter": ("int", "((CAST(strftime('%m', {x}) AS INTEGER) + 2) / 3)"),
    "calendar_month": ("int", "CAST(strftime('%m', {x}) AS INTEGER)"),
    "day_in_month": ("int", "CAST(strftime('%d', {x}) AS INTEGER)"),
    "day_in_week": ("int", "(CAST(strftime('%w', {x}) AS INTEGER) + 1)"),
    "day_in_year": ("int", "CAST(strftime('%j', {x}) AS INTEGER)"),
    "day_only": ("date", "substr({x}, 1, 10)"),
    "fiscal_year": ("int", "CAST(strftime('%Y', {x}) AS INTEGER)"),
    "fiscal_quarter": ("int", "((CAST(strftime('%m', {x}) AS INTEGER) + 2) / 3)"),
    "fiscal_month": ("int", "CAST(strftime('%m', {x}) AS INTEGER)"),
    "hour_in_day": ("int", "CAST(strftime('%H', {x}) AS INTEGER)"),
    "week_in_month": ("int", "((CAST(strftime('%d', {x}) AS INTEGER) + 6) / 7)"),
    "week_in_year": ("int", "((CAST(strftime('%j', {x}) AS INTEGER) + 6) / 7)"),
}
_AGGREGATES = frozenset({"count", "count_distinct", "sum", "avg", "min", "max"})
SubCompiler = Callable[[tree.Query, Context], tuple[str, list[Any], Field]]


@dataclass(frozen=True)
class Operand:
    """The left side of a comparison, or an item of GROUP BY and ORDER BY."""

    sql: str
    field: Field

    @property
    def comparable(self) -> str:
        """SQL that orders numbers as numbers even where they are kept as text."""
        return f"CAST({self.sql} AS NUMERIC)" if self.field.type in NUMBER_TYPES else self.sql


def number_sql(sql: str) -> str:
    return f"CAST({sql} AS NUMERIC)"


class Conditions:
    """Compiles WHERE and HAVING of one scope; collects the parameters in order of appearance."""

    def __init__(self, scope: Scope, subquery: SubCompiler, *, having: bool = False) -> None:
        self.scope = scope
        self.context = scope.context
        self.params: list[Any] = []
        self._subquery = subquery
        self._having = having

    def sql(self, item: tree.Condition) -> str:
        """The SQL of a condition. Raises OrgError."""
        if isinstance(item, tree.Group):
            return "(" + f" {item.word} ".join(self.sql(part) for part in item.items) + ")"
        if isinstance(item, tree.Not):
            return f"NOT ifnull({self.sql(item.item)}, 0)"
        if isinstance(item, tree.In):
            return self._in(item)
        if isinstance(item, tree.Includes):
            return self._includes(item)
        return self._compare(item)

    def operand(self, expr: tree.Expr, *, filtering: bool = True) -> Operand:
        """A field or function as SQL."""
        if isinstance(expr, tree.Path):
            column = self.scope.column(expr)
            if filtering and not column.field.filterable:
                raise self._invalid(
                    expr.pos, f"field '{column.field.name}' can not be filtered in a query call", "INVALID_FIELD"
                )
            if column.field.is_compound:
                raise self._invalid(expr.pos, f"Illegal field reference: {expr.text}", "INVALID_FIELD")
            return Operand(column.sql, column.field)
        name = expr.name.lower()
        if name in DATE_FUNCTIONS:
            return self._date_function(expr, name)
        if name == "convertcurrency":
            raise self._invalid(expr.pos, "convertCurrency is only possible in an org with several currencies")
        if name == "tolabel" and len(expr.args) == 1 and isinstance(expr.args[0], tree.Path):
            inner = self.operand(expr.args[0])
            return Operand(label_sql(inner.sql, inner.field), inner.field)
        if name in _AGGREGATES:
            if not self._having:
                raise self._invalid(expr.pos, "unexpected token: '('")
            return self.aggregate(expr)
        raise self._invalid(expr.pos, f"unexpected token: '{expr.name}'")

    def aggregate(self, expr: tree.Func) -> Operand:
        """COUNT, SUM and the like over the rows of a group."""
        name = expr.name.lower()
        if name == "count" and not expr.args:
            return Operand("COUNT(*)", Field("count", "int", "count"))
        if len(expr.args) != 1 or isinstance(expr.args[0], tree.Value):
            raise self._invalid(expr.pos, f"unexpected token: '{expr.name}'")
        inner = self.operand(expr.args[0], filtering=False)
        kind = inner.field.type
        if name in ("count", "count_distinct"):
            distinct = "DISTINCT " if name == "count_distinct" else ""
            folded = " COLLATE NOCASE" if distinct and kind not in _ID_TYPES else ""
            return Operand(f"COUNT({distinct}{inner.sql}{folded})", Field("count", "int", "count"))
        numeric = kind in NUMBER_TYPES or kind == "int"
        if not inner.field.aggregatable or (name in ("sum", "avg") and not numeric):
            raise self._invalid(
                expr.pos, f"field {inner.field.name} does not support aggregate operator {expr.name.upper()}",
                "INVALID_FIELD",
            )  # fmt: skip
        if name == "avg":
            return Operand(f"AVG({number_sql(inner.sql)})", Field("avg", "double", "avg", precision=18, scale=2))
        source = number_sql(inner.sql) if numeric else inner.sql
        return Operand(f"{name.upper()}({source})", inner.field)

    def _date_function(self, expr: tree.Func, name: str) -> Operand:
        kind, template = DATE_FUNCTIONS[name]
        arg = expr.args[0] if len(expr.args) == 1 else None
        zoned = False
        if isinstance(arg, tree.Func) and arg.name.lower() == "converttimezone" and len(arg.args) == 1:
            arg, zoned = arg.args[0], True
        if not isinstance(arg, tree.Path):
            raise self._invalid(expr.pos, f"unexpected token: '{expr.name}'")
        inner = self.operand(arg)
        if inner.field.type not in ("date", "datetime"):
            raise self._invalid(
                expr.pos, f"Date function {expr.name} can only be used on date and datetime fields", "INVALID_FIELD"
            )
        sql = inner.sql
        if zoned and inner.field.type == "datetime":
            sql = f"om_local({sql}, '{self.context.zone}')"
        return Operand(template.replace("{x}", sql), Field(expr.name, kind, expr.name))

    def _invalid(self, pos: int, message: str, code: str = "MALFORMED_QUERY") -> OrgError:
        return self.context.fail(pos, code, message)

    # Values

    def _literal(self, field: Field, value: tree.Value) -> Any:
        """The stored form of a literal that is compared with a field; None for null."""
        kind = field.type
        word = value.text.lower() if value.kind == "word" else ""
        if word == "null":
            return None
        if kind == "boolean":
            if word in ("true", "false"):
                return int(word == "true")
            raise self._wrong(field, value)
        if kind in NUMBER_TYPES or kind == "int":
            if value.kind != "number":
                raise self._wrong(field, value)
            text = value.text
            return int(text) if text.lstrip("+-").isdigit() and len(text) < 19 else float(text)
        if kind in ("date", "datetime", "time"):
            if value.kind != kind:
                raise self._wrong(field, value)
            return self._moment(value)
        if value.kind != "string":
            raise self._wrong(field, value)
        text = unescape(value.text)
        if kind in _ID_TYPES:
            if text and not is_id(text):
                raise self._invalid(value.pos, f"invalid ID field: {text}", "INVALID_QUERY_FILTER_OPERATOR")
            return to_18(text) if text else None
        return text or None

    def _moment(self, value: tree.Value) -> str:
        if value.kind == "datetime":
            found = parse_moment(value.text)
            if found is None:
                raise self._invalid(value.pos, f"Invalid date: {value.text}")
            return stamp(found)
        if value.kind == "time":
            head, _, millis = value.text.rstrip("Zz").partition(".")
            return f"{head}.{(millis + '000')[:3]}Z"
        return value.text

    def _wrong(self, field: Field, value: tree.Value) -> OrgError:
        kinds = {"datetime": "dateTime", "boolean": "boolean"}
        enclosed = " and should not be enclosed in quotes" if value.kind == "string" else ""
        kind = kinds.get(field.type, field.type)
        if field.type not in NUMBER_TYPES | {"date", "datetime", "time", "boolean", "int"}:
            kind, enclosed = "string", " and should be enclosed in quotes"
        return self._invalid(
            value.pos,
            f"value of filter criterion for field '{field.name}' must be of type {kind}{enclosed}",
            "INVALID_FIELD",
        )

    def _mark(self, value: Any) -> str:
        self.params.append(value)
        return "?"

    # Comparisons

    def _compare(self, item: tree.Compare) -> str:
        left = self.operand(item.left)
        value = item.right
        if item.op == "like":
            return self._like(left, value)
        if value.kind == "word" and left.field.type in ("date", "datetime"):
            ranged = self._relative(left, item.op, value)
            if ranged is not None:
                return ranged
        if left.field.type == "multipicklist" and item.op in ("=", "!=") and value.kind == "string":
            wanted = unescape(value.text)
            test = f"ifnull({left.sql}, '') = {self._mark(wanted)} COLLATE NOCASE"
            return f"({test})" if item.op == "=" else f"(NOT {test})"
        stored = self._literal(left.field, value)
        if stored is None:
            if item.op not in ("=", "!="):
                raise self._invalid(value.pos, "Invalid operator on null value")
            return f"({left.sql} IS {'NOT ' if item.op == '!=' else ''}NULL)"
        return self._binary(left, item.op, stored, value.pos)

    def _binary(self, left: Operand, op: str, stored: Any, pos: int) -> str:
        kind = left.field.type
        if kind == "boolean" and op not in ("=", "!="):
            raise self._invalid(pos, f"operator {op} not valid for boolean field", "INVALID_QUERY_FILTER_OPERATOR")
        if kind in ("date", "datetime", "time", "boolean") or kind in _ID_TYPES or isinstance(stored, (int, float)):
            sql = f"{left.comparable} {op} {self._mark(stored)}"
        elif stored.isascii():
            sql = f"{left.sql} {op} {self._mark(stored)} COLLATE NOCASE"
        else:
            sql = f"om_fold({left.sql}) {op} {self._mark(stored.casefold())}"
        return f"({left.sql} IS NULL OR {sql})" if op == "!=" else f"({sql})"

    def _relative(self, left: Operand, op: str, value: tree.Value) -> str | None:
        if value.text.lower() == "null":
            return None
        try:
            found = relative_range(value.text, value.number, self.context.today())
        except (OverflowError, ValueError):
            raise self._invalid(value.pos, f"Invalid date: {value.text}:{value.number}") from None
        if found is None:
            return None
        whole = left.field.type == "date"
        first, end = (day.isoformat() if whole else self.context.midnight(day) for day in found)
        sql = left.sql
        if op == "=":
            return f"({sql} >= {self._mark(first)} AND {sql} < {self._mark(end)})"
        if op == "!=":
            return f"({sql} IS NULL OR {sql} < {self._mark(first)} OR {sql} >= {self._mark(end)})"
        if op in ("<", ">="):
            return f"({sql} {op} {self._mark(first)})"
        return f"({sql} {'<' if op == '<=' else '>='} {self._mark(end)})"

    def _like(self, left: Operand, value: tree.Value) -> str:
        if value.kind != "string":
            raise self._wrong(left.field, value)
        if left.field.type in NUMBER_TYPES | {"int", "boolean", "date", "datetime", "time"} | _ID_TYPES:
            raise self._invalid(value.pos, "invalid operator", "INVALID_QUERY_FILTER_OPERATOR")
        pattern = unescape(value.text, like=True)
        if pattern.isascii():
            return f"(ifnull({left.sql}, '') LIKE {self._mark(pattern)} ESCAPE '\\')"
        return f"om_like({left.sql}, {self._mark(pattern)})"

    def _in(self, item: tree.In) -> str:
        left = self.operand(item.left)
        if item.query is not None:
            return self._semi_join(item, left)
        if left.field.type in ("date", "datetime") and any(
            value.kind == "word" and value.text.lower() != "null" for value in item.values
        ):
            parts = [self._relative(left, "=", value) for value in item.values]
            joined = " OR ".join(part for part in parts if part)
            return f"(NOT ifnull(({joined}), 0))" if item.negated else f"({joined})"
        stored = [self._literal(left.field, value) for value in item.values]
        found = [value for value in stored if value is not None]
        text = left.field.type not in _ID_TYPES and any(isinstance(value, str) for value in found)
        sql = left.comparable
        if text and all(str(value).isascii() for value in found):
            sql += " COLLATE NOCASE"
        elif text:
            sql, found = f"om_fold({sql})", [str(value).casefold() for value in found]
        if len(found) > 300:
            # One parameter: SQLite limits how many there may be.
            members = f"(SELECT value FROM json_each({self._mark(json.dumps(found))}))"
        else:
            members = "(" + ", ".join(self._mark(value) for value in found) + ")"
        test = f"{sql} IN {members}"
        if item.negated:
            return f"({left.sql} IS {'NOT NULL AND' if None in stored else 'NULL OR'} NOT ({test}))"
        return f"({test} OR {left.sql} IS NULL)" if None in stored else f"({test})"

    def _semi_join(self, item: tree.In, left: Operand) -> str:
        assert item.query is not None
        if left.field.type not in _ID_TYPES:
            raise self._invalid(
                item.left.pos, "Semi join sub-selects can only query id fields, cannot use: "
                f"'{left.field.name}'",
            )  # fmt: skip
        sql, params, field = self._subquery(item.query, self.context)
        if field.type not in _ID_TYPES:
            raise self._invalid(
                item.query.source.pos,
                f"The inner select field '{field.name}' must be of type id or reference",
            )
        self.params += params
        test = f"{left.sql} IN ({sql})"
        return f"({left.sql} IS NULL OR NOT ({test}))" if item.negated else f"({test})"

    def _includes(self, item: tree.Includes) -> str:
        left = self.operand(item.left)
        if left.field.type != "multipicklist":
            raise self._invalid(
                item.left.pos, f"field '{left.field.name}' is not a multi-select picklist",
                "INVALID_QUERY_FILTER_OPERATOR",
            )  # fmt: skip
        alternatives = []
        for value in item.values:
            if value.kind != "string":
                raise self._wrong(left.field, value)
            parts = [part for part in unescape(value.text).split(";") if part]
            tests = [f"instr(';' || lower({left.sql}) || ';', {self._mark(f';{part.lower()};')}) > 0" for part in parts]
            alternatives.append("(" + " AND ".join(tests or ["0"]) + ")")
        found = f"({' OR '.join(alternatives)})"
        return f"(NOT ifnull({found}, 0))" if item.negated else f"(ifnull({found}, 0))"


def label_sql(sql: str, field: Field) -> str:
    """A picklist's label in place of its value."""
    different = [(pick.value, pick.label) for pick in field.picks if pick.value != pick.label]
    if not different:
        return sql
    cases = " ".join(f"WHEN {_text(value)} THEN {_text(label)}" for value, label in different)
    return f"CASE {sql} {cases} ELSE {sql} END"


def order_sql(operand: Operand, *, descending: bool, nulls_last: bool) -> str:
    """One ORDER BY term: text without case, picklists in the order of their values, nulls first unless said."""
    sql = operand.comparable
    kind = operand.field.type
    if kind == "picklist" and operand.field.picks:
        cases = " ".join(f"WHEN {_text(pick.value)} THEN {rank}" for rank, pick in enumerate(operand.field.picks))
        rank_sql = f"CASE WHEN {sql} IS NOT NULL THEN CASE {sql} {cases} ELSE {len(operand.field.picks)} END END"
        sql = rank_sql
    elif kind not in NUMBER_TYPES | {"int", "boolean", "date", "datetime", "time"} | _ID_TYPES:
        sql = f"{sql} COLLATE NOCASE"
    return f"{sql} {'DESC' if descending else 'ASC'} NULLS {'LAST' if nulls_last else 'FIRST'}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
