"""Operations: answers come to the GUI thread, for owners that still live, and once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from gui.operations import MutateOp, Operations, QueryOp, in_background


@pytest.fixture
def owner(qtbot: QtBot) -> QObject:
    return QObject()


def test_the_answer_arrives_on_the_gui_thread(qtbot: QtBot, operations: Operations, owner: QObject) -> None:
    seen: list[tuple[str, str, str]] = []

    def work(_token: CancelToken) -> str:
        return threading.current_thread().name

    def show(worker: str) -> None:
        seen.append(("answer", worker, threading.current_thread().name))

    QueryOp(owner, operations, work).success(show).run()
    qtbot.waitUntil(lambda: bool(seen))
    _, worker, arrived = seen[0]
    assert worker.startswith("operation")
    assert arrived == threading.main_thread().name


def test_an_error_keeps_its_code(qtbot: QtBot, operations: Operations, owner: QObject) -> None:
    seen: list[OrgMirrorError] = []

    def work(_token: CancelToken) -> None:
        raise OrgMirrorError(ErrorCode.DISK_FULL)

    QueryOp(owner, operations, work).failure(seen.append).run()
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0].code is ErrorCode.DISK_FULL


def test_any_other_exception_becomes_unexpected(
    qtbot: QtBot, operations: Operations, owner: QObject, expected_log: Callable[..., None]
) -> None:
    seen: list[OrgMirrorError] = []
    expected_log("an operation failed", level=logging.ERROR)
    in_background(owner, operations, lambda: 1 // 0, None, seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0].code is ErrorCode.UNEXPECTED
    assert seen[0].params == {"reason": "ZeroDivisionError"}


def test_an_answer_for_a_dead_owner_is_dropped(qtbot: QtBot, operations: Operations) -> None:
    gate = threading.Event()
    seen: list[str] = []
    owner = QObject()
    in_background(owner, operations, lambda: gate.wait(10) and "late", seen.append)  # type: ignore[arg-type]
    delete(owner)
    gate.set()
    witness = QObject()
    done: list[str] = []
    in_background(witness, operations, lambda: "after", done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert seen == []


def test_a_cancelled_operation_is_silent_and_its_work_hears_of_it(
    qtbot: QtBot, operations: Operations, owner: QObject
) -> None:
    heard = threading.Event()
    seen: list[object] = []

    def work(token: CancelToken) -> str:
        if token.wait(10):
            heard.set()
            token.raise_if_set()
        return "done"

    op = QueryOp(owner, operations, work).success(seen.append).failure(seen.append).run()
    op.cancel()
    assert heard.wait(10)
    done: list[str] = []
    in_background(owner, operations, lambda: "after", done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert seen == []
    assert not op.running


def test_a_mutation_tells_every_view_who_asked(qtbot: QtBot, operations: Operations, owner: QObject) -> None:
    changes = Changes(objects={"Lead": frozenset({"00Q"})})
    with qtbot.waitSignal(operations.changed) as caught:
        MutateOp(owner, operations, lambda _token: changes).run()
    assert caught.args == [(changes, owner)]


def test_closing_asks_what_runs_to_stop(qtbot: QtBot) -> None:
    operations = Operations()
    owner = QObject()
    started, stopped = threading.Event(), threading.Event()

    def work(token: CancelToken) -> None:
        started.set()
        token.wait(30)
        stopped.set()

    QueryOp(owner, operations, work).run()
    assert started.wait(10)
    operations.close()
    assert stopped.is_set()


def test_what_is_asked_after_the_end_is_not_begun(qtbot: QtBot) -> None:
    operations = Operations()
    operations.close()
    ran: list[int] = []
    assert not in_background(operations, operations, lambda: ran.append(1)).running
    assert not ran
