from __future__ import annotations

import threading

import pytest

from core.sync import control as module
from core.sync.control import EngineControl, ReconcileWish


def test_pause_abandons_the_cycle_under_way() -> None:
    control = EngineControl()
    token, _ = control.begin_cycle()
    control.pause()
    assert token.is_set()
    assert control.paused


def test_a_cycle_begun_while_paused_is_cancelled_at_once() -> None:
    control = EngineControl(paused=True)
    token, _ = control.begin_cycle()
    assert token.is_set()


def test_sync_now_ends_the_pause_between_cycles_and_names_objects() -> None:
    control = EngineControl()
    control.sync_now(["Lead"])
    assert control.wait_for_next(3600) is True
    _, wanted = control.begin_cycle()
    assert wanted == ("Lead",)
    assert control.begin_cycle()[1] is None


def test_stop_ends_the_wait_from_another_thread() -> None:
    control = EngineControl()
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(control.wait_for_next(3600)))
    thread.start()
    control.stop()
    thread.join(5)
    assert answers == [False]


def test_a_paused_engine_waits_until_resumed() -> None:
    control = EngineControl(paused=True)
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(control.wait_for_next(0.01)))
    thread.start()
    thread.join(0.2)
    assert answers == []
    control.resume()
    thread.join(5)
    assert answers == [True]


def test_cancelling_a_cycle_leaves_the_engine_running() -> None:
    control = EngineControl()
    token, _ = control.begin_cycle()
    control.cancel_cycle()
    assert token.is_set()
    assert not control.stopped
    assert not control.begin_cycle()[0].is_set()


class Sleeper:
    """Two clocks of a computer: the first slice of a wait is slept through for `seconds`, as the wall clock says."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.looks = 0

    def wall(self) -> float:
        self.looks += 1
        return 0.0 if self.looks == 1 else self.seconds


@pytest.mark.parametrize("jump", [7200.0, -7200.0])
def test_a_computer_that_slept_or_was_set_goes_on_at_once(monkeypatch: pytest.MonkeyPatch, jump: float) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.01)
    clock = Sleeper(jump)
    assert EngineControl(clock=clock.wall, monotonic=lambda: 0.0).wait_for_next(86_400) is True
    assert clock.looks == 2


def test_a_steady_clock_waits_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.001)
    times = iter(range(1000))
    control = EngineControl(clock=lambda: 0.0, monotonic=lambda: float(next(times)))
    assert control.wait_for_next(20) is True
    assert next(times) >= 20


def test_wishes_that_come_together_become_one_cycle() -> None:
    control = EngineControl()
    control.sync_now(["Lead"])
    control.sync_now(["Account"])
    assert control.begin_cycle()[1] == ("Account", "Lead")
    control.sync_now(["Lead"])
    control.sync_now()
    control.sync_now(["Account"])
    assert control.begin_cycle()[1] is None


def test_what_is_asked_for_by_name_is_not_held_up_by_a_pause() -> None:
    control = EngineControl(paused=True)
    control.sync_now(["Lead"])
    assert control.wished
    assert control.wait_for_next(3600) is True
    token, wanted = control.begin_cycle()
    assert wanted == ("Lead",)
    assert not token.is_set()
    assert not control.wished
    control.reconcile_now(ReconcileWish(None, True))
    assert control.wait_for_next(3600) is True
    assert control.take_reconcile() == ReconcileWish(None, True)
    assert not control.begin_reconcile().is_set()
    control.sync_now()
    assert not control.wished
