"""What Salesforce says an object is: `describe` answers as frozen data, with only what this program uses.

Unknown and missing attributes are expected: versions, editions and other servers differ. Nothing here raises on them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# Components of these are fields of their own, so the compound itself is left out; base64 is fetched on click.
LEFT_OUT_TYPES = frozenset({"address", "location", "base64", "complexvalue"})
NUMBER_TYPES = frozenset({"int", "double", "currency", "percent", "long"})
LONG_TEXT_LENGTH = 1000
# Stamps by preference; a server may hide SystemModstamp.
STAMP_FIELDS = ("SystemModstamp", "LastModifiedDate", "CreatedDate", "LoginTime")


@dataclass(frozen=True, slots=True)
class PicklistValue:
    """One value of a picklist; `valid_for` is the base64 bitmap over the controlling field's values."""

    value: str
    label: str
    active: bool = True
    default: bool = False
    valid_for: str | None = None


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field as this user's describe lists it."""

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    nillable: bool = True
    createable: bool = False
    updateable: bool = False
    calculated: bool = False
    custom: bool = False
    unique: bool = False
    external_id: bool = False
    id_lookup: bool = False
    name_field: bool = False
    filterable: bool = True
    sortable: bool = True
    html_formatted: bool = False
    defaulted_on_create: bool = False
    auto_number: bool = False
    restricted_picklist: bool = False
    dependent_picklist: bool = False
    controller_name: str | None = None
    compound_field_name: str | None = None
    extra_type_info: str | None = None
    reference_to: tuple[str, ...] = ()
    relationship_name: str | None = None
    help_text: str | None = None
    default_value: Any = None
    picklist_values: tuple[PicklistValue, ...] = ()

    @property
    def mirrored(self) -> bool:
        """Whether the field gets a column (rules 2: compound and binary fields do not)."""
        return self.type not in LEFT_OUT_TYPES

    @property
    def is_long_text(self) -> bool:
        """Long texts stand last in the table, so that a list never reads past them."""
        return self.type in ("textarea", "encryptedstring") and self.length > LONG_TEXT_LENGTH

    @property
    def is_exact_number(self) -> bool:
        """A number that a double cannot hold (precision over 15): stored as text (rules 2)."""
        return self.type in NUMBER_TYPES and self.precision > 15


@dataclass(frozen=True, slots=True)
class ChildRelationship:
    """A field of another object that refers to this one."""

    child: str
    field: str
    name: str | None = None
    cascade_delete: bool = False


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One object as this user's describe answers it. `fields` keep describe's order."""

    name: str
    label: str
    label_plural: str
    key_prefix: str | None = None
    custom: bool = False
    custom_setting: bool = False
    queryable: bool = True
    createable: bool = False
    updateable: bool = False
    deletable: bool = False
    undeletable: bool = False
    mergeable: bool = False
    replicateable: bool = False
    searchable: bool = False
    layoutable: bool = False
    fields: tuple[FieldInfo, ...] = ()
    children: tuple[ChildRelationship, ...] = ()
    record_type_infos: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)

    def field(self, name: str) -> FieldInfo | None:
        """The field of that API name, case-sensitive, or None."""
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        return None

    @property
    def mirrored_fields(self) -> tuple[FieldInfo, ...]:
        """The fields that get a column, in describe's order, `Id` always among them."""
        return tuple(f for f in self.fields if f.mirrored)

    @property
    def stamp_field(self) -> str | None:
        """The field that moves with every change, or None when the object must be reloaded whole."""
        names = {f.name for f in self.fields if f.filterable}
        return next((stamp for stamp in STAMP_FIELDS[:2] if stamp in names), None)

    @property
    def has_is_deleted(self) -> bool:
        return self.field("IsDeleted") is not None

    @property
    def name_field(self) -> str | None:
        """The field that names a record to a person, or None (Task has Subject, which describe flags)."""
        for candidate in self.fields:
            if candidate.name_field:
                return candidate.name
        names = {f.name for f in self.fields}
        return next((n for n in ("Name", "Subject", "Title", "Label", "MasterLabel") if n in names), None)

    def fingerprint(self) -> str:
        """A short hash of the mirrored fields' names and types: changes when the table would."""
        text = json.dumps([(f.name, f.type, f.precision, f.scale, f.length) for f in self.mirrored_fields])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _flag(raw: Mapping[str, Any], name: str, default: bool = False) -> bool:
    value = raw.get(name)
    return default if value is None else bool(value)


def _number(raw: Mapping[str, Any], name: str) -> int:
    value = raw.get(name)
    return int(value) if isinstance(value, (int, float)) else 0


def parse_field(raw: Mapping[str, Any]) -> FieldInfo:
    """A field of a describe answer (JSON) as data."""
    name = str(raw["name"])
    return FieldInfo(
        name=name,
        label=str(raw.get("label") or name),
        type=str(raw.get("type") or "string"),
        length=_number(raw, "length"),
        precision=_number(raw, "precision"),
        scale=_number(raw, "scale"),
        digits=_number(raw, "digits"),
        nillable=_flag(raw, "nillable", True),
        createable=_flag(raw, "createable"),
        updateable=_flag(raw, "updateable"),
        calculated=_flag(raw, "calculated"),
        custom=_flag(raw, "custom"),
        unique=_flag(raw, "unique"),
        external_id=_flag(raw, "externalId"),
        id_lookup=_flag(raw, "idLookup"),
        name_field=_flag(raw, "nameField"),
        filterable=_flag(raw, "filterable", True),
        sortable=_flag(raw, "sortable", True),
        html_formatted=_flag(raw, "htmlFormatted"),
        defaulted_on_create=_flag(raw, "defaultedOnCreate"),
        auto_number=_flag(raw, "autoNumber"),
        restricted_picklist=_flag(raw, "restrictedPicklist"),
        dependent_picklist=_flag(raw, "dependentPicklist"),
        controller_name=raw.get("controllerName"),
        compound_field_name=raw.get("compoundFieldName"),
        extra_type_info=raw.get("extraTypeInfo"),
        reference_to=tuple(raw.get("referenceTo") or ()),
        relationship_name=raw.get("relationshipName"),
        help_text=raw.get("inlineHelpText"),
        default_value=raw.get("defaultValue"),
        picklist_values=tuple(
            PicklistValue(
                value=str(item.get("value")),
                label=str(item.get("label") or item.get("value")),
                active=_flag(item, "active", True),
                default=_flag(item, "defaultValue"),
                valid_for=item.get("validFor"),
            )
            for item in raw.get("picklistValues") or ()
            if item.get("value") is not None
        ),
    )


def parse_object(raw: Mapping[str, Any]) -> ObjectInfo:
    """A describe answer, or one entry of the global describe (then without fields), as data."""
    name = str(raw["name"])
    label = str(raw.get("label") or name)
    return ObjectInfo(
        name=name,
        label=label,
        label_plural=str(raw.get("labelPlural") or label),
        key_prefix=raw.get("keyPrefix"),
        custom=_flag(raw, "custom", name.endswith("__c")),
        custom_setting=_flag(raw, "customSetting"),
        queryable=_flag(raw, "queryable", True),
        createable=_flag(raw, "createable"),
        updateable=_flag(raw, "updateable"),
        deletable=_flag(raw, "deletable"),
        undeletable=_flag(raw, "undeletable"),
        mergeable=_flag(raw, "mergeable"),
        replicateable=_flag(raw, "replicateable"),
        searchable=_flag(raw, "searchable"),
        layoutable=_flag(raw, "layoutable"),
        fields=tuple(parse_field(item) for item in raw.get("fields") or ()),
        children=tuple(
            ChildRelationship(
                child=str(item["childSObject"]),
                field=str(item["field"]),
                name=item.get("relationshipName"),
                cascade_delete=_flag(item, "cascadeDelete"),
            )
            for item in raw.get("childRelationships") or ()
            if item.get("childSObject") and item.get("field")
        ),
        record_type_infos=tuple(raw.get("recordTypeInfos") or ()),
    )


def by_name(objects: Sequence[ObjectInfo]) -> dict[str, ObjectInfo]:
    """The same objects keyed by API name."""
    return {item.name: item for item in objects}
