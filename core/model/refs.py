"""How a record is named: Salesforce ids, temporary ids of records made here, and `RecordRef`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ID = re.compile(r"^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$")
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
TEMPORARY_PREFIX = "new-"


@dataclass(frozen=True, slots=True)
class RecordRef:
    """One record: the object's API name and an 18-character id or a temporary one."""

    object: str
    id: str


def is_salesforce_id(text: str) -> bool:
    """Whether `text` has the shape of a 15- or 18-character Salesforce id (the checksum is not looked at)."""
    return _ID.match(text) is not None


def is_temporary_id(text: str) -> bool:
    """Whether `text` names a record that was made here and has not reached Salesforce."""
    return text.startswith(TEMPORARY_PREFIX)


def long_id(text: str) -> str:
    """The 18-character form of a Salesforce id; any other text comes back as it is.

    Three checksum characters follow the fifteen: one for each group of five, bit j set when character j is upper case.
    """
    if len(text) != 15 or not _ID.match(text):
        return text
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << j for j, char in enumerate(text[start : start + 5]) if "A" <= char <= "Z")
        suffix += _CHECKSUM[bits]
    return text + suffix


def key_prefix(record_id: str) -> str:
    """The three characters of an id that tell its object."""
    return record_id[:3]
