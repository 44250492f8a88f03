"""Loading an object by a Bulk 2.0 query job (salesforce-api 3.7, sync-peers 2.2).

`begin` and `is_ready` run on the engine's thread, which makes all jobs first and polls them; `load` runs on a thread of
its own per object and hands pages to the page fetchers.
"""

from __future__ import annotations

import logging
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import replace

from core.mirror import loads
from core.mirror.rows import RowWriter
from core.mirror.writer import Priority
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.model.progress import ObjectResult
from core.model.states import LoadMethod, LoadPhase
from core.salesforce.bulk import BulkQuery, PageSizer
from core.salesforce.errors import ErrorClass, SalesforceError
from core.sync.faults import is_fatal
from core.sync.load_run import KEYSET, LoadTools, Run

log = logging.getLogger(__name__)

FIRST_POLL_SECONDS = 0.4
LONGEST_POLL_SECONDS = 20.0
PAGE_TRIES = 4
FIRST_RETRY_SECONDS = 0.5
PAGES_AHEAD = 8
_AGAIN = frozenset({ErrorCode.COUNT_MISMATCH, ErrorCode.TIMED_OUT, ErrorCode.CANNOT_CONNECT, ErrorCode.SERVER_ERROR})
_LATE = frozenset({202, 204, 412})
# A job made anew because its results were of no use, before the object goes by REST.
BULK_TRIES = 2
_GONE = (ErrorClass.STALE_CURSOR, ErrorClass.NOT_OFFERED, ErrorClass.GONE, ErrorClass.VERSION)


def begin(tools: LoadTools, run: Run) -> None:
    """Make the object's job, or take up the one that an interrupted load left. Where Bulk refuses: by REST.

    Raises what stops everything.
    """
    bulk = BulkQuery(tools.client())
    if run.job.job_id:
        try:
            run.bulk_job = bulk.get(run.job.job_id, run.job.api_version)
        except SalesforceError as error:
            if is_fatal(error):
                raise
            log.info("the bulk job of %s is gone: another one", run.name)
            tools.restart(run)
        else:
            if not run.bulk_job.is_over or run.bulk_job.is_complete:
                tools.board.phase(run.name, LoadPhase.QUEUED, method=LoadMethod.BULK)
                return
            tools.restart(run)
    try:
        job = bulk.create(run.job.soql, all_rows=True)
    except OrgMirrorError as error:
        # A page instead of an answer where the org's other resources answer: Bulk is not served here.
        if is_fatal(error) and error.code is not ErrorCode.NOT_SALESFORCE:
            raise
        if isinstance(error, SalesforceError) and error.kind is ErrorClass.SCHEMA and not run.described_again:
            tools.describe_again(run)
            begin(tools, run)
            return
        log.info("bulk refuses %s: by REST", run.name)
        by_rest_instead(tools, run)
        return
    run.bulk_job = job
    run.job = replace(run.job, job_id=job.id, api_version=job.api_version)
    tools.write(lambda s: loads.start_job(s, run.job))
    tools.board.phase(run.name, LoadPhase.QUEUED, method=LoadMethod.BULK)


def by_rest_instead(tools: LoadTools, run: Run) -> None:
    """What Bulk cannot do goes in slices by Id, which always pass."""
    tools.restart(run, method=LoadMethod.REST, next_locator=KEYSET)


def is_ready(tools: LoadTools, run: Run, now: float) -> bool:
    """Ask for the job's state when it is time; True when its results can be fetched.

    A job that failed turns the object over to REST (`run.job.method`), one whose fields were refused is made anew.
    """
    assert run.bulk_job is not None
    if not run.bulk_job.is_complete:
        if now < run.poll_at:
            return False
        try:
            run.bulk_job = BulkQuery(tools.client()).get(run.bulk_job.id, run.bulk_job.api_version)
        except SalesforceError as error:
            if error.kind not in _GONE:
                raise
            log.info("the bulk job of %s is gone", run.name)
            again(tools, run)
            return False
    job = run.bulk_job
    if job.is_complete:
        return True
    if job.is_over:
        log.info("the bulk job of %s ended as %s", run.name, job.state)
        refusal = job.error
        if refusal is not None and refusal.kind is ErrorClass.SCHEMA and not run.described_again:
            tools.describe_again(run)
            begin(tools, run)
        else:
            by_rest_instead(tools, run)
        return False
    run.poll_delay = min(LONGEST_POLL_SECONDS, run.poll_delay * 1.5 or FIRST_POLL_SECONDS)
    run.poll_at = now + run.poll_delay
    return False


def load(tools: LoadTools, run: Run, pages: Executor) -> ObjectResult | None:
    """Fetch the results of a finished job; None when they are gone or not whole and the object has to begin anew."""
    assert run.bulk_job is not None
    job = run.bulk_job
    bulk = BulkQuery(tools.client())
    if job.records_processed is not None:
        tools.board.total(run.name, job.records_processed)
    tools.board.phase(run.name, LoadPhase.LOADING, method=LoadMethod.BULK)
    try:
        if not _listed(tools, run, bulk, pages):
            _in_turn(tools, run, bulk)
    except OrgMirrorError as error:
        gone = isinstance(error, SalesforceError) and (error.kind in _GONE or error.status in _LATE)
        if not gone and error.code is not ErrorCode.COUNT_MISMATCH:
            raise
        log.info("the results of %s are of no use: %s", run.name, error.code.value)
        again(tools, run)
        return None
    stored = tools.mirror.writer.call(lambda s: loads.get_job(s, run.name), Priority.BATCH)
    rows = stored.rows_done if stored is not None else 0
    if job.records_processed not in (None, rows) and not _vouched(tools, run, rows):
        log.info("%s: %d rows of %s came", run.name, rows, job.records_processed)
        again(tools, run)
        return None
    result = tools.finish(run)
    try:
        bulk.delete(job)
    except SalesforceError as error:
        # Salesforce deletes it by itself after seven days.
        log.info("the finished job of %s could not be deleted: %s", run.name, error)
    return result


def again(tools: LoadTools, run: Run) -> None:
    """Another job, and after that no more: slices by Id need no job. What is here is written over by Id."""
    run.bulk_tries += 1
    if run.bulk_tries >= BULK_TRIES:
        by_rest_instead(tools, run)
    else:
        tools.restart(run)


def _vouched(tools: LoadTools, run: Run, rows: int) -> bool:
    """Whether the org itself counts no more rows than came: a job's own number is not always that of its results."""
    answer = tools.client().count_many({run.name: run.table.row_filter}, all_rows=True)[run.name]
    return isinstance(answer, int) and rows >= answer


def _listed(tools: LoadTools, run: Run, bulk: BulkQuery, pages: Executor) -> bool:
    """Several pages at once, where the org lists them; False where it does not, or reading in turn has begun."""
    assert run.bulk_job is not None
    if run.job.next_locator is not None or run.no_listing:
        return False
    url, done = run.job.listing_url, run.job.listing_done
    waiting = tools.mirror.writer.call(lambda s: loads.pending_pages(s, run.name), Priority.BATCH)
    if not waiting and not done and url is None and run.job.pages_done:
        return run.job.all_read
    futures: set[Future[None]] = set()
    try:
        while True:
            for locator in waiting:
                futures.add(pages.submit(_page_task, tools, run, locator))
            waiting = []
            if not done and len(futures) < PAGES_AHEAD:
                listing = bulk.result_list(run.bulk_job, url)
                if listing is None:
                    if url is None:
                        return False
                    run.no_listing = True
                    raise SalesforceError(0, None, None, kind=ErrorClass.STALE_CURSOR)
                waiting, url = list(listing.locators), listing.next_url
                done = listing.done or url is None
                following = None if done else url
                tools.write(lambda s, w=waiting, f=following: loads.list_pages(s, run.name, w, f))  # type: ignore[misc]
                continue
            if not futures:
                return True
            finished, futures = wait(futures, timeout=1.0, return_when=FIRST_COMPLETED)
            for future in finished:
                future.result()
            tools.abort.raise_if_set()
    except BaseException:
        for future in futures:
            future.cancel()
        wait(futures)
        raise


def _in_turn(tools: LoadTools, run: Run, bulk: BulkQuery) -> None:
    """One page after another by its locator, of a size that follows the answers' weight."""
    if run.job.all_read:
        return
    sizer = PageSizer()
    locator = run.job.next_locator
    while True:
        locator = _page(tools, run, bulk, locator, sizer)
        if locator is None:
            return
        tools.abort.raise_if_set()


def _page_task(tools: LoadTools, run: Run, locator: str) -> None:
    tools.abort.raise_if_set()
    with run.measured(tools.client().transport, lambda: 0.0):
        _page(tools, run, BulkQuery(tools.client()), locator, None)


def _page(tools: LoadTools, run: Run, bulk: BulkQuery, locator: str | None, sizer: PageSizer | None) -> str | None:
    """One page into the mirror; answers the next locator. A page cut short is fetched again from its start."""
    assert run.bulk_job is not None
    for attempt in range(1, PAGE_TRIES + 1):
        counter = [0]
        try:
            with bulk.open_page(run.bulk_job, locator or None, sizer.rows if sizer else None) as page:
                writer = RowWriter.for_csv(run.table, page.header or ("Id",))
                feed = tools.feed(run, writer, locator, counter)
                for rows in page.slices():
                    feed.add(rows)
                    tools.abort.raise_if_set()
                following = page.next_locator
                if sizer:
                    sizer.took(page)
            tools.page_done(run, feed, locator, following if sizer else None)
            return following
        except OrgMirrorError as error:
            if error.code not in _AGAIN or attempt == PAGE_TRIES:
                raise
            log.info("a page of %s is fetched again: %s", run.name, error.code.value)
            if sizer:
                sizer.failed()
            run.uncount(counter[0])
            tools.write(lambda s: loads.reset_page(s, run.name, locator))
            if tools.abort.wait(FIRST_RETRY_SECONDS * 2**attempt):
                raise Cancelled from error
    raise AssertionError("unreachable")
