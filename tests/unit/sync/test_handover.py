from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

from core.mirror.merge import MergeCounts
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.progress import CycleResult, ObjectResult
from core.model.states import CycleOutcome
from core.sync.control import EngineControl, ReconcileWish
from core.sync.handover import Wish, WishServer, from_json, hand_over, tell_of_edit, tell_of_pause, to_json, wish_file
from core.sync.reconcile import Reconciled

RESULT = CycleResult(
    CycleOutcome.PROBLEMS,
    1.5,
    3,
    (ObjectResult("Lead", rows=2, failed=1, error=OrgMirrorError(ErrorCode.FIELD_REFUSED, object="Lead")),),
)


def test_a_wish_is_answered_by_the_cycle_it_asked_for(tmp_path: Path) -> None:
    control = EngineControl()
    server = WishServer(wish_file(tmp_path), control)
    answers: list[object] = []
    asker = threading.Thread(target=lambda: answers.append(hand_over(wish_file(tmp_path), Wish.of(["Lead"]))))
    asker.start()
    try:
        assert control.wait_for_next(20)
        assert control.begin_cycle()[1] == ("Lead",)
        server.begun()
        server.answered(RESULT)
        asker.join(20)
    finally:
        server.close()
    assert isinstance(answers[0], CycleResult)
    assert to_json(answers[0]) == to_json(RESULT)


def test_a_reconcile_is_handed_over_and_its_failure_too(tmp_path: Path) -> None:
    control = EngineControl()
    server = WishServer(wish_file(tmp_path), control)
    answers: list[object] = []

    def ask(consent: bool) -> None:
        try:
            answers.append(hand_over(wish_file(tmp_path), Wish.of(["Lead"], reconcile=True, consent=consent)))
        except OrgMirrorError as error:
            answers.append(error.code)

    guard = OrgMirrorError(ErrorCode.TOO_MANY_GONE, object="Lead", going=60, rows=100)
    done = Reconciled("Lead", rows=5, checked=6, gone=1, fetched=MergeCounts(1, 2, 3), error=guard)
    try:
        for consent, result in ((True, [done]), (False, OrgMirrorError(ErrorCode.NO_SUCH_OBJECT))):
            asker = threading.Thread(target=ask, args=(consent,))
            asker.start()
            assert control.wait_for_next(20)
            assert control.take_reconcile() == ReconcileWish(("Lead",), consent)
            server.reconciled(result)
            asker.join(20)
    finally:
        server.close()
    back, refused = answers
    assert isinstance(back, list)
    assert (back[0].drift, back[0].checked, back[0].fetched.deleted) == (done.drift, 6, 3)
    assert back[0].error.params == guard.params
    assert refused is ErrorCode.NO_SUCH_OBJECT


def test_an_edit_of_another_process_is_heard_and_starts_no_cycle(tmp_path: Path) -> None:
    control = EngineControl()
    heard: list[bool] = []
    assert not tell_of_edit(wish_file(tmp_path)), "nobody runs an engine"
    server = WishServer(wish_file(tmp_path), control, lambda: heard.append(True))
    try:
        assert tell_of_edit(wish_file(tmp_path))
        stranger = tmp_path / "stranger.json"
        stranger.write_text(json.dumps({**json.loads(wish_file(tmp_path).read_text()), "secret": "guess"}))
        assert not tell_of_edit(stranger)
    finally:
        server.close()
    assert heard == [True]
    assert not control.wished
    assert control.begin_cycle()[1] is None
    assert not tell_of_edit(wish_file(tmp_path))


def test_a_pause_of_another_process_holds_at_once_and_so_does_its_end(tmp_path: Path) -> None:
    """The window paused and the command line resumed: the engine waited for the window for ever."""
    control = EngineControl()
    assert not tell_of_pause(wish_file(tmp_path), paused=True), "nobody runs an engine"
    server = WishServer(wish_file(tmp_path), control)
    try:
        token, _ = control.begin_cycle()
        assert tell_of_pause(wish_file(tmp_path), paused=True)
        assert control.paused
        assert token.is_set(), "the cycle under way ends"
        assert tell_of_pause(wish_file(tmp_path), paused=False)
        assert not control.paused
        assert control.wait_for_next(None), "and the next begins without a wait"
    finally:
        server.close()


def test_only_who_can_read_the_file_may_ask(tmp_path: Path) -> None:
    control = EngineControl()
    file = wish_file(tmp_path)
    server = WishServer(file, control)
    try:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        stranger = tmp_path / "stranger.json"
        stranger.write_text(json.dumps({**json.loads(file.read_text()), "secret": "guess"}))
        assert hand_over(stranger, Wish()) is None
    finally:
        server.close()
    assert not file.exists()


def test_nobody_listening_is_no_answer(tmp_path: Path) -> None:
    assert hand_over(wish_file(tmp_path), Wish()) is None


def test_a_result_survives_the_way() -> None:
    back = from_json(to_json(RESULT))
    assert back.outcome is RESULT.outcome
    assert back.objects[0].error is not None
    assert back.objects[0].error.code is ErrorCode.FIELD_REFUSED
