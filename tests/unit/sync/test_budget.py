"""The share of the org's day that the background may spend."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.sync.budget import Budget, Spent

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_the_share_is_of_the_orgs_limit() -> None:
    assert not Budget(20, 15_000, 8_000, 2_999).is_spent
    assert Budget(20, 15_000, 8_000, 3_000).is_spent


def test_an_org_near_its_end_is_left_alone_whoever_used_it() -> None:
    assert Budget(20, 1000, 950, 1).is_spent
    assert not Budget(20, 1000, 949, 1).is_spent


def test_what_is_not_known_stops_nothing() -> None:
    unknown = Budget(20, None, None, 10_000)
    assert not unknown.is_spent
    assert unknown.slow_down == 1.0
    assert not Budget(20, 1000, None, 10).is_spent


def test_the_pause_grows_as_the_share_shrinks() -> None:
    pauses = [Budget(20, 1000, 0, spent).slow_down for spent in (0, 100, 150, 200, 900)]
    assert pauses[:2] == [1.0, 1.0]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 6.0


def test_sweeps_wait_before_cycles_do() -> None:
    assert not Budget(20, 1000, 0, 159).is_tight
    assert Budget(20, 1000, 0, 160).is_tight
    assert not Budget(20, 1000, 0, 160).is_spent
    assert not Budget(20, None, None, 10_000).is_tight


def test_a_day_later_the_count_begins_anew() -> None:
    spent = Spent(NOW, 10).added(5, NOW + timedelta(hours=23))
    assert spent.calls == 15
    assert spent.added(2, NOW + timedelta(hours=24)).calls == 2
