"""A mirror in step with random histories of a demo org, over real HTTP.

`make test` plays the same hundreds of steps every time. `make test-long` plays thousands, new ones with every run; the
seed is printed, and ORGMIRROR_HISTORY_SEED plays one again.
"""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.stateful.machine import Anything, Freshness, History, Lab
from tests.stateful.other_machine import OtherHistory

MACHINES = [Freshness, Anything]
SHORT = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    stateful_step_count=25,
)


def play(lab: Lab, machine: type[History], chosen: settings, number: int | None = None) -> None:
    class Played(machine):  # type: ignore[misc, valid-type]
        pass

    Played.lab = lab
    if number is not None:
        print(f"ORGMIRROR_HISTORY_SEED={number}")
        seed(number)(Played)
    run_state_machine_as_test(Played, settings=chosen)


@pytest.mark.parametrize("machine", MACHINES)
def test_the_mirror_equals_the_org_after_any_history(lab: Lab, machine: type[History]) -> None:
    play(lab, machine, settings(SHORT, max_examples=int(os.environ.get("ORGMIRROR_HISTORIES", "10"))))


def play_elsewhere(chosen: settings, number: int | None, patch: pytest.MonkeyPatch) -> None:
    class Played(OtherHistory):
        pass

    Played.patch = patch
    if number is not None:
        print(f"ORGMIRROR_HISTORY_SEED={number}")
        seed(number)(Played)
    run_state_machine_as_test(Played, settings=chosen)


def test_the_mirror_equals_another_org_after_any_history(monkeypatch: pytest.MonkeyPatch) -> None:
    count = int(os.environ.get("ORGMIRROR_HISTORIES", "8"))
    play_elsewhere(settings(SHORT, max_examples=count), None, monkeypatch)


@pytest.mark.long
def test_the_mirror_equals_another_org_after_many_histories(monkeypatch: pytest.MonkeyPatch) -> None:
    number = int(os.environ.get("ORGMIRROR_HISTORY_SEED", random.SystemRandom().randrange(10**9)))
    count = int(os.environ.get("ORGMIRROR_HISTORIES", "150"))
    chosen = settings(SHORT, derandomize=False, max_examples=count, stateful_step_count=40)
    play_elsewhere(chosen, number, monkeypatch)


@pytest.mark.long
@pytest.mark.parametrize("machine", MACHINES)
def test_the_mirror_equals_the_org_after_many_histories(lab: Lab, machine: type[History]) -> None:
    number = int(os.environ.get("ORGMIRROR_HISTORY_SEED", random.SystemRandom().randrange(10**9)))
    count = int(os.environ.get("ORGMIRROR_HISTORIES", "100"))
    play(lab, machine, settings(SHORT, derandomize=False, max_examples=count, stateful_step_count=50), number)
