"""The list as a person uses it: painting, selection by record, keys, and a million rows."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.desktop import theme
from gui.widgets.record_table import RecordTable
from tests.helpers.fake_browse import FakeBrowse

pytestmark = pytest.mark.gui
Make = Callable[..., RecordTable]


def ids(values: range | list[int]) -> array[int]:
    return array("q", values)


def settle(qtbot: QtBot, table: RecordTable) -> None:
    """Wait until every row that is seen has its texts, and is painted."""
    model = table.model()

    def here() -> bool:
        table.viewport().repaint()
        first = table.rowAt(0)
        last = table.rowAt(table.viewport().height() - 1)
        last = model.rowCount() - 1 if last < 0 else last
        return all(model.row_texts(row) is not None for row in range(first, last + 1))

    qtbot.waitUntil(here)


def image(table: RecordTable) -> QImage:
    return table.viewport().grab().toImage()


def has_ink(picture: QImage, left: int, top: int, width: int, height: int, colour: QColor) -> bool:
    """Whether something near `colour` was drawn in the rectangle."""
    for y in range(top, top + height):
        for x in range(left, left + width):
            pixel = picture.pixelColor(x, y)
            if abs(pixel.lightness() - colour.lightness()) < 60:
                return True
    return False


def test_every_cell_that_is_seen_is_painted(qtbot: QtBot, make_table: Make) -> None:
    table = make_table()
    table.replace_ids(ids(range(1, 5001)), {}, to_top=True)
    settle(qtbot, table)
    picture, text = image(table), theme.colour("text")
    for row in range(8):
        for column in range(3):
            left, top = table.columnViewportPosition(column), table.rowViewportPosition(row)
            assert has_ink(picture, left + 8, top + 4, 60, 20, text), (row, column)


def test_rows_on_their_way_show_placeholders(make_table: Make) -> None:
    table = make_table(FakeBrowse(manual=True))
    table.replace_ids(ids(range(1, 5001)), {}, to_top=True)
    picture = image(table)
    middle = table.rowViewportPosition(3) + table.rowHeight(3) // 2
    assert picture.pixelColor(table.columnViewportPosition(1) + 16, middle) == theme.colour("track")
    assert not has_ink(picture, 0, 0, 200, 100, theme.colour("text"))


def test_numbers_stand_at_the_right(qtbot: QtBot, make_table: Make) -> None:
    table = make_table()
    table.replace_ids(ids(range(1, 50)), {}, to_top=True)
    settle(qtbot, table)
    left, width = table.columnViewportPosition(3), table.columnWidth(3)
    picture = image(table)
    assert has_ink(picture, left + width - 40, 4, 32, 20, theme.colour("text"))
    assert not has_ink(picture, left + 2, 4, 20, 20, theme.colour("text"))


def test_selection_and_current_record_are_kept_by_record(qtbot: QtBot, make_table: Make) -> None:
    table = make_table()
    table.replace_ids(ids(range(1, 101)), {}, to_top=True)
    table.reach(10)
    table.selectionModel().select(
        table.model().index(20, 0),
        table.selectionModel().SelectionFlag.Select | table.selectionModel().SelectionFlag.Rows,
    )
    assert table.remembered() >= {11, 21}
    table.replace_ids(ids(range(100, 0, -1)), {}, to_top=False)
    assert table.currentIndex().row() == 89
    assert list(table.selected_rows()) == [79, 89]


def test_what_was_at_the_top_stays_at_the_top(make_table: Make) -> None:
    table = make_table()
    table.replace_ids(ids(range(1, 10_001)), {}, to_top=True)
    height = table.rowHeight(0)
    table.verticalScrollBar().setValue(5000 * height + 7)
    table.replace_ids(ids([*range(20_001, 20_301), *range(1, 10_001)]), {}, to_top=False)
    assert table.verticalScrollBar().value() == 5300 * height + 7
    table.replace_ids(ids(range(1, 10_001)), {}, to_top=True)
    assert table.verticalScrollBar().value() == 0


def test_a_record_that_left_is_no_longer_selected(qtbot: QtBot, make_table: Make) -> None:
    table = make_table()
    table.replace_ids(ids(range(1, 101)), {}, to_top=True)
    table.reach(10)
    with qtbot.waitSignal(table.row_reached) as reached:
        table.replace_ids(ids([*range(1, 11), *range(12, 101)]), {}, to_top=False)
    assert reached.args == [-1]
    assert table.selected_count() == 0


def test_select_all_is_one_idea_at_a_million_rows(make_table: Make) -> None:
    table = make_table()
    table.replace_ids(ids(range(1, 1_000_001)), {}, to_top=True)
    QTest.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert table.all_selected
    assert table.selected_count() == 1_000_000
    assert len(table.selectionModel().selection()) == 0
    table.replace_ids(ids(range(1, 999_001)), {}, to_top=False)
    assert table.selected_count() == 999_000
    table.reach(3)
    assert not table.all_selected
    assert table.selected_count() == 1


def test_a_click_ends_select_all(qtbot: QtBot, make_table: Make) -> None:
    table = make_table()
    table.replace_ids(ids(range(1, 101)), {}, to_top=True)
    table.selectAll()
    where = table.visualRect(table.model().index(2, 0)).center()
    with qtbot.waitSignal(table.row_clicked) as clicked:
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert clicked.args == [2]
    assert list(table.selected_rows()) == [2]


def test_a_range_over_a_million_rows_is_a_range(make_table: Make) -> None:
    table = make_table()
    table.replace_ids(ids(range(1, 1_000_001)), {}, to_top=True)
    table.reach(5)
    QTest.keyClick(table, Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    assert table.selected_count() == 999_995
    assert len(table.remembered()) <= 2  # too many to look for; the current row and the first seen are not


def test_home_and_end_reach_the_first_and_last_record(make_table: Make) -> None:
    table = make_table()
    table.replace_ids(ids(range(1, 1_000_001)), {}, to_top=True)
    table.reach(5)
    QTest.keyClick(table, Qt.Key.Key_End)
    assert table.currentIndex().row() == 999_999
    QTest.keyClick(table, Qt.Key.Key_Home)
    assert table.currentIndex().row() == 0
    QTest.keyClick(table, Qt.Key.Key_Down)
    assert table.currentIndex().row() == 1


@pytest.mark.parametrize(
    ("key", "modifier", "signal"),
    [
        (Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "row_opened"),
        (Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier, "row_wanted_apart"),
        (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier, "left"),
        (Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier, "copy_wanted"),
        (Qt.Key.Key_Menu, Qt.KeyboardModifier.NoModifier, "cell_menu_wanted"),
        (Qt.Key.Key_B, Qt.KeyboardModifier.NoModifier, "typed"),
    ],
)
def test_keys(qtbot: QtBot, make_table: Make, key: Qt.Key, modifier: Qt.KeyboardModifier, signal: str) -> None:
    table = make_table()
    table.replace_ids(ids(range(1, 101)), {}, to_top=True)
    table.reach(4)
    with qtbot.waitSignal(getattr(table, signal)):
        QTest.keyClick(table, key, modifier)


def test_typing_reads_no_rows(make_table: Make) -> None:
    browse = FakeBrowse(manual=True)
    table = make_table(browse)
    table.replace_ids(ids(range(1, 1_000_001)), {}, to_top=True)
    QTest.keyClicks(table, "smith")
    assert browse.fake.calls("page") == []


def test_a_double_click_wants_a_window(qtbot: QtBot, make_table: Make) -> None:
    table = make_table()
    table.replace_ids(ids(range(1, 101)), {}, to_top=True)
    where = table.visualRect(table.model().index(3, 1)).center()
    with qtbot.waitSignal(table.row_wanted_apart) as wanted:
        qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert wanted.args == [3]


def test_a_changed_page_is_painted(qtbot: QtBot, make_table: Make) -> None:
    browse = FakeBrowse()
    table = make_table(browse)
    table.replace_ids(ids(range(1, 101)), {}, to_top=True)
    settle(qtbot, table)
    before = image(table)
    browse.fake.version = 8
    table.model().refresh_pages()
    qtbot.waitUntil(lambda: table.model().row_texts(0)[1].endswith("v8"))
    assert image(table) != before


def test_hovering_marks_one_row(qtbot: QtBot, make_table: Make) -> None:
    table = make_table()
    table.replace_ids(ids(range(1, 101)), {}, to_top=True)
    settle(qtbot, table)
    before = image(table)
    where = table.visualRect(table.model().index(3, 0)).center()
    qtbot.mouseMove(table.viewport(), where + QPoint(1, 1))
    QTest.mouseMove(table.viewport(), where)
    assert table._hover == 3
    assert image(table) != before


def test_a_header_click_asks_for_an_order_and_turns_it(qtbot: QtBot, make_table: Make) -> None:
    table = make_table()
    header = table.header
    where = QPoint(header.sectionViewportPosition(0) + 20, header.height() // 2)
    with qtbot.waitSignal(header.sort_wanted) as wanted:
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert wanted.args == [0, False]
    header.show_sort("Name", descending=False)
    with qtbot.waitSignal(header.sort_wanted) as wanted:
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert wanted.args == [0, True]


def test_columns_can_be_dragged_and_are_painted_where_they_are(qtbot: QtBot, make_table: Make) -> None:
    table = make_table()
    table.replace_ids(ids(range(1, 101)), {}, to_top=True)
    settle(qtbot, table)
    table.header.moveSection(3, 0)
    picture = image(table)
    width = table.columnWidth(3)
    assert has_ink(picture, width - 40, 4, 32, 20, theme.colour("text"))  # the amounts, at the right of the first place


def test_fitting_a_column_looks_at_what_is_seen_alone(qtbot: QtBot, make_table: Make) -> None:
    browse = FakeBrowse()
    table = make_table(browse)
    table.replace_ids(ids(range(1, 1_000_001)), {}, to_top=True)
    settle(qtbot, table)
    asked = len(browse.fake.calls("page"))
    table.resizeColumnToContents(1)
    assert len(browse.fake.calls("page")) == asked
    assert 60 < table.columnWidth(1) < 300


def test_screen_readers_find_rows_columns_and_texts(qtbot: QtBot, make_table: Make) -> None:
    table = make_table()
    table.replace_ids(ids(range(1, 101)), {}, to_top=True)
    settle(qtbot, table)
    interface = QAccessible.queryAccessibleInterface(table)
    assert interface.role() == QAccessible.Role.Table
    assert interface.text(QAccessible.Text.Name) == "Records"
    width = 5 + 1  # Qt counts the hidden row heads
    assert interface.childCount() == 101 * width
    assert interface.child(2).text(QAccessible.Text.Name) == "E-mail"
    assert interface.child(3 * width + 2).text(QAccessible.Text.Name) == "Email 3 v0"


def test_dark_and_light_are_repainted(qtbot: QtBot, make_table: Make, qapp: QApplication) -> None:
    table = make_table()
    table.replace_ids(ids(range(1, 101)), {}, to_top=True)
    settle(qtbot, table)
    try:
        theme.apply(qapp, "dark")
        assert image(table).pixelColor(880, 4).lightness() < 80
    finally:
        theme.apply(qapp, "light")
    assert image(table).pixelColor(880, 4).lightness() > 200
