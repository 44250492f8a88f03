"""Connections: check a sign-in, choose what to copy, make, list and remove. Nothing is kept before `create`."""

from __future__ import annotations

import secrets as random_bytes
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from core.connection import recovery
from core.connection.kept import KeptMirror, drop_note, keep_note, kept_mirrors
from core.connection.profile import ConnectionProfile, ProfileStore
from core.connection.signin import Identity, Secrets, SignInDraft, sign_in
from core.connection.vault import MIRROR_KEY, MemoryVault, Vault
from core.mirror import meta, outbox, times, visibility
from core.mirror.meta import Owner
from core.mirror.mirror import Mirror
from core.model.cancel import CancelToken
from core.model.describe import parse_object
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.rights import MissingRight, RightKind
from core.model.scope import TWELVE, in_default_scope, load_order
from core.model.states import SignInMethod, VaultState
from core.paths import Home, private_folder, write_private
from core.salesforce.access import FixedAccess
from core.salesforce.client import Client
from core.salesforce.network import Network
from core.salesforce.transport import Transport
from core.sync.planner import estimate_seconds
from core.sync.preflight import missing_rights

__all__ = [
    "Checked",
    "ConnectionInfo",
    "ConnectionsApi",
    "Identity",
    "KeptMirror",
    "MissingRight",
    "ObjectChoice",
    "RightKind",
    "Secrets",
    "SignInDraft",
]

KEY_BYTES = 32
MAX_NAME = 60


@dataclass(frozen=True, slots=True)
class ConnectionInfo:
    """A connection as people know it; no secret in it."""

    uuid: str
    name: str
    org_id: str
    org_name: str
    user_name: str
    username: str
    is_sandbox: bool
    is_demo: bool
    encrypted: bool
    instance_url: str
    method: SignInMethod
    login_url: str = ""
    client_id: str | None = None
    ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A sign-in that worked and is not kept yet."""

    identity: Identity
    draft: SignInDraft
    secrets: Secrets = field(repr=False)


@dataclass(frozen=True, slots=True)
class ObjectChoice:
    """One object that may be mirrored.

    `count` None: unknown; `estimate_seconds` is rough, before anything is measured.
    """

    name: str
    label: str
    custom: bool
    in_default: bool
    count: int | None
    estimate_seconds: float | None
    visible: bool = True


class ConnectionsApi:
    """Works on the home folder and the vault; calls that reach Salesforce say so. Safe from any thread."""

    def __init__(
        self, home: Home, vault: Vault, profiles: ProfileStore, *, proxy: str = "", recovery_code: str | None = None
    ) -> None:
        """`recovery_code`: tried where the keyring has lost a mirror's key."""
        self._home = home
        self._vault = vault
        self._profiles = profiles
        self._proxy = proxy
        self._recovery_code = recovery_code
        self._memory: Vault = MemoryVault()
        self._demo_in_memory = False

    def vault_for(self, *, is_demo: bool) -> Vault:
        """The OS keyring; for the demo org alone, memory where the keyring cannot be used without asking."""
        return self._memory if is_demo and self.demo_in_memory else self._vault

    @property
    def demo_in_memory(self) -> bool:
        """Whether the demo does without the keyring, in this process: once found unusable, it stays so."""
        if not self._demo_in_memory:
            self._demo_in_memory = self._vault.state() is not VaultState.READY
        return self._demo_in_memory

    def keep_demo_in_memory(self) -> None:
        """The keyring seemed usable and was not."""
        self._demo_in_memory = True

    def list(self) -> list[ConnectionInfo]:
        """Every connection, by name; an encrypted demo that the present keyring cannot open is left out."""
        shown = [p for p in self._profiles.list() if not (p.is_demo and p.encrypted and self.demo_in_memory)]
        return sorted(map(info_of, shown), key=lambda info: info.name.casefold())

    def find(self, name: str) -> ConnectionInfo:
        """The connection of that name (case aside) or uuid. Raises NO_SUCH_CONNECTION."""
        return info_of(self.profile(name))

    def profile(self, name: str) -> ConnectionProfile:
        """The stored profile. Raises NO_SUCH_CONNECTION."""
        for profile in self._profiles.list():
            if profile.uuid == name or profile.name.casefold() == name.casefold():
                return profile
        raise OrgMirrorError(ErrorCode.NO_SUCH_CONNECTION, name=name)

    def check_name(self, name: str) -> None:
        """Raises BAD_NAME or NAME_TAKEN."""
        if not name.strip() or len(name) > MAX_NAME or name.startswith("-") or not name.isprintable():
            raise OrgMirrorError(ErrorCode.BAD_NAME, name=name[:MAX_NAME])
        if any(p.name.casefold() == name.casefold() for p in self._profiles.list()):
            raise OrgMirrorError(ErrorCode.NAME_TAKEN, name=name)

    def check(self, draft: SignInDraft, secrets: Secrets, cancel: CancelToken | None = None) -> Checked:
        """Sign in and ask who that is; keeps nothing. Network. Raises what signing in can."""
        draft = replace(draft, proxy=draft.proxy or self._proxy)
        return Checked(sign_in(draft, secrets, cancel=cancel), draft, secrets)

    def preview(self, checked: Checked, cancel: CancelToken | None = None) -> Sequence[ObjectChoice]:
        """What may be mirrored, with counts. Network. The objects of the sync that are not visible are listed too."""
        client = self._client(checked, cancel)
        try:
            raw = client.describe_global().raw or {}
            seen = {str(item["name"]): parse_object(item) for item in raw.get("sobjects", ())}
            wanted = sorted((name for name, info in seen.items() if in_default_scope(info)), key=load_order)
            counts = client.count_many(dict.fromkeys(wanted))
            choices = []
            for name in wanted:
                count = counts.get(name)
                rows = count if isinstance(count, int) else None
                info = seen[name]
                choices.append(ObjectChoice(name, info.label, info.custom, True, rows, estimate_seconds(rows)))
            choices += [ObjectChoice(n, n, False, False, None, None, visible=False) for n in TWELVE if n not in seen]
            return choices
        finally:
            client.close()

    def preflight(
        self, checked: Checked, objects: Iterable[str] | None = None, cancel: CancelToken | None = None
    ) -> Sequence[MissingRight]:
        """What the signed-in user lacks, before anything is copied; `core.messages.right` has the words. Network."""
        client = self._client(checked, cancel)
        try:
            return missing_rights(client, checked.identity.user_id, None if objects is None else tuple(objects))
        finally:
            client.close()

    def create(
        self,
        name: str,
        checked: Checked,
        *,
        objects: Iterable[str] | None = None,
        plain_file: bool = False,
        is_demo: bool = False,
    ) -> ConnectionInfo:
        """Keep the connection: secrets to the vault, an empty mirror, the profile last, so that a half is never seen.

        `objects` None means the default scope. Raises KEYRING_LOCKED, KEYRING_UNAVAILABLE, NAME_TAKEN, CANNOT_WRITE.
        """
        self.check_name(name)
        vault = self._usable_vault(is_demo=is_demo)
        self._home.create()
        identity, draft = checked.identity, checked.draft
        uuid = str(uuid4())
        folder = private_folder(self._home.connection(uuid))
        try:
            key = None if plain_file else random_bytes.token_bytes(KEY_BYTES)
            if key is not None:
                vault.write(uuid, MIRROR_KEY, key.hex())
            self._keep_secrets(vault, uuid, checked)
            with Mirror.create(folder / "mirror.db", key) as mirror:
                mirror.write(lambda s: meta.claim(s, _owner(identity)))
            profile = ConnectionProfile(
                uuid=uuid,
                name=name,
                method=draft.method,
                login_url=draft.login_url,
                instance_url=identity.instance_url,
                username=identity.username,
                client_id=draft.client_id,
                ca_file=draft.ca_file if is_demo else _keep_ca_file(folder, draft.ca_file),
                org_id=identity.org_id,
                org_name=identity.org_name,
                user_id=identity.user_id,
                user_name=identity.user_name,
                is_sandbox=identity.is_sandbox,
                is_demo=is_demo,
                encrypted=key is not None,
                objects=None if objects is None else tuple(objects),
            )
            self._profiles.add(profile)
        except BaseException:
            vault.delete_all(uuid)
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return info_of(profile)

    def renew_sign_in(self, name: str, draft: SignInDraft, secrets: Secrets) -> ConnectionInfo:
        """Sign in anew for an existing mirror. Network. Raises OTHER_ORG, OTHER_USER: the mirror stays as it is."""
        return self.keep_sign_in(name, self.check(draft, secrets))

    def keep_sign_in(self, name: str, checked: Checked, *, switch_user: bool = False) -> ConnectionInfo:
        """Keep a sign-in that was checked, for an existing mirror; it is unlocked by it.

        `switch_user`: a person agreed that the mirror becomes another user's; the next cycle compares everything.
        Raises OTHER_ORG, OTHER_USER, KEYRING_LOCKED.
        """
        profile, draft = self.profile(name), checked.draft
        if checked.identity.org_id != profile.org_id:
            raise OrgMirrorError(ErrorCode.OTHER_ORG, name=profile.name)
        known = checked.identity.user_id and profile.user_id
        other = bool(known) and checked.identity.user_id != profile.user_id
        if other and not switch_user:
            raise OrgMirrorError(ErrorCode.OTHER_USER, name=profile.name, expected=profile.username)
        vault = self._usable_vault(is_demo=profile.is_demo)
        self._keep_secrets(vault, profile.uuid, checked)
        folder = self._home.connection(profile.uuid)
        if other:
            with self.open_mirror(profile) as mirror:
                mirror.write(lambda s: visibility.user_changed(s, _owner(checked.identity)))
            profile = profile.with_changes(
                user_id=checked.identity.user_id,
                user_name=checked.identity.user_name,
                username=checked.identity.username,
            )
        changed = profile.with_changes(
            locked_since="",
            method=draft.method,
            login_url=draft.login_url,
            instance_url=checked.identity.instance_url,
            client_id=draft.client_id,
            ca_file=draft.ca_file if profile.is_demo else _keep_ca_file(folder, draft.ca_file),
        )
        self._profiles.replace(changed)
        return info_of(changed)

    def repoint(self, profile: ConnectionProfile, checked: Checked) -> ConnectionInfo:
        """The demo org is at another address after each start: keep where it is, and its public credentials."""
        changed = profile.with_changes(
            method=checked.draft.method,
            login_url=checked.draft.login_url,
            instance_url=checked.identity.instance_url,
            client_id=checked.draft.client_id,
            ca_file=checked.draft.ca_file,
        )
        self._keep_secrets(self.vault_for(is_demo=True), profile.uuid, checked)
        self._profiles.replace(changed)
        return info_of(changed)

    def pending_edits(self, name: str) -> Sequence[str]:
        """Edits that have not reached Salesforce, as short lines. An unreadable mirror raises why."""
        profile = self.profile(name)
        with self.open_mirror(profile) as mirror:
            return [f"{e.op} {e.object} {e.record_id} {e.field or ''}".rstrip() for e in mirror.read(outbox.pending)]

    def open_mirror(self, profile: ConnectionProfile) -> Mirror:
        """Open the connection's file with its key. Raises KEY_MISSING, KEYRING_LOCKED, WRONG_KEY and the file's own.

        A key that is missing is brought back with the recovery code, where one was given.
        """
        key: bytes | None = None
        if profile.encrypted:
            try:
                key = self._key(profile)
            except OrgMirrorError as error:
                if error.code is not ErrorCode.KEY_MISSING or self._recovery_code is None:
                    raise
                self.recover(profile.name, self._recovery_code)
                key = self._key(profile)
        return Mirror.open(self._home.connection(profile.uuid) / "mirror.db", key)

    def make_recovery_code(self, name: str) -> str:
        """A new code that brings the mirror's key back; an earlier one ends. It is kept nowhere: show it once.

        Raises NO_RECOVERY_CODE for a mirror that is not encrypted, KEY_MISSING, KEYRING_LOCKED, CANNOT_WRITE.
        """
        profile = self.profile(name)
        if not profile.encrypted:
            raise OrgMirrorError(ErrorCode.NO_RECOVERY_CODE, name=profile.name)
        code = recovery.make_code()
        recovery.keep(self._home.connection(profile.uuid), profile.uuid, self._key(profile), code)
        return code

    def recover(self, name: str, code: str) -> None:
        """Put the mirror's key back into the keyring, once it has proved to open the file.

        Raises RECOVERY_CODE_WRONG, NO_RECOVERY_CODE, WRONG_KEY, KEYRING_LOCKED.
        """
        profile = self.profile(name)
        vault = self._usable_vault(is_demo=profile.is_demo)
        folder = self._home.connection(profile.uuid)
        key = recovery.unwrap(folder, profile.uuid, code, profile.name)
        Mirror.open(folder / "mirror.db", key).close()
        vault.write(profile.uuid, MIRROR_KEY, key.hex())

    def _key(self, profile: ConnectionProfile) -> bytes:
        text = self._usable_vault(is_demo=profile.is_demo).read(profile.uuid, MIRROR_KEY)
        if text is None:
            raise OrgMirrorError(ErrorCode.KEY_MISSING, name=profile.name)
        try:
            return bytes.fromhex(text)
        except ValueError:
            # Something else than a key stands in its place; said without the chain, which would show it.
            raise OrgMirrorError(ErrorCode.WRONG_KEY, name=profile.name) from None

    def remove(self, name: str, *, delete_data: bool = False) -> None:
        """Forget the connection. Its key and file stay unless `delete_data` erases both; its credentials go."""
        profile = self.profile(name)
        vault = self.vault_for(is_demo=profile.is_demo)
        if delete_data:
            vault.delete_all(profile.uuid)
            self._profiles.remove(profile.uuid)
            shutil.rmtree(self._home.connection(profile.uuid))
            return
        vault.delete_secrets(profile.uuid)
        keep_note(self._home.connection(profile.uuid), profile)
        self._profiles.remove(profile.uuid)

    def kept(self, checked: Checked) -> Sequence[KeptMirror]:
        """Mirrors of this org and user that were kept when their connection was forgotten, the newest first."""
        identity = checked.identity
        return [m for m in kept_mirrors(self._home.connections) if m.is_of(identity.org_id, identity.user_id)]

    def attach(self, name: str, checked: Checked, uuid: str, *, objects: Iterable[str] | None = None) -> ConnectionInfo:
        """Make a connection of a kept mirror: nothing is copied anew. `objects` None: as they were.

        Raises NO_KEPT_MIRROR, NAME_TAKEN, KEY_MISSING, KEYRING_LOCKED and what opening the file can.
        """
        self.check_name(name)
        found = next((item for item in self.kept(checked) if item.uuid == uuid), None)
        if found is None:
            raise OrgMirrorError(ErrorCode.NO_KEPT_MIRROR)
        draft, folder = checked.draft, self._home.connection(uuid)
        profile = found.profile.with_changes(
            name=name,
            method=draft.method,
            login_url=draft.login_url,
            instance_url=checked.identity.instance_url,
            username=checked.identity.username,
            client_id=draft.client_id,
            ca_file=draft.ca_file if found.profile.is_demo else _keep_ca_file(folder, draft.ca_file),
            locked_since="",
        )
        if objects is not None:
            profile = profile.with_changes(objects=tuple(objects))
        self.open_mirror(profile).close()
        self._keep_secrets(self._usable_vault(is_demo=profile.is_demo), uuid, checked)
        self._profiles.add(profile)
        drop_note(folder)
        return info_of(profile)

    def lock(self, uuid: str) -> None:
        """Salesforce says that the user is deactivated: nobody reads the mirror until a sign-in works again."""
        profile = self._profiles.get(uuid)
        if not profile.locked_since:
            self._profiles.replace(profile.with_changes(locked_since=times.now_text()))

    def check_lock(self, profile: ConnectionProfile, erase_days: int) -> None:
        """Raises MIRROR_LOCKED; a mirror that was locked for longer than `erase_days` (0: any time) is erased first.

        NO_SUCH_CONNECTION then.
        """
        if not profile.locked_since:
            return
        if erase_days and times.now() - times.from_text(profile.locked_since) >= timedelta(days=erase_days):
            self.remove(profile.uuid, delete_data=True)
            raise OrgMirrorError(ErrorCode.NO_SUCH_CONNECTION, name=profile.name)
        raise OrgMirrorError(
            ErrorCode.MIRROR_LOCKED, name=profile.name, user=profile.username, days=erase_days or "\u221e"
        )

    @staticmethod
    def _keep_secrets(vault: Vault, uuid: str, checked: Checked) -> None:
        for kind, value in checked.secrets.to_keep(checked.draft.method, checked.identity).items():
            vault.write(uuid, kind, value)

    def _usable_vault(self, *, is_demo: bool) -> Vault:
        vault = self.vault_for(is_demo=is_demo)
        state = vault.state()
        if state is VaultState.LOCKED:
            raise OrgMirrorError(ErrorCode.KEYRING_LOCKED)
        if state is VaultState.UNAVAILABLE:
            raise OrgMirrorError(ErrorCode.KEYRING_UNAVAILABLE)
        return vault

    def _client(self, checked: Checked, cancel: CancelToken | None) -> Client:
        network = Network(ca_file=checked.draft.ca_file, proxy=self._proxy)
        return Client(Transport(FixedAccess(checked.identity.access), network=network, cancel=cancel))


def info_of(profile: ConnectionProfile) -> ConnectionInfo:
    """What people know of a profile."""
    return ConnectionInfo(
        uuid=profile.uuid,
        name=profile.name,
        org_id=profile.org_id,
        org_name=profile.org_name,
        user_name=profile.user_name,
        username=profile.username,
        is_sandbox=profile.is_sandbox,
        is_demo=profile.is_demo,
        encrypted=profile.encrypted,
        instance_url=profile.instance_url,
        method=profile.method,
        login_url=profile.login_url,
        client_id=profile.client_id,
        ca_file=profile.ca_file,
    )


def _keep_ca_file(folder: Path, given: str | None) -> str | None:
    """A copy of the company's CA file beside the profile: the original may lie on a stick or in a download folder."""
    if not given:
        return None
    copy = folder / "ca.pem"
    source = Path(given).expanduser()
    if source.absolute() != copy:
        try:
            write_private(copy, source.read_text(encoding="utf-8", errors="replace"))
        except OSError as error:
            raise OrgMirrorError(ErrorCode.BAD_CA_FILE, path=str(source)) from error
    return str(copy)


def _owner(identity: Identity) -> Owner:
    return Owner(
        org_id=identity.org_id,
        org_name=identity.org_name,
        user_id=identity.user_id,
        user_name=identity.user_name,
        timezone=identity.timezone or "",
        instance_url=identity.instance_url,
    )
