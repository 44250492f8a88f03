"""Reading the mirror: objects, lists, pages, records, search, and a person's own SQL. Nothing here talks to Salesforce.

`BrowseApi` is safe from any thread. A `BrowseSession` lives inside one call on one reader thread; all that it answers
within that call is one moment of the file.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import tzinfo
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from core.mirror import adhoc, aliases, finder, names, pages, search, sorting
from core.mirror.columns import columns_of
from core.mirror.database import connect, translated
from core.mirror.display import computer_zone, zone_of
from core.mirror.listing import count_rows, list_rows, locate_row, object_summaries
from core.mirror.mirror import Mirror
from core.mirror.query import Scene, parse_where
from core.mirror.reader import ReadLane
from core.mirror.record import read_record
from core.mirror.search import IndexPhase, IndexState
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Table
from core.mirror.views import (
    ColumnInfo,
    FieldGroup,
    FieldView,
    LinkState,
    ObjectSummary,
    QueryAnswer,
    RecordIds,
    RecordView,
    SearchHit,
    Section,
)
from core.mirror.writer import Priority
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.model.filters import Condition, ListQuery
from core.model.refs import RecordRef

if TYPE_CHECKING:
    from apsw import Connection

__all__ = [
    "BrowseApi",
    "BrowseSession",
    "ColumnInfo",
    "FieldGroup",
    "FieldView",
    "IndexPhase",
    "IndexState",
    "Lane",
    "LinkState",
    "ObjectSummary",
    "QueryAnswer",
    "RecordIds",
    "RecordView",
    "SearchHit",
    "Section",
]

T = TypeVar("T")
QUICK_THREADS = 2
HEAVY_THREADS = 1
QUERY_SECONDS = 30.0
# A sort that took less than this is quick enough without an index of its own.
SLOW_SORT_ROWS = 20_000


class Lane(Enum):
    """Which reader answers: QUICK for what is on the screen (page, record, search), HEAVY for what takes its time."""

    QUICK = "quick"
    HEAVY = "heavy"


class BrowseSession:
    """Questions about one moment of the mirror. Synchronous; not to be kept beyond the call it was given to."""

    def __init__(
        self,
        conn: Connection,
        tables: Mapping[str, Table],
        known: names.Names,
        *,
        zone: tzinfo | None = None,
        sorted_by: Callable[[Table, str], None] | None = None,
    ) -> None:
        self._conn = conn
        self._tables = tables
        self._names = known
        self._zone = zone
        self._sorted_by = sorted_by
        known.refresh(tables)

    @property
    def zone(self) -> tzinfo:
        """The zone that datetimes are shown in: the Salesforce user's, unless another was chosen."""
        if self._zone is None:
            self._zone = zone_of(self._meta("timezone"))
        return self._zone

    def objects(self) -> list[ObjectSummary]:
        """Every mirrored object that is visible, by label."""
        return object_summaries(self._conn, self._tables)

    def columns(self, object_name: str) -> list[ColumnInfo]:
        """What a list of the object can show, the usual columns first. Raises NO_SUCH_OBJECT."""
        return columns_of(self._table(object_name))

    def open_list(self, query: ListQuery) -> RecordIds:
        """The row numbers of a list in its order: by the sort asked for, otherwise what changed last comes first.

        Raises NO_SUCH_OBJECT, NO_SUCH_FIELD, BAD_FILTER, Cancelled.
        """
        scene = self._scene(query.object)
        ids = list_rows(self._conn, query, scene)
        if self._sorted_by is not None and query.limit is None and len(ids) >= SLOW_SORT_ROWS:
            for sort in query.sort[:1]:
                self._sorted_by(scene.table(query.object), sort.field)
        return RecordIds(ids, query)

    def count(self, query: ListQuery) -> int:
        """How many records the list has; its limit is left aside. Raises as `open_list`."""
        return count_rows(self._conn, query, self._scene(query.object))

    def locate(self, ids: array[int], ref: RecordRef) -> int | None:
        """The place of a record in a list's row numbers, or None."""
        return locate_row(self._conn, self._table(ref.object), ids, self._id(ref.id))

    def page(self, object_name: str, om_rows: Sequence[int], columns: Sequence[str]) -> list[tuple[str, ...]]:
        """Display texts of some rows (about 200 at a time), a tuple of one-line texts for each, in the order asked.

        Look-ups show names. A row that is gone has empty texts. Raises NO_SUCH_OBJECT, NO_SUCH_FIELD.
        """
        return pages.read_page(self._conn, self._table(object_name), om_rows, columns, self._names, self.zone)

    def values(
        self, object_name: str, om_rows: Sequence[int], columns: Sequence[str] | None = None
    ) -> list[dict[str, Any]]:
        """Stored values of some rows as the command line prints them (rules 9); all columns unless told."""
        table = self._table(object_name)
        chosen = [c.name for c in table.columns] if columns is None else columns
        return pages.read_values(self._conn, table, om_rows, chosen)

    def list_values(self, query: ListQuery, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
        """The records of a list, as `values`, in pieces that keep memory small."""
        ids = self.open_list(query).ids
        for start in range(0, len(ids), 500):
            yield from self.values(query.object, ids[start : start + 500], columns)

    def show_values(self, ref: RecordRef) -> dict[str, Any]:
        """One record's stored values, deleted ones too. Ids of 15 characters do. Raises NO_SUCH_RECORD."""
        table = self._table(ref.object)
        row = self._row_of(table, self._id(ref.id))
        if row is None:
            raise OrgMirrorError(ErrorCode.NO_SUCH_RECORD, object=table.name, id=ref.id)
        return self.values(table.name, [row])[0]

    def where(self, object_name: str, texts: Sequence[str]) -> tuple[Condition, ...]:
        """`FIELD=VALUE` texts as conditions. Raises NO_SUCH_OBJECT, NO_SUCH_FIELD, BAD_FILTER."""
        return parse_where(self._scene(object_name), object_name, texts)

    def object_name(self, name: str) -> str:
        """The API name of an object, given in any case. Raises NO_SUCH_OBJECT."""
        return self._table(name).name

    def record(self, wanted: RecordRef | tuple[str, int]) -> RecordView:
        """One record with all its visible fields, by reference or (object, row number). Raises NO_SUCH_RECORD."""
        if isinstance(wanted, RecordRef):
            table, key = self._table(wanted.object), self._id(wanted.id)
            return self._record(table, key)
        object_name, om_row = wanted
        return self._record(self._table(object_name), om_row)

    def search(self, text: str, per_object: int = 8, objects: Iterable[str] | None = None) -> list[SearchHit]:
        """Records of all (or some) objects that `text` finds, names first; objects still indexed are left out."""
        return finder.find(
            self._conn, self._tables, text, self._names, self.zone, per_object=per_object, objects=objects
        )

    def indexing(self) -> list[str]:
        """The plural labels of objects that search does not cover yet."""
        return [table.label_plural for table in finder.indexing(self._conn, self._tables)]

    def index_state(self, object_name: str) -> IndexState:
        """How far the search index of one object is."""
        return search.state(self._conn, self._table(object_name))

    def lookup_name(self, record_id: str) -> str | None:
        """The name a look-up to this id shows; None where its record is not here."""
        known = self._id(record_id)
        self._names.resolve((known,), tuple(self._tables))
        return self._names.name(known)

    def _id(self, record_id: str) -> str:
        """The id as the rows have it: 18 characters; a temporary one is followed to what it has become."""
        return aliases.resolve(Session(self._conn), record_id)

    def _record(self, table: Table, key: str | int) -> RecordView:
        url = self._meta("instance_url") or ""
        return read_record(self._conn, self._tables, table, key, self._names, self.zone, url)

    def _table(self, name: str) -> Table:
        return Scene(self._tables).table(name)

    def _scene(self, object_name: str) -> Scene:
        table = self._table(object_name)
        ready = search.state(self._conn, table).phase is IndexPhase.READY
        loaded = bool(self._conn.execute("SELECT loaded FROM om_object WHERE name = ?", (table.name,)).get)
        return Scene(self._tables, indexed=ready, loaded=loaded, zone=self.zone)

    def _row_of(self, table: Table, record_id: str) -> int | None:
        row = self._conn.execute(f'SELECT om_row FROM {table.quoted} WHERE "Id" = ?', (record_id,)).get
        return None if row is None else int(row)

    def _meta(self, key: str) -> str | None:
        value = self._conn.execute("SELECT value FROM om_meta WHERE key = ?", (key,)).get
        return None if value is None else str(value)


class BrowseApi:
    """The readers of one open connection. `close` ends them; the writer is the mirror's own."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._lanes = {
            Lane.QUICK: ReadLane(mirror.path, mirror.key, name="quick reader", threads=QUICK_THREADS),
            Lane.HEAVY: ReadLane(mirror.path, mirror.key, name="heavy reader", threads=HEAVY_THREADS),
        }
        self._lock = threading.Lock()
        self._names: dict[int, names.Names] = {}
        self._indexing: set[tuple[str, str]] = set()
        self._zone: tzinfo | None = None

    def use_computer_zone(self, on: bool) -> None:
        """Show datetimes in this computer's zone instead of the Salesforce user's."""
        self._zone = computer_zone() if on else None

    def submit(self, lane: Lane, view: str, call: Callable[[BrowseSession], T]) -> Future[T]:
        """Ask on a reader thread on behalf of `view`; the newest question of a view wins.

        The future of a replaced question is cancelled, or raises Cancelled where it had begun; otherwise it has the
        answer or raises OrgMirrorError.
        """
        return self._lanes[lane].submit(view, lambda conn: call(self._session(conn)))

    def forget(self, view: str) -> None:
        """A view is closed: nobody waits for its answers."""
        for lane in self._lanes.values():
            lane.forget(view)

    @contextmanager
    def session(self) -> Iterator[BrowseSession]:
        """A session on the calling thread, over a connection of its own. Not for the GUI thread."""
        conn = connect(self._mirror.path, self._mirror.key, readonly=True)
        try:
            with translated():
                conn.execute("BEGIN")
                yield BrowseSession(conn, self._mirror.tables(), names.Names(conn), zone=self._zone)
        finally:
            conn.close()

    def query(self, sql: str, *, seconds: float = QUERY_SECONDS, limit: int | None = None) -> QueryAnswer:
        """Answer a person's own SELECT over the mirrored tables, on the calling thread.

        Raises BAD_QUERY (with SQLite's text), QUERY_TIMED_OUT.
        """
        return adhoc.run(self._mirror.path, self._mirror.key, sql, seconds=seconds, limit=limit)

    def close(self) -> None:
        """End the reader threads; what waits is cancelled. May be called again."""
        for lane in self._lanes.values():
            lane.close()

    def _session(self, conn: Connection) -> BrowseSession:
        with self._lock:
            known = self._names.get(id(conn))
            if known is None:
                known = self._names[id(conn)] = names.Names(conn)
        return BrowseSession(conn, self._mirror.tables(), known, zone=self._zone, sorted_by=self._sorted_by)

    def _sorted_by(self, table: Table, field: str) -> None:
        """A large list was sorted by a column: have it indexed in idle time, for the next time."""
        column = table.column(field)
        if column is None:
            return
        with self._lock:
            if (table.name, column.name) in self._indexing:
                return
            self._indexing.add((table.name, column.name))

        def build(session: WriteSession) -> None:
            sql = sorting.wanted_index(session.conn, table, column)
            if sql is not None:
                session.conn.execute(sql).fetchall()

        future = self._mirror.writer.submit(build, Priority.IDLE, preemptible=True)
        future.add_done_callback(lambda done: self._indexed(done, (table.name, column.name)))

    def _indexed(self, done: Future[None], key: tuple[str, str]) -> None:
        # Quitting cancels it, and a full disk refuses it: the list is sorted either way, and asks again next time.
        error = None if done.cancelled() else done.exception()
        with self._lock:
            self._indexing.discard(key)
        if error is not None and not isinstance(error, OrgMirrorError | Cancelled):
            raise error
