"""What a field and an object are in the demo org, and the attributes that follow from a field's type.

Frozen data, shared by every thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

TEXT_TYPES = frozenset(
    {"string", "textarea", "picklist", "multipicklist", "phone", "email", "url", "combobox", "encryptedstring"}
)
NUMBER_TYPES = frozenset({"double", "currency", "percent"})
COMPOUND_TYPES = frozenset({"address", "location"})
DEFAULT_LENGTHS = {
    "string": 255, "textarea": 255, "picklist": 255, "phone": 40, "email": 80, "url": 255, "combobox": 255,
    "multipicklist": 4099, "encryptedstring": 175,
}  # fmt: skip
SYSTEM_FIELDS = frozenset(
    {
        "Id", "IsDeleted", "Name", "OwnerId", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById",
        "SystemModstamp",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pick:
    """One picklist value; `valid_for` names the controlling values it may go with."""

    value: str
    label: str
    default: bool = False
    active: bool = True
    valid_for: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """One field. `sql` is an expression over the row's alias `{t}` for values that are worked out when read."""

    name: str
    type: str
    label: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    createable: bool = False
    updateable: bool = False
    nillable: bool = True
    defaulted: bool = False
    name_field: bool = False
    auto_number: bool = False
    id_lookup: bool = False
    external_id: bool = False
    unique: bool = False
    restricted: bool = False
    html: bool = False
    master: bool = False
    calculated: bool = False
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    child_name: str | None = None
    compound: str | None = None
    extra: str | None = None
    default: str | None = None
    help: str | None = None
    controller: str | None = None
    picks: tuple[Pick, ...] = ()
    sql: str | None = None
    formula: str | None = None
    origin: str | None = None
    """What its durable id is made of, where that is not its name: a renamed field keeps its id."""

    @property
    def custom(self) -> bool:
        """Whether an administrator of the demo company made it."""
        return self.name.endswith(("__c", "__s"))

    @property
    def is_compound(self) -> bool:
        """Address and location: put together from other fields when read."""
        return self.type in COMPOUND_TYPES

    @property
    def stored(self) -> bool:
        """Whether the field is a column of the table."""
        return self.sql is None and not self.is_compound

    @property
    def polymorphic(self) -> bool:
        """Whether it may refer to records of several objects."""
        return len(self.reference_to) > 1

    @property
    def long_text(self) -> bool:
        """Text that can be neither filtered nor sorted by."""
        return self.type == "textarea" and self.length > 255

    @property
    def filterable(self) -> bool:
        return not (self.long_text or self.type in ("encryptedstring", "base64", "anyType"))

    @property
    def sortable(self) -> bool:
        return self.filterable and not self.is_compound and self.type != "multipicklist"

    @property
    def groupable(self) -> bool:
        return self.sortable and self.type not in NUMBER_TYPES | {"datetime", "time"} and not self.calculated

    @property
    def aggregatable(self) -> bool:
        return self.sortable and self.type != "boolean"

    @property
    def permissionable(self) -> bool:
        """Whether field-level security can hide it: never system, required or name fields."""
        if self.name in SYSTEM_FIELDS or self.master or (not self.nillable and self.type != "boolean"):
            return False
        return self.custom or self.createable or self.updateable or self.is_compound

    @cached_property
    def affinity(self) -> str:
        """The column's type in SQLite. Numbers have none, so that 18 digits may stay text."""
        if self.type in ("boolean", "int"):
            return "INTEGER"
        return "" if self.type in NUMBER_TYPES else "TEXT"


@dataclass(frozen=True)
class ChildLink:
    """A field of another object that points here."""

    object: str
    field: str
    name: str | None
    cascade: bool


@dataclass(frozen=True)
class Object:
    """One object. `words` are the abilities that describe lists; `virtual` objects have no table and no rows."""

    name: str
    label: str
    plural: str
    prefix: str | None
    words: frozenset[str]
    fields: tuple[Field, ...]
    virtual: bool = False
    queryable: bool = True
    children: tuple[ChildLink, ...] = ()
    by_name: Mapping[str, Field] = field(init=False, repr=False, compare=False)
    by_relationship: Mapping[str, Field] = field(init=False, repr=False, compare=False)
    by_child: Mapping[str, ChildLink] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {f.name.lower(): f for f in self.fields})
        object.__setattr__(self, "by_relationship", {f.relationship.lower(): f for f in self.fields if f.relationship})
        object.__setattr__(self, "by_child", {c.name.lower(): c for c in self.children if c.name})

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @cached_property
    def name_field(self) -> Field | None:
        """The field that names a record to a person."""
        named = [f for f in self.fields if f.name_field]
        return named[0] if named else self.by_name.get("name")

    @cached_property
    def stored_fields(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.stored)

    def has(self, name: str) -> bool:
        """Whether there is a field of that name, whatever its case."""
        return name.lower() in self.by_name

    def components(self, compound: str) -> tuple[Field, ...]:
        """The fields that a compound field is put together from."""
        return tuple(f for f in self.fields if f.compound == compound)
