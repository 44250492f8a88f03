"""How many records each object moved in each hour, and how many were waiting at its end; kept for 90 days.

An hour is named by the text of its beginning (UTC). Throughput is what was written: rows that came again unchanged are
no work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.mirror import times
from core.mirror.session import Session, WriteSession

KEEP = timedelta(days=90)


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


def set_backlog(session: WriteSession, backlog: Mapping[str, int], at: datetime) -> None:
    """So many records of each object wait at `at`."""
    session.conn.executemany(
        "INSERT INTO om_throughput (object, hour, backlog) VALUES (?, ?, ?) "
        "ON CONFLICT (object, hour) DO UPDATE SET backlog = excluded.backlog",
        [(name, times.to_text(hour_of(at)), waiting) for name, waiting in backlog.items()],
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


def prune(session: WriteSession, now: datetime, *, at_most: int = 5000) -> int:
    """Forget up to `at_most` lines that have served their time."""
    session.conn.execute(
        "DELETE FROM om_throughput WHERE (object, hour) IN "
        "(SELECT object, hour FROM om_throughput WHERE hour < ? LIMIT ?)",
        (times.to_text(now - KEEP), at_most),
    )
    return session.conn.changes()
