"""Asking many objects what changed, five to a call: which ones is `schedule`'s decision, what comes is `Pull`'s.

Runs on the engine's thread.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from core.mirror import rows, watermarks
from core.mirror.mirror import Mirror
from core.mirror.session import Session
from core.mirror.tables import Table
from core.mirror.watermarks import Watermark
from core.model.errors import Cancelled, OrgMirrorError
from core.model.scope import load_order
from core.salesforce.client import Client
from core.salesforce.errors import ErrorClass
from core.salesforce.probes import Probe, ProbeQuery, probe
from core.sync import soql
from core.sync.incremental import changed_where
from core.sync.reachability import stops_everything
from core.sync.schedule import PROBES_PER_CALL, Candidate, choose, probe_slots

log = logging.getLogger(__name__)

# getDeleted reaches back 15 days (salesforce-api.md 3.4); a little less, so that no call fails at the edge.
DELETIONS_KEPT = timedelta(days=14, hours=12)
_ALL_FAIL = (ErrorClass.AUTH, ErrorClass.BUDGET, ErrorClass.ORG_STATE)


def choose_tables(
    mirror: Mirror, tables: Sequence[Table], now: datetime, spent: int, always: Collection[str]
) -> list[Table]:
    """The tables to ask in this cycle, which has made `spent` calls; those in `always` whatever the schedule says."""

    def candidates(session: Session) -> list[Candidate]:
        marks = watermarks.all_watermarks(session)
        return [_candidate(session, t, marks.get(t.name)) for t in tables if t.name not in always]

    found = mirror.read(candidates)
    chosen = {*choose(found, now, probe_slots(len(tables), spent) - len(always)), *always}
    return sorted((t for t in tables if t.name in chosen), key=lambda t: load_order(t.name))


def probes(
    mirror: Mirror, client: Client, tables: Sequence[Table], alone: Collection[str]
) -> Iterator[tuple[Table, Probe | None]]:
    """Each table with the answer to its question; None for those in `alone` and for what was not asked.

    A table's answer is to be used before the next one is asked for. Raises what concerns the org as a whole.
    """
    together = [t for t in tables if t.name not in alone]
    for start in range(0, len(together), PROBES_PER_CALL):
        chunk = together[start : start + PROBES_PER_CALL]
        # Before the request: what is committed while it runs is asked for again next time.
        now = client.server_now()
        marks = mirror.read(watermarks.all_watermarks)
        answers: Mapping[str, Probe] = {}
        if len(chunk) > 1:
            answers = _asked_together(client, [_query(t, marks.get(t.name), now) for t in chunk], now)
        for table in chunk:
            answer = answers.get(table.name)
            if answer is not None and answer.error is not None and answer.error.kind in _ALL_FAIL:
                raise answer.error
            yield table, answer
    for table in tables:
        if table.name in alone:
            yield table, None


def _asked_together(client: Client, queries: Sequence[ProbeQuery], now: datetime) -> Mapping[str, Probe]:
    """The answers; none where the call as a whole failed and it may be the fault of one of them."""
    try:
        return probe(client, queries, now)
    except Cancelled:
        raise
    except OrgMirrorError as error:
        if stops_everything(error, client):
            raise
        log.info("asked one by one: %s", error.code.value)
        return {}


def _query(table: Table, mark: Watermark | None, now: datetime) -> ProbeQuery:
    statement = soql.select(table, soql.load_fields(table), changed_where(table, mark))
    since = None
    if table.info.replicateable and mark is not None and mark.safe_from is not None and table.stamp_field:
        since = max(mark.safe_from - soql.OVERLAP, now - DELETIONS_KEPT)
    return ProbeQuery(table.name, statement, since)


def _candidate(session: Session, table: Table, mark: Watermark | None) -> Candidate:
    asked = (mark.last_asked_at or mark.last_ok_at) if mark else None
    return Candidate(table.name, asked, rows.newest_stamp(session, table), table.stamp_field is not None)
