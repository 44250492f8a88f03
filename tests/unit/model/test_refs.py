from __future__ import annotations

import pytest

from core.model.refs import is_salesforce_id, long_id


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("001D000000IRFma", "001D000000IRFmaIAH"),
        ("00D000000000062", "00D000000000062EAA"),
        ("005000000000000", "005000000000000AAA"),
    ],
)
def test_the_checksum_of_a_long_id(short: str, long: str) -> None:
    assert long_id(short) == long
    assert long_id(long) == long


def test_what_is_no_id_comes_back_as_it_is() -> None:
    assert long_id("new-1") == "new-1"
    assert not is_salesforce_id("new-1")
    assert not is_salesforce_id("00Q 0000000000x")
