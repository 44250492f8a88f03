"""Carries out what a person chose to mirror: leaves out, takes in, fits the rows to another filter.

`narrow` needs no word with the org and goes first in a cycle. `ScopeChanges` runs between the first load and the pull:
a refit compares ids alone, fetches what is missing and removes what no longer fits. What is left to do stands in the
file, so that an interrupted change goes on with the next cycle. Engine's thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.mirror import listed, loads, meta, schema_log, scoping, search, shadow, visibility, withdrawal
from core.mirror import objects as objects_store
from core.mirror.merge import MergeCounts
from core.mirror.mirror import Mirror
from core.mirror.removal import drop_object
from core.mirror.rows import RowWriter
from core.mirror.schema import SchemaDelta, ensure_table, stored_describe
from core.mirror.schema_log import SchemaLine
from core.mirror.scoping import Refit
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.states import Operation
from core.salesforce.client import Client
from core.sync import soql
from core.sync.ledger import Done, Ledger
from core.sync.part_read import read_parts
from core.sync.reconcile import Sweep
from core.sync.row_filter import moves_by_itself
from core.sync.schema_changes import columns_to_fill
from core.sync.start_over import drop_columns, finish, start_over
from core.sync.strays import checked, remove_strays

# Fewer rows than this are fetched by Id, as a sweep does; more are read by the filter's difference.
MANY_ROWS = 2000
_BATCH_ROWS = 2000


def narrow(mirror: Mirror) -> bool:
    """Drop objects and columns that were unticked, make columns that were ticked; whether anything changed."""
    known = mirror.read(objects_store.all_objects)
    entries = mirror.read(listed.all_listed)
    tables = mirror.tables()
    off = [name for name, item in entries.items() if item.ticked is False and (name in tables or name in known)]
    for name in off:
        # The line first: after a kill the dropping goes on, and is not told twice.
        line = [SchemaLine(name, None, "left-out")]
        if name in tables:
            mirror.writer.call(partial(schema_log.record, lines=line), Priority.BATCH)
        drop_object(mirror.writer, name, Priority.BATCH)
    altered = sorted(mirror.read(scoping.tables_to_alter))
    for name in altered:
        mirror.writer.submit(partial(_alter, name=name), Priority.BATCH, preemptible=True).result()
    for name, field in mirror.read(scoping.values_to_erase):
        withdrawal.erase_field(mirror.writer, name, field, Priority.BATCH)
    return bool(off or altered)


def _alter(session: WriteSession, name: str) -> SchemaDelta | None:
    stored = stored_describe(session, name)
    if stored is None:
        return None
    info, stamp = stored
    delta = ensure_table(session, info, describe_stamp=stamp, held=scoping.held(session, name))
    if columns_to_fill(delta):
        objects_store.want_reload(session, name, columns_to_fill(delta))
    objects_store.want_reindex(session, name)
    lines = [SchemaLine(name, field, "left-out") for field in delta.left_out]
    lines += [SchemaLine(name, field, "taken-in") for field in delta.taken_in]
    schema_log.record(session, lines)
    loads.forget_unfinished(session, name)
    return delta


class ScopeChanges:
    """The changes of one cycle, or of a change that a person just made."""

    def __init__(self, mirror: Mirror, client: Client, cancel: CancelToken, ledger: Ledger) -> None:
        self._mirror = mirror
        self._client = client
        self._cancel = cancel
        self._ledger = ledger

    def run(self, tables: Sequence[Table]) -> None:
        """`tables` are loaded and asked for. Raises what concerns everything; an object's own failure is its own."""
        self._reindex(tables)
        self._rebuild(tables)
        self._compare_visibility(tables)
        refits = self._mirror.read(scoping.refits)
        today = self._today()
        # With the filters of now, which another process may have chosen while tables were rebuilt.
        now = self._mirror.tables()
        tables = [now[table.name] for table in tables if table.name in now]
        for table in tables:
            self._cancel.raise_if_set()
            wanted = refits.get(table.name)
            if wanted is None and self._is_new_day(table, today):
                wanted = Refit(table.name, table.row_filter)
            if wanted is not None:
                self._ledger.step(Operation.SCOPE, table.name, partial(self._fit, table, wanted, today))
        quiet = [table for table in tables if table.name not in refits]
        if any(table.row_filter for table in quiet):
            self._strays(quiet)

    def _rebuild(self, tables: Sequence[Table]) -> None:
        """Objects that are to be started over, and tables with dead columns."""
        unfinished = self._mirror.read(shadow.unfinished)
        anew, compact = self._mirror.read(objects_store.start_overs), self._mirror.read(objects_store.compacts)
        for table in tables:
            if table.name in unfinished:
                finish(self._mirror, table, self._cancel)
            if table.name in anew:
                work = partial(start_over, self._mirror, self._client, table, self._cancel)
                self._ledger.step(Operation.START_OVER, table.name, work)
            if table.name in compact:
                self._ledger.step(Operation.SCOPE, table.name, partial(drop_columns, self._mirror, table, self._cancel))

    def _compare_visibility(self, tables: Sequence[Table]) -> None:
        """Another user signed in, and a person agreed: every id is compared, however many rows vanish."""
        waiting = self._mirror.read(visibility.to_compare)
        for table in tables:
            if table.name in waiting:
                self._cancel.raise_if_set()
                self._ledger.step(Operation.RECONCILE, table.name, partial(self._compare, table))

    def _compare(self, table: Table) -> Done:
        swept = Sweep(self._mirror, self._client, table, self._cancel, consent=True).run()
        note = partial(visibility.compared, name=table.name, appeared=swept.fetched.new, vanished=swept.gone)
        self._mirror.writer.call(note, Priority.BATCH)
        return Done.of(swept.fetched, swept.changes, gone=swept.gone, rows=swept.rows)

    def _reindex(self, tables: Sequence[Table]) -> None:
        """Search finds no word of a field that went."""
        wanted = self._mirror.read(objects_store.reindexes)
        for table in tables:
            if table.name in wanted:
                search.build(self._mirror.writer, table, self._cancel)
                self._mirror.writer.call(partial(objects_store.reindexed, name=table.name), Priority.BATCH)

    def _strays(self, tables: Sequence[Table]) -> None:
        meter = self._ledger.meter()
        guarded = partial(self._ledger.guarded, Operation.SCOPE)
        found = remove_strays(self._mirror, self._client, tables, self._cancel, guarded)
        while True:
            with meter:
                name, done = next(found, (None, Done()))
            if name is None:
                return
            self._ledger.enter(Operation.SCOPE, name, done, meter)
            meter = self._ledger.meter()

    def _fit(self, table: Table, refit: Refit, today: str) -> Done:
        """Bring the rows to the filter: read by the difference where it is large, then compare every id."""
        begun = self._client.server_now()
        added, changes = self._read_difference(table, refit.before)
        swept = Sweep(self._mirror, self._client, table, self._cancel, fit=True).run()

        def note(session: WriteSession) -> None:
            scoping.refitted(session, table.name, table.row_filter)
            scoping.evaluated(session, table.name, today)
            checked(session, table.name, begun)

        self._mirror.writer.call(note, Priority.BATCH)
        return Done.of(added + swept.fetched, changes.merged(swept.changes), gone=swept.gone, rows=swept.rows)

    def _read_difference(self, table: Table, before: str | None) -> tuple[MergeCounts, Changes]:
        """Rows of the new filter that the old one did not let in, where they are many. A sweep finds what it misses."""
        total, changes = MergeCounts(), Changes()
        if before is None or before == table.row_filter:
            return total, changes
        where = f"(NOT ({before}))"
        count = self._client.count_many({table.name: soql.both(soql.own_filter(table), where)}, all_rows=True)
        rows = count[table.name]
        if not isinstance(rows, int) or rows <= MANY_ROWS:
            return total, changes
        fields = soql.load_fields(table)
        for piece in read_parts(self._client, table, fields, self._cancel, rows=rows, where=where):
            writer = (
                RowWriter.for_json(table, fields) if piece.header is None else RowWriter.for_csv(table, piece.header)
            )
            for start in range(0, len(piece.rows), _BATCH_ROWS):
                batch = piece.rows[start : start + _BATCH_ROWS]
                done = self._mirror.writer.call(partial(writer.merge, rows=batch, log=False), Priority.BATCH)
                total += done
                changes = changes.merged(Changes({table.name: None}))
        return total, changes

    def _today(self) -> str:
        """The day it is for the Salesforce user, whose zone decides on relative dates."""
        owner = self._mirror.read(meta.owner)
        return day_in(self._client.server_now(), owner.timezone if owner else "")

    def _is_new_day(self, table: Table, today: str) -> bool:
        """Whether a filter whose answer moves by itself was not evaluated today."""
        if not moves_by_itself(table, table.row_filter):
            return False
        last = self._mirror.read(partial(scoping.filter_day, name=table.name))
        if last is None:
            # The first load read by it just now, or a refit will.
            self._mirror.writer.call(partial(scoping.evaluated, name=table.name, day=today), Priority.BATCH)
            return False
        return last != today


def day_in(moment: datetime, zone: str) -> str:
    """The day (ISO) of a moment in a zone; in UTC where the zone is not known. Pure."""
    try:
        return moment.astimezone(ZoneInfo(zone)).date().isoformat() if zone else moment.date().isoformat()
    except (ZoneInfoNotFoundError, ValueError):
        return moment.date().isoformat()
