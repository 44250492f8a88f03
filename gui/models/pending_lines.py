"""What waits to be sent, as a table: record, field, before, after, since, state. Declared once. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from gui.desktop import icons
from gui.models.line_model import LineColumn
from gui.text import edit_words, numbers

if TYPE_CHECKING:
    from core.api.records import PendingView

_tr = QCoreApplication.translate
NEEDS_PERSON = frozenset({"needs-user", "conflict", "ambiguous"})


def grouped(lines: Sequence[PendingView]) -> tuple[PendingView, ...]:
    """A record that is new is one line, with what it will have; every other change is one of its own."""
    made = {(line.object, line.id) for line in lines if line.op == "create"}
    values: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        if line.op == "update" and (line.object, line.id) in made and line.mine_text:
            values.setdefault((line.object, line.id), []).append(line.mine_text)
    shown = []
    for line in lines:
        key = (line.object, line.id)
        if line.op == "create":
            shown.append(replace(line, mine_text=", ".join(values.get(key, ()))))
        elif line.op != "update" or key not in made:
            shown.append(line)
    return tuple(shown)


def field_words(line: PendingView) -> str:
    """What of the record waits."""
    if line.op == "create":
        return _tr("Pending", "New record")
    if line.op == "delete":
        return _tr("Pending", "Delete")
    return line.label or line.field or ""


def before_words(line: PendingView) -> str:
    """The value that Salesforce was last known to have."""
    return "" if line.op != "update" else line.base_text or "–"


def after_words(line: PendingView) -> str:
    """The value that was entered here."""
    return "" if line.op == "delete" else line.mine_text or "–"


def state_words(line: PendingView) -> str:
    """Where the entry stands, with when it is tried again."""
    words = edit_words.state(line.state)
    if line.state == "retry" and line.next_try_at is not None:
        return _tr("Pending", "{state}, {time}").format(state=words, time=numbers.clock(line.next_try_at))
    return words


def said(line: PendingView) -> str:
    """Salesforce's own words about it, where it has said any."""
    return "\n".join(part for part in (line.error_code, line.error_text) if part)


def _dot(line: PendingView) -> str:
    if line.state in NEEDS_PERSON:
        return "bad"
    return "accent_fill" if line.state == "sending" else "warn"


PENDING_COLUMNS: tuple[LineColumn[PendingView], ...] = (
    LineColumn(
        "record",
        lambda: _tr("Pending", "Record"),
        lambda line: line.title,
        width=200,
        stretch=True,
        icon=lambda line: icons.object_icon_name(line.object),
        tip=lambda line: line.id,
        strong=True,
    ),
    LineColumn("field", lambda: _tr("Pending", "Field"), field_words, width=120),
    LineColumn("before", lambda: _tr("Pending", "Before"), before_words, width=130, tip=before_words),
    LineColumn("after", lambda: _tr("Pending", "After"), after_words, width=130, tip=after_words),
    LineColumn(
        "since",
        lambda: _tr("Pending", "Since"),
        lambda line: numbers.ago(line.since, datetime.now(UTC)),
        width=96,
        order=lambda line: line.since,
        value=lambda line: line.since.isoformat(),
    ),
    LineColumn("state", lambda: _tr("Pending", "State"), state_words, width=150, dot=_dot, tip=said),
)
