"""Wires everything, decides nothing: home, settings, vault, connections, and the demo org.

An `App` belongs to one process; the window and the command line make one each. Safe from any thread; opening a
connection reads the vault and the disk, so never on the GUI thread.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from core import settings as settings_table
from core.api.acts import ActsApi
from core.api.browse import BrowseApi
from core.api.connections import Checked, ConnectionInfo, ConnectionsApi, Secrets, SignInDraft, info_of
from core.api.doctor import Report, examine
from core.api.exports import ExportsApi
from core.api.forms import FormsApi
from core.api.push import PushApi
from core.api.records import RecordsApi
from core.api.scope import ScopeApi
from core.api.sync import SyncApi
from core.connection.locking import LockingAccess
from core.connection.profile import ConnectionProfile, ProfileStore
from core.connection.tokens import TokenProvider
from core.connection.vault import Vault, system_vault
from core.demo_process import DemoProcess
from core.mirror import preferences, times
from core.mirror.mirror import Mirror
from core.model.cancel import CancelToken
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import ConnectionState, SignInMethod
from core.paths import Home
from core.salesforce.client import Client
from core.salesforce.meter import ApiMeter
from core.salesforce.network import Network
from core.salesforce.transport import ServerClock, Transport
from core.settings import AppSettings, Setting
from core.sync.engine import Engine
from core.sync.identity import identity_guard
from core.sync.planner import LoadLimits
from core.sync.push import PushSettings

log = logging.getLogger(__name__)

RECOVERY_VARIABLE = "ORGMIRROR_PASSPHRASE"
_NO_KEYRING = frozenset({ErrorCode.KEYRING_LOCKED, ErrorCode.KEYRING_UNAVAILABLE, ErrorCode.KEY_MISSING})
DEMO_NAME = "Demo org"
DEMO_NAME_PLAIN = "Demo org (not encrypted)"


class Connection:
    """One open connection: its mirror and the facades over it. `close` ends readers and writer."""

    def __init__(
        self,
        profile: ConnectionProfile,
        folder: Path,
        mirror: Mirror,
        vault: Vault,
        proxy: str,
        read_profile: Callable[[], ConnectionProfile] | None = None,
        lock: Callable[[], None] = lambda: None,
    ) -> None:
        """`read_profile`: the stored profile, which a new sign-in or another address of the demo org may change.

        `lock` is called when Salesforce says that the user is deactivated.
        """
        self._lock = lock
        self.profile = profile
        self._read_profile = read_profile or (lambda: profile)
        self._folder = folder
        self._mirror = mirror
        self._vault = vault
        self._meter = ApiMeter()
        self._clock = ServerClock()
        self._proxy = proxy
        self._values: dict[str, Any] = mirror.read(preferences.read_all)
        self.sync = SyncApi(
            mirror,
            profile.name,
            folder / "engine.lock",
            self._meter,
            self._engine,
            api_share=lambda: self.setting(settings_table.API_SHARE_PERCENT),
            on_edit=lambda: self.push.push_soon(),
        )
        self.browse = BrowseApi(mirror)
        self.scope = ScopeApi(mirror, self.sync, self._client, lambda: self._read_profile().objects)
        self.records = RecordsApi(mirror, now=self._now)
        self.forms = FormsApi(mirror, self._client)
        self.push = PushApi(
            mirror,
            folder,
            self._client,
            lambda: self._read_profile().user_id,
            check_identity=lambda client: identity_guard(self.profile.org_id, self.profile.name)(client),
            settings=lambda: PushSettings(mass_limit=self.setting(settings_table.MASS_CHANGE_RECORDS)),
            now=self._now,
        )
        self.acts = ActsApi(
            mirror,
            self._client,
            self.push.push_records,
            check_identity=lambda client: identity_guard(self.profile.org_id, self.profile.name)(client),
            now=self._now,
        )
        self.exports = ExportsApi(mirror)
        self._use_settings()

    @property
    def info(self) -> ConnectionInfo:
        return info_of(self.profile)

    def setting(self, setting: Setting[Any]) -> Any:
        """A setting of this connection."""
        return settings_table.from_mapping(setting, self._values)

    def set_setting(self, setting: Setting[Any], value: Any) -> None:
        """Keep a setting of this connection. Raises ValueError when it is out of bounds."""
        if setting.accept(value) != value:
            raise ValueError(f"{setting.key}: {value!r} is out of bounds")
        self._mirror.write(lambda s: preferences.keep(s, setting.key, value))
        self._values = {**self._values, setting.key: value}
        self._use_settings()

    def _use_settings(self) -> None:
        self.browse.use_computer_zone(self.setting(settings_table.USE_COMPUTER_TIME_ZONE))
        self.records.use_computer_zone(self.setting(settings_table.USE_COMPUTER_TIME_ZONE))
        self.acts.use_computer_zone(self.setting(settings_table.USE_COMPUTER_TIME_ZONE))

    def doctor(self) -> Report:
        """Check the file, and the counts against the org where it can be reached."""
        return examine(self._mirror, lambda: self._client(CancelToken()))

    def close(self) -> None:
        """End the push lane and the readers, then the writer. The engine must have been stopped before."""
        self.push.close()
        self.exports.close()
        self.browse.close()
        self._mirror.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _client(self, cancel: CancelToken) -> Client:
        tokens = TokenProvider(self.profile, self._vault, self._folder, proxy=self._proxy, meter=self._meter)
        network = Network(ca_file=self.profile.ca_file, proxy=self._proxy)
        guarded = LockingAccess(tokens, self._lock)
        return Client(Transport(guarded, network=network, meter=self._meter, clock=self._clock, cancel=cancel))

    def _now(self) -> datetime:
        """When a person does something, on the org's clock: as its answers tell it, else as this computer's was off."""
        return self._clock.now() or times.now() + self.push.skew

    def _pause(self) -> float | None:
        """Seconds between two cycles; None where a cycle only comes when somebody asks."""
        if self.setting(settings_table.BY_HAND):
            return None
        return float(self.setting(settings_table.CYCLE_PAUSE_SECONDS))

    def _engine(self) -> Engine:
        self.profile = self._read_profile()
        client = self._client(CancelToken())
        return Engine(
            self._mirror,
            client,
            self.profile.objects,
            limits=LoadLimits(
                rest_max_rows=self.setting(settings_table.REST_MAX_ROWS),
                rest_max_call_percent=self.setting(settings_table.REST_MAX_CALL_PERCENT),
            ),
            fetchers=self.setting(settings_table.PAGE_FETCHERS),
            pause=self._pause,
            api_share=lambda: self.setting(settings_table.API_SHARE_PERCENT),
            check_identity=identity_guard(self.profile.org_id, self.profile.name),
            push=lambda cancel: self.push.push_in_cycle(client, cancel),
            name=self.profile.name,
        )


class App:
    """Everything of one home folder."""

    def __init__(self, home: Home, *, vault: Vault | None = None) -> None:
        self.home = home
        self.settings = AppSettings(home)
        self.vault = vault or system_vault()
        self._profiles = ProfileStore(home.connections)
        self.connections = ConnectionsApi(
            home,
            self.vault,
            self._profiles,
            proxy=self.settings.get(settings_table.PROXY),
            # No process that is started from here on inherits it.
            recovery_code=os.environ.pop(RECOVERY_VARIABLE, None) or None,
        )
        self._lock = threading.Lock()
        self._open: dict[str, Connection] = {}
        self._at_close: list[Callable[[], None]] = []
        self._demo = DemoProcess(home)
        self.at_close(self._demo.stop)

    def start_demo(self, cancel: CancelToken | None = None) -> ConnectionInfo:
        """Start the demo org and connect to it, or point the connection that is there to its present address.

        Its credentials are public constants, so where no keyring can be used they stay in memory and the mirror is a
        plain file; no other connection gets this exception. Never prompts.
        """
        org = self._demo.start(cancel)
        draft = SignInDraft(
            method=SignInMethod.CLIENT_CREDENTIALS,
            login_url=org.url,
            instance_url=org.url,
            client_id=org.client_id,
            ca_file=org.ca_file,
        )
        checked = self.connections.check(draft, Secrets(client_secret=org.client_secret), cancel)
        try:
            return self._connect_demo(checked)
        except OrgMirrorError as error:
            if error.code not in _NO_KEYRING:
                raise
            log.info("the demo does without the keyring: %s", error.code.value)
        self.connections.keep_demo_in_memory()
        return self._connect_demo(checked)

    def _connect_demo(self, checked: Checked) -> ConnectionInfo:
        """The demo connection, opened, so that a keyring that only seems usable shows itself here."""
        encrypted = not self.connections.demo_in_memory
        for profile in self._profiles.list():
            if profile.is_demo and profile.encrypted == encrypted and profile.org_id == checked.identity.org_id:
                info = self.connections.repoint(profile, checked)
                break
        else:
            name = DEMO_NAME if encrypted else DEMO_NAME_PLAIN
            info = self.connections.create(name, checked, plain_file=not encrypted, is_demo=True)
        self.open(info.uuid)
        return info

    def open(self, name: str) -> Connection:
        """The open connection of that name or uuid. Raises NO_SUCH_CONNECTION, KEY_MISSING, KEYRING_LOCKED, …"""
        profile = self.connections.profile(name)
        with self._lock:
            known = self._open.get(profile.uuid)
        if known is not None:
            return known
        self.connections.check_lock(profile, self.settings.get(settings_table.ERASE_LOCKED_DAYS))
        mirror = self.connections.open_mirror(profile)
        connection = Connection(
            profile,
            self.home.connection(profile.uuid),
            mirror,
            self.connections.vault_for(is_demo=profile.is_demo),
            self.settings.get(settings_table.PROXY),
            lambda: self.connections.profile(profile.uuid),
            lambda: self.connections.lock(profile.uuid),
        )
        with self._lock:
            self._open[profile.uuid] = connection
        return connection

    def at_close(self, call: Callable[[], None]) -> None:
        """Run `call` when the app closes, the newest first."""
        self._at_close.append(call)

    def status_json(self, name: str) -> dict[str, Any]:
        """`status --json` of one connection (issue 2, section 6). A mirror that cannot be opened has state locked."""
        info = self.connections.find(name)
        answer: dict[str, Any] = {"name": info.name, "org_id": info.org_id, "user": info.username}
        try:
            connection = self.open(name)
        except OrgMirrorError as error:
            state = ConnectionState.LOCKED
            empty: dict[str, Any] = {"used": None, "limit": None, "share": None}
            return {
                **answer,
                "state": state.value,
                "pending": 0,
                "conflicts": 0,
                "problems": 1,
                "api": empty,
                "objects": [],
                "error": error.code.value,
            }
        view = connection.sync.status()
        return {
            **answer,
            "state": view.state.value,
            "pending": view.pending,
            "conflicts": view.conflicts,
            "problems": view.problems,
            "api": {"used": view.api_used, "limit": view.api_limit, "share": view.api_share},
            "objects": [
                {
                    "name": item.name,
                    "direction": item.direction,
                    "rows": item.rows,
                    "loaded": item.loaded,
                    "watermark": times.optional_text(item.watermark),
                    "last_synced_at": times.optional_text(item.last_synced_at),
                }
                for item in view.objects
            ],
        }

    def close(self) -> None:
        """Close every connection and what was started with it. May be called again."""
        with self._lock:
            connections = list(self._open.values())
            self._open.clear()
        for connection in connections:
            connection.close()
        while self._at_close:
            self._at_close.pop()()

    def __enter__(self) -> App:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
