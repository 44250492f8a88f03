"""The convergence machine: simulated lives of person, colleagues, network and process, each from its seed.

A failure prints the life it belongs to; the same seed plays it again. Seeds that once found a bug stay in `FOUND`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulation.play import play
from tests.simulation.world import Lab

SHORT_STEPS = 12
LONG_STEPS = 30
# 30: an overruled value was lost with the process; 31, 41, 53: creates without an answer were made twice, because the
# first attempt was forgotten, the person had changed it since, or another had merged it away. 41 too: a decision for
# Salesforce's value brought back an old one.
FOUND = (30, 31, 41, 53)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    made = Lab()
    yield made
    made.close()


@pytest.mark.parametrize("seed", range(6))
def test_a_short_life(lab: Lab, seed: int) -> None:
    verdict = play(lab, seed, steps=SHORT_STEPS)
    assert not verdict.wrongs, verdict.report()


@pytest.mark.parametrize("seed", FOUND)
def test_a_life_that_went_wrong_once(lab: Lab, seed: int) -> None:
    verdict = play(lab, seed, steps=LONG_STEPS)
    assert not verdict.wrongs, verdict.report()


@pytest.mark.long
@pytest.mark.parametrize("first", range(1000, 1200, 20))
def test_lives(lab: Lab, first: int) -> None:
    for seed in range(first, first + 20):
        verdict = play(lab, seed, steps=LONG_STEPS)
        assert not verdict.wrongs, verdict.report()


def test_the_same_seed_is_the_same_life(lab: Lab) -> None:
    one, other = (play(lab, 77, steps=SHORT_STEPS) for _ in range(2))
    assert one.said == other.said
    assert one.exchanges == other.exchanges > 50
