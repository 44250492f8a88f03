"""Decides what a describe's changes mean: lines of the schema log, which columns want values, what is asked. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from core.mirror.schema import SYSTEM_FIELDS, SchemaDelta
from core.mirror.schema_log import SchemaLine
from core.mirror.values import kind_of
from core.model.describe import FieldInfo, ObjectInfo
from core.model.scope import SchemaPolicy


@dataclass(frozen=True, slots=True)
class Taken:
    """A describe as the object's policy lets it in. `info`: with held fields as they were.

    `left_out` are new fields that wait for a person; `held` are columns whose new form does, `newly_held` since now.
    """

    info: ObjectInfo
    left_out: tuple[str, ...] = ()
    held: frozenset[str] = frozenset()
    newly_held: tuple[str, ...] = ()


def take(
    before: ObjectInfo | None,
    after: ObjectInfo,
    policy: SchemaPolicy,
    known: Collection[str],
    *,
    held: Collection[str] = (),
    agreed: Collection[str] = (),
) -> Taken:
    """What of a new describe is taken over. `known` fields have or had a column; `agreed` may change their form."""
    if before is None or not known or policy is SchemaPolicy.FOLLOW:
        return Taken(after)
    new = tuple(f.name for f in after.mirrored_fields if f.name not in known and f.name not in SYSTEM_FIELDS)
    old = {field.name: field for field in before.fields}
    keep = {
        f.name: old[f.name]
        for f in after.mirrored_fields
        if f.name in known and f.name in old and f.name not in agreed and kind_of(old[f.name]) is not kind_of(f)
    }
    if keep:
        after = replace(after, fields=tuple(keep.get(f.name, f) for f in after.fields))
    return Taken(after, new, frozenset(keep), tuple(name for name in keep if name not in held))


def may_be_cut(before: ObjectInfo | None, after: ObjectInfo) -> dict[str, str]:
    """{field: "type" or "length"} of fields stored as before whose values may have changed with the field's form."""
    old = {field.name: field for field in before.fields} if before is not None else {}
    found: dict[str, str] = {}
    for field in after.mirrored_fields:
        known = old.get(field.name)
        if known is None or kind_of(known) is not kind_of(field):
            continue
        if known.type != field.type:
            found[field.name] = "type"
        elif field.length and known.length > field.length:
            found[field.name] = "length"
    return found


def renamed(
    delta: SchemaDelta, before: ObjectInfo | None, old_ids: Mapping[str, str], new_ids: Mapping[str, str]
) -> list[tuple[str, str, bool]]:
    """(field that came, field that went, whether Salesforce's own id says so) of fields that may have a new name.

    Where the ids of both are known they decide; otherwise a field of the same type and label may be the same one.
    """
    if before is None:
        return []
    old = {field.name: field for field in before.fields}
    found: list[tuple[str, str, bool]] = []
    for came in delta.added:
        field = delta.table.by_name[came].field
        if not field.custom:
            continue
        for went in delta.removed:
            if not old[went].custom:
                continue
            both = old_ids.get(went), new_ids.get(came)
            if None not in both:
                if both[0] == both[1]:
                    found.append((came, went, True))
            elif (old[went].type, old[went].label) == (field.type, field.label):
                found.append((came, went, False))
    return found


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
    lines = [SchemaLine(after.name, name, "added", None, type_of(after, name)) for name in delta.added]
    lines += [SchemaLine(after.name, name, "removed", type_of(before, name)) for name in delta.removed]
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


def type_of(info: ObjectInfo, name: str) -> str | None:
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
