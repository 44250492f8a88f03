"""SOAP login: what is sent, what each fault means, and what the XML may not hold."""

from __future__ import annotations

import pytest

from core.connection.draft import Grant, SignInDraft
from core.connection.methods import password
from core.connection.secrets import Secrets
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import SignInMethod
from core.salesforce.transport import NO_RETRY, Transport
from tests.helpers.loopback import Loopback, raw, refusal, reply

NASTY = "p<&>\"' ]]>ä"


def envelope(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns="urn:partner.soap.sforce.com" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com">'
        f"<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )


def result(server_url: str, **changes: str) -> str:
    values = {
        "passwordExpired": "false",
        "sandbox": "true",
        "serverUrl": server_url,
        "sessionId": "00DIO00000000012!AQ.x",
        "userId": "005IO0000000001YAA",
        **changes,
    }
    inner = "".join(f"<{key}>{value}</{key}>" for key, value in values.items())
    return envelope(
        f"<loginResponse><result>{inner}<userInfo><organizationId>00DIO00000000012AA</organizationId>"
        "<organizationName>Ácme &amp; Co</organizationName><userFullName>Ada &lt;Admin&gt;</userFullName>"
        "<userTimeZone>Europe/Rome</userTimeZone></userInfo></result></loginResponse>"
    )


def fault(code: str, text: str = "words") -> bytes:
    body = envelope(
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {text}</faultstring><detail>"
        f"<sf:LoginFault><sf:exceptionCode>{code}</sf:exceptionCode>"
        f"<sf:exceptionMessage>{text}</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault>"
    )
    return raw(body, 500, "text/xml; charset=utf-8")


def sign_in(server: Loopback, secret: str = "pw", token: str = "tok") -> Grant:  # noqa: S107
    draft = SignInDraft(SignInMethod.PASSWORD, server.url, username="ada&bob@x")
    transport = Transport(retry=NO_RETRY)
    try:
        return password.obtain(draft, Secrets(password=secret, security_token=token), transport)
    finally:
        transport.close()


def refused(server: Loopback) -> OrgMirrorError:
    with pytest.raises(OrgMirrorError) as caught:
        sign_in(server)
    return caught.value


@pytest.fixture
def org(server: Loopback) -> Loopback:
    server.on("/services/data", reply([{"version": "60.0"}, {"version": "66.0"}, {"version": "64.0"}]))
    return server


def test_login(org: Loopback) -> None:
    org.on("/services/Soap/u/64.0", raw(result(f"{org.url}/services/Soap/u/64.0/00DIO00000000012"), 200, "text/xml"))
    grant = sign_in(org, NASTY, "TOK")
    sent = org.requests[-1]
    assert "<urn:username>ada&amp;bob@x</urn:username>" in sent.body.decode()
    assert "<urn:password>p&lt;&amp;&gt;\"' ]]&gt;äTOK</urn:password>" in sent.body.decode()
    assert sent.headers["soapaction"] == "login"
    assert "authorization" not in sent.headers
    assert (grant.access.access_token, grant.access.instance_url) == ("00DIO00000000012!AQ.x", org.url)
    hints = grant.hints
    assert (hints.org_name, hints.user_name, hints.is_sandbox) == ("Ácme & Co", "Ada <Admin>", True)
    assert (hints.org_id, hints.user_id, hints.timezone) == ("00DIO00000000012AA", "005IO0000000001YAA", "Europe/Rome")


def test_only_the_host_of_the_server_url_counts(org: Loopback) -> None:
    org.on("/services/Soap", raw(result("https://na1-api.salesforce.com/services/Soap/u/64.0/00D"), 200, "text/xml"))
    assert sign_in(org).access.instance_url == "https://na1.salesforce.com"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("INVALID_LOGIN", ErrorCode.WRONG_CREDENTIALS),
        ("LOGIN_MUST_USE_SECURITY_TOKEN", ErrorCode.SECURITY_TOKEN_NEEDED),
        ("UNSUPPORTED_API_VERSION", ErrorCode.SOAP_LOGIN_OFF),
        ("INVALID_OPERATION", ErrorCode.SOAP_LOGIN_OFF),
        ("API_DISABLED_FOR_ORG", ErrorCode.API_NOT_ENABLED),
        ("PASSWORD_LOCKOUT", ErrorCode.USER_INACTIVE),
        ("LOGIN_DURING_RESTRICTED_TIME", ErrorCode.FLOW_BLOCKED),
        ("SERVER_UNAVAILABLE", ErrorCode.SERVER_ERROR),
        ("SOMETHING_NEW", ErrorCode.SIGN_IN_FAILED),
    ],
)
def test_faults(org: Loopback, code: str, expected: ErrorCode) -> None:
    org.on("/services/Soap", fault(code))
    error = refused(org)
    assert error.code is expected
    assert org.paths().count("POST /services/Soap/u/64.0") == 1
    if expected is ErrorCode.SIGN_IN_FAILED:
        assert (error.salesforce_code, error.salesforce_text) == ("SOMETHING_NEW", "words")


def test_an_expired_password(org: Loopback) -> None:
    org.on("/services/Soap", raw(result(org.url, passwordExpired="true"), 200, "text/xml"))
    assert refused(org).code is ErrorCode.PASSWORD_EXPIRED


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (raw("", 410), ErrorCode.SOAP_LOGIN_OFF),
        (raw("<html>down</html>", 503, "text/html"), ErrorCode.SERVER_ERROR),
        (raw("<html>hello", 200, "text/html"), ErrorCode.NOT_SALESFORCE),
        (raw("<html>oops", 500, "text/html"), ErrorCode.SERVER_ERROR),
        (raw("{}", 200), ErrorCode.NOT_SALESFORCE),
        (refusal(403, "REQUEST_LIMIT_EXCEEDED"), ErrorCode.API_LIMIT),
    ],
    ids=["gone", "503", "html", "500", "json", "limit"],
)
def test_other_answers(org: Loopback, answer: bytes, code: ErrorCode) -> None:
    org.on("/services/Soap", answer)
    assert refused(org).code is code


@pytest.mark.parametrize(
    "prologue",
    ['<!DOCTYPE x [<!ENTITY a "b">]>', '<!DOCTYPE x SYSTEM "file:///etc/passwd">', "<!DOCTYPE x>"],
)
def test_document_types_are_refused(org: Loopback, prologue: str) -> None:
    text = result(org.url).replace("?>", f"?>{prologue}", 1)
    org.on("/services/Soap", raw(text, 200, "text/xml"))
    assert refused(org).code is ErrorCode.NOT_SALESFORCE


def test_an_org_with_newer_versions_only(server: Loopback) -> None:
    server.on("/services/data", reply([{"version": "70.0"}]))
    assert refused(server).code is ErrorCode.SOAP_LOGIN_OFF
    assert server.paths() == ["GET /services/data"]
