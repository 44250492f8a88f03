"""Page layouts, compact layouts and picklist values by record type, worked out from the declarations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from core.demo.access import Rights
from core.demo.errors import not_found
from core.demo.metadata.describe import MASTER_RECORD_TYPE, describe_field, picklist_bitmap
from core.demo.metadata.fields import Field, Object

_SYSTEM = {"Id", "IsDeleted", "SystemModstamp", "MasterRecordId", "LastViewedDate", "LastReferencedDate"}
_COMPACT = {
    "Lead": ("Name", "Title", "Company", "Phone", "Email"),
    "Contact": ("Name", "Title", "AccountId", "Phone", "Email"),
    "Account": ("Name", "Type", "Phone", "Website", "OwnerId"),
    "Opportunity": ("Name", "AccountId", "CloseDate", "Amount", "StageName", "OwnerId"),
    "Campaign": ("Name", "Type", "Status", "StartDate", "EndDate"),
}
# Which record types leave picklist values out: (object, record type, field) -> values left in.
RECORD_TYPE_VALUES: dict[tuple[str, str, str], tuple[str, ...]] = {
    ("Account", "Partner", "Type"): (
        "Channel Partner / Reseller", "Installation Partner", "Technology Partner", "Other",
    ),
    ("Account", "Customer", "Type"): ("Prospect", "Customer - Direct", "Customer - Channel", "Other"),
    ("Project__c", "Internal", "Status__c"): ("Draft", "Planned", "Active", "Done", "Cancelled"),
    ("Project__c", "Internal", "Phase__c"): ("Idea", "Design", "Build", "Roll-out"),
}  # fmt: skip


class Ids(Protocol):
    """Makes ids of things that are not rows."""

    def make(self, prefix: str, serial: int) -> str: ...


def serial_of(item: Object) -> int:
    """A number for an object that stays the same from start to start."""
    return sum(ord(char) * (place + 7) * 131 for place, char in enumerate(item.name)) % 60000 * 100


def page_layouts(item: Object, rights: Rights, record_types: list[dict[str, Any]], ids: Ids) -> dict[str, Any]:
    """`describe/layouts` of one object. Raises OrgError NOT_FOUND where an object has no layouts."""
    if "layout" not in item.words:
        raise not_found()
    visible = [f for f in rights.fields(item).values() if f.name not in _SYSTEM and f.compound is None]
    plain = [f for f in visible if not f.name.endswith("ById") and f.name not in ("CreatedDate", "LastModifiedDate")]
    addresses = [f for f in plain if f.is_compound]
    texts = [f for f in plain if f.long_text]
    rest = [f for f in plain if f not in addresses and f not in texts]
    system = [f for f in visible if f.name in ("CreatedById", "LastModifiedById")]
    sections = [
        (f"{item.label} Information", rest),
        ("Address Information", addresses),
        ("Description Information", texts),
        ("System Information", system),
    ]
    layout_id = ids.make("00h", serial_of(item))
    described = [
        _section(heading, fields, item, layout_id, order) for order, (heading, fields) in enumerate(sections) if fields
    ]
    layout: dict[str, Any] = {
        "buttonLayoutSection": {"detailButtons": []},
        "detailLayoutSections": described,
        "editLayoutSections": [section for section in described if section["heading"] != "System Information"],
        "feedView": None,
        "highlightsPanelLayoutSection": None,
        "id": layout_id,
        "multirowEditLayoutSections": [],
        "offlineLinks": [],
        "quickActionList": None,
        "relatedContent": None,
        "relatedLists": [_related(link.name, link.object, link.field, rights) for link in item.children if link.name],
        "saveOptions": [],
    }
    mappings = [
        {
            "active": kind["IsActive"], "available": True, "defaultRecordTypeMapping": kind is record_types[0],
            "developerName": kind["DeveloperName"], "layoutId": layout_id, "master": False, "name": kind["Name"],
            "picklistsForRecordType": [
                {"picklistName": f.name, "picklistValues": _values_of(f, item, kind["DeveloperName"])}
                for f in visible if f.type in ("picklist", "multipicklist")
            ],
            "recordTypeId": kind["Id"],
        }
        for kind in record_types
    ]  # fmt: skip
    mappings.append(
        {
            "active": True, "available": True, "defaultRecordTypeMapping": not record_types, "developerName": "Master",
            "layoutId": layout_id, "master": True, "name": "Master", "picklistsForRecordType": None,
            "recordTypeId": MASTER_RECORD_TYPE,
        }
    )  # fmt: skip
    return {"layouts": [layout], "recordTypeMappings": mappings, "recordTypeSelectorRequired": [len(record_types) > 1]}


def _related(name: str | None, child: str, field: str, rights: Rights) -> dict[str, Any]:
    item = rights.find(child)
    return {
        "accessLevelRequiredForCreate": None,
        "buttons": [],
        "columns": [],
        "custom": child.endswith("__c"),
        "field": field,
        "label": item.plural if item is not None else child,
        "limitRows": 5,
        "name": name,
        "sobject": child,
        "sort": [],
    }


def _section(heading: str, fields: Iterable[Field], item: Object, layout_id: str, order: int) -> dict[str, Any]:
    made = list(fields)
    wide = heading == "Description Information"
    width = 1 if wide else 2
    rows = [made[start : start + width] for start in range(0, len(made), width)]
    return {
        "collapsed": False,
        "columns": width,
        "heading": heading,
        "layoutRows": [{"layoutItems": [_item(single, item) for single in row], "numItems": len(row)} for row in rows],
        "layoutSectionId": f"01B{layout_id[3:14]}{order}",
        "parentLayoutId": layout_id,
        "rows": len(rows),
        "tabOrder": "leftToRight",
        "useCollapsibleSection": True,
        "useHeading": True,
    }


def _item(single: Field, item: Object) -> dict[str, Any]:
    return {
        "editableForNew": single.createable or single.is_compound,
        "editableForUpdate": single.updateable or single.is_compound,
        "label": single.label,
        "layoutComponents": [
            {
                "details": describe_field(single, item),
                "displayLines": 6 if single.long_text else 1,
                "tabOrder": 1,
                "type": "Field",
                "value": single.name,
            }
        ],
        "placeholder": False,
        "required": not single.nillable and not single.defaulted,
    }


def compact_layouts(item: Object, rights: Rights, record_types: list[dict[str, Any]], ids: Ids) -> dict[str, Any]:
    """`describe/compactLayouts` of one object. Raises OrgError NOT_FOUND where an object has no layouts."""
    if "layout" not in item.words:
        raise not_found()
    fields = rights.fields(item)
    names = _COMPACT.get(item.name) or tuple(f.name for f in (item.name_field,) if f is not None)
    members = [fields[name.lower()] for name in names if name.lower() in fields]
    layout_id = None
    layout: dict[str, Any] = {
        "actions": [],
        "fieldItems": [_item(single, item) for single in members],
        "id": layout_id,
        "imageItems": [],
        "label": "System Default",
        "name": "SYSTEM",
        "objectType": item.name,
    }
    return {
        "compactLayouts": [layout],
        "defaultCompactLayoutId": layout_id,
        "recordTypeCompactLayoutMappings": [
            {
                "available": True, "compactLayoutId": layout_id, "compactLayoutName": "SYSTEM", "recordTypeId": kind_id,
                "recordTypeName": name,
            }
            for kind_id, name in [*((k["Id"], k["Name"]) for k in record_types), (MASTER_RECORD_TYPE, "Master")]
        ],
        "urls": {"primary": f"/services/data/v65.0/sobjects/{item.name}/describe/compactLayouts/primary"},
    }  # fmt: skip


def _allowed(single: Field, item: Object, record_type: str | None) -> list[str]:
    kept = RECORD_TYPE_VALUES.get((item.name, record_type or "", single.name))
    return [pick.value for pick in single.picks if pick.active and (kept is None or pick.value in kept)]


def _values_of(single: Field, item: Object, record_type: str) -> list[dict[str, Any]]:
    allowed = set(_allowed(single, item, record_type))
    controller = item.by_name.get(single.controller.lower()) if single.controller else None
    return [
        {
            "active": True, "defaultValue": pick.default, "label": pick.label,
            "validFor": picklist_bitmap(single, controller, pick.valid_for), "value": pick.value,
        }
        for pick in single.picks if pick.value in allowed
    ]  # fmt: skip


def picklist_values(
    item: Object, rights: Rights, record_types: list[dict[str, Any]], record_type_id: str
) -> dict[str, Any]:
    """The UI API's picklist-values of every picklist. Raises OrgError NOT_FOUND for an unknown record type."""
    kinds = {kind["Id"][:15]: kind["DeveloperName"] for kind in record_types}
    kinds[MASTER_RECORD_TYPE[:15]] = None
    if record_type_id[:15] not in kinds:
        raise not_found()
    record_type = kinds[record_type_id[:15]]
    base = f"/services/data/v65.0/ui-api/object-info/{item.name}/picklist-values/{record_type_id}"
    answers = {}
    for single in rights.fields(item).values():
        if single.type not in ("picklist", "multipicklist"):
            continue
        controller = item.by_name.get(single.controller.lower()) if single.controller else None
        controlling = [pick.value for pick in controller.picks] if controller is not None else []
        allowed = set(_allowed(single, item, record_type))
        values = [
            {
                "attributes": None,
                "label": pick.label,
                "validFor": [controlling.index(name) for name in pick.valid_for],
                "value": pick.value,
            }
            for pick in single.picks
            if pick.value in allowed
        ]
        default = next((value for value in values if value["value"] == single.default), None)
        answers[single.name] = {
            "controllerValues": {name: place for place, name in enumerate(controlling)},
            "defaultValue": default,
            "url": f"{base}/{single.name}",
            "values": values,
        }
    return {"picklistFieldValues": answers}
