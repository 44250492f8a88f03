"""Some fields of every row of an object: for id sweeps, for calculated fields, for columns that are new.

By REST pages while they are few, by a Bulk job above, which costs a handful of calls whatever the number of rows.
Deleted and archived rows are included. Runs on the engine's thread; an interrupted reading begins anew.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.mirror.tables import Table
from core.model.cancel import CancelToken
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.salesforce.bulk import BulkJob, BulkQuery, PageSizer
from core.salesforce.client import Client
from core.salesforce.errors import SalesforceError
from core.sync import soql
from core.sync.by_id import OVERCOME, ById
from core.sync.faults import is_fatal

log = logging.getLogger(__name__)

BULK_ABOVE = 50_000
FIRST_POLL_SECONDS = 0.4
LONGEST_POLL_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows as they came: records of REST (`header` None), or cells in the order of `header`."""

    rows: Sequence[Any]
    header: tuple[str, ...] | None = None

    def column(self, name: str) -> list[str | None]:
        """One field of every row; an empty text for none comes as None."""
        if self.header is None:
            return [row.get(name) for row in self.rows]
        index = [each.lower() for each in self.header].index(name.lower())
        return [row[index] or None for row in self.rows]


def read_parts(
    client: Client,
    table: Table,
    fields: tuple[str, ...],
    cancel: CancelToken,
    *,
    rows: int,
    where: str | None = None,
) -> Iterator[Piece]:
    """`fields` (Id among them) of every row, or of those of `where`; `rows` is about how many there are.

    Raises OrgMirrorError.

    COUNT_MISMATCH when fewer came than the org announced: nothing may be concluded from what is absent. Where a Bulk
    job fails half read, rows come again by REST.
    """
    if rows > BULK_ABOVE:
        job = _made(client, soql.select(table, fields, where))
        if job is not None:
            try:
                yield from _by_bulk(client, job, cancel)
                return
            except OrgMirrorError as error:
                if is_fatal(error):
                    raise
                log.info("%s is read by pages: %s", table.name, error.code.value)
    yield from _by_rest(client, table, fields, cancel, where)


def _by_rest(
    client: Client, table: Table, fields: tuple[str, ...], cancel: CancelToken, where: str | None
) -> Iterator[Piece]:
    came, total = 0, None
    try:
        for page in client.query_pages(soql.select(table, fields, where), all_rows=True):
            cancel.raise_if_set()
            total = page.total_size if total is None else total
            came += len(page.records)
            yield Piece(page.records)
    except SalesforceError as error:
        if error.kind not in OVERCOME:
            raise
        log.info("%s is read by Id: %s", table.name, error.kind.value)
        reader = ById(client, table, fields, where)
        found = reader.after(None)
        yield Piece(found.records)
        while not found.ended:
            cancel.raise_if_set()
            found = reader.after(found.last)
            yield Piece(found.records)
        return
    if total is not None and came < total:
        raise OrgMirrorError(ErrorCode.COUNT_MISMATCH, object=table.name, expected=total, rows=came)


def _made(client: Client, statement: str) -> BulkJob | None:
    """A Bulk job, or None where Bulk does not take this query."""
    try:
        return BulkQuery(client).create(statement, all_rows=True)
    except OrgMirrorError as error:
        if is_fatal(error):
            raise
        log.info("no bulk job: %s", error.code.value)
        return None


def _by_bulk(client: Client, job: BulkJob, cancel: CancelToken) -> Iterator[Piece]:
    bulk = BulkQuery(client)
    pause = FIRST_POLL_SECONDS
    while not job.is_over:
        if cancel.wait(pause):
            raise Cancelled
        pause = min(LONGEST_POLL_SECONDS, pause * 1.5)
        job = bulk.get(job.id, job.api_version)
    if not job.is_complete:
        raise job.error or OrgMirrorError(ErrorCode.BULK_FAILED)
    sizer = PageSizer()
    locator: str | None = None
    came = 0
    while True:
        with bulk.open_page(job, locator, sizer.rows) as page:
            for rows in page.slices():
                cancel.raise_if_set()
                came += len(rows)
                yield Piece(rows, tuple(page.header or ()))
            locator = page.next_locator
            sizer.took(page)
        if locator is None:
            break
    if job.records_processed is not None and came < job.records_processed:
        raise OrgMirrorError(ErrorCode.COUNT_MISMATCH, expected=job.records_processed, rows=came)
    try:
        bulk.delete(job)
    except SalesforceError as error:
        # Salesforce deletes it by itself after seven days.
        log.info("the finished job could not be deleted: %s", error)
