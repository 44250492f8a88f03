"""Query answers as data, whatever their form, and the addresses that queries have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from core.model.errors import ErrorCode, OrgMirrorError

Record = dict[str, Any]
# Address and headers together may hold about 16,384 bytes (salesforce-api.md 3.3); token and cookies need room.
MAX_ADDRESS_BYTES = 12_000


@dataclass(frozen=True, slots=True)
class QueryPage:
    """One page of a query. `total_size` is None where the server does not tell; `next_url` is a path of the org.

    Records are REST's: `attributes` may be missing, numbers are int or Decimal, look-ups through a relationship are
    nested records. `server_time` is the answer's Date.
    """

    records: list[Record]
    total_size: int | None
    next_url: str | None
    server_time: datetime | None = None


def read_page(payload: Any, server_time: datetime | None, current: str | None = None) -> QueryPage:
    """A query answer as data. `current` is the address that was read, to notice a server that goes in circles.

    Raises OrgMirrorError SERVER_ERROR when there is more but no way to it.
    """
    if not isinstance(payload, Mapping):
        raise OrgMirrorError(ErrorCode.SERVER_ERROR, status=200, reason="not-a-query-answer")
    records = payload.get("records")
    next_url = payload.get("nextRecordsUrl")
    done = payload.get("done")
    if done is True or (done is None and not next_url):
        next_url = None
    elif not isinstance(next_url, str) or not next_url:
        raise OrgMirrorError(ErrorCode.SERVER_ERROR, status=200, reason="no-next-page")
    if next_url is not None:
        next_url = org_path(next_url)
        if next_url == current:
            raise OrgMirrorError(ErrorCode.SERVER_ERROR, status=200, reason="same-page-again")
    return QueryPage(list(records or ()), total_of(payload), next_url, server_time)


def org_path(url: str) -> str:
    """A link of an answer, absolute or relative, as a path of the org: the host is always the one we signed in to."""
    parts = urlsplit(url)
    path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
    return f"{path}?{parts.query}" if parts.query else path


def total_of(payload: Mapping[str, Any]) -> int | None:
    """`totalSize`, or None where it is missing or -1."""
    total = payload.get("totalSize")
    return total if isinstance(total, int) and not isinstance(total, bool) and total >= 0 else None


def count_of(payload: Any) -> int | None:
    """The result of a COUNT() or COUNT(Id) query, or None when the answer does not hold one."""
    if not isinstance(payload, Mapping):
        return None
    for record in payload.get("records") or ():
        for name, value in record.items():
            if name != "attributes" and isinstance(value, int):
                return value
    return total_of(payload)


def query_path(version: str, soql: str, *, all_rows: bool) -> str:
    """The address of a query, as a path of the org."""
    return f"/services/data/v{version}/{'queryAll' if all_rows else 'query'}/?q={quote(soql, safe='')}"
