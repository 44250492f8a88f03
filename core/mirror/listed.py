"""`om_listed`: the objects that the org lists to this user, which of them a person ticked, and which are new.

Written from each global describe; it is what may be offered without asking the org again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.mirror import times
from core.mirror.session import Session, WriteSession
from core.model.describe import ObjectInfo


@dataclass(frozen=True, slots=True)
class Listed:
    """One object of the last listing. `ticked` None: nobody chose, the rule decides. `gone_at`: listed no more."""

    name: str
    label: str
    label_plural: str
    custom: bool
    queryable: bool
    custom_setting: bool
    is_new: bool
    ticked: bool | None
    gone_at: str | None = None


def all_listed(session: Session) -> dict[str, Listed]:
    """Every object that was ever listed, by API name."""
    rows = session.conn.execute(
        "SELECT name, label, label_plural, custom, queryable, custom_setting, is_new, ticked, gone_at FROM om_listed"
    )
    return {
        str(name): Listed(
            str(name), str(label), str(plural), bool(custom), bool(queryable), bool(setting), bool(new),
            None if ticked is None else bool(ticked), None if gone is None else str(gone),
        )
        for name, label, plural, custom, queryable, setting, new, ticked, gone in rows
    }  # fmt: skip


def keep(session: WriteSession, listed: Mapping[str, ObjectInfo]) -> list[str]:
    """Take a listing over; answers the names that are new. Of the first listing none is."""
    known = all_listed(session)
    now = times.now_text()
    session.conn.executemany(
        "INSERT INTO om_listed (name, label, label_plural, custom, queryable, custom_setting, first_seen_at, is_new) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (name) DO UPDATE SET label = ?2, label_plural = ?3, "
        "custom = ?4, queryable = ?5, custom_setting = ?6, gone_at = NULL",
        [
            (i.name, i.label, i.label_plural, i.custom, i.queryable, i.custom_setting, now, bool(known))
            for i in listed.values()
            if _differs(known.get(i.name), i)
        ],
    )
    gone = [(now, name) for name, item in known.items() if name not in listed and item.gone_at is None]
    session.conn.executemany("UPDATE om_listed SET gone_at = ? WHERE name = ?", gone)
    return [name for name in listed if name not in known] if known else []


def _differs(known: Listed | None, info: ObjectInfo) -> bool:
    if known is None or known.gone_at is not None:
        return True
    return (known.label, known.label_plural, known.custom, known.queryable, known.custom_setting) != (
        info.label, info.label_plural, info.custom, info.queryable, info.custom_setting,
    )  # fmt: skip


def tick(session: WriteSession, name: str, on: bool | None) -> None:
    """A person takes the object in or leaves it out; None leaves it to the rule."""
    session.conn.execute(
        "INSERT INTO om_listed (name, label, label_plural, first_seen_at, ticked) VALUES (?1, ?1, ?1, ?2, ?3) "
        "ON CONFLICT (name) DO UPDATE SET ticked = ?3, is_new = 0",
        (name, times.now_text(), on),
    )


def seen(session: WriteSession, names: Iterable[str]) -> None:
    """A person has seen that these are new."""
    session.conn.executemany("UPDATE om_listed SET is_new = 0 WHERE name = ?", [(name,) for name in names])
