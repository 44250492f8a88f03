"""Which fields a query refuses, found by as few questions as may be."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.salesforce.errors import SalesforceError
from core.sync.refused_fields import find

FIELDS = ("Id", "SystemModstamp", *(f"F{number}" for number in range(64)))
KEYS = ("Id", "SystemModstamp")


class Org:
    """Refuses `bad` fields, and says which (`words`) or says nothing of use."""

    def __init__(self, bad: set[str], words: bool, together: bool = False) -> None:
        self.bad, self.words, self.together, self.asked = bad, words, together, 0

    def __call__(self, names: Sequence[str]) -> SalesforceError | None:
        self.asked += 1
        wrong = sorted(self.bad & set(names))
        if not wrong or (self.together and len(wrong) < len(self.bad)):
            return None
        text = f"No such column '{wrong[0]}' on entity 'X'. Use the field's name." if self.words else "bad request"
        return SalesforceError(400, "INVALID_FIELD", text)


@pytest.mark.parametrize("words", [True, False])
@pytest.mark.parametrize("bad", [set(), {"F3"}, {"F3", "F40", "F63"}])
def test_every_refused_field_is_found_and_no_other(bad: set[str], words: bool) -> None:
    org = Org(bad, words)
    assert set(find(FIELDS, KEYS, org)) == bad
    assert org.asked <= (1 + 2 * len(bad) if words else 1 + 40 * len(bad) + 1)


def test_fields_that_are_refused_together_only_are_left_alone() -> None:
    assert find(FIELDS, KEYS, Org({"F3", "F40"}, words=True, together=True)) == {}


def test_a_name_that_the_words_only_happen_to_hold_is_not_taken() -> None:
    org = Org({"F3"}, words=True)
    assert set(find((*FIELDS, "Name", "X"), KEYS, org)) == {"F3"}
