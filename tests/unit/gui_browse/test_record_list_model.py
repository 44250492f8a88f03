"""The rows of a list: pages off the GUI thread, placeholders, and answers that come too late."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.api.browse import Lane
from core.model.errors import ErrorCode, OrgMirrorError
from gui.models.page_cache import PAGE_ROWS
from gui.models.record_list_model import MAX_CELL_CHARS, MAX_ROWS, RecordListModel, one_line
from tests.helpers.fake_browse import COLUMNS, FakeBrowse, FakeSession, record_id

pytestmark = pytest.mark.gui
Make = Callable[..., RecordListModel]


def ids(count: int) -> array[int]:
    return array("q", range(1, count + 1))


def settle(qtbot: QtBot, model: RecordListModel, row: int) -> None:
    qtbot.waitUntil(lambda: model.row_texts(row) is not None)


def test_it_keeps_the_rules_of_item_models(qtbot: QtBot, make_model: Make) -> None:
    model = make_model()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_ids(ids(450))
    settle(qtbot, model, 449)
    model.append_ids(ids(1000))
    model.set_columns(COLUMNS[:2])
    settle(qtbot, model, 10)
    model.set_ids(ids(0))
    assert tester is not None


def test_an_unseen_row_is_blank_and_asked_of_the_quick_lane(qtbot: QtBot, make_model: Make) -> None:
    browse = FakeBrowse()
    model = make_model(browse)
    model.set_ids(ids(1000))
    assert model.row_texts(0) is None
    assert model.data(model.index(0, 0)) == ""
    settle(qtbot, model, 0)
    assert {lane for lane, _ in browse.submitted} == {Lane.QUICK}
    assert model.data(model.index(0, 0)) == browse.fake.cell(1, "Name")
    assert model.data(model.index(0, 3), Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight


def test_nothing_is_read_on_the_gui_thread(make_model: Make) -> None:
    browse = FakeBrowse(manual=True)
    model = make_model(browse)
    model.set_ids(ids(1000))
    model.data(model.index(500, 0))
    QApplication.processEvents()
    assert browse.fake.calls("page") == []
    assert len(browse.waiting) == 1


def test_a_million_rows_ask_for_the_pages_seen_alone(qtbot: QtBot, make_model: Make) -> None:
    browse = FakeBrowse()
    model = make_model(browse)
    model.set_ids(ids(1_000_000))
    assert model.rowCount() == 1_000_000
    model.look_at(777_000, 777_030)
    settle(qtbot, model, 777_030)
    assert model.row_texts(777_000)[-1] == record_id(777_001)  # type: ignore[index]
    assert sum(map(len, browse.fake.calls("page"))) <= 3 * PAGE_ROWS


def test_one_question_at_a_time_and_the_newest_wish_next(qtbot: QtBot, make_model: Make) -> None:
    browse = FakeBrowse(manual=True)
    model = make_model(browse)
    model.set_ids(ids(1_000_000))
    for row in range(0, 900_000, 9_000):
        model.look_at(row, row + 30)
        QApplication.processEvents()
    assert len(browse.waiting) == 1
    browse.step("pages")
    QApplication.processEvents()
    browse.step("pages")
    settle(qtbot, model, 891_000 + 30)
    assert len(browse.fake.calls("page")) <= 4


def test_an_answer_for_the_order_before_is_dropped(qtbot: QtBot, make_model: Make) -> None:
    browse = FakeBrowse(manual=True)
    model = make_model(browse)
    model.set_ids(ids(1000))
    model.look_at(0, 20)
    QApplication.processEvents()
    late = browse.waiting[0]
    model.set_ids(array("q", reversed(ids(1000))))
    late[2].set_running_or_notify_cancel()
    if not late[2].cancelled():
        late[2].set_result(late[3](browse.fake))
    QApplication.processEvents()
    assert model.row_texts(0) is None
    browse.waiting = [entry for entry in browse.waiting if entry is not late]
    model.look_at(0, 20)
    QApplication.processEvents()
    browse.step("pages")
    settle(qtbot, model, 0)
    assert model.ref(0).id == record_id(1000)  # type: ignore[union-attr]


def test_a_change_while_a_page_is_read_is_not_missed(qtbot: QtBot, make_model: Make) -> None:
    browse = FakeBrowse(manual=True)
    model = make_model(browse)
    model.set_ids(ids(100))
    model.look_at(0, 20)
    QApplication.processEvents()
    _, _, future, call = browse.waiting.pop()
    answer = call(browse.fake)  # read …
    browse.fake.version = 2
    model.refresh_pages()  # … the change comes …
    future.set_result(answer)  # … and only then the answer of before
    qtbot.waitUntil(lambda: bool(browse.waiting))
    assert model.row_texts(0)[1] == "Email 1 v0"  # type: ignore[index]
    browse.step("pages")
    qtbot.waitUntil(lambda: model.row_texts(0)[1] == "Email 1 v2")  # type: ignore[index]


def test_texts_stay_while_they_are_read_again(qtbot: QtBot, make_model: Make) -> None:
    browse = FakeBrowse()
    model = make_model(browse)
    model.set_ids(ids(100))
    model.look_at(0, 20)
    settle(qtbot, model, 0)
    browse.fake.version = 1
    model.refresh_pages()
    assert model.row_texts(0)[1] == "Email 1 v0"  # type: ignore[index]
    qtbot.waitUntil(lambda: model.row_texts(0)[1] == "Email 1 v1")  # type: ignore[index]


def test_appended_rows_move_nothing(qtbot: QtBot, make_model: Make) -> None:
    model = make_model()
    model.set_ids(ids(250))
    settle(qtbot, model, 249)
    before = model.row_texts(10)
    with qtbot.waitSignal(model.rowsInserted) as inserted:
        model.append_ids(ids(700))
    assert inserted.args is not None
    assert inserted.args[1:] == [250, 699]
    assert model.row_texts(10) == before
    settle(qtbot, model, 260)  # its page was here, too short for the longer list


def test_the_cap_is_kept_and_told(make_model: Make) -> None:
    model = make_model()

    class Long(array):  # type: ignore[type-arg]
        """Claims more rows than a window can have, without the memory."""

        def __len__(self) -> int:
            return MAX_ROWS + 5

    model.set_ids(Long("q"))
    assert (model.rowCount(), model.total, model.is_capped) == (MAX_ROWS, MAX_ROWS + 5, True)


def test_a_page_that_cannot_be_read_is_told_and_can_be_asked_again(qtbot: QtBot, make_model: Make) -> None:
    session = FakeSession()
    model = make_model(FakeBrowse(session))
    session.fault = OrgMirrorError(ErrorCode.FILE_LOCKED)
    model.set_ids(ids(10))
    with qtbot.waitSignal(model.page_failed) as failed:
        model.look_at(0, 5)
    assert failed.args is not None
    assert failed.args[0].code is ErrorCode.FILE_LOCKED
    session.fault = None
    model.look_at(0, 5)
    settle(qtbot, model, 0)


def test_other_columns_are_read_anew(qtbot: QtBot, make_model: Make) -> None:
    model = make_model()
    model.set_ids(ids(10))
    settle(qtbot, model, 0)
    model.set_columns([COLUMNS[2]])
    assert model.row_texts(0) is None
    settle(qtbot, model, 0)
    assert model.row_texts(0) == ("Company 1 v0", record_id(1))
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Company"


def test_it_is_flat(make_model: Make) -> None:
    model = make_model()
    model.set_ids(ids(3))
    assert model.rowCount(model.index(0, 0)) == 0
    assert model.columnCount(model.index(0, 0)) == 0
    assert model.columnCount(QModelIndex()) == len(COLUMNS)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain", "plain"),
        ("two\nlines", "two lines"),
        ("a\r\n\tb\u2028c", "a b c"),
        ("👩‍🚀 ok", "👩‍🚀 ok"),
        ("x" * 1000, "x" * MAX_CELL_CHARS + "…"),
    ],
)
def test_a_cell_is_one_line(text: str, line: str) -> None:
    assert one_line(text) == line
