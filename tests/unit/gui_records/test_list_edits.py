"""Writing in a list: a cell in place, what is marked, and who is meant by a selection."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from core.api.records import FaultCode, FieldFault, ReadOnly
from core.model.changes import Changes
from core.model.refs import RecordRef
from gui.models.edit_desk import EditDesk
from gui.pages.object_page import ObjectPage
from tests.helpers.fake_browse import FakeBrowse, FakeSession, MemoryStore, record_id
from tests.helpers.fake_edits import FakeRecords, form, form_field
from tests.unit.gui_records.test_pending_page import waiting

pytestmark = pytest.mark.gui


@pytest.fixture
def page(qtbot: QtBot, desk: EditDesk, records: FakeRecords) -> ObjectPage:
    browse = FakeBrowse(FakeSession(range(1, 51)))
    browse.fake.zone = ZoneInfo("UTC")  # type: ignore[attr-defined]
    for number in range(1, 51):
        records.forms[RecordRef("Contact", record_id(number))] = form(
            form_field("Name", "x", editable=False, reason=ReadOnly.BUILT_FROM_PARTS),
            form_field("Email", f"mail{number}@a.example", type="email"),
            form_field("Company", "Acme"),
            number=number,
        )
    made = ObjectPage(browse, None, MemoryStore(), "Contact", desk=desk)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.resize(1000, 500)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    qtbot.waitUntil(lambda: made.model.ref(0) is not None)
    made.table.setFocus()
    return made


def cell(page: ObjectPage) -> QLineEdit:
    found = page.table.viewport().findChild(QLineEdit, "editLine")
    assert isinstance(found, QLineEdit)
    return found


def opened(qtbot: QtBot, page: ObjectPage, row: int, column: int) -> QLineEdit:
    page.table.setCurrentIndex(page.model.index(row, column))
    qtbot.keyClick(page.table, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: page.edits._open is not None)
    return cell(page)


def test_a_cell_commits_on_enter(qtbot: QtBot, page: ObjectPage, records: FakeRecords) -> None:
    line = opened(qtbot, page, 2, 1)
    assert line.text() == "mail3@a.example"
    qtbot.keyClicks(line, "new@a.example")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(records.called("edit")))
    assert records.called("edit") == [(RecordRef("Contact", record_id(3)), {"Email": "new@a.example"})]
    qtbot.waitUntil(lambda: page.edits._open is None)


def test_a_cell_commits_on_leaving(qtbot: QtBot, page: ObjectPage, records: FakeRecords) -> None:
    line = opened(qtbot, page, 0, 2)
    qtbot.keyClicks(line, "Globex")
    page.bar.filter.setFocus()
    qtbot.waitUntil(lambda: records.called("edit") == [(RecordRef("Contact", record_id(1)), {"Company": "Globex"})])


def test_escape_restores_a_cell(qtbot: QtBot, page: ObjectPage, records: FakeRecords) -> None:
    line = opened(qtbot, page, 0, 2)
    qtbot.keyClicks(line, "Globex")
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert page.edits._open is None
    assert not records.called("edit")


def test_tab_goes_on_to_the_next_cell_that_can_be_written(qtbot: QtBot, page: ObjectPage) -> None:
    line = opened(qtbot, page, 0, 1)
    qtbot.keyClick(line, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: page.edits._open is not None and page.edits._open.editor.field.name == "Company")


def test_a_fault_stays_at_the_cell(qtbot: QtBot, page: ObjectPage, records: FakeRecords) -> None:
    records.faults = (FieldFault("Email", FaultCode.NOT_AN_EMAIL, "E-mail"),)
    line = opened(qtbot, page, 0, 1)
    qtbot.keyClicks(line, "nobody")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.edits._open is not None and not page.edits._open._fault.isHidden())
    assert not records.called("edit")
    assert line.text() == "nobody"


def test_a_read_only_cell_says_why(qtbot: QtBot, page: ObjectPage, desk: EditDesk) -> None:
    notices: list[Any] = []
    desk.noted.connect(notices.append)
    page.table.setCurrentIndex(page.model.index(0, 0))
    qtbot.keyClick(page.table, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: bool(notices))
    assert "parts of the name" in notices[0].text
    assert page.edits._open is None


def test_edited_cells_are_marked(qtbot: QtBot, page: ObjectPage, records: FakeRecords) -> None:
    records.pendings = [waiting(1, id=record_id(4), object="Contact"), waiting(2, id=record_id(4), field="Company")]
    page.apply_changes(Changes(outbox=True))
    qtbot.waitUntil(lambda: page.table._marks == {record_id(4): frozenset({"Email", "Company"})})


def test_a_selection_is_named_by_its_ids(qtbot: QtBot, page: ObjectPage) -> None:
    found: list[Any] = []
    page.table.selectAll()
    page.edits.selected(found.append)
    qtbot.waitUntil(lambda: bool(found))
    assert len(found[0]) == 50
    assert found[0][0] == RecordRef("Contact", record_id(1))


def test_what_a_person_did_is_no_news(qtbot: QtBot, page: ObjectPage, desk: EditDesk, records: FakeRecords) -> None:
    ref = RecordRef("Contact", record_id(30))
    act = records.edit(ref, {"Email": "x@a.example"})
    desk.announce(act, quiet=True)
    session = page.list._browse.fake  # type: ignore[attr-defined]
    session.rows = type(session.rows)("q", [30, *(n for n in range(1, 51) if n != 30)])
    asked = len(session.calls("open_list"))
    page.apply_changes(act.changes)
    qtbot.waitUntil(lambda: len(session.calls("open_list")) > asked)
    qtbot.waitUntil(lambda: not page.list._answers.is_waiting("list"))
    assert page.news_bar.isHidden()
    assert page.model.ref(0) == RecordRef("Contact", record_id(1))
    page.apply_changes(Changes({"Contact": frozenset({record_id(7)})}))
    qtbot.waitUntil(lambda: not page.news_bar.isHidden())
