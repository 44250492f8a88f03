"""Clients and sign-in drafts for a running demo org."""

from __future__ import annotations

from typing import Any

from core.connection.secrets import Secrets
from core.connection.signin import SignInDraft
from core.model.cancel import CancelToken
from core.model.states import SignInMethod
from core.salesforce.access import Access, FixedAccess
from core.salesforce.client import Client
from core.salesforce.network import Network
from core.salesforce.transport import RetryPolicy, Transport
from tests.helpers.demo_org import DemoOrgProcess

SECRETS = {
    SignInMethod.PASSWORD: ("password", "security_token"),
    SignInMethod.CLIENT_CREDENTIALS: ("client_secret",),
    SignInMethod.TOKEN: ("access_token",),
}


def draft_for(org: DemoOrgProcess, method: SignInMethod, **changes: Any) -> SignInDraft:
    """What a person would fill in for this org."""
    info = org.info
    values: dict[str, Any] = {
        "login_url": info["url"],
        "username": info["username"],
        "client_id": info["client_id"],
        "ca_file": info["ca"],
        **changes,
    }
    return SignInDraft(method=method, **values)


def secrets_for(org: DemoOrgProcess, method: SignInMethod, **changes: Any) -> Secrets:
    """The secrets that go with it."""
    return Secrets(**{**{key: org.info[key] for key in SECRETS.get(method, ())}, **changes})


def client_for(
    org: DemoOrgProcess,
    token: str | None = None,
    *,
    version: str | None = None,
    cancel: CancelToken | None = None,
    retry: RetryPolicy | None = None,
) -> Client:
    """A client as the admin, or with another token. Pauses between tries are skipped."""
    access = Access(token or org.info["access_token"], org.info["url"])
    network = Network(ca_file=org.info["ca"])
    transport = Transport(FixedAccess(access), network=network, cancel=cancel, retry=retry, sleep=lambda _: None)
    return Client(transport, version=version)
