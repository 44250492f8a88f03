"""An engine of our own over an `OtherOrg`, in this process and without waiting: cycles, rows, and the comparison."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core.mirror.mirror import Mirror
from core.model.progress import CycleResult, Event
from core.salesforce.access import Access, AccessProvider, FixedAccess
from core.salesforce.client import Client
from core.salesforce.network import Network
from core.salesforce.transport import Transport
from core.sync import bulk_load
from core.sync.control import EngineControl
from core.sync.engine import Engine
from core.sync.identity import identity_guard
from core.sync.planner import LoadLimits
from core.sync.reconcile import Reconciled
from tests.helpers.other_org import ORG_ID, OtherOrg
from tests.helpers.truth import differences


class Rig:
    """One mirror and its engine. `bulk`: every object by Bulk, where the org has it."""

    def __init__(
        self,
        org: OtherOrg,
        folder: Path,
        patch: pytest.MonkeyPatch,
        *,
        bulk: bool = False,
        objects: tuple[str, ...] | None = None,
        tokens: AccessProvider | None = None,
        read_seconds: float = 1.0,
    ) -> None:
        patch.setattr(bulk_load, "FIRST_POLL_SECONDS", 0.01)
        patch.setattr(bulk_load, "FIRST_RETRY_SECONDS", 0.005)
        self.org = org
        self.bulk = bulk
        self.objects = objects
        self.tokens = tokens or FixedAccess(Access(org.ways.token, org.url))
        self.network = Network(read_seconds=read_seconds)
        self.mirror = Mirror.create(folder / "mirror.db", None)
        self.events: list[Event] = []
        self.pauses: list[float] = []

    def client(self) -> Client:
        return Client(Transport(self.tokens, network=self.network, sleep=self.pauses.append))

    def cycle(self, objects: tuple[str, ...] | None = None, *, control: EngineControl | None = None) -> CycleResult:
        """One cycle of a fresh engine, as each `sync --once` has one."""
        client = self.client()
        try:
            return self._engine(client).run_once(control or EngineControl(), self.events.append, objects)
        finally:
            client.close()

    def reconcile(self) -> list[Reconciled]:
        """What a person asks for who agreed that however many rows may vanish."""
        client = self.client()
        try:
            return self._engine(client).reconcile(EngineControl(), self.events.append, None, consent=True)
        finally:
            client.close()

    def _engine(self, client: Client) -> Engine:
        return Engine(
            self.mirror,
            client,
            self.objects,
            limits=LoadLimits(rest_max_rows=0 if self.bulk else 50_000),
            check_identity=identity_guard(ORG_ID, "other"),
        )

    def rows(self, name: str) -> list[dict[str, Any]]:
        def read(session: Any) -> list[dict[str, Any]]:
            cursor = session.conn.execute(f'SELECT * FROM "{name}"')
            found = cursor.fetchall()
            if not found:
                return []
            names = [row[1] for row in session.conn.execute("SELECT * FROM pragma_table_xinfo(?)", (name,))]
            return [dict(zip(names, row, strict=False)) for row in found]

        return self.mirror.read(read)

    def differences(self) -> list[str]:
        """Where the mirror is not what the org holds, over all objects of the default scope."""
        found: list[str] = []
        for name, thing in self.org.data.things.items():
            if not thing.visible or thing.flags.get("queryable") is False or name in self.org.ways.describe_fails:
                continue
            wanted = None if self.objects is None else {item.lower() for item in self.objects}
            if name in ("Order", "Case") if wanted is None else name.lower() not in wanted:
                continue
            truth = [{key: clean(value) for key, value in row.items()} for row in self.org.truth(name)]
            found += differences(name, self.org.types(name), truth, self.rows(name))
        return found

    def close(self) -> None:
        self.mirror.close()


def clean(value: Any) -> Any:
    """A value as the mirror keeps it: without NUL, and half characters replaced."""
    if not isinstance(value, str):
        return value
    return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def failed(result: CycleResult) -> Mapping[str, str]:
    """The objects that have a problem, and which."""
    return {item.name: item.error.code.value for item in result.objects if item.error is not None}
