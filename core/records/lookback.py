"""What waits and what was changed, as a person reads it. Pure but for the session it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.mirror import outbox
from core.mirror.changes import Change
from core.mirror.session import Session
from core.mirror.tables import Table
from core.model.refs import RecordRef
from core.records import rights
from core.records.views import ChangeView, PendingView
from core.records.wording import Wording


def pending_views(
    session: Session,
    tables: Mapping[str, Table],
    wording: Wording,
    object_name: str | None = None,
    record_id: str | None = None,
) -> tuple[PendingView, ...]:
    """Edits that wait, the oldest first."""
    found = []
    for entry in outbox.entries(session, object_name=object_name, record_id=record_id):
        table = tables.get(entry.object)
        column = table.column(entry.field) if table is not None and entry.field else None
        values = entry.op == outbox.UPDATE
        found.append(
            PendingView(
                seq=entry.seq,
                object=entry.object,
                id=entry.record_id,
                title=wording.title(RecordRef(entry.object, entry.record_id)),
                op=entry.op,
                field=entry.field,
                label=column.field.label if column else entry.field or "",
                base=entry.base if values else None,
                mine=entry.mine if values else None,
                server=entry.server if values else None,
                base_text=wording.text(table, entry.field, entry.base) if values else "",
                mine_text=wording.text(table, entry.field, entry.mine) if values else "",
                server_text=wording.text(table, entry.field, entry.server) if values else "",
                since=entry.created_at,
                state=entry.state,
                group_id=entry.group_id,
                attempts=entry.attempts,
                next_try_at=entry.next_try_at,
                error_code=entry.error_code,
                error_text=entry.error_text,
            )
        )
    return tuple(found)


def change_views(
    lines: Sequence[Change], tables: Mapping[str, Table], wording: Wording, editable: bool
) -> tuple[ChangeView, ...]:
    """Lines of the change log as a person reads them. `editable`: the record can be edited."""
    found = []
    for line in lines:
        table = tables.get(line.object)
        column = table.column(line.field) if table is not None and line.field else None
        parts = table is not None and rights.has_name_parts(table.info)
        writable = column is not None and rights.field_reason(column.field, has_parts=parts) is None
        found.append(
            ChangeView(
                change_id=line.change_id,
                at=line.at,
                field=line.field,
                label=column.field.label if column else line.field or "",
                old=line.old,
                new=line.new,
                old_text=wording.text(table, line.field, line.old),
                new_text=wording.text(table, line.field, line.new),
                by=line.by,
                side=line.side,
                can_revert=editable and writable,
            )
        )
    return tuple(found)
