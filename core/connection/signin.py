"""Signing in: get an access by the chosen method, then ask whose it is. Keeps nothing.

Runs on the caller's thread, which must not be the GUI's; a cancel token ends it within a second.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from core.connection.draft import Grant, SignInDraft
from core.connection.methods import browser, client_credentials, jwt, password, token
from core.connection.secrets import Secrets
from core.model.cancel import CancelToken
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import SignInMethod
from core.salesforce.access import FixedAccess
from core.salesforce.client import Client
from core.salesforce.identity import Identity, identify
from core.salesforce.meter import ApiMeter
from core.salesforce.network import Network
from core.salesforce.transport import NO_RETRY, RetryPolicy, Transport

__all__ = ["Identity", "Secrets", "SignInDraft", "obtain", "sign_in"]

log = logging.getLogger(__name__)

_METHODS: dict[SignInMethod, Callable[[SignInDraft, Secrets, Transport], Grant]] = {
    SignInMethod.PASSWORD: password.obtain,
    SignInMethod.CLIENT_CREDENTIALS: client_credentials.obtain,
    SignInMethod.TOKEN: token.obtain,
    SignInMethod.BROWSER: browser.obtain,
    SignInMethod.JWT: jwt.obtain,
}
# A person waits: one more try for a hiccup, not minutes of them.
_PATIENCE = RetryPolicy(attempts=2, pause=0.5, busy_attempts=1)


def sign_in(draft: SignInDraft, secrets: Secrets, cancel: CancelToken | None = None) -> Identity:
    """The access with its org and user, ready to be shown before anything is copied.

    Raises OrgMirrorError: the method's refusals, TOKEN_REFUSED, API_NOT_ENABLED, NOT_SALESFORCE, the network's,
    Cancelled.
    """
    network = Network(ca_file=Path(draft.ca_file) if draft.ca_file else None, proxy=draft.proxy)
    grant = obtain(draft, secrets, network, cancel=cancel)
    client = Client(Transport(FixedAccess(grant.access), network=network, cancel=cancel, retry=_PATIENCE))
    try:
        return identify(client, grant.access, grant.hints)
    except OrgMirrorError as error:
        if error.code is ErrorCode.SIGN_IN_NEEDED:
            raise OrgMirrorError(ErrorCode.TOKEN_REFUSED) from None
        raise
    finally:
        client.close()


def obtain(
    draft: SignInDraft,
    secrets: Secrets,
    network: Network,
    *,
    meter: ApiMeter | None = None,
    cancel: CancelToken | None = None,
) -> Grant:
    """An access by the draft's method, asked for once. Raises OrgMirrorError."""
    # Certificates are looked at before any secret leaves: a bad file is the person's to mend.
    network.ssl_context()
    transport = Transport(network=network, meter=meter, cancel=cancel, retry=NO_RETRY)
    try:
        return _METHODS[draft.method](draft, secrets, transport)
    finally:
        transport.close()
