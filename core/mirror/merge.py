"""Rows that arrive after the first load: staged beside the table, compared in SQL, written only where they differ.

Keeps the invariant of the mirror in the same transaction: row = last server image overlaid by the pending outbox
entries of that record. The search index, the change log and the count of live rows go along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from core.mirror import changes, conflicts, moves, overlay, search, times
from core.mirror.entries import DERIVED, IN_FLIGHT
from core.mirror.field_rules import FieldRule, rules
from core.mirror.models import KEPT, OPEN_STATES, OVERLAY_STATES
from core.mirror.session import WriteSession
from core.mirror.tables import Column, Table
from core.mirror.values import quoted
from core.model.changes import MAX_IDS

_STAGE = "temp.om_stage"
_OPEN = ", ".join(f"'{state}'" for state in OPEN_STATES)
_OVER = ", ".join(f"'{state}'" for state in OVERLAY_STATES)
_CHUNK = 50  # a chain of 800 comparisons would come near SQLite's limit on the depth of an expression


@dataclass(frozen=True, slots=True)
class MergeCounts:
    """What a merge did. `new` came alive here; `deleted` are those whose IsDeleted turned 1 (or that arrived so);

    `skipped` were equal to the stored row, or older. `changed_ids` is None for more than 1,000 (rules 2).
    """

    new: int = 0
    updated: int = 0
    deleted: int = 0
    skipped: int = 0
    changed_ids: frozenset[str] | None = frozenset()

    @property
    def written(self) -> int:
        return self.new + self.updated + self.deleted

    def __add__(self, other: MergeCounts) -> MergeCounts:
        ids: frozenset[str] | None = None
        if self.changed_ids is not None and other.changed_ids is not None:
            ids = self.changed_ids | other.changed_ids
            if len(ids) > MAX_IDS:
                ids = None
        return MergeCounts(
            self.new + other.new,
            self.updated + other.updated,
            self.deleted + other.deleted,
            self.skipped + other.skipped,
            ids,
        )


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """A pending outbox entry as it lies over its row: a delete is `IsDeleted` = 1."""

    seq: int
    record_id: str
    op: str
    field: str | None
    mine: Any
    server: Any
    state: str


def open_entries(conn: apsw.Connection, object_name: str, *, staged: bool = False) -> list[OpenEntry]:
    """What lies over the object's rows, by sequence number; `staged`: only over those of records in the stage."""
    only = f'AND record_id IN (SELECT "Id" FROM {_STAGE})' if staged else ""
    rows: list[Any] = conn.execute(
        f"SELECT seq, record_id, op, field, mine, server, state FROM om_outbox "
        f"WHERE object = ? AND state IN ({_OVER}) {only} "
        "ORDER BY seq",
        (object_name,),
    ).fetchall()
    return [
        OpenEntry(seq, record_id, op, "IsDeleted", 1, server, state)
        if op == "delete"
        else OpenEntry(seq, record_id, op, field, mine, server, state)
        for seq, record_id, op, field, mine, server, state in rows
    ]


def has_pending(conn: apsw.Connection, object_name: str) -> bool:
    """Whether rows of the object must not simply be replaced: edits lie over them, some are kept as they are here, or
    were removed here alone."""
    sql = (
        f"SELECT EXISTS (SELECT 1 FROM om_outbox WHERE object = ?1 AND state IN ({_OVER})) "
        "OR EXISTS (SELECT 1 FROM om_copy WHERE object = ?1 AND here_only) "
        "OR EXISTS (SELECT 1 FROM om_field_rule WHERE object = ?1 AND rule = 'never-overwrite')"
    )
    return bool(conn.execute(sql, (object_name,)).get)


def open_records(conn: apsw.Connection, object_name: str) -> set[str]:
    """Ids of the object's records that have pending edits."""
    sql = f"SELECT DISTINCT record_id FROM om_outbox WHERE object = ? AND state IN ({_OPEN})"
    return {row[0] for row in conn.execute(sql, (object_name,))}


def on_conflict(columns: Sequence[Column]) -> str:
    """The upsert clause over `Id` for these columns."""
    names = [quoted(c.name) for c in columns if c.name != "Id"]
    if not names:
        return 'ON CONFLICT ("Id") DO NOTHING'
    return 'ON CONFLICT ("Id") DO UPDATE SET ' + ", ".join(f"{name} = excluded.{name}" for name in names)


class Merger:
    """The compiled statements of one table and header. State: what this run wrote to the change log."""

    def __init__(self, table: Table, columns: Sequence[Column], expressions: Sequence[str]) -> None:
        self._table = table
        self._columns = tuple(columns)
        self._names = [quoted(c.name) for c in columns]
        self._log = changes.RunLog(table, self._columns)
        held = {c.name for c in columns}
        self._has_deleted = "IsDeleted" in held
        self._became = moves.columns(table, held)
        self._stamp = quoted(table.stamp_field) if table.stamp_field in held and table.stamp_field else None
        names = ", ".join(self._names)
        # One page may hold a record twice, in either order.
        newer = f" WHERE excluded.{self._stamp} >= om_stage.{self._stamp}" if self._stamp else ""
        self._stage_sql = (
            f"INSERT INTO om_stage ({names}) VALUES ({', '.join(expressions)}) {on_conflict(columns)}{newer}"
        )
        self._upsert_sql = (
            f"INSERT INTO {table.quoted} ({names}) SELECT {names} FROM {_STAGE} WHERE true {on_conflict(columns)}"
        )

    def merge(
        self, session: WriteSession, rows: Sequence[Any], *, log: bool = True, only_known: bool = False
    ) -> MergeCounts:
        """Merge rows (wire text in the order of the header), up to 2,000 a call; returns what it did.

        `log=False` for own changes that are read back: they are no foreign update (rules 4). `only_known` passes over
        records that are not here: the rows have a part of the fields only.
        """
        if not rows:
            return MergeCounts()
        conn = session.conn
        self._stage(conn, rows)
        try:
            staged = conn.execute(f"SELECT count(*) FROM {_STAGE}").get
            if only_known:
                conn.execute(f"DELETE FROM {_STAGE} WHERE om_target IS NULL")
            self._drop_removed_here(conn)
            self._drop_older(conn)
            self._keep_ours(conn)
            overlaid, renamed = self._overlay(session)
            self._drop_equal(conn)
            counts, live = self._count(conn, staged)
            if log:
                self._log.write(session, overlaid)
            if counts.written:
                if self._became:
                    moves.note(conn, self._table, self._became, _STAGE)
                conn.execute(self._upsert_sql)
                om_rows = [row for (row,) in conn.execute(self._touched_sql)]
                search.update(conn, self._table, om_rows)
                conn.execute("UPDATE om_object SET rows = rows + ? WHERE name = ?", (live, self._table.name))
            for record_id in renamed:
                overlay.rebuild_name(session, self._table, record_id)
        finally:
            conn.execute(f"DROP TABLE {_STAGE}")
        return counts

    @property
    def _touched_sql(self) -> str:
        return f'SELECT t.om_row FROM {_STAGE} s JOIN {self._table.quoted} t ON t."Id" = s."Id"'

    def _stage(self, conn: apsw.Connection, rows: Sequence[Any]) -> None:
        parts = [f"{quoted(c.name)} {c.sql_type}{' NOT NULL UNIQUE' if c.name == 'Id' else ''}" for c in self._columns]
        conn.execute(f"CREATE TABLE {_STAGE} ({', '.join(parts)}, om_target INTEGER)")
        conn.executemany(self._stage_sql, rows)
        conn.execute(
            f'UPDATE {_STAGE} AS s SET om_target = (SELECT om_row FROM {self._table.quoted} t WHERE t."Id" = s."Id")'
        )

    def _drop_older(self, conn: apsw.Connection) -> None:
        """A row that an earlier answer brought newer stays: pages and refreshes overtake each other."""
        if self._stamp is not None:
            conn.execute(
                f"DELETE FROM {_STAGE} AS s WHERE s.{self._stamp} < "
                f"(SELECT t.{self._stamp} FROM {self._table.quoted} t WHERE t.om_row = s.om_target)"
            )

    def _drop_removed_here(self, conn: apsw.Connection) -> None:
        """A record that a person removed only here stays away."""
        conn.execute(
            f'DELETE FROM {_STAGE} WHERE "Id" IN (SELECT record_id FROM om_copy WHERE object = ? AND here_only)',
            (self._table.name,),
        )

    def _keep_ours(self, conn: apsw.Connection) -> None:
        """Fields that are never overwritten here: a value that differs lies over the server's from now on."""
        held = {c.name for c in self._columns}
        for name, rule in rules(conn, self._table.name).items():
            if rule is not FieldRule.NEVER_OVERWRITE or name not in held:
                continue
            cell = quoted(name)
            conn.execute(
                "INSERT INTO om_outbox (object, record_id, op, field, base, mine, server, state, created_at) "
                f"SELECT ?1, s.\"Id\", 'update', ?2, t.{cell}, t.{cell}, t.{cell}, ?3, ?4 FROM {_STAGE} s "
                f"JOIN {self._table.quoted} t ON t.om_row = s.om_target "
                f"WHERE t.{cell} IS NOT NULL AND t.{cell} IS NOT s.{cell} AND NOT EXISTS (SELECT 1 FROM om_outbox o "
                f'WHERE o.object = ?1 AND o.record_id = s."Id" AND o.field = ?2 AND o.state IN ({_OVER}))',
                (self._table.name, name, KEPT, times.now_text()),
            )

    def _drop_equal(self, conn: apsw.Connection) -> None:
        terms = [f"t.{name} IS s.{name}" for name in self._names]
        chunks = [" AND ".join(terms[start : start + _CHUNK]) for start in range(0, len(terms), _CHUNK)]
        equal = " AND ".join(f"({chunk})" for chunk in chunks)
        conn.execute(
            f"DELETE FROM {_STAGE} AS s WHERE EXISTS "
            f"(SELECT 1 FROM {self._table.quoted} t WHERE t.om_row = s.om_target AND {equal})"
        )

    def _overlay(self, session: WriteSession) -> tuple[list[changes.Overlaid], list[str]]:
        """Put pending edits over the staged server image; their `server` becomes what the image says.

        Returns the server values that changed under a pending edit (nobody sees them in the row), and the records
        whose name is made of pending parts.
        """
        conn = session.conn
        held = {c.name for c in self._columns}
        overlaid: list[changes.Overlaid] = []
        entries = [e for e in open_entries(conn, self._table.name, staged=True) if e.field in held]
        for entry in entries:
            assert entry.field is not None
            arrived = conn.execute(f'SELECT {quoted(entry.field)} FROM {_STAGE} WHERE "Id" = ?', (entry.record_id,)).get
            if arrived != entry.server or type(arrived) is not type(entry.server):
                conn.execute("UPDATE om_outbox SET server = ? WHERE seq = ?", (arrived, entry.seq))
                conflicts.renew(session, self._table.name, entry.record_id, entry.field, arrived)
                # What is on its way and arrives here first is no foreign change (rules 4); a derived name is no edit.
                own = entry.op == DERIVED or (entry.state in IN_FLIGHT and arrived == entry.mine)
                if not own:
                    overlaid.append(changes.Overlaid(entry.record_id, entry.field, entry.server, arrived))
        # After the loop: a later entry of the same field must see the server's value, not the earlier entry's.
        for entry in entries:
            assert entry.field is not None
            conn.execute(f'UPDATE {_STAGE} SET {quoted(entry.field)} = ? WHERE "Id" = ?', (entry.mine, entry.record_id))
        return overlaid, [e.record_id for e in entries if e.op == DERIVED]

    def _count(self, conn: apsw.Connection, staged: int) -> tuple[MergeCounts, int]:
        """The counts of what is left in the stage, and by how much the number of live rows moves."""
        now = 's."IsDeleted" IS 1' if self._has_deleted else "0"
        was = 't."IsDeleted" IS 1' if self._table.has_is_deleted else "0"
        if not self._has_deleted:
            now = was  # the header does not say: it stays what it was
        left, new, deleted, live = conn.execute(
            f"SELECT count(*), coalesce(sum(s.om_target IS NULL AND NOT ({now})), 0), "
            f"coalesce(sum(({now}) AND (s.om_target IS NULL OR NOT ({was}))), 0), "
            f"coalesce(sum((NOT ({now})) - (s.om_target IS NOT NULL AND NOT ({was}))), 0) "
            f"FROM {_STAGE} s LEFT JOIN {self._table.quoted} t ON t.om_row = s.om_target"
        ).get
        ids: frozenset[str] | None = None
        if left <= MAX_IDS:
            ids = frozenset(row[0] for row in conn.execute(f'SELECT "Id" FROM {_STAGE}'))
        return MergeCounts(new, left - new - deleted, deleted, staged - left, ids), live
