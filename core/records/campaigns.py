"""Members of campaigns: added, removed, moved to another status; duplicates are found here before Salesforce does.

A lead or contact is a member once; who is one already is reported with its member, so that "change status instead" is
one click away. Statuses are the campaign's own.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.mirror import aliases, membership
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef
from core.records.editor import Editor
from core.records.views import CreateOptions, MemberHit, MemberStatus

MEMBER, STATUS = "CampaignMember", "CampaignMemberStatus"
_FIELDS = {"Lead": "LeadId", "Contact": "ContactId"}


def statuses(editor: Editor, campaign_id: str) -> tuple[MemberStatus, ...]:
    """The campaign's own statuses, in its order; where they are not mirrored, those of describe."""
    if not editor.has(STATUS):
        column = editor.table(MEMBER).column("Status")
        values = column.field.picklist_values if column is not None else ()
        return tuple(MemberStatus(item.value, item.default) for item in values if item.active)
    rows = membership.statuses(editor.session, editor.table(STATUS), _campaign(editor, campaign_id))
    return tuple(
        MemberStatus(str(row["Label"]), bool(row.get("IsDefault")), bool(row.get("HasResponded")))
        for row in rows
        if row.get("Label")
    )


def add_status(editor: Editor, campaign_id: str, label: str, *, has_responded: bool) -> None:
    """Add a status to the campaign; one that it has already stays as it is."""
    known = _campaign(editor, campaign_id)
    if any(item.label == label for item in statuses(editor, known)):
        return
    table = editor.table(STATUS)
    values = {"CampaignId": known, "Label": label, "HasResponded": has_responded}
    if table.column("SortOrder") is not None:
        values["SortOrder"] = membership.highest_sort(editor.session, table, known) + 1
    editor.create(STATUS, values, CreateOptions())


def add(editor: Editor, campaign_id: str, people: Sequence[RecordRef], status: str | None) -> tuple[MemberHit, ...]:
    """Make members; answers those that were members already. Raises NO_SUCH_STATUS, NO_SUCH_RECORD."""
    known = _campaign(editor, campaign_id)
    _check_status(editor, known, status)
    default = next((item.label for item in statuses(editor, known) if item.is_default), None)
    existing = []
    for person, hit in _found(editor, known, people):
        if hit is not None:
            existing.append(_hit(editor, person, hit))
            continue
        editor.row(person)
        values = {"CampaignId": known, _FIELDS[person.object]: person.id, "Status": status or default}
        editor.create(MEMBER, {name: value for name, value in values.items() if value}, CreateOptions())
    return tuple(existing)


def remove(editor: Editor, campaign_id: str, people: Sequence[RecordRef]) -> tuple[RecordRef, ...]:
    """Take people out; answers those that are no members."""
    missing = []
    for person, hit in _found(editor, _campaign(editor, campaign_id), people):
        if hit is None:
            missing.append(person)
        else:
            editor.delete(RecordRef(MEMBER, hit.member_id))
    return tuple(missing)


def set_status(editor: Editor, campaign_id: str, people: Sequence[RecordRef], status: str) -> tuple[RecordRef, ...]:
    """Change the status of members; answers those that are none. Raises NO_SUCH_STATUS."""
    known = _campaign(editor, campaign_id)
    _check_status(editor, known, status)
    missing = []
    for person, hit in _found(editor, known, people):
        if hit is None:
            missing.append(person)
        else:
            editor.edit(RecordRef(MEMBER, hit.member_id), {"Status": status})
    return tuple(missing)


def _campaign(editor: Editor, campaign_id: str) -> str:
    known = aliases.resolve(editor.session, campaign_id)
    editor.row(RecordRef("Campaign", known))
    return known


def _check_status(editor: Editor, campaign_id: str, status: str | None) -> None:
    known = statuses(editor, campaign_id)
    # Of a campaign that was made here nothing is known yet: Salesforce gives it its statuses.
    if status is not None and known and status not in {item.label for item in known}:
        names = ", ".join(item.label for item in known)
        raise OrgMirrorError(ErrorCode.NO_SUCH_STATUS, status=status, statuses=names)


def _found(
    editor: Editor, campaign_id: str, people: Sequence[RecordRef]
) -> list[tuple[RecordRef, membership.Member | None]]:
    table = editor.table(MEMBER)
    resolved = list(dict.fromkeys(editor.resolved(person) for person in people))
    for person in resolved:
        if person.object not in _FIELDS:
            raise OrgMirrorError(ErrorCode.NO_SUCH_RECORD, object="Lead, Contact", id=person.id)
    hits: dict[str, membership.Member] = {}
    for object_name, field in _FIELDS.items():
        ids = [person.id for person in resolved if person.object == object_name]
        if ids:
            hits |= membership.members(editor.session, table, campaign_id, field, ids)
    return [(person, hits.get(person.id)) for person in resolved]


def _hit(editor: Editor, person: RecordRef, hit: membership.Member) -> MemberHit:
    return MemberHit(person, RecordRef(MEMBER, hit.member_id), editor.title(person), hit.status)
