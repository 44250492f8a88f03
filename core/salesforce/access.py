"""What the wire needs to know of signing in: an access token, and someone who can renew it.

`core.connection` implements `AccessProvider`; declaring it here keeps the wire free of vaults and sign-in methods.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn, Protocol

from core.model.cancel import CancelToken
from core.model.errors import ErrorCode, OrgMirrorError


@dataclass(frozen=True, slots=True)
class Access:
    """A bearer token and the server that it opens. `instance_url` is scheme and host, without a trailing slash."""

    access_token: str = field(repr=False)
    instance_url: str


class AccessProvider(Protocol):
    """Shared by all transports of a connection; both calls may come from any thread."""

    def session(self, cancel: CancelToken | None = None) -> Access:
        """The access in use. Raises OrgMirrorError: SIGN_IN_NEEDED, KEYRING_LOCKED, …, Cancelled."""

    def renew(self, stale_token: str, cancel: CancelToken | None = None) -> Access:
        """Another access than `stale_token`, after Salesforce refused that one. Raises OrgMirrorError, Cancelled."""


@dataclass(frozen=True, slots=True)
class FixedAccess:
    """An access that nobody can renew: during sign-in, and in tests."""

    access: Access

    def session(self, cancel: CancelToken | None = None) -> Access:
        return self.access

    def renew(self, stale_token: str, cancel: CancelToken | None = None) -> NoReturn:
        raise OrgMirrorError(ErrorCode.SIGN_IN_NEEDED)
