"""Which columns a list of an object offers and shows by default, and what stands under a record's name. Pure.

The rule where no layout is known: the name, then what a person tells records of this kind apart by, then owner and the
last change; of custom objects the first custom fields.
"""

from __future__ import annotations

from core.mirror.sorting import Key, key_of
from core.mirror.tables import Column, Table
from core.mirror.values import Kind
from core.mirror.views import ColumnInfo

_USUAL: dict[str, tuple[str, ...]] = {
    "Lead": ("Name", "Company", "Title", "Email", "Phone", "Status", "LeadSource", "City", "OwnerId"),
    "Contact": ("Name", "AccountId", "Title", "Email", "Phone", "MailingCity", "OwnerId"),
    "Account": ("Name", "Type", "Industry", "Phone", "Website", "BillingCity", "BillingCountry", "OwnerId"),
    "Opportunity": ("Name", "AccountId", "StageName", "Amount", "CloseDate", "Probability", "Type", "OwnerId"),
    "OpportunityContactRole": ("ContactId", "OpportunityId", "Role", "IsPrimary"),
    "Campaign": ("Name", "Type", "Status", "StartDate", "EndDate", "IsActive", "NumberOfLeads", "OwnerId"),
    "CampaignMember": ("Name", "CampaignId", "LeadId", "ContactId", "Status", "HasResponded", "CompanyOrAccount"),
    "CampaignMemberStatus": ("Label", "CampaignId", "IsDefault", "HasResponded", "SortOrder"),
    "Task": ("Subject", "WhoId", "WhatId", "Status", "Priority", "ActivityDate", "OwnerId"),
    "Event": ("Subject", "WhoId", "WhatId", "StartDateTime", "EndDateTime", "Location", "OwnerId"),
    "User": ("Name", "Username", "Email", "Title", "Department", "Phone", "IsActive"),
    "Group": ("Name", "DeveloperName", "Type", "Email"),
    "RecordType": ("Name", "SobjectType", "Description", "IsActive"),
    "Organization": ("Name", "OrganizationType", "PrimaryContact", "Phone", "City", "Country"),
    "QueueSobject": ("QueueId", "SobjectType"),
    "Case": ("CaseNumber", "Subject", "Status", "Priority", "AccountId", "ContactId", "OwnerId"),
}
_SUBTITLES: dict[str, tuple[str, ...]] = {
    "Lead": ("Title", "Company", "Email"),
    "Contact": ("Title", "AccountId", "Email"),
    "Account": ("Industry", "BillingCity", "Website"),
    "Opportunity": ("AccountId", "StageName", "Amount"),
    "OpportunityContactRole": ("Role", "OpportunityId"),
    "Campaign": ("Type", "Status", "StartDate"),
    "CampaignMember": ("CampaignId", "Status"),
    "CampaignMemberStatus": ("CampaignId",),
    "Task": ("Status", "WhoId", "ActivityDate"),
    "Event": ("StartDateTime", "WhoId", "Location"),
    "User": ("Title", "Username"),
    "Group": ("Type", "Email"),
    "Case": ("Subject", "AccountId", "Status"),
}
# What names a record of an object that has no name field, by the names of its look-ups.
TITLES: dict[str, tuple[str, ...]] = {
    "OpportunityContactRole": ("ContactId",),
    "CampaignMember": ("Name", "LeadId", "ContactId", "LeadOrContactId"),
    "QueueSobject": ("QueueId",),
}
_SYSTEM_ENDS = ("OwnerId", "LastModifiedDate")
_CUSTOM_DEFAULTS = 6
_WIDTHS = {
    "boolean": 6, "int": 10, "double": 12, "currency": 14, "percent": 8, "date": 11, "datetime": 16, "time": 8,
    "email": 28, "phone": 17, "url": 24, "id": 19, "reference": 20, "picklist": 16, "multipicklist": 20, "textarea": 30,
}  # fmt: skip


def columns_of(table: Table) -> list[ColumnInfo]:
    """Every column of the table that a list can show, the usual ones first and in their order."""
    usual = default_columns(table)
    others = [c.name for c in table.columns if c.name not in usual]
    return [_info(table, table.by_name[name], name in usual) for name in (*usual, *others)]


def default_columns(table: Table) -> tuple[str, ...]:
    """The names of the columns that a list shows when nobody chose others."""
    known = _USUAL.get(table.name)
    if known is None:
        custom = [c.name for c in table.columns if c.field.custom and not c.field.is_long_text]
        first = [table.name_field] if table.name_field else []
        standard = [c.name for c in table.columns if not c.field.custom and _tells_apart(c)][:_CUSTOM_DEFAULTS]
        known = (*first, *(custom or standard)[:_CUSTOM_DEFAULTS], *_SYSTEM_ENDS[:1])
    elif table.name_field is not None and table.name_field not in known:
        known = (table.name_field, *known)
    found = tuple(dict.fromkeys(name for name in (*known, _SYSTEM_ENDS[1]) if name in table.by_name))
    return found if found else ("Id",)


def subtitle_columns(table: Table) -> tuple[str, ...]:
    """The fields that stand under a record's name."""
    known = _SUBTITLES.get(table.name)
    if known is None:
        known = tuple(name for name in default_columns(table) if name != table.name_field)[:2]
    return tuple(name for name in known if name in table.by_name)


def title_columns(table: Table) -> tuple[str, ...]:
    """The fields of which the first that is filled names a record."""
    own = (table.name_field,) if table.name_field else ()
    return tuple(name for name in dict.fromkeys((*own, *TITLES.get(table.name, ()))) if name in table.by_name)


def is_numeric(column: Column) -> bool:
    """Whether a list shows the column's values as numbers, aligned at the end."""
    return column.kind in (Kind.NUMBER, Kind.EXACT)


def _tells_apart(column: Column) -> bool:
    return column.kind is not Kind.ID and column.kind is not Kind.DATETIME and not column.field.is_long_text


def _info(table: Table, column: Column, default: bool) -> ColumnInfo:
    field = column.field
    width = _WIDTHS.get(field.type, 0) or max(10, min(24, field.length or 20))
    if column.name == table.name_field:
        width = 26
    return ColumnInfo(
        name=column.name,
        label=field.label,
        type=field.type,
        default=default,
        width_chars=width,
        sortable=not field.is_long_text and (key_of(column) is not Key.NAME or bool(field.reference_to)),
        numeric=is_numeric(column),
    )
