"""The Changes page: filters, what is followed first or alone, and looking at it is noted."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from pytestqt.qtbot import QtBot

from core.api.push import ConflictKind, ConflictView
from core.mirror.changes import Change
from core.mirror.following import Followed
from core.mirror.views import ColumnInfo
from core.model.changes import Changes
from core.model.refs import RecordRef
from gui.dialogs.decided_dialog import DecidedDialog
from gui.pages.changes_page import ChangesPage
from gui.workers.session import Session
from tests.helpers.fake_app import FakeConnection
from tests.helpers.fake_lookback import NOW

MakeSession = Callable[[FakeConnection], Session]


def change(number: int, *, followed: bool = False, side: str = "salesforce") -> Change:
    at = f"2026-03-0{number}T10:00:00.000Z"
    return Change(number, at, "Lead", f"00Q00000000000{number}AAA", "Company", "A", "B", None, side, followed)


def page_of(qtbot: QtBot, make_session: MakeSession, connection: FakeConnection) -> ChangesPage:
    page = ChangesPage()
    qtbot.addWidget(page)
    page.set_session(make_session(connection))
    return page


def titles(page: ChangesPage) -> list[str]:
    return [entry.title for entry in page._list._list.entries.entries]


def test_what_is_followed_can_stand_first_or_alone(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection()
    connection.sync.stored_changes = [change(3), change(2, followed=True), change(1, side="local")]
    connection.sync.stored_followed = [Followed(1, "Lead", "Ada", NOW, "00Q000000000002AAA", new=4)]
    page = page_of(qtbot, make_session, connection)
    counts: list[int] = []
    page.count_changed.connect(counts.append)
    qtbot.waitUntil(lambda: len(titles(page)) == 3)
    qtbot.waitUntil(lambda: bool(counts))
    assert counts[-1] == 4
    assert ("seen", None) not in connection.sync.asked
    page._order.choose("first")
    page._read()
    qtbot.waitUntil(lambda: titles(page)[0] == "Name of 00Q000000000002AAA")
    assert page._list._list.entries.entries[2].aside.startswith("from here")
    page.show()
    page._order.choose("followed")
    page.on_shown()
    qtbot.waitUntil(lambda: ("seen", None) in connection.sync.asked)
    asked = [call[1] for call in connection.sync.asked if call[0] == "changes"]
    assert asked[-1]["followed"] is True
    qtbot.waitUntil(lambda: counts[-1] == 0)


def test_filters_are_asked_of_the_log_and_can_be_cleared(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection()
    page = page_of(qtbot, make_session, connection)
    qtbot.waitUntil(lambda: page._object.count() > 2)
    page._object.choose("Task")
    page._side.choose("local")
    page._read()
    wanted = {"objects": ("Task",), "side": "local", "since": None, "until": None, "followed": False}
    qtbot.waitUntil(lambda: ("changes", wanted) in connection.sync.asked)
    qtbot.waitUntil(lambda: page._list._panel.accessibleName() == "No such changes")
    page._list.clear_wished.emit()
    qtbot.waitUntil(lambda: page._list._panel.accessibleName() == "No changes yet")


def test_values_are_shown_as_in_a_list(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection()
    at = "2026-03-01T10:00:00.000Z"
    columns = [
        ColumnInfo("IsClosed", "Closed", "boolean", True, 8, True, False),
        ColumnInfo("OwnerId", "Owner", "reference", True, 8, True, False),
        ColumnInfo("LastSeen__c", "Last seen", "datetime", True, 8, True, False),
    ]
    connection.browse.fake.all_columns = columns
    connection.browse.fake.summaries = [SimpleNamespace(name="Lead", label="Lead", label_plural="Leads")]
    connection.sync.stored_changes = [
        Change(3, at, "Lead", "00Q000000000003AAA", "IsClosed", 0, 1, None, "salesforce"),
        Change(2, at, "Lead", "00Q000000000003AAA", "OwnerId", None, "005000000000001AAA", None, "salesforce"),
        Change(
            1, at, "Lead", "00Q000000000003AAA", "LastSeen__c", None, "2026-02-03T04:05:06.000Z", None, "salesforce"
        ),
    ]
    page = page_of(qtbot, make_session, connection)
    qtbot.waitUntil(lambda: len(titles(page)) == 3)
    assert [entry.text for entry in page._list._list.entries.entries] == [
        "Closed: no → yes",
        "Owner: – → Name of 005000000000001AAA",
        "Last seen: – → 2026-02-03 04:05",
    ]


def test_it_lets_go_of_a_session_while_something_is_followed(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection()
    connection.sync.stored_followed = [Followed(1, "Lead", "Ada", NOW, "00Q000000000002AAA", new=4)]
    page = page_of(qtbot, make_session, connection)
    qtbot.waitUntil(lambda: page._follows.isEnabled())
    page.set_session(None)
    assert not page._follows.isEnabled()


def test_a_followed_thing_can_be_let_go(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection()
    page = page_of(qtbot, make_session, connection)
    page._unfollow(7)
    qtbot.waitUntil(lambda: ("unfollow", 7) in connection.sync.asked)


class _Decided:
    """A push with one conflict that was decided."""

    def __init__(self) -> None:
        self.brought: list[int] = []
        self.soon = 0

    def decided(self, _limit: int = 200) -> tuple[ConflictView, ...]:
        return (
            ConflictView(
                7, "Lead", "00Q000000000001AAA", "Company", "Company", "A", "mine", "theirs", "Bob", None,
                ConflictKind.FIELD, (), winner="theirs",
            ),
        )  # fmt: skip

    def bring_back(self, conflict_id: int) -> tuple[RecordRef, Changes]:
        self.brought.append(conflict_id)
        return RecordRef("Lead", "00Q000000000001AAA"), Changes(outbox=True)

    def push_soon(self) -> None:
        self.soon += 1


def test_the_value_that_lost_a_conflict_is_brought_back(qtbot: QtBot, make_session: MakeSession) -> None:
    connection = FakeConnection()
    push = connection.push = _Decided()  # type: ignore[attr-defined]
    page = page_of(qtbot, make_session, connection)
    page.show()
    page._decided.click()
    dialog = page.window().findChild(DecidedDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.lines.rowCount() == 1)
    line = dialog.table.current_line()
    assert line is not None
    assert (line.kept, line.lost) == ("theirs", "mine")
    dialog.act_button.click()
    qtbot.waitUntil(lambda: push.brought == [7] and push.soon == 1)
    dialog.close()
