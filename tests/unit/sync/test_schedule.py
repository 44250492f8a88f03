"""Which objects a cycle asks: the twelve always, the others in turn, within the budget."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.model.scope import TWELVE
from core.sync.schedule import LONGEST_QUIET, Candidate, calls_allowed, choose, probe_slots, quiet_interval

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAYS_AGO = NOW - timedelta(days=9)


def quiet(name: str, asked_minutes_ago: float, *, stamped: bool = True) -> Candidate:
    return Candidate(name, NOW - timedelta(minutes=asked_minutes_ago), DAYS_AGO, stamped)


@pytest.mark.parametrize(("objects", "calls"), [(1, 6), (12, 6), (50, 6), (60, 7), (500, 51)])
def test_the_budget_of_an_idle_cycle(objects: int, calls: int) -> None:
    assert calls_allowed(objects) == calls


def test_the_twelve_have_their_places_whatever_was_spent() -> None:
    assert probe_slots(12, 40) >= 12
    assert probe_slots(500, 2) == 245
    assert probe_slots(500, 22) == 145


def test_the_twelve_are_asked_every_cycle_and_quiet_others_are_not() -> None:
    twelve = [quiet(name, 0.1) for name in TWELVE]
    others = [quiet(f"Quiet{i}__c", 30) for i in range(100)]
    chosen = choose([*others, *twelve], NOW, 500)
    assert set(TWELVE) <= set(chosen)
    assert len(chosen) == 20


def test_what_changed_lately_is_asked_sooner() -> None:
    fresh = Candidate("A__c", NOW - timedelta(minutes=6), NOW - timedelta(minutes=20))
    stale = Candidate("B__c", NOW - timedelta(minutes=6), NOW - timedelta(days=1))
    assert quiet_interval(fresh, NOW) < timedelta(minutes=5)
    assert quiet_interval(stale, NOW) == LONGEST_QUIET
    crowd = [quiet(f"Q{i}__c", 1) for i in range(40)]
    many = [quiet(name, 1) for name in TWELVE] + [Candidate(f"Due{i}__c", None, None) for i in range(30)]
    chosen = choose([fresh, stale, *crowd, *many], NOW, 500)
    assert "A__c" in chosen
    assert "B__c" not in chosen


def test_every_object_has_its_turn_within_the_hour_and_a_bit() -> None:
    names = [f"Q{i:03}__c" for i in range(488)]
    asked = dict.fromkeys(names, NOW)
    longest = timedelta(0)
    now = NOW
    for _ in range(40):
        now += timedelta(minutes=5)
        found = [Candidate(n, at, DAYS_AGO) for n, at in asked.items()] + [Candidate(n, now, now) for n in TWELVE]
        chosen = choose(found, now, probe_slots(500, 2))
        assert len(chosen) <= 245
        for name in chosen:
            if name in asked:
                longest = max(longest, now - asked[name])
                asked[name] = now
    assert longest <= LONGEST_QUIET + timedelta(minutes=15)
    assert all(now - at <= LONGEST_QUIET for at in asked.values())


def test_an_object_without_a_stamp_waits_for_its_hour_in_a_small_mirror_too() -> None:
    assert choose([quiet("Plain", 30, stamped=False)], NOW, 30) == ()
    assert choose([quiet("Plain", 61, stamped=False)], NOW, 30) == ("Plain",)


def test_no_more_than_the_slots_and_the_longest_overdue_first() -> None:
    waiting = [quiet(f"Q{i}__c", 60 + i) for i in range(30)]
    assert set(choose(waiting, NOW, 3)) == {"Q29__c", "Q28__c", "Q27__c"}
    assert choose(waiting, NOW, 0) == ()
