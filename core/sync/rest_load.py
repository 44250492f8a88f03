"""Loading an object by REST: query pages, or slices by Id for what is too much for one query (sync-peers 2.2).

Runs on a fetcher thread. Both ways commit a page with the place to read on from.
"""

from __future__ import annotations

from typing import Any

from core.mirror.rows import RowWriter
from core.model.progress import ObjectResult
from core.model.states import LoadMethod, LoadPhase
from core.salesforce.client import Client
from core.salesforce.errors import ErrorClass, SalesforceError
from core.sync import soql
from core.sync.load_run import KEYSET, LoadTools, Run

KEYSET_ROWS = 2000
IDS_PER_QUERY = 200
FIELD_GROUP = 80
SMALLEST_GROUP = 5
_TOO_MUCH = (ErrorClass.TOO_BIG, ErrorClass.TOO_WIDE)


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
            elif error.kind in _TOO_MUCH and not (run.job.next_locator or "").startswith(KEYSET):
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
    """Slices by Id always pass, whatever the number of rows; a refused field list is asked for in groups."""
    fields = soql.load_fields(run.table)
    writer = RowWriter.for_json(run.table, fields)
    groups = [fields]
    last = (run.job.next_locator or "")[len(KEYSET) :] or None
    while True:
        try:
            found, records = _slice(tools.client(), run, groups, last)
        except SalesforceError as error:
            if error.kind not in _TOO_MUCH or len(groups[0]) <= SMALLEST_GROUP:
                raise
            groups = soql.field_groups(run.table, min(FIELD_GROUP, len(groups[0]) // 2))
            continue
        locator = KEYSET + (last or "")
        ended = len(found) < KEYSET_ROWS
        last = found[-1] if found else last
        feed = tools.feed(run, writer, locator, [0])
        feed.add(records)
        tools.page_done(run, feed, locator, None if ended else KEYSET + (last or ""))
        if ended:
            return
        tools.abort.raise_if_set()


def _slice(
    client: Client, run: Run, groups: list[tuple[str, ...]], last: str | None
) -> tuple[list[str], list[dict[str, Any]]]:
    """The next ids in order, and their records joined over the groups of fields.

    A record that went away between two groups is left out; one that changed in between has a stamp after the load's
    watermark and comes again, whole, with the first cycle.
    """
    where, tail = soql.after_id(last, KEYSET_ROWS)
    first = client.query(soql.select(run.table.info, groups[0], where, tail), all_rows=True)
    ids = [str(record["Id"]) for record in first]
    by_id = dict(zip(ids, first, strict=True))
    for group in groups[1:]:
        seen: set[str] = set()
        for start in range(0, len(ids), IDS_PER_QUERY):
            listed = ", ".join(f"'{i}'" for i in ids[start : start + IDS_PER_QUERY])
            for record in client.query(soql.select(run.table.info, group, f"Id IN ({listed})"), all_rows=True):
                key = str(record["Id"])
                if key in by_id:
                    by_id[key] = {**record, **by_id[key]}
                    seen.add(key)
        by_id = {key: record for key, record in by_id.items() if key in seen}
    return ids, list(by_id.values())
