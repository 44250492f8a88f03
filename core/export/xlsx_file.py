"""A list as an Excel workbook: typed cells, no text taken for a formula or link, further sheets when one is full."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
import xlsxwriter.exceptions

MAX_ROWS = 1_048_576
MAX_CHARS = 32_767
_EARLIEST = date(1900, 1, 1)
_MAX_DIGITS = 15


def write(
    path: Path,
    title: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    sheet_rows: int = MAX_ROWS,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write rows as `cells.rows_of` yields them; returns how many. One row is in memory at a time."""
    # The library's own temporary files hold the rows in plain text: they stay beside the target, and private.
    folder = tempfile.mkdtemp(prefix=".", suffix=".part", dir=path.parent)
    count = 0
    try:
        book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "tmpdir": folder,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": True,
            },
        )
        try:
            sheets = _Sheets(book, title, header, sheet_rows)
            for row in rows:
                sheets.add(row)
                count += 1
                if progress is not None and not count % 1000:
                    progress(count)
        finally:
            _close(book)
    finally:
        shutil.rmtree(folder)
    return count


def _close(book: Any) -> None:
    try:
        book.close()
    except xlsxwriter.exceptions.FileCreateError as error:
        cause = error.args[0] if error.args else error
        raise cause if isinstance(cause, OSError) else OSError(str(cause)) from error


class _Sheets:
    """Fills one sheet after the other."""

    def __init__(self, book: Any, title: str, header: Sequence[str], sheet_rows: int) -> None:
        self._book = book
        self._title = "".join(" " if char in "[]:*?/\\'" else char for char in title)[:25].strip() or "Records"
        self._header = header
        self._sheet_rows = sheet_rows
        self._bold = book.add_format({"bold": True})
        self._formats = {
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            time: book.add_format({"num_format": "hh:mm:ss"}),
        }
        self._number = 0
        self._at = 0
        self._sheet: Any = None
        self._begin()

    def _begin(self) -> None:
        self._number += 1
        name = self._title if self._number == 1 else f"{self._title} {self._number}"
        self._sheet = self._book.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, max(0, len(self._header) - 1), 18)
        for column, text in enumerate(self._header):
            self._sheet.write_string(0, column, text[:MAX_CHARS], self._bold)
        self._at = 1

    def add(self, row: Sequence[Any]) -> None:
        if self._at >= self._sheet_rows:
            self._begin()
        for column, value in enumerate(row):
            if value is not None:
                self._cell(column, value)
        self._at += 1

    def _cell(self, column: int, value: Any) -> None:
        if isinstance(value, bool):
            self._sheet.write_boolean(self._at, column, value)
        elif isinstance(value, (int, float, Decimal)):
            # Excel keeps 15 digits; a longer number stays whole as text.
            if isinstance(value, float) or len(Decimal(value).as_tuple().digits) <= _MAX_DIGITS:
                self._sheet.write_number(self._at, column, value)
            else:
                self._sheet.write_string(self._at, column, str(value))
        elif isinstance(value, (datetime, date, time)):
            day = value.date() if isinstance(value, datetime) else value
            if isinstance(day, date) and day < _EARLIEST:
                self._sheet.write_string(self._at, column, str(value))
            else:
                self._sheet.write_datetime(self._at, column, value, self._formats[type(value)])
        else:
            self._sheet.write_string(self._at, column, str(value)[:MAX_CHARS])
