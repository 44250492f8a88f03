"""Reading an object in slices by Id: the way that passes where one query is too much, too wide, or loses its cursor.

A refused slice is asked for again smaller: fewer rows where there was too much at once, fewer fields in several queries
joined by Id where the list was too wide. What was learnt holds for the slices after it. Belongs to one thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.mirror.tables import Table
from core.salesforce.client import Client
from core.salesforce.errors import ErrorClass, SalesforceError
from core.sync import soql

SLICE_ROWS = 2000
SMALLEST_SLICE = 10
FIELD_GROUP = 80
SMALLEST_GROUP = 2
# What reading by Id overcomes; a lost cursor too, since every slice is a query of its own.
OVERCOME = frozenset({ErrorClass.TOO_BIG, ErrorClass.TOO_WIDE, ErrorClass.STALE_CURSOR})


@dataclass(frozen=True, slots=True)
class Slice:
    """`records` in the order of Id; the next slice begins after `last`, or there is none when `ended`."""

    records: list[dict[str, Any]]
    last: str | None
    ended: bool


class ById:
    """`fields` of `table`'s object, deleted and archived rows included; `where` limits the rows."""

    def __init__(self, client: Client, table: Table, fields: tuple[str, ...], where: str | None = None) -> None:
        self._client = client
        self._table = table
        self._fields = fields
        self._where = where
        self._rows = SLICE_ROWS
        self._groups = [fields]

    def after(self, last: str | None) -> Slice:
        """The slice of rows after the Id `last` (None: the first). Raises OrgMirrorError."""
        while True:
            try:
                return self._slice(last)
            except SalesforceError as error:
                if error.kind not in OVERCOME or not self._smaller(error.kind):
                    raise

    def _smaller(self, kind: ErrorClass) -> bool:
        """Ask for less from now on; False when there is nothing left to make smaller."""
        if kind is not ErrorClass.TOO_WIDE and self._rows > SMALLEST_SLICE:
            self._rows = max(SMALLEST_SLICE, self._rows // 4)
            return True
        asked = max(len(group) for group in self._groups)
        keys = len(soql.key_fields(self._table))
        if asked <= keys + SMALLEST_GROUP or kind is ErrorClass.STALE_CURSOR:
            return False
        self._groups = soql.field_groups(self._table, min(FIELD_GROUP, max(SMALLEST_GROUP, asked // 2 - keys)))
        return True

    def _slice(self, last: str | None) -> Slice:
        """A record that went away between two groups is left out; one that changed in between comes again, whole, with

        the next cycle, because its stamp is after the watermark of this one.
        """
        table = self._table
        begin = f"Id > '{last}'" if last else None
        tail = f"ORDER BY Id LIMIT {self._rows}"
        first = self._client.query(
            soql.select(table, self._groups[0], soql.both(self._where, begin), tail), all_rows=True
        )
        if not first:
            return Slice([], last, True)
        ids = [str(record["Id"]) for record in first]
        records = dict(zip(ids, first, strict=True))
        condition = soql.both(self._where, begin, f"Id <= '{ids[-1]}'")
        for group in self._groups[1:]:
            found = self._client.query(soql.select(table, group, condition, "ORDER BY Id"), all_rows=True)
            parts = {str(record["Id"]): record for record in found}
            records = {key: {**parts[key], **record} for key, record in records.items() if key in parts}
        return Slice(list(records.values()), ids[-1], len(first) < self._rows)


def read_rows(
    client: Client, table: Table, fields: tuple[str, ...], where: str | None
) -> Iterator[list[dict[str, Any]]]:
    """Rows by pages; where one query does not bring them, from the start again in slices by Id.

    Rows may come twice, so they are for merging. Raises OrgMirrorError.
    """
    try:
        for page in client.query_pages(soql.select(table, fields, where), all_rows=True):
            yield page.records
        return
    except SalesforceError as error:
        if error.kind not in OVERCOME:
            raise
    reader = ById(client, table, fields, where)
    found = reader.after(None)
    yield found.records
    while not found.ended:
        found = reader.after(found.last)
        yield found.records
