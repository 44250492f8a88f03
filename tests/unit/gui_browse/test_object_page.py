"""The page of one object: list, filters, states and the record beside it, as the main window uses it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QListWidget, QMenu, QWidget
from pytestqt.qtbot import QtBot

from core.api.browse import ObjectSummary
from core.api.exports import ListFormat
from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.filters import Condition, Operator, Sort
from core.model.progress import ObjectProgress
from core.model.refs import RecordRef
from core.model.states import LoadPhase
from gui.models import record_list
from gui.models.view_store import ListLayout, layout_key
from gui.pages import list_acts
from gui.pages.list_copy import quoted
from gui.pages.object_page import ObjectPage
from gui.pages.record_beside import PANE_KEY
from gui.widgets.column_chooser import ColumnChooser
from gui.widgets.list_bars import ActiveFilter
from gui.widgets.record_table import RecordTable
from gui.widgets.state_panel import PageState, StateAction
from tests.helpers.fake_browse import COLUMNS, FakeBrowse, FakeSession, MemoryStore, column, record_id
from tests.helpers.fake_records import record

pytestmark = pytest.mark.gui
Make = Callable[..., ObjectPage]
EXTRA = (*COLUMNS, column("Title", default=False), column("Fax", default=False, sortable=False))


class Records(dict[Any, Any]):
    """Any record asked for, made as it is asked for."""

    def __missing__(self, wanted: RecordRef | tuple[str, int]) -> Any:
        return record(int(wanted.id[3:15]) if isinstance(wanted, RecordRef) else wanted[1])


class Exports:
    def __init__(self) -> None:
        self.asked: list[tuple[Any, list[str], Path]] = []
        self.forms: list[ListFormat] = []
        self.future: Future[int] = Future()

    def list_file(self, form: ListFormat, query: Any, columns: list[str], path: Path) -> Future[int]:
        self.forms.append(form)
        self.asked.append((query, columns, path))
        return self.future


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_list, "QUIET_MS", 1)
    monkeypatch.setattr(record_list, "QUIET_FACTOR", 0)


@pytest.fixture
def browse() -> FakeBrowse:
    session = FakeSession(range(1, 1001), columns=EXTRA)
    session.records = Records()
    session.summaries = [
        ObjectSummary(
            name="Contact",
            label="Contact",
            label_plural="Contacts",
            custom=False,
            rows=1000,
            loaded=True,
            phase=None,
            total=None,
            rows_done=0,
            direction="two-way",
            key_prefix="003",
        )
    ]
    return FakeBrowse(session)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def make(qtbot: QtBot, browse: FakeBrowse, store: MemoryStore) -> Make:
    def made(exports: Any = None, *, rows: int | None = 1000, width: int = 1200) -> ObjectPage:
        page = ObjectPage(browse, exports, store, "Contact")  # type: ignore[arg-type]
        qtbot.addWidget(page)
        page.resize(width, 700)
        page.show()
        if rows is not None:
            qtbot.waitUntil(lambda: page.list.count == rows)
            qtbot.waitUntil(lambda: rows == 0 or page.model.row_texts(0) is not None)
        return page

    return made


def label(page: ObjectPage, name: str) -> str:
    found = page.findChild(QLabel, name)
    assert found is not None
    return found.text()


def state_of(page: ObjectPage) -> PageState | None:
    return page.state.state if page._stack.currentWidget() is page.state else None


def test_it_opens_with_the_default_columns_and_an_honest_count(make: Make, browse: FakeBrowse) -> None:
    page = make()
    assert label(page, "listTitle") == "Contacts"
    assert label(page, "listCount") == "1,000"
    assert [c.name for c in page.model.columns] == [c.name for c in COLUMNS]
    assert state_of(page) is None


def test_the_count_is_not_pretended(qtbot: QtBot, make: Make, browse: FakeBrowse) -> None:
    browse.manual = True
    page = make(rows=None)
    browse.step("columns")
    qtbot.waitUntil(lambda: any(e[1].endswith("first") for e in browse.waiting))
    browse.step("first")
    qtbot.waitUntil(lambda: page.model.rowCount() > 0)
    assert label(page, "listCount") == "…"


def test_sorting_happens_in_the_mirror_and_is_remembered(
    qtbot: QtBot, make: Make, browse: FakeBrowse, store: MemoryStore
) -> None:
    page = make()
    browse.manual = True
    header = page.table.header
    where = QPoint(header.sectionViewportPosition(0) + 20, 10)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert label(page, "listCount") == "Sorting…"
    assert page._busy_line.busy
    assert page.model.om_row(0) == 1  # the old order stays meanwhile
    browse.manual = False
    browse.step("list")
    qtbot.waitUntil(lambda: label(page, "listCount") == "1,000")
    assert browse.fake.calls("open_list")[-1].sort == (Sort("Name", False),)
    page.sort("Name", descending=True)
    qtbot.waitUntil(lambda: page.model.om_row(0) == 1000)
    page.hide()
    assert store.values[layout_key("Contact")]["sort"] == [{"field": "Name", "descending": True}]


def test_the_layout_is_restored(make: Make, store: MemoryStore, browse: FakeBrowse) -> None:
    kept = ListLayout((("Title", 222), ("Name", 111)), (Sort("Name", True),))
    store.set(layout_key("Contact"), kept.to_json())
    page = make()
    assert [c.name for c in page.model.columns] == ["Title", "Name"]
    assert [page.table.columnWidth(at) for at in range(2)] == [222, 111]
    assert page.model.om_row(0) == 1000


def test_moved_and_resized_columns_are_remembered(make: Make, store: MemoryStore) -> None:
    page = make()
    page.table.header.moveSection(2, 0)
    page.table.header.resizeSection(0, 260)
    page.hide()
    columns = store.values[layout_key("Contact")]["columns"]
    assert [c["name"] for c in columns] == ["Company", "Name", "Email", "Amount__c", "CreatedDate"]
    assert columns[1] == {"name": "Name", "width": 260}


@pytest.mark.qt_log_ignore("does not support grabbing the keyboard")
def test_columns_are_chosen_found_and_reset(qtbot: QtBot, make: Make) -> None:
    page = make()
    page.columns.choose(QPoint(10, 10))
    chooser = page.findChild(ColumnChooser)
    assert chooser is not None
    entries = chooser.findChild(QListWidget)
    field = chooser.findChild(QLineEdit)
    assert entries is not None
    assert field is not None
    field.setText("tit")
    shown = [entries.item(row).text() for row in range(entries.count()) if not entries.item(row).isHidden()]
    assert shown == ["Title"]
    entries.findItems("Title", Qt.MatchFlag.MatchExactly)[0].setCheckState(Qt.CheckState.Checked)
    assert [c.name for c in page.model.columns][-1] == "Title"
    for name in ("Name", "E-mail", "Company", "Amount", "Created", "Title"):
        entries.findItems(name, Qt.MatchFlag.MatchExactly)[0].setCheckState(Qt.CheckState.Unchecked)
    assert len(page.model.columns) == 1  # a list has at least one column
    button = chooser.findChild(QAbstractButton, "columnReset")
    assert button is not None
    button.click()
    assert [c.name for c in page.model.columns] == [c.name for c in COLUMNS]


def test_the_quick_filter_asks_once_the_typing_pauses(qtbot: QtBot, make: Make, browse: FakeBrowse) -> None:
    page = make()
    before = len(browse.fake.calls("open_list"))
    QTest.keyClicks(page.filter, "12")
    qtbot.waitUntil(lambda: label(page, "listCount") == "11 found")
    assert len(browse.fake.calls("open_list")) == before + 1
    QTest.keyClick(page.filter, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: label(page, "listCount") == "1,000")


def test_letters_typed_into_the_list_begin_the_filter(qtbot: QtBot, make: Make) -> None:
    page = make()
    page.activateWindow()
    page.table.setFocus()
    QTest.keyClicks(page.table, "4")
    qtbot.waitUntil(lambda: page.filter.text() == "4")


def test_filter_by_this_value_and_its_chip(qtbot: QtBot, make: Make, browse: FakeBrowse) -> None:
    page = make()
    menu = page.acts.cell_menu(2, 1, page)
    menu.findChild(QAction, "filterBy").trigger()
    qtbot.waitUntil(lambda: page.chips.isVisible())
    condition = Condition("Email", Operator.EQUALS, "raw Email 3 v0")  # the value, not its words
    assert browse.fake.calls("open_list")[-1].conditions == (condition,)
    chip = page.chips.findChild(QAbstractButton, "filterChip0")
    assert chip is not None
    assert chip.text() == "E-mail: Email 3 v0"
    menu = page.acts.cell_menu(2, 1, page)
    menu.findChild(QAction, "filterOut").trigger()
    qtbot.waitUntil(lambda: len(browse.fake.calls("open_list")[-1].conditions) == 2)
    chip = page.chips.findChild(QAbstractButton, "filterChip0")
    assert chip is not None
    chip.click()
    qtbot.waitUntil(lambda: len(browse.fake.calls("open_list")[-1].conditions) == 1)
    clear = page.chips.findChild(QAbstractButton, "filterClear")
    assert clear is not None
    clear.click()
    qtbot.waitUntil(lambda: browse.fake.calls("open_list")[-1].conditions == ())
    assert not page.chips.isVisible()


def test_an_empty_value_filters_by_emptiness(qtbot: QtBot, make: Make, browse: FakeBrowse) -> None:
    browse.fake.cell = lambda row, name: record_id(row) if name == "Id" else ""  # type: ignore[method-assign]
    page = make()
    page.acts.filter_by(0, 1)
    qtbot.waitUntil(lambda: page.chips.isVisible())
    assert browse.fake.calls("open_list")[-1].conditions == (Condition("Email", Operator.IS_EMPTY),)


def test_markup_and_ampersands_in_a_chip_are_text(make: Make) -> None:
    page = make()
    page.add_filter(ActiveFilter(Condition("Name", Operator.EQUALS, "x"), "Name", "<b>A & B</b>"))
    chip = page.chips.findChild(QAbstractButton, "filterChip0")
    assert chip is not None
    assert chip.text() == "Name: <b>A && B</b>"


@pytest.mark.parametrize(
    ("search", "progress", "state"),
    [
        ("", None, PageState.NONE_YET),
        ("", ObjectProgress("Contact", "Contact", LoadPhase.LOADING, 0, 500), PageState.FIRST_LOAD),
        ("", ObjectProgress("Contact", "Contact", LoadPhase.DONE, 0, 0), PageState.NONE_YET),
        ("zzz", None, PageState.NONE_BY_FILTER),
    ],
)
def test_an_empty_list_says_why(
    qtbot: QtBot, make: Make, browse: FakeBrowse, search: str, progress: ObjectProgress | None, state: PageState
) -> None:
    browse.fake.rows = browse.fake.rows[:0]
    page = make(rows=0)
    page.set_progress(progress)
    page.search(search)
    qtbot.waitUntil(lambda: state_of(page) is state)


def test_the_filter_can_be_cleared_from_the_empty_list(qtbot: QtBot, make: Make) -> None:
    page = make()
    page.filter.setText("zzz")
    qtbot.waitUntil(lambda: state_of(page) is PageState.NONE_BY_FILTER)
    page.state.acted.emit(StateAction.CLEAR_FILTER)
    qtbot.waitUntil(lambda: page.list.count == 1000)
    assert page.filter.text() == ""
    assert state_of(page) is None


def test_an_object_that_cannot_be_read_says_so_and_tries_again(qtbot: QtBot, make: Make, browse: FakeBrowse) -> None:
    browse.fake.fault = OrgMirrorError(ErrorCode.FILE_LOCKED)
    page = make(rows=None)
    qtbot.waitUntil(lambda: state_of(page) is PageState.ERROR)
    browse.fake.fault = None
    page.state.acted.emit(StateAction.RETRY)
    qtbot.waitUntil(lambda: page.list.count == 1000)
    assert state_of(page) is None


def test_a_list_that_is_shown_survives_an_error(qtbot: QtBot, make: Make, browse: FakeBrowse) -> None:
    page = make()
    browse.fake.fault = OrgMirrorError(ErrorCode.FILE_LOCKED)
    with qtbot.waitSignal(page.told):
        page.sort("Name")
    assert state_of(page) is None
    assert page.model.rowCount() == 1000
    assert not page._busy_line.busy


def test_a_first_load_shows_its_progress_and_grows(qtbot: QtBot, make: Make, browse: FakeBrowse) -> None:
    browse.fake.rows = browse.fake.rows[:200]
    page = make(rows=200)
    progress = ObjectProgress("Contact", "Contact", LoadPhase.LOADING, 700, 1900, remaining_seconds=120.0)
    browse.fake.rows.extend(range(5000, 5500))
    page.set_progress(progress)
    assert page.load_bar.isVisible()
    assert label(page, "loadWords").startswith("First load: 700 of 1,900")
    qtbot.waitUntil(lambda: page.list.count == 700)
    assert page.table.verticalScrollBar().value() == 0
    page.set_progress(None)
    assert not page.load_bar.isVisible()


def test_news_stand_in_a_quiet_bar(qtbot: QtBot, make: Make, browse: FakeBrowse) -> None:
    page = make()
    page.table.reach(3)
    del browse.fake.rows[0]
    page.apply_changes(Changes({"Lead": None}))
    page.apply_changes(Changes({"Contact": frozenset({record_id(1)})}))
    qtbot.waitUntil(page.news_bar.isVisible)
    assert page.news_bar.words() == "1 new or changed record"
    assert page.model.om_row(0) == 1
    button = page.news_bar.findChild(QAbstractButton, "newsRefresh")
    assert button is not None
    button.click()
    assert page.model.om_row(0) == 2
    assert not page.news_bar.isVisible()
    assert page.table.currentIndex().row() == 2  # the same record


def test_a_click_shows_the_record_beside_the_list(qtbot: QtBot, make: Make) -> None:
    page = make()
    where = page.table.visualRect(page.model.index(4, 0)).center()
    with qtbot.waitSignal(page.record_activated) as activated:
        qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert activated.args == [RecordRef("Contact", record_id(5))]
    assert page.pane.isVisible()
    QTest.keyClick(page.table, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: page.pane.record is not None and page.pane.record.om_row == 6)


def test_escape_closes_the_pane_and_it_stays_closed_until_enter(qtbot: QtBot, make: Make, store: MemoryStore) -> None:
    page = make()
    page.table.reach(0)
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert page.pane.isVisible()
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert not page.pane.isVisible()
    where = page.table.visualRect(page.model.index(4, 0)).center()
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert not page.pane.isVisible()
    assert store.values[PANE_KEY]["open"] is False
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert page.pane.isVisible()


def test_open_record_shows_one_that_the_list_need_not_have(qtbot: QtBot, make: Make) -> None:
    page = make()
    ref = RecordRef("Contact", record_id(77_777))
    page.open_record(ref)
    qtbot.waitUntil(lambda: page.pane.record is not None and page.pane.record.ref == ref)


def test_ctrl_enter_opens_a_window(qtbot: QtBot, make: Make) -> None:
    page = make()
    page.table.reach(2)
    QTest.keyClick(page.table, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert len(page.windows.windows()) == 1
    window = page.windows.windows()[0]
    qtbot.waitUntil(lambda: window.ref() == RecordRef("Contact", record_id(3)))
    with qtbot.waitSignal(window.destroyed):
        window.close()


def select_rows(table: RecordTable, rows: list[int]) -> None:
    chosen = table.selectionModel()
    table.clearSelection()
    for row in rows:
        chosen.select(table.model().index(row, 0), chosen.SelectionFlag.Select | chosen.SelectionFlag.Rows)


def copied(qtbot: QtBot, act: Callable[[], None]) -> str:
    QGuiApplication.clipboard().clear()
    act()
    qtbot.waitUntil(lambda: bool(QGuiApplication.clipboard().text()))
    return QGuiApplication.clipboard().text()


def test_copying_cells_rows_and_ids(qtbot: QtBot, make: Make) -> None:
    page = make()
    page.table.reach(1)
    QTest.keyClick(page.table, Qt.Key.Key_Right)
    assert copied(qtbot, lambda: QTest.keyClick(page.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)) == (
        "Email 2 v0"
    )
    select_rows(page.table, [1, 3])
    page.table.header.moveSection(3, 0)
    text = copied(qtbot, lambda: page.acts.copy_rows(with_headers=True))
    assert text.splitlines()[0] == "Amount\tName\tE-mail\tCompany\tCreated"
    assert [line.split("\t")[3] for line in text.splitlines()[1:]] == ["Company 2 v0", "Company 4 v0"]
    assert copied(qtbot, page.acts.copy_ids) == f"{record_id(2)}\n{record_id(4)}"
    assert label(page, "listCount") == "2 of 1,000 selected"


def test_copying_everything_is_bounded_and_says_so(qtbot: QtBot, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_acts, "MAX_COPIED_ROWS", 100)
    page = make()
    page.table.selectAll()
    assert label(page, "listCount") == "all 1,000 selected"
    with qtbot.waitSignal(page.told) as told:
        text = copied(qtbot, lambda: page.acts.copy(False))
    assert len(text.splitlines()) == 100
    assert told.args is not None
    assert "100 of 1,000" in told.args[0]


@pytest.mark.parametrize(
    ("text", "cell"), [("a b", "a b"), ("a\tb", '"a\tb"'), ('say "x"\ny', '"say ""x""\ny"'), ('"q"', '"""q"""')]
)
def test_cells_are_quoted_as_spreadsheets_read_them(text: str, cell: str) -> None:
    assert quoted(text) == cell


def test_open_in_salesforce_is_https_alone(
    qtbot: QtBot, make: Make, browse: FakeBrowse, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(list_acts, "open_in_salesforce", lambda address: bool(opened.append(address)) or True)
    page = make()
    page.acts.open_in_salesforce(0)
    qtbot.waitUntil(lambda: opened == [f"https://acme.my.salesforce.com/{record_id(1)}"])


def test_the_list_is_exported_as_it_is_shown(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    exports = Exports()
    page = make(exports)
    page.table.header.moveSection(2, 0)
    page.sort("Name", descending=True)
    qtbot.waitUntil(lambda: page.model.om_row(0) == 1000)
    columns = page.columns.names()
    with qtbot.waitSignal(page.told):
        page.acts.export_to(page._query(), columns, tmp_path / "x.csv")
    query, names, path = exports.asked[0]
    assert query.sort == (Sort("Name", True),)
    assert names[0] == "Company"
    assert path == tmp_path / "x.csv"
    assert exports.forms == [ListFormat.CSV]
    with qtbot.waitSignal(page.told) as told:
        exports.future.set_result(1000)
    assert told.args is not None
    assert "1,000 records exported" in told.args[0]


def test_without_exports_there_is_no_button(make: Make) -> None:
    button = make().findChild(QWidget, "listExport")
    assert button is not None
    assert not button.isVisible()


def test_fields_that_came_or_went_reach_the_columns(qtbot: QtBot, make: Make, browse: FakeBrowse) -> None:
    page = make()
    page.add_filter(ActiveFilter(Condition("Email", Operator.IS_NOT_EMPTY), "E-mail", ""))
    qtbot.waitUntil(lambda: page.chips.isVisible())
    browse.fake.all_columns = [c for c in EXTRA if c.name != "Email"]
    page.apply_changes(Changes(schema=True))
    qtbot.waitUntil(lambda: [c.name for c in page.model.columns] == ["Name", "Company", "Amount__c", "CreatedDate"])
    assert not page.chips.isVisible()
    qtbot.waitUntil(lambda: browse.fake.calls("open_list")[-1].conditions == ())


def test_the_header_menu_sorts_and_hides(qtbot: QtBot, make: Make) -> None:
    page = make()
    menu = page.columns.menu(1)
    next(a for a in menu.actions() if a.text() == "Hide this column").trigger()
    assert [c.name for c in page.model.columns] == ["Name", "Company", "Amount__c", "CreatedDate"]
    assert isinstance(menu, QMenu)


def test_every_widget_a_person_uses_has_a_name(make: Make) -> None:
    page = make()
    page.table.reach(0)
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    for kind in (QAbstractButton, QLineEdit):
        for widget in page.findChildren(kind):
            if isinstance(widget.parent(), QLineEdit):
                continue  # Qt's own buttons inside a field
            assert widget.objectName(), widget
            if widget.isVisible():
                assert widget.accessibleName() or widget.text(), widget.objectName()


def test_texts_are_set_again_when_the_language_changes(make: Make) -> None:
    page = make()
    page.filter.setPlaceholderText("stale")
    QApplication.sendEvent(page, QEvent(QEvent.Type.LanguageChange))
    assert page.filter.placeholderText() == "Search in Contacts"
