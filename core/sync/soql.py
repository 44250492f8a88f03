"""The few SOQL statements the engine sends. Pure text building; every name comes from describe.

The person's own row filter is in every statement that `select` makes of a table, unless `unfiltered` says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from core.mirror.tables import Table
from core.model.describe import ObjectInfo

# The longest a Salesforce transaction may run: a row can become visible that long after its stamp (sync-peers 2.3).
OVERLAP = timedelta(minutes=10)


def literal(moment: datetime) -> str:
    """A datetime as SOQL writes it: UTC, whole seconds, unquoted. `moment` is timezone-aware UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def select(
    table: Table | ObjectInfo,
    fields: Iterable[str],
    where: str | None = None,
    tail: str = "",
    *,
    unfiltered: bool = False,
) -> str:
    """`SELECT fields FROM object [WHERE row filter and where] [tail]`. A bare describe has no row filter."""
    text = f"SELECT {', '.join(fields)} FROM {table.name}"
    condition = where if unfiltered else both(own_filter(table), where)
    if condition:
        text += f" WHERE {condition}"
    return f"{text} {tail}" if tail else text


def own_filter(table: Table | ObjectInfo) -> str | None:
    """The person's row filter, in parentheses so that other conditions may stand beside it."""
    return f"({table.row_filter})" if isinstance(table, Table) and table.row_filter else None


def load_fields(table: Table) -> tuple[str, ...]:
    """The fields a load asks for: the table's columns, which are what describe lists for this user."""
    return tuple(column.name for column in table.columns if column.name not in table.held)


def changed_since(stamp: str, watermark: datetime) -> str:
    """The condition that finds what changed since a watermark: `>=` and an overlap, so that no tie is lost."""
    return f"{stamp} >= {literal(watermark - OVERLAP)}"


def both(*conditions: str | None) -> str | None:
    """All of the conditions, None among them passed over."""
    return " AND ".join(condition for condition in conditions if condition) or None


def among(field: str, ids: Iterable[str]) -> str:
    """The condition that a look-up or Id is one of `ids`, which hold letters and digits only."""
    quoted = ", ".join(f"'{each}'" for each in ids)
    return f"{field} IN ({quoted})"


def key_fields(table: Table) -> list[str]:
    """What every part of a split field list holds: Id, and the stamp where there is one."""
    return ["Id", table.stamp_field] if table.stamp_field else ["Id"]


def field_groups(table: Table, size: int) -> list[tuple[str, ...]]:
    """The fields in groups of `size`, each with Id and the stamp, for objects whose whole list is refused."""
    keys = key_fields(table)
    rest = [name for name in load_fields(table) if name not in keys]
    return [(*keys, *rest[start : start + size]) for start in range(0, max(1, len(rest)), size)]
