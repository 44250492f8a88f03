"""`Vault`: secrets in the operating system's keyring and nowhere else, each named by its connection's uuid.

Keyring calls may talk to another program for as long as they like, so they run on a vault thread; one that hangs is
abandoned together with its thread. Nothing here prompts unasked: on a Secret Service the lock is looked at first, and
`unlock` is an act of its own, which lasts as long as a person types (rules 7). Any thread may use a vault.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import secrets as random_bytes
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import keyring
import keyring.errors
from keyring.backend import KeyringBackend

from core.connection.secrets import SECRET_KINDS
from core.model.cancel import CancelToken
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.model.states import VaultState

log = logging.getLogger(__name__)
T = TypeVar("T")

SERVICE = "OrgMirror"
MIRROR_KEY = "mirror-key"
# Windows keeps 2,560 bytes of UTF-16 in an entry.
CHUNK = 1000
_PARTS = "orgmirror-parts:"
# Without a prompt a keyring answers in milliseconds; this is for one that has died without closing its door. The
# keychain of macOS may ask the person in the middle of any call, so it gets the time to type.
CALL_SECONDS = 600.0 if sys.platform == "darwin" else 30.0
_NOT_A_KEYRING = frozenset({"keyring.backends.fail", "keyring.backends.null"})
_SECRET_SERVICES = frozenset({"keyring.backends.SecretService", "keyring.backends.libsecret"})


class Vault(Protocol):
    """What the program asks of a keyring. Every call raises OrgMirrorError: KEYRING_LOCKED, KEYRING_UNAVAILABLE."""

    def state(self) -> VaultState:
        """READY, LOCKED or UNAVAILABLE; never prompts, never raises."""

    def unlock(self, cancel: CancelToken | None = None) -> VaultState:
        """Let the keyring ask the person; waits until that is done, or cancelled. The state afterwards."""

    def read(self, uuid: str, kind: str) -> str | None:
        """A secret, or None when there is none."""

    def write(self, uuid: str, kind: str, value: str) -> None:
        """Keep a secret; an empty one is erased."""

    def delete(self, uuid: str, kind: str) -> None:
        """Erase a secret; without effect when there is none."""

    def delete_secrets(self, uuid: str) -> None:
        """Erase what signs in; the mirror's key stays."""

    def delete_all(self, uuid: str) -> None:
        """Erase everything of a connection, the mirror's key included."""


class _Deleting:
    """The two wholesale deletions, for both kinds of vault."""

    def delete(self, uuid: str, kind: str) -> None:
        raise NotImplementedError

    def delete_secrets(self, uuid: str) -> None:
        for kind in SECRET_KINDS:
            self.delete(uuid, kind)

    def delete_all(self, uuid: str) -> None:
        self.delete_secrets(uuid)
        self.delete(uuid, MIRROR_KEY)


class MemoryVault(_Deleting):
    """Forgets everything at the end of the process: the demo org without a keyring, and tests."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def state(self) -> VaultState:
        return VaultState.READY

    def unlock(self, cancel: CancelToken | None = None) -> VaultState:
        return VaultState.READY

    def read(self, uuid: str, kind: str) -> str | None:
        with self._lock:
            return self._entries.get((uuid, kind))

    def write(self, uuid: str, kind: str, value: str) -> None:
        with self._lock:
            if value:
                self._entries[uuid, kind] = value
            else:
                self._entries.pop((uuid, kind), None)

    def delete(self, uuid: str, kind: str) -> None:
        with self._lock:
            self._entries.pop((uuid, kind), None)


class KeyringVault(_Deleting):
    """The keyring that `keyring` chooses, or `backend`. `call_seconds` bounds calls that should not prompt."""

    def __init__(self, backend: KeyringBackend | None = None, *, call_seconds: float = CALL_SECONDS) -> None:
        self._given = backend
        self._call_seconds = call_seconds
        self._lock = threading.Lock()
        self._thread: _CallThread | None = None

    def state(self) -> VaultState:
        try:
            return self._call(self._state)
        except OrgMirrorError as error:
            return VaultState.LOCKED if error.code is ErrorCode.KEYRING_LOCKED else VaultState.UNAVAILABLE

    def unlock(self, cancel: CancelToken | None = None) -> VaultState:
        try:
            return self._call(self._unlock, seconds=None, cancel=cancel)
        except Cancelled:
            raise
        except OrgMirrorError as error:
            return VaultState.LOCKED if error.code is ErrorCode.KEYRING_LOCKED else VaultState.UNAVAILABLE

    def read(self, uuid: str, kind: str) -> str | None:
        def work() -> str | None:
            backend = self._open()
            value = backend.get_password(SERVICE, _entry(uuid, kind))
            if value is None or not value.startswith(_PARTS):
                return value
            generation, count = _header(value)
            parts = [backend.get_password(SERVICE, _part(uuid, kind, generation, n)) for n in range(count)]
            # A part that is gone makes the whole secret unknown, not a shorter one.
            return None if any(part is None for part in parts) else "".join(part or "" for part in parts)

        return self._call(work)

    def write(self, uuid: str, kind: str, value: str) -> None:
        def work() -> None:
            backend = self._open()
            name = _entry(uuid, kind)
            before = backend.get_password(SERVICE, name)
            if len(value) <= CHUNK and not value.startswith(_PARTS):
                backend.set_password(SERVICE, name, value)
            else:
                # Parts first, under names of their own; the entry that names them last: old or new, never half.
                generation = random_bytes.token_hex(4)
                parts = [value[start : start + CHUNK] for start in range(0, len(value), CHUNK)]
                for number, part in enumerate(parts):
                    backend.set_password(SERVICE, _part(uuid, kind, generation, number), part)
                backend.set_password(SERVICE, name, f"{_PARTS}{generation}:{len(parts)}")
            _delete_parts(backend, uuid, kind, before)

        if not value:
            self.delete(uuid, kind)
            return
        self._call(work)

    def delete(self, uuid: str, kind: str) -> None:
        def work() -> None:
            backend = self._open()
            name = _entry(uuid, kind)
            before = backend.get_password(SERVICE, name)
            if before is None:
                return
            with contextlib.suppress(keyring.errors.PasswordDeleteError):
                backend.delete_password(SERVICE, name)
            _delete_parts(backend, uuid, kind, before)

        self._call(work)

    # on the vault thread

    def _backend(self) -> KeyringBackend:
        return self._given or keyring.get_keyring()

    def _open(self) -> KeyringBackend:
        """The backend, when it can be used without a prompt."""
        backend = self._backend()
        state = _state_of(backend)
        if state is VaultState.LOCKED:
            raise OrgMirrorError(ErrorCode.KEYRING_LOCKED)
        if state is VaultState.UNAVAILABLE:
            raise OrgMirrorError(ErrorCode.KEYRING_UNAVAILABLE)
        return backend

    def _state(self) -> VaultState:
        return _state_of(self._backend())

    def _unlock(self) -> VaultState:
        backend = self._backend()
        if _state_of(backend) is VaultState.LOCKED:
            for part in _parts_of(backend):
                if type(part).__module__ in _SECRET_SERVICES:
                    _unlock_secret_service(part)
        return _state_of(backend)

    def _call(self, work: Callable[[], T], *, seconds: float | None = -1.0, cancel: CancelToken | None = None) -> T:
        """`work` on the vault thread. `seconds` None: as long as it takes. Raises OrgMirrorError."""
        limit = self._call_seconds if seconds == -1.0 else seconds
        with self._lock:
            if self._thread is None:
                self._thread = _CallThread()
            thread = self._thread
        try:
            return thread.run(work, limit, cancel)
        except (_Abandoned, Cancelled) as error:
            with self._lock:
                if self._thread is thread:
                    self._thread = None
            if isinstance(error, Cancelled):
                raise
            log.info("the keyring did not answer and was left alone")
            raise OrgMirrorError(ErrorCode.KEYRING_UNAVAILABLE, reason="no-answer") from None
        except OrgMirrorError:
            raise
        except Exception as error:
            raise _translated(error) from error


class _Abandoned(Exception):
    """The keyring did not answer in time."""


_Job = tuple[Callable[[], Any], "queue.SimpleQueue[tuple[bool, Any]]"]


class _CallThread:
    """A daemon thread that makes one call after another; left behind when a call never returns.

    It ends when nobody holds this object any more.
    """

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        threading.Thread(target=_work_off, args=(self._jobs,), name="vault", daemon=True).start()
        weakref.finalize(self, self._jobs.put, None)

    def run(self, work: Callable[[], T], seconds: float | None, cancel: CancelToken | None) -> T:
        answer: queue.SimpleQueue[tuple[bool, Any]] = queue.SimpleQueue()
        self._jobs.put((work, answer))
        forget = cancel.on_cancel(lambda: answer.put((False, Cancelled()))) if cancel is not None else None
        try:
            good, value = answer.get(timeout=seconds)
        except queue.Empty:
            raise _Abandoned from None
        finally:
            if forget is not None:
                forget()
        if good:
            result: T = value
            return result
        raise value


def _work_off(jobs: queue.SimpleQueue[_Job | None]) -> None:
    while (job := jobs.get()) is not None:
        work, answer = job
        try:
            answer.put((True, work()))
        except BaseException as error:
            answer.put((False, error))
        # The job must not outlive its call: it may hold the vault, and so this very thread.
        del job, work, answer


def system_vault() -> Vault:
    """The vault of this computer's keyring."""
    return KeyringVault()


def _entry(uuid: str, kind: str) -> str:
    return f"{uuid}/{kind}"


def _part(uuid: str, kind: str, generation: str, number: int) -> str:
    return f"{uuid}/{kind}/{generation}/{number}"


def _header(value: str) -> tuple[str, int]:
    generation, _, count = value.removeprefix(_PARTS).partition(":")
    return generation, int(count) if count.isdigit() else 0


def _delete_parts(backend: KeyringBackend, uuid: str, kind: str, before: str | None) -> None:
    if before is None or not before.startswith(_PARTS):
        return
    generation, count = _header(before)
    for number in range(count):
        with contextlib.suppress(keyring.errors.PasswordDeleteError):
            backend.delete_password(SERVICE, _part(uuid, kind, generation, number))


def _parts_of(backend: KeyringBackend) -> list[KeyringBackend]:
    """The backends behind a chain of them, or the backend itself."""
    return list(getattr(backend, "backends", None) or [backend])


def _state_of(backend: KeyringBackend) -> VaultState:
    """Whether a call would work without a prompt, as far as the backend can tell."""
    parts = [part for part in _parts_of(backend) if type(part).__module__ not in _NOT_A_KEYRING]
    if not parts:
        return VaultState.UNAVAILABLE
    # A chain asks its first member first, so that one's lock counts.
    if type(parts[0]).__module__ in _SECRET_SERVICES:
        return _secret_service_state(parts[0])
    return VaultState.READY


def _secret_service_state(backend: KeyringBackend) -> VaultState:
    try:
        import secretstorage
        from secretstorage.exceptions import ItemNotFoundException, SecretStorageException
    except ImportError:
        # Reached through another library, which cannot be asked about locks.
        return VaultState.READY
    try:
        connection = secretstorage.dbus_init()
    except SecretStorageException:
        return VaultState.UNAVAILABLE
    with contextlib.closing(connection):
        try:
            return VaultState.LOCKED if _collection(connection, backend).is_locked() else VaultState.READY
        except ItemNotFoundException:
            # No keyring was ever made: making one asks for its password, and that is what unlocking does.
            return VaultState.LOCKED
        except SecretStorageException:
            return VaultState.UNAVAILABLE


def _unlock_secret_service(backend: KeyringBackend) -> None:
    import secretstorage
    from secretstorage.exceptions import ItemNotFoundException, SecretStorageException

    try:
        with contextlib.closing(secretstorage.dbus_init()) as connection:
            try:
                _collection(connection, backend).unlock()
            except ItemNotFoundException:
                secretstorage.get_default_collection(connection)
    except SecretStorageException as error:
        raise _translated(error) from error


def _collection(connection: Any, backend: KeyringBackend) -> Any:
    import secretstorage

    path = getattr(backend, "preferred_collection", None)
    return secretstorage.Collection(connection, path) if path else secretstorage.Collection(connection)


def _translated(error: Exception) -> OrgMirrorError:
    """A keyring's failure as one of two states. Dismissing the prompt leaves it locked."""
    text = str(error).lower()
    locked = isinstance(error, keyring.errors.KeyringLocked) or type(error).__name__ in (
        "LockedException",
        "PromptDismissedException",
    )
    if locked or "dismissed" in text or "locked" in text:
        return OrgMirrorError(ErrorCode.KEYRING_LOCKED)
    return OrgMirrorError(ErrorCode.KEYRING_UNAVAILABLE, reason=type(error).__name__)
