"""After merges and lead conversions: children that moved without a stamp of their own are asked for by their parents.

A merge's loser says by MasterRecordId who won; re-parented rows need not show that they changed (sync-peers 2.4). A
converted lead names its contact, account and opportunity, and its activities follow it there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from core.mirror import kin, moves
from core.mirror.merge import MergeCounts
from core.mirror.mirror import Mirror
from core.mirror.rows import RowWriter
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.salesforce.client import Client
from core.sync import soql
from core.sync.by_id import read_rows

_PARENTS_PER_QUERY = 100


@dataclass(frozen=True, slots=True)
class Errand:
    """Rows of `object` whose look-up `field` is one of `parents` are to be asked for."""

    object: str
    field: str
    parents: tuple[str, ...]


def errands(tables: Iterable[Table], moved: Mapping[str, Collection[str]]) -> list[Errand]:
    """What to ask for after rows of some objects were merged or converted: {object: ids of both sides}. Pure."""
    found: list[Errand] = []
    for table in tables:
        for column in table.columns:
            targets = {name for name in column.field.reference_to if moved.get(name)}
            if not targets or not column.field.filterable or column.name in moves.BECAME:
                continue
            parents = sorted({each for name in targets for each in moved[name]})
            found.append(Errand(table.name, column.name, tuple(parents)))
    return found


def plan_errands(mirror: Mirror) -> dict[str, list[str]]:
    """Make errands of all that was merged or converted since the last time, and answer it: {object: ids}.

    What merges lost is kept here. All of it is stored, so that a cycle may end at any moment.
    """
    tables = mirror.tables()
    found = {name: ids for name, ids in mirror.read(moves.moved).items() if name in tables}
    if not found:
        return {}
    note_losses(mirror, found)
    moved: dict[str, set[str]] = {}
    for name, ids in found.items():
        for target, id_ in mirror.read(lambda s, t=tables[name], i=ids: kin.moved(s, t, i)):  # type: ignore[misc]
            moved.setdefault(target, set()).add(id_)
    wanted = [(e.object, e.field, parent) for e in errands(tables.values(), moved) for parent in e.parents]
    mirror.writer.call(lambda s: moves.plan(s, found, wanted), Priority.BATCH)
    return found


def due_errands(mirror: Mirror, names: Collection[str]) -> list[Errand]:
    """The errands of these objects that are still to be run; those of a look-up that went are forgotten."""
    tables = mirror.tables()
    waiting = mirror.read(moves.pending)
    lost = [(n, f, p) for n, f, p in waiting if n not in tables or f not in tables[n].by_name]
    if lost:
        mirror.writer.call(lambda s: moves.done(s, lost), Priority.BATCH)
    found: dict[tuple[str, str], list[str]] = {}
    for name, field, parent in waiting:
        if name in names and (name, field, parent) not in lost:
            found.setdefault((name, field), []).append(parent)
    return [Errand(name, field, tuple(parents)) for (name, field), parents in found.items()]


def errand_done(mirror: Mirror, errand: Errand) -> None:
    """Its children are here."""
    ended = [(errand.object, errand.field, parent) for parent in errand.parents]
    mirror.writer.call(lambda s: moves.done(s, ended), Priority.BATCH)


def note_losses(mirror: Mirror, moved: Mapping[str, Collection[str]]) -> int:
    """Keep what the merges among these rows lost; how many merges were new."""
    tables = mirror.tables()
    return sum(
        mirror.writer.call(partial(kin.note_losses, table=tables[name], ids=ids), Priority.BATCH)
        for name, ids in moved.items()
        if name in tables
    )


def run_errand(mirror: Mirror, client: Client, table: Table, errand: Errand) -> MergeCounts:
    """Ask for the rows of one errand and merge them. Raises OrgMirrorError."""
    fields = soql.load_fields(table)
    writer = RowWriter.for_json(table, fields)
    total = MergeCounts()
    for start in range(0, len(errand.parents), _PARENTS_PER_QUERY):
        parents: Sequence[str] = errand.parents[start : start + _PARENTS_PER_QUERY]
        where = soql.among(errand.field, parents)
        for records in read_rows(client, table, fields, where):
            if records:
                total += mirror.writer.call(partial(writer.merge, rows=records), Priority.BATCH)
    return total
