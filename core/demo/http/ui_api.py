"""User Interface API: object information and picklist values by record type."""

from __future__ import annotations

from typing import Any

from core.demo.errors import not_found
from core.demo.http.call import Answer, Call
from core.demo.http.router import Route

_MASTER = "012000000000000AAA"
_TYPES = {
    "boolean": "Boolean", "combobox": "ComboBox", "currency": "Currency", "date": "Date", "datetime": "DateTime",
    "double": "Double", "email": "Email", "encryptedstring": "EncryptedString", "int": "Int", "location": "Location",
    "multipicklist": "MultiPicklist", "percent": "Percent", "phone": "Phone", "picklist": "Picklist",
    "reference": "Reference", "string": "String", "textarea": "TextArea", "time": "Time", "url": "Url",
    "id": "String", "address": "Address", "base64": "Base64",
}  # fmt: skip


def object_info(call: Call) -> Answer:
    """Labels, fields and record types of one object in the form of the UI API."""
    description = call.view.describe(call.params["name"])
    name = description["name"]
    return Answer(
        payload={
            "apiName": name,
            "childRelationships": [
                {
                    "childObjectApiName": each["childSObject"],
                    "fieldName": each["field"],
                    "junctionIdListNames": [],
                    "junctionReferenceTo": [],
                    "relationshipName": each["relationshipName"],
                }
                for each in description.get("childRelationships", [])
                if each.get("relationshipName")
            ],
            "createable": description["createable"],
            "custom": description["custom"],
            "defaultRecordTypeId": _default_record_type(description),
            "deletable": description["deletable"],
            "dependentFields": {},
            "feedEnabled": description.get("feedEnabled", False),
            "fields": {field["name"]: _field(field) for field in description["fields"]},
            "keyPrefix": description["keyPrefix"],
            "label": description["label"],
            "labelPlural": description["labelPlural"],
            "layoutable": description.get("layoutable", True),
            "mruEnabled": description.get("mruEnabled", True),
            "nameFields": [field["name"] for field in description["fields"] if field.get("nameField")],
            "queryable": description["queryable"],
            "recordTypeInfos": {
                info["recordTypeId"]: {
                    "available": info["available"],
                    "defaultRecordTypeMapping": info["defaultRecordTypeMapping"],
                    "master": info["master"],
                    "name": info["name"],
                    "recordTypeId": info["recordTypeId"],
                }
                for info in description.get("recordTypeInfos", [])
            },
            "searchable": description.get("searchable", True),
            "updateable": description["updateable"],
        }
    )


def picklist_values(call: Call) -> Answer:
    """Values of every picklist of an object for one record type."""
    return _picklists(call, call.view.picklist_values(call.params["name"], call.params["record_type"]))


def picklist_values_of_field(call: Call) -> Answer:
    """Values of one picklist for one record type."""
    values = call.view.picklist_values(call.params["name"], call.params["record_type"])
    fields = values.get("picklistFieldValues", values)
    for name, entry in fields.items():
        if name.lower() == call.params["field"].lower():
            return Answer(payload=entry)
    raise not_found()


def _picklists(call: Call, values: dict[str, Any]) -> Answer:
    return Answer(payload=values if "picklistFieldValues" in values else {"picklistFieldValues": values})


def _default_record_type(description: dict[str, Any]) -> str:
    for info in description.get("recordTypeInfos", []):
        if info.get("defaultRecordTypeMapping"):
            return str(info["recordTypeId"])
    return _MASTER


def _field(field: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiName": field["name"],
        "calculated": field["calculated"],
        "compound": field["type"] in ("address", "location"),
        "compoundComponentName": None,
        "compoundFieldName": field.get("compoundFieldName"),
        "controllerName": field.get("controllerName"),
        "controllingFields": [field["controllerName"]] if field.get("controllerName") else [],
        "createable": field["createable"],
        "custom": field["custom"],
        "dataType": _TYPES.get(field["type"], "String"),
        "extraTypeInfo": field.get("extraTypeInfo"),
        "filterable": field["filterable"],
        "highScaleNumber": field.get("highScaleNumber", False),
        "htmlFormatted": field.get("htmlFormatted", False),
        "inlineHelpText": field.get("inlineHelpText"),
        "label": field["label"],
        "length": field["length"],
        "nameField": field.get("nameField", False),
        "polymorphicForeignKey": len(field.get("referenceTo", [])) > 1,
        "precision": field["precision"],
        "reference": field["type"] == "reference",
        "referenceToInfos": [{"apiName": name, "nameFields": ["Name"]} for name in field.get("referenceTo", [])],
        "relationshipName": field.get("relationshipName"),
        "required": not field["nillable"] and not field["defaultedOnCreate"],
        "scale": field["scale"],
        "searchPrefilterable": field.get("searchPrefilterable", False),
        "sortable": field["sortable"],
        "unique": field.get("unique", False),
        "updateable": field["updateable"],
    }


INSIDE = [
    Route("GET", "/ui-api/object-info/{name}", object_info),
    Route("GET", "/ui-api/object-info/{name}/picklist-values/{record_type}", picklist_values),
    Route("GET", "/ui-api/object-info/{name}/picklist-values/{record_type}/{field}", picklist_values_of_field),
]
