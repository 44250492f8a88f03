"""What needs a person is told once: in the tray while the window is away, with a click leading to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from core.model.errors import ErrorCode
from core.model.progress import Event
from gui.application import Application
from tests.helpers import fake_app
from tests.helpers.fake_app import FakeApp, FakeConnection
from tests.helpers.fake_lookback import problem

Make = Callable[..., Application]


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda _self, title, text, *_more: told.append((title, text)))
    return told


def opened(qtbot: QtBot, make: Make, connection: FakeConnection) -> Application:
    application = make(FakeApp(connection))
    qtbot.waitUntil(lambda: application.window.session is not None)
    return application


def test_it_is_told_once(
    qtbot: QtBot, make_application: Make, messages: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = FakeConnection()
    connection.sync.stored_problems = [problem(1), problem(2, ErrorCode.QUERY_REFUSED)]
    application = opened(qtbot, make_application, connection)
    monkeypatch.setattr(application.window, "isActiveWindow", lambda: False)
    qtbot.waitUntil(lambda: len(messages) == 1 or application.window.toasts.isVisible())
    messages.clear()
    connection.sync.stored_problems.append(problem(3))
    connection.sync.say(Event(result=fake_app.result()))
    qtbot.waitUntil(lambda: len(messages) == 1)
    assert messages[0][0] == "Acme needs you"
    asked = connection.sync.asked
    for _ in range(3):
        connection.sync.say(Event(result=fake_app.result()))
    qtbot.waitUntil(lambda: len([call for call in asked if call[0] == "announced"]) == 2)
    qtbot.waitUntil(lambda: connection.sync.say_count == 0)
    assert len(messages) == 1
    application.window.show_place("home")
    application.tray.message_clicked.emit()
    assert application.window.stack.currentWidget() is application.window.stack.page("needs-you")


def test_a_tag_in_a_name_is_not_markup(qtbot: QtBot, make_application: Make, messages: list[tuple[str, str]]) -> None:
    application = opened(qtbot, make_application, FakeConnection())
    application.tray.tell("<b>Acme</b>", "a & b")
    assert messages == [("‹b›Acme‹/b›", "a & b")]


def test_the_tray_tells_the_number_that_the_sidebar_tells(qtbot: QtBot, make_application: Make) -> None:
    connection = FakeConnection()
    connection.sync.stored_problems = [problem(1), problem(2, ErrorCode.QUERY_REFUSED)]
    application = opened(qtbot, make_application, connection)
    qtbot.waitUntil(lambda: application.window.session is not None and application.window.session.needs == 2)
    assert "Needs you: 2" in application.tray._icon.toolTip()
    assert application.window.sidebar._places["needs-you"].badge == 2
