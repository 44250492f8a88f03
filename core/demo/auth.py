"""Who may sign in to the demo org, and the access tokens they hold.

Tokens are opaque like a real org's, end by inactivity on the org's clock, and are kept in the org's key-value store,
so that a restarted server knows them. One Sessions per site, used by all worker threads under its own lock.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import threading
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from core.demo.errors import OrgError

if TYPE_CHECKING:
    from core.demo.behaviour import Behaviour
    from core.demo.org import Org

ADMIN_USERNAME = "ada.admin@orgmirror.demo"
PASSWORD = "demo-Passw0rd"
SECURITY_TOKEN = "DemoToken123"
CLIENT_ID = "3MVG9OrgMirrorDemo.ConnectedApp.ClientId_000000000000000000000000"
CLIENT_SECRET = "5D0C0FFEE0DE30A11CE0F0DE30ACC0DE5D0C0FFEE0DE30A11CE0F0DE30ACC0DE"

_KEY = "http.sessions"
_TOUCH_EVERY = timedelta(seconds=60)


class LoginRefused(Exception):
    """A sign-in that failed: `code` and `message` are those of the SOAP login fault."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass
class Session:
    """One access token."""

    token: str
    user_id: str
    used: str
    """ISO time of the last use, org's clock."""
    scope: str = "api refresh_token openid id"
    refresh: str | None = None
    """The refresh token that can renew it."""


class Sessions:
    """Every access token and refresh token of the org."""

    def __init__(self, org: Org, behaviour: Behaviour) -> None:
        self._org = org
        self._behaviour = behaviour
        self._lock = threading.Lock()
        stored: dict[str, Any] = org.kv.get(_KEY) or {}
        self._sessions = {item["token"]: Session(**item) for item in stored.get("sessions", [])}
        self._refresh: dict[str, str] = dict(stored.get("refresh", {}))
        self._standing: str | None = stored.get("standing")
        self._sweep(org.now())

    def standing_token(self) -> str:
        """The admin's access token that the ready line shows: the same one at every start of a folder.

        It counts as used at the start. Only when it was expired or revoked on purpose there is a new one.
        """
        with self._lock:
            session = self._sessions.get(self._standing or "")
            if session is None:
                session = self._make(self._org.admin_id, refresh=False)
                self._standing = session.token
            session.used = self._org.now().isoformat()
            self._save()
            return session.token

    def check_password(self, username: str, secret: str) -> str:
        """The id of the user that signs in with password and security token in one text.

        Raises LoginRefused. Every user of the demo org has the same password and security token.
        """
        user = self._org.find_user(username)
        wrong = LoginRefused("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.")
        if user is None or not user.is_active:
            raise wrong
        if hmac.compare_digest(secret.encode(), (PASSWORD + SECURITY_TOKEN).encode()):
            return user.id
        if hmac.compare_digest(secret.encode(), PASSWORD.encode()):
            if not self._behaviour.security_token_required:
                return user.id
            raise LoginRefused(
                "LOGIN_MUST_USE_SECURITY_TOKEN",
                "Invalid username, password, security token; or user locked out. Are you at a new location? When "
                "accessing Salesforce--either via a desktop client or the API--from outside of your company's trusted "
                "networks, you must add a security token to your password to log in. To get your new security token, "
                "log in to Salesforce. From your personal settings, enter Reset My Security Token in the Quick Find "
                "box, then select Reset My Security Token.",
            )
        raise wrong

    def check_api(self, username: str) -> None:
        """What the SOAP login adds to the password: API access. Raises LoginRefused.

        OAuth signs in without it; the first REST call is what is refused then.
        """
        if self._behaviour.api_disabled_org:
            raise LoginRefused("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")
        if username.lower() in {name.lower() for name in self._behaviour.api_disabled_users}:
            raise LoginRefused("API_CURRENTLY_DISABLED", "API is disabled for this User")

    def open(self, user_id: str, *, refresh: bool = False) -> Session:
        """A new session of a user; with `refresh` there is a refresh token for it too."""
        with self._lock:
            session = self._make(user_id, refresh=refresh)
            self._save()
            return session

    def renew(self, refresh_token: str) -> tuple[Session, str | None]:
        """A new session for a refresh token, and the token that replaces it where rotation is on.

        Raises KeyError for a refresh token that is unknown, revoked or rotated out.
        """
        with self._lock:
            user_id = self._refresh[refresh_token]
            replacement = None
            if self._behaviour.refresh_rotation:
                del self._refresh[refresh_token]
                replacement = _opaque()
                self._refresh[replacement] = user_id
            session = self._make(user_id, refresh=False)
            session.refresh = replacement or refresh_token
            self._save()
            return session, replacement

    def check(self, authorization: str | None) -> Session:
        """The session of an Authorization header. Raises OrgError INVALID_SESSION_ID (401)."""
        scheme, _, token = (authorization or "").partition(" ")
        session = self.find(token.strip()) if scheme.lower() in ("bearer", "oauth") else None
        if session is None:
            raise OrgError("INVALID_SESSION_ID", "Session expired or invalid", 401)
        return session

    def find(self, token: str) -> Session | None:
        """The session of a token that is still good; using it keeps it good."""
        now = self._org.now()
        with self._lock:
            session = self._sessions.get(token)
            if session is None:
                return None
            used = datetime.fromisoformat(session.used)
            if now - used > self._life():
                del self._sessions[token]
                self._save()
                return None
            if now - used > _TOUCH_EVERY:
                session.used = now.isoformat()
                self._save()
            return session

    def end(self, token: str) -> bool:
        """Revoke an access or refresh token, as the revoke endpoint does. False for an unknown one."""
        with self._lock:
            if token in self._sessions:
                del self._sessions[token]
            elif token in self._refresh:
                del self._refresh[token]
                self._sessions = {key: each for key, each in self._sessions.items() if each.refresh != token}
            else:
                return False
            self._save()
            return True

    def expire(self, *, user_id: str | None = None, refresh: bool = False) -> int:
        """End every access token (of one user); with `refresh` the refresh tokens too. Returns how many went."""
        with self._lock:
            before = len(self._sessions)
            kept = {} if user_id is None else {k: s for k, s in self._sessions.items() if s.user_id != user_id}
            self._sessions = kept
            if refresh:
                self._refresh = (
                    {} if user_id is None else {key: owner for key, owner in self._refresh.items() if owner != user_id}
                )
            self._save()
            return before - len(kept)

    def life(self) -> timedelta:
        """How long a token lives without use."""
        return self._life()

    def _life(self) -> timedelta:
        return timedelta(minutes=self._behaviour.session_minutes)

    def _make(self, user_id: str, *, refresh: bool) -> Session:
        token = _jwt() if self._behaviour.jwt_tokens else f"{self._org.org_id[:15]}!{_opaque()}"
        session = Session(token, user_id, self._org.now().isoformat())
        if refresh:
            session.refresh = _opaque()
            self._refresh[session.refresh] = user_id
        self._sessions[token] = session
        return session

    def _sweep(self, now: datetime) -> None:
        """Forget tokens that ran out while the server was down; the standing one comes back at a start."""
        self._sessions = {
            token: each
            for token, each in self._sessions.items()
            if token == self._standing or now - datetime.fromisoformat(each.used) <= self._life()
        }

    def _save(self) -> None:
        self._org.kv.set(
            _KEY,
            {
                "sessions": [asdict(each) for each in self._sessions.values()],
                "refresh": self._refresh,
                "standing": self._standing,
            },
        )


def _jwt() -> str:
    """Something with the shape of a JSON Web Token: nobody but this org reads it, and it only looks it up."""
    parts = ('{"alg":"RS256","typ":"JWT"}', '{"scp":"api","iss":"demo"}', secrets.token_hex(32))
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)


def _opaque() -> str:
    return "AQ" + secrets.token_urlsafe(69).replace("-", ".")
