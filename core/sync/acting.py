"""What conversion, merge and undelete have in common: edits before the act, the act's outcome, reading back after it.

An act happens in Salesforce first. When its answer is lost, the records themselves tell whether it happened; what they
cannot tell yet is ACT_UNKNOWN, and it is not repeated.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import TypeVar

from core.mirror import acting
from core.mirror.mirror import Mirror
from core.mirror.rows import RowWriter
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.model.refs import RecordRef
from core.salesforce.client import Client
from core.salesforce.errors import ErrorClass, SalesforceError
from core.salesforce.failures import was_never_sent
from core.sync import push_errors, soql
from core.sync.act_views import PendingEdits
from core.sync.aftermath import errands
from core.sync.by_id import read_rows
from core.sync.deletions import settle

log = logging.getLogger(__name__)

T = TypeVar("T")
Push = Callable[[Sequence[RecordRef], CancelToken], object]
_PARENTS_PER_QUERY = 100
_UNSURE = frozenset({ErrorClass.TRANSIENT, ErrorClass.BUSY})


def table_of(mirror: Mirror, name: str) -> Table:
    """The object's table. Raises NO_SUCH_OBJECT."""
    table = mirror.tables().get(name)
    if table is None:
        raise OrgMirrorError(ErrorCode.NO_SUCH_OBJECT, object=name)
    return table


def before(mirror: Mirror, refs: Sequence[RecordRef], how: PendingEdits, push: Push, cancel: CancelToken) -> None:
    """See to edits of these records that have not reached Salesforce. Raises HAS_PENDING_EDITS."""
    waiting = mirror.read(lambda s: acting.count_edits(s, refs))
    if waiting and how is PendingEdits.PUSH:
        push(refs, cancel)
        waiting = mirror.read(lambda s: acting.count_edits(s, refs))
    elif waiting and how in (PendingEdits.MOVE, PendingEdits.DISCARD):
        # What is on its way cannot be taken back: nobody knows whether it arrived.
        waiting = waiting if mirror.read(lambda s: acting.in_flight(s, refs)) else 0
    if waiting:
        raise OrgMirrorError(ErrorCode.HAS_PENDING_EDITS, count=waiting, object=refs[0].object)


def attempt(act: Callable[[], T], outcome: Callable[[], T | None]) -> T:
    """Do an act; where its answer is lost, `outcome` looks at the records and answers what the act would have.

    Raises a code of the push's table with Salesforce's words for a refusal, ACT_UNKNOWN, or what signing in can.
    """
    try:
        return act()
    except SalesforceError as error:
        unsure = error.kind in _UNSURE and error.salesforce_code is None
        if not unsure:
            raise refused(error) from None
        lost: OrgMirrorError = error
    except OrgMirrorError as error:
        if was_never_sent(error) or error.code not in push_errors.MAY_HAVE_ARRIVED:
            raise
        lost = error
    found = None
    if not isinstance(lost, Cancelled):
        try:
            found = outcome()
        except OrgMirrorError as again:
            log.info("nobody can tell whether an act happened: %s", again)
    if found is None:
        raise OrgMirrorError(ErrorCode.ACT_UNKNOWN, reason=lost.code.value)
    return found


def refused(error: SalesforceError) -> OrgMirrorError:
    """Salesforce's refusal of an act, worded as one of an edit is."""
    answer = push_errors.refused(error, fields=(), attempts=push_errors.QUICK_TRIES, looked=True)
    return OrgMirrorError(
        answer.code,
        salesforce_code=error.salesforce_code,
        salesforce_text=error.salesforce_text,
        fields=", ".join(error.fields),
    )


def read_back(
    mirror: Mirror, client: Client, ids: Mapping[str, Collection[str]], parents: Mapping[str, Collection[str]]
) -> tuple[Changes, bool]:
    """Bring here what an act touched: the records themselves, then everything that points to `parents`.

    Answers what changed here, and whether all of it could be read; the next cycle brings what could not.
    """
    changes = Changes()
    tables = mirror.tables()
    try:
        for name, wanted in ids.items():
            table = tables.get(name)
            if table is not None and wanted:
                changes = changes.merged(settle(mirror, client, table, list(wanted)).changes)
        for errand in errands(tables.values(), parents):
            changes = changes.merged(_children(mirror, client, tables[errand.object], errand.field, errand.parents))
    except Cancelled:
        return changes, False
    except OrgMirrorError as error:
        # The act has happened: whatever stands against reading it back must not make it look undone.
        log.info("what an act touched could not be read back: %s", error)
        return changes, False
    return changes, True


def _children(mirror: Mirror, client: Client, table: Table, field: str, parents: Sequence[str]) -> Changes:
    fields = soql.load_fields(table)
    writer = RowWriter.for_json(table, fields)
    changes = Changes()
    for start in range(0, len(parents), _PARENTS_PER_QUERY):
        where = soql.among(field, parents[start : start + _PARENTS_PER_QUERY])
        for records in read_rows(client, table, fields, where):
            merged = mirror.writer.call(partial(writer.merge, rows=records), Priority.PERSON) if records else None
            if merged is not None and merged.written:
                changes = changes.merged(Changes({table.name: merged.changed_ids}))
    return changes
