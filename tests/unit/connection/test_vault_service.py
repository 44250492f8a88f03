"""The vault on a real Secret Service: kept entries, and a locked keyring that nobody prompts for."""

from __future__ import annotations

import contextlib

import pytest

from core.connection.vault import MIRROR_KEY, KeyringVault
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import VaultState

pytestmark = pytest.mark.keyring


def test_entries_survive_another_vault() -> None:
    KeyringVault().write("uuid-1", MIRROR_KEY, "ab" * 32)
    KeyringVault().write("uuid-1", "session", "x" * 3000 + "ä€🎉")
    other = KeyringVault()
    assert other.state() is VaultState.READY
    assert other.read("uuid-1", MIRROR_KEY) == "ab" * 32
    assert other.read("uuid-1", "session") == "x" * 3000 + "ä€🎉"
    other.delete_all("uuid-1")
    assert other.read("uuid-1", MIRROR_KEY) is None


def test_a_locked_keyring_is_told_apart_without_a_prompt() -> None:
    import secretstorage

    vault = KeyringVault()
    vault.write("uuid-2", MIRROR_KEY, "k")
    with contextlib.closing(secretstorage.dbus_init()) as connection:
        collection = secretstorage.Collection(connection)
        collection.lock()
        try:
            assert vault.state() is VaultState.LOCKED
            with pytest.raises(OrgMirrorError) as caught:
                vault.read("uuid-2", MIRROR_KEY)
            assert caught.value.code is ErrorCode.KEYRING_LOCKED
        finally:
            unlock_with_password(connection, "test")
    assert vault.state() is VaultState.READY
    assert vault.read("uuid-2", MIRROR_KEY) == "k"
    vault.delete_all("uuid-2")


def unlock_with_password(connection: object, password: str) -> None:
    """gnome-keyring's own way to unlock without its prompt, which needs a screen."""
    from jeepney import DBusAddress, new_method_call
    from secretstorage.util import format_secret, open_session

    session = open_session(connection)  # type: ignore[arg-type]
    address = DBusAddress(
        "/org/freedesktop/secrets",
        bus_name="org.freedesktop.secrets",
        interface="org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
    )
    secret = format_secret(session, password.encode(), "text/plain")
    message = new_method_call(
        address, "UnlockWithMasterPassword", "o(oayays)", ("/org/freedesktop/secrets/collection/login", secret)
    )
    connection.send_and_get_reply(message)  # type: ignore[attr-defined]


def test_no_bus_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    vault = KeyringVault()
    assert vault.state() is VaultState.UNAVAILABLE
    with pytest.raises(OrgMirrorError) as caught:
        vault.read("uuid-3", MIRROR_KEY)
    assert caught.value.code is ErrorCode.KEYRING_UNAVAILABLE
