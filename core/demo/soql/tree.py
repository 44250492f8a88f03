"""The tree of a SOQL query. Frozen, without any knowledge of objects and fields; `pos` is a character offset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as Word


@dataclass(frozen=True, slots=True)
class Path:
    """`Account.Owner.Name`."""

    parts: tuple[str, ...]
    pos: int

    @property
    def text(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Value:
    """A literal. `words` are null, true, false and relative dates, with the number of `LAST_N_DAYS:5`."""

    kind: Word["string", "number", "date", "datetime", "time", "word"]
    text: str
    pos: int
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Func:
    """`COUNT(Id)`, `CALENDAR_YEAR(CreatedDate)`, `toLabel(Status)`."""

    name: str
    args: tuple[Path | Func | Value, ...]
    pos: int


Expr = Path | Func


@dataclass(frozen=True, slots=True)
class Selected:
    """A field or function of the select list."""

    expr: Expr
    alias: str | None


@dataclass(frozen=True, slots=True)
class Child:
    """A parent-to-child subquery."""

    query: Query
    pos: int


@dataclass(frozen=True, slots=True)
class TypeOf:
    """`TYPEOF What WHEN Account THEN Phone ELSE Name END`."""

    path: Path
    whens: tuple[tuple[str, tuple[Path, ...]], ...]
    otherwise: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """`field op value`; op is one of = != < > <= >= like."""

    left: Expr
    op: str
    right: Value


@dataclass(frozen=True, slots=True)
class In:
    """`field [NOT] IN (...)`: values or a query."""

    left: Expr
    values: tuple[Value, ...]
    query: Query | None
    negated: bool


@dataclass(frozen=True, slots=True)
class Includes:
    """`field INCLUDES|EXCLUDES ('a;b', 'c')`."""

    left: Expr
    values: tuple[Value, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Not:
    item: Condition


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions joined by AND or OR. `pos` is where the first joining word stands."""

    word: Word["AND", "OR"]
    items: tuple[Condition, ...]
    pos: int
    bracketed: bool = False


Condition = Compare | In | Includes | Not | Group


@dataclass(frozen=True, slots=True)
class Order:
    expr: Expr
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query, or a subquery."""

    select: tuple[Selected | Child | TypeOf, ...]
    source: Path
    alias: str | None
    scope: str | None
    where: Condition | None
    group: tuple[Expr, ...]
    having: Condition | None
    order: tuple[Order, ...]
    limit: int | None
    offset: int | None
    all_rows: bool
    purposes: tuple[str, ...]
