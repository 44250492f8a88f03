"""After merges and lead conversions: children that moved without a stamp of their own are asked for by their parents.

A merge's loser says by MasterRecordId who won; re-parented rows need not show that they changed (sync-peers 2.4). A
converted lead names its contact, account and opportunity, and its activities follow it there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from core.mirror import kin
from core.mirror.merge import MergeCounts
from core.mirror.mirror import Mirror
from core.mirror.rows import RowWriter
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.salesforce.client import Client
from core.sync import soql
from core.sync.by_id import read_rows

MERGED = ("Lead", "Contact", "Account")
CONVERTED_TO = ("ConvertedContactId", "ConvertedAccountId", "ConvertedOpportunityId")
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
            if not targets or not column.field.filterable or column.name in ("MasterRecordId", *CONVERTED_TO):
                continue
            parents = sorted({each for name in targets for each in moved[name]})
            found.append(Errand(table.name, column.name, tuple(parents)))
    return found


def note_losses(mirror: Mirror, tables: Mapping[str, Table], written: Mapping[str, Collection[str] | None]) -> int:
    """Keep what the merges among the rows a cycle wrote lost; how many merges there were."""
    merges = 0
    for name in MERGED:
        table = tables.get(name)
        if table is None or name not in written:
            continue
        ids = written[name]
        if ids is None:
            # Too many to name: by the small index of deleted rows.
            ids = mirror.read(lambda s, t=table: kin.unnoted(s, t))  # type: ignore[misc]
        if ids:
            merges += mirror.writer.call(partial(kin.note_losses, table=table, ids=ids), Priority.BATCH)
    return merges


def found_errands(
    mirror: Mirror, tables: Mapping[str, Table], written: Mapping[str, Collection[str] | None]
) -> list[Errand]:
    """Whose children are to be asked for after a cycle that wrote these rows (None: too many to name)."""
    moved: dict[str, set[str]] = {}
    for name in MERGED:
        table = tables.get(name)
        if table is None or name not in written:
            continue
        ids = written[name]
        if ids is None:
            ids = mirror.read(lambda s, t=table: kin.unnoted(s, t))  # type: ignore[misc]
        for target, id_ in mirror.read(lambda s, t=table, i=ids: kin.moved(s, t, i)):  # type: ignore[misc]
            moved.setdefault(target, set()).add(id_)
    return errands(tables.values(), moved)


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
