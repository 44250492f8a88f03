"""Deletes that the query of changes cannot show: what was deleted for good is in getDeleted alone (sync-peers 2.4).

The list is only a hint: every row that is still alive here is asked for by Id, and Salesforce's answer decides. What
does not come back was deleted for good, or is no longer visible, and leaves the table for its grace time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from core.mirror import deleted, objects, problems, removal
from core.mirror.merge import MergeCounts
from core.mirror.mirror import Mirror
from core.mirror.rows import RowWriter
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import long_id
from core.model.scope import DeletePolicy
from core.salesforce.client import Client
from core.salesforce.errors import ErrorClass, SalesforceError
from core.sync import soql
from core.sync.by_id import read_rows

IDS_PER_QUERY = 200
# A withdrawal that would take more than this share of an object's rows, and more than this number, asks first.
GUARD_PERCENT = 5.0
GUARD_ROWS = 50


@dataclass(frozen=True, slots=True)
class Settled:
    """What asking for some ids by name brought: `gone` left the table, `counts` came back and were merged."""

    counts: MergeCounts = field(default_factory=MergeCounts)
    gone: int = 0
    changes: Changes = field(default_factory=Changes)


def would_vanish_too_many(going: int, rows: int) -> bool:
    """Whether so many of `rows` rows would go that a person has to be asked. Pure."""
    return going > GUARD_ROWS and going * 100 > rows * GUARD_PERCENT


def cross_check(mirror: Mirror, client: Client, table: Table, deleted_ids: Collection[str]) -> Settled:
    """Settle the ids that getDeleted names and that are alive here. Raises OrgMirrorError."""
    if not deleted_ids or not table.has_is_deleted:
        return Settled()
    alive = mirror.read(lambda s: removal.alive(s, table, [long_id(i) for i in deleted_ids]))
    return settle(mirror, client, table, alive) if alive else Settled()


def apply_policy(mirror: Mirror, table: Table) -> int:
    """What the object's policy has for records that are in the recycle bin; returns how many were removed here.

    "flag" leaves them under "deleted", "remove" erases them, "ask" tells a person how many there are to decide about.
    """
    name = table.name
    policy, remembered = mirror.read(lambda s: (objects.delete_policy(s, name), deleted.any_of(s, name)))
    if remembered:
        mirror.writer.call(lambda s: deleted.restored(s, table), Priority.BATCH)
        while mirror.writer.call(lambda s: deleted.remove(s, table, deleted.back_again(s, table)), Priority.BATCH):
            pass
    if policy is DeletePolicy.REMOVE:
        removed = 0
        while count := mirror.writer.call(
            lambda s: deleted.remove(s, table, deleted.undecided(s, table)), Priority.BATCH
        ):
            removed += count
        return removed
    if policy is DeletePolicy.ASK:
        waiting = mirror.read(lambda s: len(deleted.undecided(s, table, limit=None)))
        mirror.writer.call(lambda s: _ask(s, name, waiting), Priority.BATCH)
    return 0


def purge(mirror: Mirror, tables: Iterable[Table], before: datetime) -> Changes:
    """Erase the deleted records whose last stamp is before `before` (server time); what was erased of which object."""
    changes = Changes()
    for table in tables:
        gone = 0
        while rows := mirror.read(lambda s, t=table: deleted.overdue(s, t, before)):  # type: ignore[misc]
            count = mirror.writer.call(partial(deleted.remove, table=table, rows=rows), Priority.IDLE)
            if not count:
                break  # what is left has pending edits
            gone += count
        if gone:
            changes = changes.merged(Changes({table.name: None}))
    return changes


def _ask(session: WriteSession, name: str, waiting: int) -> None:
    known = [p for p in problems.open_problems(session, name) if p.code is ErrorCode.DELETED_ASKS]
    if not waiting:
        problems.close_problems(session, name, code=ErrorCode.DELETED_ASKS)
    elif not known or known[0].params.get("count") != waiting:
        error = OrgMirrorError(ErrorCode.DELETED_ASKS, object=name, count=waiting)
        problems.open_problem(session, name, error)


def _records(client: Client, table: Table, fields: tuple[str, ...], ids: Sequence[str]) -> list[dict[str, Any]]:
    """These rows, each once. Where the list of ids itself makes the query too long, half of them at a time."""
    try:
        pages = read_rows(client, table, fields, soql.among("Id", ids))
        return list({str(record["Id"]): record for page in pages for record in page}.values())
    except SalesforceError as error:
        if error.kind is not ErrorClass.TOO_WIDE or len(ids) == 1:
            raise
    half = len(ids) // 2
    return _records(client, table, fields, ids[:half]) + _records(client, table, fields, ids[half:])


def settle(mirror: Mirror, client: Client, table: Table, ids: Sequence[str], *, withdraw: bool = True) -> Settled:
    """Ask for these rows by Id: what comes is merged, what does not leaves the table (`withdraw`)."""
    fields = soql.load_fields(table)
    writer = RowWriter.for_json(table, fields)
    counts = MergeCounts()
    gone = 0
    changes = Changes()
    for start in range(0, len(ids), IDS_PER_QUERY):
        wanted = list(ids[start : start + IDS_PER_QUERY])
        records = _records(client, table, fields, wanted)
        if records:
            merged = mirror.writer.call(partial(writer.merge, rows=records), Priority.BATCH)
            counts += merged
            if merged.written:
                changes = changes.merged(Changes({table.name: merged.changed_ids}))
        came = {long_id(str(record["Id"])) for record in records}
        missing = [each for each in wanted if each not in came]
        if missing and withdraw:
            went = mirror.writer.call(partial(removal.withdraw_ids, table=table, ids=missing), Priority.BATCH)
            gone += went
            if went:
                changes = changes.merged(Changes({table.name: frozenset(missing)}))
    return Settled(counts, gone, changes)
