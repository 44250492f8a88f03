"""Decides what a describe's changes mean: lines of the schema log, and which columns want values. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from core.mirror.schema import SchemaDelta
from core.mirror.schema_log import SchemaLine
from core.model.describe import FieldInfo, ObjectInfo


def columns_to_fill(delta: SchemaDelta) -> tuple[str, ...]:
    """Columns of a table with rows whose values have to be fetched."""
    retyped = (item.name for item in delta.retyped)
    return tuple(dict.fromkeys((*delta.added, *delta.returned, *delta.taken_in, *retyped)))


def log_lines(before: ObjectInfo | None, delta: SchemaDelta, *, came_back: bool = False) -> list[SchemaLine]:
    """What a person should read of it; nothing for an object that is made for the first time with the mirror."""
    after = delta.table.info
    if came_back:
        return [SchemaLine(after.name, None, "returned")]
    if before is None or delta.created:
        return []
    lines = [SchemaLine(after.name, name, "added", None, after_type(after, name)) for name in delta.added]
    lines += [SchemaLine(after.name, name, "removed", after_type(before, name)) for name in delta.removed]
    lines += [SchemaLine(after.name, name, "returned") for name in delta.returned]
    lines += [SchemaLine(after.name, name, "left-out") for name in delta.left_out]
    lines += [SchemaLine(after.name, name, "taken-in") for name in delta.taken_in]
    if before.label != after.label:
        lines.append(SchemaLine(after.name, None, "label", before.label, after.label))
    old = {field.name: field for field in before.fields}
    for field in after.mirrored_fields:
        known = old.get(field.name)
        if known is not None:
            lines += _field_lines(after.name, known, field)
    return lines


def after_type(info: ObjectInfo, name: str) -> str | None:
    """The describe type of a field, None where there is no such field."""
    return next((field.type for field in info.fields if field.name == name), None)


def _field_lines(name: str, before: FieldInfo, after: FieldInfo) -> Iterator[SchemaLine]:
    if before.type != after.type:
        yield SchemaLine(name, after.name, "type", before.type, after.type)
    if before.label != after.label:
        yield SchemaLine(name, after.name, "label", before.label, after.label)
    if before.length != after.length and before.type == after.type:
        yield SchemaLine(name, after.name, "length", str(before.length), str(after.length))
    gone = [v.value for v in before.picklist_values if v not in after.picklist_values]
    came = [v.value for v in after.picklist_values if v not in before.picklist_values]
    if gone or came:
        yield SchemaLine(name, after.name, "picklist", ", ".join(gone) or None, ", ".join(came) or None)
