"""The lane that sends an edit soon after it was made."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from core.api.push_lane import PushLane
from core.mirror import outbox, times
from core.model.cancel import CancelToken
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.model.pushing import PushResult
from core.model.states import CycleOutcome

if TYPE_CHECKING:
    from tests.unit.push.conftest import Rig

OK = PushResult(CycleOutcome.OK)


class Lane:
    """A lane whose pushes are counted, with what they answer."""

    def __init__(self, rig: Rig) -> None:
        self.pushed = threading.Semaphore(0)
        self.results: list[PushResult] = []
        self.told = threading.Semaphore(0)
        self.answer: Callable[[CancelToken], PushResult] = lambda _cancel: OK
        self.is_held = False
        self.asked = threading.Semaphore(0)
        self.lane = PushLane(rig.mirror, self._push, self._tell, self._held, after_edit=0.02)

    def _push(self, cancel: CancelToken) -> PushResult:
        self.pushed.release()
        return self.answer(cancel)

    def _tell(self, result: PushResult) -> None:
        self.results.append(result)
        self.told.release()

    def _held(self) -> bool:
        self.asked.release()
        return self.is_held


@pytest.fixture
def lane(rig: Rig) -> Iterator[Lane]:
    made = Lane(rig)
    yield made
    made.lane.close()


def test_an_edit_is_sent_soon_and_its_result_is_told(lane: Lane) -> None:
    lane.lane.soon()
    assert lane.told.acquire(timeout=10)
    assert lane.results == [OK]


def test_nothing_is_sent_while_it_is_held(lane: Lane) -> None:
    lane.is_held = True
    lane.lane.soon()
    assert lane.asked.acquire(timeout=10)
    assert not lane.pushed.acquire(blocking=False)
    lane.is_held = False
    lane.lane.soon()
    assert lane.told.acquire(timeout=10)


def test_what_is_due_later_is_tried_again_by_itself(lane: Lane, rig: Rig) -> None:
    lead = rig.add(LastName="A")
    seqs = rig.edit(lead, City="Oslo")
    rig.mirror.write(
        lambda s: outbox.fail(s, seqs, outbox.RETRY, code="server-error", text=None, next_try_at=times.now())
    )
    lane.lane.soon()
    assert lane.told.acquire(timeout=10)
    assert lane.told.acquire(timeout=10), "a second push comes when the entry is due"


@pytest.mark.parametrize("error", [OrgMirrorError(ErrorCode.SIGN_IN_NEEDED), RuntimeError("what nobody thought of")])
def test_trouble_is_told_and_the_lane_lives_on(lane: Lane, error: Exception, expected_log: Callable[..., None]) -> None:
    if not isinstance(error, OrgMirrorError):
        expected_log("the push of an edit stopped", level=logging.ERROR)

    def fails(_cancel: CancelToken) -> PushResult:
        raise error

    lane.answer = fails
    lane.lane.soon()
    assert lane.told.acquire(timeout=10)
    told = lane.results[0].error
    assert told is not None
    assert told.code is (ErrorCode.SIGN_IN_NEEDED if isinstance(error, OrgMirrorError) else ErrorCode.UNEXPECTED)
    lane.answer = lambda _cancel: OK
    lane.lane.soon()
    assert lane.told.acquire(timeout=10)


def test_closing_abandons_the_request_under_way(lane: Lane) -> None:
    entered = threading.Event()

    def hangs(cancel: CancelToken) -> PushResult:
        entered.set()
        cancel.wait(30)
        raise Cancelled

    lane.answer = hangs
    lane.lane.soon()
    assert entered.wait(10)
    lane.lane.close()
    lane.lane.soon()
    assert lane.results == []
