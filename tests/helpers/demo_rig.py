"""A mirror and engines of our own over an org of `DemoServer`, in this process and without waiting.

Every cycle has a fresh engine, as each `sync --once` has; `restart` closes and opens the file as a new process would.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.demo.values import dumps
from core.mirror import doctor
from core.mirror.mirror import Mirror
from core.model.cancel import CancelToken
from core.model.progress import CycleResult, Event
from core.salesforce.access import Access
from core.salesforce.client import Client
from core.salesforce.network import Network
from core.salesforce.transport import Transport
from core.sync.control import EngineControl
from core.sync.engine import Engine
from core.sync.identity import identity_guard
from core.sync.planner import LoadLimits
from core.sync.reconcile import Reconciled
from tests.helpers.demo_here import StillOrg
from tests.helpers.other_org_rig import clean
from tests.helpers.truth import canonical, differences

LEFT_OUT = ("address", "location", "base64")


class Sessions:
    """Signs a user in again whenever the org has ended the session."""

    def __init__(self, org: StillOrg, user_id: str) -> None:
        self._org = org
        self._user_id = user_id
        self._token = ""

    def session(self, cancel: CancelToken | None = None) -> Access:
        if not self._token:
            self._token = self._org.site.sessions.open(self._user_id).token
        return Access(self._token, self._org.site.url)

    def renew(self, stale_token: str, cancel: CancelToken | None = None) -> Access:
        if self._token == stale_token:
            self._token = ""
        return self.session(cancel)


class DemoRig:
    """One user's mirror in `folder`, made there unless a file is there already."""

    def __init__(
        self, org: StillOrg, folder: Path, user_id: str, *, limits: LoadLimits | None = None, read_seconds: float = 2.0
    ) -> None:
        self.org = org
        self.user_id = user_id
        self.limits = limits or LoadLimits()
        self.path = folder / "mirror.db"
        self._network = Network(read_seconds=read_seconds)
        self._tokens = Sessions(org, user_id)
        self.events: list[Event] = []
        self.pauses: list[float] = []
        folder.mkdir(parents=True, exist_ok=True)
        self.mirror = Mirror.open(self.path, None) if self.path.exists() else Mirror.create(self.path, None)

    def client(self) -> Client:
        return Client(Transport(self._tokens, network=self._network, sleep=self.pauses.append))

    def engine(self, client: Client) -> Engine:
        guard = identity_guard(self.org.org_id, "demo")
        return Engine(self.mirror, client, None, limits=self.limits, check_identity=guard)

    def cycle(self, objects: tuple[str, ...] | None = None) -> CycleResult:
        """One cycle of a fresh engine."""
        client = self.client()
        try:
            return self.engine(client).run_once(EngineControl(), self.events.append, objects)
        finally:
            client.close()

    def reconcile(self, objects: tuple[str, ...] | None = None) -> list[Reconciled]:
        """What a person asks for who agreed that however many rows may vanish."""
        client = self.client()
        try:
            return self.engine(client).reconcile(EngineControl(), self.events.append, objects, consent=True)
        finally:
            client.close()

    def read_timeout(self, seconds: float) -> None:
        """How long an engine waits for the rest of an answer, from its next cycle on."""
        self._network = Network(read_seconds=seconds)

    def restart(self) -> None:
        """The process ends and another one opens the file."""
        self.mirror.close()
        self.mirror = Mirror.open(self.path, None)

    def close(self) -> None:
        self.mirror.close()

    # what is here, and what is true

    def types(self, name: str) -> dict[str, str]:
        """Field types by name, as describe tells this user."""
        return {field["name"]: field["type"] for field in self.org.view(self.user_id).describe(name)["fields"]}

    def visible(self) -> set[str]:
        """The objects that this user's describe names."""
        return {item["name"] for item in self.org.view(self.user_id).describe_global()["sobjects"]}

    def truth(self, name: str) -> list[dict[str, Any]]:
        """Every row that this user may see, deleted ones too, in REST's forms."""
        rows = self.org.view(self.user_id).truth(name, deleted=True)
        return [
            {key: clean(value) for key, value in json.loads(dumps(row), parse_float=Decimal).items()} for row in rows
        ]

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Every row of an object's table, as `query` shows it."""
        table = self.mirror.tables()[name]
        names = ", ".join(f'"{column.name}"' for column in table.columns)

        def read(session: Any) -> list[tuple[Any, ...]]:
            return list(session.conn.execute(f'SELECT {names} FROM "{name}"'))

        return [dict(zip((c.name for c in table.columns), row, strict=True)) for row in self.mirror.read(read)]

    def differences(self, names: set[str] | None = None, *, without: frozenset[str] = frozenset()) -> list[str]:
        """Where the mirror is not what the org shows this user; `without` these describe types' or fields' values."""
        found: list[str] = []
        visible = self.visible()
        tables = self.mirror.tables()
        for name in sorted(set(tables) if names is None else names):
            if name not in visible:
                found += [f"{name} is no longer visible, and here"] if name in tables else []
                continue
            types = self.types(name)
            columns = {column.name for column in tables[name].columns}
            shown = {field for field, kind in types.items() if kind not in LEFT_OUT}
            if columns != shown:
                found.append(f"{name} has columns {sorted(columns ^ shown)} on one side alone")
            truth = [
                {key: value for key, value in row.items() if types.get(key) not in without and key not in without}
                for row in self.truth(name)
            ]
            found += differences(name, types, truth, self.rows(name))
        return found

    def findings(self) -> list[str]:
        """What `doctor` says of the file."""
        return [
            f"{item.code.value} {item.object} {item.record_id} {item.params}" for item in doctor.examine(self.mirror)
        ]


__all__ = ["DemoRig", "canonical"]
