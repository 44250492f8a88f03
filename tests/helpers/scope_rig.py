"""A `DemoRig` with the scope's facade over it: change what is mirrored, and compare with what the org shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.api.scope import ScopeApi
from core.api.sync import SyncApi
from core.model.scope import load_order
from core.salesforce.client import Client
from core.salesforce.meter import ApiMeter
from core.sync.engine import Engine
from core.sync.identity import identity_guard
from tests.helpers.demo_here import StillOrg
from tests.helpers.demo_rig import DemoRig
from tests.helpers.truth import differences


class ScopeRig(DemoRig):
    """`objects`: what was chosen when the connection was made."""

    def __init__(self, org: StillOrg, folder: Path, user_id: str, objects: tuple[str, ...] | None, **more: Any) -> None:
        super().__init__(org, folder, user_id, **more)
        self.objects = objects
        self.folder = folder

    def engine(self, client: Client) -> Engine:
        guard = identity_guard(self.org.org_id, "demo")
        return Engine(self.mirror, client, self.objects, limits=self.limits, check_identity=guard)

    @property
    def sync(self) -> SyncApi:
        return SyncApi(
            self.mirror,
            "demo",
            self.folder / "engine.lock",
            ApiMeter(),
            lambda: self.engine(self.client()),
            api_share=lambda: 100,
        )

    @property
    def scope(self) -> ScopeApi:
        return ScopeApi(self.mirror, self.sync, lambda _cancel: self.client(), lambda: self.objects)

    def unlike(
        self,
        name: str,
        fits: Callable[[dict[str, Any]], bool] = lambda _row: True,
        without: frozenset[str] = frozenset(),
    ) -> list[str]:
        """Where the object's table is not the org's rows that fit, with every field but those `without`."""
        types = self.types(name)
        columns = {column.name for column in self.mirror.tables()[name].columns}
        shown = {field for field, kind in types.items() if kind not in ("address", "location", "base64")} - without
        found = [f"{name} has {sorted(columns ^ shown)} on one side alone"] if columns != shown else []
        truth = [{k: v for k, v in row.items() if k not in without} for row in self.truth(name) if fits(row)]
        rows = self.rows(name)
        # Deleted long ago: its time under "deleted" is over.
        over = {
            row[0]
            for row in self.mirror.read(lambda s: s.conn.execute("SELECT record_id FROM om_tombstone").fetchall())
        }
        truth = [row for row in truth if not (row.get("IsDeleted") and row["Id"] in over)]
        live = sum(1 for row in rows if not row.get("IsDeleted"))
        stored = self.mirror.read(lambda s: s.conn.execute("SELECT rows FROM om_object WHERE name = ?", (name,)).get)
        if stored != live:
            found.append(f"{name}: {stored} rows are counted, {live} are here")
        return found + differences(name, types, truth, rows)

    def names(self) -> list[str]:
        """The mirrored objects."""
        return sorted(self.mirror.tables(), key=load_order)
