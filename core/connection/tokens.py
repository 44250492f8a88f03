"""`TokenProvider`: the access of a kept connection, and its renewal, one at a time over all threads and processes.

The vault is the meeting place: before anyone signs in again it is read anew, because another thread, another process
or the person may have put a fresh session there. A password that was refused is never tried again unasked: that locks
people out (rules 5, 7). Safe from any thread.
"""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

from core.connection.draft import SignInDraft
from core.connection.profile import ConnectionProfile
from core.connection.secrets import (
    CLIENT_SECRET,
    PASSWORD,
    REFUSED,
    SECURITY_TOKEN,
    SESSION,
    STAMP,
    Secrets,
    session_of,
    session_text,
)
from core.connection.signin import obtain
from core.connection.vault import Vault
from core.locks import FileLock
from core.model.cancel import CancelToken
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import SignInMethod
from core.salesforce.access import Access
from core.salesforce.meter import ApiMeter
from core.salesforce.network import Network

log = logging.getLogger(__name__)

LOCK_FILE = "sign-in.lock"
_RENEWABLE = frozenset({SignInMethod.PASSWORD, SignInMethod.CLIENT_CREDENTIALS})
# Refusals of the credentials themselves; network trouble and the like may pass by themselves.
_FINAL = frozenset(
    {
        ErrorCode.WRONG_CREDENTIALS,
        ErrorCode.SECURITY_TOKEN_NEEDED,
        ErrorCode.USER_INACTIVE,
        ErrorCode.PASSWORD_EXPIRED,
        ErrorCode.SOAP_LOGIN_OFF,
        ErrorCode.FLOW_BLOCKED,
        ErrorCode.CLIENT_REFUSED,
        ErrorCode.SIGN_IN_FAILED,
    }
)
_LOCK_POLL_SECONDS = 0.1
# A sign-in takes seconds; whoever holds the lock longer hangs, and two sign-ins are better than none.
_LOCK_SECONDS = 120.0


class TokenProvider:
    """An `AccessProvider` for one connection. `folder` holds the lock that is shared with other processes."""

    def __init__(
        self,
        profile: ConnectionProfile,
        vault: Vault,
        folder: Path,
        *,
        proxy: str = "",
        meter: ApiMeter | None = None,
    ) -> None:
        self._profile = profile
        self._vault = vault
        self._lock_file = folder / LOCK_FILE
        self._network = Network(ca_file=profile.ca_file, proxy=proxy)
        self._proxy = proxy
        self._meter = meter
        self._lock = threading.Lock()
        self._access: Access | None = None

    def session(self, cancel: CancelToken | None = None) -> Access:
        """The access in use: in memory, else from the vault, else by signing in.

        Raises OrgMirrorError: SIGN_IN_NEEDED, the refusal of an earlier sign-in, KEYRING_LOCKED,
        KEYRING_UNAVAILABLE, SECRET_MISSING, the network's, Cancelled.
        """
        known = self._access
        if known is not None:
            return known
        self._take(self._lock, cancel)
        try:
            if self._access is None:
                kept = self._kept()
                self._access = kept if kept is not None else self._renewed(None, cancel)
            return self._access
        finally:
            self._lock.release()

    def renew(self, stale_token: str, cancel: CancelToken | None = None) -> Access:
        """Another access than `stale_token`. Raises as `session` does."""
        self._take(self._lock, cancel)
        try:
            if self._access is not None and self._access.access_token != stale_token:
                return self._access
            self._access = self._renewed(stale_token, cancel)
            return self._access
        finally:
            self._lock.release()

    def _renewed(self, stale_token: str | None, cancel: CancelToken | None) -> Access:
        between_processes = FileLock(self._lock_file)
        end = time.monotonic() + _LOCK_SECONDS
        held = between_processes.acquire()
        while not held and time.monotonic() < end:
            _pause(cancel)
            held = between_processes.acquire()
        try:
            kept = self._kept()
            if kept is not None and kept.access_token != stale_token:
                return kept
            return self._signed_in(cancel)
        finally:
            between_processes.release()

    def _signed_in(self, cancel: CancelToken | None) -> Access:
        method = self._profile.method
        if method not in _RENEWABLE:
            raise OrgMirrorError(ErrorCode.SIGN_IN_NEEDED)
        self._raise_if_refused_before()
        log.info("signing in again by %s", method.value)
        try:
            grant = obtain(self._draft(), self._secrets(), self._network, meter=self._meter, cancel=cancel)
        except OrgMirrorError as error:
            if method is SignInMethod.PASSWORD and error.code in _FINAL:
                self._write(REFUSED, f"{self._read(STAMP) or ''}:{error.code.value}")
            raise
        self._write(SESSION, session_text(grant.access))
        return grant.access

    def _raise_if_refused_before(self) -> None:
        stamp, _, code = (self._read(REFUSED) or "").rpartition(":")
        if code and stamp == (self._read(STAMP) or ""):
            known = code in {item.value for item in _FINAL}
            raise OrgMirrorError(ErrorCode(code) if known else ErrorCode.SIGN_IN_NEEDED, remembered=True)

    def _kept(self) -> Access | None:
        return session_of(self._read(SESSION))

    def _draft(self) -> SignInDraft:
        profile = self._profile
        return SignInDraft(
            method=profile.method,
            login_url=profile.login_url,
            instance_url=profile.instance_url,
            username=profile.username,
            client_id=profile.client_id,
            ca_file=profile.ca_file,
            proxy=self._proxy,
        )

    def _secrets(self) -> Secrets:
        if self._profile.method is SignInMethod.PASSWORD:
            return Secrets(password=self._read(PASSWORD), security_token=self._read(SECURITY_TOKEN))
        return Secrets(client_secret=self._read(CLIENT_SECRET))

    def _read(self, kind: str) -> str | None:
        return self._vault.read(self._profile.uuid, kind)

    def _write(self, kind: str, value: str) -> None:
        self._vault.write(self._profile.uuid, kind, value)

    @staticmethod
    def _take(lock: threading.Lock, cancel: CancelToken | None) -> None:
        """The lock, or Cancelled: another thread may be in the middle of a slow sign-in."""
        while not lock.acquire(timeout=_LOCK_POLL_SECONDS):
            if cancel is not None:
                cancel.raise_if_set()


def _pause(cancel: CancelToken | None) -> None:
    if cancel is None:
        time.sleep(_LOCK_POLL_SECONDS)
    elif cancel.wait(_LOCK_POLL_SECONDS):
        cancel.raise_if_set()
