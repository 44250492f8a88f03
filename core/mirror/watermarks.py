"""Until when an object is known to be in step. Moments are server time, stored as ISO text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import apsw

from core.mirror import meta, times
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Table
from core.mirror.values import quoted

_READ = "read:"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Watermark:
    """`safe_from`: every change before it is here. The overlap of ten minutes is the reader's to subtract."""

    object: str
    safe_from: datetime | None = None
    last_ok_at: datetime | None = None
    last_sweep_at: datetime | None = None
    last_formula_at: datetime | None = None
    last_asked_at: datetime | None = None


def get(session: Session, object_name: str) -> Watermark | None:
    """The object's watermark, or None before its first load is complete."""
    model = session.models.Watermark
    row = model.get_or_none(model.object == object_name)
    return None if row is None else _as_watermark(row)


def all_watermarks(session: Session) -> dict[str, Watermark]:
    """Every watermark by object name."""
    return {row.object: _as_watermark(row) for row in session.models.Watermark.select()}


def advance(session: WriteSession, object_name: str, *, safe_from: datetime, ok_at: datetime) -> None:
    """The object is in step up to `safe_from`, as of `ok_at`. In the transaction of the last rows, or after it.

    It never goes back: a late, older answer must not make rows be asked for twice for ever.
    """
    before = get(session, object_name)
    if before is not None and before.safe_from is not None:
        safe_from = max(before.safe_from, safe_from)
    _set(session, object_name, safe_from=times.to_text(safe_from), last_ok_at=times.to_text(ok_at))


def by_rows(session: Session, table: Table, moment: datetime) -> datetime:
    """A watermark for a server that tells no time: not later than the newest stamp among the object's rows.

    Safe with the reader's overlap: what is committed later has a stamp at most one transaction older than that.
    """
    stamp = table.stamp_field
    newest = session.conn.execute(f"SELECT max({quoted(stamp)}) FROM {table.quoted}").get if stamp else None
    return min(moment, times.from_text(newest) if newest else _LONG_AGO)


def asked(session: WriteSession, object_name: str, at: datetime) -> None:
    """The object was asked for changes at `at`, whatever came."""
    _set(session, object_name, last_asked_at=times.to_text(at))


def swept(session: WriteSession, object_name: str, at: datetime) -> None:
    """An id sweep of the object was completed."""
    _set(session, object_name, last_sweep_at=times.to_text(at))


def formulas_read(session: WriteSession, object_name: str, at: datetime) -> None:
    """The calculated fields of the object were read anew."""
    _set(session, object_name, last_formula_at=times.to_text(at))
    session.conn.execute("DELETE FROM om_meta WHERE key GLOB ?", (f"{_READ}{object_name}:*",))


def record_read(session: WriteSession, object_name: str, record_id: str, at: datetime) -> None:
    """One record was read anew by itself, calculated fields included."""
    meta.set_(session, f"{_READ}{object_name}:{record_id}", times.to_text(at))


def as_of(conn: apsw.Connection, object_name: str, record_id: str | None = None) -> datetime | None:
    """When the calculated fields of the object, or of one of its records, were last read: no stamp tells otherwise."""
    asked = (object_name, f"{_READ}{object_name}:{record_id}")
    moments = conn.execute(
        "SELECT (SELECT last_formula_at FROM om_watermark WHERE object = ?1), "
        "(SELECT started_server FROM om_load_job WHERE object = ?1), (SELECT value FROM om_meta WHERE key = ?2)",
        asked,
    ).fetchone()
    known = [str(moment) for moment in moments or () if moment]
    return times.from_text(max(known)) if known else None


def forget(session: WriteSession, object_name: str) -> None:
    """Drop the watermark: the object is loaded from the start next time."""
    model = session.models.Watermark
    model.delete().where(model.object == object_name).execute()


def _set(session: WriteSession, object_name: str, **values: str) -> None:
    model = session.models.Watermark
    model.insert(object=object_name, **values).on_conflict(conflict_target=[model.object], update=values).execute()


def _as_watermark(row: object) -> Watermark:
    names = ("safe_from", "last_ok_at", "last_sweep_at", "last_formula_at", "last_asked_at")
    moments = {name: times.optional_moment(getattr(row, name)) for name in names}
    return Watermark(str(getattr(row, "object")), **moments)  # noqa: B009 - rows of peewee are untyped
