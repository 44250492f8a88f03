"""Loading an object by REST: query pages, or slices by Id for what one query does not bring (sync-peers 2.2).

Runs on a fetcher thread. Both ways commit a page with the place to read on from.
"""

from __future__ import annotations

from core.mirror.rows import RowWriter
from core.model.progress import ObjectResult
from core.model.states import LoadMethod, LoadPhase
from core.salesforce.errors import ErrorClass, SalesforceError
from core.sync import soql
from core.sync.by_id import OVERCOME, ById
from core.sync.load_run import KEYSET, LoadTools, Run


def load(tools: LoadTools, run: Run) -> ObjectResult:
    """All rows of the object, from where an interrupted load stood. Raises OrgMirrorError."""
    tools.board.phase(run.name, LoadPhase.LOADING, method=LoadMethod.REST)
    restarted = False
    while True:
        try:
            if run.job.next_locator is not None and run.job.next_locator.startswith(KEYSET):
                _by_id(tools, run)
            elif run.job.next_locator is not None or not run.job.pages_done:
                _by_pages(tools, run)
            return tools.finish(run)
        except SalesforceError as error:
            if error.kind is ErrorClass.STALE_CURSOR and not restarted:
                restarted = True
                tools.restart(run)
            elif error.kind in OVERCOME and not (run.job.next_locator or "").startswith(KEYSET):
                tools.restart(run, next_locator=KEYSET)
            elif error.kind is ErrorClass.SCHEMA and not run.described_again:
                tools.describe_again(run)
            else:
                raise


def _by_pages(tools: LoadTools, run: Run) -> None:
    writer = RowWriter.for_json(run.table, soql.load_fields(run.table))
    locator = run.job.next_locator
    for page in tools.client().query_pages(run.job.soql, all_rows=True, start=locator):
        if page.total_size is not None:
            tools.board.total(run.name, page.total_size)
        feed = tools.feed(run, writer, locator, [0])
        feed.add(page.records)
        tools.page_done(run, feed, locator, page.next_url)
        locator = page.next_url
        tools.abort.raise_if_set()


def _by_id(tools: LoadTools, run: Run) -> None:
    """Slices by Id pass whatever the number of rows and fields, and need no cursor that could be forgotten."""
    fields = soql.load_fields(run.table)
    writer = RowWriter.for_json(run.table, fields)
    reader = ById(tools.client(), run.table, fields)
    last = (run.job.next_locator or "")[len(KEYSET) :] or None
    while True:
        found = reader.after(last)
        locator = KEYSET + (last or "")
        last = found.last
        feed = tools.feed(run, writer, locator, [0])
        feed.add(found.records)
        tools.page_done(run, feed, locator, None if found.ended else KEYSET + (last or ""))
        if found.ended:
            return
        tools.abort.raise_if_set()
