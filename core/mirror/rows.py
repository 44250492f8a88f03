"""Every write to a mirrored row goes through here.

`RowWriter.load` is the first load: a plain upsert by Id of rows as they come from the wire, converted by SQL inside the
INSERT. `RowWriter.merge` (in `merge.py`) is for everything later: it writes only what differs and keeps search index,
change log and pending edits in step. A RowWriter belongs to one load or cycle of one object and is used inside the
writer's jobs; NUL bytes of CSV cells must have been dropped by the reader of the wire.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from core.mirror import merge, search, times
from core.mirror.merge import MergeCounts
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Column, Table
from core.mirror.values import quoted, stored_sql, wire_text
from core.model.errors import ErrorCode, OrgMirrorError

__all__ = ["MergeCounts", "RowWriter", "count_live"]

_Adapt = Callable[[Sequence[Any]], Sequence[Sequence[str | None]]]


class RowWriter:
    """Writes rows of one wire with one header into one table. Made by `for_csv` or `for_json`."""

    def __init__(self, table: Table, columns: Sequence[tuple[int, Column]], width: int, adapt: _Adapt | None) -> None:
        if not any(column.name == "Id" for _, column in columns):
            raise OrgMirrorError(ErrorCode.NO_SUCH_FIELD, object=table.name, field="Id")
        self.table = table
        self.columns = tuple(column for _, column in columns)
        self._adapt = adapt
        self._expressions = _expressions(columns, width)
        self._load_sql = _upsert_sql(table, self.columns, self._expressions)
        self._merger = merge.Merger(table, self.columns, self._expressions)

    @classmethod
    def for_csv(cls, table: Table, header: Sequence[str]) -> RowWriter:
        """For rows that are lists of cells in the order of `header`; names that are no column are passed over."""
        found = [(index, column) for index, name in enumerate(header) if (column := table.column(name))]
        return cls(table, found, len(header), None)

    @classmethod
    def for_json(cls, table: Table, fields: Collection[str] | None = None) -> RowWriter:
        """For REST records. `fields` are those that the query selected (None: every column of the table).

        Nested parents and compounds of a record are passed over. A record without a selected field raises
        FIELD_REFUSED rather than emptying the stored value.
        """
        wanted = None if fields is None else {name.lower() for name in fields}
        columns = [column for column in table.columns if wanted is None or column.name.lower() in wanted]
        return cls(table, list(enumerate(columns)), len(columns), _json_adapter(table, columns))

    def load(self, session: WriteSession, rows: Sequence[Any]) -> MergeCounts:
        """First load: upsert up to 2,000 rows by Id.

        Where the object has pending edits or a search index already, the rows take the way of `merge`, and what that
        did is answered; otherwise nothing is known of what was there before.
        """
        if search.has_index(session.conn, self.table.name) or merge.has_pending(session.conn, self.table.name):
            return self.merge(session, rows)
        if rows:
            session.conn.executemany(self._load_sql, self._adapt(rows) if self._adapt else rows)
        return MergeCounts()

    def fill(self, session: WriteSession, rows: Sequence[Any]) -> None:
        """Upsert rows into a shadow table, over which nothing lies."""
        if rows:
            session.conn.executemany(self._load_sql, self._adapt(rows) if self._adapt else rows)

    def merge(
        self, session: WriteSession, rows: Sequence[Any], *, log: bool = True, only_known: bool = False
    ) -> MergeCounts:
        """Write what differs from the stored rows, up to 2,000 a call; see `merge.Merger.merge`.

        Use one RowWriter for all batches of a run: it is what makes a mass change one line of the change log.
        """
        return self._merger.merge(session, self._adapt(rows) if self._adapt else rows, log=log, only_known=only_known)


def count_live(session: Session, table: Table) -> int:
    """Rows outside of the recycle bin, counted over two small indexes."""
    deleted = f' - (SELECT count(*) FROM {table.quoted} WHERE "IsDeleted" = 1)' if table.has_is_deleted else ""
    return int(session.conn.execute(f"SELECT (SELECT count(*) FROM {table.quoted}){deleted}").get)


def count_all(session: Session, table: Table) -> int:
    """All rows, those in the recycle bin included: what COUNT() over queryAll answers."""
    return int(session.conn.execute(f"SELECT count(*) FROM {table.quoted}").get)


def newest_stamp(session: Session, table: Table) -> datetime | None:
    """The newest stamp among the object's rows, read from its index; None where there is no row or no stamp."""
    stamp = table.stamp_field
    newest = session.conn.execute(f"SELECT max({quoted(stamp)}) FROM {table.quoted}").get if stamp else None
    return times.optional_moment(newest)


def _expressions(columns: Sequence[tuple[int, Column]], width: int) -> tuple[str, ...]:
    expressions = [stored_sql(column.kind, f"?{index + 1}") for index, column in columns]
    if columns[-1][0] + 1 < width:
        # SQLite counts parameters up to the highest one named; rows are bound whole.
        expressions[-1] = f"iif(1, {expressions[-1]}, ?{width})"
    return tuple(expressions)


def _upsert_sql(table: Table, columns: Sequence[Column], expressions: Sequence[str]) -> str:
    names = ", ".join(quoted(c.name) for c in columns)
    return f"INSERT INTO {table.quoted} ({names}) VALUES ({', '.join(expressions)}) {merge.on_conflict(columns)}"


def _json_adapter(table: Table, columns: Sequence[Column]) -> _Adapt:
    names = [column.name for column in columns]
    pick: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    pick = itemgetter(*names) if len(names) > 1 else lambda record: (record[names[0]],)

    def adapt(records: Sequence[Any]) -> Sequence[Sequence[str | None]]:
        try:
            return rows(records)
        except KeyError:
            # API names have no case: a server may write them otherwise than describe does.
            try:
                return rows([_in_case(record, names) for record in records])
            except KeyError as error:
                raise OrgMirrorError(ErrorCode.FIELD_REFUSED, object=table.name, field=str(error.args[0])) from error

    def rows(records: Sequence[Any]) -> Sequence[Sequence[str | None]]:
        return [
            [cell if cell is None or (type(cell) is str and "\0" not in cell) else wire_text(cell) for cell in row]
            for row in map(pick, records)
        ]

    return adapt


def _in_case(record: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    folded = {key.lower(): value for key, value in record.items()}
    return {name: folded[name.lower()] if name.lower() in folded else record[name] for name in names}
