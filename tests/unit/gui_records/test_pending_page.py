"""The Pending page: what waits, with before and after, and the ways to take it back or send it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from core.api.records import PendingView
from gui.models.pending_lines import PENDING_COLUMNS
from gui.operations import Operations
from gui.pages.pending_page import PendingPage
from gui.workers.session import Session
from tests.helpers.fake_app import FakeConnection
from tests.helpers.fake_edits import NOW, FakePush, FakeRecords

pytestmark = pytest.mark.gui


def waiting(seq: int, **more: Any) -> PendingView:
    values: dict[str, Any] = {
        "object": "Lead",
        "id": f"00Q{seq:012d}AAA",
        "title": f"Lead {seq}",
        "op": "update",
        "field": "Email",
        "label": "E-mail",
        "base": "old@a.example",
        "mine": "new@a.example",
        "server": "old@a.example",
        "base_text": "old@a.example",
        "mine_text": "new@a.example",
        "server_text": "old@a.example",
        "since": NOW,
        "state": "pending",
    }
    return PendingView(seq=seq, **(values | more))


@pytest.fixture
def session(qtbot: QtBot, operations: Operations, records: FakeRecords, push: FakePush) -> Iterator[Session]:
    connection = FakeConnection()
    connection.records, connection.push = records, push  # type: ignore[attr-defined]
    made = Session(connection, operations)  # type: ignore[arg-type]
    yield made
    with qtbot.waitSignal(made.stopped):
        made.stop()


@pytest.fixture
def page(qtbot: QtBot, session: Session, records: FakeRecords) -> PendingPage:
    records.pendings = [waiting(1), waiting(2, state="needs-user", error_code="X", error_text="Not allowed")]
    made = PendingPage()
    qtbot.addWidget(made)
    made.resize(1000, 500)
    made.show()
    made.set_session(session)
    qtbot.waitUntil(lambda: len(made.lines.lines) == 2)
    return made


def test_each_change_is_told_with_before_and_after(page: PendingPage) -> None:
    texts = {column.key: column.text(page.lines.lines[0]) for column in PENDING_COLUMNS}
    assert texts["record"] == "Lead 1"
    assert (texts["field"], texts["before"], texts["after"]) == ("E-mail", "old@a.example", "new@a.example")
    assert not page.decide.isHidden()
    page.table.choose(2)
    assert "Not allowed" in page._note.text()


def test_one_or_all_are_taken_back(qtbot: QtBot, page: PendingPage, records: FakeRecords) -> None:
    page.table.choose(2)
    page.undo.click()
    qtbot.waitUntil(lambda: records.called("undo") == [((2,),)])
    page.undo_all.click()
    qtbot.waitUntil(lambda: records.called("undo")[-1] == (None,))


def test_push_now_sends_and_says_how_many(qtbot: QtBot, page: PendingPage, push: FakePush) -> None:
    told: list[str] = []
    page.told.connect(told.append)
    page.push.click()
    qtbot.waitUntil(lambda: told == ["1 sent"])
    assert push.pushed == 1


def test_an_empty_page_says_so(qtbot: QtBot, page: PendingPage, records: FakeRecords) -> None:
    records.pendings = []
    page.on_shown()
    qtbot.waitUntil(lambda: not page.lines.lines)
    assert page.push.isHidden()
    assert not page._panel.isHidden()


def test_a_new_record_is_one_line(qtbot: QtBot, page: PendingPage, records: FakeRecords) -> None:
    counts: list[int] = []
    page.count_changed.connect(counts.append)
    records.pendings = [
        waiting(1, id="new-1", op="create", field=None, label=""),
        waiting(2, id="new-1", field="LastName", mine_text="Berg"),
        waiting(3, id="new-1", field="Company", mine_text="Acme"),
        waiting(4),
    ]
    page.on_shown()
    qtbot.waitUntil(lambda: [line.seq for line in page.lines.lines] == [1, 4])
    texts = {column.key: column.text(page.lines.lines[0]) for column in PENDING_COLUMNS}
    assert (texts["field"], texts["after"]) == ("New record", "Berg, Acme")
    assert counts[-1] == 2
