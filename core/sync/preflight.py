"""Preflight: which rights the signed-in user lacks, before the first load copies anything (rules 7).

A right is missing only where Salesforce says so: what cannot be asked, because this edition or this user does not show
it, is passed over. A handful of calls, on a background thread.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from core.model.describe import ObjectInfo, parse_object
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.rights import MissingRight, RightKind
from core.model.scope import TWELVE, TWO_WAY
from core.salesforce.client import Client
from core.salesforce.errors import SalesforceError
from core.sync.faults import is_fatal

# What a person expects to find and to edit; a describe that lacks one hides it by field-level security.
USUAL_FIELDS = {
    "Lead": ("FirstName", "LastName", "Company", "Email", "Phone", "Status", "LeadSource", "OwnerId"),
    "Contact": ("FirstName", "LastName", "AccountId", "Email", "Phone", "OwnerId"),
    "Campaign": ("Name", "Type", "Status", "IsActive", "StartDate", "EndDate"),
    "CampaignMember": ("CampaignId", "LeadId", "ContactId", "Status"),
    "CampaignMemberStatus": ("CampaignId", "Label", "HasResponded", "IsDefault"),
    "Account": ("Name", "Industry", "OwnerId"),
    "Opportunity": ("Name", "AccountId", "StageName", "Amount", "CloseDate"),
}
# Set by Salesforce, or once, when the record is made.
_NEVER_EDITED = frozenset({"CampaignId", "LeadId", "ContactId"})


def missing_rights(client: Client, user_id: str, objects: Collection[str] | None = None) -> list[MissingRight]:
    """What is missing of what the twelve objects need (`objects`: of those alone). Raises what concerns everything."""
    wanted = [name for name in TWELVE if objects is None or name.lower() in {each.lower() for each in objects}]
    try:
        described = client.describe_many(dict.fromkeys(wanted))
    except OrgMirrorError as error:
        if error.code is ErrorCode.API_NOT_ENABLED:
            return [MissingRight(RightKind.API)]
        raise
    found: list[MissingRight] = []
    seen: dict[str, ObjectInfo] = {}
    for name in wanted:
        answer = described.get(name)
        if answer is None or isinstance(answer, SalesforceError) or answer.raw is None:
            found.append(MissingRight(RightKind.READ_OBJECT, name))
            continue
        seen[name] = parse_object(answer.raw)
        found += _of_object(seen[name])
    if "Campaign" in seen and _says(client, user_id, "UserPermissionsMarketingUser") is False:
        found.insert(0, MissingRight(RightKind.MARKETING_USER))
    if "Lead" in seen and _may(client, user_id, "PermissionsConvertLeads") is False:
        found.insert(0, MissingRight(RightKind.CONVERT_LEADS))
    return found


def _of_object(info: ObjectInfo) -> Iterator[MissingRight]:
    if not info.queryable:
        yield MissingRight(RightKind.READ_OBJECT, info.name)
        return
    by_name = {field.name: field for field in info.fields}
    usual = USUAL_FIELDS.get(info.name, ())
    hidden = tuple(name for name in usual if name not in by_name)
    if hidden:
        yield MissingRight(RightKind.READ_FIELDS, info.name, hidden)
    if info.name not in TWO_WAY:
        return
    if not info.createable:
        yield MissingRight(RightKind.CREATE_OBJECT, info.name)
    if not info.updateable:
        yield MissingRight(RightKind.EDIT_OBJECT, info.name)
        return
    fixed = tuple(
        name for name in usual if name in by_name and name not in _NEVER_EDITED and not by_name[name].updateable
    )
    if fixed:
        yield MissingRight(RightKind.EDIT_FIELDS, info.name, fixed)


def _says(client: Client, user_id: str, field: str) -> bool | None:
    """What a field of the user's own row says; None where it cannot be read."""
    if not user_id:
        return None
    rows = _asked(client, f"SELECT {field} FROM User WHERE Id = '{user_id}'")
    value = rows[0].get(field) if rows else None
    return value if isinstance(value, bool) else None


def _may(client: Client, user_id: str, permission: str) -> bool | None:
    """Whether the user's profile or a permission set grants a permission; None where neither can be read."""
    if not user_id:
        return None
    granted = _asked(
        client,
        f"SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '{user_id}' AND PermissionSet.{permission} = true "
        "LIMIT 1",
    )
    if granted:
        return True
    rows = _asked(client, f"SELECT Profile.{permission} FROM User WHERE Id = '{user_id}'")
    profile = rows[0].get("Profile") if rows else None
    value = profile.get(permission) if isinstance(profile, dict) else None
    if isinstance(value, bool):
        return value
    # Each profile has a permission set of its own, so an empty answer is one.
    return None if granted is None else False


def _asked(client: Client, soql: str) -> list[dict[str, object]] | None:
    """The rows of a small query; None where this user or edition does not have it."""
    try:
        return list(client.query(soql))
    except OrgMirrorError as error:
        if is_fatal(error):
            raise
        return None
