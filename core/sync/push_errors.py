"""What a push does about each failure: one answer per code (sync-peers 2.7). Pure.

What a person has to decide stands at the record and the field in Salesforce's own words; what is only busy is tried
again quietly with growing pauses; what is unknown is shown and never looped over.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from core.model.errors import ErrorCode, OrgMirrorError
from core.salesforce.errors import ErrorClass, SalesforceError
from core.sync.faults import is_fatal

# A first retry soon, the later ones rarer: seconds after which a failed entry is due again.
PAUSES = (30.0, 60.0, 120.0, 300.0, 900.0, 1800.0)
SLOW_PAUSES = (120.0, 300.0, 900.0, 1800.0)
HOURLY = 3600.0
QUICK_TRIES = 4
MERGE_ROUNDS = 3


class Remedy(StrEnum):
    """What is done about one failure."""

    STOP = "stop"  # nothing was processed and nothing else can go either: all waits, the push ends
    RETRY = "retry"  # quietly later
    QUICKLY = "quickly"  # a row lock: a few more tries in this push, then later
    UNKNOWN = "unknown"  # it may have been processed: an update is looked at again, a create is looked up
    HALVE = "halve"  # too much or one bad record spoils the request: smaller ones
    SINGLY = "singly"  # the org's automation fails for records together: each by itself
    MERGE = "merge"  # newer there: merge again
    LOOK = "look"  # deleted, merged, converted or hidden: find out which, then a person decides
    FIELDS = "fields"  # some fields may not be written: the rest goes, those wait for a person
    DUPLICATE = "duplicate"  # a duplicate rule: its matches are shown
    ASK = "ask"  # a person reads why


@dataclass(frozen=True, slots=True)
class Answer:
    """`code` words it; `pause` seconds until the next try (RETRY); `fields` of FIELDS."""

    remedy: Remedy
    code: ErrorCode
    pause: float = 0.0
    fields: tuple[str, ...] = ()


_ASKED: dict[ErrorClass, ErrorCode] = {
    ErrorClass.USER_DATA: ErrorCode.PUSH_REFUSED,
    ErrorClass.RIGHTS: ErrorCode.PUSH_NOT_ALLOWED,
    ErrorClass.BUSINESS: ErrorCode.PUSH_LOCKED,
    ErrorClass.AUTOMATION: ErrorCode.PUSH_AUTOMATION,
    ErrorClass.SCHEMA: ErrorCode.PUSH_FIELD_REFUSED,
    ErrorClass.GONE: ErrorCode.PUSH_REFERENCE,
    ErrorClass.CONVERTED: ErrorCode.PUSH_CONVERTED,
    ErrorClass.DUPLICATE: ErrorCode.PUSH_DUPLICATE_VALUE,
}
_LOCKS = frozenset({"UNABLE_TO_LOCK_ROW", "CANNOT_ACQUIRE_LOCK"})
_FIELD_CODES = frozenset({"INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_FIELD", "INVALID_TYPE_ON_FIELD_IN_RECORD"})
_LOOKED = frozenset({ErrorClass.GONE, ErrorClass.CONVERTED, ErrorClass.NOT_OFFERED})
_WHOLE_SPLIT = frozenset({ErrorClass.TOO_BIG, ErrorClass.TOO_WIDE})
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_ID = re.compile(r"\b[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?\b")


def refused(
    error: SalesforceError, *, fields: Collection[str], attempts: int, together: int = 1, looked: bool = False
) -> Answer:
    """One record was refused. `fields` are those that were sent, `attempts` how often it was tried before;

    `together`: with how many others; `looked`: it was found to be there, as it should be.
    """
    kind = error.kind
    code = (error.salesforce_code or "").upper()
    if kind is ErrorClass.CONFLICT:
        return Answer(Remedy.MERGE, ErrorCode.PUSH_REFUSED)
    if kind is ErrorClass.TRANSIENT:
        if code in _LOCKS and attempts < QUICK_TRIES:
            return Answer(Remedy.QUICKLY, ErrorCode.SERVER_ERROR, pause_after(attempts))
        return Answer(Remedy.RETRY, ErrorCode.SERVER_ERROR, pause_after(attempts, SLOW_PAUSES))
    if kind is ErrorClass.BUSY:
        return Answer(Remedy.RETRY, ErrorCode.SERVER_ERROR, pause_after(attempts, SLOW_PAUSES))
    if kind is ErrorClass.ORG_STATE:
        return Answer(Remedy.RETRY, ErrorCode.PUSH_ORG_STATE, HOURLY)
    if kind is ErrorClass.BUDGET:
        return Answer(Remedy.RETRY, ErrorCode.API_LIMIT, HOURLY)
    if kind is ErrorClass.DUPLICATE and code == "DUPLICATES_DETECTED":
        return Answer(Remedy.DUPLICATE, ErrorCode.PUSH_DUPLICATES)
    if kind in _LOOKED and not looked:
        return Answer(Remedy.LOOK, _ASKED.get(kind, ErrorCode.PUSH_REFUSED))
    if code in _FIELD_CODES:
        named = named_fields(error, fields)
        if named and len(named) < len(set(fields)):
            return Answer(Remedy.FIELDS, ErrorCode.PUSH_FIELD_REFUSED, fields=named)
        return Answer(Remedy.ASK, ErrorCode.PUSH_FIELD_REFUSED, fields=named)
    if kind is ErrorClass.AUTOMATION and together > 1:
        return Answer(Remedy.SINGLY, ErrorCode.PUSH_AUTOMATION)
    return Answer(Remedy.ASK, _ASKED.get(kind, ErrorCode.PUSH_REFUSED), fields=named_fields(error, fields))


def failed(error: OrgMirrorError, *, sent: bool, records: int, attempts: int) -> Answer:
    """A request failed as a whole. `sent`: it may have reached the server."""
    if not isinstance(error, SalesforceError):
        if sent and error.code in MAY_HAVE_ARRIVED:
            return Answer(Remedy.UNKNOWN, error.code, pause_after(attempts))
        if is_fatal(error):
            return Answer(Remedy.STOP, error.code)
        return Answer(Remedy.UNKNOWN if sent else Remedy.RETRY, error.code, pause_after(attempts))
    kind = error.kind
    if kind in (ErrorClass.AUTH, ErrorClass.BUDGET, ErrorClass.ORG_STATE, ErrorClass.VERSION):
        return Answer(Remedy.STOP, ErrorCode.PUSH_ORG_STATE if kind is ErrorClass.ORG_STATE else error.code)
    if kind is ErrorClass.BUSY:
        return Answer(Remedy.STOP, error.code, error.retry_after or pause_after(attempts, SLOW_PAUSES))
    if kind is ErrorClass.TRANSIENT:
        # Named and below 500 it was refused before it was processed; otherwise nobody knows.
        if error.salesforce_code is not None and error.status < 500:
            return Answer(Remedy.RETRY, error.code, pause_after(attempts, SLOW_PAUSES))
        return Answer(Remedy.UNKNOWN, error.code, pause_after(attempts))
    if records > 1:
        return Answer(Remedy.HALVE, error.code)
    if kind in _WHOLE_SPLIT:
        return Answer(Remedy.ASK, ErrorCode.PUSH_REFUSED)
    return Answer(Remedy.ASK, _ASKED.get(kind, ErrorCode.PUSH_REFUSED))


def pause_after(attempts: int, pauses: tuple[float, ...] = PAUSES) -> float:
    """Seconds until the try after `attempts` failed ones (from 0)."""
    return pauses[min(max(attempts, 0), len(pauses) - 1)]


def named_fields(error: SalesforceError, fields: Collection[str]) -> tuple[str, ...]:
    """Those of the sent `fields` that the refusal is about: as it lists them, else as its text names them."""
    by_name = {name.lower(): name for name in fields}
    listed = [by_name[name.lower()] for name in error.fields if name.lower() in by_name]
    if listed:
        return tuple(dict.fromkeys(listed))
    words = _WORD.findall(error.salesforce_text or "")
    return tuple(dict.fromkeys(by_name[word.lower()] for word in words if word.lower() in by_name))


def clashing_id(error: SalesforceError) -> str | None:
    """The record that has a unique value already, as DUPLICATE_VALUE's text names it."""
    if (error.salesforce_code or "").upper() not in ("DUPLICATE_VALUE", "DUPLICATE_EXTERNAL_ID"):
        return None
    found = _ID.findall((error.salesforce_text or "").rpartition(":")[2])
    return found[-1] if found else None


MAY_HAVE_ARRIVED = frozenset(
    {
        ErrorCode.CANNOT_CONNECT,
        ErrorCode.TIMED_OUT,
        ErrorCode.SERVER_ERROR,
        ErrorCode.CANCELLED,
        ErrorCode.NOT_SALESFORCE,
    }
)
