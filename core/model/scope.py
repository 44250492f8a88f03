"""Which objects are mirrored by default, in which direction and in which order (rules 3, architecture 7)."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

TWELVE = (
    "User",
    "RecordType",
    "Account",
    "Campaign",
    "CampaignMemberStatus",
    "Lead",
    "Contact",
    "Opportunity",
    "OpportunityContactRole",
    "CampaignMember",
    "Task",
    "Event",
)
SUPPORTING = ("Organization", "Group", "QueueSobject", "CurrencyType", "DatedConversionRate")
TWO_WAY = frozenset({"Lead", "Contact", "Campaign", "CampaignMember", "CampaignMemberStatus"})
OPENABLE = frozenset({"Account", "Opportunity", "OpportunityContactRole", "Task", "Event"})
# Parents first, so that look-ups show names early; activities, the largest and least referred to, last.
_ORDER = ("Organization", "User", "Group", "QueueSobject", "RecordType", "CurrencyType", "DatedConversionRate")
_LAST = ("CampaignMember", "Task", "Event")


class Direction(StrEnum):
    """Which way an object's changes travel; the values are the command line's contract."""

    TWO_WAY = "two-way"
    PULL = "pull"
    PULL_EDIT = "pull+edit"


class Listing(Protocol):
    """What the rule looks at of an object that the org lists."""

    @property
    def name(self) -> str: ...
    @property
    def queryable(self) -> bool: ...
    @property
    def custom_setting(self) -> bool: ...


class DeletePolicy(StrEnum):
    """What is done here with a record that was deleted in Salesforce."""

    FLAG = "flag"  # out of the lists, under "deleted", purged after a setting
    REMOVE = "remove"
    ASK = "ask"


class SchemaPolicy(StrEnum):
    """What is done with a change of an object's schema."""

    FOLLOW = "follow"
    ASK = "ask"
    FREEZE = "freeze"  # what is mirrored stays as it is; only what cannot be read any more goes


def default_direction(name: str) -> Direction:
    """The direction an object starts with."""
    return Direction.TWO_WAY if name in TWO_WAY else Direction.PULL


def may_open_for_editing(name: str) -> bool:
    """Whether a pull-only object may be opened for editing, one by one, per connection."""
    return name in OPENABLE or name.endswith("__c")


def possible_directions(name: str) -> tuple[Direction, ...]:
    """The directions that a person may choose for an object, its default first."""
    if name in TWO_WAY:
        return (Direction.TWO_WAY, Direction.PULL)
    if may_open_for_editing(name):
        return (Direction.PULL, Direction.PULL_EDIT)
    return (Direction.PULL,)


def in_default_scope(info: Listing) -> bool:
    """Whether an entry of the global describe is mirrored unless the person says otherwise."""
    if not info.queryable:
        return False
    if info.name in TWELVE or info.name in SUPPORTING:
        return True
    return info.name.endswith("__c") and not info.custom_setting


def load_order(name: str) -> tuple[int, str]:
    """A sort key: the order in which objects are loaded."""
    if name in _ORDER:
        return (_ORDER.index(name), name)
    if name in TWELVE and name not in _LAST:
        return (20 + TWELVE.index(name), name)
    if name in _LAST:
        return (90 + _LAST.index(name), name)
    return (60, name)
