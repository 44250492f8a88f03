"""Pull updates: what changed since the watermark, deleted and archived rows included (sync-peers 2.3).

The watermark is the server's time before the request, moved in the transaction of the last page's rows. Rows that
come again unchanged cost no write. An object without a stamp is small and is reloaded whole.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from core.mirror import objects, times, watermarks
from core.mirror.merge import MergeCounts
from core.mirror.mirror import Mirror
from core.mirror.removal import remove_missing
from core.mirror.rows import RowWriter, count_live
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.progress import ObjectResult
from core.model.refs import long_id
from core.salesforce.client import Client
from core.salesforce.errors import SalesforceError
from core.sync import soql
from core.sync.by_id import OVERCOME, ById

log = logging.getLogger(__name__)

BATCH_ROWS = 2000


class Pull:
    """Brings one loaded object up to date. `whole` asks for every row: columns came, or there is no stamp."""

    def __init__(
        self, mirror: Mirror, client: Client, table: Table, cancel: CancelToken, *, whole: bool = False
    ) -> None:
        self._mirror = mirror
        self._client = client
        self._table = table
        self._cancel = cancel
        self._whole = whole or table.stamp_field is None
        self._fields = soql.load_fields(table)
        self.changes = Changes()

    def run(self) -> ObjectResult:
        """Raises OrgMirrorError; what was merged before it stays, the watermark does not move."""
        name = self._table.name
        watermark = self._mirror.read(lambda s: watermarks.get(s, name))
        before = self._client.server_now()
        where = None
        safe_from = watermark.safe_from if watermark else None
        if not self._whole and safe_from is not None and self._table.stamp_field is not None:
            where = soql.changed_since(self._table.stamp_field, safe_from)
        total = MergeCounts()
        seen: set[str] = set()
        writer = RowWriter.for_json(self._table, self._fields)
        for records in self._pages(where):
            self._cancel.raise_if_set()
            if self._whole:
                seen.update(long_id(str(record["Id"])) for record in records)
            for start in range(0, len(records), BATCH_ROWS):
                batch = records[start : start + BATCH_ROWS]
                counts = self._mirror.writer.call(lambda s, b=batch: writer.merge(s, b), Priority.BATCH)  # type: ignore[misc]
                total += counts
                self._note(counts)
        removed = 0
        if self._table.stamp_field is None:
            removed = remove_missing(self._mirror.writer, self._table, seen)
            if removed:
                self.changes = self.changes.merged(Changes({name: None}))
        rows = self._mirror.writer.call(lambda s: self._end(s, before), Priority.BATCH)
        return ObjectResult(
            name,
            rows=rows,
            new=total.new,
            updated=total.updated,
            deleted=total.deleted + removed,
            skipped=total.skipped,
        )

    def _end(self, session: WriteSession, before: datetime) -> int:
        rows = count_live(session, self._table)
        safe_from = before if self._client.knows_time else watermarks.by_rows(session, self._table, before)
        watermarks.advance(session, self._table.name, safe_from=safe_from, ok_at=before)
        if self._whole:
            objects.reloaded(session, self._table.name)
        objects.synced(session, self._table.name, times.to_text(before), rows)
        return rows

    def _pages(self, where: str | None) -> Iterator[list[dict[str, Any]]]:
        """Rows by pages; where one query does not bring them all, from the start again in slices by Id."""
        statement = soql.select(self._table.info, self._fields, where)
        try:
            for page in self._client.query_pages(statement, all_rows=True):
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

    def _note(self, counts: MergeCounts) -> None:
        if counts.written:
            self.changes = self.changes.merged(Changes({self._table.name: counts.changed_ids}))
