"""The Sync page: objects with backlog and levers, the chart, history by filters, the schema log, the budget."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QMenu
from pytestqt.qtbot import QtBot

from core.mirror.schema_log import SchemaLine
from core.mirror.throughput import HourLine
from core.model.states import Operation
from core.settings import API_SHARE_PERCENT
from gui.models.backlog_points import points
from gui.models.call_lines import call_lines
from gui.models.history_lines import HISTORY_COLUMNS, HistoryLine, operation
from gui.models.line_model import LineModel
from gui.models.schema_lines import sentence
from gui.models.sync_lines import last_runs, run_words
from gui.operations import Operations
from gui.pages.sync_page import SyncPage
from gui.widgets.backlog_chart import BacklogChart
from gui.widgets.line_table import LineTable
from gui.workers.session import Session
from tests.helpers import fake_app
from tests.helpers.fake_app import FakeConnection
from tests.helpers.fake_lookback import NOW, backlog, step
from tests.helpers.fake_scope import question

MakeSession = Callable[[FakeConnection], Session]


def page_of(qtbot: QtBot, make_session: MakeSession, connection: FakeConnection) -> SyncPage:
    page = SyncPage()
    qtbot.addWidget(page)
    page.resize(960, 700)
    page.set_session(make_session(connection))
    page.show()
    page.on_shown()
    return page


def cell(model: LineModel[object], row: int, key: str) -> str:
    at = next(at for at, column in enumerate(model.columns) if column.key == key)
    return str(model.index(row, at).data())


def press(page: SyncPage, name: str) -> None:
    button = page.findChild(QAbstractButton, name)
    assert button is not None
    assert button.isEnabled(), name
    button.click()


def test_an_object_says_what_its_run_did_and_what_waits(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection()
    connection.sync.stored_history = [
        step("Lead", new=2),
        step("Lead", "pull-deletes", updated=0, deleted=1),
        step("Lead", started=NOW - timedelta(minutes=9), new=70),
    ]
    connection.sync.stored_backlog = [backlog("Lead", 3000, 1500.0, growing=True), backlog("Task")]
    page = page_of(qtbot, make_session, connection)
    model = page.objects.table.lines
    qtbot.waitUntil(lambda: cell(model, 0, "run") == "2 new, 3 updated, 1 deleted")
    assert cell(model, 0, "state") == "Growing"
    assert cell(model, 0, "waiting") == "3,000"
    assert cell(model, 0, "to-go") == "about 2 h 0 min"
    assert cell(model, 1, "waiting") == ""


def test_a_run_that_did_nothing_says_so() -> None:
    assert run_words(last_runs([step("Lead", updated=0)])["Lead"]) == "No change"


def test_one_object_is_synced_and_paused_by_direction(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection(status=fake_app.in_step(objects=(fake_app.object_status("Lead", direction="two-way"),)))
    page = page_of(qtbot, make_session, connection)
    page.objects.table.choose("Lead")
    page.session._asked = False  # type: ignore[union-attr]
    page.objects.refresh()
    line = page.objects.table.current_line()
    assert line is not None
    menu = QMenu(page)
    page.objects._fill_hold(menu, line)
    labels = [action.text() for action in menu.actions()]
    assert labels == ["Pause this object", "Pause receiving only", "Pause sending only"]
    menu.actions()[2].trigger()
    qtbot.waitUntil(lambda: ("pause", "Lead", True, "push") in connection.sync.asked)
    with qtbot.waitSignal(page.scope_wished) as caught:
        press(page, "syncObjectSettings")
    assert caught.args == ["Lead"]
    press(page, "syncObjectNow")
    assert page.session is not None
    assert page.session.is_busy


def test_the_chart_follows_the_object_under_the_keyboard(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection()
    connection.sync.stored_hours = [HourLine(NOW - timedelta(hours=1), 120, 7)]
    page = page_of(qtbot, make_session, connection)
    qtbot.waitUntil(lambda: ("throughput", None) in connection.sync.asked)
    page.objects.table.choose("Contact")
    qtbot.waitUntil(lambda: ("throughput", "Contact") in connection.sync.asked)
    qtbot.waitUntil(lambda: sum(point.done for point in page.objects.chart.points) == 120)


def test_five_days_are_thirty_points_of_four_hours() -> None:
    now = datetime(2026, 3, 6, 10, 30, tzinfo=UTC)
    hours = [
        HourLine(datetime(2026, 3, 6, 8, tzinfo=UTC), 5, 40),
        HourLine(datetime(2026, 3, 6, 9, tzinfo=UTC), 6, 30),
        HourLine(datetime(2026, 3, 1, 12, tzinfo=UTC), 7, None),
        HourLine(datetime(2026, 3, 1, 4, tzinfo=UTC), 99, 99),
    ]
    made = points(hours, now)
    assert len(made) == 30
    assert made[-1].start == datetime(2026, 3, 6, 8, tzinfo=UTC)
    assert (made[-1].done, made[-1].backlog) == (11, 30)
    assert (made[0].start, made[0].done, made[0].backlog) == (datetime(2026, 3, 1, 12, tzinfo=UTC), 7, None)


@pytest.mark.parametrize("size", [(300, 96), (900, 200)])
def test_the_chart_can_be_read_without_seeing_it(qtbot: QtBot, size: tuple[int, int]) -> None:
    chart = BacklogChart(name="chart")
    qtbot.addWidget(chart)
    chart.resize(*size)
    assert "Nothing was counted" in chart.accessibleDescription()
    hours = [HourLine(NOW - timedelta(hours=30), 1200, 50), HourLine(NOW, 40, 9)]
    chart.show_points(points(hours, NOW))
    assert "1,240 records" in chart.accessibleDescription()
    assert "at most 50 waited, now 9" in chart.accessibleDescription()
    chart.show()
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_End)
    assert "40 records done, 9 waiting" in chart.accessibleDescription()
    qtbot.keyClick(chart, Qt.Key.Key_Home)
    assert "0 records done" in chart.accessibleDescription()
    assert not chart.grab().isNull()


def test_the_history_is_filtered_and_exported(
    qtbot: QtBot, make_session: MakeSession, operations: Operations, tmp_path: Path
) -> None:
    connection = FakeConnection()
    connection.sync.stored_history = [
        step(None, "cycle", api_calls=9),
        step("Lead", status="problems", failed=2),
        step("Contact", "pull-deletes", updated=0, deleted=4),
    ]
    page = page_of(qtbot, make_session, connection)
    page.show_tab(page.history)
    model = page.history.table.lines
    qtbot.waitUntil(lambda: model.rowCount() == 3)
    assert cell(model, 0, "object") == "All objects"
    assert cell(model, 1, "status") == "Done, with problems"
    page.history.show_object("Contact")
    qtbot.waitUntil(lambda: model.rowCount() == 1)
    assert cell(model, 0, "deleted") == "4"
    assert connection.sync.asked[-1] == ("history", ("Contact",), None, None)
    page.history._object.choose("Task")
    page.history._read_if_seen()
    qtbot.waitUntil(lambda: model.rowCount() == 0)
    panel = page.history._panel
    assert panel.accessibleName() == "Nothing like that was done"
    page.history._on_action(panel._action())  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: model.rowCount() == 3)
    file = tmp_path / "history.csv"
    with qtbot.waitSignal(page.told):
        page.history._exporter.write(operations, file)
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].split(",") == [
        "Started", "Ended", "Object", "Operation", "Status", "New", "Updated", "Deleted", "Failed", "Skipped",
        "API calls", "Seconds",
    ]  # fmt: skip
    assert lines[3].endswith("Contact,Pull deletes,Done,0,0,4,0,0,2,1.25")


@pytest.mark.parametrize("value", list(Operation))
def test_every_operation_has_a_name(value: Operation) -> None:
    assert operation(value.value) != value.value


def test_a_column_never_gives_up_its_own_width(qtbot: QtBot) -> None:
    table: LineTable[HistoryLine] = LineTable(LineModel(HISTORY_COLUMNS, lambda line: line.number), name="narrow")
    qtbot.addWidget(table)
    at = next(at for at, column in enumerate(HISTORY_COLUMNS) if column.stretch)
    table.resize(400, 300)
    table.show()
    assert table.columnWidth(at) >= HISTORY_COLUMNS[at].width
    narrow = table.columnWidth(at)
    table.resize(1600, 300)
    assert table.columnWidth(at) > narrow
    assert table.horizontalScrollBar().maximum() == 0


def test_the_schema_log_is_readable(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection()
    connection.sync.stored_schema = [
        SchemaLine("Lead", "Region__c", "added", None, "string", "2026-03-01T10:00:00.000Z"),
        SchemaLine("Lead", "Company", "length", "40", "80", "2026-03-01T09:00:00.000Z"),
    ]
    connection.scope.questions = [question()]
    page = page_of(qtbot, make_session, connection)
    page.show_tab(page.schema)
    model = page.schema.table.lines
    qtbot.waitUntil(lambda: model.rowCount() == 2)
    assert cell(model, 1, "what") == "Length changed from 40 to 80"
    with qtbot.waitSignal(page.place_wished) as caught:
        press(page, "schemaAsks")
    assert caught.args == ["needs-you"]


@pytest.mark.parametrize("what", ["added", "removed", "returned", "type", "label", "length", "picklist", "renamed"])
def test_every_change_of_the_schema_has_a_sentence(what: str) -> None:
    said = sentence(SchemaLine("Lead", "Region__c", what, "old {new}", "new"))
    assert said
    assert not said.startswith(what)


def test_the_budget_tells_used_and_left_and_takes_a_share(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection()
    connection.sync.stored_history = [step(None, "cycle", api_calls=20), step("Lead", api_calls=15)]
    page = page_of(qtbot, make_session, connection)
    page.show_tab(page.budget)
    qtbot.waitUntil(lambda: page.budget._own.text() == "This program: 600 of 3,000 calls in 24 hours")
    assert page.budget._left.value() == "2,400"
    assert [line.calls for line in page.budget.table.lines.lines] == [15, 5]
    page.budget._share.setValue(35)
    qtbot.waitUntil(lambda: connection.settings.get(API_SHARE_PERCENT.key) == 35)


def test_calls_of_a_whole_run_are_not_counted_twice() -> None:
    lines = call_lines([step(None, "cycle", api_calls=10), step("Lead", api_calls=6), step("Task", api_calls=4)])
    assert [(line.operation, line.runs, line.calls) for line in lines] == [("pull-updates", 2, 10)]
