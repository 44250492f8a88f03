"""*Needs you*: rows by kind, folded where alike, filtered, decided by keys and in bulk, exported; one number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from core.model.errors import ErrorCode
from core.model.states import ConnectionState, ProblemKind
from gui.decisions.aside_decision import AsideDecision
from gui.operations import Operations
from gui.pages.needs_you_page import NeedsYouPage
from gui.widgets.label import Label
from gui.workers.session import Session
from tests.helpers import fake_app
from tests.helpers.fake_app import FakeConnection
from tests.helpers.fake_lookback import problem
from tests.helpers.fake_scope import question

MakeSession = Callable[[FakeConnection], Session]
FAILED = {
    "kind": ProblemKind.GONE,
    "salesforce_code": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "salesforce_text": "Close date <b>must</b> be later",
    "attempts": 3,
}


def failed(number: int, **more: object) -> object:
    values = {"record_id": f"00Q00000000000{number}AAA", "params": {"object": "Lead"}, **FAILED, **more}
    return problem(number, ErrorCode.QUERY_REFUSED, **values)


def page_of(qtbot: QtBot, make_session: MakeSession, connection: FakeConnection, count: int) -> NeedsYouPage:
    session = make_session(connection)
    page = NeedsYouPage()
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.set_session(session)
    page.show()
    page.on_shown()
    qtbot.waitUntil(lambda: len(page.needs) == count)
    return page


def texts(page: NeedsYouPage, column: int = 0) -> list[str]:
    model = page.table.lines
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def press(page: NeedsYouPage, name: str) -> None:
    button = page.findChild(QAbstractButton, name)
    assert button is not None
    assert button.isVisible()
    button.click()


def test_alike_problems_are_one_row_that_opens(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection()
    connection.sync.stored_problems = [failed(1), failed(2), failed(3), problem(4)]
    page = page_of(qtbot, make_session, connection, 4)
    assert len(texts(page)) == 2
    assert texts(page)[0].startswith("3 times: ")
    assert page.session is not None
    assert page.session.needs == 4
    page.table.chosen.emit(page.table.lines.lines[0])
    assert len(texts(page)) == 4
    assert texts(page, 1)[0] == "Name of 00Q000000000001AAA"


def test_salesforces_own_words_are_shown_as_text(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection()
    connection.sync.stored_problems = [failed(1)]
    page = page_of(qtbot, make_session, connection, 1)
    label = page.findChild(Label, "problemSaid")
    assert label is not None
    assert label.text() == "FIELD_CUSTOM_VALIDATION_EXCEPTION\nClose date <b>must</b> be later"
    assert label.textFormat() is Qt.TextFormat.PlainText


def test_keys_decide_for_all_that_are_selected(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection()
    connection.sync.stored_problems = [failed(1), failed(2), problem(3)]
    page = page_of(qtbot, make_session, connection, 3)
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_I)
    qtbot.waitUntil(lambda: ("ignore", (1, 2)) in connection.sync.asked)
    qtbot.waitUntil(lambda: len(page.needs) == 1)
    current = page.table.current_line()
    assert current is not None
    assert current.first.what.problem_id == 3
    qtbot.keyClick(page.table, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: ("retry", (3,)) in connection.sync.asked)
    qtbot.waitUntil(lambda: page.needs == [])


def test_a_guard_question_is_answered_in_place(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection()
    params = {"object": "Lead", "going": 812, "rows": 1000}
    connection.sync.stored_problems = [
        problem(1, ErrorCode.TOO_MANY_GONE, kind=ProblemKind.GUARD, params=params),
    ]
    page = page_of(qtbot, make_session, connection, 1)
    take = page.findChild(QAbstractButton, "guardTake")
    assert take is not None
    assert "812" in take.text()
    take.click()
    qtbot.waitUntil(lambda: ("reconcile", ("Lead",), True) in connection.sync.asked)
    qtbot.waitUntil(lambda: page.needs == [])


def test_deleted_records_are_asked_about(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection()
    connection.sync.stored_problems = [
        problem(1, ErrorCode.DELETED_ASKS, kind=ProblemKind.DELETED, params={"object": "Lead", "count": 7}),
    ]
    page = page_of(qtbot, make_session, connection, 1)
    press(page, "deletedKeep")
    qtbot.waitUntil(lambda: ("deleted", "Lead", False) in connection.sync.asked)


def test_values_kept_aside_are_saved_or_forgotten(qtbot: QtBot, make_session: MakeSession, tmp_path: Path) -> None:
    connection = FakeConnection()
    params = {"object": "Lead", "field": "Score__c", "count": 12}
    connection.sync.stored_problems = [problem(1, ErrorCode.VALUES_KEPT_ASIDE, field="Score__c", params=params)]
    page = page_of(qtbot, make_session, connection, 1)
    decision = page._decisions["aside"]
    assert isinstance(decision, AsideDecision)
    with qtbot.waitSignal(page.told) as told:
        decision.save_to(tmp_path / "kept.csv")
    assert told.args == ["12 rows exported to kept.csv"]
    press(page, "asideForget")
    qtbot.waitUntil(lambda: connection.scope.forgotten == [("Lead", "Score__c")])


def test_a_schema_question_is_one_row_with_its_problem(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection()
    connection.scope.questions = [question(5)]
    connection.sync.stored_problems = [
        problem(1, ErrorCode.SCHEMA_QUESTION, kind=ProblemKind.SCHEMA, field="Region__c", params={"object": "Lead"}),
    ]
    page = page_of(qtbot, make_session, connection, 1)
    assert "Region" in texts(page)[0]
    press(page, "schemaYes")
    qtbot.waitUntil(lambda: connection.scope.answers == [(5, "yes")])


def test_a_sign_in_is_one_row_however_often_it_is_told(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection(status=fake_app.in_step(state=ConnectionState.SIGN_IN_NEEDED))
    connection.sync.stored_problems = [problem(1, ErrorCode.SIGN_IN_NEEDED, object=None, kind=ProblemKind.SIGN_IN)]
    session = make_session(connection)
    session._asked = False
    page = NeedsYouPage()
    qtbot.addWidget(page)
    page.set_session(session)
    qtbot.waitUntil(lambda: len(page.needs) == 1)
    page.on_shown()
    qtbot.waitUntil(lambda: [need.kind for need in page.needs] == ["barrier"])
    with qtbot.waitSignal(page.sign_in_wished):
        button = page.findChild(QAbstractButton, "barrierSignIn")
        assert button is not None
        button.click()


def test_filters_leave_the_number_alone(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection()
    connection.sync.stored_problems = [failed(1), problem(2, object="Task")]
    page = page_of(qtbot, make_session, connection, 2)
    page._group.choose("gone")
    page._show()
    assert len(texts(page)) == 1
    assert page.session is not None
    assert page.session.needs == 2
    page._group.choose("gone")
    connection.sync.stored_problems = [problem(2, object="Task")]
    page._read()
    qtbot.waitUntil(lambda: len(page.needs) == 1)
    assert len(texts(page)) == 1, "a filter whose kind is gone lets everything through"


def test_the_file_has_a_line_for_each(
    qtbot: QtBot, make_session: MakeSession, operations: Operations, tmp_path: Path
) -> None:
    connection = FakeConnection()
    connection.sync.stored_problems = [failed(1, last_at=datetime(2026, 3, 4, tzinfo=UTC)), failed(2)]
    page = page_of(qtbot, make_session, connection, 2)
    page._fold.setChecked(False)
    file = tmp_path / "needs.csv"
    with qtbot.waitSignal(page.told):
        page._exporter.write(operations, file)
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 3
    assert "Salesforce's text" in lines[0]
    assert "Close date <b>must</b> be later" in lines[1]


def test_copy_has_the_codes(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection()
    connection.sync.stored_problems = [failed(1)]
    page = page_of(qtbot, make_session, connection, 1)
    press(page, "needsYouCopy")
    text = QGuiApplication.clipboard().text()
    assert "FIELD_CUSTOM_VALIDATION_EXCEPTION" in text
    assert "00Q000000000001AAA" in text
