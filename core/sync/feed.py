"""`PageFeed`: rows of one fetched page on their way to the writer.

Owned by one fetcher thread. Batches are small enough for the writer to let a person's edit in between (rules 1), at
most two are under way at a time, and the last one is held back until the page has ended well, because it commits
together with the page's bookkeeping: a page is done with its last rows or not at all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from core.mirror.session import WriteSession
from core.mirror.writer import Priority, Writer

MAX_ROWS = 2000
MAX_BYTES = 1_000_000
MIN_ROWS = 100
IN_FLIGHT = 2

Step = Callable[[WriteSession, int], object]


class PageFeed:
    """Writes batches with `write(session, rows)`; `partial(session, rows_of_the_batch)` joins each but the last.

    `on_rows(n)` hears of `n` more rows committed, on the fetcher's thread.
    """

    def __init__(
        self,
        writer: Writer,
        write: Callable[[WriteSession, Sequence[Any]], object],
        partial: Step,
        on_rows: Callable[[int], None],
    ) -> None:
        self._writer = writer
        self._write = write
        self._partial = partial
        self._on_rows = on_rows
        self._held: list[Any] = []
        self._limit = MAX_ROWS
        self._sized = False
        self._in_flight: deque[Future[int]] = deque()

    def add(self, rows: Sequence[Any]) -> None:
        """Take rows; may block while the writer is behind. Raises what a batch raised."""
        if not self._sized and rows:
            self._limit = _batch_rows(rows)
            self._sized = True
        self._held.extend(rows)
        while len(self._held) > self._limit:
            batch, self._held = self._held[: self._limit], self._held[self._limit :]
            self._send(batch, self._partial, IN_FLIGHT)

    def finish(self, last: Step) -> None:
        """Commit what is held together with `last(session, rows_of_the_batch)`, and wait until all is committed."""
        batch, self._held = self._held, []
        self._send(batch, last, 0)

    def _send(self, batch: list[Any], step: Step, allowed: int) -> None:
        def job(session: WriteSession) -> int:
            if batch:
                self._write(session, batch)
            step(session, len(batch))
            return len(batch)

        self._in_flight.append(self._writer.submit(job, Priority.BATCH))
        while len(self._in_flight) > allowed:
            self._on_rows(self._in_flight.popleft().result())


def _batch_rows(rows: Sequence[Any]) -> int:
    """How many rows stay under a megabyte, from the weight of the first ones."""
    sample = rows[:20]
    weight = sum(_weight(row) for row in sample) / len(sample)
    return max(MIN_ROWS, min(MAX_ROWS, int(MAX_BYTES / max(weight, 1.0))))


def _weight(row: Any) -> int:
    values = row.values() if isinstance(row, dict) else row
    return sum(len(value) if isinstance(value, str) else 8 for value in values)
