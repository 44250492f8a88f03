"""Converting a lead: in Salesforce first, then here what became of it.

The lead, its account, contact and opportunity are read back, then everything that points to one of them: tasks and
events follow the contact, campaign members belong to both. Edits here that refer to the lead and can follow do so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from core.mirror import acting, aliases, meta
from core.mirror.mirror import Mirror
from core.mirror.overlay import server_image
from core.mirror.session import Session
from core.mirror.tables import Table
from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef, is_temporary_id, long_id
from core.salesforce.client import Client
from core.salesforce.errors import SalesforceError
from core.salesforce.soap import ConvertedIds, LeadConvert, SoapClient
from core.sync import acting as ground
from core.sync.act_views import Candidate, Choice, Converted, ConvertForm, ConvertOptions, PendingEdits, ValueLeft

_STATUSES = "converted-statuses"
# What Salesforce takes over by itself, whatever an admin has mapped.
_FOLLOW = ("WhoId",)


def convert_form(mirror: Mirror, client: Client | None, lead_id: str, zone: tzinfo) -> ConvertForm:
    """What a person decides before a conversion; `client` None: the statuses that are known from the last time.

    Raises NO_SUCH_OBJECT, NO_SUCH_RECORD, NOT_EDITABLE for a lead that is converted or deleted.
    """
    table = ground.table_of(mirror, "Lead")
    statuses = _statuses(mirror, client, table)
    return mirror.read(lambda s: _form(s, mirror.tables(), table, aliases.resolve(s, lead_id), statuses, zone))


def convert(
    mirror: Mirror, client: Client, lead_id: str, options: ConvertOptions, pending: PendingEdits, push: ground.Push,
    cancel: CancelToken, now: datetime,
) -> Converted:  # fmt: skip
    """Convert a lead. Raises HAS_PENDING_EDITS, SOAP_TOKEN, ACT_UNKNOWN, a refusal's code, or the network's."""
    table = ground.table_of(mirror, "Lead")
    lead = RecordRef("Lead", mirror.read(lambda s: aliases.resolve(s, lead_id)))
    # Nothing of a lead can move anywhere before it is converted: those edits go first, as by default.
    how = PendingEdits.PUSH if pending is PendingEdits.MOVE else pending
    ground.before(mirror, [lead], how, push, cancel)
    if is_temporary_id(lead.id):
        lead = RecordRef("Lead", mirror.read(lambda s: aliases.resolve(s, lead_id)))
        if is_temporary_id(lead.id):
            raise OrgMirrorError(ErrorCode.HAS_PENDING_EDITS, count=1, object="Lead")
    wanted = _wanted(mirror, client, table, lead, options)
    soap = SoapClient(client)
    made = ground.attempt(
        lambda: soap.convert_lead(wanted, allow_duplicates=options.allow_duplicates),
        lambda: _outcome(client, lead.id),
    )
    if pending is PendingEdits.DISCARD:
        mirror.write(lambda s: acting.discard_edits(s, [lead]))
    ids = {
        "Lead": [lead.id],
        **{
            name: [each]
            for name, each in (
                ("Account", made.account_id), ("Contact", made.contact_id), ("Opportunity", made.opportunity_id)
            )
            if each
        },
    }  # fmt: skip
    # A new record's children, and those of the lead wherever they went; an old account's own are not asked for.
    parents = {name: found for name, found in ids.items() if name != "Account" or wanted.account_id is None}
    changes, complete = ground.read_back(mirror, client, ids, parents)
    if made.contact_id:
        contact = made.contact_id
        moved = mirror.write(lambda s: acting.repoint(s, mirror.tables(), {lead.id: contact}, at=now, fields=_FOLLOW))
        changes = changes.merged(Changes(outbox=moved > 0))
    return Converted(lead, made.account_id, made.contact_id, made.opportunity_id, changes, complete)


def _wanted(mirror: Mirror, client: Client, table: Table, lead: RecordRef, options: ConvertOptions) -> LeadConvert:
    account, contact = options.account_id, options.contact_id
    if contact and not account and (contacts := mirror.tables().get("Contact")) is not None:
        account = mirror.read(lambda s: acting.account_of(s, contacts, long_id(contact)))
    status = options.status
    if status is None:
        known = _statuses(mirror, client, table)
        status = next((each.value for each in known if each.default), known[0].value if known else "")
    return LeadConvert(
        lead.id,
        status,
        account_id=None if account is None else mirror.read(lambda s: aliases.resolve(s, account)),
        contact_id=None if contact is None else mirror.read(lambda s: aliases.resolve(s, contact)),
        opportunity=options.opportunity,
        opportunity_name=options.opportunity_name,
        owner_id=None if options.owner_id is None else long_id(options.owner_id),
        notify_owner=options.notify_owner,
        overwrite_lead_source=options.overwrite_lead_source,
    )


def _outcome(client: Client, lead_id: str) -> ConvertedIds | None:
    """Whether the lead is converted after all, and into what."""
    soql = (
        "SELECT IsConverted, ConvertedAccountId, ConvertedContactId, ConvertedOpportunityId FROM Lead "
        f"WHERE Id = '{lead_id}'"
    )
    for record in client.query(soql, all_rows=True):
        if record.get("IsConverted"):
            names = ("ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId")
            return ConvertedIds(*(long_id(str(record[name])) if record.get(name) else None for name in names))
    return None


def _statuses(mirror: Mirror, client: Client | None, table: Table) -> tuple[Choice, ...]:
    """The statuses that mean converted, the default one first: the org's own, or those that it had the last time.

    Where neither is to be had (LeadStatus is not readable for everybody), all active ones: the org says no to others.
    """
    if client is not None:
        try:
            rows = client.query("SELECT ApiName, MasterLabel, IsDefault FROM LeadStatus WHERE IsConverted = true")
        except SalesforceError:
            rows = []
        if rows:
            found = [[str(r["ApiName"]), str(r["MasterLabel"]), bool(r.get("IsDefault"))] for r in rows]
            if not any(line[2] for line in found):
                found[0][2] = True
            mirror.write(lambda s: meta.set_(s, _STATUSES, json.dumps(found)))
            return tuple(Choice(value, label, default) for value, label, default in found)  # type: ignore[arg-type]
    kept = mirror.read(lambda s: meta.get(s, _STATUSES))
    if kept:
        return tuple(Choice(value, label, default) for value, label, default in json.loads(kept))
    column = table.by_name.get("Status")
    picks = column.field.picklist_values if column is not None else ()
    return tuple(Choice(pick.value, pick.label) for pick in picks if pick.active)


def _form(
    session: Session, tables: Mapping[str, Table], table: Table, lead_id: str, statuses: tuple[Choice, ...],
    zone: tzinfo,
) -> ConvertForm:  # fmt: skip
    row = server_image(session, table, lead_id)
    if row.get("IsConverted") or row.get("IsDeleted"):
        raise OrgMirrorError(ErrorCode.NOT_EDITABLE, object="Lead", id=lead_id)
    ref = RecordRef("Lead", lead_id)
    owner = row.get("OwnerId")
    accounts = acting.same_company(session, tables["Account"], row.get("Company")) if "Account" in tables else []
    contacts = acting.same_person(session, tables, row, [a.ref.id for a in accounts]) if "Contact" in tables else []
    return ConvertForm(
        ref,
        acting.titles(session, table, [lead_id])[lead_id],
        str(row.get("Company") or ""),
        statuses,
        owner,
        owner is not None and not str(owner).startswith("005"),
        tuple(Candidate(each.ref, each.label, each.detail) for each in accounts),
        tuple(Candidate(each.ref, each.label, each.detail, each.account_id) for each in contacts),
        _left(session, tables, table, row, zone),
        acting.count_edits(session, [ref]),
    )


def _left(
    session: Session, tables: Mapping[str, Table], table: Table, row: Mapping[str, Any], zone: tzinfo
) -> tuple[ValueLeft, ...]:
    """Custom fields with a value and no namesake on account, contact or opportunity. An admin may have mapped them."""
    targets = [tables[name] for name in ("Account", "Contact", "Opportunity") if name in tables]
    left = [
        (column, row[column.name])
        for column in table.columns
        if column.field.custom and not column.field.calculated and row.get(column.name) not in (None, 0, "")
        and not any(column.name in target.by_name for target in targets)
    ]  # fmt: skip
    texts = acting.displays(session, tables, left, zone)
    return tuple(
        ValueLeft(column.name, column.field.label, text) for (column, _), text in zip(left, texts, strict=True)
    )
