"""Opens the mirror's file and guards the border to SQLite: every apsw error leaves here as an OrgMirrorError.

Encryption is SQLCipher 4's format with a raw key (rules 2). Connections made here belong to whoever asked for them:
the one read-write connection to the writer's thread, read-only ones to their reader.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import peewee

from core.mirror import folding, values, words
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError

KEY_BYTES = 32
BUSY_SECONDS = 5.0
_PLAIN_MAGIC = b"SQLite format 3\0"
_JOURNAL_LIMIT = 64 * 1024 * 1024
# Pages that a load or an index build writes again and again are encrypted and copied once instead of many times.
_CHECKPOINT_PAGES = 8_000
_WRITER_CACHE_KIB = 16 * 1024
_READER_CACHE_KIB = 8 * 1024

_CODES: tuple[tuple[type[apsw.Error], ErrorCode], ...] = (
    (apsw.FullError, ErrorCode.DISK_FULL),
    (apsw.BusyError, ErrorCode.FILE_LOCKED),
    (apsw.LockedError, ErrorCode.FILE_LOCKED),
    (apsw.ReadOnlyError, ErrorCode.READ_ONLY),
    (apsw.NotADBError, ErrorCode.WRONG_KEY),
    (apsw.CorruptError, ErrorCode.FILE_CORRUPT),
    (apsw.CantOpenError, ErrorCode.FILE_UNREADABLE),
    (apsw.IOError, ErrorCode.FILE_UNREADABLE),
    (apsw.PermissionsError, ErrorCode.FILE_UNREADABLE),
)


def error_of(error: BaseException) -> OrgMirrorError:
    """The coded form of an apsw error (or of peewee's wrapping of one). SQL and values never go into its params."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, apsw.Error):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, apsw.InterruptError):
        return Cancelled()
    for kind, code in _CODES:
        if isinstance(cause, kind):
            return OrgMirrorError(code, sqlite=kind.__name__)
    return OrgMirrorError(ErrorCode.UNEXPECTED, kind=type(cause or error).__name__)


@contextmanager
def translated() -> Iterator[None]:
    """The border: inside, apsw and peewee errors; outside, OrgMirrorError only."""
    try:
        yield
    except (apsw.Error, peewee.PeeweeException) as error:
        raise error_of(error) from error


def connect(
    path: Path, key: bytes | None, *, readonly: bool = False, busy_seconds: float = BUSY_SECONDS
) -> apsw.Connection:
    """Open an existing mirror file; `key` is 32 raw bytes, None for a plain file. Never makes a file.

    Raises WRONG_KEY (also: a plain file opened with a key, an encrypted one without), FILE_UNREADABLE, FILE_CORRUPT,
    FILE_LOCKED, READ_ONLY, DISK_FULL.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(len(_PLAIN_MAGIC))
    except OSError as error:
        raise OrgMirrorError(ErrorCode.FILE_UNREADABLE, missing=isinstance(error, FileNotFoundError)) from error
    if not magic:
        # SQLite takes an empty file for a new database, with any key: that would be a new file over the old one.
        raise OrgMirrorError(ErrorCode.FILE_CORRUPT, empty=True)
    if (magic == _PLAIN_MAGIC) != (key is None):
        raise OrgMirrorError(ErrorCode.WRONG_KEY, plain_file=key is not None)
    return _open(path, key, apsw.SQLITE_OPEN_READONLY if readonly else apsw.SQLITE_OPEN_READWRITE, busy_seconds)


def create(path: Path, key: bytes | None) -> apsw.Connection:
    """Make a new, empty database file (0600, in a folder of 0700). Raises TARGET_EXISTS, CANNOT_WRITE, DISK_FULL."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.parent.chmod(0o700)
        # SQLite gives -wal and -shm the mode of the file, so the file comes first.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError as error:
        raise OrgMirrorError(ErrorCode.TARGET_EXISTS) from error
    except OSError as error:
        raise OrgMirrorError(ErrorCode.CANNOT_WRITE, reason=error.strerror or "") from error
    return _open(path, key, apsw.SQLITE_OPEN_READWRITE, BUSY_SECONDS, fresh=True)


def _open(path: Path, key: bytes | None, flags: int, busy_seconds: float, fresh: bool = False) -> apsw.Connection:
    if key is not None and len(key) != KEY_BYTES:
        raise OrgMirrorError(ErrorCode.WRONG_KEY, length=len(key))
    with translated():
        conn = apsw.Connection(str(path), flags=flags)
        try:
            _prepare(conn, key, busy_seconds, fresh, bool(flags & apsw.SQLITE_OPEN_READONLY))
        except BaseException:
            conn.close()
            raise
        return conn


def _prepare(conn: apsw.Connection, key: bytes | None, busy_seconds: float, fresh: bool, readonly: bool) -> None:
    conn.set_busy_timeout(int(busy_seconds * 1000))
    if key is not None:
        # The order matters: the key is read in the format that is set when it arrives.
        conn.pragma("cipher", "sqlcipher")
        conn.pragma("legacy", 4)
        conn.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    conn.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)  # "NoSuchField" is an error, not a text
    conn.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)
    conn.execute("SELECT count(*) FROM sqlite_schema").fetchall()  # the first read proves the key
    if fresh:
        conn.pragma("auto_vacuum", "INCREMENTAL")
        conn.pragma("journal_mode", "WAL")
    conn.pragma("temp_store", "MEMORY")  # no plain text in temporary files
    if readonly:
        conn.pragma("cache_size", -_READER_CACHE_KIB)
    else:
        conn.pragma("synchronous", "NORMAL")
        conn.pragma("journal_size_limit", _JOURNAL_LIMIT)
        conn.pragma("wal_autocheckpoint", _CHECKPOINT_PAGES)
        conn.pragma("cache_size", -_WRITER_CACHE_KIB)
        # Freed pages of an encrypted file are cipher text; in a plain file they are overwritten.
        conn.pragma("secure_delete", 0 if key is not None else 1)
    values.register(conn)
    folding.register(conn)
    words.register(conn)
