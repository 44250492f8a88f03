"""Asking several objects what changed in one API call: the first pages of their queries inside one composite.

Beside each query ride getUpdated, for the moment up to which all transactions are over, and getDeleted, which also
names what was deleted for good (salesforce-api.md 3.4). Neither counts as a query of the composite.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from core.model.errors import OrgMirrorError
from core.salesforce.client import Client
from core.salesforce.composite import MAX_QUERIES, Part, PartAnswer
from core.salesforce.errors import ErrorClass, SalesforceError
from core.salesforce.query import QueryPage, query_path, read_page

# A small first page: most find nothing, and what finds much goes on with whole pages.
FIRST_PAGE_ROWS = 200
# getUpdated is asked for its latestDateCovered; a short window keeps its list of ids short.
_COVERED_WINDOW = timedelta(minutes=5)
# Refusals after which deletions may have been missed; any other comes every time and says nothing.
_LOST = frozenset({ErrorClass.GAP, ErrorClass.TOO_BIG, ErrorClass.TRANSIENT, ErrorClass.BUSY})


@dataclass(frozen=True, slots=True)
class ProbeQuery:
    """One object to be asked. `since`: from when deletions are wanted; None where it cannot be replicated."""

    object: str
    soql: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """What an object answered. `page` None: its query was refused here and is to be asked by itself.

    `before` is the server's time before the request; `covered` the moment up to which getUpdated is complete.
    `deleted_ids` None: the log of deletions could not be asked, or does not reach back to `since`; in the latter case
    `deletions_from` says from when on it is whole.
    """

    before: datetime
    page: QueryPage | None
    covered: datetime | None = None
    deleted_ids: frozenset[str] | None = None
    deletions_from: datetime | None = None
    error: SalesforceError | None = field(default=None, compare=False)


def probe(client: Client, queries: Sequence[ProbeQuery], now: datetime) -> dict[str, Probe]:
    """Ask up to five objects in one call; objects are absent where the server takes no composite request.

    Raises OrgMirrorError for what concerns the org as a whole.
    """
    assert len(queries) <= MAX_QUERIES
    parts: list[Part] = []
    for query in queries:
        headers = {"Sforce-Query-Options": f"batchSize={FIRST_PAGE_ROWS}"}
        parts.append(Part(query_path(client.api_version, query.soql, all_rows=True), headers))
        if query.since is not None:
            parts.append(Part(_replication(client, query.object, "updated", now - _COVERED_WINDOW, now)))
            parts.append(Part(_replication(client, query.object, "deleted", query.since, now)))
    answers = iter(client.together(parts))
    found: dict[str, Probe] = {}
    for query in queries:
        page = next(answers)
        extra = (next(answers), next(answers)) if query.since is not None else (None, None)
        if page is not None:
            found[query.object] = _read(client, query, now, page, *extra)
    return found


def _replication(client: Client, name: str, kind: str, start: datetime, end: datetime) -> str:
    moments = "&".join(
        f"{key}={quote(moment.strftime('%Y-%m-%dT%H:%M:%S+00:00'), safe='')}"
        # Seconds are cut off by the server: a minute more keeps what happened within this one.
        for key, moment in (("start", start), ("end", end + timedelta(minutes=1)))
    )
    return client.path(f"sobjects/{quote(name)}/{kind}/?{moments}")


def _read(
    client: Client,
    query: ProbeQuery,
    now: datetime,
    page: PartAnswer,
    updated: PartAnswer | None,
    deleted: PartAnswer | None,
) -> Probe:
    covered = _moment(updated, "latestDateCovered")
    ids, whole_from = _deleted_ids(query, deleted), _lost_until(query, now, deleted)
    if page.error is not None:
        return Probe(now, None, covered, ids, whole_from, page.error)
    try:
        read = read_page(page.body, client.transport.server_time)
    except OrgMirrorError:
        return Probe(now, None, covered, ids, whole_from)
    return Probe(now, read, covered, ids, whole_from)


def _deleted_ids(query: ProbeQuery, answer: PartAnswer | None) -> frozenset[str] | None:
    """Ids of the log of deletions, when it reaches back far enough."""
    if answer is None or answer.error is not None or not isinstance(answer.body, Mapping) or query.since is None:
        return None
    earliest = _moment(answer, "earliestDateAvailable")
    if earliest is not None and earliest > query.since:
        return None
    records: Any = answer.body.get("deletedRecords")
    if not isinstance(records, list):
        return None
    return frozenset(str(item["id"]) for item in records if isinstance(item, Mapping) and item.get("id"))


def _lost_until(query: ProbeQuery, now: datetime, answer: PartAnswer | None) -> datetime | None:
    """From when on deletions are known, where those since the last sync are not (salesforce-api.md 3.4)."""
    if answer is None or query.since is None:
        return None
    if answer.error is not None:
        # The watermark moves on, so nobody asks for this stretch of the log again.
        return now if answer.error.kind in _LOST else None
    earliest = _moment(answer, "earliestDateAvailable")
    return earliest if earliest is not None and earliest > query.since else None


def _moment(answer: PartAnswer | None, key: str) -> datetime | None:
    if answer is None or answer.error is not None or not isinstance(answer.body, Mapping):
        return None
    text = answer.body.get(key)
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
