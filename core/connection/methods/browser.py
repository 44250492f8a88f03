"""Signing in with the browser (OAuth web server flow with PKCE): its place is here, the flow comes later."""

from __future__ import annotations

from typing import NoReturn

from core.connection.draft import SignInDraft
from core.connection.secrets import Secrets
from core.model.errors import ErrorCode, OrgMirrorError
from core.salesforce.transport import Transport


def obtain(draft: SignInDraft, secrets: Secrets, transport: Transport) -> NoReturn:
    """Raises OrgMirrorError METHOD_NOT_YET."""
    raise OrgMirrorError(ErrorCode.METHOD_NOT_YET, method=draft.method.value)
