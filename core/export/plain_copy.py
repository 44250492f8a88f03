"""The whole mirror as a plain SQLite file that any tool from SQLite 3.31 on opens: the org's tables and nothing else.

Left out: the application's tables, search indexes, fields and rows that are no longer visible. Rows in the recycle bin
are in it, with IsDeleted 1, as in `query`. Copied inside SQLite, in one read transaction: one moment of the mirror.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import apsw

from core.export.target import new_file
from core.mirror.database import translated
from core.mirror.tables import Table
from core.mirror.values import quoted
from core.model.cancel import CancelToken
from core.model.errors import Cancelled


@dataclass(frozen=True, slots=True)
class CopySummary:
    """How much a plain copy holds."""

    objects: int
    rows: int


def write(
    source: Path,
    key: bytes | None,
    tables: Mapping[str, Table],
    target: Path,
    *,
    replace: bool = False,
    cancel: CancelToken | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> CopySummary:
    """Write the copy; `progress` hears each object's label and the rows written so far.

    Raises TARGET_EXISTS unless `replace`, CANNOT_WRITE, DISK_FULL, Cancelled, and what opening the mirror can.
    """
    with new_file(target, replace=replace) as building, translated():
        conn = apsw.Connection(str(building), flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_URI)
        forget = cancel.on_cancel(conn.interrupt) if cancel is not None else None
        try:
            return _copy(conn, source, key, tables, cancel, progress)
        finally:
            if forget is not None:
                forget()
            conn.close()


def _copy(
    conn: apsw.Connection,
    source: Path,
    key: bytes | None,
    tables: Mapping[str, Table],
    cancel: CancelToken | None,
    progress: Callable[[str, int], None] | None,
) -> CopySummary:
    if cancel is not None:
        # An interrupt between two statements is not noticed by the next one.
        conn.set_progress_handler(cancel.is_set, 20_000)
    for name, value in (("journal_mode", "OFF"), ("synchronous", "OFF"), ("temp_store", "MEMORY")):
        conn.pragma(name, value)  # a failed copy is thrown away as a whole
    _attach(conn, source, key)
    objects = rows = 0
    conn.execute("BEGIN")
    for name in sorted(tables):
        table = tables[name]
        if cancel is not None and cancel.is_set():
            raise Cancelled
        if progress is not None:
            progress(table.label_plural, rows)
        columns = ", ".join(quoted(c.name) for c in table.columns)
        types = ", ".join(
            f"{quoted(c.name)} {c.sql_type}{' NOT NULL' if c.name == 'Id' else ''}" for c in table.columns
        )
        conn.execute(f"CREATE TABLE main.{table.quoted} ({types})")
        conn.execute(f"INSERT INTO main.{table.quoted} ({columns}) SELECT {columns} FROM mirror.{table.quoted}")
        rows += conn.changes()
        conn.execute(f'CREATE UNIQUE INDEX main.{quoted(f"{name}_Id")} ON {table.quoted} ("Id")')
        objects += 1
    conn.execute("COMMIT")
    conn.execute("DETACH mirror")
    return CopySummary(objects, rows)


def _attach(conn: apsw.Connection, source: Path, key: bytes | None) -> None:
    uri = f"{source.absolute().as_uri()}?mode=ro"
    if key is None:
        conn.execute("ATTACH ? AS mirror KEY ''", (uri,))
        return
    # The cipher of databases attached from now on; the key goes as a bound value, so in no statement's text.
    conn.pragma("cipher", "sqlcipher")
    conn.pragma("legacy", 4)
    conn.execute("ATTACH ? AS mirror KEY ?", (uri, f"x'{key.hex()}'"))
    conn.execute("SELECT count(*) FROM mirror.sqlite_master").fetchall()
