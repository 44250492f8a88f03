"""What a list puts on the clipboard: rows as tab-separated text, read on a lane with their whole values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.api.browse import BrowseSession, ColumnInfo

# More than a spreadsheet takes from a clipboard in reasonable time; an export is the way for more.
MAX_COPIED_ROWS = 50_000
_SLICE = 500


def quoted(text: str) -> str:
    """`text` as one cell of tab-separated text, as spreadsheets read it."""
    if any(mark in text for mark in "\t\n\r") or text.startswith('"'):
        return '"' + text.replace('"', '""') + '"'
    return text


def rows_as_text(
    session: BrowseSession,
    object_name: str,
    om_rows: Sequence[int],
    columns: Sequence[ColumnInfo],
    *,
    with_headers: bool,
) -> str:
    """The rows as lines of tab-separated cells, look-ups and dates as shown."""
    names = [column.name for column in columns]
    lines = ["\t".join(quoted(column.label) for column in columns)] if with_headers else []
    for start in range(0, len(om_rows), _SLICE):
        for row in session.page(object_name, om_rows[start : start + _SLICE], names):
            lines.append("\t".join(map(quoted, row)))
    return "\n".join(lines)
