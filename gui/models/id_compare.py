"""What changed between two readings of a list: pure functions over id arrays, run on a reading lane.

Everything goes in slices, because one C call over a million numbers would hold the interpreter's lock for the time of
several frames.
"""

from __future__ import annotations

from array import array
from collections.abc import Set
from dataclasses import dataclass, field
from enum import Enum, auto

SLICE = 20_000
# Row numbers beyond this would make the membership map too large; then the number of differences stays unknown.
MAX_ROW_NUMBER = 64_000_000


class Difference(Enum):
    """How a newer list relates to the one shown."""

    SAME = auto()
    APPENDED = auto()  # begins with the list shown
    MOVED = auto()  # the same records in another order
    CHANGED = auto()


@dataclass(frozen=True, slots=True)
class Comparison:
    """`added` and `removed` count records, None where unknown; `positions` says where remembered records are now."""

    difference: Difference
    added: int | None = 0
    removed: int | None = 0
    positions: dict[int, int] = field(default_factory=dict)


def positions_of(wanted: Set[int], ids: array[int]) -> dict[int, int]:
    """The index in `ids` of every number of `wanted` that is in it."""
    found: dict[int, int] = {}
    if not wanted:
        return found
    for start in range(0, len(ids), SLICE):
        part = ids[start : start + SLICE]
        if wanted.isdisjoint(part):
            continue
        for offset, number in enumerate(part):
            if number in wanted:
                found[number] = start + offset
        if len(found) == len(wanted):
            break
    return found


def _begins_with(longer: array[int], shorter: array[int]) -> bool:
    length = len(shorter)
    return len(longer) >= length and all(
        longer[start : min(start + SLICE, length)] == shorter[start : start + SLICE]
        for start in range(0, length, SLICE)
    )


def _count_missing(ids: array[int], others: array[int]) -> int | None:
    """How many of `ids` are not in `others`."""
    top = 0
    for part in (ids, others):
        for start in range(0, len(part), SLICE):
            top = max(top, max(part[start : start + SLICE]))
    if top > MAX_ROW_NUMBER:
        return None
    present = bytearray(top + 1)
    for start in range(0, len(others), SLICE):
        for number in others[start : start + SLICE]:
            present[number] = 1
    missing = 0
    for start in range(0, len(ids), SLICE):
        missing += bytes(map(present.__getitem__, ids[start : start + SLICE])).count(0)
    return missing


def grown(old: array[int], new: array[int]) -> array[int]:
    """`old` with the records that only `new` has added at its end, so that nothing on the screen moves."""
    present = set()
    for start in range(0, len(old), SLICE):
        present.update(old[start : start + SLICE])
    longer = array("q", old)
    for start in range(0, len(new), SLICE):
        longer.extend([number for number in new[start : start + SLICE] if number not in present])
    return longer


def compare(old: array[int], new: array[int], wanted: Set[int] = frozenset()) -> Comparison:
    """Compare the list shown (`old`) with a newer reading; look up where the `wanted` records stand in the newer."""
    if _begins_with(new, old):
        positions = positions_of(wanted, new)
        if len(new) == len(old):
            return Comparison(Difference.SAME, positions=positions)
        return Comparison(Difference.APPENDED, added=len(new) - len(old), positions=positions)
    added = _count_missing(new, old)
    removed = None if added is None else added - (len(new) - len(old))
    difference = Difference.MOVED if added == 0 and removed == 0 else Difference.CHANGED
    return Comparison(difference, added, removed, positions_of(wanted, new))
