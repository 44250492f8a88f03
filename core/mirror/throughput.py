"""How many records each object moved in each hour, and how many were waiting at its end; kept for 90 days.

An hour is named by the text of its beginning (UTC). Throughput is what was written: rows that came again unchanged are
no work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.mirror import loads, meta, times
from core.mirror.models import OPEN_STATES
from core.mirror.session import Session, WriteSession
from core.model.states import LoadPhase

KEEP = timedelta(days=90)
_LOOK_BACK = timedelta(hours=24)
_WAITING = "backlog:"
_OPEN = ", ".join(f"'{state}'" for state in OPEN_STATES)


@dataclass(frozen=True, slots=True)
class HourLine:
    """One hour: `done` records moved, `backlog` waiting when it was last looked at (None: not looked at)."""

    hour: datetime
    done: int
    backlog: int | None = None


def hour_of(moment: datetime) -> datetime:
    """The beginning of the hour."""
    return moment.replace(minute=0, second=0, microsecond=0)


def add(session: WriteSession, object_name: str, at: datetime, done: int) -> None:
    """`done` records of the object were moved at `at`."""
    if done:
        session.conn.execute(
            "INSERT INTO om_throughput (object, hour, done) VALUES (?, ?, ?) "
            "ON CONFLICT (object, hour) DO UPDATE SET done = done + excluded.done",
            (object_name, times.to_text(hour_of(at)), done),
        )


def note_backlog(session: WriteSession, at: datetime) -> None:
    """Note how many records of each object wait at `at`; also where nothing does any more."""
    now = waiting(session)
    recent = session.conn.execute(
        "SELECT DISTINCT object FROM om_throughput WHERE backlog > 0 AND hour >= ?", (times.to_text(at - _LOOK_BACK),)
    )
    found = {str(name): 0 for (name,) in recent} | now
    session.conn.executemany(
        "INSERT INTO om_throughput (object, hour, backlog) VALUES (?, ?, ?) "
        "ON CONFLICT (object, hour) DO UPDATE SET backlog = excluded.backlog",
        [(name, times.to_text(hour_of(at)), count) for name, count in found.items()],
    )


def hours(session: Session, object_name: str | None, since: datetime) -> list[HourLine]:
    """The hours from `since` on in which there was something, in order; of one object or of all together."""
    rows = session.conn.execute(
        "SELECT hour, sum(done), sum(backlog) FROM om_throughput WHERE hour >= ?1 AND (?2 IS NULL OR object = ?2) "
        "GROUP BY hour ORDER BY hour",
        (times.to_text(hour_of(since)), object_name),
    )
    return [HourLine(times.from_text(str(hour)), int(done), backlog) for hour, done, backlog in rows]


def by_object(session: Session, since: datetime) -> dict[str, list[HourLine]]:
    """The hours of each object from `since` on, in order."""
    rows = session.conn.execute(
        "SELECT object, hour, done, backlog FROM om_throughput WHERE hour >= ? ORDER BY object, hour",
        (times.to_text(hour_of(since)),),
    )
    found: dict[str, list[HourLine]] = {}
    for name, hour, done, backlog in rows:
        found.setdefault(str(name), []).append(HourLine(times.from_text(str(hour)), int(done), backlog))
    return found


def set_waiting(session: WriteSession, object_name: str, count: int | None) -> None:
    """So many changed records of an object have not been fetched; None: as far as is known, none."""
    meta.set_(session, _WAITING + object_name, str(count) if count else None)


def waiting(session: Session) -> dict[str, int]:
    """Records that wait, by object: of a first load or a large window under way, unfetched changes, and edits."""
    found: dict[str, int] = {}
    for job in loads.all_jobs(session):
        if job.phase is not LoadPhase.DONE and job.total is not None and job.total > job.rows_done:
            found[job.object] = job.total - job.rows_done
    rows = session.conn.execute(
        "SELECT substr(key, ?), value FROM om_meta WHERE key GLOB ?", (len(_WAITING) + 1, _WAITING + "*")
    )
    for name, count in rows:
        found[str(name)] = found.get(str(name), 0) + int(str(count))
    edits = session.conn.execute(
        f"SELECT object, count(DISTINCT record_id) FROM om_outbox WHERE state IN ({_OPEN}) GROUP BY object"
    )
    for name, count in edits:
        found[str(name)] = found.get(str(name), 0) + int(str(count))
    return found


def prune(session: WriteSession, now: datetime, *, at_most: int = 5000) -> int:
    """Forget up to `at_most` lines that have served their time."""
    session.conn.execute(
        "DELETE FROM om_throughput WHERE (object, hour) IN "
        "(SELECT object, hour FROM om_throughput WHERE hour < ? LIMIT ?)",
        (times.to_text(now - KEEP), at_most),
    )
    return session.conn.changes()
