"""The rows of EntityDefinition and FieldDefinition, made anew whenever the schema changes.

DurableId has the form of real orgs: `Lead.Rating`, `Lead.00N...` for a custom field, `01I....00N...` for one of a
custom object. A custom field keeps its own when it is renamed; one that is made again under an old name gets another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from core.demo.ids import IdMaker
from core.demo.metadata.fields import Field, Object
from core.demo.metadata.schema import Schema
from core.demo.store import Store, quoted

_OBJECT_PREFIX, _FIELD_PREFIX = "01I", "00N"
_SERIALS = 62**8
_KINDS = {
    "string": "Text({0})", "double": "Number({1}, {2})", "currency": "Currency({1}, {2})",
    "percent": "Percent({1}, {2})",
    "boolean": "Checkbox", "date": "Date", "datetime": "Date/Time", "time": "Time", "picklist": "Picklist",
    "multipicklist": "Picklist (Multi-Select)", "phone": "Phone", "email": "Email", "url": "URL(255)",
    "reference": "Lookup({3})", "location": "Geolocation", "address": "Address",
}  # fmt: skip


def fill_definitions(store: Store, schema: Schema, instance: str) -> None:
    """Write all rows. The caller has a transaction open."""
    kept = [item for item in schema if not item.virtual]
    entities = [(number, *_entity(item, instance)) for number, item in enumerate(kept, 1)]
    fields = (_field(single, item, instance) for item in kept for single in item.fields)
    for name, rows in (
        ("EntityDefinition", iter(entities)), ("FieldDefinition", ((n, *row) for n, row in enumerate(fields, 1)))
    ):  # fmt: skip
        _write(store, schema[name], rows)


def update_definitions(store: Store, schema: Schema, instance: str, old: Object | None, new: Object | None) -> None:
    """Write the rows of one object anew, after it came, went or changed. The caller has a transaction open."""
    run = store.connection.execute
    if old is not None:
        durable = entity_id(old, instance)
        run('DELETE FROM "FieldDefinition" WHERE "EntityDefinitionId" = ?', (durable,))
        run('DELETE FROM "EntityDefinition" WHERE "Id" = ?', (durable,))
    if new is None:
        return
    rows = {
        "EntityDefinition": [_entity(new, instance)],
        "FieldDefinition": [_field(single, new, instance) for single in new.fields],
    }
    for name, made in rows.items():
        item = schema[name]
        last = run(f"SELECT ifnull(MAX(n), 0) FROM {quoted(name)}").fetchone()[0]
        columns = [single.name for single in item.stored_fields]
        store.insert_many(item, columns, ((number, *row) for number, row in enumerate(made, last + 1)))


def _write(store: Store, item: Object, rows: Iterator[tuple[Any, ...]]) -> None:
    store.connection.execute(f"DELETE FROM {quoted(item.name)}")
    store.insert_many(item, [single.name for single in item.stored_fields], rows)


def entity_id(item: Object, instance: str) -> str:
    """The durable id of an object."""
    return _short(_OBJECT_PREFIX, instance, item.name) if item.custom else item.name


def durable_id(single: Field, item: Object, instance: str) -> str:
    """The durable id of a field."""
    own = single.name
    if single.custom:
        own = _short(_FIELD_PREFIX, instance, f"{item.name}.{single.origin or single.name}")
    return f"{entity_id(item, instance)}.{own}"


def _short(prefix: str, instance: str, text: str) -> str:
    serial = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % _SERIALS
    return IdMaker(prefix, instance).make(serial)[:15]


def _bare(name: str) -> str:
    return name.removesuffix("__c").removesuffix("__s")


def _entity(item: Object, instance: str) -> tuple[Any, ...]:
    durable = entity_id(item, instance)
    return durable, durable, item.name, _bare(item.name), item.label, item.plural, item.prefix, int(item.queryable)


def _field(single: Field, item: Object, instance: str) -> tuple[Any, ...]:
    durable = durable_id(single, item, instance)
    kind = _KINDS.get(single.type, single.type.capitalize())
    if single.type == "textarea":
        kind = f"{'Rich' if single.html else 'Long'} Text Area({single.length})" if single.long_text else "Text Area"
    return (
        durable, durable, single.name, _bare(single.name), entity_id(item, instance), single.label, single.length,
        single.precision, single.scale,
        kind.format(single.length, single.precision - single.scale, single.scale, ",".join(single.reference_to)),
        int(single.nillable), int(single.calculated),
    )  # fmt: skip
