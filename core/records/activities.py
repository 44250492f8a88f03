"""Logging a call and making a task for a record. Tasks have to be open for editing (architecture 7)."""

from __future__ import annotations

from datetime import timedelta, tzinfo
from typing import Any

from core.model.refs import RecordRef
from core.records.editor import Editor
from core.records.views import CreateOptions

TASK = "Task"
_PEOPLE = frozenset({"Lead", "Contact"})


def log_call(editor: Editor, ref: RecordRef, subject: str, comments: str, zone: tzinfo) -> None:
    """A completed call, today in the user's zone. Raises NOT_EDITABLE, EditRefused, NO_SUCH_RECORD."""
    values = _for(editor, ref, subject, comments) | {"TaskSubtype": "Call", "ActivityDate": _day(editor, zone, 0)}
    closed = _status(editor, closed=True)
    if closed is not None:
        values["Status"] = closed
    _make(editor, values)


def add_task(editor: Editor, ref: RecordRef, subject: str, comments: str, due_days: int, zone: tzinfo) -> None:
    """An open task, due in `due_days` days. Raises as `log_call`."""
    values = _for(editor, ref, subject, comments) | {"ActivityDate": _day(editor, zone, due_days)}
    status = _status(editor, closed=False)
    if status is not None:
        values["Status"] = status
    _make(editor, values)


def _for(editor: Editor, ref: RecordRef, subject: str, comments: str) -> dict[str, Any]:
    known = editor.resolved(ref)
    editor.row(known)
    values: dict[str, Any] = {"Subject": subject, "WhoId" if known.object in _PEOPLE else "WhatId": known.id}
    return values | ({"Description": comments} if comments else {})


def _make(editor: Editor, values: dict[str, Any]) -> None:
    table = editor.table(TASK)
    # What this org or user does not have of a task (a subtype, say) is left to Salesforce.
    known = {n: v for n, v in values.items() if (c := table.column(n)) is not None and c.field.createable}
    known |= {n: v for n, v in values.items() if n in ("Subject", "WhoId", "WhatId")}
    editor.create(TASK, known, CreateOptions())


def _day(editor: Editor, zone: tzinfo, days: int) -> str:
    return (editor.at.astimezone(zone).date() + timedelta(days=days)).isoformat()


def _status(editor: Editor, *, closed: bool) -> str | None:
    """The org's own status for an open or a done task: the default, or "Completed" by its place, the last one."""
    column = editor.table(TASK).column("Status")
    values = [item for item in column.field.picklist_values if item.active] if column is not None else []
    if not values:
        return None
    if closed:
        return next((item.value for item in values if item.value == "Completed"), values[-1].value)
    return next((item.value for item in values if item.default), values[0].value)
