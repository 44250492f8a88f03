"""The schema log as a person reads it: each change as a sentence. `SCHEMA_COLUMNS` declares the table once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from gui.desktop import icons
from gui.models.line_model import LineColumn
from gui.text import numbers

if TYPE_CHECKING:
    from core.api.sync import SchemaLine

_tr = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class SchemaEntry:
    """A stored line with its object's label; `number` is its place in what was read, the oldest 1."""

    number: int
    line: SchemaLine
    label: str

    @property
    def at(self) -> datetime | None:
        return _moment(self.line.at)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _of_object(what: str) -> str | None:
    known: dict[str, Callable[[], str]] = {
        "added": lambda: _tr("SchemaLog", "New object"),
        "removed": lambda: _tr("SchemaLog", "Object no longer visible"),
        "returned": lambda: _tr("SchemaLog", "Object visible again"),
        "label": lambda: _tr("SchemaLog", "Renamed from “{old}” to “{new}”"),
        "offered": lambda: _tr("SchemaLog", "New object, offered for the mirror"),
    }
    return known[what]() if what in known else None


def _of_field(what: str) -> str | None:
    known: dict[str, Callable[[], str]] = {
        "added": lambda: _tr("SchemaLog", "New field"),
        "removed": lambda: _tr("SchemaLog", "Field no longer visible"),
        "returned": lambda: _tr("SchemaLog", "Field visible again"),
        "type": lambda: _tr("SchemaLog", "Type changed from {old} to {new}"),
        "label": lambda: _tr("SchemaLog", "Label changed from “{old}” to “{new}”"),
        "length": lambda: _tr("SchemaLog", "Length changed from {old} to {new}"),
        "picklist": lambda: _tr("SchemaLog", "Choices changed: {old} → {new}"),
        "renamed": lambda: _tr("SchemaLog", "API name changed from {old} to {new}"),
        "kept-aside": lambda: _tr("SchemaLog", "Values that no longer fit were kept aside: {new}"),
        "dropped": lambda: _tr("SchemaLog", "Column removed from the mirror"),
        "backfilled": lambda: _tr("SchemaLog", "Values fetched for all records"),
    }
    return known[what]() if what in known else None


def sentence(line: SchemaLine) -> str:
    """What happened."""
    text = _of_field(line.what) if line.field else _of_object(line.what)
    if text is None:
        text = _tr("SchemaLog", "{what}: {old} → {new}").replace("{what}", line.what)
    return text.replace("{old}", line.old or "–").replace("{new}", line.new or "–")


SCHEMA_COLUMNS: tuple[LineColumn[SchemaEntry], ...] = (
    LineColumn(
        "at",
        lambda: _tr("SchemaLog", "When"),
        lambda entry: numbers.moment_text(entry.at) if entry.at else "",
        width=124,
        order=lambda entry: entry.at,
        value=lambda entry: entry.at,
    ),
    LineColumn(
        "object",
        lambda: _tr("SchemaLog", "Object"),
        lambda entry: entry.label,
        width=170,
        icon=lambda entry: icons.object_icon_name(entry.line.object),
        value=lambda entry: entry.line.object,
        strong=True,
    ),
    LineColumn("field", lambda: _tr("SchemaLog", "Field"), lambda entry: entry.line.field or "", width=200),
    LineColumn(
        "what",
        lambda: _tr("SchemaLog", "What changed"),
        lambda entry: sentence(entry.line),
        width=300,
        stretch=True,
        tip=lambda entry: sentence(entry.line),
    ),
)
