from __future__ import annotations

import threading

from core.sync.control import EngineControl


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
