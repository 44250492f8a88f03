"""Calculated fields: formulas and roll-ups move no stamp, so they are read by a pass of their own (sync-peers 2.5).

Daily, in a reconcile that a person asks for, and for one record when it is opened. Engine's thread.
"""

from __future__ import annotations

from functools import partial

from core.mirror import watermarks
from core.mirror.merge import MergeCounts
from core.mirror.mirror import Mirror
from core.mirror.rows import RowWriter, count_live
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.salesforce.client import Client
from core.sync.part_read import read_parts

_ROWS_AT_ONCE = 2000


# Set by Salesforce too, but never without moving the stamp, or for ever.
_MOVE_THE_STAMP = frozenset(
    {"Id", "IsDeleted", "SystemModstamp", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"}
)


def calculated_fields(table: Table) -> tuple[str, ...]:
    """The columns whose values Salesforce works out, perhaps without moving a stamp: formulas, roll-ups, and their

    look-alikes, which are the fields that nobody can write, such as the numbers of a campaign.
    """
    return tuple(
        c.name
        for c in table.columns
        if c.name not in table.held
        and (c.field.calculated or not (c.field.createable or c.field.updateable or c.name in _MOVE_THE_STAMP))
    )


def fill(
    mirror: Mirror, client: Client, table: Table, fields: tuple[str, ...], cancel: CancelToken
) -> tuple[MergeCounts, Changes]:
    """Read `fields` of every row and write those that differ; rows that are not here stay away. Not logged as changes.

    Raises OrgMirrorError; what was written until then stays.
    """
    wanted = ("Id", *(name for name in fields if name != "Id"))
    total = MergeCounts()
    changes = Changes()
    rows = mirror.read(lambda s: count_live(s, table))
    for piece in read_parts(client, table, wanted, cancel, rows=rows):
        writer = RowWriter.for_json(table, wanted) if piece.header is None else RowWriter.for_csv(table, piece.header)
        for start in range(0, len(piece.rows), _ROWS_AT_ONCE):
            batch = piece.rows[start : start + _ROWS_AT_ONCE]
            merge = partial(writer.merge, rows=batch, log=False, only_known=True)
            counts = mirror.writer.call(merge, Priority.BATCH)
            total += counts
            if counts.written:
                changes = changes.merged(Changes({table.name: counts.changed_ids}))
    return total, changes


def read_formulas(mirror: Mirror, client: Client, table: Table, cancel: CancelToken) -> tuple[MergeCounts, Changes]:
    """Bring the calculated fields of the object up to date, and keep as of when they are."""
    fields = calculated_fields(table)
    begun = client.server_now()
    counts, changes = MergeCounts(), Changes()
    if fields:
        counts, changes = fill(mirror, client, table, fields, cancel)
    mirror.writer.call(lambda s: watermarks.formulas_read(s, table.name, begun), Priority.BATCH)
    return counts, changes
