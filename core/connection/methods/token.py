"""A pasted access token, such as the Salesforce CLI shows it. Nothing can renew it: the person pastes another one."""

from __future__ import annotations

from core.connection.addresses import is_shared_login, org_address
from core.connection.draft import Grant, SignInDraft
from core.connection.secrets import Secrets
from core.model.errors import ErrorCode, OrgMirrorError
from core.salesforce.access import Access
from core.salesforce.transport import Transport


def obtain(draft: SignInDraft, secrets: Secrets, transport: Transport) -> Grant:
    """The token as it is; whether it opens anything shows when the identity is asked.

    Raises OrgMirrorError: SECRET_MISSING, BAD_URL (the shared login hosts hold no org), NOT_HTTPS.
    """
    token = clean(secrets.access_token or "")
    if not token:
        raise OrgMirrorError(ErrorCode.SECRET_MISSING)
    address = org_address(draft.instance_url or draft.login_url)
    if is_shared_login(address):
        raise OrgMirrorError(ErrorCode.BAD_URL, url=address)
    return Grant(Access(token, address))


def clean(text: str) -> str:
    """A pasted token without what is often copied along with it. A header cannot hold anything else."""
    token = text.strip().strip("\"'").removeprefix("Bearer ").strip()
    if not token.isascii() or any(char.isspace() or not char.isprintable() for char in token):
        raise OrgMirrorError(ErrorCode.TOKEN_REFUSED, reason="not-a-token")
    return token
