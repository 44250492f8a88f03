from __future__ import annotations

from core.model.errors import ErrorCode, OrgMirrorError
from core.model.progress import Event
from core.model.states import LoadPhase
from core.sync.board import ProgressBoard


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def make(events: list[Event] | None = None) -> tuple[ProgressBoard, Clock, list[Event]]:
    clock = Clock()
    seen = [] if events is None else events
    return ProgressBoard(seen.append, clock, lambda: 7), clock, seen


def test_at_most_ten_events_a_second_and_the_last_always() -> None:
    board, clock, seen = make()
    board.add("Lead", "Leads", total=1000, phase=LoadPhase.LOADING)
    seen.clear()
    for done in range(1, 501):
        clock.now += 0.002
        board.rows("Lead", done)
    assert len(seen) <= 11
    board.flush()
    assert seen[-1].progress is not None
    assert seen[-1].progress.objects[0].rows_done == 500
    assert seen[-1].progress.api_calls == 7


def test_no_remaining_time_before_it_can_be_trusted() -> None:
    board, clock, _ = make()
    board.add("Lead", "Leads", total=100_000, phase=LoadPhase.LOADING)
    for second in range(1, 6):
        clock.now += 1
        board.rows("Lead", second * 1000)
    assert board.snapshot().objects[0].remaining_seconds is None
    for second in range(6, 21):
        clock.now += 1
        board.rows("Lead", second * 1000)
    remaining = board.snapshot().objects[0].remaining_seconds
    assert remaining is not None
    assert abs(remaining - 80) < 2


def test_an_uneven_rate_is_not_trusted() -> None:
    board, clock, _ = make()
    board.add("Lead", "Leads", total=100_000, phase=LoadPhase.LOADING)
    done = 0
    for second in range(1, 25):
        clock.now += 1
        done += 2000 if second < 16 else 100
        board.rows("Lead", done)
    assert board.snapshot().objects[0].remaining_seconds is None


def test_an_estimated_total_gives_no_remaining_time() -> None:
    board, clock, _ = make()
    board.add("Lead", "Leads", total=100_000, estimate=True, phase=LoadPhase.LOADING)
    for second in range(1, 21):
        clock.now += 1
        board.rows("Lead", second * 1000)
    assert board.snapshot().objects[0].remaining_seconds is None


def test_more_rows_than_announced_raise_the_total() -> None:
    board, _, _ = make()
    board.add("Lead", "Leads", total=10)
    board.rows("Lead", 12)
    assert board.snapshot().total == 12


def test_an_unknown_total_makes_the_whole_unknown() -> None:
    board, _, _ = make()
    board.add("Lead", "Leads", total=10)
    board.add("Task", "Tasks")
    assert board.snapshot().total is None


def test_the_end_of_an_object_is_told_at_once() -> None:
    board, _, seen = make()
    board.add("Lead", "Leads", total=10)
    seen.clear()
    error = OrgMirrorError(ErrorCode.FIELD_REFUSED, object="Lead")
    board.phase("Lead", LoadPhase.FAILED, error=error)
    assert seen
    assert seen[-1].progress is not None
    assert seen[-1].progress.objects[0].error is error


def test_a_resumed_load_says_where_it_went_on() -> None:
    board, _, _ = make()
    board.add("Contact", "Contacts", total=1900, rows_done=412, resumed=True)
    item = board.snapshot().objects[0]
    assert (item.resumed_at, item.rows_done, item.total) == (412, 412, 1900)
