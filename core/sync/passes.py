"""The slow passes beside the cycle: counts, id sweeps, calculated fields. `schedule` says when; here is the doing.

Each is a line of the history of its own, counted apart from what an idle cycle costs (rules 6). A pass that fails
fails alone, and becomes a problem. Engine's thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.mirror import copies, deleted, loads, meta, problems, scoping, throughput, times, watermarks
from core.mirror import objects as objects_store
from core.mirror.mirror import Mirror
from core.mirror.rows import count_all
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.cancel import CancelToken
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import Operation
from core.salesforce.client import Client
from core.sync import schedule, soql
from core.sync.describing import filled
from core.sync.formulas import fill, read_formulas
from core.sync.incremental import changed_where
from core.sync.ledger import Done, Ledger
from core.sync.reconcile import Reconciled, Sweep
from core.sync.schedule import Standing

_COUNTED_AT = "counted_at"


class SlowPasses:
    """The passes of one cycle, or of a reconcile that a person asked for."""

    def __init__(self, mirror: Mirror, client: Client, cancel: CancelToken, ledger: Ledger) -> None:
        self._mirror = mirror
        self._client = client
        self._cancel = cancel
        self._ledger = ledger

    def run_due(self, tables: Sequence[Table], behind: Sequence[Table] = ()) -> None:
        """What is due of `tables`, which are loaded; of those that are `behind`, held or failed, what waits is counted.

        A pass that failed lately has its time to be tried again. Raises what concerns everything.
        """
        now = self._client.server_now()
        self._count(tables, behind, now)
        standings = self._mirror.read(lambda s: _standings(s, tables))
        by_name = {table.name: table for table in tables}
        for name in schedule.formulas_due(standings, now):
            if not self._waits(name, Operation.FORMULAS):
                self.formulas(by_name[name])
        for name in schedule.sweeps_due(standings, now):
            if not self._waits(name, Operation.RECONCILE):
                self.sweep(by_name[name])

    def _waits(self, name: str, operation: Operation) -> bool:
        return self._mirror.read(lambda s: problems.waits(s, name, operation, times.now()))

    def sweep(self, table: Table, *, consent: bool = False) -> Reconciled:
        """One object's id sweep; its failure is in the answer. Raises what concerns everything."""
        found: list[Reconciled] = []

        def work() -> Done:
            result = Sweep(self._mirror, self._client, table, self._cancel, consent=consent).run()
            found.append(result)
            return Done.of(result.fetched, result.changes, gone=result.gone, rows=result.rows)

        error = self._ledger.step(Operation.RECONCILE, table.name, work).error
        if error is not None:
            if error.code is ErrorCode.TOO_MANY_GONE:
                self._mirror.writer.call(lambda s: self._asks(s, table.name), Priority.BATCH)
            return Reconciled(table.name, error=error)
        result = found[0]

        def note(session: WriteSession) -> None:
            objects_store.note_drift(session, table.name, result.drift)

        self._mirror.writer.call(note, Priority.BATCH)
        return result

    def formulas(self, table: Table) -> None:
        """One object's calculated fields. Raises what concerns everything."""

        def work() -> Done:
            return Done.of(*read_formulas(self._mirror, self._client, table, self._cancel))

        self._ledger.step(Operation.FORMULAS, table.name, work)

    def backfill(self, table: Table) -> OrgMirrorError | None:
        """Values of the columns that came since the load; the failure, if any. Raises what concerns everything."""

        def work() -> Done:
            fields = self._mirror.read(lambda s: objects_store.columns_wanted(s, table.name))
            fields = tuple(name for name in fields if name in table.by_name)
            if not fields:
                return Done()  # whole rows are wanted, which is the pull's
            counts, changes = fill(self._mirror, self._client, table, fields, self._cancel)

            filled(self._mirror, table)
            self._mirror.writer.call(lambda s: objects_store.reloaded(s, table.name), Priority.BATCH)
            return Done.of(counts, changes)

        return self._ledger.step(Operation.BACKFILL, table.name, work).error

    def _asks(self, session: WriteSession, name: str) -> None:
        """The person was asked: not again at every cycle, but with the next sweep that is due."""
        watermarks.swept(session, name, self._client.server_now())
        objects_store.swept(session, name)

    def _count(self, tables: Sequence[Table], behind: Sequence[Table], now: datetime) -> None:
        """Once an hour: where the org counts other rows than are here, a sweep is wanted."""
        last = self._mirror.read(lambda s: times.optional_moment(meta.get(s, _COUNTED_AT)))
        if last is None or now - last < schedule.COUNT_EVERY:
            if last is None:
                self._mirror.writer.call(lambda s: meta.set_(s, _COUNTED_AT, times.to_text(now)), Priority.BATCH)
            return
        counted = [t for t in tables if t.stamp_field is not None]
        here = self._mirror.read(lambda s: _expected(s, counted))
        # What never had a row is looked at by its probes and its daily sweep alone.
        counted = [t for t in counted if here[t.name]]
        marks = self._mirror.read(watermarks.all_watermarks)

        def work() -> Done:
            there = self._client.count_many({t.name: t.row_filter for t in counted}, all_rows=True)
            wrong = [name for name, count in there.items() if isinstance(count, int) and count != here[name]]
            changed = {t.name: soql.both(t.row_filter, changed_where(t, marks.get(t.name))) for t in behind}
            waiting = self._client.count_many(changed, all_rows=True)

            def note(session: WriteSession) -> None:
                meta.set_(session, _COUNTED_AT, times.to_text(now))
                for name in wrong:
                    objects_store.want_sweep(session, name)
                for name, count in waiting.items():
                    if isinstance(count, int):
                        throughput.set_waiting(session, name, count)

            self._mirror.writer.call(note, Priority.BATCH)
            return Done()

        self._ledger.step(Operation.COUNT, None, work)


def _expected(session: Session, tables: Sequence[Table]) -> dict[str, int]:
    """How many rows the org should count: those that stay for a pending edit alone do not fit their filter, and those

    that were removed here may be in the org's recycle bin still. What was made here the org does not know yet, and what
    a person removed only here it still has.
    """
    gone, apart = deleted.gone_counts(session), copies.not_in_step(session)
    return {
        t.name: count_all(session, t)
        - len(scoping.outside(session, t.name))
        + gone.get(t.name, 0)
        + apart.get(t.name, 0)
        for t in tables
    }


def _standings(session: Session, tables: Sequence[Table]) -> list[Standing]:
    marks = watermarks.all_watermarks(session)
    begun = {job.object: job.started_server for job in loads.all_jobs(session)}
    known = objects_store.all_objects(session)
    wanted = objects_store.sweeps_wanted(session)
    found = []
    for table in tables:
        if table.stamp_field is None:
            continue  # reloaded whole, which is a sweep of its own
        mark = marks.get(table.name)
        found.append(
            Standing(
                table.name,
                known[table.name].rows,
                begun.get(table.name),
                mark.last_sweep_at if mark else None,
                mark.last_formula_at if mark else None,
                table.name in wanted,
            )
        )
    return found
