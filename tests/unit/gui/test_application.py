"""The application object: closing, the tray, more than one org, and the end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from core.model.progress import Event
from core.settings import CLOSE_TO_TRAY, CLOSE_TO_TRAY_TOLD
from gui.application import Application
from tests.helpers import fake_app
from tests.helpers.fake_app import FakeApp, FakeConnection

Make = Callable[..., Application]


@pytest.fixture
def tray(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    there = [False]
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: there[0]))
    monkeypatch.setattr(QSystemTrayIcon, "show", lambda _self: None)

    def put(available: bool) -> None:
        there[0] = available

    return put


def shown(qtbot: QtBot, make_application: Make, app: FakeApp, **options: bool) -> Application:
    application = make_application(app, **options)
    qtbot.waitUntil(lambda: application.window.session is not None)
    return application


def left(application: Application) -> list[int]:
    codes: list[int] = application.exit_codes  # type: ignore[attr-defined]
    return codes


def test_quit_ends_engines_before_mirrors(qtbot: QtBot, make_application: Make) -> None:
    first, second = FakeConnection(), FakeConnection(fake_app.info("Beta"))
    app = FakeApp(first, second)
    application = shown(qtbot, make_application, app)
    qtbot.waitUntil(lambda: first.sync.running.is_set() and second.sync.running.is_set())
    running_at_close: list[bool] = []
    close = app.close

    def noted_close() -> None:
        running_at_close.append(first.sync.running.is_set() or second.sync.running.is_set())
        close()

    app.close = noted_close  # type: ignore[method-assign]
    application.quit()
    application.quit()
    qtbot.waitUntil(lambda: bool(left(application)))
    assert left(application) == [0]
    assert running_at_close == [False]
    assert app.closed
    assert first.closed
    assert second.closed


def test_quit_in_the_middle_of_a_first_load(qtbot: QtBot, make_application: Make) -> None:
    connection = FakeConnection(status=fake_app.never_synced())
    application = shown(qtbot, make_application, FakeApp(connection))
    for share in range(10):
        connection.sync.say(Event(progress=fake_app.first_load(share / 10)))
    application.window.show_object("Lead")
    application.quit()
    qtbot.waitUntil(lambda: bool(left(application)))
    assert connection.closed


def test_quit_before_anything_is_open(qtbot: QtBot, make_application: Make) -> None:
    app = FakeApp(FakeConnection())
    application = make_application(app)
    application.quit()
    qtbot.waitUntil(lambda: bool(left(application)))


def test_closing_without_a_tray_quits(qtbot: QtBot, make_application: Make, tray: Callable[[bool], None]) -> None:
    tray(False)
    application = shown(qtbot, make_application, FakeApp(FakeConnection()))
    application.window.close()
    qtbot.waitUntil(lambda: bool(left(application)))


def test_closing_with_a_tray_hides_and_tells_once(
    qtbot: QtBot, make_application: Make, tray: Callable[[bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    tray(True)
    told: list[str] = []
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda _self, title, *_rest: told.append(title))
    app = FakeApp(FakeConnection())
    application = shown(qtbot, make_application, app)
    application.window.close()
    assert not application.window.isVisible()
    qtbot.waitUntil(lambda: app.settings.get(CLOSE_TO_TRAY_TOLD))
    application.window.bring_to_front()
    assert application.window.isVisible()
    application.window.close()
    assert len(told) == 1
    assert left(application) == []


def test_closing_quits_where_that_was_chosen(
    qtbot: QtBot, make_application: Make, tray: Callable[[bool], None]
) -> None:
    tray(True)
    app = FakeApp(FakeConnection())
    app.settings.values[CLOSE_TO_TRAY.key] = False
    application = shown(qtbot, make_application, app)
    application.window.close()
    qtbot.waitUntil(lambda: bool(left(application)))


def test_a_tray_that_dies_gives_the_window_back(
    qtbot: QtBot, make_application: Make, tray: Callable[[bool], None]
) -> None:
    tray(True)
    app = FakeApp(FakeConnection())
    app.settings.values[CLOSE_TO_TRAY_TOLD.key] = True
    application = shown(qtbot, make_application, app)
    application.window.close()
    assert not application.window.isVisible()
    tray(False)
    application.tray.look()
    assert application.window.isVisible()


def test_minimized_starts_hidden_only_with_a_tray(
    qtbot: QtBot, make_application: Make, tray: Callable[[bool], None]
) -> None:
    tray(True)
    application = shown(qtbot, make_application, FakeApp(FakeConnection()), minimized=True)
    assert not application.window.isVisible()


def test_minimized_without_a_tray_is_a_minimized_window(
    qtbot: QtBot, make_application: Make, tray: Callable[[bool], None]
) -> None:
    tray(False)
    application = shown(qtbot, make_application, FakeApp(FakeConnection()), minimized=True)
    assert application.window.isVisible()
    assert application.window.isMinimized()


def test_the_tray_shows_the_same_sentence_and_keeps_its_menu(
    qtbot: QtBot, make_application: Make, tray: Callable[[bool], None]
) -> None:
    tray(True)
    connection = FakeConnection()
    application = shown(qtbot, make_application, FakeApp(connection))
    menu = application.tray._menu
    connection.sync.say(Event(progress=fake_app.first_load()))
    session = application.window.session
    assert session is not None
    qtbot.waitUntil(lambda: session.progress is not None)
    assert application.tray._status.text() == session.text.line
    assert application.tray._icon.contextMenu() is menu
    application.tray._pause.trigger()
    assert connection.sync.controls[0].paused
    assert application.tray._pause.text() == "Resume"


def test_switching_orgs(qtbot: QtBot, make_application: Make) -> None:
    first, second = FakeConnection(), FakeConnection(fake_app.info("Beta", is_sandbox=True))
    application = shown(qtbot, make_application, FakeApp(first, second))
    window = application.window
    qtbot.waitUntil(lambda: second.sync.running.is_set())
    window.connection_wished.emit("uuid-Beta")
    assert window.session is not None
    assert window.session.connection is second
    assert "Sandbox" in window.windowTitle()
    window.connection_wished.emit("uuid-Acme")
    assert window.session.connection is first
