"""Small facts about the mirror as a whole: whose it is, what made it, what the engine remembers between cycles."""

from __future__ import annotations

from dataclasses import dataclass

from core.mirror.session import Session, WriteSession
from core.model.errors import ErrorCode, OrgMirrorError

_IDENTITY = ("org_id", "org_name", "user_id", "user_name", "timezone", "instance_url")


@dataclass(frozen=True, slots=True)
class Owner:
    """The org and user that a mirror was made for; ids have 18 characters."""

    org_id: str
    org_name: str = ""
    user_id: str = ""
    user_name: str = ""
    timezone: str = ""
    instance_url: str = ""


def get(session: Session, key: str) -> str | None:
    """A fact, or None."""
    value = session.conn.execute("SELECT value FROM om_meta WHERE key = ?", (key,)).get
    return None if value is None else str(value)


def set_(session: WriteSession, key: str, value: str | None) -> None:
    """Remember a fact; None forgets it."""
    if value is None:
        session.conn.execute("DELETE FROM om_meta WHERE key = ?", (key,))
    else:
        session.conn.execute("INSERT OR REPLACE INTO om_meta (key, value) VALUES (?, ?)", (key, value))


def owner(session: Session) -> Owner | None:
    """Whose mirror this is, or None in a new file."""
    facts = {key: get(session, key) or "" for key in _IDENTITY}
    return Owner(**facts) if facts["org_id"] else None


def claim(session: WriteSession, who: Owner) -> None:
    """Say whose mirror this is. Raises OTHER_ORG for another org than the one before (rules 7)."""
    before = owner(session)
    if before is not None and before.org_id != who.org_id:
        raise OrgMirrorError(ErrorCode.OTHER_ORG, mirror_org=before.org_id, signed_in_org=who.org_id)
    for key in _IDENTITY:
        set_(session, key, str(getattr(who, key)))
