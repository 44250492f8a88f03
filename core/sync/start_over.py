"""Starts one object over: loads it anew into a shadow table and swaps; and drops dead columns the same way.

What is here stays readable and editable until the swap, and pending edits survive it: their rows come over as they are
and are merged with Salesforce's. A kill in the middle leaves the old table, and the next cycle begins again. Engine's
thread.
"""

from __future__ import annotations

from functools import partial

from core.mirror import objects, scoping, search, shadow, times, watermarks
from core.mirror.mirror import Mirror
from core.mirror.rows import RowWriter, count_live
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.salesforce.client import Client
from core.sync import soql
from core.sync.deletions import settle
from core.sync.ledger import Done
from core.sync.part_read import read_parts
from core.sync.strays import checked

_BATCH_ROWS = 2000


def start_over(mirror: Mirror, client: Client, table: Table, cancel: CancelToken) -> Done:
    """Load every row of the object anew and put the result in the place of what is here. Raises OrgMirrorError."""
    writer = mirror.writer
    begun = client.server_now()
    target = shadow.shadow_of(table)
    fields = soql.load_fields(table)
    count = client.count_many({table.name: table.row_filter}, all_rows=True)[table.name]
    rows = count if isinstance(count, int) else mirror.read(lambda s: count_live(s, table))
    shadow.begin(writer, table)
    try:
        for piece in read_parts(client, table, fields, cancel, rows=rows):
            into = (
                RowWriter.for_json(target, fields) if piece.header is None else RowWriter.for_csv(target, piece.header)
            )
            for start in range(0, len(piece.rows), _BATCH_ROWS):
                writer.call(partial(into.fill, rows=piece.rows[start : start + _BATCH_ROWS]), Priority.BATCH)
                cancel.raise_if_set()
        shadow.carry_columns(writer, table, mirror.read(lambda s: shadow.not_sent(s, table)))
    except BaseException:
        shadow.abandon(writer, table)
        raise

    def swap(session: WriteSession) -> tuple[list[str], int]:
        over = shadow.swap_loaded(session, table)
        live = count_live(session, table)
        objects.synced(session, table.name, times.to_text(begun), live)
        objects.started_over(session, table.name)
        objects.reloaded(session, table.name)
        scoping.refitted(session, table.name, table.row_filter)
        checked(session, table.name, begun)
        watermarks.advance(session, table.name, safe_from=begun, ok_at=begun)
        watermarks.swept(session, table.name, begun)
        return over, live

    over, live = writer.call(swap, Priority.BATCH)
    finish(mirror, table, cancel)
    settle(mirror, client, table, over, withdraw=False)
    return Done(updated=live, rows=live, changes=Changes({table.name: None}, status=True))


def drop_columns(mirror: Mirror, table: Table, cancel: CancelToken) -> Done:
    """Rebuild the table without its dead columns; every row keeps its number."""
    names, fields = mirror.read(lambda s: shadow.dead_columns(s, table))

    def done(session: WriteSession) -> None:
        if names:
            shadow.swap_copy(session, table)
        scoping.forget_fields(session, table.name, fields)
        objects.compacted(session, table.name)

    if names:
        shadow.begin(mirror.writer, table, names)
        try:
            shadow.copy_rows(mirror.writer, table)
            cancel.raise_if_set()
        except BaseException:
            shadow.abandon(mirror.writer, table)
            raise
    mirror.writer.call(done, Priority.BATCH)
    if names:
        finish(mirror, table, cancel)
    return Done(changes=Changes({table.name: None}, schema=True))


def finish(mirror: Mirror, table: Table, cancel: CancelToken) -> None:
    """What follows a swap, also one before a kill: the old table goes, indexes and search come."""
    shadow.finish(mirror.writer, table)
    search.build(mirror.writer, table, cancel)
