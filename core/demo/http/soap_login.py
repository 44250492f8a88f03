"""The login of the SOAP partner API, which versions from 65 on no longer have."""

from __future__ import annotations

from core.demo.auth import LoginRefused
from core.demo.http.call import Answer, Call
from core.demo.http.router import FIRST_VERSION
from core.demo.http.xml import HEAD, XML_TYPE, Node, fault, tag

_LAST_LOGIN_VERSION = 64


def login(call: Call, version: str, operation: Node) -> Answer:
    """Sign in with user name, and password and security token in one text."""
    number = int(version.split(".")[0]) if version.split(".")[0].isdigit() else 0
    mode = call.site.behaviour.soap_login
    if mode == "retired" or not FIRST_VERSION <= number <= _LAST_LOGIN_VERSION:
        return fault("UNSUPPORTED_API_VERSION", f"API version {version} is not supported for SOAP login()")
    if mode == "off":
        return fault(
            "INVALID_OPERATION", "SOAP API login() is disabled by default in this org. Use OAuth to sign in instead."
        )
    username, password = operation.text_of("username") or "", operation.text_of("password") or ""
    try:
        user_id = call.site.sessions.check_password(username, password)
        call.site.sessions.check_api(username)
    except LoginRefused as error:
        return fault(error.code, error.message, kind="LoginFault")
    session = call.site.sessions.open(user_id)
    return Answer(body=_result(call, version, session.token, user_id).encode(), headers=dict(XML_TYPE))


def user_info(call: Call, user_id: str) -> str:
    """The elements of userInfo."""
    site = call.site
    user = site.user(user_id)
    return "".join(
        [
            tag("accessibilityMode", "false"),
            tag("currencySymbol", "$"),
            tag("orgDefaultCurrencyIsoCode", "USD"),
            tag("organizationId", site.org.org_id),
            tag("organizationMultiCurrency", "false"),
            tag("organizationName", user["OrganizationName"]),
            tag("profileId", user["ProfileId"]),
            tag("sessionSecondsValid", int(site.sessions.life().total_seconds())),
            tag("userEmail", user["Email"]),
            tag("userFullName", user["Name"]),
            tag("userId", user_id),
            tag("userLanguage", "en_US"),
            tag("userLocale", user["LocaleSidKey"]),
            tag("userName", user["Username"]),
            tag("userTimeZone", user["TimeZoneSidKey"]),
            tag("userType", "Standard"),
            tag("userUiSkin", "Theme3"),
        ]
    )


def _result(call: Call, version: str, token: str, user_id: str) -> str:
    site = call.site
    org15 = site.org.org_id[:15]
    user = site.user(user_id)
    return (
        f'{HEAD}<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns="urn:partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        "<soapenv:Body><loginResponse><result>"
        + tag("metadataServerUrl", f"{site.url}/services/Soap/m/{version}/{org15}")
        + tag("passwordExpired", "false")
        + tag("sandbox", str(user["IsSandbox"]).lower())
        + tag("serverUrl", f"{site.url}/services/Soap/u/{version}/{org15}")
        + tag("sessionId", token)
        + tag("userId", user_id)
        + f"<userInfo>{user_info(call, user_id)}</userInfo>"
        + "</result></loginResponse></soapenv:Body></soapenv:Envelope>"
    )
