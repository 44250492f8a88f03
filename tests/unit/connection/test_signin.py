"""Signing in end to end over a scripted org that closes one way of telling the identity after the other."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest

from core.connection.signin import Identity, Secrets, SignInDraft, sign_in
from core.model.cancel import CancelToken
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.model.states import SignInMethod
from tests.helpers.loopback import Loopback, Request, answer, raw, refusal, reply
from tests.helpers.tls import make_tls

V = "/services/data/v65.0"
TOKEN = "00DIO0000000001!AQ.x"
INFO = {
    "user_id": "005IO0000000001YAA",
    "organization_id": "00DIO00000000012AA",
    "preferred_username": "ada@x",
    "name": "Ada Info",
    "zoneinfo": "Europe/Rome",
}
ORG = {"Id": "00DIO00000000012AA", "Name": "Ácme", "IsSandbox": True, "OrganizationType": "Developer Edition"}
USER = {"Id": "005IO0000000001YAA", "Username": "ada@x", "Name": "Ada Admin", "TimeZoneSidKey": "Asia/Tokyo"}


class Org:
    """What the scripted org tells; None closes a way."""

    def __init__(self, server: Loopback) -> None:
        self.server = server
        self.info: bytes = answer(INFO)
        self.organization: dict[str, Any] | None = ORG
        self.user: dict[str, Any] | None = USER
        self.hidden: set[str] = set()
        server.on("/services/data", reply([{"version": "65.0"}]))
        server.on("/services/oauth2/userinfo", lambda request: self.info)
        server.on(f"{V}/query", self._query)

    def _query(self, request: Request) -> bytes:
        soql = request.query["q"]
        row = self.organization if " FROM Organization" in soql else self.user
        if row is None:
            return refusal(400, "INVALID_TYPE")
        asked = soql.removeprefix("SELECT ").partition(" FROM ")[0].split(", ")
        if self.hidden & set(asked):
            return refusal(400, "INVALID_FIELD", f"No such column '{asked[0]}'")
        return answer({"done": True, "totalSize": 1, "records": [{name: row.get(name) for name in asked}]})


@pytest.fixture
def org(server: Loopback) -> Org:
    return Org(server)


def by_token(org: Org, token: str = TOKEN, cancel: CancelToken | None = None) -> Identity:
    draft = SignInDraft(SignInMethod.TOKEN, "production", instance_url=org.server.url + "/lightning/page")
    return sign_in(draft, Secrets(access_token=token), cancel)


def refused(org: Org, token: str = TOKEN) -> OrgMirrorError:
    with pytest.raises(OrgMirrorError) as caught:
        by_token(org, token)
    return caught.value


def test_everything_is_told(org: Org) -> None:
    identity = by_token(org, f"  Bearer {TOKEN}\n")
    assert identity.org_id == "00DIO00000000012AA"
    assert (identity.org_name, identity.is_sandbox, identity.organization_type) == ("Ácme", True, "Developer Edition")
    assert (identity.user_id, identity.username, identity.user_name) == ("005IO0000000001YAA", "ada@x", "Ada Admin")
    assert (identity.timezone, identity.instance_url) == ("Asia/Tokyo", org.server.url)
    assert all(request.headers["authorization"] == f"Bearer {TOKEN}" for request in org.server.requests)


@pytest.mark.parametrize(
    "closed",
    [
        raw("Bad_OAuth_Token", 403, "text/plain"),
        raw("", 401),
        raw("<html>", 200, "text/html"),
        refusal(404, "NOT_FOUND"),
        answer([]),
    ],
    ids=["word", "401", "html", "404", "odd"],
)
@pytest.mark.parametrize("way", ["root", "chatter"])
def test_without_userinfo(org: Org, closed: bytes, way: str) -> None:
    org.info = closed
    if way == "root":
        org.server.on(
            f"{V}/", reply({"identity": "https://login.salesforce.com/id/00DIO00000000012AA/005IO0000000001YAA"})
        )
    else:
        org.server.on(f"{V}/chatter/users/me", reply({"id": "005IO0000000001"}))
    identity = by_token(org)
    assert (identity.user_id, identity.timezone) == ("005IO0000000001YAA", "Asia/Tokyo")


def test_hidden_fields_and_objects(org: Org) -> None:
    org.hidden = {"OrganizationType", "IsSandbox", "TimeZoneSidKey"}
    identity = by_token(org)
    assert (identity.org_name, identity.is_sandbox, identity.timezone) == ("Ácme", False, "Europe/Rome")
    org.organization = org.user = None
    identity = by_token(org)
    assert (identity.org_id, identity.org_name, identity.user_name) == ("00DIO00000000012AA", "127.0.0.1", "Ada Info")


def test_nobody_tells_the_user(org: Org) -> None:
    org.info = raw("", 404)
    identity = by_token(org, TOKEN)
    assert (identity.org_id, identity.user_id, identity.username) == ("00DIO00000000012AA", "", "")


def test_nobody_tells_the_org(org: Org) -> None:
    org.info = raw("", 404)
    org.server.on(f"{V}/query", refusal(400, "INVALID_TYPE"))
    assert refused(org, "a-jwt-based-token").code is ErrorCode.SIGN_IN_FAILED


def test_a_token_that_opens_nothing(org: Org) -> None:
    org.info = raw("", 401)
    org.server.on(f"{V}/query", refusal(401, "INVALID_SESSION_ID"))
    assert refused(org).code is ErrorCode.TOKEN_REFUSED


def test_a_token_of_another_org(org: Org) -> None:
    assert refused(org, "00DIO0000000002!AQ").code is ErrorCode.TOKEN_REFUSED
    assert by_token(org, "a-jwt-based-token").org_id == "00DIO00000000012AA"


@pytest.mark.parametrize("text", ["", "   ", "two words", "line\nbreak"])
def test_what_cannot_be_a_token_is_not_sent(org: Org, text: str) -> None:
    assert refused(org, text).code in (ErrorCode.SECRET_MISSING, ErrorCode.TOKEN_REFUSED)
    assert org.server.requests == []


def test_the_api_is_not_enabled(org: Org) -> None:
    org.server.on(f"{V}/query", refusal(403, "API_CURRENTLY_DISABLED", "API is disabled for this User"))
    assert refused(org).code is ErrorCode.API_NOT_ENABLED


def test_a_token_needs_the_orgs_own_address() -> None:
    with pytest.raises(OrgMirrorError) as caught:
        sign_in(SignInDraft(SignInMethod.TOKEN, "production"), Secrets(access_token=TOKEN))
    assert caught.value.code is ErrorCode.BAD_URL


@pytest.mark.parametrize("method", [SignInMethod.BROWSER, SignInMethod.JWT])
def test_methods_to_come(method: SignInMethod) -> None:
    with pytest.raises(OrgMirrorError) as caught:
        sign_in(SignInDraft(method, "production"), Secrets())
    assert caught.value.code is ErrorCode.METHOD_NOT_YET
    assert caught.value.params == {"method": method.value}


def test_cancel(org: Org) -> None:
    cancel = CancelToken()
    cancel.set()
    with pytest.raises(Cancelled):
        by_token(org, cancel=cancel)


def test_trust(tmp_path: Path) -> None:
    context, ca_file = make_tls(tmp_path)
    assert isinstance(context, ssl.SSLContext)
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("no certificate here")
    with Loopback(context) as server:
        Org(server)

        def attempt(path: Path | None) -> Identity:
            draft = SignInDraft(SignInMethod.TOKEN, server.url, ca_file=str(path) if path else None)
            return sign_in(draft, Secrets(access_token=TOKEN))

        assert attempt(ca_file).org_name == "Ácme"
        for path, code in (
            (None, ErrorCode.BAD_CERTIFICATE),
            (nothing, ErrorCode.BAD_CA_FILE),
            (tmp_path / "missing.pem", ErrorCode.BAD_CA_FILE),
            (tmp_path, ErrorCode.BAD_CA_FILE),
        ):
            with pytest.raises(OrgMirrorError) as caught:
                attempt(path)
            assert caught.value.code is code
