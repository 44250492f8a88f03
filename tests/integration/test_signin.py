"""Signing in to the demo org by every method, and what each refusal is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.connection.profile import ConnectionProfile
from core.connection.secrets import Secrets
from core.connection.signin import sign_in
from core.connection.tokens import TokenProvider
from core.connection.vault import MemoryVault
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import SignInMethod
from core.salesforce.client import Client
from core.salesforce.meter import ApiMeter
from core.salesforce.network import Network
from core.salesforce.transport import Transport
from tests.helpers.demo_org import DemoOrgProcess
from tests.helpers.org_clients import SECRETS, draft_for, secrets_for

METHODS = tuple(SECRETS)


def refused(
    org: DemoOrgProcess, method: SignInMethod, secrets: dict[str, Any] | None = None, **draft: Any
) -> ErrorCode:
    with pytest.raises(OrgMirrorError) as caught:
        sign_in(draft_for(org, method, **draft), secrets_for(org, method, **(secrets or {})))
    return caught.value.code


@pytest.mark.parametrize("method", METHODS)
def test_every_method_tells_the_same_identity(demo_org: DemoOrgProcess, method: SignInMethod) -> None:
    identity = sign_in(draft_for(demo_org, method), secrets_for(demo_org, method))
    assert identity.org_id == demo_org.info["org_id"]
    assert identity.username == demo_org.info["username"]
    assert identity.instance_url == demo_org.info["url"]
    assert len(identity.user_id) == 18
    assert identity.is_sandbox is False
    assert identity.org_name
    assert identity.timezone


def test_a_page_of_the_org_as_address(demo_org: DemoOrgProcess) -> None:
    draft = draft_for(demo_org, SignInMethod.TOKEN, login_url=demo_org.info["url"] + "/lightning/o/Lead/list?x=1")
    assert sign_in(draft, secrets_for(demo_org, SignInMethod.TOKEN)).org_id == demo_org.info["org_id"]


def test_wrong_password_is_sent_once(demo_org: DemoOrgProcess) -> None:
    assert refused(demo_org, SignInMethod.PASSWORD, {"password": "wrong"}) is ErrorCode.WRONG_CREDENTIALS
    assert len(demo_org.calls("/services/Soap/")) == 1


def test_a_missing_security_token(demo_org: DemoOrgProcess) -> None:
    code = refused(demo_org, SignInMethod.PASSWORD, {"security_token": None})
    assert code is ErrorCode.SECURITY_TOKEN_NEEDED
    demo_org.behaviour(security_token_required=False)
    secrets = secrets_for(demo_org, SignInMethod.PASSWORD, security_token=None)
    assert sign_in(draft_for(demo_org, SignInMethod.PASSWORD), secrets).org_id == demo_org.info["org_id"]


@pytest.mark.parametrize("mode", ["off", "retired"])
def test_soap_login_switched_off(demo_org: DemoOrgProcess, mode: str) -> None:
    demo_org.behaviour(soap_login=mode)
    assert refused(demo_org, SignInMethod.PASSWORD) is ErrorCode.SOAP_LOGIN_OFF


@pytest.mark.parametrize("changes", [{"client_id": "3MVG9.unknown"}, {}])
def test_a_wrong_client(demo_org: DemoOrgProcess, changes: dict[str, str]) -> None:
    secrets = {} if changes else {"client_secret": "wrong"}
    assert refused(demo_org, SignInMethod.CLIENT_CREDENTIALS, secrets, **changes) is ErrorCode.CLIENT_REFUSED


def test_client_credentials_without_a_user_to_run_as(demo_org: DemoOrgProcess) -> None:
    demo_org.behaviour(client_credentials_user="nobody@orgmirror.demo")
    assert refused(demo_org, SignInMethod.CLIENT_CREDENTIALS) is ErrorCode.FLOW_BLOCKED


@pytest.mark.parametrize("token", ["00DIO00000000012!wrong", "not-a-token"])
def test_a_wrong_token(demo_org: DemoOrgProcess, token: str) -> None:
    assert refused(demo_org, SignInMethod.TOKEN, {"access_token": token}) is ErrorCode.TOKEN_REFUSED


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("whole_org", [True, False])
def test_api_not_enabled(demo_org: DemoOrgProcess, method: SignInMethod, whole_org: bool) -> None:
    if whole_org:
        demo_org.behaviour(api_disabled_org=True)
    else:
        demo_org.behaviour(api_disabled_users=[demo_org.info["username"]])
    assert refused(demo_org, method) is ErrorCode.API_NOT_ENABLED


def test_a_certificate_that_nobody_vouches_for(demo_org: DemoOrgProcess) -> None:
    assert refused(demo_org, SignInMethod.TOKEN, ca_file=None) is ErrorCode.BAD_CERTIFICATE
    assert demo_org.calls() == []


def test_spent_limits(demo_org: DemoOrgProcess) -> None:
    demo_org.control("limits", max=10, used=10)
    assert refused(demo_org, SignInMethod.TOKEN) is ErrorCode.API_LIMIT


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("method", METHODS)
def test_userinfo_closed(demo_org: DemoOrgProcess, method: SignInMethod, status: int) -> None:
    demo_org.faults(
        {"match": {"path": "userinfo"}, "times": None, "action": {"status": status, "body": "Bad_OAuth_Token"}}
    )
    identity = sign_in(draft_for(demo_org, method), secrets_for(demo_org, method))
    assert identity.username == demo_org.info["username"]


@pytest.mark.parametrize("method", METHODS)
def test_an_ended_session(demo_org: DemoOrgProcess, method: SignInMethod, tmp_path: Path) -> None:
    """Password and client credentials sign in again by themselves; a pasted token asks the person."""
    identity = sign_in(
        draft_for(demo_org, method),
        Secrets(access_token=demo_org.token(demo_org.info["username"]))
        if method is SignInMethod.TOKEN
        else secrets_for(demo_org, method),
    )
    secrets = secrets_for(demo_org, method)
    vault = MemoryVault()
    for kind, value in secrets.to_keep(method, identity).items():
        vault.write("u1", kind, value)
    info = demo_org.info
    profile = ConnectionProfile(
        "u1", "Demo", method, info["url"], identity.instance_url, identity.org_id, identity.user_id,
        username=identity.username, client_id=info["client_id"], ca_file=info["ca"],
    )  # fmt: skip
    meter = ApiMeter()
    tokens = TokenProvider(profile, vault, tmp_path, meter=meter)
    client = Client(Transport(tokens, network=Network(ca_file=info["ca"]), meter=meter))
    try:
        before = client.count("User")
        tokens_of_sign_in = meter.usage.token_calls
        assert tokens_of_sign_in == 0
        # Only this test's own session ends: the ready line's token serves the other tests.
        demo_org.faults(
            {"match": {"path": "/query"}, "action": {"status": 401, "body": [
                {"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]}}
        )  # fmt: skip
        if method is SignInMethod.TOKEN:
            with pytest.raises(OrgMirrorError) as caught:
                client.count("User")
            assert caught.value.code is ErrorCode.SIGN_IN_NEEDED
        else:
            assert client.count("User") == before
            assert meter.usage.token_calls >= 1
            kept = vault.read("u1", "session")
            assert kept is not None
            assert tokens.session().access_token in kept
            assert tokens.session() != identity.access
    finally:
        client.close()
