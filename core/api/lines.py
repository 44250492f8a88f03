"""Lines that a window already holds (history, problems, the schema log) as a CSV file, by the rules of every export.

For a background thread: it writes to the disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from core.export import csv_file
from core.export.target import new_file


def write_lines(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write a private CSV file over whatever is there; returns the number of rows.

    UTF-8 with a byte-order mark, formula cells made harmless; values are texts, numbers, booleans, dates, datetimes or
    None. Raises CANNOT_WRITE, DISK_FULL.
    """
    with new_file(path, replace=True) as building:
        return csv_file.write(building, header, rows)
