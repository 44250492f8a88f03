"""What editing answers: frozen values that cross threads, for the window and the command line.

No words in them but the org's own: reasons, faults and acts are codes of `core.model.forms`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.forms import ActName, FieldFault, FieldRule, ReadOnly
from core.model.refs import RecordRef


class EditRefused(OrgMirrorError):
    """Values that cannot be saved: `faults` say which and why. Code VALUES_REFUSED."""

    def __init__(self, object_name: str, faults: Sequence[FieldFault], record_id: str | None = None) -> None:
        fields = ", ".join(fault.label or fault.field for fault in faults)
        super().__init__(ErrorCode.VALUES_REFUSED, object=object_name, id=record_id, fields=fields)
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a picklist. `active` False: an old value that the record still has; it may stay, not be chosen."""

    value: str
    label: str
    active: bool = True
    default: bool = False


@dataclass(frozen=True, slots=True)
class PendingField:
    """An edit of the field that has not reached Salesforce; values are stored ones."""

    seq: int
    base: Any
    mine: Any
    server: Any
    since: datetime
    state: str
    error_code: str | None = None
    error_text: str | None = None


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form.

    `value` is the stored value (of a new record: its default), `display` the text that a person reads (look-ups by
    name, datetimes in the user's zone). `reason` says why it is not `editable`. `choices_by_control` maps a value of
    the `controller` field (a checkbox: "true", "false") to the values that it allows. `group`: fields that change
    together have the same. `as_of`: when a calculated value was last read.
    """

    name: str
    label: str
    type: str
    value: Any = None
    display: str = ""
    editable: bool = False
    reason: ReadOnly | None = None
    required: bool = False
    length: int = 0
    precision: int = 0
    scale: int = 0
    choices: tuple[Choice, ...] = ()
    restricted: bool = False
    controller: str | None = None
    choices_by_control: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    references: tuple[str, ...] = ()
    link: RecordRef | None = None
    help: str | None = None
    html: bool = False
    long: bool = False
    calculated: bool = False
    as_of: datetime | None = None
    pending: PendingField | None = None
    conflict_id: int | None = None
    group: str | None = None
    rule: FieldRule = FieldRule.NONE


@dataclass(frozen=True, slots=True)
class FormSection:
    """A section of a page: `rows` of one or two fields, as on the layout (None: an empty place).

    `title` is the org's own; where no layout is known it is English, marked for translation in `RecordSections`.
    """

    title: str
    rows: tuple[tuple[FormField | None, ...], ...]
    collapsed: bool = False


@dataclass(frozen=True, slots=True)
class RelatedList:
    """Records of `object` whose `field` is this record. `columns` are fields of that object that it has here."""

    label: str
    object: str
    field: str
    columns: tuple[str, ...]
    can_create: bool = False


@dataclass(frozen=True, slots=True)
class FormView:
    """A record as the org's page layout shows it, or the form of a new one (`ref` None).

    `from_layout`: the org's own layout; False: the documented rule (core/records/sections.py). `reason` says why the
    record cannot be edited.
    """

    ref: RecordRef | None
    object: str
    label: str
    title: str
    record_type: str | None
    record_types: tuple[Choice, ...]
    sections: tuple[FormSection, ...]
    related: tuple[RelatedList, ...]
    can_edit: bool
    can_delete: bool
    reason: ReadOnly | None = None
    from_layout: bool = False
    pending: int = 0
    draft: Mapping[str, Any] | None = None

    @property
    def fields(self) -> tuple[FormField, ...]:
        """Every field of the form, in its order."""
        return tuple(f for section in self.sections for row in section.rows for f in row if f is not None)

    def field(self, name: str) -> FormField | None:
        """The field of that API name, or None."""
        return next((f for f in self.fields if f.name == name), None)


class TargetKind(StrEnum):
    """What a look-up found."""

    RECORD = "record"
    USER = "user"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class LookupHit:
    """A record that may be put into a look-up."""

    ref: RecordRef
    title: str
    subtitle: str = ""
    kind: TargetKind = TargetKind.RECORD


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """What a bulk edit would change: one field of one record; `fault` keeps that record out of the act."""

    ref: RecordRef
    title: str
    field: str
    label: str
    before: str
    after: str
    fault: FieldFault | None = None


@dataclass(frozen=True, slots=True)
class CreateOptions:
    """`use_assignment_rules`: the org chooses the owner of a lead; `allow_duplicates`: save in spite of them."""

    use_assignment_rules: bool = False
    allow_duplicates: bool = False
    notify_owner: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """What was just done. `seqs`: the outbox entries that hold it now; `act_id` undoes it (None: nothing changed)."""

    act_id: int | None
    name: ActName
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    seqs: tuple[int, ...] = ()
    refs: tuple[RecordRef, ...] = ()
    changes: Changes = dataclasses.field(default_factory=Changes)
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PendingView:
    """One edit that has not reached Salesforce. Values are stored ones, `*_text` what a person reads."""

    seq: int
    object: str
    id: str
    title: str
    op: str
    field: str | None
    label: str
    base: Any
    mine: Any
    server: Any
    base_text: str
    mine_text: str
    server_text: str
    since: datetime
    state: str
    group_id: str | None = None
    attempts: int = 0
    next_try_at: datetime | None = None
    error_code: str | None = None
    error_text: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """Values that a person typed and did not save, by field."""

    values: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class DuplicateHit:
    """A record here that may be the same person. `fields`: those in which they agree."""

    ref: RecordRef
    title: str
    subtitle: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One line of a record's change log. `can_revert`: the old value can be put back."""

    change_id: int
    at: str
    field: str | None
    label: str
    old: Any
    new: Any
    old_text: str
    new_text: str
    by: str | None
    side: str
    can_revert: bool


@dataclass(frozen=True, slots=True)
class MemberStatus:
    """A status of a campaign's members, as the campaign defines it."""

    label: str
    is_default: bool = False
    has_responded: bool = False


@dataclass(frozen=True, slots=True)
class MemberHit:
    """A record that is a member already: "change status instead"."""

    ref: RecordRef
    member: RecordRef
    title: str
    status: str | None


@dataclass(frozen=True, slots=True)
class CampaignAct:
    """`act` is None where nothing was to be done. `existing` were members already (add); `missing` are none (remove,
    status)."""

    act: Act | None
    existing: tuple[MemberHit, ...] = ()
    missing: tuple[RecordRef, ...] = ()
