"""Merging duplicates: side by side as Salesforce has them now, merged there, then here what became of them.

What the master lacks is taken from the others; False is a value, only empty is not. A counterpart that is gone takes no
part. What the losers had and nobody has any more is kept (`lost_in_merge`).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from core.mirror import acting, aliases, kin
from core.mirror.mirror import Mirror
from core.mirror.overlay import server_image
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Column, Table
from core.mirror.values import Kind
from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef, is_temporary_id, long_id
from core.salesforce.client import Client
from core.salesforce.soap import MAX_LOSERS, MergeAnswer, SoapClient
from core.sync import acting as ground
from core.sync import soql
from core.sync.act_views import Merged, MergeField, MergePreview, MergeSide, PendingEdits, Standing
from core.sync.deletions import settle
from core.sync.push_values import wire_record

MERGEABLE = ("Lead", "Contact", "Account")
# Numbers that count or score something: of two records the sum may be meant. Only offered, never chosen by itself.
_SUMMED = re.compile(r"(score|points|visits|count|clicks|opens|number_of)", re.IGNORECASE)
_WHERE = ("Id", "IsDeleted", "MasterRecordId", "IsConverted")


def merge_preview(
    mirror: Mirror, client: Client, object_name: str, master_id: str, loser_ids: Sequence[str], zone: tzinfo
) -> MergePreview:
    """The records side by side, read anew. Raises NO_SUCH_OBJECT, NO_SUCH_RECORD, NO_SUCH_CHOICE for too many."""
    table = _table(mirror, object_name)
    ids = _ids(mirror, master_id, loser_ids)
    known = [each for each in ids if not is_temporary_id(each)]
    # Rows stay here even where Salesforce has none any more: what is gone has to be seen to be said.
    settle(mirror, client, table, known, withdraw=False)
    places = _places(client, table, known)
    return mirror.read(lambda s: _preview(s, mirror.tables(), table, ids, places, zone))


def merge(
    mirror: Mirror, client: Client, object_name: str, master_id: str, loser_ids: Sequence[str],
    values: Mapping[str, Any] | None, pending: PendingEdits, push: ground.Push, cancel: CancelToken, now: datetime,
) -> Merged:  # fmt: skip
    """Merge up to two records into the master, `values` (stored form) set on it; None: those of the preview.

    Losers that are gone already are only seen to here. Raises OrgMirrorError: HAS_PENDING_EDITS, PUSH_GONE for a master
    (or all losers) that is gone, SOAP_TOKEN, ACT_UNKNOWN, a refusal, or the network's.
    """
    table = _table(mirror, object_name)
    master, *losers = _ids(mirror, master_id, loser_ids)
    ground.before(mirror, [RecordRef(table.name, each) for each in losers], pending, push, cancel)
    master, *losers = _ids(mirror, master, losers)
    if any(is_temporary_id(each) for each in (master, *losers)):
        raise OrgMirrorError(ErrorCode.HAS_PENDING_EDITS, count=1, object=table.name)
    _checked(table, values or {})
    places = _places(client, table, [master, *losers])
    there = [each for each in losers if places[each] is Standing.THERE]
    if places[master] is not Standing.THERE or not there:
        settle(mirror, client, table, [master, *losers])
        code = ErrorCode.PUSH_CONVERTED if Standing.CONVERTED in places.values() else ErrorCode.PUSH_GONE
        raise OrgMirrorError(code, object=table.name, id=master)
    if values is None:
        zone = now.tzinfo
        assert zone is not None
        values = merge_preview(mirror, client, table.name, master, there, zone).values()
    wire = wire_record(table, values)
    soap = SoapClient(client)
    # What the user chose side by side is his word on duplicates: a rule that only alerts does not stop it.
    ground.attempt(
        lambda: soap.merge(table.name, master, there, wire, allow_duplicates=True),
        lambda: _outcome(client, table, master, there),
    )
    if pending in (PendingEdits.MOVE, PendingEdits.DISCARD):
        mirror.write(lambda s: _settle_edits(s, table, master, losers, pending, now))
    changes, complete = ground.read_back(
        mirror, client, {table.name: [master, *losers]}, {table.name: [master, *there]}
    )
    lost, moved = mirror.write(lambda s: _after(s, mirror.tables(), table, master, losers, now))
    touched = frozenset([master, *losers])
    return Merged(
        RecordRef(table.name, master),
        tuple(RecordRef(table.name, each) for each in losers),
        lost,
        changes.merged(Changes({table.name: touched}, outbox=moved > 0 or pending is not PendingEdits.ASK)),
        complete,
    )


def _table(mirror: Mirror, object_name: str) -> Table:
    table = ground.table_of(mirror, object_name)
    if table.name not in MERGEABLE:
        raise OrgMirrorError(ErrorCode.NOT_EDITABLE, object=table.name)
    return table


def _ids(mirror: Mirror, master_id: str, loser_ids: Sequence[str]) -> list[str]:
    """Master and losers under the ids that they have now. Raises NO_SUCH_CHOICE for none, too many, or twins."""
    ids = mirror.read(lambda s: [aliases.resolve(s, long_id(each)) for each in (master_id, *loser_ids)])
    if not 1 <= len(loser_ids) <= MAX_LOSERS or len(set(ids)) != len(ids):
        raise OrgMirrorError(ErrorCode.NO_SUCH_CHOICE, choice=len(loser_ids))
    return ids


def _checked(table: Table, values: Mapping[str, Any]) -> None:
    for name in values:
        column = table.column(name)
        if column is None:
            raise OrgMirrorError(ErrorCode.NO_SUCH_FIELD, object=table.name, field=name)
        if not column.field.updateable:
            raise OrgMirrorError(ErrorCode.NOT_EDITABLE, object=table.name, field=column.name)


def _places(client: Client, table: Table, ids: Sequence[str]) -> dict[str, Standing]:
    """Where Salesforce has these records now."""
    places = dict.fromkeys(ids, Standing.GONE)
    if not ids:
        return places
    fields = [name for name in _WHERE if any(f.name == name for f in table.info.fields)]
    text = f"SELECT {', '.join(fields)} FROM {table.name} WHERE {soql.among('Id', ids)}"
    for record in client.query(text, all_rows=True):
        standing = Standing.CONVERTED if record.get("IsConverted") else Standing.THERE
        places[long_id(str(record["Id"]))] = Standing.GONE if record.get("IsDeleted") else standing
    return places


def _outcome(client: Client, table: Table, master: str, losers: Sequence[str]) -> MergeAnswer | None:
    """Whether the losers went into the master after all."""
    text = f"SELECT Id, IsDeleted, MasterRecordId FROM {table.name} WHERE {soql.among('Id', losers)}"
    found = [
        long_id(str(record["Id"]))
        for record in client.query(text, all_rows=True)
        if record.get("IsDeleted") and long_id(str(record.get("MasterRecordId") or "")) == master
    ]
    return MergeAnswer(master, tuple(found), ()) if len(found) == len(losers) else None


def _settle_edits(
    session: WriteSession, table: Table, master: str, losers: Sequence[str], pending: PendingEdits, now: datetime
) -> None:
    if pending is PendingEdits.MOVE:
        acting.move_edits(session, table, losers, master, at=now, group_id=f"merge-{uuid.uuid4()}")
    else:
        acting.discard_edits(session, [RecordRef(table.name, each) for each in losers])


def _after(
    session: WriteSession, tables: Mapping[str, Table], table: Table, master: str, losers: Sequence[str], now: datetime
) -> tuple[int, int]:
    """What is lost is noted, and edits that refer to a loser refer to the master; (values lost, edits moved)."""
    moved = acting.repoint(session, tables, dict.fromkeys(losers, master), at=now)
    kin.note_losses(session, table, losers)
    lost = kin.lost(session.conn, tables, RecordRef(table.name, master))
    return sum(1 for each in lost if each.loser_id in losers), moved


# The preview


def _preview(
    session: Session, tables: Mapping[str, Table], table: Table, ids: Sequence[str], places: Mapping[str, Standing],
    zone: tzinfo,
) -> MergePreview:  # fmt: skip
    rows = [server_image(session, table, each) for each in ids]
    titles = acting.titles(session, table, ids)
    sides = []
    for record_id, row in zip(ids, rows, strict=True):
        ref = RecordRef(table.name, record_id)
        shown = [table.by_name[name] for name in ("OwnerId", "LastModifiedDate") if name in table.by_name]
        texts = dict(
            zip(
                [column.name for column in shown],
                acting.displays(session, tables, [(column, row.get(column.name)) for column in shown], zone),
                strict=True,
            )
        )
        sides.append(
            MergeSide(
                ref,
                titles[record_id],
                places.get(record_id, Standing.UNMADE),
                texts.get("OwnerId", ""),
                texts.get("LastModifiedDate", ""),
                tuple(acting.children(session, tables, ref)),
                acting.count_edits(session, [ref]),
            )
        )
    fields = []
    for column in table.columns:
        values = tuple(row.get(column.name) for row in rows)
        if column.field.updateable and any(value is not None for value in values):
            displays = acting.displays(session, tables, [(column, value) for value in values], zone)
            fields.append(_field(session, tables, column, values, tuple(displays), zone))
    return MergePreview(table.name, tuple(sides), tuple(fields))


def _field(
    session: Session, tables: Mapping[str, Table], column: Column, values: tuple[Any, ...], displays: tuple[str, ...],
    zone: tzinfo,
) -> MergeField:  # fmt: skip
    summed = is_summed(column) and sum(1 for value in values if value is not None) > 1
    total = added(values) if summed else None
    shown = acting.displays(session, tables, [(column, total)], zone)[0] if summed else ""
    return MergeField(
        column.name,
        column.field.label,
        column.field.type,
        values,
        displays,
        chosen(values),
        len(set(values)) > 1,
        summed,
        total,
        shown,
    )


def chosen(values: Sequence[Any]) -> int:
    """The side whose value the master gets unless a person says otherwise: its own, else the first that has one."""
    return next((at for at, value in enumerate(values) if value is not None and value != ""), 0)


def is_summed(column: Column) -> bool:
    """Whether a number counts or scores something, so that the sum of both may be meant."""
    number = column.kind in (Kind.NUMBER, Kind.EXACT) and column.field.type in ("int", "double")
    return number and _SUMMED.search(column.name) is not None


def added(values: Sequence[Any]) -> Any:
    """The sum of stored numbers, in stored form: text where one of them is."""
    present = [value for value in values if value is not None]
    total = sum((Decimal(str(value)) for value in present), Decimal(0))
    if any(isinstance(value, str) for value in present):
        return format(total, "f")
    return int(total) if total == total.to_integral_value() else float(total)
