"""The search index of a large first load, made beside it: a file and a thread of its own, one per object.

Filling FTS5 costs more than storing the rows and has no need of the writer: this thread follows the rows that are
committed, on a read-only connection, and indexes them in a scratch file, so that a second core has something to do.
At the end the writer takes the finished index tables over as they are, in slices. What is written meanwhile to rows
that were passed already is caught by triggers, from whatever process it comes, and indexed once more by the writer.

Nothing depends on it: where it fails or is killed, `search.build` makes the index in the writer, as ever. The scratch
file is encrypted with the mirror's key, holds nothing but the index, and is gone afterwards.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw

from core.mirror import database, search
from core.mirror.database import connect, translated
from core.mirror.mirror import Mirror
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.values import quoted
from core.mirror.writer import Priority
from core.model.cancel import CancelToken
from core.model.errors import OrgMirrorError

log = logging.getLogger(__name__)

# Below this an index is made in the writer in less time than a file of its own takes.
LEAST_ROWS = 20_000
_SUFFIX = ".search-build"
_SLICE = 2_000
_LOOK_SECONDS = 0.2
_SHADOWS = ("data", "idx", "docsize", "config")
# Blocks of an index are about 4 KB, the other rows a few bytes: 1 to 4 MB and well under 0.2 s.
_TAKEN_AT_ONCE = {"data": 500, "idx": 5_000, "docsize": 20_000, "config": 100}
_EVENTS = ("UPDATE", "DELETE")


class SideIndex:
    """Made and ended on one thread (that of the load); works on a thread of its own from construction on."""

    def __init__(self, mirror: Mirror, table: Table) -> None:
        self._mirror = mirror
        self._table = table
        self._path = scratch_file(mirror.path, table.name)
        self._done = 0
        self._error: OrgMirrorError | None = None
        self._all_here = threading.Event()
        self._stop = CancelToken()
        self._scratch: apsw.Connection | None = None
        mirror.writer.call(lambda s: _watch(s.conn, table), Priority.BATCH)
        self._thread = threading.Thread(target=self._work, name=f"search index {table.name}", daemon=True)
        self._thread.start()

    def finish(self, cancel: CancelToken) -> bool:
        """All rows are committed: wait for the index and have the writer take it over.

        False where it could not be made: nothing is left of it then, and `search.build` makes it. Raises Cancelled.
        """
        self._all_here.set()
        forget = cancel.on_cancel(self._stop.set)
        try:
            self._thread.join()
            cancel.raise_if_set()
            if self._error is None:
                self._take_over(cancel)
        except OrgMirrorError as error:
            cancel.raise_if_set()
            self._error = error
        finally:
            forget()
            self._clear()
        if self._error is not None:
            log.info("the search index of %s is made by the writer: %s", self._table.name, self._error.code.value)
        return self._error is None

    def abandon(self) -> None:
        """The load ended without its rows, or the process does: nothing is left of the index."""
        self._stop.set()
        self._thread.join()
        self._clear()

    # its own thread

    def _work(self) -> None:
        try:
            with contextlib.closing(connect(self._mirror.path, self._mirror.key, readonly=True)) as reader:
                self._scratch = _scratch(self._path, self._mirror.key)
                with translated():
                    search.create_tables(self._scratch, self._table)
                    self._follow(reader, self._scratch)
        except OrgMirrorError as error:
            self._error = error
        except Exception as error:
            # A search index is never worth a load: it is made in the writer instead.
            log.info("indexing %s beside the load failed", self._table.name, exc_info=True)
            self._error = database.error_of(error)

    def _follow(self, reader: apsw.Connection, scratch: apsw.Connection) -> None:
        newest = f"SELECT max(om_row) FROM {self._table.quoted}"
        while not self._stop.is_set():
            whole = self._all_here.is_set()
            last = reader.execute(newest).get or 0
            if last - self._done >= _SLICE or (whole and last > self._done):
                self._slice(reader, scratch, min(last, self._done + _SLICE))
            elif whole:
                return
            else:
                self._all_here.wait(_LOOK_SECONDS)

    def _slice(self, reader: apsw.Connection, scratch: apsw.Connection, end: int) -> None:
        columns = [c.name for c in search.word_columns(self._table)]
        phones = [c.name for c in search.phone_columns(self._table)]
        scratch.execute("BEGIN")
        for index, column, select in search.sources(self._table, columns, phones, "om_row > ? AND om_row <= ?"):
            # Fetched whole, so that the snapshot ends: one that lasts would keep the log from being folded in.
            found = reader.execute(select, (self._done, end)).fetchall()
            scratch.executemany(f"INSERT INTO {index} (rowid, {column}) VALUES (?, ?)", found)
        scratch.execute("COMMIT")
        self._done = end

    # the end, on the load's thread

    def _take_over(self, cancel: CancelToken) -> None:
        table, writer = self._table, self._mirror.writer

        def begin(session: WriteSession) -> None:
            search.drop(session.conn, table.name)
            search.create_tables(session.conn, table)
            for name in self._shadows():
                session.conn.execute(f"DELETE FROM {name}")

        writer.submit(begin).result()
        for insert, rows in self._pieces():
            cancel.raise_if_set()
            writer.submit(_inserter(insert, rows)).result()
        # FTS5 remembers how its index is made up; with the schema read anew it looks.
        writer.submit(lambda s: s.conn.execute("PRAGMA writable_schema=RESET"), transaction=False).result()
        writer.submit(lambda s: search.begun_at(s.conn, table, self._done)).result()
        left = True
        while left:
            cancel.raise_if_set()
            left = writer.submit(lambda s: _touched_again(s.conn, table)).result()

    def _shadows(self) -> list[str]:
        tables = [search.words_table(self._table.name)]
        if search.phone_columns(self._table):
            tables.append(search.digits_table(self._table.name))
        return [f'{name[:-1]}_{part}"' for name in tables for part in _SHADOWS]

    def _pieces(self) -> Iterator[tuple[str, list[Any]]]:
        """The finished tables in slices, each with the statement that writes it."""
        assert self._scratch is not None
        for name in self._shadows():
            part = name.rsplit("_", 1)[1].rstrip('"')
            with translated():
                cursor = self._scratch.execute(f"SELECT * FROM {name}")
                while rows := list(itertools.islice(cursor, _TAKEN_AT_ONCE[part])):
                    yield f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows

    def _clear(self) -> None:
        try:
            self._mirror.writer.submit(lambda s: _unwatch(s.conn, self._table.name)).result()
        except OrgMirrorError as error:
            # A writer that is closed, or a full disk: `clear_leftovers` does it at the next load.
            log.info("rows are still watched: %s", error.code.value)
        if self._scratch is not None:
            self._scratch.close()
            self._scratch = None
        _unlink(self._path)


def scratch_file(mirror: Path, object_name: str) -> Path:
    """Where the index of an object is made: beside the mirror's file."""
    return mirror.with_name(f"{object_name}{_SUFFIX}")


def clear_leftovers(mirror: Mirror) -> None:
    """Remove what a killed process left. Only where no other process loads into this mirror (the engine's lock)."""
    for path in mirror.path.parent.glob(f"*{_SUFFIX}*"):
        path.unlink(missing_ok=True)
    sql = "SELECT substr(name, 12) FROM sqlite_schema WHERE type = 'table' AND name GLOB 'om_touched_*'"
    names = mirror.read(lambda s: [name for (name,) in s.conn.execute(sql)])

    def unwatch(session: WriteSession) -> None:
        for name in names:
            _unwatch(session.conn, name)

    if names:
        mirror.writer.call(unwatch, Priority.BATCH)


def _scratch(path: Path, key: bytes | None) -> apsw.Connection:
    _unlink(path)
    conn = database.create(path, key)
    # Made anew after whatever goes wrong, so nothing has to survive a crash.
    conn.pragma("journal_mode", "DELETE")
    conn.pragma("journal_mode", "OFF")
    conn.pragma("synchronous", "OFF")
    conn.pragma("locking_mode", "EXCLUSIVE")
    return conn


def _unlink(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _touched(object_name: str) -> str:
    return quoted(f"om_touched_{object_name}")


def _watch(conn: apsw.Connection, table: Table) -> None:
    """Note every row that is changed or removed from here on: any connection, of any process, runs a trigger."""
    _unwatch(conn, table.name)
    conn.execute(f"CREATE TABLE {_touched(table.name)} (om_row INTEGER PRIMARY KEY)")
    for event in _EVENTS:
        conn.execute(
            f"CREATE TRIGGER {_trigger(table.name, event)} AFTER {event} ON {table.quoted} "
            f"BEGIN INSERT OR IGNORE INTO {_touched(table.name)} VALUES (old.om_row); END"
        )


def _unwatch(conn: apsw.Connection, object_name: str) -> None:
    for event in _EVENTS:
        conn.execute(f"DROP TRIGGER IF EXISTS {_trigger(object_name, event)}")
    conn.execute(f"DROP TABLE IF EXISTS {_touched(object_name)}")


def _trigger(object_name: str, event: str) -> str:
    return quoted(f"om_touch_{event.lower()}_{object_name}")


def _touched_again(conn: apsw.Connection, table: Table) -> bool:
    """Index the next of the touched rows anew; whether there may be more."""
    rows = [row for (row,) in conn.execute(f"SELECT om_row FROM {_touched(table.name)} LIMIT {_SLICE}")]
    search.update(conn, table, rows)
    conn.executemany(f"DELETE FROM {_touched(table.name)} WHERE om_row = ?", [(row,) for row in rows])
    return len(rows) == _SLICE


def _inserter(statement: str, rows: list[Any]) -> Callable[[WriteSession], None]:
    def insert(session: WriteSession) -> None:
        session.conn.executemany(statement, rows)

    return insert
