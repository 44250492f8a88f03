"""Client id and secret of an External Client App with a "run as" user (salesforce-api.md 3.1).

The org's own host serves this flow, never the shared login hosts. There is no refresh token: signing in again is the
renewal.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from core.connection.addresses import is_shared_login, org_address
from core.connection.draft import Grant, SignInDraft
from core.connection.secrets import Secrets
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import is_salesforce_id
from core.salesforce.access import Access
from core.salesforce.answer import Answer, is_html
from core.salesforce.errors import ErrorClass, Refusal, SalesforceError, error_from_body, read_refusal
from core.salesforce.identity import Hints
from core.salesforce.transport import Transport

ERRORS: dict[str, ErrorCode] = {
    "invalid_client_id": ErrorCode.CLIENT_REFUSED,
    "invalid_client": ErrorCode.CLIENT_REFUSED,
    "invalid_client_credentials": ErrorCode.CLIENT_REFUSED,
    "unauthorized_client": ErrorCode.FLOW_BLOCKED,
    "unsupported_grant_type": ErrorCode.FLOW_BLOCKED,
    "invalid_app_access": ErrorCode.FLOW_BLOCKED,
    "app_not_found": ErrorCode.CLIENT_REFUSED,
    "invalid_scope": ErrorCode.FLOW_BLOCKED,
    "invalid_grant": ErrorCode.FLOW_BLOCKED,
    "inactive_user": ErrorCode.USER_INACTIVE,
    "inactive_org": ErrorCode.SIGN_IN_FAILED,
    "rate_limit_exceeded": ErrorCode.SERVER_ERROR,
}
_OTHER_FORM = frozenset({"invalid_client", "invalid_client_id", "invalid_request"})


def obtain(draft: SignInDraft, secrets: Secrets, transport: Transport) -> Grant:
    """Sign in. Raises OrgMirrorError: what `ERRORS` names, SECRET_MISSING, MY_DOMAIN_NEEDED, the network's."""
    if not draft.client_id or not secrets.client_secret:
        raise OrgMirrorError(ErrorCode.SECRET_MISSING)
    login = org_address(draft.login_url)
    if is_shared_login(login):
        raise OrgMirrorError(ErrorCode.MY_DOMAIN_NEEDED)
    client_id, secret = draft.client_id.strip(), secrets.client_secret.strip()
    form = {"grant_type": "client_credentials"}
    pair = base64.b64encode(f"{quote(client_id, safe='')}:{quote(secret, safe='')}".encode()).decode()
    answer = _post(transport, login, form, {"Authorization": f"Basic {pair}"})
    if answer.status_code >= 400 and (_refusal(answer).code or "") in _OTHER_FORM:
        # Which of the two forms a server reads differs; a wrong secret locks nobody out.
        answer = _post(transport, login, {**form, "client_id": client_id, "client_secret": secret}, {})
    if answer.status_code >= 400:
        raise _failure(answer)
    return grant_of(answer, login)


def grant_of(answer: Answer, login: str) -> Grant:
    """The access of a token endpoint's answer, with what its identity URL tells. Raises SIGN_IN_FAILED, NOT_HTTPS."""
    try:
        payload = answer.parse()
    except ValueError:
        payload = None
    token = payload.get("access_token") if isinstance(payload, Mapping) else None
    if not isinstance(payload, Mapping) or not isinstance(token, str) or not token:
        raise OrgMirrorError(ErrorCode.SIGN_IN_FAILED, reason="no-token")
    address = payload.get("instance_url")
    return Grant(
        Access(token, org_address(address) if isinstance(address, str) and address else login), _hints(payload)
    )


def _hints(payload: Mapping[str, Any]) -> Hints:
    parts = urlsplit(str(payload.get("id") or "")).path.strip("/").split("/")
    org_id, user_id = (parts[1], parts[2]) if len(parts) == 3 and parts[0] == "id" else ("", "")
    return Hints(
        org_id=org_id if is_salesforce_id(org_id) else None, user_id=user_id if is_salesforce_id(user_id) else None
    )


def _post(transport: Transport, login: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
    answer = transport.request(
        "POST",
        f"{login}/services/oauth2/token",
        data=form,
        headers={"Accept": "application/json", **headers},
        allow={400, 401, 403, 404},
    )
    if is_html(answer.headers):
        raise OrgMirrorError(ErrorCode.NOT_SALESFORCE, host=urlsplit(login).hostname)
    return answer


def _refusal(answer: Answer) -> Refusal:
    try:
        return read_refusal(answer.parse())
    except ValueError:
        return Refusal()


def _failure(answer: Answer) -> OrgMirrorError:
    refusal = _refusal(answer)
    text = refusal.text or ""
    if refusal.code is None and answer.status_code == 404:
        return OrgMirrorError(ErrorCode.NOT_SALESFORCE, host=urlsplit(answer.url).hostname)
    code = ERRORS.get((refusal.code or "").lower())
    if refusal.code == "invalid_grant" and "domain" in text.lower():
        code = ErrorCode.MY_DOMAIN_NEEDED
    if code is None:
        # The endpoint also answers in REST's form, such as for spent limits.
        error: SalesforceError = error_from_body(answer.status_code, answer.parse() if refusal.code else None)
        if error.kind in (ErrorClass.BUDGET, ErrorClass.BUSY, ErrorClass.ORG_STATE, ErrorClass.TRANSIENT):
            return error
        code = ErrorCode.SIGN_IN_FAILED
    told = code in (ErrorCode.SIGN_IN_FAILED, ErrorCode.FLOW_BLOCKED)
    return OrgMirrorError(
        code,
        salesforce_code=refusal.code if told else None,
        salesforce_text=text or None if told else None,
        status=answer.status_code,
    )
