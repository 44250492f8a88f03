from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.model.states import LoadMethod
from core.sync.planner import LoadLimits, choose_method, estimate_seconds, plan_loads


def test_small_objects_go_by_rest_and_large_by_bulk() -> None:
    limits = LoadLimits(calls_remaining=100_000)
    assert choose_method(50_000, limits) is LoadMethod.REST
    assert choose_method(50_001, limits) is LoadMethod.BULK


def test_an_object_that_could_not_be_counted_goes_by_bulk() -> None:
    assert choose_method(None, LoadLimits()) is LoadMethod.BULK


def test_few_remaining_calls_move_an_object_to_bulk() -> None:
    # 40,000 rows are 20 pages; 2 % of 900 calls are 18.
    assert choose_method(40_000, LoadLimits(calls_remaining=900)) is LoadMethod.BULK
    assert choose_method(40_000, LoadLimits(calls_remaining=1_000)) is LoadMethod.REST


def test_one_page_is_always_cheaper_by_rest() -> None:
    assert choose_method(2_000, LoadLimits(calls_remaining=1)) is LoadMethod.REST


def test_what_bulk_refuses_goes_by_rest() -> None:
    assert choose_method(10_000_000, LoadLimits(), bulk_possible=False) is LoadMethod.REST


def test_parents_come_before_children_on_both_wires() -> None:
    plan = plan_loads({"Task": 900_000, "Account": 80_000, "Contact": 1_000, "User": 10, "Zebra__c": 5}, LoadLimits())
    assert plan.bulk == ("Account", "Task")
    assert plan.rest == ("User", "Contact", "Zebra__c")


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.none() | st.integers(0, 10**7), max_size=20))
def test_every_object_is_planned_once(counts: dict[str, int | None]) -> None:
    plan = plan_loads(counts, LoadLimits())
    assert sorted(plan.rest + plan.bulk) == sorted(counts)


def test_an_unknown_count_has_no_estimate() -> None:
    assert estimate_seconds(None) is None
    small, large = estimate_seconds(100), estimate_seconds(1_000_000)
    assert small is not None
    assert large is not None
    assert small < large
