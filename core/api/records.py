"""What a person does with records: forms, edits, creates, deletes, campaigns, undo. Everything local: into the mirror and
its outbox, which the sync sends.

Safe from any thread but the GUI's: each method is one writer transaction or one read, waited for. Answers carry the
`Changes` that views have to know.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from core.mirror import times
from core.mirror.mirror import Mirror
from core.model.forms import ActName, FaultCode, FieldFault, FieldRule, ReadOnly
from core.model.refs import RecordRef
from core.records.views import (
    Act,
    CampaignAct,
    ChangeView,
    Choice,
    CreateOptions,
    Draft,
    DuplicateHit,
    EditRefused,
    FormField,
    FormSection,
    FormView,
    LookupHit,
    MemberHit,
    MemberStatus,
    PendingField,
    PendingView,
    PreviewLine,
    RelatedList,
    TargetKind,
)

__all__ = [
    "Act",
    "ActName",
    "CampaignAct",
    "ChangeView",
    "Choice",
    "CreateOptions",
    "Draft",
    "DuplicateHit",
    "EditRefused",
    "FaultCode",
    "FieldFault",
    "FieldRule",
    "FormField",
    "FormSection",
    "FormView",
    "LookupHit",
    "MemberHit",
    "MemberStatus",
    "PendingField",
    "PendingView",
    "PreviewLine",
    "ReadOnly",
    "RecordsApi",
    "RelatedList",
    "TargetKind",
]


class RecordsApi:
    """The editing half of one open connection."""

    def __init__(self, mirror: Mirror, *, now: Callable[[], datetime] = times.now) -> None:
        """`now`: the time of an edit, on Salesforce's clock where it is known (rules 4)."""
        self._mirror = mirror
        self._now = now

    # forms

    def form(self, object_name: str, record_id: str | None = None, record_type: str | None = None) -> FormView:
        """The record as the org's page layout shows it; without `record_id` the form of a new one.

        Raises NO_SUCH_OBJECT, NO_SUCH_RECORD.
        """
        raise NotImplementedError

    def check(self, object_name: str, record_id: str | None, values: Mapping[str, Any]) -> tuple[FieldFault, ...]:
        """What is wrong with these values (wire or stored form) before they are sent; of a new record also what is
        missing."""
        raise NotImplementedError

    def lookup(self, object_name: str, field: str, text: str, limit: int = 20) -> tuple[LookupHit, ...]:
        """Records here that the look-up may refer to, found by `text` (empty: the likeliest)."""
        raise NotImplementedError

    def owners(self, object_name: str, text: str = "", limit: int = 20) -> tuple[LookupHit, ...]:
        """Active users, and queues where the object's owner may be one (leads; never contacts)."""
        raise NotImplementedError

    # edits

    def edit(self, ref: RecordRef, values: Mapping[str, Any]) -> Act:
        """Enter values of one record, as one group. Raises EditRefused, NOT_EDITABLE, NO_SUCH_RECORD."""
        raise NotImplementedError

    def preview(self, refs: Sequence[RecordRef], values: Mapping[str, Any]) -> tuple[PreviewLine, ...]:
        """What `edit_many` would change, record by record; unchanged fields are left out."""
        raise NotImplementedError

    def edit_many(self, refs: Sequence[RecordRef], values: Mapping[str, Any]) -> Act:
        """Enter the same values in many records of one object, as one act; records with a fault are left out."""
        raise NotImplementedError

    def create(self, object_name: str, values: Mapping[str, Any], options: CreateOptions = CreateOptions()) -> Act:
        """Make a record here; `refs[0]` has its temporary id. Raises EditRefused, NOT_EDITABLE."""
        raise NotImplementedError

    def local_duplicates(self, object_name: str, values: Mapping[str, Any]) -> tuple[DuplicateHit, ...]:
        """Records here that may be the same as the one about to be made."""
        raise NotImplementedError

    def delete(self, refs: Sequence[RecordRef], *, here_only: bool = False) -> Act:
        """Delete records: in Salesforce by the next push, or only here, where they stay away. Copies are kept."""
        raise NotImplementedError

    def restore(self, ref: RecordRef) -> Act:
        """Bring a deleted record back: a delete that waits is taken back; one removed only here comes back by the next
        pull; one deleted in Salesforce is made anew from its copy (undelete first: `push.undelete`)."""
        raise NotImplementedError

    # drafts

    def draft(self, ref: RecordRef) -> Draft | None:
        """What was typed and not saved. For a new record `ref.id` is empty."""
        raise NotImplementedError

    def keep_draft(self, ref: RecordRef, values: Mapping[str, Any]) -> None:
        """Keep what was typed; nothing of it is an edit yet."""
        raise NotImplementedError

    def drop_draft(self, ref: RecordRef) -> None:
        """Forget what was typed."""
        raise NotImplementedError

    # what waits, what was done

    def pending(self, object_name: str | None = None, ref: RecordRef | None = None) -> tuple[PendingView, ...]:
        """Edits that have not reached Salesforce, the oldest first."""
        raise NotImplementedError

    def undo(self, target: Collection[int] | RecordRef | None = None, field: str | None = None) -> Act:
        """Take pending edits back: these sequence numbers, a record's (or one field of it), or all (None).

        What is on its way stays. Raises NOTHING_TO_UNDO.
        """
        raise NotImplementedError

    def last_act(self) -> Act | None:
        """The act that Ctrl+Z would undo, or None."""
        raise NotImplementedError

    def undo_act(self, act_id: int) -> Act:
        """Undo an act: what still waits leaves the outbox, what was sent is countered by an edit back."""
        raise NotImplementedError

    def change_log(self, ref: RecordRef, limit: int = 200) -> tuple[ChangeView, ...]:
        """Every change of a record's fields, the newest first."""
        raise NotImplementedError

    def revert(self, change_id: int) -> Act:
        """Put a line's old value back, as an edit."""
        raise NotImplementedError

    # settings

    def set_field_rule(self, object_name: str, field: str, rule: FieldRule) -> None:
        """Never overwrite the field here, never send it, or neither."""
        raise NotImplementedError

    def open_for_editing(self, object_name: str, on: bool) -> None:
        """Open a pull-only object for editing, or close it again. Raises NOT_EDITABLE where that is not offered."""
        raise NotImplementedError

    # campaigns and activities

    def campaign_statuses(self, campaign_id: str) -> tuple[MemberStatus, ...]:
        """The campaign's own member statuses, in its order."""
        raise NotImplementedError

    def add_status(self, campaign_id: str, label: str, *, has_responded: bool = False) -> Act:
        """Add a member status to the campaign."""
        raise NotImplementedError

    def campaign_add(self, campaign_id: str, refs: Sequence[RecordRef], status: str | None = None) -> CampaignAct:
        """Add leads and contacts; who is a member already is reported and left as it is. Raises NO_SUCH_STATUS."""
        raise NotImplementedError

    def campaign_remove(self, campaign_id: str, refs: Sequence[RecordRef]) -> CampaignAct:
        """Take leads and contacts out of the campaign."""
        raise NotImplementedError

    def campaign_status(self, campaign_id: str, refs: Sequence[RecordRef], status: str) -> CampaignAct:
        """Change the status of members. Raises NO_SUCH_STATUS."""
        raise NotImplementedError

    def log_call(self, ref: RecordRef, subject: str, comments: str = "") -> Act:
        """A completed call with this record, today. Raises NOT_EDITABLE until tasks are open for editing."""
        raise NotImplementedError

    def add_task(self, ref: RecordRef, subject: str, *, due_days: int = 5, comments: str = "") -> Act:
        """A task for this record, due in five days unless told otherwise."""
        raise NotImplementedError
