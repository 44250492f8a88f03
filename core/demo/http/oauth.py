"""OAuth 2.0: token endpoint, revoke, introspect, userinfo and the identity URL.

Errors of the token endpoint are JSON objects `{"error","error_description"}`, unlike the arrays of the REST API.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from core.demo.auth import CLIENT_ID, CLIENT_SECRET, LoginRefused, Session
from core.demo.http.call import Answer, Call
from core.demo.http.router import Route


class _Refused(Exception):
    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.answer = Answer(status, payload={"error": error, "error_description": description})


def token(call: Call) -> Answer:
    """POST /services/oauth2/token: grant types password, client_credentials and refresh_token."""
    form = _form(call)
    try:
        grant = form.get("grant_type", "")
        _check_client(call, form, secret_needed=grant != "refresh_token")
        if grant == "password":
            return _password(call, form)
        if grant == "client_credentials":
            return _client_credentials(call)
        if grant == "refresh_token":
            return _refresh(call, form)
        if not grant:
            raise _Refused("invalid_request", "grant type not supplied")
        raise _Refused("unsupported_grant_type", "grant type not supported")
    except _Refused as refused:
        return refused.answer


def revoke(call: Call) -> Answer:
    """End an access or refresh token: 200 without a body."""
    if call.site.sessions.end(_form(call).get("token", "") or call.query.get("token", "")):
        return Answer(200, body=b"")
    return Answer(
        400, payload={"error": "unsupported_token_type", "error_description": "this token type is not supported"}
    )


def introspect(call: Call) -> Answer:
    """Whether a token is good, and whose it is."""
    form = _form(call)
    try:
        _check_client(call, form, secret_needed=True)
    except _Refused as refused:
        return refused.answer
    session = call.site.sessions.find(form.get("token", ""))
    if session is None:
        return Answer(payload={"active": False})
    user = call.site.user(session.user_id)
    used = datetime.fromisoformat(session.used)
    return Answer(
        payload={
            "active": True,
            "scope": session.scope,
            "client_id": CLIENT_ID,
            "username": user["Username"],
            "sub": _identity_url(call, session.user_id),
            "token_type": "access_token",
            "exp": int((used + call.site.sessions.life()).timestamp()),
            "iat": int(used.timestamp()),
            "nbf": int(used.timestamp()),
        }
    )


def userinfo(call: Call) -> Answer:
    """OpenID Connect claims of the signed-in user."""
    session = _session(call)
    if session is None:
        return _bad_token()
    user = call.site.user(session.user_id)
    return Answer(
        payload={
            "sub": _identity_url(call, session.user_id),
            "user_id": session.user_id,
            "organization_id": call.site.org.org_id,
            "preferred_username": user["Username"],
            "nickname": user["Alias"],
            "name": user["Name"],
            "email": user["Email"],
            "email_verified": True,
            "given_name": user["FirstName"],
            "family_name": user["LastName"],
            "zoneinfo": user["TimeZoneSidKey"],
            "active": True,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": user["LocaleSidKey"],
            "utcOffset": 0,
            "is_app_installed": True,
            "urls": _urls(call, session.user_id),
        }
    )


def identity(call: Call) -> Answer:
    """The identity URL, which a token answer names as `id`."""
    session = _session(call)
    if session is None or call.params["user"][:15] != session.user_id[:15]:
        return _bad_token()
    user = call.site.user(session.user_id)
    return Answer(
        payload={
            "id": _identity_url(call, session.user_id),
            "asserted_user": True,
            "user_id": session.user_id,
            "organization_id": call.site.org.org_id,
            "username": user["Username"],
            "nick_name": user["Alias"],
            "display_name": user["Name"],
            "email": user["Email"],
            "email_verified": True,
            "first_name": user["FirstName"],
            "last_name": user["LastName"],
            "timezone": user["TimeZoneSidKey"],
            "active": True,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": user["LocaleSidKey"],
            "utcOffset": 0,
            "urls": _urls(call, session.user_id),
        }
    )


def _password(call: Call, form: dict[str, str]) -> Answer:
    refused = _Refused("invalid_grant", "authentication failure")
    if not call.site.behaviour.password_flow:
        raise refused
    try:
        user_id = call.site.sessions.check_password(form.get("username", ""), form.get("password", ""))
    except LoginRefused as error:
        raise refused from error
    return _granted(call, call.site.sessions.open(user_id))


def _client_credentials(call: Call) -> Answer:
    name = call.site.behaviour.client_credentials_user
    user = None if name is None else call.site.org.find_user(name)
    if name is not None and (user is None or not user.is_active):
        raise _Refused("invalid_grant", "no client credentials user enabled")
    user_id = call.site.org.admin_id if user is None else user.id
    answer = _granted(call, call.site.sessions.open(user_id))
    answer.payload.update(scope="api", token_format="opaque")
    return answer


def _refresh(call: Call, form: dict[str, str]) -> Answer:
    try:
        session, replacement = call.site.sessions.renew(form.get("refresh_token", ""))
    except KeyError as error:
        raise _Refused("invalid_grant", "expired access/refresh token") from error
    if session.user_id not in {user.id for user in call.site.org.users() if user.is_active}:
        call.site.sessions.end(session.token)
        raise _Refused("inactive_user", "user is inactive")
    answer = _granted(call, session)
    answer.payload["scope"] = session.scope
    if replacement is not None:
        answer.payload["refresh_token"] = replacement
    return answer


def _granted(call: Call, session: Session) -> Answer:
    identity_url = _identity_url(call, session.user_id)
    issued = str(int(call.site.org.now().timestamp() * 1000))
    digest = hmac.new(CLIENT_SECRET.encode(), (identity_url + issued).encode(), hashlib.sha256).digest()
    payload: dict[str, Any] = {
        "access_token": session.token,
        "instance_url": call.site.url,
        "id": identity_url,
        "token_type": "Bearer",
        "issued_at": issued,
        "signature": base64.b64encode(digest).decode(),
    }
    return Answer(payload=payload, headers={"Cache-Control": "no-store"})


def _check_client(call: Call, form: dict[str, str], *, secret_needed: bool) -> None:
    client_id, secret = form.get("client_id"), form.get("client_secret")
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, given = base64.b64decode(value.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise _Refused("invalid_client", "invalid client credentials", 401) from error
        client_id, secret = unquote(name), unquote(given)
    if not client_id or not hmac.compare_digest(client_id.encode(), CLIENT_ID.encode()):
        raise _Refused("invalid_client_id", "client identifier invalid")
    if secret is None and not secret_needed:
        return
    if not hmac.compare_digest((secret or "").encode(), CLIENT_SECRET.encode()):
        raise _Refused("invalid_client", "invalid client credentials")


def _form(call: Call) -> dict[str, str]:
    return dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))


def _session(call: Call) -> Session | None:
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "oauth"):
        return call.site.sessions.find(value.strip())
    return call.site.sessions.find(_form(call).get("access_token", ""))


def _bad_token() -> Answer:
    return Answer(403, body=b"Bad_OAuth_Token", headers={"Content-Type": "text/html;charset=UTF-8"})


def _identity_url(call: Call, user_id: str) -> str:
    return f"{call.site.url}/id/{call.site.org.org_id}/{user_id}"


def _urls(call: Call, user_id: str) -> dict[str, str]:
    data = f"{call.site.url}/services/data/v{{version}}"
    return {
        "enterprise": f"{call.site.url}/services/Soap/c/{{version}}/{call.site.org.org_id[:15]}",
        "partner": f"{call.site.url}/services/Soap/u/{{version}}/{call.site.org.org_id[:15]}",
        "rest": f"{data}/",
        "sobjects": f"{data}/sobjects/",
        "query": f"{data}/query/",
        "recent": f"{data}/recent/",
        "profile": f"{call.site.url}/{user_id}",
        "custom_domain": call.site.url,
    }


OUTSIDE = [
    Route("POST", "/services/oauth2/token", token, public=True, free=True),
    Route("GET", "/services/oauth2/revoke", revoke, public=True, free=True),
    Route("POST", "/services/oauth2/revoke", revoke, public=True, free=True),
    Route("POST", "/services/oauth2/introspect", introspect, public=True, free=True),
    Route("GET", "/services/oauth2/userinfo", userinfo, public=True, free=True),
    Route("POST", "/services/oauth2/userinfo", userinfo, public=True, free=True),
    Route("GET", "/id/{org}/{user}", identity, public=True, free=True),
]
