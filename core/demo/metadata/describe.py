"""Describe answers with every attribute that a real org gives (as recorded at API version 59)."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from core.demo.access import Rights
from core.demo.metadata.fields import NUMBER_TYPES, Field, Object

_SOAP = {
    "id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "int": "xsd:int", "double": "xsd:double",
    "currency": "xsd:double", "percent": "xsd:double", "date": "xsd:date", "datetime": "xsd:dateTime",
    "time": "xsd:time", "address": "urn:address", "location": "urn:location", "base64": "xsd:base64Binary",
    "anyType": "xsd:anyType",
}  # fmt: skip
_URLS = {
    "rowTemplate": "/{ID}", "describe": "/describe", "sobject": "", "layouts": "/describe/layouts",
    "compactLayouts": "/describe/compactLayouts", "approvalLayouts": "/describe/approvalLayouts",
    "listviews": "/listviews", "quickActions": "/quickActions",
}  # fmt: skip
MASTER_RECORD_TYPE = "012000000000000AAA"


def picklist_bitmap(field: Field, controller: Field | None, valid_for: Iterable[str]) -> str | None:
    """`validFor`: one bit for each value of the controlling field, the first in the highest bit, base64."""
    if controller is None or not field.controller:
        return None
    values = [pick.value for pick in controller.picks]
    bits = bytearray((len(values) + 7) // 8)
    for name in valid_for:
        place = values.index(name)
        bits[place // 8] |= 0x80 >> place % 8
    return base64.b64encode(bytes(bits)).decode()


def describe_field(field: Field, item: Object) -> dict[str, Any]:
    """One member of `fields`."""
    controller = item.by_name.get(field.controller.lower()) if field.controller else None
    number = field.type in NUMBER_TYPES
    text = field.type not in _SOAP
    # Real orgs list no default of a picklist here, only in its values.
    default: Any = False if field.type == "boolean" and not field.default else None
    if field.type == "boolean" and field.default:
        default = field.default == "true"
    return {
        "aggregatable": field.aggregatable,
        "aiPredictionField": False,
        "autoNumber": field.auto_number,
        "byteLength": field.length * 3 if text else field.length if field.type in ("id", "reference") else 0,
        "calculated": field.calculated or field.auto_number,
        "calculatedFormula": field.formula,
        "cascadeDelete": field.master,
        "caseSensitive": False,
        "compoundFieldName": field.compound,
        "controllerName": field.controller,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": default,
        "defaultValueFormula": None,
        "defaultedOnCreate": field.defaulted,
        "dependentPicklist": field.controller is not None,
        "deprecatedAndHidden": False,
        "digits": field.digits,
        "displayLocationInDecimal": field.type == "location",
        "encrypted": field.type == "encryptedstring",
        "externalId": field.external_id,
        "extraTypeInfo": field.extra,
        "filterable": field.filterable,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": bool(field.formula),
        "groupable": field.groupable,
        "highScaleNumber": False,
        "htmlFormatted": field.html,
        "idLookup": field.id_lookup,
        "inlineHelpText": field.help,
        "label": field.label,
        "length": field.length,
        "mask": "asterisk" if field.type == "encryptedstring" else None,
        "maskType": "lastFour" if field.type == "encryptedstring" else None,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": field.polymorphic,
        "nillable": field.nillable,
        "permissionable": field.permissionable,
        "picklistValues": [
            {
                "active": pick.active,
                "defaultValue": pick.default,
                "label": pick.label,
                "validFor": picklist_bitmap(field, controller, pick.valid_for),
                "value": pick.value,
            }
            for pick in field.picks
        ],
        "polymorphicForeignKey": field.polymorphic,
        "precision": field.precision,
        "queryByDistance": field.is_compound,
        "referenceTargetField": None,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship,
        "relationshipOrder": 0 if field.master else None,
        "restrictedDelete": False,
        "restrictedPicklist": field.restricted,
        "scale": field.scale if number else 0,
        "searchPrefilterable": field.type == "reference" and field.custom,
        "soapType": _SOAP.get(field.type, "xsd:string"),
        "sortable": field.sortable,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable,
        "writeRequiresMasterRead": field.master,
    }


def describe_brief(item: Object, rights: Rights, version: str) -> dict[str, Any]:
    """One member of the global describe."""
    words = item.words

    def may(word: str) -> bool:
        return word in words and rights.may(item.name, {"update": "edit"}.get(word, word))

    path = f"/services/data/v{version}/sobjects/{item.name}"
    urls = {"rowTemplate", "describe", "sobject"}
    if "layout" in words:
        urls |= {"layouts", "compactLayouts", "approvalLayouts", "listviews", "quickActions"}
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": may("create"),
        "custom": item.custom,
        "customSetting": False,
        "deepCloneable": "clone" in words,
        "deletable": may("delete"),
        "deprecatedAndHidden": False,
        "feedEnabled": "feed" in words,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": item.prefix,
        "label": item.label,
        "labelPlural": item.plural,
        "layoutable": "layout" in words,
        "mergeable": "merge" in words and rights.may(item.name, "delete"),
        "mruEnabled": "mru" in words,
        "name": item.name,
        "queryable": item.queryable,
        "replicateable": "replicate" in words,
        "retrieveable": item.queryable,
        "searchable": "search" in words,
        "triggerable": "trigger" in words,
        "undeletable": "undelete" in words,
        "updateable": may("update"),
        "urls": {name: path + tail for name, tail in _URLS.items() if name in urls},
    }


def describe_object(item: Object, rights: Rights, record_types: list[dict[str, Any]], version: str) -> dict[str, Any]:
    """The whole describe of one object, as this user sees it."""
    words = item.words
    path = f"/services/data/v{version}/sobjects/{item.name}"
    answer: dict[str, Any] = {"actionOverrides": [], **describe_brief(item, rights, version)}
    may_edit = answer["updateable"]
    may_create = answer["createable"]
    fields = []
    for single in rights.fields(item).values():
        described = describe_field(single, item)
        may_write = rights.may_write(item, single)
        described["updateable"] = described["updateable"] and may_edit and may_write
        described["createable"] = described["createable"] and may_create and may_write
        described["referenceTo"] = [name for name in single.reference_to if rights.find(name) is not None] or list(
            single.reference_to
        )
        fields.append(described)
    children = []
    for link in item.children:
        child = rights.find(link.object)
        if child is not None and link.field.lower() in rights.fields(child):
            children.append(
                {
                    "cascadeDelete": link.cascade,
                    "childSObject": link.object,
                    "deprecatedAndHidden": False,
                    "field": link.field,
                    "junctionIdListNames": [],
                    "junctionReferenceTo": [],
                    "relationshipName": link.name,
                    "restrictedDelete": False,
                }
            )
    answer.update(
        {
            "childRelationships": children,
            "compactLayoutable": "compact" in words,
            "defaultImplementation": None,
            "extendedBy": None,
            "extendsInterfaces": None,
            "fields": fields,
            "implementedBy": None,
            "implementsInterfaces": None,
            "listviewable": None,
            "lookupLayoutable": None,
            "namedLayoutInfos": [],
            "networkScopeFieldName": None,
            "recordTypeInfos": _record_types(record_types, path),
            "searchLayoutable": "searchlayout" in words or "search" in words,
            "sobjectDescribeOption": "FULL",
            "supportedScopes": _scopes(item),
        }
    )
    if "layout" in words:
        answer["urls"]["uiDetailTemplate"] = "/{ID}"
        answer["urls"]["uiEditTemplate"] = "/{ID}/e"
        answer["urls"]["uiNewRecord"] = f"/{item.prefix}/e"
    return answer


def _record_types(record_types: list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
    infos = [
        {
            "active": kind["IsActive"],
            "available": kind["IsActive"],
            "defaultRecordTypeMapping": index == 0,
            "developerName": kind["DeveloperName"],
            "master": False,
            "name": kind["Name"],
            "recordTypeId": kind["Id"],
            "urls": {"layout": f"{path}/describe/layouts/{kind['Id']}"},
        }
        for index, kind in enumerate(record_types)
    ]
    infos.append(
        {
            "active": True,
            "available": True,
            "defaultRecordTypeMapping": not record_types,
            "developerName": "Master",
            "master": True,
            "name": "Master",
            "recordTypeId": MASTER_RECORD_TYPE,
            "urls": {"layout": f"{path}/describe/layouts/{MASTER_RECORD_TYPE}"},
        }
    )
    return infos


def _scopes(item: Object) -> list[dict[str, str]]:
    plural = item.plural.lower()
    scopes = [{"label": f"All {plural}", "name": "everything"}]
    if item.has("OwnerId") and not item.virtual:
        scopes.append({"label": f"My {plural}", "name": "mine"})
        if "Group" in item.by_name["ownerid"].reference_to:
            scopes.append({"label": f"Queue owned {plural}", "name": "queue_owned"})
            scopes.append({"label": f"User owned {plural}", "name": "user_owned"})
        scopes.append({"label": f"My team's {plural}", "name": "team"})
    return scopes
