"""What the shell's tests share: a look, a pool of operations that ends, sessions and whole applications that quit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.paths import Home
from gui.application import Application
from gui.desktop import theme
from gui.operations import Operations
from gui.text.numbers import set_default_locale
from gui.workers.session import Session
from tests.helpers.fake_app import FakeApp, FakeConnection


@pytest.fixture(autouse=True)
def _look(qapp: QApplication) -> None:
    set_default_locale()
    if not qapp.styleSheet():
        theme.apply(qapp, "light")
    elif theme.current().dark:
        theme.choose("light")


@pytest.fixture
def operations(qtbot: QtBot) -> Iterator[Operations]:
    made = Operations()
    yield made
    made.close()


@pytest.fixture
def make_session(qtbot: QtBot, operations: Operations) -> Iterator[Callable[[FakeConnection], Session]]:
    sessions: list[Session] = []

    def make(connection: FakeConnection) -> Session:
        session = Session(connection, operations)  # type: ignore[arg-type]
        sessions.append(session)
        session.start()
        qtbot.waitUntil(lambda: session.status is not None)
        return session

    yield make
    for session in sessions:
        if session.is_running:
            with qtbot.waitSignal(session.stopped):
                session.stop()


@pytest.fixture
def make_application(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Application]]:
    made: list[Application] = []
    left: list[int] = []
    # pytest-qt owns the loop: leaving is noted, not done.
    monkeypatch.setattr(QApplication, "exit", staticmethod(lambda code=0: left.append(code)))

    def make(app: FakeApp, **options: bool) -> Application:
        home = Home(tmp_path / "home")
        home.create()
        application = Application(home, lambda: app, **options)  # type: ignore[arg-type, return-value]
        application.exit_codes = left  # type: ignore[attr-defined]
        made.append(application)
        application.start()
        return application

    yield make
    for application in made:
        if not left:
            application.quit()
            qtbot.waitUntil(lambda: bool(left))
        left.clear()
        application.window.deleteLater()
        application.deleteLater()
    qapp.processEvents()
