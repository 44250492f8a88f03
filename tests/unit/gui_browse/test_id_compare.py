"""How two readings of a list relate."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from gui.models.id_compare import SLICE, Difference, compare, grown, positions_of

ids = st.lists(st.integers(1, 60), unique=True, max_size=40)


def numbers(values: list[int] | range) -> array[int]:
    return array("q", values)


def test_the_same_list() -> None:
    found = compare(numbers([3, 1, 2]), numbers([3, 1, 2]), {1, 9})
    assert found.difference is Difference.SAME
    assert found.positions == {1: 1}


def test_a_list_that_has_grown_at_its_end() -> None:
    found = compare(numbers([3, 1]), numbers([3, 1, 2, 4]))
    assert (found.difference, found.added) == (Difference.APPENDED, 2)


def test_another_order_of_the_same_records() -> None:
    assert compare(numbers([1, 2, 3]), numbers([3, 2, 1])).difference is Difference.MOVED


def test_records_that_came_and_went() -> None:
    found = compare(numbers([1, 2, 3, 4]), numbers([9, 1, 4]))
    assert (found.difference, found.added, found.removed) == (Difference.CHANGED, 1, 2)


def test_an_empty_list_is_left_by_appending() -> None:
    assert compare(numbers([]), numbers([1])).difference is Difference.APPENDED


def test_lists_longer_than_a_slice() -> None:
    old = numbers(range(1, 3 * SLICE))
    new = numbers(range(1, 3 * SLICE))
    del new[SLICE + 5]
    found = compare(old, new, {SLICE + 6, 2 * SLICE})
    assert (found.added, found.removed) == (0, 1)
    assert found.positions == {2 * SLICE: 2 * SLICE - 2}


@given(ids, ids, st.sets(st.integers(1, 60)))
def test_counts_and_positions_are_those_of_sets(old: list[int], new: list[int], wanted: set[int]) -> None:
    found = compare(numbers(old), numbers(new), wanted)
    assert found.added == len(set(new) - set(old))
    assert found.removed == len(set(old) - set(new))
    assert found.positions == {number: new.index(number) for number in wanted & set(new)}
    assert (found.difference is Difference.SAME) == (old == new)


@given(ids, ids)
def test_a_grown_list_moves_nothing_and_misses_nothing(old: list[int], new: list[int]) -> None:
    longer = list(grown(numbers(old), numbers(new)))
    assert longer[: len(old)] == old
    assert set(longer) == set(old) | set(new)
    assert len(longer) == len(set(longer))


def test_positions_of_nothing_reads_nothing() -> None:
    assert positions_of(set(), numbers(range(10))) == {}
