"""List views of the demo org: a few per object, each a filter, columns and an order over SOQL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from core.demo.access import Rights
from core.demo.metadata.fields import Object
from core.demo.metadata.layouts import Ids, serial_of


@dataclass(frozen=True)
class ListView:
    """One list view; `order` is a field with an optional DESC."""

    name: str
    label: str
    columns: tuple[str, ...]
    where: str = ""
    order: str = ""
    scope: str = "everything"


_COMPARED = re.compile(r"(\w+) (?:=|IN) ")
_LEAD = ("Name", "Company", "Phone", "Email", "Status", "CreatedDate", "Owner.Alias")
_CONTACT = ("Name", "Account.Name", "Title", "Phone", "Email", "Owner.Alias")
_ACCOUNT = ("Name", "BillingState", "Phone", "Type", "Owner.Alias")
_DEAL = ("Name", "Account.Name", "Amount", "CloseDate", "StageName", "Owner.Alias")
_VIEWS: dict[str, tuple[ListView, ...]] = {
    "Lead": (
        ListView("AllOpenLeads", "All Open Leads", _LEAD, "IsConverted = false", "Name"),
        ListView("MyUnreadLeads", "My Unread Leads", _LEAD, "IsUnreadByOwner = true AND IsConverted = false",
                 "CreatedDate DESC", "mine"),
        ListView("TodaysLeads", "Today's Leads", _LEAD, "CreatedDate = TODAY", "CreatedDate DESC"),
        ListView("HotLeads", "Hot Leads in Europe", (*_LEAD, "Country", "Rating"),
                 "Rating = 'Hot' AND Region__c = 'EMEA' AND IsConverted = false", "Company"),
        ListView("QueueLeads", "Leads in Queues", _LEAD, "IsConverted = false", "CreatedDate DESC", "queue_owned"),
    ),
    "Contact": (
        ListView("AllContacts", "All Contacts", _CONTACT, "", "Name"),
        ListView("MyContacts", "My Contacts", _CONTACT, "", "Name", "mine"),
        ListView("NewLastWeek", "New Last Week", (*_CONTACT, "CreatedDate"), "CreatedDate = LAST_WEEK", "Name"),
    ),
    "Account": (
        ListView("AllAccounts", "All Accounts", _ACCOUNT, "", "Name"),
        ListView("MyAccounts", "My Accounts", _ACCOUNT, "", "Name", "mine"),
        ListView("PlatinumandGoldSLACustomers", "Platinum and Gold Customers", (*_ACCOUNT, "Tier__c"),
                 "Tier__c IN ('Platinum', 'Gold')", "Name"),
    ),
    "Opportunity": (
        ListView("AllOpportunities", "All Opportunities", _DEAL, "", "Name"),
        ListView("MyOpportunities", "My Opportunities", _DEAL, "", "CloseDate DESC", "mine"),
        ListView("ClosingThisMonth", "Closing This Month", _DEAL, "IsClosed = false AND CloseDate = THIS_MONTH",
                 "CloseDate"),
        ListView("Won", "Won", _DEAL, "IsWon = true", "CloseDate DESC"),
    ),
    "Campaign": (
        ListView("AllActiveCampaigns", "All Active Campaigns", ("Name", "Type", "Status", "StartDate", "EndDate"),
                 "IsActive = true", "Name"),
    ),
    "Task": (
        ListView("OpenTasks", "Open Tasks", ("Subject", "Who.Name", "What.Name", "ActivityDate", "Status", "Priority"),
                 "IsClosed = false", "ActivityDate"),
    ),
    "Project__c": (
        ListView("Active", "Active Projects", ("Name", "Account__r.Name", "Status__c", "Budget__c", "Next_Due__c"),
                 "Status__c = 'Active'", "Name"),
    ),
}  # fmt: skip


def _views(item: Object) -> tuple[ListView, ...]:
    named = item.name_field
    if item.name in _VIEWS or named is None:
        return _VIEWS.get(item.name, ())
    return (ListView("All", f"All {item.plural}", (named.name, "CreatedDate"), "", named.name),)


def _readable(path: str, item: Object, rights: Rights) -> bool:
    first, _, rest = path.partition(".")
    if not rest:
        return first.lower() in rights.fields(item)
    pointer = item.by_relationship.get(first.lower())
    return pointer is not None and pointer.name.lower() in rights.fields(item)


def _opens(view: ListView, item: Object, rights: Rights) -> bool:
    """Whether the fields that the view's condition needs are still there, for this user."""
    return all(_readable(name, item, rights) for name in _COMPARED.findall(view.where))


def _id_of(item: Object, place: int, ids: Ids) -> str:
    return ids.make("00B", serial_of(item) + place)


def list_views(item: Object, rights: Rights, ids: Ids, version: str) -> dict[str, Any]:
    """The list views of an object that the user may open."""
    base = f"/services/data/v{version}/sobjects/{item.name}/listviews"
    views = []
    for place, view in enumerate(_views(item)):
        if not _opens(view, item, rights):
            continue
        path = f"{base}/{_id_of(item, place, ids)}"
        views.append(
            {
                "describeUrl": f"{path}/describe",
                "developerName": view.name,
                "id": _id_of(item, place, ids),
                "label": view.label,
                "resultsUrl": f"{path}/results",
                "soqlCompatible": True,
                "url": path,
            }
        )
    return {
        "done": True, "listviews": views, "nextRecordsUrl": None, "size": len(views), "sobjectType": item.name,
    }  # fmt: skip


def find(item: Object, rights: Rights, ids: Ids, view_id: str) -> tuple[str, ListView] | None:
    """The list view of an id (or developer name), with its id."""
    for place, view in enumerate(_views(item)):
        own = _id_of(item, place, ids)
        if not _opens(view, item, rights):
            continue
        if own[:15] == view_id[:15] or view.name.lower() == view_id.lower():
            return own, view
    return None


def describe(found: tuple[str, ListView], item: Object, rights: Rights, ids: Ids) -> dict[str, Any]:
    """`listviews/ID/describe`: columns, order, scope and the SOQL that the view stands for."""
    own, view = found
    columns = [path for path in view.columns if _readable(path, item, rights)]
    field, _, direction = view.order.partition(" ")
    descending = direction.upper() == "DESC"
    hidden = [name for name in ("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp") if item.has(name)]
    selected = list(dict.fromkeys([*columns, *hidden]))
    soql = f"SELECT {', '.join(selected)} FROM {item.name}"
    if view.scope != "everything":
        soql += f" USING SCOPE {view.scope}"
    if view.where:
        soql += f" WHERE {view.where}"
    if field:
        soql += f" ORDER BY {field} {'DESC' if descending else 'ASC'} NULLS {'LAST' if descending else 'FIRST'}, Id ASC"
    orders = [{"fieldNameOrPath": field, "nullsPosition": "last" if descending else "first",
               "sortDirection": "descending" if descending else "ascending"}] if field else []  # fmt: skip
    return {
        "columns": [_column(path, item, hidden=path not in columns, order=view.order) for path in selected],
        "id": own,
        "label": view.label,
        "orderBy": orders,
        "query": soql,
        "scope": view.scope,
        "sobjectType": item.name,
        "whereCondition": None,
    }


def _column(path: str, item: Object, *, hidden: bool, order: str) -> dict[str, Any]:
    first, _, rest = path.partition(".")
    single = item.by_relationship[first.lower()] if rest else item.by_name[first.lower()]
    field, _, direction = order.partition(" ")
    return {
        "ascendingLabel": "Z-A" if single.type != "boolean" else None,
        "descendingLabel": "A-Z" if single.type != "boolean" else None,
        "fieldNameOrPath": path,
        "hidden": hidden,
        "label": single.label.removesuffix(" ID") if rest else single.label,
        "searchable": single.type in ("string", "email", "phone", "textarea", "picklist"),
        "selectListItem": path,
        "sortDirection": ("descending" if direction else "ascending") if path == field else None,
        "sortIndex": 0 if path == field else None,
        "sortable": single.sortable,
        "type": "string" if rest else single.type,
    }


def results(description: dict[str, Any], records: list[dict[str, Any]], total: int) -> dict[str, Any]:
    """`listviews/ID/results`: every value under its path."""
    columns = description["columns"]
    rows = []
    for record in records:
        cells = []
        for column in columns:
            value: Any = record
            for part in column["fieldNameOrPath"].split("."):
                value = value.get(part) if isinstance(value, dict) else None
            cells.append({"fieldNameOrPath": column["fieldNameOrPath"], "value": value})
        rows.append({"columns": cells})
    return {
        "columns": columns,
        "developerName": None,
        "done": True,
        "id": description["id"],
        "label": description["label"],
        "records": rows,
        "size": total,
    }
