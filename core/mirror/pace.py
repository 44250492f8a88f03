"""`Pace`: how many rows are a batch for the writer: at most 2,000, about 1 MB and about 50 ms of its time (rules 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MAX_ROWS = 2000
MIN_ROWS = 50
MAX_BYTES = 1024 * 1024
TARGET_SECONDS = 0.05
_SAMPLE = 20

Row = Sequence[str] | Mapping[str, Any]


class Pace:
    """One per page or load. Told the rows' weight once, then of every batch how long it took.

    Batches of different sizes cost about the same per row, so the size follows the measured rate, half-way each time.
    """

    def __init__(self) -> None:
        self.rows = MAX_ROWS
        self._most = MAX_ROWS

    def weigh(self, rows: Sequence[Row]) -> None:
        """Keep batches of rows like these under a megabyte, estimated from the first few."""
        sample = rows[:_SAMPLE]
        if sample:
            weight = sum(map(_weight, sample)) / len(sample)
            self._most = max(MIN_ROWS, min(MAX_ROWS, int(MAX_BYTES / max(weight, 1.0))))
            self.rows = min(self.rows, self._most)

    def took(self, rows: int, seconds: float) -> None:
        """A batch of `rows` rows took the writer `seconds`."""
        if rows and seconds > 0:
            wanted = rows * TARGET_SECONDS / seconds
            self.rows = int(min(self._most, max(MIN_ROWS, (self.rows + wanted) / 2)))


def _weight(row: Row) -> int:
    cells = row.values() if isinstance(row, Mapping) else row
    return sum(len(cell) if isinstance(cell, str) else 8 for cell in cells)
