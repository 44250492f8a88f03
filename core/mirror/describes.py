"""Describes as stored bytes: what this program uses of them, in describe's own JSON names, compressed (rules 6)."""

from __future__ import annotations

import json
import zlib
from typing import Any

from core.model.describe import ChildRelationship, FieldInfo, ObjectInfo, PicklistValue, parse_object

_FIELD_NAMES = {
    "name": "name",
    "label": "label",
    "type": "type",
    "length": "length",
    "precision": "precision",
    "scale": "scale",
    "digits": "digits",
    "nillable": "nillable",
    "createable": "createable",
    "updateable": "updateable",
    "calculated": "calculated",
    "custom": "custom",
    "unique": "unique",
    "external_id": "externalId",
    "id_lookup": "idLookup",
    "name_field": "nameField",
    "filterable": "filterable",
    "sortable": "sortable",
    "html_formatted": "htmlFormatted",
    "defaulted_on_create": "defaultedOnCreate",
    "auto_number": "autoNumber",
    "restricted_picklist": "restrictedPicklist",
    "dependent_picklist": "dependentPicklist",
    "controller_name": "controllerName",
    "compound_field_name": "compoundFieldName",
    "extra_type_info": "extraTypeInfo",
    "relationship_name": "relationshipName",
    "help_text": "inlineHelpText",
    "default_value": "defaultValue",
}
_OBJECT_NAMES = {
    "name": "name",
    "label": "label",
    "label_plural": "labelPlural",
    "key_prefix": "keyPrefix",
    "custom": "custom",
    "custom_setting": "customSetting",
    "queryable": "queryable",
    "createable": "createable",
    "updateable": "updateable",
    "deletable": "deletable",
    "undeletable": "undeletable",
    "mergeable": "mergeable",
    "replicateable": "replicateable",
    "searchable": "searchable",
    "layoutable": "layoutable",
}


def pack(info: ObjectInfo) -> bytes:
    """The describe as compressed JSON; `unpack` gives an equal ObjectInfo back."""
    raw: dict[str, Any] = {theirs: getattr(info, ours) for ours, theirs in _OBJECT_NAMES.items()}
    raw["fields"] = [_field(item) for item in info.fields]
    raw["childRelationships"] = [_child(item) for item in info.children]
    raw["recordTypeInfos"] = [dict(item) for item in info.record_type_infos]
    return zlib.compress(json.dumps(raw, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def unpack(blob: bytes) -> ObjectInfo:
    """What `pack` stored. Raises zlib.error or ValueError on a damaged blob."""
    return parse_object(json.loads(zlib.decompress(blob)))


def _field(item: FieldInfo) -> dict[str, Any]:
    raw: dict[str, Any] = {theirs: getattr(item, ours) for ours, theirs in _FIELD_NAMES.items()}
    raw["referenceTo"] = item.reference_to
    raw["picklistValues"] = [_picklist_value(value) for value in item.picklist_values]
    return raw


def _picklist_value(value: PicklistValue) -> dict[str, Any]:
    return {
        "value": value.value,
        "label": value.label,
        "active": value.active,
        "defaultValue": value.default,
        "validFor": value.valid_for,
    }


def _child(item: ChildRelationship) -> dict[str, Any]:
    return {
        "childSObject": item.child,
        "field": item.field,
        "relationshipName": item.name,
        "cascadeDelete": item.cascade_delete,
    }
