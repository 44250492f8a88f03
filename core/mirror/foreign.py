"""What another process wrote into an open mirror: the command line edits while a window shows the file (rules 7).

All writes of a process go through its one writer, so `PRAGMA data_version` of the writer's connection moves by others
alone. Which records they touched is told by the entries of the outbox and the lines of the change log that are new.
Called from one thread at a time; the question itself is a job of the writer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import apsw

from core.mirror.mirror import Mirror
from core.mirror.session import WriteSession
from core.mirror.writer import Priority
from core.model.changes import MAX_IDS, Changes

_NEW = (
    "SELECT object, record_id FROM om_outbox WHERE seq > ? UNION "
    "SELECT object, record_id FROM om_change WHERE change_id > ? AND object IS NOT NULL LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class _Mark:
    version: int
    seq: int
    change: int


class ForeignWrites:
    """Remembers how far this process has seen; the first look sees nothing foreign."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._mark: _Mark | None = None

    def look(self) -> Changes | None:
        """What others wrote since the last look, or None. What was written here meanwhile may be among it."""

        def job(session: WriteSession) -> tuple[_Mark, Changes | None]:
            before, now = self._mark, _mark(session.conn)
            if before is None or before.version == now.version:
                return now, None
            rows = session.conn.execute(_NEW, (before.seq, before.change, MAX_IDS + 1)).fetchall()
            return now, _changes([(str(name), record_id) for name, record_id in rows])

        # Never in the way of a person's job, and no reason to interrupt an index: it can wait its turn.
        self._mark, changes = self._mirror.writer.submit(job, Priority.BATCH, transaction=False).result()
        return changes


def _mark(conn: apsw.Connection) -> _Mark:
    seq: int = conn.execute("SELECT coalesce(max(seq), 0) FROM om_outbox").get
    change: int = conn.execute("SELECT coalesce(max(change_id), 0) FROM om_change").get
    return _Mark(int(conn.pragma("data_version")), seq, change)


def _changes(rows: list[tuple[str, Any]]) -> Changes:
    """Over 1,000 records, or the summary of a mass change, are "many"."""
    objects: dict[str, frozenset[str] | None] = {}
    for name, record_id in rows:
        known = objects.get(name, frozenset())
        many = known is None or record_id is None or len(rows) > MAX_IDS
        objects[name] = None if many or known is None else known | {str(record_id)}
    return Changes(objects, outbox=True, problems=True, status=True)
