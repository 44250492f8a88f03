"""Whose org and whose session is it? Asked in every way that servers offer, because each of them may be closed.

The userinfo endpoint refuses sessions that did not come from OAuth, Organization and User hide fields by permission,
and the resource root names the user on some servers only (salesforce-api.md 3.1, 5).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import is_salesforce_id, long_id
from core.salesforce.access import Access
from core.salesforce.client import Client
from core.salesforce.errors import ErrorClass, SalesforceError

_ORG_FIELDS = (
    ("Id", "Name", "IsSandbox", "OrganizationType", "InstanceName"),
    ("Id", "Name", "IsSandbox"),
    ("Id", "Name"),
    ("Id",),
)
_USER_FIELDS = (
    ("Id", "Username", "Name", "TimeZoneSidKey", "LocaleSidKey", "LanguageLocaleKey"),
    ("Id", "Username", "Name"),
    ("Id", "Name"),
)
# An opaque token begins with the org's id; a JWT-based one does not (salesforce-api.md 3.1).
_OPAQUE = re.compile(r"^(00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?)!")
_FATAL = frozenset({ErrorClass.AUTH, ErrorClass.ORG_STATE, ErrorClass.BUDGET, ErrorClass.BUSY, ErrorClass.TRANSIENT})


@dataclass(frozen=True, slots=True)
class Hints:
    """What signing in told besides the token; every part may be missing."""

    org_id: str | None = None
    org_name: str | None = None
    user_id: str | None = None
    username: str | None = None
    user_name: str | None = None
    is_sandbox: bool | None = None
    timezone: str | None = None
    locale: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """An org and one of its users. Ids have 18 characters; `user_id` is empty where nothing tells it.

    `timezone` is a zone name such as Europe/Rome or None.
    """

    access: Access = field(repr=False)
    org_id: str
    org_name: str
    user_id: str
    user_name: str
    username: str
    is_sandbox: bool
    timezone: str | None = None
    locale: str | None = None
    language: str | None = None
    organization_type: str | None = None

    @property
    def instance_url(self) -> str:
        return self.access.instance_url


def org_of_token(token: str) -> str | None:
    """The org's 18-character id where the token names it. A check, never the answer: not every token does."""
    match = _OPAQUE.match(token)
    return long_id(match[1]) if match else None


def identify(client: Client, access: Access, hints: Hints | None = None) -> Identity:
    """Who is signed in, by whichever ways the server allows.

    Raises OrgMirrorError: SIGN_IN_NEEDED for a token that opens nothing, API_NOT_ENABLED, SIGN_IN_FAILED when no way
    tells the org or the user, the network's.
    """
    hints = hints or Hints()
    info = _userinfo(client)
    org = _first(client, "Organization", _ORG_FIELDS, "")
    org_id = org.get("Id") or info.get("organization_id") or hints.org_id or org_of_token(access.access_token)
    user_id = info.get("user_id") or hints.user_id
    if not _is_id(org_id) or not _is_id(user_id):
        root_org, root_user = _ids_of_root(client)
        org_id, user_id = org_id or root_org, user_id or root_user or _user_of_chatter(client)
    username = info.get("preferred_username") or hints.username
    user = _user(client, user_id, username)
    user_id = user.get("Id") or user_id
    if not _is_id(org_id):
        raise OrgMirrorError(ErrorCode.SIGN_IN_FAILED, reason="identity-unknown")
    named = org_of_token(access.access_token)
    if named is not None and named != long_id(str(org_id)):
        raise OrgMirrorError(ErrorCode.TOKEN_REFUSED, reason="token-of-another-org")
    sandbox = org.get("IsSandbox")
    if not isinstance(sandbox, bool):
        sandbox = hints.is_sandbox if hints.is_sandbox is not None else _sandbox_by_address(access.instance_url)
    username = _text(user.get("Username"), username)
    return Identity(
        access=access,
        org_id=long_id(str(org_id)),
        org_name=_text(org.get("Name"), hints.org_name, urlsplit(access.instance_url).hostname),
        # Some servers tell a plain session nothing of its user; what it may see can be mirrored all the same.
        user_id=long_id(str(user_id)) if _is_id(user_id) else "",
        user_name=_text(user.get("Name"), info.get("name"), hints.user_name, username),
        username=username,
        is_sandbox=bool(sandbox),
        timezone=_text(user.get("TimeZoneSidKey"), info.get("zoneinfo"), hints.timezone) or None,
        locale=_text(user.get("LocaleSidKey"), info.get("locale"), hints.locale) or None,
        language=_text(user.get("LanguageLocaleKey"), info.get("language"), hints.language) or None,
        organization_type=_text(org.get("OrganizationType")) or None,
    )


def _userinfo(client: Client) -> Mapping[str, Any]:
    """OpenID's claims, or nothing: plain sessions and apps without the scope are refused here, which proves nothing."""
    try:
        answer = client.transport.request("GET", "/services/oauth2/userinfo", renew=False)
        payload = answer.json()
    except SalesforceError:
        return {}
    except OrgMirrorError as error:
        if error.code is ErrorCode.NOT_SALESFORCE:
            return {}
        raise
    return payload if isinstance(payload, Mapping) else {}


def org_of(client: Client) -> str | None:
    """The 18-character id of the org that a client speaks to, or None where nothing tells it to this user."""
    org_id = _first(client, "Organization", _ORG_FIELDS[-1:], "").get("Id")
    if not _is_id(org_id):
        org_id = _userinfo(client).get("organization_id")
    if not _is_id(org_id):
        org_id, _ = _ids_of_root(client)
    return long_id(str(org_id)) if _is_id(org_id) else None


def _ids_of_root(client: Client) -> tuple[str | None, str | None]:
    """The list of an API version's resources names the identity URL, which ends in org id and user id."""
    payload = _optional(client, client.path(""))
    address = payload.get("identity") if isinstance(payload, Mapping) else None
    parts = urlsplit(address).path.rstrip("/").split("/")[-2:] if isinstance(address, str) else []
    org_id = next((part for part in parts if _is_id(part) and part.startswith("00D")), None)
    return org_id, next((part for part in parts if _is_id(part) and part.startswith("005")), None)


def _user_of_chatter(client: Client) -> str | None:
    payload = _optional(client, client.path("chatter/users/me"))
    found = payload.get("id") if isinstance(payload, Mapping) else None
    return found if isinstance(found, str) and _is_id(found) else None


def _optional(client: Client, path: str) -> Any:
    try:
        return client.transport.get_json(path)
    except SalesforceError as error:
        if error.kind in _FATAL:
            raise
    except OrgMirrorError as error:
        if error.code is not ErrorCode.NOT_SALESFORCE:
            raise
    return None


def _user(client: Client, user_id: str | None, username: str | None) -> Mapping[str, Any]:
    if _is_id(user_id):
        return _first(client, "User", _USER_FIELDS, f" WHERE Id = '{user_id}'")
    if username:
        quoted = username.replace("\\", "\\\\").replace("'", "\\'")
        return _first(client, "User", _USER_FIELDS, f" WHERE Username = '{quoted}'")
    return {}


def _first(client: Client, name: str, choices: Sequence[Sequence[str]], condition: str) -> Mapping[str, Any]:
    """The first row, with as many of the fields as this user may read; empty when none may be read."""
    for fields in choices:
        try:
            rows = client.query(f"SELECT {', '.join(fields)} FROM {name}{condition} LIMIT 1")
        except SalesforceError as error:
            if error.kind in _FATAL:
                raise
            continue
        return rows[0] if rows else {}
    return {}


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and is_salesforce_id(value)


def _text(*values: Any) -> str:
    return next((value for value in values if isinstance(value, str) and value), "")


def _sandbox_by_address(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return ".sandbox." in host or "--" in host.partition(".")[0] or host.startswith("test.")
