"""The SOAP partner login. XML is read without entities, document types or external parts.

Everything else of SOAP is answered with a fault, as an operation that this org does not offer.
"""

from __future__ import annotations

from xml.parsers import expat
from xml.sax.saxutils import escape

from core.demo.auth import LoginRefused
from core.demo.http.call import Answer, Call
from core.demo.http.router import FIRST_VERSION, Route

_LAST_LOGIN_VERSION = 64
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_XML = {"Content-Type": "text/xml; charset=utf-8"}


class _Forbidden(Exception):
    """The document holds something that a login never holds."""


def login(call: Call) -> Answer:
    """POST /services/Soap/u/{version} with an Envelope around `login`."""
    text = call.params["version"]
    number = int(text.split(".")[0]) if text.split(".")[0].isdigit() else 0
    mode = call.site.behaviour.soap_login
    if mode == "retired" or not FIRST_VERSION <= number <= _LAST_LOGIN_VERSION:
        return fault("UNSUPPORTED_API_VERSION", f"API version {text} is not supported for SOAP login()")
    try:
        operation, values = read_operation(call.body)
    except (expat.ExpatError, _Forbidden, ValueError) as error:
        return fault("soapenv:Client", f"The request could not be read: {error}", soap=True)
    if operation != "login":
        return fault("INVALID_OPERATION", f"The operation {operation} is not available in this organization")
    if mode == "off":
        return fault(
            "INVALID_OPERATION", "SOAP API login() is disabled by default in this org. Use OAuth to sign in instead."
        )
    username, password = values.get("username", ""), values.get("password", "")
    try:
        user_id = call.site.sessions.check_password(username, password)
        call.site.sessions.check_api(username)
    except LoginRefused as error:
        return fault(error.code, error.message)
    session = call.site.sessions.open(user_id)
    return Answer(body=_result(call, text, session.token, user_id).encode(), headers=dict(_XML))


def read_operation(body: bytes) -> tuple[str, dict[str, str]]:
    """Name of the first element inside soap Body, and the texts of its children by local name.

    Raises ExpatError for what is no XML, _Forbidden for document types and entities, ValueError without a Body.
    """
    stack: list[str] = []
    found: list[str] = []
    values: dict[str, str] = {}

    def local(name: str) -> str:
        return name.rpartition(" ")[2]

    def start(name: str, attributes: dict[str, str]) -> None:
        stack.append(local(name))
        if len(stack) == 3 and stack[1] == "Body":
            found.append(stack[2])
        if len(stack) == 4 and stack[1] == "Body":
            values[stack[3]] = ""

    def end(name: str) -> None:
        stack.pop()

    def characters(data: str) -> None:
        if len(stack) == 4 and stack[1] == "Body":
            values[stack[3]] += data

    def forbidden(*details: object) -> None:
        raise _Forbidden("document types and entities are not accepted")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = forbidden
    parser.EntityDeclHandler = forbidden
    parser.ExternalEntityRefHandler = forbidden  # type: ignore[assignment]
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.Parse(body, True)
    if not found:
        raise ValueError("no operation in the soap Body")
    return found[0], values


def fault(code: str, message: str, *, soap: bool = False) -> Answer:
    """A SOAP fault with status 500."""
    detail = (
        ""
        if soap
        else (
            '<detail><sf:LoginFault xsi:type="sf:LoginFault">'
            f"<sf:exceptionCode>{escape(code)}</sf:exceptionCode>"
            f"<sf:exceptionMessage>{escape(message)}</sf:exceptionMessage></sf:LoginFault></detail>"
        )
    )
    name = code if soap else f"sf:{code}"
    shown = message if soap else f"{code}: {message}"
    text = (
        f'{_HEAD}<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soapenv:Body><soapenv:Fault><faultcode>{escape(name)}</faultcode>"
        f"<faultstring>{escape(shown)}</faultstring>{detail}</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return Answer(500, body=text.encode(), headers=dict(_XML))


def _result(call: Call, version: str, token: str, user_id: str) -> str:
    site = call.site
    org15 = site.org.org_id[:15]
    user = site.user(user_id)

    def tag(name: str, value: object) -> str:
        return f"<{name}>{escape(str(value))}</{name}>"

    info = "".join(
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
    return (
        f'{_HEAD}<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns="urn:partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        "<soapenv:Body><loginResponse><result>"
        + tag("metadataServerUrl", f"{site.url}/services/Soap/m/{version}/{org15}")
        + tag("passwordExpired", "false")
        + tag("sandbox", str(user["IsSandbox"]).lower())
        + tag("serverUrl", f"{site.url}/services/Soap/u/{version}/{org15}")
        + tag("sessionId", token)
        + tag("userId", user_id)
        + f"<userInfo>{info}</userInfo>"
        + "</result></loginResponse></soapenv:Body></soapenv:Envelope>"
    )


OUTSIDE = [
    Route("POST", "/services/Soap/u/{version}", login, public=True, free=True),
    Route("POST", "/services/Soap/u/{version}/{org}", login, public=True, free=True),
]
