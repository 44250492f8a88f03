"""The answer to a query: a stable list of row numbers, whose values are read when a page is asked for.

A Result belongs to the query that made it and may be read by any thread: it opens no cursor that it keeps.
"""

from __future__ import annotations

import json
from array import array
from typing import Any

from core.demo.errors import BulkRefused
from core.demo.metadata.fields import NUMBER_TYPES
from core.demo.soql.compile import Plan
from core.demo.soql.shape import OutColumn, Shape, csv_pieces
from core.demo.store import Store
from core.demo.values import RawJson, number_text, to_rest

Column = OutColumn


class Result:
    """Rows of one query.

    `columns` in the order asked for; `total_size` counts the rows (of COUNT(): the number counted); `is_count` tells
    COUNT() from a query that found rows.
    """

    def __init__(self, plan: Plan, store: Store) -> None:
        self._plan = plan
        self._store = store
        self._ids = array("q")
        self._rows: list[tuple[Any, ...]] = []
        self.object_name = plan.item.name
        self.columns: list[OutColumn] = plan.columns
        self.is_count = bool(plan.count_sql)
        self.is_aggregate = bool(plan.aggregate_sql)
        run = store.connection.execute
        if plan.count_sql:
            self.total_size = int(run(plan.count_sql, plan.params).fetchone()[0])
        elif plan.aggregate_sql:
            self._rows = run(plan.aggregate_sql, plan.params).fetchall()
            self.total_size = len(self._rows)
        else:
            self._ids = array("q", (row[0] for row in run(plan.ids_sql, plan.params)))
            self.total_size = len(self._ids)

    @property
    def row_numbers(self) -> array[int]:
        """The rows found, by their internal numbers."""
        return self._ids

    def _page(self, start: int, count: int | None) -> array[int]:
        return self._ids[start : None if count is None else start + count]

    def _read(self, columns: list[str], start: int, count: int | None) -> list[tuple[Any, ...]]:
        page = self._page(start, count)
        shape = self._plan.shape
        if shape is None or not page:
            return []
        alias = shape.scope.sql_alias
        source = shape.scope.from_sql()
        # The rows come in the order of the list, because CROSS JOIN keeps the list as the outer loop.
        sql = (
            f"SELECT {', '.join(columns)} FROM json_each(?) AS om_page CROSS JOIN {source} "
            f"WHERE {alias}.n = om_page.value"
        )
        return self._store.connection.execute(sql, (json.dumps(page.tolist()),)).fetchall()

    def records(self, api_version: str, start: int = 0, count: int | None = None) -> list[dict[str, Any]]:
        """REST records of a page, in their JSON form (long numbers as Decimal: encode with `values.dumps`).

        `api_version` such as "65.0" stands in the records' URLs.
        """
        if self.is_count:
            return []
        if self.is_aggregate:
            return [self._aggregated(row) for row in self._rows[start : None if count is None else start + count]]
        shape = self._plan.shape
        assert shape is not None
        rows = self._read(shape.sql, start, count)
        base = f"/services/data/v{api_version}/sobjects/"
        make = shape.maker()
        children = [self._children(shape, index, rows, base) for index in range(len(shape.children))]
        return [make(row, base, children) for row in rows]

    def json_records(self, api_version: str, start: int = 0, count: int | None = None) -> RawJson | None:
        """The same page as `records`, as ready JSON text; None for an answer with more than plain values of a row."""
        shape = self._plan.shape
        if shape is None or not shape.flat:
            return None
        lines = [
            "".join([part if part.__class__ is str else _json_number(part) for part in row]).encode()
            for row in self._read(shape.json_pieces(f"/services/data/v{api_version}/sobjects/"), start, count)
        ]
        return RawJson(b"[" + b",".join(lines) + b"]")

    def _children(
        self, shape: Shape, index: int, rows: list[tuple[Any, ...]], base: str
    ) -> dict[str, list[dict[str, Any]]]:
        plan = shape.children[index]
        parents = json.dumps([row[0] for row in rows])
        make = plan.shape.maker()
        at = len(plan.shape.sql)
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self._store.connection.execute(plan.sql, (*plan.params, parents)):
            found.setdefault(row[at], []).append(make(row, base, ()))
        return found

    def _aggregated(self, row: tuple[Any, ...]) -> dict[str, Any]:
        record: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
        for column, value in zip(self.columns, row, strict=True):
            record[column.name] = to_rest(column.field, value)
        return record

    def csv_rows(self, start: int = 0, count: int | None = None) -> list[list[str | int | float]]:
        """Bulk CSV values of a page: null is "", booleans true/false, datetimes end in Z, numbers as such.

        Raises BulkRefused for what Bulk cannot answer (aggregates, subqueries, compound fields).
        """
        shape = self._csv_shape()
        rows: list[list[Any]] = list(map(list, self._read(shape.csv, start, count)))
        for place, column in enumerate(self.columns):
            if column.type in NUMBER_TYPES or column.type == "int":
                # Python's form of a double, unlike SQLite's, has all its digits.
                for row in rows:
                    value = row[place]
                    if value.__class__ is not str:
                        row[place] = _csv_number(value)
        return rows

    def csv_lines(
        self, start: int = 0, count: int | None = None, delimiter: str = ",", line_ending: str = "\n"
    ) -> list[bytes]:
        """The same rows as CSV records in UTF-8, every value quoted; twice as quick as csv_rows and csv.writer."""
        pieces = csv_pieces(self._csv_shape(), delimiter, line_ending)
        return [
            # Numbers come as numbers, between ready pieces of text: their digits are Python's.
            "".join([part if part.__class__ is str else _csv_number(part) for part in row]).encode()
            for row in self._read(pieces, start, count)
        ]

    def _csv_shape(self) -> Shape:
        shape = self._plan.shape
        if shape is None or len(shape.csv) != len(shape.columns):
            raise BulkRefused("FUNCTIONALITY_NOT_ENABLED", "The query is not supported in Bulk Query")
        return shape

    def column_metadata(self) -> list[dict[str, Any]]:
        """The columnMetadata of `query?columns=true`."""
        return [_column_metadata(column) for column in self.columns] if not self.is_count else []


def _json_number(value: float | None) -> str:
    return "null" if value is None else number_text(float(value))


def _csv_number(value: float) -> str:
    return number_text(value) if value.__class__ is float else repr(value)


_TYPES = {"id": "ID", "reference": "ID", "boolean": "Boolean", "int": "Integer", "date": "Date", "datetime": "DateTime"}


def _column_metadata(column: OutColumn) -> dict[str, Any]:
    kind = _TYPES.get(column.type) or ("Double" if column.type in ("double", "currency", "percent") else "String")
    name, _, rest = column.name.partition(".")
    joined = []
    if rest:
        inner = OutColumn(rest, column.type, column.label, column.field, column.aggregate)
        joined = [_column_metadata(inner)]
    return {
        "aggregate": column.aggregate,
        "apexType": kind,
        "booleanType": column.type == "boolean",
        "columnName": name,
        "custom": column.field.custom,
        "displayName": name,
        "foreignKeyName": None if not rest else name,
        "insertable": column.field.createable,
        "joinColumns": joined,
        "numberType": column.type in ("double", "currency", "percent", "int"),
        "textType": kind == "String",
        "updatable": column.field.updateable,
    }


__all__ = ["Column", "Result"]
