"""One record as it is shown: title, subtitle, and every visible field in a group.

The rule where no layout is known: identity (name, company, title, status, what it belongs to), contact (e-mail, phone,
web), address, other details of the standard, custom fields, long texts, and the system's own fields last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

import apsw

from core.mirror import watermarks
from core.mirror.columns import subtitle_columns, title_columns
from core.mirror.display import one_line, plain_text, text_formatter
from core.mirror.names import Names
from core.mirror.tables import Column, Table
from core.mirror.values import quoted
from core.mirror.views import FieldGroup, FieldView, LinkState, RecordView, Section
from core.model.describe import LONG_TEXT_LENGTH
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef, is_temporary_id


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:
    """Marks a text for translation by the window."""
    return text


TITLES = {
    Section.IDENTITY: QT_TRANSLATE_NOOP("RecordSections", "About"),
    Section.CONTACT: QT_TRANSLATE_NOOP("RecordSections", "Contact"),
    Section.ADDRESS: QT_TRANSLATE_NOOP("RecordSections", "Address"),
    Section.DETAILS: QT_TRANSLATE_NOOP("RecordSections", "Details"),
    Section.CUSTOM: QT_TRANSLATE_NOOP("RecordSections", "More fields"),
    Section.DESCRIPTION: QT_TRANSLATE_NOOP("RecordSections", "Description"),
    Section.SYSTEM: QT_TRANSLATE_NOOP("RecordSections", "System"),
}
_IDENTITY = (
    "Salutation", "FirstName", "MiddleName", "LastName", "Suffix", "Name", "Subject", "CaseNumber", "Label", "Title",
    "Company", "AccountId", "WhoId", "WhatId", "ContactId", "LeadId", "CampaignId", "OpportunityId", "Role",
    "IsPrimary", "Type", "StageName", "Status", "Rating", "Priority", "Amount", "CloseDate", "Probability",
    "ActivityDate", "StartDateTime", "EndDateTime", "StartDate", "EndDate", "ParentId", "RecordTypeId", "OwnerId",
    "Username", "Department",
)  # fmt: skip
_SYSTEM = frozenset(
    {
        "Id", "IsDeleted", "MasterRecordId", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById",
        "SystemModstamp", "LastActivityDate", "LastViewedDate", "LastReferencedDate", "JigsawContactId", "Jigsaw",
        "CleanStatus", "PhotoUrl", "CurrencyIsoCode", "MayEdit", "IsLocked", "LastCURequestDate", "LastCUUpdateDate",
        "UserRecordAccessId",
    }
)  # fmt: skip
_CONTACT_TYPES = frozenset({"email", "phone", "url"})
_CONTACT_FLAGS = frozenset({"HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall", "EmailBouncedReason"})
_ADDRESS_ENDS = (
    "Street", "City", "PostalCode", "State", "Country", "StateCode", "CountryCode", "Latitude", "Longitude",
    "GeocodeAccuracy",
)  # fmt: skip
_ADDRESS_STARTS = ("", "Billing", "Shipping", "Mailing", "Other", "PersonMailing", "PersonOther")
_ADDRESS = frozenset(start + end for start in _ADDRESS_STARTS for end in _ADDRESS_ENDS)


def section_of(column: Column) -> Section:
    """The group a field is shown in."""
    field = column.field
    if column.name in _SYSTEM:
        return Section.SYSTEM
    if field.is_long_text or field.html_formatted or field.length > LONG_TEXT_LENGTH:
        return Section.DESCRIPTION
    if field.custom:
        return Section.CUSTOM
    if column.name in _IDENTITY:
        return Section.IDENTITY
    if column.name in _ADDRESS:
        return Section.ADDRESS
    if field.type in _CONTACT_TYPES or column.name in _CONTACT_FLAGS:
        return Section.CONTACT
    return Section.DETAILS


def read_record(
    conn: apsw.Connection,
    tables: Mapping[str, Table],
    table: Table,
    wanted: str | int,
    names: Names,
    zone: tzinfo,
    instance_url: str,
) -> RecordView:
    """The record of that id (18 characters or temporary) or row number. Raises NO_SUCH_RECORD."""
    by = '"Id"' if isinstance(wanted, str) else "om_row"
    columns = table.columns
    sql = f"SELECT om_row, {', '.join(quoted(c.name) for c in columns)} FROM {table.quoted} WHERE {by} = ?"
    row = conn.execute(sql, (wanted,)).fetchone()
    if row is None:
        raise OrgMirrorError(ErrorCode.NO_SUCH_RECORD, object=table.name, id=str(wanted))
    values = dict(zip((c.name for c in columns), row[1:], strict=True))
    for column in columns:
        if column.field.type == "reference" and values[column.name]:
            names.resolve((values[column.name],), column.field.reference_to)
    loading = {name for (name,) in conn.execute("SELECT name FROM om_object WHERE NOT loaded")}
    record_id = str(values["Id"])
    as_of = watermarks.as_of(conn, table.name, record_id)
    fields = {c.name: _field(c, values, tables, names, zone, loading, as_of) for c in columns}
    return RecordView(
        ref=RecordRef(table.name, record_id),
        om_row=int(row[0]),
        object_label=table.label,
        title=_first(fields, title_columns(table)) or record_id,
        subtitle=" · ".join(_texts(fields, subtitle_columns(table))),
        groups=_groups(table, fields),
        is_deleted=values.get("IsDeleted") == 1,
        web_url=web_url(instance_url, record_id),
    )


def web_url(instance_url: str, record_id: str) -> str | None:
    """The record's page at Salesforce; None for one that was made here and has not reached it."""
    if not instance_url or is_temporary_id(record_id):
        return None
    return f"{instance_url.rstrip('/')}/{record_id}"


def _field(
    column: Column,
    values: Mapping[str, Any],
    tables: Mapping[str, Table],
    names: Names,
    zone: tzinfo,
    loading: set[str],
    as_of: datetime | None,
) -> FieldView:
    field = column.field
    raw = values[column.name]
    display = text_formatter(column, zone)(raw)
    if field.type == "currency" and display and values.get("CurrencyIsoCode"):
        display = f"{display} {values['CurrencyIsoCode']}"
    if field.html_formatted:
        display = plain_text(display)
    link = label = state = None
    if field.type == "reference" and raw:
        link, label = names.ref(raw), names.name(raw)
        display = label or str(raw)
        if link is None:
            target = names.object_of(raw, column)
            here = target is not None and target in tables and target not in loading
            state = LinkState.NOT_VISIBLE if here else LinkState.NOT_LOADED
    return FieldView(
        name=column.name,
        label=field.label,
        type=field.type,
        display=display,
        raw=raw,
        link=link,
        link_label=label,
        link_state=state,
        help=field.help_text,
        long=field.is_long_text or field.type == "textarea",
        html=field.html_formatted,
        calculated=field.calculated,
        as_of=as_of if field.calculated else None,
    )


def group_names(table: Table) -> list[tuple[Section, list[str]]]:
    """The fields of each group, in the order they are shown."""
    places = {name: at for at, name in enumerate(_IDENTITY)}
    described = {f.name: at for at, f in enumerate(table.info.fields)}
    by_section: dict[Section, list[str]] = {}
    for column in table.columns:
        by_section.setdefault(section_of(column), []).append(column.name)
    found = []
    for section in Section:
        members = by_section.get(section, [])
        members.sort(key=lambda n: (places.get(n, 99) if section is Section.IDENTITY else 0, described.get(n, 0)))
        if members:
            found.append((section, members))
    return found


def _groups(table: Table, fields: Mapping[str, FieldView]) -> tuple[FieldGroup, ...]:
    return tuple(
        FieldGroup(section, TITLES[section], tuple(fields[name] for name in names))
        for section, names in group_names(table)
    )


def _texts(fields: Mapping[str, FieldView], names: Sequence[str]) -> list[str]:
    return [one_line(fields[name].display) for name in names if name in fields and fields[name].display]


def _first(fields: Mapping[str, FieldView], names: Sequence[str]) -> str:
    return next(iter(_texts(fields, names)), "")
