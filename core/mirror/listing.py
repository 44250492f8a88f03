"""Lists and objects read on one connection: row numbers in order, counts, places, and what objects there are."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

import apsw

from core.mirror.query import Scene, count_sql, list_sql, newest_sql
from core.mirror.tables import Table
from core.mirror.views import ObjectSummary
from core.model.filters import ListQuery
from core.model.states import LoadPhase


def list_rows(conn: apsw.Connection, query: ListQuery, scene: Scene) -> array[int]:
    """The row numbers of a list in its order."""
    newest = newest_sql(query, scene)
    if newest is not None:
        first = array("q", [row for (row,) in conn.execute(newest.text, newest.params)])
        if len(first) == query.limit:
            return first
    statement = list_sql(query, scene)
    rows = array("q", [row for (row,) in conn.execute(statement.text, statement.params)])
    if statement.by_row:
        rows = array("q", sorted(rows))
    return rows


def count_rows(conn: apsw.Connection, query: ListQuery, scene: Scene) -> int:
    """How many records a list has."""
    statement = count_sql(query, scene)
    return int(conn.execute(statement.text, statement.params).get)


def locate_row(conn: apsw.Connection, table: Table, ids: array[int], record_id: str) -> int | None:
    """The place of a record in `ids`, or None where it is not among them."""
    row = conn.execute(f'SELECT om_row FROM {table.quoted} WHERE "Id" = ?', (record_id,)).get
    if row is None:
        return None
    try:
        return ids.index(int(row))
    except ValueError:
        return None


def object_summaries(conn: apsw.Connection, tables: Mapping[str, Table]) -> list[ObjectSummary]:
    """Every visible object with its numbers, by label. While a first load runs, its rows are those that are here."""
    sql = (
        "SELECT o.name, o.label, o.label_plural, o.custom, o.rows, o.loaded, o.direction, o.key_prefix, j.phase, "
        "j.total, (SELECT coalesce(sum(rows), 0) FROM om_load_page p WHERE p.object = o.name) "
        "FROM om_object o LEFT JOIN om_load_job j ON j.object = o.name WHERE o.has_table"
    )
    found = []
    for name, label, plural, custom, rows, loaded, direction, prefix, phase, total, done in conn.execute(sql):
        if name not in tables:
            continue
        found.append(
            ObjectSummary(
                name=name,
                label=label,
                label_plural=plural,
                custom=bool(custom),
                rows=int(rows if loaded else max(rows or 0, done)),
                loaded=bool(loaded),
                phase=None if loaded else LoadPhase(phase or LoadPhase.WAITING),
                total=rows if loaded else total,
                rows_done=int(rows if loaded else done),
                direction=direction,
                key_prefix=prefix,
            )
        )
    return sorted(found, key=lambda o: (o.label_plural.casefold(), o.name))
