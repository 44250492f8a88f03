"""Search as you type: the newest text only, by keys alone, and never in the way of typing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef
from gui.models.search_model import SearchModel
from gui.widgets import global_search
from gui.widgets.global_search import GlobalSearch
from tests.helpers.fake_browse import FakeBrowse, record_id
from tests.helpers.fake_records import hit

pytestmark = pytest.mark.gui

HITS = [
    hit("Ada Lovelace", "Contact", 1, subtitle="ACME"),
    hit("Ada <b>Bold</b> & Co", "Account", 2),
    hit("Adam", "Contact", 3),
]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(global_search, "DEBOUNCE_MS", 1)


@pytest.fixture
def browse() -> FakeBrowse:
    made = FakeBrowse()
    made.fake.hits = list(HITS)
    return made


@pytest.fixture
def search(qtbot: QtBot, browse: FakeBrowse) -> Iterator[GlobalSearch]:
    window = QWidget()
    window.resize(900, 600)
    column = QVBoxLayout(window)
    made = GlobalSearch(browse, window)  # type: ignore[arg-type]
    column.addWidget(made)
    column.addWidget(QLineEdit(window))
    column.addStretch(1)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    made.begin()
    qtbot.waitUntil(made.field.hasFocus)
    yield made
    window.close()


def titles(search: GlobalSearch) -> list[str]:
    model = search._model
    return [str(model.data(model.index(row, 0))) for row in range(model.rowCount())]


def typed(qtbot: QtBot, search: GlobalSearch, text: str) -> None:
    QTest.keyClicks(search.field, text)
    qtbot.waitUntil(lambda: search._answered == search.field.text().strip())


def test_hits_are_grouped_by_object(qtbot: QtBot, search: GlobalSearch) -> None:
    typed(qtbot, search, "ada")
    assert search.is_open()
    assert titles(search) == ["Contacts", "Ada Lovelace, ACME", "Adam", "Accounts", "Ada <b>Bold</b> & Co"]
    assert search.popup is not None
    assert search.popup.current_row() == 1


def test_the_field_keeps_the_focus_and_the_text(qtbot: QtBot, search: GlobalSearch) -> None:
    for letter in "ada":
        QTest.keyClicks(search.field, letter)
        QApplication.processEvents()
        assert search.field.hasFocus()
    qtbot.waitUntil(search.is_open)
    assert search.field.hasFocus()
    assert search.field.text() == "ada"
    assert search.popup is not None
    assert search.popup.focusPolicy() == Qt.FocusPolicy.NoFocus
    assert not search.popup.isWindow()


def test_the_keyboard_walks_over_the_heads_and_chooses(qtbot: QtBot, search: GlobalSearch) -> None:
    typed(qtbot, search, "ada")
    assert search.popup is not None
    for _ in range(2):
        QTest.keyClick(search.field, Qt.Key.Key_Down)
    assert search.popup.current_row() == 4  # past the head "Accounts"
    QTest.keyClick(search.field, Qt.Key.Key_Down)
    assert search.popup.current_row() == 4
    QTest.keyClick(search.field, Qt.Key.Key_Up)
    assert search.popup.current_row() == 2
    with qtbot.waitSignal(search.record_chosen) as chosen:
        QTest.keyClick(search.field, Qt.Key.Key_Return)
    assert chosen.args == [RecordRef("Contact", record_id(3))]
    assert not search.is_open()


def test_a_click_chooses(qtbot: QtBot, search: GlobalSearch) -> None:
    typed(qtbot, search, "ada")
    assert search.popup is not None
    index = search._model.index(4, 0)
    with qtbot.waitSignal(search.record_chosen) as chosen:
        qtbot.mouseClick(
            search.popup.list.viewport(),
            Qt.MouseButton.LeftButton,
            pos=search.popup.list.visualRect(index).center(),
        )
    assert chosen.args == [RecordRef("Account", record_id(2))]


def test_an_older_text_never_shows_over_a_newer_one(qtbot: QtBot, search: GlobalSearch, browse: FakeBrowse) -> None:
    browse.manual = True
    search.field.setText("ad")
    search._ask()
    late = browse.waiting[0]
    search.field.setText("adam")
    search._ask()
    browse.step()
    qtbot.waitUntil(lambda: search._answered == "adam")
    if not late[2].cancelled():
        late[2].set_result((HITS, ()))
    QApplication.processEvents()
    assert titles(search) == ["Contacts", "Adam"]


def test_enter_before_the_answer_takes_the_best_hit_of_that_text(
    qtbot: QtBot, search: GlobalSearch, browse: FakeBrowse
) -> None:
    browse.manual = True
    QTest.keyClicks(search.field, "adam")
    QTest.keyClick(search.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(browse.waiting))
    with qtbot.waitSignal(search.record_chosen) as chosen:
        browse.step()
    assert chosen.args == [RecordRef("Contact", record_id(3))]


def test_nothing_found_says_so_with_what_was_searched(qtbot: QtBot, search: GlobalSearch) -> None:
    typed(qtbot, search, "zzz")
    assert search.popup is not None
    assert search.popup.note.text() == "Nothing found for “zzz”"
    assert not search.popup.list.isVisible()
    with qtbot.assertNotEmitted(search.record_chosen):
        QTest.keyClick(search.field, Qt.Key.Key_Return)


def test_objects_still_being_indexed_are_named(qtbot: QtBot, search: GlobalSearch, browse: FakeBrowse) -> None:
    browse.fake.still_indexing = ["Leads", "Tasks"]
    typed(qtbot, search, "ada")
    assert search.popup is not None
    assert search.popup.note.text() == "Still indexing: Leads, Tasks"


def test_escape_closes_then_clears(qtbot: QtBot, search: GlobalSearch) -> None:
    typed(qtbot, search, "ada")
    QTest.keyClick(search.field, Qt.Key.Key_Escape)
    assert not search.is_open()
    assert search.field.text() == "ada"
    QTest.keyClick(search.field, Qt.Key.Key_Escape)
    assert search.field.text() == ""


def test_an_emptied_field_asks_nothing_and_shows_nothing(
    qtbot: QtBot, search: GlobalSearch, browse: FakeBrowse
) -> None:
    typed(qtbot, search, "ada")
    asked = len(browse.fake.calls("search"))
    search.field.clear()
    QApplication.processEvents()
    assert not search.is_open()
    QTest.keyClicks(search.field, "  ")
    QApplication.processEvents()
    assert len(browse.fake.calls("search")) == asked


def test_leaving_the_field_closes_the_popup(qtbot: QtBot, search: GlobalSearch) -> None:
    typed(qtbot, search, "ada")
    other = next(e for e in search.window().findChildren(QLineEdit) if e is not search.field)
    other.setFocus()
    qtbot.waitUntil(lambda: not search.is_open())


def test_a_search_that_fails_says_why(qtbot: QtBot, search: GlobalSearch, browse: FakeBrowse) -> None:
    browse.fake.fault = OrgMirrorError(ErrorCode.FILE_LOCKED)
    QTest.keyClicks(search.field, "ada")
    qtbot.waitUntil(search.is_open)
    assert search.popup is not None
    assert search.popup.note.text()
    assert search._model.rowCount() == 0


def test_the_popup_stays_inside_the_window(qtbot: QtBot, search: GlobalSearch) -> None:
    typed(qtbot, search, "ada")
    search.window().resize(420, 260)
    QApplication.processEvents()
    assert search.popup is not None
    assert search.window().rect().contains(search.popup.geometry())


def test_without_a_connection_typing_is_harmless(qtbot: QtBot, search: GlobalSearch) -> None:
    search.set_browse(None)
    QTest.keyClicks(search.field, "ada")
    QApplication.processEvents()
    assert not search.is_open()


def test_the_model_keeps_the_rules_of_item_models(qtbot: QtBot) -> None:
    model = SearchModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_hits(HITS)
    assert model.rowCount() == 5
    assert not model.flags(model.index(0, 0)) & Qt.ItemFlag.ItemIsSelectable
    assert model.flags(model.index(1, 0)) & Qt.ItemFlag.ItemIsSelectable
    assert model.step(-1, 1) == 1
    assert model.step(1, -1) == 1
    model.set_hits([])
    assert model.step(-1, 1) == -1
    assert tester is not None
