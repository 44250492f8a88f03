"""One object on its way in, and the steps that both wires share."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from core.mirror import loads, objects, search, watermarks
from core.mirror.indexes import create_indexes
from core.mirror.loads import LoadJob
from core.mirror.merge import MergeCounts
from core.mirror.mirror import Mirror
from core.mirror.rows import RowWriter, count_live
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.progress import Event, ObjectResult
from core.model.states import LoadMethod, LoadPhase
from core.salesforce.bulk import BulkJob
from core.salesforce.client import Client
from core.salesforce.transport import Transport
from core.sync import soql
from core.sync.board import ProgressBoard
from core.sync.feed import PageFeed

log = logging.getLogger(__name__)

# Marks a place of a load that goes by Id: what follows is the last Id taken.
KEYSET = "after-id:"


@dataclass
class Run:
    """One object's load in this process; what must survive the process is in `job`, as stored.

    Touched by one thread at a time, `rows` apart, which page fetchers share under `lock`.
    """

    table: Table
    job: LoadJob
    rows: int = 0
    bulk_job: BulkJob | None = None
    poll_at: float = 0.0
    poll_delay: float = 0.0
    described_again: bool = False
    bulk_tries: int = 0
    no_listing: bool = False
    done: bool = False
    seconds: float = 0.0
    calls: int = 0
    merged: MergeCounts = field(default_factory=MergeCounts)
    """Rows that were compared with what is here already: all of them in a window of changes, few in a first load."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        return self.table.name

    @contextmanager
    def measured(self, transport: Transport, monotonic: Callable[[], float]) -> Iterator[None]:
        """Add the time and the calls of this thread to the object's."""
        begun, calls = monotonic(), transport.sent
        try:
            yield
        finally:
            with self.lock:
                self.seconds += monotonic() - begun
                self.calls += transport.sent - calls

    def add_rows(self, count: int) -> int:
        with self.lock:
            self.rows += count
            return self.rows

    def add_merged(self, counts: MergeCounts) -> None:
        """What a batch's merge came to; nothing where its rows were simply stored."""
        with self.lock:
            self.merged += counts

    @property
    def changes(self) -> Changes:
        """What views should read anew: nothing while all that came was here already."""
        with self.lock:
            merged = self.merged
            if not merged.written + merged.skipped:
                return Changes({self.name: None})
            return Changes({self.name: merged.changed_ids}) if merged.written else Changes()

    def uncount(self, count: int) -> None:
        """Rows of a page that is fetched again."""
        with self.lock:
            self.rows -= count


@dataclass
class LoadTools:
    """What loading an object needs besides the object. `client` gives the calling thread's own."""

    mirror: Mirror
    board: ProgressBoard
    emit: Callable[[Event], None]
    abort: CancelToken
    client: Callable[[], Client]
    redescribe: Callable[[Client, str], Table]

    def write(self, job: Callable[[WriteSession], object]) -> None:
        self.mirror.writer.call(job, Priority.BATCH)

    def feed(self, run: Run, writer: RowWriter, locator: str | None, counter: list[int]) -> PageFeed:
        """A feed of one page; `counter[0]` grows by the rows of it that are committed."""

        def committed(rows: int) -> None:
            counter[0] += rows
            self.board.rows(run.name, run.add_rows(rows))
            self.emit(Event(changes=run.changes))

        def write(session: WriteSession, rows: Sequence[Any]) -> None:
            run.add_merged(writer.load(session, rows))

        return PageFeed(
            self.mirror.writer,
            write,
            lambda session, rows: loads.batch_done(session, run.name, locator, rows),
            committed,
        )

    def page_done(self, run: Run, feed: PageFeed, locator: str | None, following: str | None) -> None:
        """The page's last rows and where to read on, in one transaction."""
        feed.finish(lambda session, rows: loads.page_done(session, run.name, locator, rows, following))
        with run.lock:
            run.job = replace(run.job, next_locator=following, pages_done=run.job.pages_done + 1)

    def restart(self, run: Run, *, method: LoadMethod | None = None, next_locator: str | None = None) -> None:
        """Forget where the load stood, never the rows: they are written over by Id."""
        run.job = replace(
            run.job,
            method=method or run.job.method,
            next_locator=next_locator,
            job_id=None,
            listing_url=None,
            listing_done=False,
            phase=LoadPhase.WAITING,
            pages_done=0,
            pages_open=0,
            rows_done=0,
        )
        run.bulk_job = None
        with run.lock:
            run.rows = 0
        self.write(lambda s: loads.start_job(s, run.job))

    def describe_again(self, run: Run) -> None:
        """A field or the object was refused: what does this user see now? Raises when it is not to be seen at all."""
        run.described_again = True
        run.table = self.redescribe(self.client(), run.name)
        run.job = replace(
            run.job,
            fields_hash=run.table.info.fingerprint(),
            soql=soql.select(run.table, soql.load_fields(run.table)),
        )
        self.restart(run, next_locator=KEYSET if (run.job.next_locator or "").startswith(KEYSET) else None)

    def finish(self, run: Run) -> ObjectResult:
        """All rows are here: indexes, search, and only then the watermark that says so."""
        self.write(lambda s: loads.set_phase(s, run.name, LoadPhase.INDEXING))
        self.board.phase(run.name, LoadPhase.INDEXING)
        create_indexes(self.mirror.writer, run.table)
        search.build(self.mirror.writer, run.table, self.abort)
        self.abort.raise_if_set()

        knows_time = self.client().knows_time

        def end(session: WriteSession) -> tuple[int, int]:
            live = count_live(session, run.table)
            job = loads.get_job(session, run.name)
            started = run.job.started_server
            if not knows_time:
                started = watermarks.by_rows(session, run.table, started)
            loads.finish(session, run.name, started, live)
            objects.reloaded(session, run.name)
            return live, job.rows_done if job else live

        live, stored = self.mirror.writer.call(end, Priority.BATCH)
        run.done = True
        self.board.rows(run.name, stored)
        self.board.phase(run.name, LoadPhase.DONE)
        self.emit(Event(changes=run.changes.merged(Changes(status=True))))
        log.info("%s is loaded: %d rows", run.name, stored)
        counts = run.merged
        if counts.written + counts.skipped < stored:
            return ObjectResult(run.name, rows=live, new=stored)
        return ObjectResult(
            run.name, rows=live, new=counts.new, updated=counts.updated, deleted=counts.deleted, skipped=counts.skipped
        )
