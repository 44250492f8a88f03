"""The window with a fake app: places, counts, keys, what is shown when nothing can be shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from core.mirror.problems import Problem
from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.progress import Event
from core.model.states import ConnectionState, CycleOutcome
from core.paths import Home
from gui.application import Application
from gui.desktop.window_file import WindowFile
from gui.dialogs.crash_dialog import CrashDialog
from gui.operations import MutateOp, Operations
from gui.pages.object_page import ObjectPage
from gui.widgets.nav_button import NavButton
from gui.windows.main_window import MainWindow
from tests.helpers import fake_app
from tests.helpers.fake_app import FakeApp, FakeConnection

Make = Callable[..., Application]


def opened(qtbot: QtBot, make_application: Make, connection: FakeConnection) -> Application:
    """A window that shows `connection`."""
    application = make_application(FakeApp(connection))
    window = application.window
    qtbot.waitUntil(lambda: window.session is not None and window.session.status is not None)
    return application


def nav(window: QWidget, name: str) -> NavButton:
    button = window.findChild(NavButton, f"nav-{name}")
    assert isinstance(button, NavButton)
    return button


def label(window: QWidget, name: str) -> str:
    found = window.findChild(QLabel, name)
    assert isinstance(found, QLabel), name
    return found.text()


def test_it_opens_on_home_with_counts(qtbot: QtBot, make_application: Make) -> None:
    window = opened(qtbot, make_application, FakeConnection()).window
    assert window.stack.currentWidget() is window.stack.page("home")
    qtbot.waitUntil(lambda: label(window, "homeHereValue") == "158,491")
    assert nav(window, "object-Lead").accessibleName() == "Leads, 40,000"
    assert "Acme (Production)" in window.windowTitle()


def test_a_first_load_is_shown_everywhere(qtbot: QtBot, make_application: Make) -> None:
    connection = FakeConnection(status=fake_app.never_synced())
    window = opened(qtbot, make_application, connection).window
    connection.sync.say(Event(progress=fake_app.first_load(0.5)))
    qtbot.waitUntil(lambda: window.session is not None and window.session.progress is not None)
    progress = window.session.progress  # type: ignore[union-attr]
    assert label(window, "homeLoadRows").startswith(f"{progress.rows_done:,} of {progress.total:,}")  # type: ignore[union-attr]
    window.show_place("sync")
    assert label(window, "syncSentence").endswith(" here")
    assert window.sidebar.footer.accessibleName() == label(window, "syncSentence")


def test_every_place_can_be_reached_by_keys(qtbot: QtBot, make_application: Make) -> None:
    window = opened(qtbot, make_application, FakeConnection()).window
    window.activateWindow()
    pages = [window.stack.page(key) for key in ("home", "needs-you", "pending", "changes", "sync")]
    for number, page in enumerate(pages, start=1):
        qtbot.keyClick(window, getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda page=page: window.stack.currentWidget() is page)


def test_the_arrows_walk_through_the_sidebar(qtbot: QtBot, make_application: Make) -> None:
    window = opened(qtbot, make_application, FakeConnection()).window
    window.activateWindow()
    nav(window, "home").setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(nav(window, "home"), Qt.Key.Key_Down)
    assert window.focusWidget() is nav(window, "needs-you")
    qtbot.keyClick(nav(window, "needs-you"), Qt.Key.Key_Return)
    assert window.stack.currentWidget() is window.stack.page("needs-you")


def test_the_search_field_takes_control_k(qtbot: QtBot, make_application: Make) -> None:
    window = opened(qtbot, make_application, FakeConnection()).window
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: isinstance(window.focusWidget(), QLineEdit))


def test_an_object_that_is_not_pinned_is_a_guest(qtbot: QtBot, make_application: Make) -> None:
    window = opened(qtbot, make_application, FakeConnection()).window
    assert window.findChild(NavButton, "nav-object-User") is None
    window.show_object("User")
    guest = nav(window, "object-User")
    assert guest.isChecked()
    assert not nav(window, "home").isChecked()
    window.show_place("home")
    qtbot.waitUntil(lambda: window.findChild(NavButton, "nav-object-User") is None)


def test_few_object_pages_are_kept(qtbot: QtBot, make_application: Make) -> None:
    window = opened(qtbot, make_application, FakeConnection()).window
    for name in fake_app.LABELS:
        window.show_object(name)
    qtbot.waitUntil(lambda: len(window.findChildren(ObjectPage)) == 8)
    assert window.stack.currentWidget().objectName() == f"objectPage_{next(reversed(fake_app.LABELS))}"


def test_what_needs_a_person_is_counted_and_worded(qtbot: QtBot, make_application: Make) -> None:
    now = datetime.now(UTC)
    connection = FakeConnection(status=fake_app.in_step(problems=2))
    connection.sync.stored_problems = [
        Problem(1, "Lead", None, None, ErrorCode.FIELD_REFUSED, now, now, params={"object": "Lead"}),
        Problem(2, "Task", "00T000000000001AAA", None, ErrorCode.QUERY_REFUSED, now, now, params={"object": "Task"}),
    ]
    window = opened(qtbot, make_application, connection).window
    qtbot.waitUntil(lambda: nav(window, "needs-you").badge == 2)
    window.show_place("needs-you")
    assert label(window, "problemDecisionTitle") == "Salesforce refuses a field of Lead."
    connection.sync.stored_problems = []
    connection.sync.view = fake_app.in_step()
    window.session.refresh()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: nav(window, "needs-you").badge == 0)
    assert label(window, "needsYouStateTitle") == "Nothing needs you"


def test_a_mirror_that_cannot_be_opened_says_why_and_tries_again(qtbot: QtBot, make_application: Make) -> None:
    connection = FakeConnection()
    app = FakeApp(connection)
    app.faults[connection.info.uuid] = OrgMirrorError(ErrorCode.KEYRING_LOCKED)
    window = make_application(app).window
    qtbot.waitUntil(lambda: label(window, "openingStateTitle") == "Waiting for your keyring")
    app.faults.clear()
    button = window.opening.findChild(QAbstractButton, "openingStateAction")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session is not None)


def test_without_a_connection_it_welcomes(qtbot: QtBot, make_application: Make) -> None:
    app = FakeApp()
    window = make_application(app).window
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.welcome)
    demo = window.findChild(QAbstractButton, "welcomeDemo")
    assert demo is not None
    qtbot.mouseClick(demo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session is not None)
    assert app.demo_starts == 1
    assert "Demo" in window.windowTitle()


def test_the_buttons_pull_the_levers(qtbot: QtBot, make_application: Make) -> None:
    connection = FakeConnection()
    window = opened(qtbot, make_application, connection).window
    pause = window.findChild(QToolButton, "topPause")
    assert pause is not None
    qtbot.mouseClick(pause, Qt.MouseButton.LeftButton)
    assert connection.sync.controls[0].paused
    assert "Resume" in pause.toolTip()
    qtbot.mouseClick(pause, Qt.MouseButton.LeftButton)
    assert not connection.sync.controls[0].paused


def test_it_remembers_page_and_pins(qtbot: QtBot, make_application: Make, tmp_path: Path) -> None:
    connection = FakeConnection()
    application = opened(qtbot, make_application, connection)
    application.window.show_object("Account")
    application.window.sidebar._unpin("Lead")
    application.store.save()
    again = MainWindow(application.operations, WindowFile(Home(tmp_path / "home").window_file))
    qtbot.addWidget(again)
    again.set_session(application.window.session, (connection.info,))
    assert again.stack.currentWidget().objectName() == "objectPage_Account"
    assert again.findChild(NavButton, "nav-object-Lead") is None
    again.set_session(None, ())


def test_a_window_off_screen_comes_back(qtbot: QtBot, operations: Operations, tmp_path: Path) -> None:
    store = WindowFile(tmp_path / "window.json")
    first = MainWindow(operations, store)
    qtbot.addWidget(first)
    first.setGeometry(QRect(QPoint(20_000, 20_000), first.minimumSize()))
    first.keep_geometry()
    second = MainWindow(operations, store)
    qtbot.addWidget(second)
    screen = QGuiApplication.primaryScreen().availableGeometry()
    assert screen.intersects(second.geometry())


def test_all_that_can_be_pressed_has_a_name(qtbot: QtBot, make_application: Make) -> None:
    window = opened(qtbot, make_application, FakeConnection()).window
    for place in ("needs-you", "pending", "changes", "sync", "home"):
        window.show_place(place)
    # Qt adds the clear button of a line edit by itself.
    buttons = [
        button
        for button in window.findChildren(QAbstractButton)
        if button.isVisible() and not isinstance(button.parent(), QLineEdit)
    ]
    assert buttons
    assert [b.objectName() for b in buttons if not (b.accessibleName() or b.text() or b.toolTip())] == []
    assert [b.accessibleName() for b in buttons if not b.objectName()] == []


def test_a_change_of_language_is_heard(qtbot: QtBot, make_application: Make) -> None:
    window = opened(qtbot, make_application, FakeConnection()).window
    for widget in (window, *window.findChildren(QWidget)):
        QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.LanguageChange))
    assert nav(window, "home").text() == "Home"


def test_signed_out_is_said_on_every_page_and_among_what_needs_you(qtbot: QtBot, make_application: Make) -> None:
    connection = FakeConnection(status=fake_app.in_step(state=ConnectionState.SIGN_IN_NEEDED))
    application = opened(qtbot, make_application, connection)
    window = application.window
    error = OrgMirrorError(ErrorCode.SIGN_IN_NEEDED)
    connection.sync.say(Event(result=fake_app.result(CycleOutcome.SIGN_IN_NEEDED, error=error)))
    qtbot.waitUntil(window.notice.isVisible)
    window.show_place("needs-you")
    qtbot.waitUntil(lambda: label(window, "barrierDecisionTitle") == label(window, "noticeTitle"))
    with qtbot.waitSignal(window.sign_in_wished):
        window.notice.button.click()
    application.wizard.reject()  # type: ignore[union-attr]
    connection.sync.view = fake_app.in_step()
    connection.sync.say(Event(result=fake_app.result()))
    qtbot.waitUntil(lambda: not window.notice.isVisible())


def test_keys_open_the_pinned_objects(qtbot: QtBot, make_application: Make) -> None:
    window = opened(qtbot, make_application, FakeConnection()).window
    qtbot.waitUntil(lambda: len(window.sidebar.pins) > 1)
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_7, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.stack.currentWidget().objectName() == f"objectPage_{window.sidebar.pins[1]}")


def test_without_a_mirror_there_are_no_places_to_go(qtbot: QtBot, make_application: Make) -> None:
    connection = FakeConnection()
    app = FakeApp(connection)
    app.faults[connection.info.uuid] = OrgMirrorError(ErrorCode.KEYRING_UNAVAILABLE)
    application = make_application(app)
    window = application.window
    qtbot.waitUntil(lambda: label(window, "openingStateTitle") != "Opening the mirror…")
    assert not nav(window, "home").isEnabled()
    app.faults.clear()
    application.sessions.look_for_keyring(connection.info)  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: window.session is not None)
    assert nav(window, "home").isEnabled()


def test_the_demo_org_says_that_it_makes_its_data_once(qtbot: QtBot, make_application: Make) -> None:
    window = opened(qtbot, make_application, FakeConnection()).window
    window.show_opening(demo=True, first=True)
    first = label(window, "openingStateTitle")
    window.show_opening(demo=True, first=False)
    assert label(window, "openingStateTitle") != first


def test_a_crash_of_last_time_is_noted_quietly(qtbot: QtBot, make_application: Make) -> None:
    application = opened(qtbot, make_application, FakeConnection())
    application.note_last_crash("Fatal Python error: Segmentation fault")
    qtbot.waitUntil(application.window.toasts.isVisible)
    assert application.window.findChild(CrashDialog) is None


def test_a_note_does_not_stay_for_good_because_the_keyboard_came_to_it(qtbot: QtBot, make_application: Make) -> None:
    window = opened(qtbot, make_application, FakeConnection()).window
    window.toasts.show_note("Signed in again")
    window.activateWindow()
    close = window.toasts._close
    close.setFocus()
    qtbot.waitUntil(close.hasFocus)
    for _ in range(8):
        window.toasts._on_time()
    assert not window.toasts.isVisible()


def test_what_an_act_changed_is_told_to_every_view(qtbot: QtBot, make_application: Make) -> None:
    application = opened(qtbot, make_application, FakeConnection())
    window = application.window
    assert window.session is not None
    changes = Changes({"Lead": frozenset({"00Q000000000001AAA"})})
    with qtbot.waitSignal(window.session.data_changed) as told:
        MutateOp(window, application.operations, lambda _token: changes).run()
    assert told.args == [changes]
