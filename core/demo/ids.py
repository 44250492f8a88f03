"""Record ids: 3 characters of key prefix, 3 of the instance, 9 of a base-62 serial, 3 of checksum."""

from __future__ import annotations

import re
from functools import lru_cache

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")


@lru_cache(maxsize=1)
def _tables() -> tuple[list[str], list[int]]:
    """All triples of digits, and for each of them the bits j that tell that its jth character is a capital."""
    triples = [a + b + c for a in _DIGITS for b in _DIGITS for c in _DIGITS]
    bits = [("A" <= t[0] <= "Z") | ("A" <= t[1] <= "Z") << 1 | ("A" <= t[2] <= "Z") << 2 for t in triples]
    return triples, bits


def _check(group: str) -> str:
    bits = 0
    for place, char in enumerate(group):
        if "A" <= char <= "Z":
            bits |= 1 << place
    return _CHECK[bits]


def checksum(id15: str) -> str:
    """The three characters that make a 15-character id case-safe."""
    return _check(id15[:5]) + _check(id15[5:10]) + _check(id15[10:])


def is_id(text: str) -> bool:
    """Whether the text has the shape of an id (15 or 18 characters; the checksum is not tested)."""
    return _SHAPE.fullmatch(text) is not None


def to_18(text: str) -> str:
    """The 18-character form of a 15- or 18-character id. Raises ValueError for anything else."""
    if not is_id(text):
        raise ValueError(f"not an id: {text}")
    return text + checksum(text) if len(text) == 15 else text


class IdMaker:
    """Ids of one object, ascending with the serial also as text. Pure; may be shared by threads."""

    def __init__(self, prefix: str, instance: str) -> None:
        assert len(prefix) == 3
        assert len(instance) == 3
        self._head = prefix + instance
        self._first = _check(self._head[:5])
        self._last_of_head = int("A" <= self._head[5] <= "Z")

    def make(self, serial: int) -> str:
        """The id of a serial number from 0 to 62 ** 9 - 1."""
        triples, flags = _tables()
        rest, low = divmod(serial, 238328)
        high, middle = divmod(rest, 238328)
        bits = flags[middle]
        second = _CHECK[self._last_of_head | flags[high] << 1 | (bits & 1) << 4]
        third = _CHECK[bits >> 1 | flags[low] << 2]
        return self._head + triples[high] + triples[middle] + triples[low] + self._first + second + third
