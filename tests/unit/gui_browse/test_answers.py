"""Answers reach the GUI thread, the newest only, and never a widget that is gone."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Any

import pytest
from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from gui.models.answers import Answers

pytestmark = pytest.mark.gui


def test_an_answer_of_another_thread_arrives_on_the_gui_thread(qtbot: QtBot) -> None:
    owner = QObject()
    answers, future, seen = Answers(owner), Future[int](), []
    answers.expect("x", future, lambda value: seen.append((value, QThread.currentThread())))
    thread = threading.Thread(target=lambda: future.set_result(7))
    thread.start()
    thread.join()
    assert seen == []  # never in the middle of something else
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [(7, QApplication.instance().thread())]


def test_the_older_of_two_questions_is_dropped(qtbot: QtBot) -> None:
    owner = QObject()
    answers, old, new = Answers(owner), Future[str](), Future[str]()
    seen: list[str] = []
    answers.expect("x", old, seen.append)
    answers.expect("x", new, seen.append)
    new.set_result("new")
    old.set_result("old")
    qtbot.waitUntil(lambda: bool(seen))
    QApplication.processEvents()
    assert seen == ["new"]


def test_topics_do_not_disturb_each_other(qtbot: QtBot) -> None:
    owner = QObject()
    answers, one, two = Answers(owner), Future[str](), Future[str]()
    seen: list[str] = []
    answers.expect("one", one, seen.append)
    answers.expect("two", two, seen.append)
    two.set_result("two")
    one.set_result("one")
    qtbot.waitUntil(lambda: len(seen) == 2)


def test_nothing_reaches_an_owner_that_is_gone(qtbot: QtBot) -> None:
    owner = QObject()
    answers, future, seen = Answers(owner), Future[int](), []
    answers.expect("x", future, seen.append)
    owner.deleteLater()
    with qtbot.waitSignal(owner.destroyed):
        pass
    future.set_result(1)
    QApplication.processEvents()
    assert seen == []


@pytest.mark.parametrize("error", [Cancelled(), OrgMirrorError(ErrorCode.CANCELLED)])
def test_an_interrupted_read_is_silent(qtbot: QtBot, error: Exception) -> None:
    owner = QObject()
    answers, future, seen = Answers(owner), Future[int](), []
    answers.expect("x", future, seen.append, seen.append)
    future.set_exception(error)
    QApplication.processEvents()
    assert seen == []


def test_a_cancelled_future_is_silent(qtbot: QtBot) -> None:
    owner = QObject()
    answers, future, seen = Answers(owner), Future[int](), []
    answers.expect("x", future, seen.append, seen.append)
    future.cancel()
    future.set_running_or_notify_cancel()
    QApplication.processEvents()
    assert seen == []


def test_an_error_reaches_the_one_who_asked(qtbot: QtBot) -> None:
    owner = QObject()
    answers, future = Answers(owner), Future[int]()
    errors: list[Any] = []
    answers.expect("x", future, lambda _value: None, errors.append)
    future.set_exception(OrgMirrorError(ErrorCode.DISK_FULL))
    qtbot.waitUntil(lambda: bool(errors))
    assert errors[0].code is ErrorCode.DISK_FULL


def test_forgotten_questions_are_not_answered(qtbot: QtBot) -> None:
    owner = QObject()
    answers, future, seen = Answers(owner), Future[int](), []
    answers.expect("x", future, seen.append)
    answers.forget()
    assert not answers.is_waiting("x")
    if not future.cancelled():
        future.set_result(1)
    QApplication.processEvents()
    assert seen == []
