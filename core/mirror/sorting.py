"""By what a column is sorted, and the indexes that keep a sort quick once a person has asked for it. SQL as text, pure.

Texts sort by `om_fold(column)`, a stored key only in so far as an index holds it: the table itself stays as the org has
it, and SQLite keeps the key up with every write. Empty values come last in either direction, equal ones in the order
of `om_row`. A column is indexed after the first sort by it (`indexes.build`, preemptible, in idle time).

Measured at a million rows, encrypted, in CPU seconds (`tests/perf/test_mirror_reading.py`): the first sort of a text
3.8, its index 3.4, every sort after that 0.65. A side table of keys filled in slices would be as quick to read, and
double what every write of a row costs.
"""

from __future__ import annotations

from enum import StrEnum

import apsw

from core.mirror import folding
from core.mirror.tables import Column, Table
from core.mirror.values import Kind, quoted

PREFIX = "om_sort_"
# An index for each column that anybody ever clicked would make every later write pay.
MAX_INDEXES = 8
_VERSION_KEY = "folding"
_PLAIN_TEXTS = frozenset({"date", "time"})


class Key(StrEnum):
    """What a column is compared by."""

    FOLDED = "folded"  # om_fold(column)
    PLAIN = "plain"  # the stored value, or an exact number's REAL
    NAME = "name"  # the name a look-up shows


def key_of(column: Column) -> Key:
    """By which key the column is sorted and compared."""
    if column.field.type == "reference":
        return Key.NAME
    if column.kind is Kind.TEXT and column.field.type not in _PLAIN_TEXTS:
        return Key.FOLDED
    return Key.PLAIN


def key_sql(column: Column, alias: str = "") -> str:
    """The SQL expression of a FOLDED or PLAIN column's key."""
    at = f"{alias}." if alias else ""
    if key_of(column) is Key.FOLDED:
        return f"om_fold({at}{quoted(column.name)})"
    return f"{at}{column.order_sql}"


def index_name(table: Table, column: Column) -> str:
    """The name of the column's sort index."""
    return f"{PREFIX}{table.name}_{column.name}"


def index_sql(table: Table, column: Column) -> str | None:
    """The statement that makes the column's sort index; None for look-ups (sorted by a join) and long texts."""
    if key_of(column) is Key.NAME or column.field.is_long_text:
        return None
    name = quoted(index_name(table, column))
    return f"CREATE INDEX IF NOT EXISTS {name} ON {table.quoted} ({key_sql(column)})"


def wanted_index(conn: apsw.Connection, table: Table, column: Column) -> str | None:
    """`index_sql` where neither it nor another index serves the column yet and the table has room for one more."""
    sql = index_sql(table, column)
    if sql is None:
        return None
    have = [
        row[0]
        for row in conn.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?", (table.name,))
    ]
    if sum(name.startswith(PREFIX) for name in have) >= MAX_INDEXES:
        return None
    served = index_name(table, column) in have
    if key_of(column) is Key.PLAIN:
        served = served or f"om_ix_{table.name}_{column.name}" in have
    return None if served else sql


def check(conn: apsw.Connection) -> None:
    """Drop indexes whose keys were folded by another rule (a newer Python): called before anything is written.

    SQLite would look for entries under keys that are not there. They come again with the next sort.
    """
    stored = conn.execute("SELECT value FROM om_setting WHERE key = ?", (_VERSION_KEY,)).get
    if stored == folding.VERSION:
        return
    if stored is not None:
        names = conn.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql LIKE '%om_fold(%'").fetchall()
        for (name,) in names:
            conn.execute(f"DROP INDEX {quoted(str(name))}")
    conn.execute("INSERT OR REPLACE INTO om_setting (key, value) VALUES (?, ?)", (_VERSION_KEY, folding.VERSION))
