"""The demo org's SQLite file: a table per object, the delete log, and a key-value table for everything else.

One connection per thread; writes take one lock, so that serials and stamps are given out in order.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from core.demo.metadata.fields import Object

FILE_NAME = "org.sqlite"
# Besides Id and the fields that other objects point through.
_INDEXED = {"OwnerId", "SystemModstamp", "Email", "CloseDate"}
_WRITES_KEPT = 200_000
_TABLES = """
CREATE TABLE IF NOT EXISTS om_kv (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS om_deleted (
    object TEXT NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL, root TEXT NOT NULL,
    purged INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (object, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS om_deleted_at ON om_deleted (object, at);
CREATE INDEX IF NOT EXISTS om_deleted_root ON om_deleted (root);
CREATE TABLE IF NOT EXISTS om_hidden (
    user_id TEXT NOT NULL, object TEXT NOT NULL, id TEXT NOT NULL,
    PRIMARY KEY (user_id, object, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS om_writes (
    n INTEGER PRIMARY KEY, at TEXT NOT NULL, via TEXT NOT NULL, user_id TEXT NOT NULL, object TEXT NOT NULL,
    id TEXT NOT NULL, op TEXT NOT NULL, fields TEXT NOT NULL, headers TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS om_writes_id ON om_writes (id);
CREATE TABLE IF NOT EXISTS om_viewed (
    user_id TEXT NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (user_id, id)) WITHOUT ROWID;
"""


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> re.Pattern[str]:
    out = []
    escaped = False
    for char in pattern:
        if escaped:
            out.append(re.escape(char))
            escaped = False
        elif char == "\\":
            escaped = True
        else:
            out.append({"%": ".*", "_": "."}.get(char) or re.escape(char))
    return re.compile("".join(out), re.IGNORECASE | re.DOTALL)


def _like(value: Any, pattern: str) -> int:
    return int(value is not None and _pattern(pattern).fullmatch(str(value)) is not None)


def _local(value: Any, zone: str) -> str | None:
    if not isinstance(value, str):
        return None
    moment = datetime.fromisoformat(value)
    return moment.astimezone(UTC if zone == "UTC" else ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S")


def _fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


class Store:
    """The file and its connections. `close()` closes those of all threads."""

    def __init__(self, folder: Path, *, name: str = FILE_NAME) -> None:
        self.path = folder / name
        self.write_lock = threading.RLock()
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._list_lock = threading.Lock()
        self._depth = 0

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit mode."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(self.path, isolation_level=None, timeout=30, check_same_thread=False)
            found.execute("PRAGMA journal_mode = WAL")
            found.execute("PRAGMA synchronous = NORMAL")
            found.execute("PRAGMA cache_size = -65536")
            found.execute("PRAGMA mmap_size = 268435456")
            found.execute("PRAGMA temp_store = MEMORY")
            found.create_function("om_like", 2, _like, deterministic=True)
            found.create_function("om_local", 2, _local, deterministic=True)
            found.create_function("om_fold", 1, _fold, deterministic=True)
            self._local.connection = found
            with self._list_lock:
                self._connections.append(found)
        return found

    def prepare(self) -> None:
        """Make the tables that are not objects; forget all but the last of the logged writes."""
        self.connection.executescript(_TABLES)
        self.connection.execute("DELETE FROM om_writes WHERE n <= (SELECT MAX(n) FROM om_writes) - ?", (_WRITES_KEPT,))

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction; a nested use joins the outer one and is taken back alone when it fails."""
        with self.write_lock:
            connection = self.connection
            depth = self._depth
            begin, end, back = ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")
            if depth:
                begin, end = f"SAVEPOINT s{depth}", f"RELEASE s{depth}"
                back = f"ROLLBACK TO s{depth}"
            connection.execute(begin)
            self._depth = depth + 1
            try:
                yield connection
            except BaseException:
                connection.execute(back)
                if depth:
                    connection.execute(end)
                raise
            else:
                connection.execute(end)
            finally:
                self._depth = depth

    def close(self) -> None:
        """Close every thread's connection."""
        with self._list_lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._local = threading.local()

    def create_table(self, item: Object) -> None:
        """The table of an object, without its indexes."""
        columns = ", ".join(f"{quoted(f.name)} {f.affinity}".strip() for f in item.stored_fields)
        self.connection.execute(f"CREATE TABLE {quoted(item.name)} (n INTEGER PRIMARY KEY, {columns})")

    def upgrade_table(self, item: Object) -> None:
        """Make the table, or the columns that it lacks: a folder may be older than the program."""
        found = {row[1] for row in self.connection.execute(f"PRAGMA table_info({quoted(item.name)})")}
        if not found:
            self.create_table(item)
            self.create_indexes(item)
            return
        for field in item.stored_fields:
            if field.name not in found:
                empty = " NOT NULL DEFAULT 0" if field.type == "boolean" else ""
                column = f"{quoted(field.name)} {field.affinity}{empty}"
                self.connection.execute(f"ALTER TABLE {quoted(item.name)} ADD COLUMN {column}")

    def drop_column(self, item: Object, name: str, *, unless: str | None = None) -> None:
        """Remove a column with its indexes, if it is there and not of the affinity `unless`."""
        run = self.connection.execute
        found = {row[1]: row[2] for row in run(f"PRAGMA table_info({quoted(item.name)})")}
        if name not in found or found[name] == unless:
            return
        indexes = run(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql NOT NULL", (item.name,)
        )
        for (index,) in indexes.fetchall():
            if any(row[2] == name for row in run(f"PRAGMA index_info({quoted(index)})")):
                run(f"DROP INDEX {quoted(index)}")
        run(f"ALTER TABLE {quoted(item.name)} DROP COLUMN {quoted(name)}")

    def create_indexes(self, item: Object) -> None:
        """Made after the rows, which is far quicker."""
        run = self.connection.execute
        name = item.name
        run(f'CREATE UNIQUE INDEX {quoted("u_" + name)} ON {quoted(name)} ("Id")')
        hidden = [f for f in ("IsDeleted", "IsArchived") if item.has(f)]
        if hidden:
            run(f"CREATE INDEX {quoted('h_' + name)} ON {quoted(name)} ({', '.join(map(quoted, hidden))})")
        for field in item.stored_fields:
            pointing = field.type == "reference" and field.name not in ("CreatedById", "LastModifiedById")
            if field.name in _INDEXED or pointing or field.external_id:
                # Text is compared without case; live rows of an owner or of late are found in the index alone.
                columns = quoted(field.name) + ("" if pointing or field.type == "datetime" else " COLLATE NOCASE")
                if field.name in ("OwnerId", "SystemModstamp"):
                    columns += "".join(f", {quoted(flag)}" for flag in hidden)
                where = "" if field.name == "OwnerId" or not pointing else f" WHERE {quoted(field.name)} IS NOT NULL"
                run(f"CREATE INDEX {quoted(f'i_{name}_{field.name}')} ON {quoted(name)} ({columns}){where}")

    def insert_many(self, item: Object, columns: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
        """Rows of (n, *columns)."""
        names = ", ".join(["n", *map(quoted, columns)])
        marks = ", ".join("?" * (len(columns) + 1))
        self.connection.executemany(f"INSERT INTO {quoted(item.name)} ({names}) VALUES ({marks})", rows)


class KeyValue:
    """Small JSON values that outlive the process. Safe to use from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, or the default."""
        row = self._store.connection.execute("SELECT value FROM om_kv WHERE key = ?", (key,)).fetchone()
        return default if row is None else json.loads(row[0])

    def set(self, key: str, value: Any) -> None:
        """Keep a JSON value."""
        with self._store.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO om_kv VALUES (?, ?)", (key, json.dumps(value)))

    def delete(self, key: str) -> None:
        """Forget a key."""
        with self._store.writing() as connection:
            connection.execute("DELETE FROM om_kv WHERE key = ?", (key,))

    def update(self, key: str, change: Callable[[Any], Any], default: Any = None) -> Any:
        """Replace a value by what `change` makes of it, in one transaction; returns the new value."""
        with self._store.writing():
            value = change(self.get(key, default))
            self.set(key, value)
        return value
