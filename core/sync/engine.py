"""The engine of one connection: the day that cycles make, and the wishes that do not wait for one.

Plain Python, run on a thread of its own; it decides and talks, the mirror stores. What a cycle does is in `cycle`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from core.mirror import preferences
from core.mirror.mirror import Mirror
from core.mirror.objects import all_objects
from core.mirror.tables import Table
from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.progress import CycleResult, Event
from core.model.refs import long_id
from core.salesforce.client import Client
from core.sync import catalog
from core.sync.control import EngineControl
from core.sync.cycle import Cycle, CycleParts, Emit, Push
from core.sync.deletions import settle
from core.sync.expenses import budget_of
from core.sync.faults import OFFLINE
from core.sync.ledger import Ledger
from core.sync.passes import SlowPasses
from core.sync.planner import LoadLimits
from core.sync.reconcile import Reconciled

HELD_LOOK_SECONDS = 5.0
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
        pause_seconds: float = 300.0,
        check_identity: Callable[[Client], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        api_share: Callable[[], int] = lambda: 100,
        push: Push | None = None,
    ) -> None:
        self._mirror = mirror
        self._client = client
        self._pause_seconds = pause_seconds
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
        on_wait: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        """The whole day: a cycle, the pause after its end, again, until `control.stop`. Offline: soon again.

        `on_begin` is called before each cycle, `on_wait(seconds)` hears how long the pause after it will be. Never
        raises for what a cycle can meet.
        """
        failures = 0
        while not control.stopped:
            if control.paused or self._is_held():
                # Taken up again by another process, which cannot wake this one.
                if not control.wait_for_next(min(self._pause_seconds, HELD_LOOK_SECONDS)):
                    return
                continue
            on_begin()
            result = self.run_once(control, emit)
            offline = result.error is not None and result.error.code in OFFLINE
            failures = failures + 1 if offline else 0
            seconds = self._pause_seconds * budget_of(self._mirror, self._client, self._api_share()).slow_down
            if offline:
                seconds = min(seconds, OFFLINE_RETRY_SECONDS[min(failures, len(OFFLINE_RETRY_SECONDS)) - 1])
            on_wait(seconds)
            if not control.wait_for_next(seconds):
                return

    def _is_held(self) -> bool:
        """Whether a person paused the connection, perhaps from another process."""
        return bool(self._mirror.read(preferences.read_all).get("paused"))

    def _identify(self) -> None:
        """Once per engine, before anything is asked or sent. Raises OTHER_ORG."""
        if self._check_identity is not None:
            self._check_identity(self._client)
            self._check_identity = None

    def run_once(self, control: EngineControl, emit: Emit, objects: Collection[str] | None = None) -> CycleResult:
        """One whole cycle; `objects` limits it to these. Never raises for what a cycle can meet."""
        cancel, wanted = control.begin_cycle()
        cycle = Cycle(self._parts, cancel, emit, objects if objects is not None else wanted)
        result = cycle.run()
        emit(Event(result=result, changes=Changes(status=True)))
        return result

    def reconcile(
        self, control: EngineControl, emit: Emit, objects: Collection[str] | None = None, *, consent: bool = False
    ) -> list[Reconciled]:
        """Compare ids and calculated fields of `objects` (None: all) with the org's, at once; a person asked for it.

        `consent`: however many rows may vanish. Raises OrgMirrorError for what concerns everything.
        """
        cancel, _ = control.begin_cycle()
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
        return results

    def refresh_record(self, object_name: str, record_id: str) -> Changes:
        """Read one record anew: what came is merged, what did not come leaves. Raises OrgMirrorError."""
        table = self._mirror.tables().get(object_name)
        if table is None:
            raise OrgMirrorError(ErrorCode.NO_SUCH_OBJECT, object=object_name)
        try:
            return settle(self._mirror, self._client, table, [long_id(record_id)]).changes
        finally:
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
