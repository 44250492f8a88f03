"""Merges and conversions whose children are still to be asked for.

Noted in the transaction that brought the merged or converted row, and forgotten when its children were read: nothing
else would ever tell of them (sync-peers 2.4), so neither a cut cycle nor a failed question may lose one. Two steps:
`moved:<object>:<id>` until it is known which look-ups of which objects are to be asked, then
`errand:<object>:<field>:<parent>` for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import apsw

from core.mirror import times
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Table
from core.mirror.values import quoted

# What says that a record became another one.
BECAME = ("MasterRecordId", "ConvertedContactId", "ConvertedAccountId", "ConvertedOpportunityId")
MERGED = ("Lead", "Contact", "Account")
_MOVED, _ERRAND = "moved:", "errand:"
# Objects, fields and ids have no colon in their names.
Pending = tuple[str, str, str]


def columns(table: Table, held: Iterable[str]) -> tuple[str, ...]:
    """The columns among `held` by which rows of `table` may say what they became."""
    return tuple(name for name in BECAME if name in set(held)) if table.name in MERGED else ()


def note(conn: apsw.Connection, table: Table, names: Sequence[str], stage: str) -> None:
    """Note the staged rows that became another record and were not known to; before they are written."""
    fresh = " OR ".join(f"(s.{quoted(n)} IS NOT NULL AND t.{quoted(n)} IS NOT s.{quoted(n)})" for n in names)
    conn.execute(
        f'INSERT OR REPLACE INTO om_meta (key, value) SELECT ?1 || s."Id", ?2 FROM {stage} s '
        f"LEFT JOIN {table.quoted} t ON t.om_row = s.om_target WHERE {fresh}",
        (f"{_MOVED}{table.name}:", times.now_text()),
    )


def moved(session: Session) -> dict[str, list[str]]:
    """Ids of the rows that became another record, by object, of which nobody has made errands yet."""
    found: dict[str, list[str]] = {}
    for (key,) in session.conn.execute("SELECT key FROM om_meta WHERE key GLOB ?", (_MOVED + "*",)):
        _, name, record_id = str(key).split(":")
        found.setdefault(name, []).append(record_id)
    return found


def plan(session: WriteSession, moved_: Mapping[str, Sequence[str]], errands: Iterable[Pending]) -> None:
    """Make errands (object, look-up field, parent) of what moved, in one transaction."""
    now = times.now_text()
    session.conn.executemany(
        "INSERT OR REPLACE INTO om_meta (key, value) VALUES (?, ?)",
        [(_ERRAND + ":".join(errand), now) for errand in errands],
    )
    session.conn.executemany(
        "DELETE FROM om_meta WHERE key = ?",
        [(f"{_MOVED}{name}:{each}",) for name, ids in moved_.items() for each in ids],
    )


def pending(session: Session) -> list[Pending]:
    """The errands that are still to be run, in a fixed order."""
    rows = session.conn.execute("SELECT key FROM om_meta WHERE key GLOB ? ORDER BY key", (_ERRAND + "*",))
    found = [str(key).split(":") for (key,) in rows]
    return [(name, field, parent) for _, name, field, parent in found]


def done(session: WriteSession, errands: Iterable[Pending]) -> None:
    """These were run, or cannot be any more."""
    session.conn.executemany("DELETE FROM om_meta WHERE key = ?", [(_ERRAND + ":".join(each),) for each in errands])
