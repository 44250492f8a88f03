"""Lists, records and search in the window over a real encrypted mirror and its reader threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.api.browse import BrowseApi
from core.api.exports import ExportsApi
from core.model.changes import Changes
from core.model.refs import RecordRef
from gui.desktop import theme
from gui.models import record_list
from gui.pages.object_page import ObjectPage
from gui.text import numbers
from gui.widgets.global_search import GlobalSearch
from gui.widgets.link_button import LinkButton
from tests.helpers.fake_browse import MemoryStore
from tests.helpers.sample_org import SampleOrg

pytestmark = pytest.mark.gui

THING = {
    "Name": "A thing",
    "Amount__c": "12345678901234567.89",
    "Price__c": "12.50",
    "Share__c": "33.3",
    "Count__c": 7,
    "Ratio__c": "0.000125",
    "On__c": True,
    "Day__c": "2024-02-29",
    "At__c": "2024-05-07T22:07:19.000+0000",
    "Time__c": "12:30:00.000Z",
    "Colors__c": "R;G",
    "Mail__c": "thing@example.org",
    "Hotline__c": "+49 (30) 1234-567",
    "Note__c": "O’Hara & <b>Söhne</b> 王小明 🚀",
}


@pytest.fixture(autouse=True)
def _look(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers.set_default_locale()
    theme.apply(qapp, "light")
    monkeypatch.setattr(record_list, "QUIET_MS", 1)


@pytest.fixture
def org(tmp_path: Path) -> Iterator[SampleOrg]:
    sample = SampleOrg(tmp_path / "org" / "mirror.db")
    owner = sample.add("User", {"Name": "Zoë Owner", "Username": "zoe@acme.example"})[0]
    accounts = sample.add("Account", *({"Name": f"Account {n:04}", "OwnerId": owner} for n in range(600)))
    other = {"Name": "Another thing", "Account__c": accounts[1]}
    sample.add("Thing__c", THING | {"Account__c": accounts[7]}, other)
    sample.ready()
    yield sample
    sample.close()


@pytest.fixture
def browse(org: SampleOrg) -> Iterator[BrowseApi]:
    api = BrowseApi(org.mirror)
    yield api
    api.close()


@pytest.fixture
def open_page(qtbot: QtBot, org: SampleOrg, browse: BrowseApi) -> Iterator[Callable[[str], ObjectPage]]:
    exports = ExportsApi(org.mirror)

    def opened(name: str) -> ObjectPage:
        page = ObjectPage(browse, exports, MemoryStore(), name)
        qtbot.addWidget(page)
        page.resize(1200, 700)
        page.show()
        qtbot.waitUntil(lambda: page.list.count is not None and page.model.row_texts(0) is not None)
        return page

    yield opened
    exports.close()


def column(page: ObjectPage, name: str) -> int:
    return next(at for at, c in enumerate(page.model.columns) if c.name == name)


def test_a_list_is_read_sorted_and_searched(qtbot: QtBot, open_page: Callable[[str], ObjectPage]) -> None:
    page = open_page("Account")
    assert page.list.count == 600
    page.sort("Name", descending=True)
    name = column(page, "Name")
    qtbot.waitUntil(lambda: (page.model.row_texts(0) or [""])[name] == "Account 0599")
    owner = column(page, "OwnerId")
    assert page.model.row_texts(0)[owner] == "Zoë Owner"  # type: ignore[index]
    assert page.model.columns[owner].label == "OwnerId"
    page.search("account 0042")
    qtbot.waitUntil(lambda: page.list.count == 1)
    page.table.verticalScrollBar().setValue(0)
    page.clear_filters()
    qtbot.waitUntil(lambda: page.list.count == 600)
    page.table.reach(599)
    page.table.viewport().repaint()
    qtbot.waitUntil(lambda: (page.model.row_texts(599) or [""])[name] == "Account 0000")


def test_every_value_that_is_shown_can_be_filtered_by(
    qtbot: QtBot, open_page: Callable[[str], ObjectPage], browse: BrowseApi
) -> None:
    page = open_page("Thing__c")
    page.columns.show_only([*THING, "Account__c"])
    page.sort("Name")
    name = column(page, "Name")
    qtbot.waitUntil(lambda: (page.model.row_texts(0) or [""])[name] == "A thing")
    for field in [*THING, "Account__c"]:
        page.acts.filter_by(0, column(page, field))
        qtbot.waitUntil(page.chips.isVisible)
        qtbot.waitUntil(lambda: page.list.count == 1)
        qtbot.waitUntil(lambda: (page.model.row_texts(0) or [""])[name] == "A thing")
        page.clear_filters()
        qtbot.waitUntil(lambda: page.list.count == 2)
        qtbot.waitUntil(lambda: (page.model.row_texts(0) or [""])[name] == "A thing")


def test_a_record_shows_its_fields_and_leads_to_others(qtbot: QtBot, open_page: Callable[[str], ObjectPage]) -> None:
    page = open_page("Thing__c")
    page.sort("Name")
    name = column(page, "Name")
    qtbot.waitUntil(lambda: (page.model.row_texts(0) or [""])[name] == "A thing")
    page.table.reach(0)
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.pane.record is not None and page.pane.record.title == "A thing")
    shown = {field.name: field.display for field in page.pane.sheet.fields()}
    assert shown["Note__c"] == THING["Note__c"]
    assert shown["Amount__c"] == "12,345,678,901,234,567.89"
    # Selecting and Enter both ask for the record: the second answer lays the sheet out once more.
    settled: list[object] = []

    def is_settled() -> bool:
        settled.append(page.pane.sheet.widget_of("Account__c"))
        return len(settled) > 20 and len({id(widget) for widget in settled[-20:]}) == 1

    qtbot.waitUntil(is_settled)
    link = page.pane.sheet.widget_of("Account__c")
    assert isinstance(link, LinkButton)
    assert link.plain_text() == "Account 0007"
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.pane.record is not None and page.pane.record.title == "Account 0007")


def test_what_a_sync_brings_is_shown(qtbot: QtBot, org: SampleOrg, open_page: Callable[[str], ObjectPage]) -> None:
    page = open_page("Account")
    page.sort("Name")
    name = column(page, "Name")
    qtbot.waitUntil(lambda: (page.model.row_texts(0) or [""])[name] == "Account 0000")
    page.table.reach(3)
    ref = page.model.ref(3)
    assert ref is not None
    org.add("Account", {"Id": ref.id, "Name": "Account 0003 renamed"})
    page.apply_changes(Changes({"Account": frozenset({ref.id})}))
    qtbot.waitUntil(lambda: page.model.row_texts(3)[name] == "Account 0003 renamed")  # type: ignore[index]
    fresh = org.add("Account", {"Name": "AAA first"})
    page.apply_changes(Changes({"Account": frozenset(fresh)}))
    qtbot.waitUntil(page.news_bar.isVisible)
    page.refresh()
    assert page.list.count == 601
    assert page.table.currentIndex().row() == 4  # the same record, one further down
    page.table.viewport().repaint()
    qtbot.waitUntil(lambda: page.model.ref(4) == ref)


def test_the_list_is_written_as_it_stands(qtbot: QtBot, open_page: Callable[[str], ObjectPage], tmp_path: Path) -> None:
    page = open_page("Account")
    page.columns.show_only(["Name", "OwnerId"])
    page.sort("Name", descending=True)
    with qtbot.waitSignals([page.told, page.told], timeout=10_000):
        page.acts.export_to(page._query(), page.columns.names(), tmp_path / "accounts.csv")
    lines = (tmp_path / "accounts.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 601
    assert lines[1] == "Account 0599,Zoë Owner"


def test_any_record_is_found_while_it_is_typed(qtbot: QtBot, browse: BrowseApi) -> None:
    search = GlobalSearch(browse)
    qtbot.addWidget(search)
    search.resize(600, 500)
    search.show()
    search.activateWindow()
    search.begin()
    qtbot.waitUntil(search.field.hasFocus)
    QTest.keyClicks(search.field, "account 0123")
    qtbot.waitUntil(lambda: search._answered == "account 0123")
    with qtbot.waitSignal(search.record_chosen) as chosen:
        QTest.keyClick(search.field, Qt.Key.Key_Return)
    assert chosen.args is not None
    assert isinstance(chosen.args[0], RecordRef)
    assert chosen.args[0].object == "Account"
