"""From a click to the first rows of a million-row list, over a real encrypted mirror and its reader threads.

`BENCH_LIST_ROWS` sets the size. What is waited for is what a person sees: rows with their texts, painted.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.api.browse import BrowseApi
from core.mirror import search
from core.mirror.indexes import create_indexes
from core.mirror.mirror import Mirror
from core.mirror.rows import RowWriter
from core.mirror.writer import Priority
from core.model.refs import long_id
from gui.desktop import theme
from gui.pages.object_page import ObjectPage
from tests.helpers.fake_browse import MemoryStore
from tests.helpers.sample_org import LEAD, SampleOrg
from tests.perf.workbench import put_table

pytestmark = [pytest.mark.bench, pytest.mark.gui]

ROWS = int(os.environ.get("BENCH_LIST_ROWS", "1000000"))
BATCH = 2000
FIRST_ROWS_SECONDS = 1.0
_GIVEN = ("Ada", "Zoë", "王", "Jörg", "محمد", "Priya", "Noah", "Émilie")
_FAMILY = ("Lovelace", "O’Hara", "小明", "Müller", "العربي", "Sharma", "Cohen", "Gonçalves")


def rows(count: int) -> Iterator[list[str]]:
    draw = random.Random(3)
    for number in range(count):
        given, family = draw.choice(_GIVEN), draw.choice(_FAMILY)
        stamp = f"2024-{1 + number % 12:02}-{1 + number % 28:02}T10:{number % 60:02}:{number % 59:02}.000Z"
        yield [
            long_id(f"00Q{number:012d}"), "false", given, family, f"{given} {family} {number}",
            f"Company {number % 9973}", f"{number}@example.org", f"+49 30 {draw.randrange(10**6)}",
            draw.choice(("Open", "Closed")), f"City {draw.randrange(500)}", stamp, stamp,
        ]  # fmt: skip


HEADER = [
    "Id", "IsDeleted", "FirstName", "LastName", "Name", "Company", "Email", "Phone", "Status", "City", "CreatedDate",
    "SystemModstamp",
]  # fmt: skip


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    begun = time.perf_counter()
    org = SampleOrg(Path(tmp_path_factory.mktemp("list")) / "mirror.db")
    table = org.mirror.tables()[LEAD.name]
    writer, batch = RowWriter.for_csv(table, HEADER), []
    for row in rows(ROWS):
        batch.append(row)
        if len(batch) == BATCH:
            org.mirror.writer.call(lambda s, b=batch: writer.load(s, b), Priority.BATCH)
            batch = []
    org.mirror.writer.call(lambda s: writer.load(s, batch), Priority.BATCH)
    create_indexes(org.mirror.writer, table)
    search.build(org.mirror.writer, table)
    org.mirror.write(lambda s: s.conn.execute("UPDATE om_object SET loaded = 1"))
    print(f"\n{ROWS:,} leads made in {time.perf_counter() - begun:.0f} s")
    yield org.mirror
    org.close()


class Watch:
    """Seconds until something is true, while the window stays alive; and the longest time it did not answer."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, ...]] = [("seconds", "until", "longest pause of the window")]

    def until(self, what: str, act: Callable[[], object], true: Callable[[], bool]) -> float:
        begun = last = time.perf_counter()
        act()
        longest = time.perf_counter() - begun
        while not true():
            last = time.perf_counter()
            QApplication.processEvents()
            longest = max(longest, time.perf_counter() - last)
            time.sleep(0.001)
        seconds = time.perf_counter() - begun
        self.rows.append((what, f"{seconds:.3f}", f"{longest * 1000:.0f} ms"))
        assert seconds < 120
        return seconds


def test_opening_sorting_and_searching(qtbot: QtBot, mirror: Mirror) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply(application, "light")
    browse = BrowseApi(mirror)
    made: list[ObjectPage] = []

    def open_page() -> None:
        page = ObjectPage(browse, None, MemoryStore(), "Lead")
        qtbot.addWidget(page)
        page.resize(1920, 1000)
        page.show()
        made.append(page)

    def first_rows() -> bool:
        page = made[-1]
        page.table.viewport().repaint()
        return page.model.rowCount() > 0 and page.model.row_texts(0) is not None

    watch = Watch()
    watch.until("first rows, cold readers", open_page, first_rows)
    watch.until("the whole order", lambda: None, lambda: made[-1].list.count == ROWS)
    warm = watch.until("first rows, warm", open_page, first_rows)
    watch.until("the whole order, warm", lambda: None, lambda: made[-1].list.count == ROWS)
    page = made[-1]

    def shows(text: str) -> Callable[[], bool]:
        return lambda: page.list.busy.name == "NOTHING" and text in (page.model.row_texts(0) or ("",))[0]

    name = next(at for at, column in enumerate(page.model.columns) if column.name == "Name")
    page.table.header.moveSection(name, 0)

    def sorted_once() -> bool:
        return page.list.busy.name == "NOTHING" and page.model.row_texts(0) is not None

    watch.until("sort by name, first time", lambda: page.sort("Name"), sorted_once)
    watch.until("its index in idle time", lambda: None, lambda: not browse._indexing)
    watch.until("sort by name, indexed", lambda: page.sort("Name", descending=True), sorted_once)
    watch.until("search a word of many", lambda: page.search("company 77"), sorted_once)
    watch.until("search one record", lambda: page.search("123456@example"), sorted_once)
    watch.until("the search cleared", page.clear_filters, lambda: page.list.count == ROWS and sorted_once())
    draw, waits = random.Random(5), []
    for _ in range(60):
        row = draw.randrange(ROWS - 50)
        begun = time.perf_counter()
        page.table.verticalScrollBar().setValue(row * page.table.rowHeight(0))
        page.table.viewport().repaint()
        qtbot.waitUntil(lambda row=row: page.model.row_texts(row + 20) is not None)
        waits.append(time.perf_counter() - begun)
    waits.sort()
    watch.rows.append(("a jump until its rows are here", f"{waits[30]:.3f}", f"worst {waits[-1] * 1000:.0f} ms"))
    put_table(f"A list of {ROWS:,} leads, encrypted", watch.rows)
    browse.close()
    assert warm < FIRST_ROWS_SECONDS
