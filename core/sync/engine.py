"""The engine of one connection: the day that cycles make, and the wishes that do not wait for one.

Plain Python, run on a thread of its own; it decides and talks, the mirror stores. What a cycle does is in `cycle`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from functools import partial

from core.mirror import holds, names, watermarks
from core.mirror.holds import Holds
from core.mirror.mirror import Mirror
from core.mirror.objects import all_objects
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.progress import CycleResult, Event
from core.model.refs import is_temporary_id, long_id
from core.model.states import CycleOutcome
from core.salesforce.client import Client
from core.sync import catalog
from core.sync.control import EngineControl, ReconcileWish
from core.sync.cycle import Cycle, CycleParts, Emit, Push
from core.sync.deletions import settle
from core.sync.expenses import budget_of, keep_spent
from core.sync.faults import OFFLINE
from core.sync.ledger import Ledger
from core.sync.passes import SlowPasses
from core.sync.planner import LoadLimits
from core.sync.reconcile import Reconciled

log = logging.getLogger(__name__)

HELD_LOOK_SECONDS = 5.0
# How many absent parents of one object are fetched along with a record.
MOST_PARENTS = 20
OFFLINE_RETRY_SECONDS = (5.0, 15.0, 30.0, 60.0)


class Engine:
    """Runs cycles over one mirror. `client` is the engine thread's own; fetchers get clones of it.

    `objects` None means the default scope. `check_identity(client)` raises OTHER_ORG when the credentials belong to
    another org than the mirror; it is asked once per engine. `push(cancel)` sends what waits in the outbox.
    """

    def __init__(
        self,
        mirror: Mirror,
        client: Client,
        objects: tuple[str, ...] | None,
        *,
        limits: LoadLimits | None = None,
        fetchers: int = 3,
        pause: Callable[[], float | None] = lambda: 300.0,
        check_identity: Callable[[Client], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        api_share: Callable[[], int] = lambda: 100,
        push: Push | None = None,
        name: str = "",
    ) -> None:
        self._mirror = mirror
        self._name = name
        self._client = client
        self._pause = pause
        self._check_identity = check_identity
        self._api_share = api_share
        self._parts = CycleParts(
            mirror=mirror,
            client=client,
            objects=objects,
            limits=limits or LoadLimits(),
            fetchers=fetchers,
            monotonic=monotonic,
            api_share=api_share,
            check_identity=self._identify,
            push=push,
        )

    def run(
        self,
        control: EngineControl,
        emit: Emit,
        *,
        on_begin: Callable[[], None] = lambda: None,
        on_wait: Callable[[float | None], None] = lambda _seconds: None,
        on_reconciled: Callable[[list[Reconciled] | OrgMirrorError], None] = lambda _results: None,
    ) -> None:
        """The whole day: a cycle, the pause after its end, again, until `control.stop`. Offline: soon again.

        `on_begin` is called before each cycle, `on_wait(seconds)` hears how long the pause after it will be (None:
        until somebody asks), `on_reconciled` what a reconcile did that was asked for in between. Never raises for what
        a cycle can meet.
        """
        failures = 0
        while not control.stopped:
            wish = control.take_reconcile()
            if wish is not None:
                on_reconciled(self._reconcile_for(control, emit, wish))
                if not control.wait_for_next(self._pause_after(failures)):
                    return
                continue
            if (control.paused or self._held().all) and not control.wished:
                # Taken up again by another process, which cannot wake this one.
                if not control.wait_for_next(HELD_LOOK_SECONDS):
                    return
                continue
            on_begin()
            result = self.run_once(control, emit)
            offline = result.error is not None and result.error.code in OFFLINE
            failures = failures + 1 if offline else 0
            seconds = self._pause_after(failures)
            on_wait(seconds)
            if not control.wait_for_next(seconds):
                return

    def _pause_after(self, failures: int) -> float | None:
        """Seconds until the next cycle: longer as the budget shrinks, short while offline; None: only when asked."""
        usual = self._pause()
        if failures:
            soon = OFFLINE_RETRY_SECONDS[min(failures, len(OFFLINE_RETRY_SECONDS)) - 1]
            return soon if usual is None else min(usual, soon)
        if usual is None:
            return None
        return usual * budget_of(self._mirror, self._client, self._api_share()).slow_down

    def _reconcile_for(
        self, control: EngineControl, emit: Emit, wish: ReconcileWish
    ) -> list[Reconciled] | OrgMirrorError:
        try:
            return self.reconcile(control, emit, wish.objects, consent=wish.consent)
        except OrgMirrorError as error:
            return error
        except Exception as unexpected:
            # The day goes on, and whoever asked gets an answer.
            log.exception("the reconcile stopped")
            return OrgMirrorError(ErrorCode.UNEXPECTED, reason=type(unexpected).__name__)

    def _held(self) -> Holds:
        """What a person pauses, perhaps from another process."""
        return self._mirror.read(holds.read)

    def _identify(self) -> None:
        """Once per engine, before anything is asked or sent. Raises OTHER_ORG."""
        if self._check_identity is not None:
            self._check_identity(self._client)
            self._check_identity = None

    def run_once(self, control: EngineControl, emit: Emit, objects: Collection[str] | None = None) -> CycleResult:
        """One whole cycle; `objects` limits it to these. Never raises for what a cycle can meet.

        While the connection is held only what is asked for by name is done.
        """
        cancel, wanted = control.begin_cycle()
        only = objects if objects is not None else wanted
        if only is None and self._held().all:
            result = CycleResult(
                CycleOutcome.CANCELLED, 0.0, 0, error=OrgMirrorError(ErrorCode.PAUSED, name=self._name)
            )
        else:
            result = Cycle(self._parts, cancel, emit, only).run()
        emit(Event(result=result, changes=Changes(status=True)))
        return result

    def reconcile(
        self, control: EngineControl, emit: Emit, objects: Collection[str] | None = None, *, consent: bool = False
    ) -> list[Reconciled]:
        """Compare ids and calculated fields of `objects` (None: all) with the org's, at once; a person asked for it.

        `consent`: however many rows may vanish. Raises OrgMirrorError for what concerns everything.
        """
        cancel = control.begin_reconcile()
        self._client.transport.cancel = cancel
        cancel.raise_if_set()
        self._identify()
        found = catalog.refresh(self._mirror, self._client, self._parts.objects)
        known = self._mirror.read(all_objects)
        tables = wanted_tables([t for t in found.tables if known[t.name].loaded], objects)
        passes = SlowPasses(self._mirror, self._client, cancel, Ledger(self._mirror, self._client, emit))
        results = []
        for table in tables:
            passes.formulas(table)
            results.append(passes.sweep(table, consent=consent))
        keep_spent(self._mirror, self._client.meter)
        return results

    def refresh_record(self, object_name: str, record_id: str) -> Changes:
        """Read one record anew: what came is merged, what did not come leaves; parents that are not here are fetched.

        Raises OrgMirrorError.
        """
        tables = self._mirror.tables()
        table = tables.get(object_name)
        if table is None:
            raise OrgMirrorError(ErrorCode.NO_SUCH_OBJECT, object=object_name)
        record_id = long_id(record_id)
        if is_temporary_id(record_id):
            return Changes()  # Salesforce has never heard of it
        try:
            at = self._client.server_now()
            changes = settle(self._mirror, self._client, table, [record_id]).changes
            note = partial(watermarks.record_read, object_name=table.name, record_id=record_id, at=at)
            self._mirror.writer.call(note, Priority.PERSON)
            absent = self._mirror.read(lambda s: names.missing_targets(s.conn, tables, table, record_id))
            for name in sorted(set(absent.values())):
                ids = [each for each, target in absent.items() if target == name][:MOST_PARENTS]
                changes = changes.merged(settle(self._mirror, self._client, tables[name], ids, withdraw=False).changes)
            return changes
        finally:
            keep_spent(self._mirror, self._client.meter)
            self._client.close()


def wanted_tables(tables: list[Table], objects: Collection[str] | None) -> list[Table]:
    """Those of `tables` that are asked for by name, in any case. Raises NO_SUCH_OBJECT."""
    if objects is None:
        return tables
    by_name = {table.name.lower(): table for table in tables}
    for name in objects:
        if name.lower() not in by_name:
            raise OrgMirrorError(ErrorCode.NO_SUCH_OBJECT, object=name)
    return [by_name[name.lower()] for name in objects]
