"""User name, password and security token, by SOAP `login()` (salesforce-api.md 3.1).

It works up to API version 64 and only where the org still allows it. A wrong password counts towards locking the user
out, so one call asks once, and nobody but a person asks again.
"""

from __future__ import annotations

from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from core.connection.addresses import org_address
from core.connection.draft import Grant, SignInDraft
from core.connection.secrets import Secrets
from core.connection.xml import BadXml, read_xml
from core.model.errors import ErrorCode, OrgMirrorError
from core.salesforce.access import Access
from core.salesforce.client import choose_version, offered_versions
from core.salesforce.errors import SalesforceError
from core.salesforce.identity import Hints
from core.salesforce.transport import Transport

NEWEST_WITH_LOGIN = "64.0"
_ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:urn="urn:partner.soap.sforce.com"><soapenv:Body><urn:login>'
    "<urn:username>{username}</urn:username><urn:password>{password}</urn:password>"
    "</urn:login></soapenv:Body></soapenv:Envelope>"
)
FAULTS: dict[str, ErrorCode] = {
    "INVALID_LOGIN": ErrorCode.WRONG_CREDENTIALS,
    "INVALID_CREDENTIALS": ErrorCode.WRONG_CREDENTIALS,
    "LOGIN_MUST_USE_SECURITY_TOKEN": ErrorCode.SECURITY_TOKEN_NEEDED,
    "UNSUPPORTED_API_VERSION": ErrorCode.SOAP_LOGIN_OFF,
    "INVALID_OPERATION": ErrorCode.SOAP_LOGIN_OFF,
    "UNSUPPORTED_CLIENT": ErrorCode.SOAP_LOGIN_OFF,
    "FUNCTIONALITY_NOT_ENABLED": ErrorCode.SOAP_LOGIN_OFF,
    "LOGIN_DISABLED": ErrorCode.SOAP_LOGIN_OFF,
    "INSUFFICIENT_ACCESS": ErrorCode.FLOW_BLOCKED,
    "INVALID_SSO_GATEWAY_URL": ErrorCode.FLOW_BLOCKED,
    "SSO_NOT_ENABLED": ErrorCode.FLOW_BLOCKED,
    "LOGIN_DURING_RESTRICTED_DOMAIN": ErrorCode.FLOW_BLOCKED,
    "LOGIN_DURING_RESTRICTED_TIME": ErrorCode.FLOW_BLOCKED,
    "LOGIN_CHALLENGE_ISSUED": ErrorCode.FLOW_BLOCKED,
    "LOGIN_OVERRIDDEN": ErrorCode.FLOW_BLOCKED,
    "CLIENT_NOT_ACCESSIBLE_FOR_USER": ErrorCode.FLOW_BLOCKED,
    "PASSWORD_LOCKOUT": ErrorCode.USER_INACTIVE,
    "INACTIVE_USER": ErrorCode.USER_INACTIVE,
    "INACTIVE_OWNER_OR_USER": ErrorCode.USER_INACTIVE,
    "INVALID_NEW_PASSWORD": ErrorCode.PASSWORD_EXPIRED,
    "PASSWORD_EXPIRED": ErrorCode.PASSWORD_EXPIRED,
    "API_DISABLED_FOR_ORG": ErrorCode.API_NOT_ENABLED,
    "API_CURRENTLY_DISABLED": ErrorCode.API_NOT_ENABLED,
    "REQUEST_LIMIT_EXCEEDED": ErrorCode.API_LIMIT,
    "SERVER_UNAVAILABLE": ErrorCode.SERVER_ERROR,
    "LOGIN_RATE_EXCEEDED": ErrorCode.SERVER_ERROR,
}


def obtain(draft: SignInDraft, secrets: Secrets, transport: Transport) -> Grant:
    """Sign in once. Raises OrgMirrorError: what `FAULTS` names, SECRET_MISSING, SIGN_IN_FAILED, the network's."""
    if not draft.username or not secrets.password:
        raise OrgMirrorError(ErrorCode.SECRET_MISSING)
    login = org_address(draft.login_url)
    version = choose_version(offered_versions(transport, login), NEWEST_WITH_LOGIN)
    if float(version) > float(NEWEST_WITH_LOGIN):
        raise OrgMirrorError(ErrorCode.SOAP_LOGIN_OFF)
    body = _ENVELOPE.format(
        username=escape(draft.username), password=escape(secrets.password + (secrets.security_token or ""))
    )
    try:
        answer = transport.request(
            "POST",
            f"{login}/services/Soap/u/{version}",
            data=body.encode(),
            headers={"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": "login", "Accept": "text/xml"},
            allow={400, 500},
        )
    except SalesforceError as error:
        if error.status == 410:
            raise OrgMirrorError(ErrorCode.SOAP_LOGIN_OFF) from None
        raise _failure(error.salesforce_code, error.salesforce_text, error.status) from None
    try:
        values = read_xml(answer.content or b"")
    except BadXml:
        status = answer.status_code
        if status >= 500:
            raise OrgMirrorError(ErrorCode.SERVER_ERROR, status=status) from None
        raise OrgMirrorError(ErrorCode.NOT_SALESFORCE, host=urlsplit(login).hostname) from None
    if "sessionId" not in values:
        code = values.get("exceptionCode") or values.get("faultcode", "").rpartition(":")[2]
        text = values.get("exceptionMessage") or values.get("faultstring")
        raise _failure(code or None, text, answer.status_code)
    if values.get("passwordExpired") == "true":
        raise OrgMirrorError(ErrorCode.PASSWORD_EXPIRED)
    server = urlsplit(values.get("serverUrl", ""))
    # Only the host counts; older orgs name an API host that serves SOAP alone.
    address = f"{server.scheme}://{server.netloc.replace('-api.salesforce.com', '.salesforce.com')}"
    return Grant(
        Access(values["sessionId"], org_address(address) if server.netloc else login),
        Hints(
            org_id=values.get("organizationId"),
            org_name=values.get("organizationName"),
            user_id=values.get("userId"),
            username=values.get("userName") or draft.username,
            user_name=values.get("userFullName"),
            is_sandbox=values["sandbox"] == "true" if values.get("sandbox") else None,
            timezone=values.get("userTimeZone"),
            locale=values.get("userLocale"),
            language=values.get("userLanguage"),
        ),
    )


def _failure(code: str | None, text: str | None, status: int) -> OrgMirrorError:
    known = FAULTS.get(code or "")
    if known is None and status in (502, 503, 504):
        known = ErrorCode.SERVER_ERROR
    known = known or ErrorCode.SIGN_IN_FAILED
    # Where the meaning is known our own words are clearer than a fault's.
    told = known in (ErrorCode.SIGN_IN_FAILED, ErrorCode.FLOW_BLOCKED)
    return OrgMirrorError(
        known, salesforce_code=code if told else None, salesforce_text=text if told else None, status=status
    )
