"""SOQL over REST: query, queryAll, and the pages behind a locator."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from core.demo.errors import OrgError
from core.demo.http.call import Answer, Call
from core.demo.http.router import Route

if TYPE_CHECKING:
    from core.demo.org import Result

_BATCH = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)
_BY_ID = re.compile(r"\bWHERE\s+\(?Id\s*(?:=\s*'\w+'|IN\s*\([^)]*\))\)?\s*$", re.IGNORECASE)
_ID = re.compile(r"'(\w{15}(?:\w{3})?)'")
_LARGEST, _SMALLEST = 2000, 200
_LONGEST_SOQL = 100_000


def query(call: Call) -> Answer:
    """Rows that are not deleted."""
    return _first(call, all_rows=False)


def query_all(call: Call) -> Answer:
    """Deleted, merged and archived rows too."""
    return _first(call, all_rows=True)


def more(call: Call) -> Answer:
    """The page at `<locator>-<row>`."""
    assert call.session is not None
    cursor, row = call.site.cursors.find(call.session.user_id, call.params["locator"])
    size = _page_size(call, default=cursor.size)
    return Answer(payload=_page(call, cursor.result, row, size, cursor.id))


def _first(call: Call, *, all_rows: bool) -> Answer:
    soql = call.query.get("q")
    if call.query.get("explain"):
        raise OrgError("FEATURE_NOT_ENABLED", "Query plans are not available in this organization")
    if not soql:
        raise OrgError("MALFORMED_QUERY", "unexpected token: <EOF>" if soql == "" else "A query string has to be given")
    if len(soql) > _LONGEST_SOQL:
        raise OrgError("MALFORMED_QUERY", f"SOQL statements cannot be longer than {_LONGEST_SOQL} characters")
    result = call.view.query(soql, all_rows=all_rows)
    by_id = _BY_ID.search(soql)
    if by_id is not None:
        call.site.lately_read(result.object_name, _ID.findall(by_id[0]))
    if call.query.get("columns", "").lower() == "true":
        return Answer(payload=_columns(result))
    return Answer(payload=_page(call, result, 0, _page_size(call, default=_LARGEST), None))


def _page(call: Call, result: Result, row: int, size: int, locator: str | None) -> dict[str, Any]:
    if result.is_count:
        return {"totalSize": result.total_size, "done": True, "records": []}
    # A subrequest's records may be referred to by the next one: only a whole answer can be ready text.
    ready = None if call.nested else result.json_records(call.version, row, size)
    records = result.records(call.version, row, size) if ready is None else ready
    # Counted by rows of the snapshot: a row that was purged since leaves its page short.
    following = min(row + size, result.total_size)
    done = following >= result.total_size
    page: dict[str, Any] = {"totalSize": result.total_size, "done": done}
    if not done:
        if locator is None:
            assert call.session is not None
            locator = call.site.cursors.open(call.session.user_id, result, size).id
        page["nextRecordsUrl"] = f"{call.base}/query/{locator}-{following}"
    page["records"] = records
    return page


def _columns(result: Result) -> dict[str, Any]:
    return {
        "columnMetadata": result.column_metadata(),
        "entityName": result.object_name,
        "groupBy": False,
        "idSelected": any(column.name == "Id" for column in result.columns),
        "keyPrefix": None,
    }


def _page_size(call: Call, *, default: int) -> int:
    found = _BATCH.search(call.headers.get("sforce-query-options", ""))
    size = min(_LARGEST, max(_SMALLEST, int(found[1]))) if found else default
    widest = call.site.behaviour.rest_page_rows
    return size if widest is None else max(1, min(size, widest))


INSIDE = [
    Route("GET", "/query", query),
    Route("GET", "/queryAll", query_all),
    Route("GET", "/query/{locator}", more),
    Route("GET", "/queryAll/{locator}", more),
    # The CLI and editors ask for tooling objects; those that are data objects here are answered, others refused.
    Route("GET", "/tooling/query", query),
    Route("GET", "/tooling/query/{locator}", more),
]
