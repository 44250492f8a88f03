"""When ids are swept and calculated fields are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.sync.deletions import would_vanish_too_many
from core.sync.schedule import SLOW_AT_ONCE, Standing, formulas_due, sweeps_due

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def test_small_objects_daily_large_ones_weekly_and_what_is_wanted_at_once() -> None:
    found = [
        Standing("Fresh", 10, days_ago(0.5)),
        Standing("Small", 10, days_ago(30), days_ago(1.1)),
        Standing("Large", 1_000_000, days_ago(30), days_ago(6)),
        Standing("LargeLate", 1_000_000, days_ago(30), days_ago(8)),
        Standing("Wanted", 1_000_000, days_ago(30), days_ago(0.1), sweep_wanted=True),
    ]
    assert sweeps_due(found, NOW) == ("Wanted", "LargeLate", "Small")


def test_a_cycle_does_a_few_at_once_and_the_rest_next_time() -> None:
    found = [Standing(f"Q{i:03}__c", 5, days_ago(2 + i)) for i in range(100)]
    assert len(sweeps_due(found, NOW)) == SLOW_AT_ONCE
    assert sweeps_due(found, NOW)[0] == "Q099__c"


def test_formulas_daily_and_not_of_empty_objects() -> None:
    found = [
        Standing("Empty", 0, days_ago(5)),
        Standing("Due", 5, days_ago(5)),
        Standing("Read", 5, days_ago(5), formulas_at=days_ago(0.9)),
    ]
    assert formulas_due(found, NOW) == ("Due",)


def test_the_guard_asks_above_five_percent_and_fifty_rows() -> None:
    assert not would_vanish_too_many(50, 60)
    assert would_vanish_too_many(51, 1000)
    assert not would_vanish_too_many(51, 1020)
