"""Which rows a list shows while the mirror moves underneath: what is asked for replaces, what happens is held back."""

from __future__ import annotations

from array import array
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.api.browse import Lane
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.filters import ListQuery, Sort
from gui.models import record_list
from gui.models.record_list import FIRST_ROWS, Busy, ListNews, RecordList
from gui.models.record_list_model import RecordListModel
from tests.helpers.fake_browse import COLUMNS, FakeBrowse, FakeSession

pytestmark = pytest.mark.gui
QUERY = ListQuery("Contact")


class Keeper:
    """A view without a widget."""

    def __init__(self, model: RecordListModel) -> None:
        self.model = model
        self.at_rest = True
        self.kept: frozenset[int] = frozenset()
        self.replaced: list[tuple[dict[int, int], bool]] = []

    def remembered(self) -> frozenset[int]:
        return self.kept

    def replace_ids(self, ids: array[int], positions: dict[int, int], *, to_top: bool) -> None:
        self.replaced.append((positions, to_top))
        self.model.set_ids(ids)

    def is_at_rest(self) -> bool:
        return self.at_rest


class World:
    def __init__(self, browse: FakeBrowse) -> None:
        self.browse = browse
        self.session = browse.fake
        self.model = RecordListModel(browse, "Contact", "test")  # type: ignore[arg-type]
        self.model.set_columns(COLUMNS)
        self.keeper = Keeper(self.model)
        self.list = RecordList(browse, self.model, self.keeper, "test")  # type: ignore[arg-type]
        self.news: list[ListNews | None] = []
        self.busy: list[Busy] = []
        self.list.news_changed.connect(self.news.append)
        self.list.busy_changed.connect(self.busy.append)

    def rows(self) -> list[int]:
        return list(self.model.ids)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_list, "QUIET_MS", 1)
    monkeypatch.setattr(record_list, "QUIET_FACTOR", 0)


@pytest.fixture
def world(qtbot: QtBot) -> World:
    made = World(FakeBrowse(FakeSession(range(1, 1001))))
    made.list.open(QUERY)
    qtbot.waitUntil(lambda: made.list.count == 1000)
    return made


def test_the_first_rows_come_before_the_whole_order(qtbot: QtBot) -> None:
    world = World(FakeBrowse(FakeSession(range(1, 1001)), manual=True))
    world.list.open(QUERY)
    assert [(lane, view) for lane, view in world.browse.submitted] == [
        (Lane.QUICK, "test:first"),
        (Lane.HEAVY, "test:list"),
    ]
    world.browse.step("first")
    qtbot.waitUntil(lambda: world.model.rowCount() == FIRST_ROWS)
    assert world.list.count is None  # not known yet, and not pretended
    assert world.list.busy is Busy.OPENING
    world.browse.step("list")
    qtbot.waitUntil(lambda: world.list.count == 1000)
    assert world.rows() == list(range(1, 1001))
    assert len(world.keeper.replaced) == 1  # the rest was appended: what was seen did not blink
    assert world.busy == [Busy.OPENING, Busy.NOTHING]


def test_a_whole_order_that_overtakes_the_first_rows_wins(qtbot: QtBot) -> None:
    world = World(FakeBrowse(FakeSession(range(1, 1001)), manual=True))
    world.list.open(QUERY)
    world.browse.step("list")
    qtbot.waitUntil(lambda: world.list.count == 1000)
    assert all(entry[1] != "test:first" or entry[2].cancelled() for entry in world.browse.waiting)
    for entry in list(world.browse.waiting):
        if entry[1] == "test:first":
            world.browse.step("first")
    QApplication.processEvents()
    assert world.model.rowCount() == 1000


def test_sorting_keeps_the_list_until_the_new_one_is_here(qtbot: QtBot, world: World) -> None:
    world.browse.manual = True
    world.list.open(replace(QUERY, sort=(Sort("Name", True),)), Busy.SORTING)
    assert world.list.busy is Busy.SORTING
    assert world.rows()[0] == 1
    world.browse.step("list")
    qtbot.waitUntil(lambda: world.list.busy is Busy.NOTHING)
    assert world.rows()[0] == 1000
    assert world.keeper.replaced[-1][1] is True


def test_the_newest_question_wins(qtbot: QtBot, world: World) -> None:
    world.browse.manual = True
    world.list.open(replace(QUERY, search="1"), Busy.FILTERING)
    world.list.open(replace(QUERY, search="12"), Busy.FILTERING)
    assert len(world.browse.waiting) == 1
    world.browse.step("list")
    qtbot.waitUntil(lambda: world.list.busy is Busy.NOTHING)
    assert all(str(row).startswith("12") for row in world.rows())


def test_changed_values_alone_move_nothing_and_say_nothing(qtbot: QtBot, world: World) -> None:
    reads = len(world.session.calls("open_list"))
    world.list.records_changed(frozenset({"a", "b"}))
    qtbot.waitUntil(lambda: len(world.session.calls("open_list")) > reads)
    QApplication.processEvents()
    assert world.news == []
    assert len(world.keeper.replaced) == 1


def test_new_records_are_held_back_and_counted(qtbot: QtBot, world: World) -> None:
    world.keeper.at_rest = False
    world.session.rows = array("q", [5000, *range(2, 1001)])
    world.list.records_changed(None)
    qtbot.waitUntil(lambda: bool(world.news))
    assert world.news == [ListNews(2)]  # one came, one went
    assert world.rows()[0] == 1
    reads = len(world.session.calls("open_list"))
    world.list.refresh()  # what was read is used at once
    assert world.rows()[0] == 5000
    assert len(world.session.calls("open_list")) == reads
    assert world.news[-1] is None


def test_the_number_of_changed_records_is_told(qtbot: QtBot, world: World) -> None:
    world.session.rows = array("q", reversed(range(1, 1001)))
    world.list.records_changed(frozenset({"a", "b"}))
    world.list.records_changed(frozenset({"b", "c"}))
    qtbot.waitUntil(lambda: bool(world.news))
    assert world.news == [ListNews(3)]


def test_rows_at_the_end_appear_by_themselves(qtbot: QtBot, world: World) -> None:
    world.session.rows = array("q", range(1, 1501))
    world.list.records_changed(None)
    qtbot.waitUntil(lambda: world.list.count == 1500)
    assert world.news == []
    assert len(world.keeper.replaced) == 1


def test_an_unwatched_list_takes_its_news_by_itself(qtbot: QtBot, world: World) -> None:
    world.list.set_watched(False)
    world.session.rows = array("q", range(500, 900))
    world.list.records_changed(None)
    qtbot.waitUntil(lambda: world.list.count == 400)
    assert world.news == []


def test_news_held_back_are_taken_when_one_comes_back(qtbot: QtBot, world: World) -> None:
    world.session.rows = array("q", range(500, 900))
    world.list.records_changed(None)
    qtbot.waitUntil(lambda: world.list.news is not None)
    world.list.set_watched(False)
    world.list.set_watched(True)
    qtbot.waitUntil(lambda: world.list.count == 400)


def test_a_first_load_grows_the_list_without_moving_a_row(qtbot: QtBot, world: World) -> None:
    world.list.set_loading(True)
    world.session.rows = array("q", [n for pair in zip(range(1, 1001), range(2001, 3001), strict=True) for n in pair])
    world.list.rows_came()
    qtbot.waitUntil(lambda: world.list.count == 2000)
    assert world.rows()[:1000] == list(range(1, 1001))
    assert world.news == [ListNews(None, growing=True)]
    assert len(world.keeper.replaced) == 1
    world.list.set_loading(False)  # at rest: the order is put right when the load ends
    qtbot.waitUntil(lambda: world.rows()[:3] == [1, 2001, 2])
    assert world.news[-1] is None


def test_the_end_of_a_first_load_does_not_move_what_is_read(qtbot: QtBot, world: World) -> None:
    world.list.set_loading(True)
    world.session.rows = array("q", [7000, *range(1, 1001)])
    world.list.rows_came()
    qtbot.waitUntil(lambda: world.list.count == 1001)
    world.keeper.at_rest = False
    world.list.set_loading(False)
    qtbot.waitUntil(lambda: world.list.news == ListNews(None))
    assert world.rows()[-1] == 7000
    world.list.refresh()
    assert world.rows()[0] == 7000


def test_places_are_looked_up_where_the_reading_happens(qtbot: QtBot, world: World) -> None:
    world.keeper.kept = frozenset({10, 20, 99_999})
    world.list.open(replace(QUERY, sort=(Sort("Name", True),)), Busy.SORTING)
    qtbot.waitUntil(lambda: world.list.busy is Busy.NOTHING)
    assert world.keeper.replaced[-1][0] == {10: 990, 20: 980}


def test_a_failure_is_told_and_leaves_the_list(qtbot: QtBot, world: World) -> None:
    world.session.fault = OrgMirrorError(ErrorCode.FILE_LOCKED)
    with qtbot.waitSignal(world.list.failed) as failed:
        world.list.open(QUERY, Busy.SORTING)
    assert failed.args is not None
    assert failed.args[0].code is ErrorCode.FILE_LOCKED
    assert world.model.rowCount() == 1000
    assert world.list.busy is Busy.NOTHING


def test_a_quiet_failure_is_made_good_by_the_next_change(qtbot: QtBot, world: World) -> None:
    world.session.fault = OrgMirrorError(ErrorCode.FILE_LOCKED)
    reads = len(world.session.calls("open_list"))
    world.list.records_changed(None)
    qtbot.waitUntil(lambda: len(world.session.calls("open_list")) > reads)
    world.session.fault = None
    world.session.rows = array("q", range(1, 1101))
    world.list.records_changed(None)
    qtbot.waitUntil(lambda: world.list.count == 1100)


def test_a_change_during_a_sort_is_looked_at_afterwards(qtbot: QtBot, world: World) -> None:
    world.browse.manual = True
    world.list.open(replace(QUERY, sort=(Sort("Name"),)), Busy.SORTING)
    world.list.records_changed(None)
    QApplication.processEvents()
    assert sum(view == "test:list" for _, view, _, _ in world.browse.waiting) == 1
    world.browse.step("list")
    world.browse.manual = False
    world.session.rows = array("q", range(1, 1051))
    qtbot.waitUntil(lambda: world.list.count == 1050)
