"""`om_object`: what the file knows of each object besides its rows. Small questions, for the engine and status."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.mirror import meta
from core.mirror.session import Session, WriteSession
from core.model.scope import DeletePolicy, SchemaPolicy

# The Last-Modified of the global describe that was taken over last; none: the next cycle describes everything.
DESCRIBE_STAMP = "describe_global_stamp"
_RELOAD = "reload:"
_SWEEP = "sweep:"
_DRIFT = "drift:"
_REFUSED = "refused:"
_DESCRIBED = "described:"
_START_OVER = "start-over:"
_COMPACT = "compact:"
_REINDEX = "reindex:"


@dataclass(frozen=True, slots=True)
class ObjectRecord:
    """One object's line in the file. Times are ISO texts in UTC; `rows` leaves deleted rows out.

    `row_filter` is the person's own SOQL condition, None where every row is wanted.
    """

    name: str
    label: str
    label_plural: str
    custom: bool
    direction: str
    loaded: bool
    rows: int
    in_scope: bool
    last_synced_at: str | None
    row_filter: str | None = None
    delete_policy: DeletePolicy = DeletePolicy.FLAG
    schema_policy: SchemaPolicy = SchemaPolicy.FOLLOW


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
            row_filter=row.row_filter,
            delete_policy=DeletePolicy(row.delete_policy),
            schema_policy=SchemaPolicy(row.schema_policy),
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
            model.row_filter,
            model.delete_policy,
            model.schema_policy,
        )
    }


def delete_policy(session: Session, name: str) -> DeletePolicy:
    """What is done with a record of the object that was deleted in Salesforce."""
    value = session.conn.execute("SELECT delete_policy FROM om_object WHERE name = ?", (name,)).get
    return DeletePolicy(value) if value else DeletePolicy.FLAG


def schema_policy(session: Session, name: str) -> SchemaPolicy:
    """What is done with a change of the object's schema."""
    value = session.conn.execute("SELECT schema_policy FROM om_object WHERE name = ?", (name,)).get
    return SchemaPolicy(value) if value else SchemaPolicy.FOLLOW


def row_filter(session: Session, name: str) -> str | None:
    """The person's own SOQL condition on the object's rows, None where there is none."""
    value = session.conn.execute("SELECT row_filter FROM om_object WHERE name = ?", (name,)).get
    return str(value) if value else None


def describe_stamps(session: Session) -> dict[str, str | None]:
    """The Last-Modified of each stored describe."""
    model = session.models.Object
    return {row.name: row.describe_stamp for row in model.select(model.name, model.describe_stamp)}


def describe_anew(session: WriteSession, name: str) -> None:
    """The next cycle describes the object whatever its stamp says."""
    session.conn.execute("UPDATE om_object SET describe_stamp = NULL WHERE name = ?", (name,))
    meta.set_(session, DESCRIBE_STAMP, None)


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


def want_start_over(session: WriteSession, name: str) -> None:
    """The object is to be loaded anew beside what is here."""
    meta.set_(session, _START_OVER + name, "1")


def start_overs(session: Session) -> frozenset[str]:
    """Objects that are to be loaded anew, or are being."""
    return _marked(session, _START_OVER)


def started_over(session: WriteSession, name: str) -> None:
    """The object was loaded anew."""
    meta.set_(session, _START_OVER + name, None)


def want_compact(session: WriteSession, name: str) -> None:
    """The object's dead columns are to be dropped."""
    meta.set_(session, _COMPACT + name, "1")


def compacts(session: Session) -> frozenset[str]:
    """Objects whose dead columns are to be dropped."""
    return _marked(session, _COMPACT)


def compacted(session: WriteSession, name: str) -> None:
    """The object's dead columns were dropped."""
    meta.set_(session, _COMPACT + name, None)


def want_reindex(session: WriteSession, name: str) -> None:
    """Columns went: the words of the search index are to be made anew."""
    meta.set_(session, _REINDEX + name, "1")


def reindexes(session: Session) -> frozenset[str]:
    """Objects whose search index is to be made anew."""
    return _marked(session, _REINDEX)


def reindexed(session: WriteSession, name: str) -> None:
    """The search index is of the columns there are."""
    meta.set_(session, _REINDEX + name, None)


def _marked(session: Session, prefix: str) -> frozenset[str]:
    rows = session.conn.execute("SELECT substr(key, ?) FROM om_meta WHERE key GLOB ?", (len(prefix) + 1, prefix + "*"))
    return frozenset(str(name) for (name,) in rows)


def described(session: WriteSession, name: str, fingerprint: str) -> None:
    """The object's newest describe as it came, before anything of it was left out."""
    meta.set_(session, _DESCRIBED + name, fingerprint)


def refuse_fields(session: WriteSession, name: str, fields: Iterable[str]) -> None:
    """These fields of the newest describe are listed and refused all the same."""
    fingerprint = meta.get(session, _DESCRIBED + name) or ""
    known = refused_fields(session, name, fingerprint)
    meta.set_(session, _REFUSED + name, " ".join([fingerprint, *sorted({*known, *fields})]))


def refused_fields(session: Session, name: str, fingerprint: str) -> frozenset[str]:
    """The fields to leave out of the describe with that fingerprint; of another one, none."""
    known, *fields = (meta.get(session, _REFUSED + name) or "").split() or [""]
    return frozenset(fields) if known == fingerprint else frozenset()


def forget_refused(session: WriteSession, name: str) -> None:
    """A person wants the refused fields of the object to be tried again: with the next describe."""
    if meta.get(session, _REFUSED + name) is None:
        return
    meta.set_(session, _REFUSED + name, None)
    meta.set_(session, "describe_global_stamp", None)
    model = session.models.Object
    model.update(describe_stamp=None).where(model.name == name).execute()


def note_drift(session: WriteSession, name: str, drift: int) -> None:
    """How many rows of the object were not in step when its ids were compared."""
    meta.set_(session, _DRIFT + name, str(drift))


def drifts(session: Session) -> dict[str, int]:
    """The drift that each object's last sweep found."""
    rows = session.conn.execute(
        "SELECT substr(key, ?), value FROM om_meta WHERE key GLOB ?", (len(_DRIFT) + 1, _DRIFT + "*")
    )
    return {str(name): int(value) for name, value in rows}


def set_scope(session: WriteSession, names: Iterable[str]) -> None:
    """`names` are what this cycle works with; every other object is out of scope."""
    wanted = list(names)
    model = session.models.Object
    model.update(in_scope=False).where(model.in_scope, model.name.not_in(wanted)).execute()
    model.update(in_scope=True).where(~model.in_scope, model.name.in_(wanted)).execute()


def live_rows(session: Session, name: str) -> int:
    """How many rows outside of the recycle bin an object has, as every write to it keeps count of them."""
    return int(session.conn.execute("SELECT rows FROM om_object WHERE name = ?", (name,)).get or 0)


def synced(session: WriteSession, name: str, at: str, rows: int) -> None:
    """Note that an object was brought up to date at `at` (server time, ISO) and has `rows` live rows."""
    model = session.models.Object
    model.update(last_synced_at=at, rows=rows).where(model.name == name).execute()
