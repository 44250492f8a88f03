"""Letting data out: a list as CSV or XLSX, the whole mirror as a plain SQLite file. Plain files, so 0600 each.

Safe from any thread. Lists are written on a reader thread of their own; `plain_copy` runs on the caller's.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace as changed
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.export import csv_file, plain_copy, xlsx_file
from core.export.cells import Sheet, rows_of
from core.export.plain_copy import CopySummary
from core.export.target import new_file
from core.mirror import search
from core.mirror.display import zone_of
from core.mirror.listing import list_rows
from core.mirror.mirror import Mirror
from core.mirror.names import Names
from core.mirror.query import Scene
from core.mirror.reader import ReadLane
from core.mirror.search import IndexPhase
from core.model.cancel import CancelToken
from core.model.errors import Cancelled
from core.model.filters import ListQuery

if TYPE_CHECKING:
    from apsw import Connection

__all__ = ["CopySummary", "ExportsApi", "ListFormat"]


class ListFormat(StrEnum):
    """The files a list can become."""

    CSV = "csv"
    XLSX = "xlsx"


class ExportsApi:
    """The exports of one open connection."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._lane = ReadLane(mirror.path, mirror.key, name="export")
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._running: set[CancelToken] = set()

    def list_csv(
        self,
        query: ListQuery,
        columns: Sequence[str],
        path: Path,
        *,
        replace: bool = True,
        bom: bool = True,
        shown: bool = True,
        cancel: CancelToken | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Future[int]:
        """Write a list as CSV; see `list_file`."""
        return self.list_file(
            ListFormat.CSV, query, columns, path,
            replace=replace, bom=bom, shown=shown, cancel=cancel, progress=progress,
        )  # fmt: skip

    def list_file(
        self,
        form: ListFormat,
        query: ListQuery,
        columns: Sequence[str],
        path: Path,
        *,
        replace: bool = True,
        bom: bool = True,
        shown: bool = True,
        cancel: CancelToken | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Future[int]:
        """Write the records of `query` in its order; the future has their number.

        `shown`: look-ups by name and times in the Salesforce user's zone, otherwise values as stored; `progress` is
        called on the export's thread. A file dialog has asked before it hands over a file that is there, so `replace`
        is on. The future raises TARGET_EXISTS, CANNOT_WRITE, DISK_FULL, NO_SUCH_FIELD, BAD_FILTER, Cancelled; it is
        cancelled where the export had not begun.
        """
        view = f"export {next(self._numbers)}"
        stop = CancelToken()
        stop.on_cancel(lambda: self._lane.forget(view))

        def write(conn: Connection) -> int:
            stop.raise_if_set()
            sheet, names = self._sheet(conn, query, columns, shown)
            header = [c.field.label if shown else c.name for c in sheet.columns]
            with new_file(path, replace=replace) as building:
                rows = _until(stop, rows_of(conn, sheet, names))
                if form is ListFormat.CSV:
                    return csv_file.write(building, header, rows, bom=bom, progress=progress)
                return xlsx_file.write(building, sheet.table.label_plural, header, rows, progress=progress)

        with self._lock:
            self._running.add(stop)
        future = self._lane.submit(view, write)
        forget = cancel.on_cancel(stop.set) if cancel is not None else None
        future.add_done_callback(lambda _done: self._ended(stop, forget))
        return future

    def plain_copy(
        self,
        target: Path,
        *,
        replace: bool = False,
        cancel: CancelToken | None = None,
        progress: Callable[[str, int], None] | None = None,
    ) -> CopySummary:
        """Write the mirror's objects as a plain SQLite file, on the calling thread; not for the GUI thread.

        Raises TARGET_EXISTS unless `replace`, CANNOT_WRITE, DISK_FULL, Cancelled.
        """
        return plain_copy.write(
            self._mirror.path,
            self._mirror.key,
            self._mirror.tables(),
            target,
            replace=replace,
            cancel=cancel,
            progress=progress,
        )

    def close(self) -> None:
        """Stop what is being written; nothing of it stays. May be called again."""
        with self._lock:
            running = list(self._running)
        for stop in running:
            stop.set()
        self._lane.close()

    def _ended(self, stop: CancelToken, forget: Callable[[], None] | None) -> None:
        if forget is not None:
            forget()
        with self._lock:
            self._running.discard(stop)

    def _sheet(self, conn: Connection, query: ListQuery, columns: Sequence[str], shown: bool) -> tuple[Sheet, Names]:
        tables = self._mirror.tables()
        zone = zone_of(conn.execute("SELECT value FROM om_meta WHERE key = 'timezone'").get)
        scene = Scene(tables, zone=zone)
        table = scene.table(query.object)
        ready = search.state(conn, table).phase is IndexPhase.READY
        om_rows = list_rows(conn, query, changed(scene, indexed=ready))
        names = Names(conn)
        names.refresh(tables)
        return Sheet(table, tuple(scene.column(table, name) for name in columns), om_rows, zone, shown), names


def _until(stop: CancelToken, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        if stop.is_set():
            raise Cancelled
        yield row
