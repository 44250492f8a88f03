"""A list of records as data: conditions, sort order, search. `core/mirror/query.py` turns it into SQL."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Operator(StrEnum):
    """One declaration per filter operator."""

    EQUALS = "="
    NOT_EQUALS = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    CONTAINS = "contains"
    STARTS_WITH = "starts"
    IN = "in"
    IS_EMPTY = "empty"
    IS_NOT_EMPTY = "not-empty"


@dataclass(frozen=True, slots=True)
class Condition:
    """`field operator value`; text folds case and accents, a look-up matches the name shown or the id."""

    field: str
    operator: Operator
    value: Any = None


@dataclass(frozen=True, slots=True)
class Sort:
    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Everything that decides which records a list shows and in what order."""

    object: str
    conditions: tuple[Condition, ...] = ()
    sort: tuple[Sort, ...] = ()
    search: str = ""
    include_deleted: bool = False
    limit: int | None = None
