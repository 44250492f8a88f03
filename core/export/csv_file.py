"""A list as CSV: UTF-8 with a byte-order mark for spreadsheets, RFC 4180 quoting, formula cells made harmless."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

from core.export.cells import harmless

BOM = "\ufeff"


def write(
    path: Path,
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    bom: bool = True,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write rows as `cells.rows_of` yields them; returns how many. `progress` hears the count now and then."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        if bom:
            file.write(BOM)
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([harmless(name) for name in header])
        for row in rows:
            writer.writerow([_text(value) for value in row])
            count += 1
            if progress is not None and not count % 1000:
                progress(count)
    return count


def write_to(file: TextIO, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """The same lines onto an open file, such as a terminal's stdout: without the byte-order mark."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([harmless(name) for name in header])
    writer.writerows([_text(value) for value in row] for row in rows)


def _text(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    return value
