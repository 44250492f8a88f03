"""A bulk edit before it is made: what would change in which record, and which records cannot take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.mirror import outbox
from core.model.errors import OrgMirrorError
from core.model.forms import FaultCode, FieldFault
from core.model.refs import RecordRef
from core.records import rights
from core.records.editor import Editor
from core.records.views import PreviewLine
from core.records.wording import Wording


def preview_lines(
    editor: Editor, wording: Wording, refs: Sequence[RecordRef], values: Mapping[str, Any]
) -> tuple[PreviewLine, ...]:
    """One line for each field of each record that would change; a record with a fault has one line that says it."""
    lines: list[PreviewLine] = []
    for given in refs:
        ref = editor.resolved(given)
        table = editor.table(ref.object)
        title = wording.title(ref)
        try:
            row = editor.row(ref)
        except OrgMirrorError:
            lines.append(PreviewLine(ref, title, "", "", "", "", FieldFault("", FaultCode.NO_SUCH_TARGET)))
            continue
        reason = rights.record_reason(table.info, editor.direction(table), row)
        if reason is not None and not outbox.is_unmade(editor.session, ref.id):
            fault = FieldFault("", FaultCode.NOT_EDITABLE, "", {"reason": reason.value})
            lines.append(PreviewLine(ref, title, "", "", "", "", fault))
            continue
        stored, faults = editor.check(table, ref.id, values)
        if faults:
            first = faults[0]
            before = wording.text(table, first.field, row.get(first.field))
            lines.append(PreviewLine(ref, title, first.field, first.label, before, "", first))
            continue
        lines += [
            PreviewLine(
                ref,
                title,
                name,
                table.by_name[name].field.label,
                wording.text(table, name, row[name]),
                wording.text(table, name, value),
            )
            for name, value in stored.items()
        ]
    return tuple(lines)
