"""Watches sign-ins for the one refusal that locks a mirror: Salesforce says that the user is deactivated (rules 7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from core.model.cancel import CancelToken
from core.model.errors import ErrorCode, OrgMirrorError
from core.salesforce.access import Access

# A user who is locked out for wrong passwords is let in again after a while.
_PASSES = frozenset({"PASSWORD_LOCKOUT"})


class Tokens(Protocol):
    """What is watched."""

    def session(self, cancel: CancelToken | None = None) -> Access: ...
    def renew(self, stale_token: str, cancel: CancelToken | None = None) -> Access: ...


class LockingAccess:
    """An `AccessProvider` that calls `lock` when a sign-in is refused for good. As safe across threads as `tokens`."""

    def __init__(self, tokens: Tokens, lock: Callable[[], None]) -> None:
        self._tokens = tokens
        self._lock = lock

    def session(self, cancel: CancelToken | None = None) -> Access:
        try:
            return self._tokens.session(cancel)
        except OrgMirrorError as error:
            self._look_at(error)
            raise

    def renew(self, stale_token: str, cancel: CancelToken | None = None) -> Access:
        try:
            return self._tokens.renew(stale_token, cancel)
        except OrgMirrorError as error:
            self._look_at(error)
            raise

    def _look_at(self, error: OrgMirrorError) -> None:
        # What is only remembered of an earlier refusal has lost its own code.
        remembered = bool(error.params.get("remembered"))
        if error.code is ErrorCode.USER_INACTIVE and not remembered and error.salesforce_code not in _PASSES:
            self._lock()
