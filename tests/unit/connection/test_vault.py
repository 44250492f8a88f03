"""The vault over backends in every state; a real Secret Service is in test_vault_service.py."""

from __future__ import annotations

import threading
from collections.abc import Callable

import keyring.backends.fail
import keyring.backends.null
import keyring.errors
import pytest
from keyring.backend import KeyringBackend

from core.connection.secrets import SECRET_KINDS
from core.connection.vault import CHUNK, MIRROR_KEY, SERVICE, KeyringVault, MemoryVault, Vault
from core.model.cancel import CancelToken
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.model.states import VaultState


class DictKeyring(KeyringBackend):
    """Keeps entries; refuses long ones as Windows does; `before` runs ahead of every call."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.before: Callable[[], None] = lambda: None

    def get_password(self, service: str, username: str) -> str | None:
        self.before()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.before()
        assert len(password.encode("utf-16-le")) <= 2560
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.before()
        if (service, username) not in self.entries:
            raise keyring.errors.PasswordDeleteError("none")
        del self.entries[service, username]


def code_of(call: Callable[[], object]) -> ErrorCode:
    with pytest.raises(OrgMirrorError) as caught:
        call()
    return caught.value.code


@pytest.fixture(params=["keyring", "memory"])
def vault(request: pytest.FixtureRequest) -> Vault:
    return KeyringVault(DictKeyring()) if request.param == "keyring" else MemoryVault()


def test_a_secret_comes_back_to_the_letter(vault: Vault) -> None:
    assert vault.state() is VaultState.READY
    for value in ("x", "ä€🎉 'quoted'", "a" * CHUNK, "b" * (CHUNK + 1), "é" * 5000, "orgmirror-parts:1:2"):
        vault.write("u1", "password", value)
        assert vault.read("u1", "password") == value
    assert vault.read("u2", "password") is None
    vault.write("u1", "password", "")
    assert vault.read("u1", "password") is None
    vault.delete("u1", "password")


def test_deleting(vault: Vault) -> None:
    for kind in (*SECRET_KINDS, MIRROR_KEY):
        vault.write("u1", kind, "x" * 3000)
    vault.write("u2", "password", "other")
    vault.delete_secrets("u1")
    assert [vault.read("u1", kind) for kind in SECRET_KINDS] == [None] * len(SECRET_KINDS)
    assert vault.read("u1", MIRROR_KEY) == "x" * 3000
    vault.delete_all("u1")
    assert vault.read("u1", MIRROR_KEY) is None
    assert vault.read("u2", "password") == "other"


def test_entries_are_named_by_the_connection_and_no_part_is_left_over() -> None:
    backend = DictKeyring()
    vault = KeyringVault(backend)
    vault.write("u1", "session", "x" * 2500)
    assert {service for service, _ in backend.entries} == {SERVICE}
    assert all(name.startswith("u1/session") for _, name in backend.entries)
    assert len(backend.entries) == 4
    vault.write("u1", "session", "y" * 1500)
    assert len(backend.entries) == 3
    vault.write("u1", "session", "short")
    assert backend.entries == {(SERVICE, "u1/session"): "short"}
    vault.write("u1", "session", "y" * 1500)
    vault.delete("u1", "session")
    assert backend.entries == {}


def test_a_write_that_dies_half_way_leaves_the_old_secret() -> None:
    backend = DictKeyring()
    vault = KeyringVault(backend)
    vault.write("u1", "session", "old" * 1000)
    calls = 0

    def fails() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise RuntimeError("gone")

    backend.before = fails
    assert code_of(lambda: vault.write("u1", "session", "new" * 1000)) is ErrorCode.KEYRING_UNAVAILABLE
    assert vault.read("u1", "session") == "old" * 1000


def test_a_lost_part_makes_the_secret_missing_not_shorter() -> None:
    backend = DictKeyring()
    vault = KeyringVault(backend)
    vault.write("u1", "session", "x" * 2500)
    part = next(key for key in backend.entries if key[1].endswith("/1"))
    del backend.entries[part]
    assert vault.read("u1", "session") is None


@pytest.mark.parametrize("backend", [keyring.backends.fail.Keyring(), keyring.backends.null.Keyring()])
def test_no_keyring(backend: KeyringBackend) -> None:
    vault = KeyringVault(backend)
    assert vault.state() is VaultState.UNAVAILABLE
    assert code_of(lambda: vault.read("u1", MIRROR_KEY)) is ErrorCode.KEYRING_UNAVAILABLE
    assert code_of(lambda: vault.write("u1", MIRROR_KEY, "x")) is ErrorCode.KEYRING_UNAVAILABLE


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (keyring.errors.KeyringLocked("Failed to unlock the collection!"), ErrorCode.KEYRING_LOCKED),
        (keyring.errors.InitError("Failed to create the collection: Prompt dismissed.."), ErrorCode.KEYRING_LOCKED),
        (keyring.errors.InitError("no service"), ErrorCode.KEYRING_UNAVAILABLE),
        (keyring.errors.NoKeyringError("none"), ErrorCode.KEYRING_UNAVAILABLE),
        (keyring.errors.PasswordSetError("no"), ErrorCode.KEYRING_UNAVAILABLE),
        (OSError("bus"), ErrorCode.KEYRING_UNAVAILABLE),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.value,
)
def test_failures_are_one_of_two_states(error: Exception, code: ErrorCode) -> None:
    backend = DictKeyring()

    def fails() -> None:
        raise error

    backend.before = fails
    vault = KeyringVault(backend)
    assert code_of(lambda: vault.read("u1", MIRROR_KEY)) is code


def test_a_hung_keyring_is_left_alone_and_the_next_call_has_a_thread() -> None:
    backend = DictKeyring()
    let_go = threading.Event()
    backend.before = lambda: let_go.wait(20) and None
    vault = KeyringVault(backend, call_seconds=0.1)
    try:
        assert code_of(lambda: vault.read("u1", MIRROR_KEY)) is ErrorCode.KEYRING_UNAVAILABLE
        backend.before = lambda: None
        vault._call_seconds = 20.0
        vault.write("u1", MIRROR_KEY, "k")
        assert vault.read("u1", MIRROR_KEY) == "k"
    finally:
        let_go.set()


def test_unlocking_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.connection import vault as module

    asked, let_go = threading.Event(), threading.Event()

    def prompt(backend: KeyringBackend) -> None:
        asked.set()
        let_go.wait(20)

    monkeypatch.setattr(module, "_state_of", lambda backend: VaultState.LOCKED)
    monkeypatch.setattr(module, "_SECRET_SERVICES", frozenset({DictKeyring.__module__}))
    monkeypatch.setattr(module, "_unlock_secret_service", prompt)
    cancel = CancelToken()
    vault = KeyringVault(DictKeyring())
    waiter = threading.Thread(target=lambda: asked.wait(20) and cancel.set())
    waiter.start()
    try:
        with pytest.raises(Cancelled):
            vault.unlock(cancel)
    finally:
        let_go.set()
        waiter.join()
    assert vault.state() is VaultState.LOCKED
    assert code_of(lambda: vault.read("u1", MIRROR_KEY)) is ErrorCode.KEYRING_LOCKED
