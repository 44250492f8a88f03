"""The vocabulary of editing: why something cannot be edited, what is wrong with a value, what a person did.

Codes only; `core/messages.py` and `gui/text` have the words.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ReadOnly(StrEnum):
    """Why a field, a record or a button is greyed."""

    CALCULATED = "calculated"  # a formula or roll-up
    AUTO_NUMBER = "auto-number"
    SYSTEM = "system"  # Salesforce sets it (stamps, ids)
    NO_RIGHT = "no-right"  # this user's describe does not let it be written
    ONLY_AT_CREATION = "only-at-creation"  # may be set on a new record alone
    BUILT_FROM_PARTS = "built-from-parts"  # a person's Name
    OBJECT_CLOSED = "object-closed"  # pull only; may be opened for editing
    PULL_ONLY = "pull-only"  # pull only for good
    RECORD_DELETED = "record-deleted"
    RECORD_CONVERTED = "record-converted"
    ON_LAYOUT = "on-layout"  # the org's page layout shows it read-only


class FaultCode(StrEnum):
    """What is wrong with a value, said before anything is sent."""

    REQUIRED = "required"
    TOO_LONG = "too-long"  # params: length, limit
    NOT_A_NUMBER = "not-a-number"
    OUT_OF_RANGE = "out-of-range"  # params: digits (before the decimal point)
    TOO_MANY_DECIMALS = "too-many-decimals"  # params: scale
    NOT_A_DATE = "not-a-date"
    NOT_A_TIME = "not-a-time"
    NOT_A_DATETIME = "not-a-datetime"
    NOT_A_BOOLEAN = "not-a-boolean"
    NOT_AN_EMAIL = "not-an-email"
    NOT_IN_PICKLIST = "not-in-picklist"  # params: value
    NOT_FOR_RECORD_TYPE = "not-for-record-type"  # params: value
    NOT_FOR_CONTROLLER = "not-for-controller"  # params: value, controller (label)
    NOT_AN_ID = "not-an-id"
    WRONG_TARGET = "wrong-target"  # params: objects (labels that are allowed)
    NO_SUCH_TARGET = "no-such-target"
    INACTIVE_OWNER = "inactive-owner"
    QUEUE_FOR_CONTACT = "queue-for-contact"
    QUEUE_NOT_FOR_OBJECT = "queue-not-for-object"
    NOT_EDITABLE = "not-editable"  # params: reason (ReadOnly)
    NO_SUCH_FIELD = "no-such-field"


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One value that cannot be saved. `params` fill the sentence; `label` is the field's own."""

    field: str
    code: FaultCode
    label: str = ""
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class ActName(StrEnum):
    """What a person did, as undo names it. `params` of an act: object, label, title, count, field, value …"""

    EDIT = "edit"
    EDIT_MANY = "edit-many"
    CREATE = "create"
    DELETE = "delete"
    DELETE_HERE = "delete-here"
    RESTORE = "restore"
    CAMPAIGN_ADD = "campaign-add"
    CAMPAIGN_REMOVE = "campaign-remove"
    CAMPAIGN_STATUS = "campaign-status"
    STATUS_ADD = "status-add"
    LOG_CALL = "log-call"
    TASK = "task"
    UNDO = "undo"
    REVERT = "revert"


class FieldRule(StrEnum):
    """`NEVER_OVERWRITE`: a pull keeps the value here; `NEVER_SEND`: what is entered here stays here."""

    NONE = "none"
    NEVER_OVERWRITE = "never-overwrite"
    NEVER_SEND = "never-send"
