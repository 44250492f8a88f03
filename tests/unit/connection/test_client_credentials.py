"""The token endpoint: both forms of naming the client, and what each error means."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qs

import pytest

from core.connection.draft import Grant, SignInDraft
from core.connection.methods import client_credentials
from core.connection.secrets import Secrets
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import SignInMethod
from core.salesforce.transport import NO_RETRY, Transport
from tests.helpers.loopback import Loopback, answer, each, raw, refusal

TOKEN = "/services/oauth2/token"


def good(server: Loopback, **changes: Any) -> bytes:
    payload = {
        "access_token": "00DIO00000000012!AQ",
        "instance_url": server.url + "/",
        "id": "https://login.salesforce.com/id/00DIO00000000012AA/005IO0000000001YAA",
        "token_type": "Bearer",
        **changes,
    }
    return answer({key: value for key, value in payload.items() if value is not None})


def sign_in(address: str) -> Grant:
    transport = Transport(retry=NO_RETRY)
    try:
        draft = SignInDraft(SignInMethod.CLIENT_CREDENTIALS, address, client_id="3MVG9.a/b")
        return client_credentials.obtain(draft, Secrets(client_secret="s+e:c"), transport)
    finally:
        transport.close()


def test_basic_first(server: Loopback) -> None:
    server.on(TOKEN, good(server))
    grant = sign_in(server.url)
    [sent] = server.requests
    assert base64.b64decode(sent.headers["authorization"].removeprefix("Basic ")) == b"3MVG9.a%2Fb:s%2Be%3Ac"
    assert parse_qs(sent.body.decode()) == {"grant_type": ["client_credentials"]}
    assert grant.access.instance_url == server.url
    assert (grant.hints.org_id, grant.hints.user_id) == ("00DIO00000000012AA", "005IO0000000001YAA")


@pytest.mark.parametrize("error", ["invalid_client", "invalid_client_id", "invalid_request"])
def test_then_in_the_body(server: Loopback, error: str) -> None:
    server.on(TOKEN, each(answer({"error": error, "error_description": "no"}, 400), good(server)))
    assert sign_in(server.url).access.access_token == "00DIO00000000012!AQ"
    assert "authorization" not in server.requests[1].headers
    assert parse_qs(server.requests[1].body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["3MVG9.a/b"],
        "client_secret": ["s+e:c"],
    }


def test_an_answer_with_the_least(server: Loopback) -> None:
    server.on(TOKEN, good(server, instance_url=None, id=None, token_type=None))
    grant = sign_in(server.url)
    assert grant.access.instance_url == server.url
    assert grant.hints.org_id is None


def oauth(error: str, text: str = "no", status: int = 400) -> bytes:
    return answer({"error": error, "error_description": text}, status)


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (oauth("invalid_client"), ErrorCode.CLIENT_REFUSED),
        (oauth("invalid_client_id", status=401), ErrorCode.CLIENT_REFUSED),
        (oauth("inactive_user"), ErrorCode.USER_INACTIVE),
        (oauth("unsupported_grant_type"), ErrorCode.FLOW_BLOCKED),
        (oauth("invalid_grant", "no client credentials user enabled"), ErrorCode.FLOW_BLOCKED),
        (oauth("invalid_grant", "request not supported on this domain"), ErrorCode.MY_DOMAIN_NEEDED),
        (oauth("inactive_org"), ErrorCode.SIGN_IN_FAILED),
        (oauth("rate_limit_exceeded"), ErrorCode.SERVER_ERROR),
        (oauth("never_heard_of"), ErrorCode.SIGN_IN_FAILED),
        (refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), ErrorCode.API_LIMIT),
        (refusal(403, "API_DISABLED_FOR_ORG"), ErrorCode.API_NOT_ENABLED),
        (raw("<html>", 403, "text/html"), ErrorCode.NOT_SALESFORCE),
        (raw("gone", 404, "text/plain"), ErrorCode.NOT_SALESFORCE),
        (raw("", 503), ErrorCode.SERVER_ERROR),
        (answer({"token_type": "Bearer"}), ErrorCode.SIGN_IN_FAILED),
        (answer([]), ErrorCode.SIGN_IN_FAILED),
    ],
)
def test_errors(server: Loopback, refused: bytes, code: ErrorCode) -> None:
    server.on(TOKEN, refused)
    with pytest.raises(OrgMirrorError) as caught:
        sign_in(server.url)
    assert caught.value.code is code


def test_an_instance_without_tls_gets_no_token(server: Loopback) -> None:
    server.on(TOKEN, good(server, instance_url="http://acme.my.salesforce.com"))
    with pytest.raises(OrgMirrorError) as caught:
        sign_in(server.url)
    assert caught.value.code is ErrorCode.NOT_HTTPS


@pytest.mark.parametrize("address", ["production", "https://test.salesforce.com"])
def test_the_shared_hosts_do_not_serve_this(address: str) -> None:
    with pytest.raises(OrgMirrorError) as caught:
        sign_in(address)
    assert caught.value.code is ErrorCode.MY_DOMAIN_NEEDED
