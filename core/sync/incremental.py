"""Pull updates: what changed since the watermark, deleted and archived rows included (sync-peers 2.3).

The watermark is the server's time before the request, moved in the transaction of the last page's rows. Rows that
come again unchanged cost no write. An object without a stamp is small and is reloaded whole.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from core.mirror import deleted, objects, times, watermarks
from core.mirror.merge import MergeCounts
from core.mirror.mirror import Mirror
from core.mirror.removal import remove_missing
from core.mirror.rows import RowWriter, count_live
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.refs import long_id
from core.salesforce.client import Client
from core.salesforce.errors import SalesforceError
from core.salesforce.probes import Probe
from core.salesforce.query import QueryPage
from core.sync import soql
from core.sync.by_id import OVERCOME, ById
from core.sync.deletions import apply_policy, cross_check
from core.sync.ledger import Done

log = logging.getLogger(__name__)

BATCH_ROWS = 2000
PAGE_ROWS = 2000
# After this an id sweep has to find what was deleted (sync-peers 2.4).
OFFLINE_TOO_LONG = timedelta(days=14)


class LargeWindow(Exception):
    """More rows changed than are read by REST: a Bulk job for the same window is cheaper. Nothing was written."""

    def __init__(self, where: str, before: datetime, rows: int) -> None:
        super().__init__(where)
        self.where = where
        self.before = before
        self.rows = rows


class Pull:
    """Brings one loaded object up to date. `whole` asks for every row: columns came, or there is no stamp.

    `probe` is the answer to its question that came along with others'; the pull goes on from there. A window of more
    than `most_rows` rows is not read (None: whatever its size).
    """

    def __init__(
        self,
        mirror: Mirror,
        client: Client,
        table: Table,
        cancel: CancelToken,
        *,
        whole: bool = False,
        probe: Probe | None = None,
        most_rows: int | None = None,
    ) -> None:
        self._mirror = mirror
        self._client = client
        self._table = table
        self._cancel = cancel
        self._whole = whole or table.stamp_field is None
        self._fields = soql.load_fields(table)
        self._probe = probe
        self._most_rows = most_rows
        self._before = probe.before if probe else client.server_now()
        self._total = MergeCounts()
        self._seen: set[str] = set()
        self._steps: Iterator[int] | None = None
        self.changes = Changes()

    def advance(self, rows: int) -> bool:
        """Read and merge about `rows` rows more; True once there are no more.

        Raises OrgMirrorError, and LargeWindow before anything is read; what was merged stays, the watermark does not
        move.
        """
        if self._steps is None:
            self._steps = self._merged()
        read = 0
        for came in self._steps:
            read += came
            if read >= rows:
                return False
        return True

    def deletes(self) -> Done:
        """After the last row: what left, and what came as deleted, by the object's policy. Raises OrgMirrorError.

        The rows that came are counted here as well where they came as deleted; `end` counts the others.
        """
        name = self._table.name
        if self._table.stamp_field is None:
            removed = remove_missing(self._mirror.writer, self._table, self._seen)
            if removed:
                self.changes = self.changes.merged(Changes({name: None}))
        else:
            removed = self._settle_deleted()
        changes = Changes({name: None}) if apply_policy(self._mirror, self._table) else Changes()
        return Done(deleted=self._total.deleted + removed, changes=changes)

    def end(self) -> Done:
        """After what was deleted: only now the watermark moves. Raises OrgMirrorError."""
        rows = self._mirror.writer.call(lambda s: self._end(s, self._before), Priority.BATCH)
        return replace(Done.of(self._total, self.changes, rows=rows), deleted=0)

    def unfinished(self) -> Done:
        """What was merged, without the end: the next cycle asks for the same window again."""
        return replace(Done.of(self._total, self.changes), deleted=0)

    def _merged(self) -> Iterator[int]:
        watermark = self._mirror.read(lambda s: watermarks.get(s, self._table.name))
        where = None if self._whole else changed_where(self._table, watermark)
        writer = RowWriter.for_json(self._table, self._fields)
        gone = self._mirror.read(lambda s: deleted.gone_ids(s, self._table.name))
        for records in self._pages(where, self._before):
            self._cancel.raise_if_set()
            if self._whole:
                self._seen.update(long_id(str(record["Id"])) for record in records)
            if gone:
                records = [r for r in records if not r.get("IsDeleted") or long_id(str(r["Id"])) not in gone]
            for start in range(0, len(records), BATCH_ROWS):
                batch = records[start : start + BATCH_ROWS]
                counts = self._mirror.writer.call(lambda s, b=batch: writer.merge(s, b), Priority.BATCH)  # type: ignore[misc]
                self._total += counts
                self._note(counts)
            yield len(records)

    def _settle_deleted(self) -> int:
        """Rows that getDeleted names and that are alive here; how many left the table."""
        if self._probe is None or not self._probe.deleted_ids:
            return 0
        settled = cross_check(self._mirror, self._client, self._table, self._probe.deleted_ids)
        self._total += settled.counts
        self.changes = self.changes.merged(settled.changes)
        return settled.gone

    def _large_window(self, where: str, before: datetime, rows: int) -> LargeWindow:
        """What a Bulk job is to read. What the probe alone knows is seen to here: nobody asks for it again."""
        self._settle_deleted()

        def note(session: WriteSession) -> None:
            if deletions_lost(watermarks.get(session, self._table.name), self._probe, before):
                objects.want_sweep(session, self._table.name)

        self._mirror.writer.call(note, Priority.BATCH)
        covered = self._probe.covered if self._probe else None
        # A transaction that is still open brings stamps older than now when it ends.
        return LargeWindow(where, before if covered is None else min(before, covered), rows)

    def _end(self, session: WriteSession, before: datetime) -> int:
        # Every write keeps the number; to count a million rows would make an idle cycle as dear as the org is large.
        rows = count_live(session, self._table) if self._whole else objects.live_rows(session, self._table.name)
        known = watermarks.get(session, self._table.name)
        safe_from = before if self._client.knows_time else watermarks.by_rows(session, self._table, before)
        if self._probe is not None and self._probe.covered is not None:
            # A transaction that is still open brings stamps older than now when it ends.
            safe_from = min(safe_from, self._probe.covered)
        watermarks.advance(session, self._table.name, safe_from=safe_from, ok_at=before)
        watermarks.asked(session, self._table.name, before)
        if deletions_lost(known, self._probe, before):
            objects.want_sweep(session, self._table.name)
        if self._whole:
            objects.reloaded(session, self._table.name)
        objects.synced(session, self._table.name, times.to_text(before), rows)
        return rows

    def _pages(self, where: str | None, before: datetime) -> Iterator[list[dict[str, Any]]]:
        """Rows by pages; where one query does not bring them all, from the start again in slices by Id."""
        try:
            for number, page in enumerate(self._query_pages(where)):
                if number == 0 and where and self._most_rows is not None and (page.total_size or 0) > self._most_rows:
                    raise self._large_window(where, before, page.total_size or 0)
                yield page.records
            return
        except SalesforceError as error:
            if error.kind not in OVERCOME:
                raise
            log.info("%s is read by Id: %s", self._table.name, error.kind.value)
        reader = ById(self._client, self._table, self._fields, where)
        found = reader.after(None)
        yield found.records
        while not found.ended:
            found = reader.after(found.last)
            yield found.records

    def _query_pages(self, where: str | None) -> Iterator[QueryPage]:
        first = self._probe.page if self._probe else None
        statement = soql.select(self._table, self._fields, where)
        if first is None:
            yield from self._client.query_pages(statement, all_rows=True)
            return
        yield first
        if first.next_url is not None:
            yield from self._client.query_pages(statement, all_rows=True, start=first.next_url, batch_size=PAGE_ROWS)

    def _note(self, counts: MergeCounts) -> None:
        if counts.written:
            self.changes = self.changes.merged(Changes({self._table.name: counts.changed_ids}))


def changed_where(table: Table, watermark: watermarks.Watermark | None) -> str | None:
    """The condition of an incremental query; None where only the whole object will do."""
    safe_from = watermark.safe_from if watermark else None
    if safe_from is None or table.stamp_field is None:
        return None
    return soql.changed_since(table.stamp_field, safe_from)


def deletions_lost(mark: watermarks.Watermark | None, probe: Probe | None, now: datetime) -> bool:
    """Whether rows may have gone for good that nothing names any more: offline for long, or a log cut short. Pure."""
    if mark is None or mark.safe_from is None:
        return False
    if now - mark.safe_from > OFFLINE_TOO_LONG:
        return True
    whole_from = probe.deletions_from if probe else None
    return whole_from is not None and (mark.last_sweep_at is None or mark.last_sweep_at < whole_from)
