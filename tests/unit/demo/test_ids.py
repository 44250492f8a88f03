"""Ids: the checksum of recorded ids, order and form."""

from __future__ import annotations

import random

import pytest

from core.demo.ids import IdMaker, checksum, is_id, to_18


@pytest.mark.parametrize("id18", ["00D000000000062EAA", "012000000000000AAA", "0017000000hOMChAAO"])
def test_checksum_of_known_ids(id18: str) -> None:
    assert checksum(id18[:15]) == id18[15:]


def test_made_ids_have_the_right_checksum_and_ascend_as_text() -> None:
    maker = IdMaker("00Q", "Zx0")
    rng = random.Random(5)
    serials = sorted({rng.randrange(62**9) for _ in range(500)} | set(range(70)) | {238327, 238328, 238329})
    made = [maker.make(serial) for serial in serials]
    assert all(to_18(one[:15]) == one for one in made)
    assert made == sorted(made)
    assert len(set(made)) == len(serials)


def test_what_is_an_id() -> None:
    assert is_id("00QZx0000000001")
    assert not is_id("00QZx000000000")
    assert not is_id("00QZx0000000001A")
    with pytest.raises(ValueError, match="not an id"):
        to_18("a'b")
