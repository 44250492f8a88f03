"""`PageFeed`: rows of one fetched page on their way to the writer.

Owned by one fetcher thread. Batches are small enough for the writer to let a person's edit in between (rules 1), at
most two are under way at a time, and the last one is held back until the page has ended well, because it commits
together with the page's bookkeeping: a page is done with its last rows or not at all.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from core.mirror.pace import Pace
from core.mirror.session import WriteSession
from core.mirror.writer import Priority, Writer

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
        self._pace = Pace()
        self._weighed = False
        self._in_flight: deque[Future[int]] = deque()

    def add(self, rows: Sequence[Any]) -> None:
        """Take rows; may block while the writer is behind. Raises what a batch raised."""
        if not self._weighed and rows:
            self._pace.weigh(rows)
            self._weighed = True
        self._held.extend(rows)
        while len(self._held) > (size := self._pace.rows):
            batch, self._held = self._held[:size], self._held[size:]
            self._send(batch, self._partial, IN_FLIGHT)

    def finish(self, last: Step) -> None:
        """Commit what is held together with `last(session, rows_of_the_batch)`, and wait until all is committed."""
        batch, self._held = self._held, []
        self._send(batch, last, 0)

    def _send(self, batch: list[Any], step: Step, allowed: int) -> None:
        def job(session: WriteSession) -> int:
            begun = time.perf_counter()
            if batch:
                self._write(session, batch)
            step(session, len(batch))
            self._pace.took(len(batch), time.perf_counter() - begun)
            return len(batch)

        self._in_flight.append(self._writer.submit(job, Priority.BATCH))
        while len(self._in_flight) > allowed:
            self._on_rows(self._in_flight.popleft().result())
