"""What an administrator does to the org's schema: objects and fields come, go and change, with the values they hold.

Every change is kept as text and played again over the program's own schema at each start.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.demo.definitions import fill_definitions, update_definitions
from core.demo.errors import OrgError
from core.demo.metadata.fields import SYSTEM_FIELDS, Field, Object
from core.demo.metadata.parse import parse_field, parse_objects
from core.demo.metadata.schema import Schema, changed_schema, standard_schema
from core.demo.store import KeyValue, Store, quoted
from core.demo.values import Stored, to_rest, to_stored

if TYPE_CHECKING:
    from core.demo.access import Rules

_CHANGEABLE = frozenset({"label", "length", "values", "restricted", "help"})


class Administration:
    """The schema half of Org."""

    store: Store
    kv: KeyValue
    schema: Schema
    instance: str
    _objects: int
    _rules: Rules

    def _changed_metadata(self) -> None:
        raise NotImplementedError

    def add_object(self, text: str) -> None:
        """Make custom objects from a declaration in the form of metadata/parse.py."""
        for item in parse_objects(text):
            self._change_schema("add_object", item.name, text)

    def drop_object(self, name: str) -> None:
        """Remove a custom object with its records."""
        item = self._named(name)
        with self.store.writing() as connection:
            self._change_schema("drop_object", item.name, "")
            connection.execute(f"DROP TABLE IF EXISTS {quoted(item.name)}")

    def change_object(self, name: str, label: str, plural: str | None = None) -> None:
        """Give an object other labels."""
        text = json.dumps({"label": label, "plural": plural or f"{label}s"})
        self._change_schema("change_object", self._named(name).name, text)

    def add_field(self, name: str, line: str) -> None:
        """Make a custom field from a line such as `Colour__c; string(40); Colour; cu`; it is empty in every row."""
        item = self._named(name)
        made = parse_field(line, item.name)
        with self.store.writing():
            for single in made:
                if single.stored:
                    self.store.drop_column(item, single.name, unless=single.affinity)
            self._change_schema("add_field", item.name, line)

    def drop_field(self, name: str, field: str) -> None:
        """Remove a field with its values."""
        item = self._named(name)
        single = self._field(item, field)
        with self.store.writing() as connection:
            self._change_schema("drop_field", item.name, single.name)
            for fields in self._field_rules(item):
                fields.pop(single.name, None)
            self._changed_metadata()
            for part in (single, *item.components(single.name)):
                if not part.stored:
                    continue
                # The program's own code reads standard fields, and formulas read what they were made of.
                if part.custom and not self._used(item, part):
                    self.store.drop_column(item, part.name)
                else:
                    empty = "0" if part.type == "boolean" else "NULL"
                    connection.execute(f"UPDATE {quoted(item.name)} SET {quoted(part.name)} = {empty}")

    def retype_field(self, name: str, line: str) -> None:
        """Give a field another type by its new line (`Colour__c; double(6,2); Colour; cu`).

        Values become what they can be in the new type: text that is too long is cut, what does not fit is emptied. No
        stamp moves. Raises ValueError for system, compound and calculated fields, and for text that a formula
        uses and that is to become a number, or the reverse.
        """
        item = self._named(name)
        new = parse_field(line, item.name)[0]
        old = self._field(item, new.name)
        fixed = old.name in SYSTEM_FIELDS or old.compound or not (old.stored and new.stored)
        if fixed or (old.affinity != new.affinity and self._used(item, old)):
            raise ValueError(f"{item.name}.{old.name} cannot be given another type")
        with self.store.writing() as connection:
            where = f"{quoted(item.name)} WHERE {quoted(old.name)} IS NOT NULL"
            kept = connection.execute(f"SELECT n, {quoted(old.name)} FROM {where}").fetchall()
            self.store.drop_column(item, old.name, unless=new.affinity)
            self._change_schema("retype_field", item.name, line)
            connection.executemany(
                f"UPDATE {quoted(item.name)} SET {quoted(new.name)} = ? WHERE n = ?",
                ((_converted(old, new, value), number) for number, value in kept),
            )

    def rename_field(self, name: str, field: str, new: str) -> None:
        """Give a custom field another API name; values, permissions and durable id stay.

        Raises ValueError for any other field, one that a formula or a sharing rule uses, or a name that is taken.
        """
        item = self._named(name)
        old = self._field(item, field)
        if (
            not (old.custom and old.stored and new.endswith("__c"))
            or old.compound
            or self._used(item, old)
            or item.has(new)
        ):
            raise ValueError(f"{item.name}.{old.name} cannot be renamed to {new}")
        with self.store.writing() as connection:
            self.store.drop_column(item, new)
            self._change_schema("rename_field", item.name, f"{old.name} {new}")
            connection.execute(f"UPDATE {quoted(item.name)} SET {quoted(new)} = {quoted(old.name)}")
            self.store.drop_column(item, old.name)
            for fields in self._field_rules(item):
                if old.name in fields:
                    fields[new] = fields.pop(old.name)
            self._changed_metadata()

    def change_field(self, name: str, field: str, **changes: Any) -> None:
        """Change label, length, values (`red=Red|green`), restricted or help of a field; the values of rows stay."""
        unknown = sorted(set(changes) - _CHANGEABLE)
        if unknown or not changes:
            raise ValueError(f"of a field can be changed: {', '.join(sorted(_CHANGEABLE))}")
        item = self._named(name)
        text = json.dumps({"field": self._field(item, field).name, **changes})
        self._change_schema("change_field", item.name, text)

    # Inside

    def _change_schema(self, what: str, name: str, text: str) -> None:
        with self.store.writing():
            self.kv.update("schema_changes", lambda changes: [*changes, [what, name, text]], [])
            old = self.schema.find(name)
            self.schema = self._made_schema()
            new = self.schema.find(name)
            if new is not None:
                self.store.upgrade_table(new)
            update_definitions(self.store, self.schema, self.instance, old, new)
            self.kv.set("schema_fingerprint", self.schema.fingerprint())
            self._changed_metadata()

    def _made_schema(self) -> Schema:
        changes = self.kv.get("schema_changes", [])
        base = standard_schema(self._objects)
        return changed_schema(base, (tuple(change) for change in changes)) if changes else base

    def _upgrade(self) -> None:
        with self.store.writing():
            for item in self.schema:
                if not item.virtual:
                    self.store.upgrade_table(item)
            fill_definitions(self.store, self.schema, self.instance)
            self.kv.set("schema_fingerprint", self.schema.fingerprint())

    def _named(self, name: str) -> Object:
        item = self.schema.find(name)
        if item is None:
            raise ValueError(f"no such object: {name}")
        return item

    def _field(self, item: Object, field: str) -> Field:
        single = item.by_name.get(field.lower())
        if single is None:
            raise ValueError(f"no such field: {item.name}.{field}")
        return single

    def _used(self, item: Object, single: Field) -> bool:
        """Whether a formula or a sharing rule reads a field: as its own row's, or through the object's table."""
        word = f".{quoted(single.name)}"
        own = (f.sql for f in item.fields if f.sql)
        others = (f.sql for other in self.schema for f in other.fields if f.sql and quoted(item.name) in f.sql)
        rules = (text for found in self._rules["conditions"].values() for text in found.get(item.name, ()))
        return (
            any("{t}" + word in text for text in own)
            or any(word in text.replace("{t}" + word, "") for text in others)
            or any(word in text for text in rules)
        )

    def _field_rules(self, item: Object) -> list[dict[str, bool]]:
        return [found[item.name] for found in self._rules["fields"].values() if item.name in found]


def _converted(old: Field, new: Field, value: Stored) -> Stored:
    """A stored value in another type; None (or false) where it does not fit."""
    if old.affinity == new.affinity == "TEXT" and new.type not in ("date", "datetime", "time", "reference"):
        return str(value)[: new.length] if new.length else value
    given = to_rest(old, value)
    if isinstance(given, bool):
        given = str(given).lower()
    elif isinstance(given, float):
        given = format(Decimal(repr(given)), "f").removesuffix(".0")
    elif given is not None and old.type == "date" and new.type == "datetime":
        given = f"{given}T00:00:00Z"
    try:
        return to_stored(new, None if given is None else str(given))
    except OrgError:
        return 0 if new.type == "boolean" else None
