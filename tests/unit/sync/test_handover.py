from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

from core.model.errors import ErrorCode, OrgMirrorError
from core.model.progress import CycleResult, ObjectResult
from core.model.states import CycleOutcome
from core.sync.control import EngineControl
from core.sync.handover import WishServer, from_json, hand_over, to_json, wish_file

RESULT = CycleResult(
    CycleOutcome.PROBLEMS,
    1.5,
    3,
    (ObjectResult("Lead", rows=2, failed=1, error=OrgMirrorError(ErrorCode.FIELD_REFUSED, object="Lead")),),
)


def test_a_wish_is_answered_by_the_cycle_it_asked_for(tmp_path: Path) -> None:
    control = EngineControl()
    server = WishServer(wish_file(tmp_path), control)
    answers: list[CycleResult | None] = []
    asker = threading.Thread(target=lambda: answers.append(hand_over(wish_file(tmp_path), ["Lead"])))
    asker.start()
    try:
        assert control.wait_for_next(20)
        assert control.begin_cycle()[1] == ("Lead",)
        server.begun()
        server.answered(RESULT)
        asker.join(20)
    finally:
        server.close()
    assert answers[0] is not None
    assert to_json(answers[0]) == to_json(RESULT)


def test_only_who_can_read_the_file_may_ask(tmp_path: Path) -> None:
    control = EngineControl()
    file = wish_file(tmp_path)
    server = WishServer(file, control)
    try:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        stranger = tmp_path / "stranger.json"
        stranger.write_text(json.dumps({**json.loads(file.read_text()), "secret": "guess"}))
        assert hand_over(stranger, None) is None
    finally:
        server.close()
    assert not file.exists()


def test_nobody_listening_is_no_answer(tmp_path: Path) -> None:
    assert hand_over(wish_file(tmp_path), None) is None


def test_a_result_survives_the_way() -> None:
    back = from_json(to_json(RESULT))
    assert back.outcome is RESULT.outcome
    assert back.objects[0].error is not None
    assert back.objects[0].error.code is ErrorCode.FIELD_REFUSED
