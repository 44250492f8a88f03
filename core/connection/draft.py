"""What a sign-in needs that is not secret, and what it yields."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.model.states import SignInMethod
from core.salesforce.access import Access
from core.salesforce.identity import Hints


@dataclass(frozen=True, slots=True)
class SignInDraft:
    """As the person filled it in. `login_url` may be "production", "sandbox", a bare host or any page of the org.

    `proxy`: an address, empty for the system's own setting, or "none".
    """

    method: SignInMethod
    login_url: str
    instance_url: str | None = None
    username: str | None = None
    client_id: str | None = None
    ca_file: str | None = None
    proxy: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """An access, and what the server told about its owner on the way."""

    access: Access
    hints: Hints = field(default_factory=Hints)
