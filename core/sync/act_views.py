"""What converting, merging and restoring ask and answer: frozen values for the window and the command line.

These acts happen in Salesforce first and here after it, so none of them has an undo here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.model.changes import Changes
from core.model.refs import RecordRef


class PendingEdits(StrEnum):
    """What becomes of edits of the records that have not reached Salesforce before the act."""

    ASK = "ask"
    """Nothing happens as long as there are any: HAS_PENDING_EDITS."""
    PUSH = "push"
    """They are sent first; what Salesforce refuses stops the act (HAS_PENDING_EDITS)."""
    MOVE = "move"
    """Of a merge: those of the losing records become edits of the master."""
    DISCARD = "discard"
    """They are given up; their values stay in the change log."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value to choose: `value` is sent, `label` shown."""

    value: str
    label: str
    default: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be the same as one that a conversion would make. `detail` tells it from its namesakes."""

    ref: RecordRef
    label: str
    detail: str
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class ValueLeft:
    """A value of the lead that no field of the new records takes over, as far as is known here."""

    field: str
    label: str
    display: str


@dataclass(frozen=True, slots=True)
class ConvertForm:
    """What a person decides before a conversion.

    `statuses`: the org's statuses that mean converted. `owner_needed`: a queue owns the lead, so somebody has to be
    named. `left`: custom fields with a value and no namesake on contact or account; an admin may have mapped them.
    `pending`: edits of the lead that have not reached Salesforce.
    """

    lead: RecordRef
    title: str
    company: str
    statuses: tuple[Choice, ...]
    owner_id: str | None
    owner_needed: bool
    accounts: tuple[Candidate, ...]
    contacts: tuple[Candidate, ...]
    left: tuple[ValueLeft, ...]
    pending: int


@dataclass(frozen=True, slots=True)
class ConvertOptions:
    """How a lead is converted. Without `account_id` and `contact_id` new ones are made; a contact needs its account.

    `status` None: the org's default status for converted leads. `opportunity_name` None: the company's name.
    `owner_id` None: the owner of the lead.
    """

    account_id: str | None = None
    contact_id: str | None = None
    opportunity: bool = True
    opportunity_name: str | None = None
    status: str | None = None
    owner_id: str | None = None
    notify_owner: bool = False
    overwrite_lead_source: bool = False
    allow_duplicates: bool = False
    """Make account and contact although a duplicate rule finds matches and allows that."""


@dataclass(frozen=True, slots=True)
class Converted:
    """What a conversion made or used. `complete` False: it happened, but not everything could be read back yet."""

    lead: RecordRef
    account_id: str | None
    contact_id: str | None
    opportunity_id: str | None
    changes: Changes = field(default_factory=Changes)
    complete: bool = True


class Standing(StrEnum):
    """Whether a record can take part in a merge."""

    THERE = "there"
    GONE = "gone"
    """Deleted in Salesforce, or not visible any more: it cannot be merged, only removed or re-created here."""
    CONVERTED = "converted"
    UNMADE = "unmade"
    """Made here and not in Salesforce yet."""


@dataclass(frozen=True, slots=True)
class MergeSide:
    """One of the records of a merge, as Salesforce has it now. `children`: (object, its label, how many follow)."""

    ref: RecordRef
    label: str
    standing: Standing
    owner: str
    modified: str
    children: tuple[tuple[str, str, int], ...]
    pending: int


@dataclass(frozen=True, slots=True)
class MergeField:
    """One field side by side: `values` (stored) and `displays` in the order of the sides, the master first.

    `chosen` is the side whose value the master will have: the master's own, or the first other one that has a value
    where the master has none. False is a value; only empty is not. `differs`: not all the same. `summed`: a number
    that stands for a count or a score, for which `total` can be sent instead.
    """

    name: str
    label: str
    type: str
    values: tuple[Any, ...]
    displays: tuple[str, ...]
    chosen: int
    differs: bool
    summed: bool = False
    total: Any = None
    total_display: str = ""


@dataclass(frozen=True, slots=True)
class MergePreview:
    """The records of a merge side by side; `fields` are those that a person may decide, in the order of the object."""

    object: str
    sides: tuple[MergeSide, ...]
    fields: tuple[MergeField, ...]

    @property
    def possible(self) -> bool:
        """Whether all the records can take part."""
        return all(side.standing is Standing.THERE for side in self.sides)

    def values(self, chosen: Mapping[str, int] | None = None, totals: frozenset[str] = frozenset()) -> dict[str, Any]:
        """What the master gets from the others: stored values by field, by the sides chosen (default: the preview's).

        Fields in `totals` get the sum.
        """
        wanted: dict[str, Any] = {}
        for each in self.fields:
            if each.name in totals and each.summed:
                wanted[each.name] = each.total
                continue
            side = (chosen or {}).get(each.name, each.chosen)
            if side and each.values[side] != each.values[0]:
                wanted[each.name] = each.values[side]
        return wanted


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge left: the master, and how many values of the losers nobody has any more (`lost_in_merge`)."""

    master: RecordRef
    losers: tuple[RecordRef, ...]
    lost: int
    changes: Changes = field(default_factory=Changes)
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Restored:
    """Records that are out of the recycle bin again; `failed`: (id, Salesforce's code, its text)."""

    refs: tuple[RecordRef, ...]
    failed: tuple[tuple[str, str, str], ...] = ()
    changes: Changes = field(default_factory=Changes)
