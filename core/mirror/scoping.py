"""What a person chose to mirror, as a wish kept in one transaction; `sync.scope_changes` brings the tables to it.

A wish and what is here may differ for a while: fields that are unticked and still have a column, an object whose rows
have to be fitted to another filter. What is left to do is read from the file alone, so that no crash forgets it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from core.mirror import meta, times
from core.mirror.merge import open_records
from core.mirror.models import OPEN_STATES
from core.mirror.session import Session, WriteSession
from core.mirror.tables import HELD, UNTICKED, WITHDRAWN, Table
from core.mirror.values import quoted
from core.model.scope import DeletePolicy, Direction, SchemaPolicy

_REFIT = "refit:"
_RELATIVE_DAY = "filter_day"


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """One field that the file knows of an object.

    `visible`: it has a column that lists show. `hidden_why` is UNTICKED, WITHDRAWN or None; `erased`: of a hidden one
    no value is left. `durable_id` is Salesforce's own, where it was readable.
    """

    name: str
    label: str
    in_scope: bool
    visible: bool
    hidden_at: str | None = None
    hidden_why: str | None = None
    erased: bool = False
    durable_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refit:
    """Rows of an object are to be fitted to its filter. `before`: the filter they were read by, None for no filter."""

    object: str
    before: str | None


def fields_of(session: Session, name: str) -> dict[str, FieldChoice]:
    """Every field that has or had a column, by API name."""
    rows = session.conn.execute(
        "SELECT name, label, in_scope, hidden_at, hidden_why, position, durable_id FROM om_field WHERE object = ?",
        (name,),
    )
    return {
        str(field): FieldChoice(
            name=str(field),
            label=str(label),
            in_scope=bool(in_scope),
            visible=hidden_at is None,
            hidden_at=hidden_at,
            hidden_why=(hidden_why or WITHDRAWN) if hidden_at is not None else None,
            erased=hidden_at is not None and int(str(position)) < 0,
            durable_id=durable_id,
        )
        for field, label, in_scope, hidden_at, hidden_why, position, durable_id in rows
    }


def unticked(session: Session, name: str) -> frozenset[str]:
    """Fields that a person left out."""
    rows = session.conn.execute("SELECT name FROM om_field WHERE object = ? AND NOT in_scope", (name,))
    return frozenset(str(field) for (field,) in rows)


def held(session: Session, name: str) -> frozenset[str]:
    """Columns that show their last values until a person decides on their new type."""
    rows = session.conn.execute("SELECT name FROM om_field WHERE object = ? AND hidden_why = ?", (name, HELD))
    return frozenset(str(field) for (field,) in rows)


def choose_fields(session: WriteSession, name: str, off: Collection[str], on: Collection[str]) -> None:
    """Leave fields out, and take fields in; others stay as they were. A field that has no line yet gets one."""
    now = times.now_text()
    session.conn.executemany(
        "INSERT INTO om_field (object, name, position, kind, label, added_at, hidden_at, hidden_why, in_scope) "
        "VALUES (?, ?, -1, 'text', ?, ?, ?, ?, 0) ON CONFLICT (object, name) DO UPDATE SET in_scope = 0",
        [(name, field, field, now, now, UNTICKED) for field in off],
    )
    session.conn.executemany(
        "UPDATE om_field SET in_scope = 1 WHERE object = ? AND name = ?", [(name, field) for field in on]
    )


def forget_fields(session: WriteSession, name: str, fields: Iterable[str]) -> None:
    """The lines of fields that are gone for good."""
    session.conn.executemany("DELETE FROM om_field WHERE object = ? AND name = ?", [(name, field) for field in fields])


def keep_durable_ids(session: WriteSession, name: str, ids: Mapping[str, str]) -> None:
    """Salesforce's own ids of the object's fields."""
    session.conn.executemany(
        "UPDATE om_field SET durable_id = ? WHERE object = ? AND name = ? AND durable_id IS NOT ?",
        [(durable, name, field, durable) for field, durable in ids.items()],
    )


def tables_to_alter(session: Session) -> frozenset[str]:
    """Objects whose columns are not those that were chosen."""
    rows = session.conn.execute(
        "SELECT DISTINCT f.object FROM om_field f JOIN om_object o ON o.name = f.object AND o.has_table "
        "WHERE (NOT f.in_scope AND f.hidden_at IS NULL) OR (f.in_scope AND f.hidden_why = ?)",
        (UNTICKED,),
    )
    return frozenset(str(name) for (name,) in rows)


def values_to_erase(session: Session) -> list[tuple[str, str]]:
    """(object, field) of unticked fields whose column still has values."""
    rows = session.conn.execute(
        "SELECT f.object, f.name FROM om_field f JOIN om_object o ON o.name = f.object AND o.has_table "
        "WHERE NOT f.in_scope AND f.hidden_at IS NOT NULL AND f.position >= 0"
    )
    return [(str(name), str(field)) for name, field in rows]


def choose(
    session: WriteSession,
    name: str,
    *,
    direction: Direction | None = None,
    schema_policy: SchemaPolicy | None = None,
    delete_policy: DeletePolicy | None = None,
) -> None:
    """Keep what is given; None stays as it was."""
    given = {"direction": direction, "schema_policy": schema_policy, "delete_policy": delete_policy}
    values = {key: value.value for key, value in given.items() if value is not None}
    if values:
        session.models.Object.update(**values).where(session.models.Object.name == name).execute()


def set_filter(session: WriteSession, name: str, row_filter: str | None) -> None:
    """Another row filter; where rows are here they are to be fitted to it. The same filter changes nothing."""
    found = session.conn.execute("SELECT row_filter, has_table FROM om_object WHERE name = ?", (name,)).fetchone()
    before, has_table = found if found else (None, 0)
    if (before or None) == row_filter:
        return
    session.conn.execute("UPDATE om_object SET row_filter = ?, filter_day = NULL WHERE name = ?", (row_filter, name))
    session.table_changed(name)
    session.conn.execute("DELETE FROM om_load_page WHERE object = ?", (name,))
    session.conn.execute("DELETE FROM om_load_job WHERE object = ? AND phase <> 'done'", (name,))
    if has_table and meta.get(session, _REFIT + name) is None:
        want_refit(session, name, str(before) if before else None)


def want_refit(session: WriteSession, name: str, before: str | None) -> None:
    """The rows, which were read by the filter `before`, do not all fit the filter any more."""
    meta.set_(session, _REFIT + name, json.dumps({"before": before}))


def refits(session: Session) -> dict[str, Refit]:
    """Objects whose rows are to be fitted to their filter."""
    rows = session.conn.execute(
        "SELECT substr(key, ?), value FROM om_meta WHERE key GLOB ?", (len(_REFIT) + 1, _REFIT + "*")
    )
    return {str(name): Refit(str(name), json.loads(str(value))["before"]) for name, value in rows}


def refitted(session: WriteSession, name: str, row_filter: str | None) -> None:
    """The object's rows are those of `row_filter`; where that is not the filter any more, they are to be fitted again.

    Another process, or another thread, may have chosen a filter while the rows were read.
    """
    now = session.conn.execute("SELECT row_filter FROM om_object WHERE name = ?", (name,)).get
    if (now or None) == (row_filter or None):
        meta.set_(session, _REFIT + name, None)
    else:
        want_refit(session, name, row_filter)


def filter_day(session: Session, name: str) -> str | None:
    """The day (user's zone, ISO) on which a filter with relative dates was last evaluated."""
    found = session.conn.execute("SELECT filter_day FROM om_object WHERE name = ?", (name,)).get
    return None if found is None else str(found)


def evaluated(session: WriteSession, name: str, day: str) -> None:
    """The filter was evaluated on `day`."""
    session.conn.execute("UPDATE om_object SET filter_day = ? WHERE name = ?", (day, name))


# rows outside of the filter


def mark_outside(session: WriteSession, name: str, ids: Iterable[str]) -> None:
    """Rows that no longer fit the filter and stay because of a pending edit."""
    now = times.now_text()
    session.conn.executemany("INSERT OR IGNORE INTO om_outside VALUES (?, ?, ?)", [(name, each, now) for each in ids])


def outside(session: Session, name: str) -> frozenset[str]:
    """Ids of rows that are here for a pending edit alone."""
    rows = session.conn.execute("SELECT record_id FROM om_outside WHERE object = ?", (name,))
    return frozenset(str(record_id) for (record_id,) in rows)


def settled_outside(session: Session, name: str) -> list[str]:
    """Rows outside of the filter whose edits are over: they may go."""
    marked = outside(session, name)
    return sorted(marked - open_records(session.conn, name)) if marked else []


def unmark(session: WriteSession, name: str, ids: Iterable[str]) -> None:
    """These rows fit again, or have gone."""
    session.conn.executemany("DELETE FROM om_outside WHERE object = ? AND record_id = ?", [(name, i) for i in ids])


# pending edits that stand against a change


def pending_of(session: Session, name: str, fields: Collection[str] | None = None) -> int:
    """How many edits of the object wait; of `fields` alone where given."""
    states = ", ".join(f"'{state}'" for state in OPEN_STATES)
    sql = f"SELECT field FROM om_outbox WHERE object = ? AND state IN ({states})"
    found = [field for (field,) in session.conn.execute(sql, (name,))]
    return len(found) if fields is None else sum(1 for field in found if field in fields)


def rows_in(session: Session, table: Table) -> int:
    """Rows of the table, the recycle bin included."""
    return int(session.conn.execute(f"SELECT count(*) FROM {quoted(table.name)}").get)
