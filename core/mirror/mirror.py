"""One connection's mirror: its file, its writer, the snapshot of its tables, and small reads beside the writer.

Thread-safe. Lists, searches and pages have reader lanes of their own (`reader.py`); `read` is for the small questions
of the engine and the status: a watermark, a load job, counts.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import apsw

from core.mirror import database, migrations, sorting
from core.mirror.database import connect, translated
from core.mirror.session import Session, WriteSession
from core.mirror.tables import TableSnapshot, read_snapshot, read_version
from core.mirror.writer import Priority, Writer
from core.model.errors import ErrorCode, OrgMirrorError

T = TypeVar("T")
_VACUUM_PAGES = 256


class Mirror:
    """An open mirror file. Owns the writer and one read-only connection; `close` ends both."""

    def __init__(self, path: Path, key: bytes | None, conn: apsw.Connection) -> None:
        self.path = path
        self.key = key
        self._tables_lock = threading.Lock()
        self._tables_version = read_version(conn)
        self._tables = read_snapshot(conn)
        self._read_lock = threading.Lock()
        self._read_session: Session | None = None
        self._closed = False
        self.writer = Writer(conn, on_commit=self._refresh, name=f"writer {path.parent.name}")

    @classmethod
    def create(cls, path: Path, key: bytes | None) -> Mirror:
        """Make a new mirror file and open it. `key`: 32 bytes, None for a plain file.

        Raises TARGET_EXISTS rather than ever making a file over another; CANNOT_WRITE; DISK_FULL. A crash in the
        middle leaves no half-made mirror at `path`: it is built beside and moved there whole.
        """
        if path.exists():
            raise OrgMirrorError(ErrorCode.TARGET_EXISTS)
        building = path.with_name(path.name + ".new")
        for suffix in ("", "-wal", "-shm", "-journal"):
            building.with_name(building.name + suffix).unlink(missing_ok=True)
        conn = database.create(building, key)
        try:
            with translated():
                migrations.migrate(conn)
        finally:
            conn.close()
        try:
            os.link(building, path)  # fails where `path` came to be meanwhile; a rename would replace it
            building.unlink()
        except FileExistsError as error:
            building.unlink()
            raise OrgMirrorError(ErrorCode.TARGET_EXISTS) from error
        except OSError:  # a file system without hard links
            building.rename(path)
        return cls.open(path, key)

    @classmethod
    def open(cls, path: Path, key: bytes | None) -> Mirror:
        """Open an existing mirror and bring its schema up to date.

        Raises WRONG_KEY, FILE_UNREADABLE, FILE_CORRUPT, FILE_NEWER, FILE_LOCKED, READ_ONLY, DISK_FULL.
        """
        conn = connect(path, key)
        try:
            with translated():
                migrations.check(conn)
                migrations.migrate(conn)
                sorting.check(conn)
                return cls(path, key, conn)
        except BaseException:
            conn.close()
            raise

    def tables(self) -> TableSnapshot:
        """The mirrored objects' tables, an immutable mapping by API name; taken anew after every schema change.

        What another process changed is in it after the next `read`.
        """
        with self._tables_lock:
            return self._tables

    def read(self, question: Callable[[Session], T]) -> T:
        """Answer a small question from a read-only connection, on the calling thread. Sees what is committed."""
        with self._read_lock, translated():
            if self._closed:
                raise OrgMirrorError(ErrorCode.CANCELLED)
            if self._read_session is None:
                self._read_session = Session(connect(self.path, self.key, readonly=True))
            # One snapshot for all of it; outside of one, many schema changes in a row exhaust SQLite's patience.
            conn = self._read_session.conn
            conn.execute("BEGIN")
            try:
                self._notice(conn)
                return question(self._read_session)
            finally:
                if conn.in_transaction:
                    conn.execute("ROLLBACK")

    def write(self, job: Callable[[WriteSession], T], priority: Priority = Priority.PERSON) -> T:
        """`writer.call`: one transaction, waited for."""
        return self.writer.call(job, priority)

    def maintain(self) -> None:
        """Idle work, queued in small jobs: give freed pages back, refresh the planner's statistics, checkpoint."""
        self.writer.submit(_optimize, Priority.IDLE)
        self.writer.submit(_checkpoint, Priority.IDLE, transaction=False)
        self._vacuum_on()

    def _vacuum_on(self) -> None:
        def piece(session: WriteSession) -> None:
            # Pages are given back only while the statement is stepped.
            session.conn.execute(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})").fetchall()
            if session.conn.pragma("freelist_count"):
                session.after_commit(self._vacuum_on)

        self.writer.submit(piece, Priority.IDLE)

    def close(self, *, drain: bool = True) -> None:
        """Finish (or, without `drain`, cancel) what is queued and close the file. May be called again."""
        with self._read_lock:
            self._closed = True
            if self._read_session is not None:
                self._read_session.conn.close()
                self._read_session = None
        # The last connection to close folds the log into the file; a read-only one could not.
        self.writer.close(drain=drain)

    def _refresh(self, session: WriteSession, names: set[str]) -> None:
        # The number first: what another process commits in between is noticed by the next read.
        version = read_version(session.conn)
        with self._tables_lock:
            alone = version == self._tables_version + 1
        fresh = read_snapshot(session.conn, names if alone else None)
        with self._tables_lock:
            self._tables = self._tables.replaced(fresh, names) if alone else self._tables.renewed(fresh)
            self._tables_version = version

    def _notice(self, conn: apsw.Connection) -> None:
        """Take the tables over as another process made them. `conn` is in a read transaction."""
        version = read_version(conn)
        with self._tables_lock:
            if version <= self._tables_version:
                return
        fresh = read_snapshot(conn)
        with self._tables_lock:
            if version > self._tables_version:
                self._tables = self._tables.renewed(fresh)
                self._tables_version = version

    def __enter__(self) -> Mirror:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _optimize(session: WriteSession) -> None:
    session.conn.pragma("analysis_limit", 400)
    session.conn.execute("PRAGMA optimize").fetchall()


def _checkpoint(session: WriteSession) -> None:
    session.conn.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
