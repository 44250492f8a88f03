"""SOAP login, the OAuth endpoints and identity."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlencode

import pytest

from core.demo import auth
from core.demo.http.call import Answer
from core.demo.site import Site
from tests.unit.demo_http.conftest import Ask
from tests.unit.demo_http.stand_in import ADMIN_ID, OTHER_ID, StandInOrg

ENVELOPE = (
    '<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:u="urn:partner.soap.sforce.com"><soapenv:Header/><soapenv:Body><u:{operation}><u:username>{username}'
    "</u:username><u:password>{password}</u:password></u:{operation}></soapenv:Body></soapenv:Envelope>"
)
GOOD = auth.PASSWORD + auth.SECURITY_TOKEN


def soap(ask: Ask, password: str, version: str = "64.0", username: str = auth.ADMIN_USERNAME) -> tuple[int, str]:
    body = ENVELOPE.format(operation="login", username=username, password=password).encode()
    answer = ask("POST", f"/services/Soap/u/{version}", body, content_type="text/xml")
    assert answer.body is not None
    return answer.status, answer.body.decode()


def token(ask: Ask, headers: dict[str, str] | None = None, **form: str) -> Answer:
    return ask("POST", "/services/oauth2/token", urlencode(form).encode(), **(headers or {}))


def client(**form: str) -> dict[str, str]:
    return {"client_id": auth.CLIENT_ID, "client_secret": auth.CLIENT_SECRET, **form}


def test_soap_login_gives_a_session_and_who_it_is(ask: Ask, site: Site) -> None:
    status, text = soap(ask, GOOD)
    assert status == 200
    session_id = text.split("<sessionId>")[1].split("<")[0]
    found = site.sessions.find(session_id)
    assert found is not None
    assert found.user_id == ADMIN_ID
    assert f"<serverUrl>{site.url}/services/Soap/u/64.0/00D" in text
    assert "<organizationName>Demo &lt;Org&gt;</organizationName>" in text


@pytest.mark.parametrize(
    ("password", "username", "code"),
    [
        ("wrong", auth.ADMIN_USERNAME, "INVALID_LOGIN"),
        (auth.PASSWORD, auth.ADMIN_USERNAME, "LOGIN_MUST_USE_SECURITY_TOKEN"),
        (GOOD, "nobody@orgmirror.demo", "INVALID_LOGIN"),
        (GOOD, "gone@orgmirror.demo", "INVALID_LOGIN"),
    ],
)
def test_soap_login_faults(ask: Ask, password: str, username: str, code: str) -> None:
    status, text = soap(ask, password, username=username)
    assert status == 500
    assert f"<sf:exceptionCode>{code}</sf:exceptionCode>" in text
    assert f"<faultcode>sf:{code}</faultcode>" in text


@pytest.mark.parametrize("version", ["65.0", "68.0", "30.0", "abc"])
def test_soap_login_ends_with_version_64(ask: Ask, version: str) -> None:
    status, text = soap(ask, GOOD, version)
    assert (status, "UNSUPPORTED_API_VERSION" in text) == (500, True)


def test_soap_login_can_be_switched_off(ask: Ask, site: Site) -> None:
    site.behaviour.update({"soap_login": "off"})
    assert "INVALID_OPERATION" in soap(ask, GOOD)[1]
    site.behaviour.update({"soap_login": "retired"})
    assert "UNSUPPORTED_API_VERSION" in soap(ask, GOOD)[1]
    site.behaviour.update({"soap_login": "on", "api_disabled_org": True})
    assert "API_DISABLED_FOR_ORG" in soap(ask, GOOD)[1]
    assert "INVALID_LOGIN" in soap(ask, "wrong")[1]
    assert token(ask, **client(grant_type="password", username=auth.ADMIN_USERNAME, password=GOOD)).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><Envelope><Body><login><username>&a;</username></login></Body></Envelope>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><Envelope><Body><login/></Body></Envelope>',
        b"<Envelope><Body>",
        b"{}",
        b"<Envelope/>",
    ],
)
def test_soap_takes_no_entities_and_no_rubbish(ask: Ask, body: bytes) -> None:
    answer = ask("POST", "/services/Soap/u/60.0", body)
    assert answer.status == 500
    assert answer.body is not None
    assert b"soapenv:Client" in answer.body


def test_other_soap_operations_are_refused(ask: Ask) -> None:
    body = ENVELOPE.format(operation="setPassword", username="", password="").encode()
    answer = ask("POST", "/services/Soap/u/60.0", body)
    assert answer.body is not None
    assert b"INVALID_OPERATION" in answer.body


def test_password_grant(ask: Ask, site: Site) -> None:
    answer = token(ask, **client(grant_type="password", username=auth.ADMIN_USERNAME, password=GOOD))
    assert answer.status == 200
    payload = answer.payload
    assert payload["access_token"].startswith(site.org.org_id[:15] + "!")
    assert payload["id"] == f"{site.url}/id/{site.org.org_id}/{ADMIN_ID}"
    assert (payload["instance_url"], payload["token_type"]) == (site.url, "Bearer")
    assert payload["issued_at"].isdigit()
    site.behaviour.update({"password_flow": False})
    blocked = token(ask, **client(grant_type="password", username=auth.ADMIN_USERNAME, password=GOOD))
    assert blocked.payload == {"error": "invalid_grant", "error_description": "authentication failure"}


def test_client_credentials_by_body_and_by_basic(ask: Ask, site: Site) -> None:
    assert token(ask, **client(grant_type="client_credentials")).payload["token_format"] == "opaque"
    basic = base64.b64encode(f"{auth.CLIENT_ID}:{auth.CLIENT_SECRET}".encode()).decode()
    assert token(ask, {"authorization": f"Basic {basic}"}, grant_type="client_credentials").status == 200
    site.behaviour.update({"client_credentials_user": "gone@orgmirror.demo"})
    refused = token(ask, **client(grant_type="client_credentials"))
    assert (refused.status, refused.payload["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password", "client_id": "x"}, "invalid_client_id"),
        ({"grant_type": "password", "client_id": auth.CLIENT_ID, "client_secret": "x"}, "invalid_client"),
        ({"grant_type": "password", "client_id": auth.CLIENT_ID}, "invalid_client"),
        (client(grant_type="password", username=auth.ADMIN_USERNAME, password="x"), "invalid_grant"),
        (client(grant_type="magic"), "unsupported_grant_type"),
        (client(grant_type="refresh_token", refresh_token="x"), "invalid_grant"),
    ],
)
def test_token_errors_are_objects(ask: Ask, form: dict[str, Any], error: str) -> None:
    answer = token(ask, **form)
    assert (answer.status, answer.payload["error"]) == (400, error)


def test_refresh_with_and_without_rotation(ask: Ask, site: Site) -> None:
    first = site.sessions.open(ADMIN_ID, refresh=True).refresh
    assert first is not None
    form = {"grant_type": "refresh_token", "client_id": auth.CLIENT_ID}
    answer = token(ask, **form, refresh_token=first).payload
    assert "refresh_token" not in answer
    assert site.sessions.find(answer["access_token"]) is not None
    site.behaviour.update({"refresh_rotation": True})
    rotated = token(ask, **form, refresh_token=first).payload["refresh_token"]
    dead = token(ask, **form, refresh_token=first)
    assert dead.payload["error_description"] == "expired access/refresh token"
    assert token(ask, **form, refresh_token=rotated).status == 200
    left = site.sessions.open(OTHER_ID, refresh=True).refresh
    assert left is not None
    assert token(ask, **form, refresh_token=left).payload["error"] == "inactive_user"


def test_revoke_introspect_userinfo_and_identity(ask: Ask, site: Site) -> None:
    session = site.sessions.open(ADMIN_ID).token
    bearer = {"authorization": f"Bearer {session}"}
    claims = ask("GET", "/services/oauth2/userinfo", **bearer).payload
    assert (claims["user_id"], claims["organization_id"]) == (ADMIN_ID, site.org.org_id)
    assert claims["preferred_username"] == auth.ADMIN_USERNAME
    path = f"/id/{site.org.org_id}/{ADMIN_ID}"
    assert ask("GET", path, **bearer).payload["username"] == auth.ADMIN_USERNAME
    assert ask("GET", f"/id/{site.org.org_id}/{OTHER_ID}", **bearer).status == 403
    form = urlencode(client(token=session)).encode()
    assert ask("POST", "/services/oauth2/introspect", form).payload["active"] is True
    assert ask("POST", "/services/oauth2/revoke", f"token={session}".encode()).status == 200
    assert ask("POST", "/services/oauth2/introspect", form).payload == {"active": False}
    gone = ask("GET", "/services/oauth2/userinfo", **bearer)
    assert (gone.status, gone.body) == (403, b"Bad_OAuth_Token")


def test_the_standing_token_lasts_across_restarts(site: Site, org: StandInOrg) -> None:
    standing = site.sessions.standing_token()
    org.advance_clock(10 * 3600)
    again = auth.Sessions(org, site.behaviour)  # type: ignore[arg-type]
    assert again.standing_token() == standing
    assert again.find(standing) is not None
    again.expire()
    assert auth.Sessions(org, site.behaviour).standing_token() != standing  # type: ignore[arg-type]
