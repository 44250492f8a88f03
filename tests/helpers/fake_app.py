"""An app without network, keyring or disk: the window's shell is tested against it.

`FakeSync.run` waits for what a test tells it to say; nothing happens by itself.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from core.api.connections import ConnectionInfo
from core.api.sync import EngineControl, ObjectStatus, StatusView
from core.connection.vault import MemoryVault
from core.model.errors import OrgMirrorError
from core.model.progress import CycleProgress, CycleResult, Event, ObjectProgress
from core.model.states import ConnectionState, CycleOutcome, LoadMethod, LoadPhase, SignInMethod
from tests.helpers.fake_browse import FakeBrowse
from tests.helpers.fake_lookback import FakeLookback
from tests.helpers.fake_scope import FakeScope

LABELS = {
    "User": ("User", "Users", 214),
    "RecordType": ("Record Type", "Record Types", 12),
    "Account": ("Account", "Accounts", 18_204),
    "Campaign": ("Campaign", "Campaigns", 380),
    "CampaignMemberStatus": ("Campaign Member Status", "Campaign Member Statuses", 1_140),
    "Lead": ("Lead", "Leads", 40_000),
    "Contact": ("Contact", "Contacts", 31_655),
    "Opportunity": ("Opportunity", "Opportunities", 9_812),
    "OpportunityContactRole": ("Opportunity Contact Role", "Opportunity Contact Roles", 7_410),
    "CampaignMember": ("Campaign Member", "Campaign Members", 22_390),
    "Task": ("Task", "Tasks", 15_008),
    "Event": ("Event", "Events", 4_112),
    "Project__c": ("Project", "Projects", 1_950),
    "Deliverable__c": ("Deliverable", "Deliverables", 6_204),
}


def info(name: str = "Acme", **more: Any) -> ConnectionInfo:
    """A connection's public face."""
    values: dict[str, Any] = {
        "uuid": f"uuid-{name}",
        "name": name,
        "org_id": "00D000000000001EAA",
        "org_name": f"{name} Industries",
        "user_name": "Ada Lovelace",
        "username": "ada@acme.example",
        "is_sandbox": False,
        "is_demo": False,
        "encrypted": True,
        "instance_url": "https://acme.my.salesforce.com",
        "method": SignInMethod.TOKEN,
    }
    return ConnectionInfo(**(values | more))


def object_status(name: str, **more: Any) -> ObjectStatus:
    """A loaded object."""
    label, plural, rows = LABELS.get(name, (name, name, 10))
    values: dict[str, Any] = {
        "name": name,
        "label": label,
        "label_plural": plural,
        "custom": name.endswith("__c"),
        "direction": "pull",
        "rows": rows,
        "loaded": True,
        "phase": LoadPhase.DONE,
        "last_synced_at": datetime.now(UTC) - timedelta(minutes=2),
    }
    return ObjectStatus(**(values | more))


def in_step(**more: Any) -> StatusView:
    """A mirror that is complete."""
    objects = tuple(object_status(name) for name in LABELS)
    rows = sum(item.rows for item in objects)
    values: dict[str, Any] = {
        "state": ConnectionState.IN_STEP,
        "rows": rows,
        "total": rows,
        "objects": objects,
        "next_cycle_at": datetime.now(UTC) + timedelta(minutes=3),
        "last_ok_at": datetime.now(UTC) - timedelta(minutes=2),
        "api_used": 214,
        "api_limit": 15_000,
        "api_share": 20,
    }
    return StatusView(**(values | more))


def never_synced() -> StatusView:
    """A connection that was just made."""
    return StatusView(state=ConnectionState.NEVER_SYNCED, rows=0, total=None, objects=())


def first_load(share: float = 0.4, *, resumed: str | None = None, **more: Any) -> CycleProgress:
    """A first load under way: small objects are done, one loads, others wait."""
    objects = []
    for place, (name, (_label, plural, total)) in enumerate(LABELS.items()):
        if place < 5:
            phase, done = LoadPhase.DONE, total
        elif place < 8:
            phase, done = LoadPhase.LOADING, int(total * share)
        elif place == 8:
            phase, done = LoadPhase.QUEUED, 0
        else:
            phase, done = LoadPhase.WAITING, 0
        loading = phase is LoadPhase.LOADING
        objects.append(
            ObjectProgress(
                name=name,
                label=plural,
                phase=phase,
                rows_done=done,
                total=total,
                rate=7350.0 if loading else None,
                remaining_seconds=12.0 if loading else None,
                method=LoadMethod.BULK if total > 30_000 else LoadMethod.REST,
                resumed_at=done if name == resumed else None,
            )
        )
    values: dict[str, Any] = {
        "objects": tuple(objects),
        "rows_done": sum(item.rows_done for item in objects),
        "total": sum(item.total or 0 for item in objects),
        "api_calls": 143,
        "seconds": 9.0,
        "first_load": True,
    }
    return CycleProgress(**(values | more))


def result(outcome: CycleOutcome = CycleOutcome.OK, **more: Any) -> CycleResult:
    """A cycle that is over."""
    return CycleResult(**({"outcome": outcome, "seconds": 12.5, "api_calls": 40} | more))


class FakeSync(FakeLookback):
    """`say(event)` lets the running engine speak; `fail(error)` ends it."""

    def __init__(self, status: StatusView | None = None) -> None:
        super().__init__()
        self.view = status or in_step()
        self.controls: list[EngineControl] = []
        self.kept_pause = False
        self.runs = 0
        self.status_reads = 0
        self.threads: list[str] = []
        self._said: queue.Queue[Event | OrgMirrorError] = queue.Queue()
        self.running = threading.Event()

    def make_control(self) -> EngineControl:
        control = EngineControl(paused=self.kept_pause)
        self.controls.append(control)
        return control

    def say(self, event: Event) -> None:
        self._said.put(event)

    @property
    def say_count(self) -> int:
        """How much of what was said is not heard yet."""
        return self._said.qsize()

    def fail(self, error: OrgMirrorError) -> None:
        self._said.put(error)

    def run(self, control: EngineControl, emit: Callable[[Event], None]) -> None:
        self.runs += 1
        self.threads.append(threading.current_thread().name)
        self.running.set()
        try:
            while not control.stopped:
                try:
                    said = self._said.get(timeout=0.01)
                except queue.Empty:
                    continue
                if isinstance(said, OrgMirrorError):
                    raise said
                emit(said)
        finally:
            self.running.clear()

    def status(self) -> StatusView:
        self.status_reads += 1
        return self.view


class FakeAppBrowse(FakeBrowse):
    """Also hands out a session, as the shell's own reads want it."""

    @contextmanager
    def session(self) -> Iterator[Any]:
        yield self.fake


class FakeConnection:
    """One open connection."""

    def __init__(self, about: ConnectionInfo | None = None, status: StatusView | None = None) -> None:
        self.info = about or info()
        self.sync = FakeSync(status)
        self.scope = FakeScope()
        self.browse = FakeAppBrowse()
        self.exports = None
        self.closed = False
        self.settings: dict[str, Any] = {}

    def setting(self, setting: Any) -> Any:
        return self.settings.get(setting.key, setting.default)

    def set_setting(self, setting: Any, value: Any) -> None:
        self.settings[setting.key] = value

    def close(self) -> None:
        self.closed = True


@dataclass(frozen=True)
class FakeIdentity:
    org_name: str = "Acme Industries"
    org_id: str = "00D000000000001EAA"
    user_name: str = "Ada Lovelace"
    username: str = "ada@acme.example"
    is_sandbox: bool = False
    instance_url: str = "https://acme.my.salesforce.com"
    timezone: str = "Europe/Berlin"


@dataclass(frozen=True)
class FakeChecked:
    identity: FakeIdentity = field(default_factory=FakeIdentity)


class FakeConnections:
    """Signs in when `gate` is open; `fault` refuses."""

    def __init__(self, infos: tuple[ConnectionInfo, ...] = ()) -> None:
        self.infos = list(infos)
        self.choices: list[Any] = []
        self.fault: OrgMirrorError | None = None
        self.create_fault: OrgMirrorError | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.create_gate = threading.Event()
        self.create_gate.set()
        self.checked: list[tuple[Any, Any]] = []
        self.created: list[tuple[str, Any, bool]] = []
        self.removed: list[tuple[str, bool]] = []
        self.renewed: list[str] = []
        self.recoveries: list[str] = []
        self.missing: list[Any] = []
        self.preflight_fault: OrgMirrorError | None = None
        self.cancelled = 0

    def list(self) -> list[ConnectionInfo]:
        return list(self.infos)

    def check(self, draft: Any, secrets: Any, cancel: Any = None) -> FakeChecked:
        self.checked.append((draft, secrets))
        while not self.gate.wait(0.01):
            if cancel is not None and cancel.is_set():
                self.cancelled += 1
                cancel.raise_if_set()
        if self.fault is not None:
            raise self.fault
        return FakeChecked()

    def preflight(self, checked: Any, objects: Any = None, cancel: Any = None) -> list[Any]:
        if self.preflight_fault is not None:
            raise self.preflight_fault
        return list(self.missing)

    def preview(self, checked: Any, cancel: Any = None) -> list[Any]:
        return list(self.choices)

    def create(self, name: str, checked: Any, *, objects: Any = None, plain_file: bool = False) -> ConnectionInfo:
        self.create_gate.wait(10)
        if self.create_fault is not None:
            raise self.create_fault
        self.created.append((name, objects, plain_file))
        made = info(name)
        self.infos.append(made)
        return made

    def make_recovery_code(self, name: str) -> str:
        self.recoveries.append(name)
        return "ABCD-EFGH-JKLM-NPQR"

    def remove(self, name: str, *, delete_data: bool = False) -> None:
        self.removed.append((name, delete_data))
        self.infos = [item for item in self.infos if item.uuid != name]

    def renew_sign_in(self, name: str, draft: Any, secrets: Any) -> ConnectionInfo:
        if self.fault is not None:
            raise self.fault
        self.renewed.append(name)
        return next(item for item in self.infos if item.uuid == name)


class FakeSettings:
    """Settings in memory."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def get(self, setting: Any) -> Any:
        return self.values.get(setting.key, setting.default)

    def set(self, setting: Any, value: Any) -> None:
        self.values[setting.key] = value


class FakeApp:
    """`connection_of` says what opening a connection answers, or raises."""

    def __init__(self, *connections: FakeConnection) -> None:
        self.settings = FakeSettings()
        self.vault = MemoryVault()
        self.open_connections = {connection.info.uuid: connection for connection in connections}
        self.connections = FakeConnections(tuple(connection.info for connection in connections))
        self.faults: dict[str, OrgMirrorError] = {}
        self.closed = False
        self.opened: list[str] = []
        self.demo_starts = 0

    def open(self, uuid: str) -> FakeConnection:
        self.opened.append(uuid)
        if uuid in self.faults:
            raise self.faults[uuid]
        if uuid not in self.open_connections:
            about = next(item for item in self.connections.infos if item.uuid == uuid)
            self.open_connections[uuid] = FakeConnection(about, never_synced())
        return self.open_connections[uuid]

    def start_demo(self) -> ConnectionInfo:
        self.demo_starts += 1
        demo = info("Demo", is_demo=True)
        if demo not in self.connections.infos:
            self.connections.infos.append(demo)
        return demo

    def close(self) -> None:
        for connection in self.open_connections.values():
            connection.close()
        self.closed = True


def replaced(status: StatusView, **more: Any) -> StatusView:
    """The same status with some values changed."""
    return replace(status, **more)
