"""`om_object`: what the file knows of each object besides its rows. Small questions, for the engine and status."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.mirror import meta
from core.mirror.session import Session, WriteSession

_RELOAD = "reload:"
_SWEEP = "sweep:"
_PAUSED = "paused:"


@dataclass(frozen=True, slots=True)
class ObjectRecord:
    """One object's line in the file. Times are ISO texts in UTC; `rows` leaves deleted rows out."""

    name: str
    label: str
    label_plural: str
    custom: bool
    direction: str
    loaded: bool
    rows: int
    in_scope: bool
    last_synced_at: str | None


def all_objects(session: Session) -> dict[str, ObjectRecord]:
    """Every object that has or had a table here, by API name."""
    model = session.models.Object
    return {
        row.name: ObjectRecord(
            name=row.name,
            label=row.label,
            label_plural=row.label_plural,
            custom=bool(row.custom),
            direction=row.direction,
            loaded=bool(row.loaded),
            rows=int(row.rows or 0),
            in_scope=bool(row.in_scope),
            last_synced_at=row.last_synced_at,
        )
        for row in model.select(
            model.name,
            model.label,
            model.label_plural,
            model.custom,
            model.direction,
            model.loaded,
            model.rows,
            model.in_scope,
            model.last_synced_at,
        )
    }


def describe_stamps(session: Session) -> dict[str, str | None]:
    """The Last-Modified of each stored describe."""
    model = session.models.Object
    return {row.name: row.describe_stamp for row in model.select(model.name, model.describe_stamp)}


def want_reload(session: WriteSession, name: str, fields: Iterable[str] = ()) -> None:
    """Columns came that have no values yet: in the transaction that makes them, so that no crash forgets it."""
    known = (meta.get(session, _RELOAD + name) or "").split()
    meta.set_(session, _RELOAD + name, " ".join(dict.fromkeys((*known, *fields))))


def columns_wanted(session: Session, name: str) -> tuple[str, ...]:
    """The columns of an object that wait for their values."""
    return tuple((meta.get(session, _RELOAD + name) or "").split())


def reload_wanted(session: Session) -> frozenset[str]:
    """Objects whose rows have to be asked for once more, all of them."""
    keys = session.conn.execute("SELECT key FROM om_meta WHERE key GLOB ?", (_RELOAD + "*",))
    return frozenset(str(key).removeprefix(_RELOAD) for (key,) in keys)


def reloaded(session: WriteSession, name: str) -> None:
    """Every row of the object was asked for with all its columns."""
    meta.set_(session, _RELOAD + name, None)


def want_sweep(session: WriteSession, name: str) -> None:
    """Something may have been missed, or rights have changed: the object's ids are to be compared soon."""
    meta.set_(session, _SWEEP + name, "1")


def sweeps_wanted(session: Session) -> frozenset[str]:
    """Objects whose ids are to be compared with the org's."""
    rows = session.conn.execute("SELECT substr(key, ?) FROM om_meta WHERE key GLOB ?", (len(_SWEEP) + 1, _SWEEP + "*"))
    return frozenset(str(name) for (name,) in rows)


def swept(session: WriteSession, name: str) -> None:
    """The object's ids were compared."""
    meta.set_(session, _SWEEP + name, None)


def set_paused(session: WriteSession, name: str, *, paused: bool) -> None:
    """A person holds the object, or takes it up again."""
    meta.set_(session, _PAUSED + name, "1" if paused else None)


def paused(session: Session) -> frozenset[str]:
    """Objects that a person holds."""
    rows = session.conn.execute(
        "SELECT substr(key, ?) FROM om_meta WHERE key GLOB ?", (len(_PAUSED) + 1, _PAUSED + "*")
    )
    return frozenset(str(name) for (name,) in rows)


def set_scope(session: WriteSession, names: Iterable[str]) -> None:
    """`names` are what this cycle works with; every other object is out of scope."""
    wanted = list(names)
    model = session.models.Object
    model.update(in_scope=False).where(model.in_scope, model.name.not_in(wanted)).execute()
    model.update(in_scope=True).where(~model.in_scope, model.name.in_(wanted)).execute()


def synced(session: WriteSession, name: str, at: str, rows: int) -> None:
    """Note that an object was brought up to date at `at` (server time, ISO) and has `rows` live rows."""
    model = session.models.Object
    model.update(last_synced_at=at, rows=rows).where(model.name == name).execute()
