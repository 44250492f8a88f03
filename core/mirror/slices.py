"""Cuts rows into batches for the writer: at most 2,000 rows and about 1 MB, adapted so that one takes about 50 ms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

MAX_ROWS = 2000
MIN_ROWS = 50
MAX_BYTES = 1024 * 1024
TARGET_SECONDS = 0.05

Row = TypeVar("Row", Sequence[str], Mapping[str, Any])


class Pace:
    """Learns how many rows the writer takes in `TARGET_SECONDS`. One per load; told by whoever times the batches.

    Batches of different sizes cost about the same per row, so the size follows the measured rate, half-way each time.
    """

    def __init__(self, rows: int = MAX_ROWS) -> None:
        self.rows = rows

    def took(self, rows: int, seconds: float) -> None:
        """A batch of `rows` rows took `seconds` in the writer."""
        if rows and seconds > 0:
            wanted = rows * TARGET_SECONDS / seconds
            self.rows = int(min(MAX_ROWS, max(MIN_ROWS, (self.rows + wanted) / 2)))


def slices(rows: Iterable[Row], pace: Pace | None = None) -> Iterator[list[Row]]:
    """Batches of rows in order. The size in bytes is estimated from the first row and every hundredth."""
    pace = pace or Pace()
    batch: list[Row] = []
    size = estimate = 0
    for number, row in enumerate(rows):
        if number % 100 == 0:
            estimate = _size(row)
        batch.append(row)
        size += estimate
        if len(batch) >= pace.rows or size >= MAX_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _size(row: Sequence[str] | Mapping[str, Any]) -> int:
    cells = row.values() if isinstance(row, Mapping) else row
    return sum(len(cell) if isinstance(cell, str) else 8 for cell in cells)
