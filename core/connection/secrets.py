"""What a person signs in with, and which parts of it are kept in the vault under which names."""

from __future__ import annotations

import json
import secrets as random_bytes
from dataclasses import dataclass, field

from core.model.states import SignInMethod
from core.salesforce.access import Access
from core.salesforce.identity import Identity

PASSWORD = "password"  # noqa: S105
SECURITY_TOKEN = "security-token"  # noqa: S105
CLIENT_SECRET = "client-secret"  # noqa: S105
PRIVATE_KEY = "private-key"
SESSION = "session"
# A new stamp with every sign-in by a person: a refusal noted under an older one no longer counts.
STAMP = "stamp"
REFUSED = "refused"
SECRET_KINDS = (PASSWORD, SECURITY_TOKEN, CLIENT_SECRET, PRIVATE_KEY, SESSION, STAMP, REFUSED)


@dataclass(frozen=True, slots=True)
class Secrets:
    """Everything secret of a sign-in; which parts are needed depends on the method. Never shown by repr."""

    password: str | None = field(default=None, repr=False)
    security_token: str | None = field(default=None, repr=False)
    client_secret: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)

    def to_keep(self, method: SignInMethod, identity: Identity) -> dict[str, str]:
        """All vault entries of a sign-in that worked: {kind: value}; an empty value erases what an earlier one left.

        The session is kept too: it saves the next sign-in.
        """
        wanted: dict[SignInMethod, tuple[tuple[str, str | None], ...]] = {
            SignInMethod.PASSWORD: ((PASSWORD, self.password), (SECURITY_TOKEN, self.security_token)),
            SignInMethod.CLIENT_CREDENTIALS: ((CLIENT_SECRET, self.client_secret),),
        }
        kept = dict.fromkeys(SECRET_KINDS, "")
        kept.update((kind, value or "") for kind, value in wanted.get(method, ()))
        return {**kept, SESSION: session_text(identity.access), STAMP: random_bytes.token_hex(8)}


def session_text(access: Access) -> str:
    """An access as a vault entry."""
    return json.dumps({"access_token": access.access_token, "instance_url": access.instance_url})


def session_of(text: str | None) -> Access | None:
    """The access of a vault entry, or None when there is none or it is not readable."""
    if not text:
        return None
    try:
        value = json.loads(text)
        return Access(str(value["access_token"]), str(value["instance_url"]))
    except (ValueError, KeyError, TypeError):
        return None
