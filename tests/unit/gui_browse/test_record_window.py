"""Records in windows of their own."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.model.changes import Changes
from gui.windows.record_window import RecordWindows
from tests.helpers.fake_browse import FakeBrowse
from tests.helpers.fake_records import field, record

pytestmark = pytest.mark.gui


def test_one_window_per_record_named_after_it(qtbot: QtBot) -> None:
    browse, owner = FakeBrowse(), QObject()
    one, two = record(1, title="Ada <b>"), record(2)
    browse.fake.records = {one.ref: one, two.ref: two}
    windows = RecordWindows(browse, owner)  # type: ignore[arg-type]
    first = windows.open(one.ref)
    qtbot.waitUntil(lambda: first.windowTitle() == "Ada <b> – Contact")
    assert windows.open(one.ref) is first
    assert windows.open(two.ref) is not first
    changed = record(1, field("Name", "new"), title="Ada Lovelace")
    browse.fake.records[one.ref] = changed
    windows.apply_changes(Changes({"Contact": frozenset({one.ref.id})}))
    qtbot.waitUntil(lambda: first.pane.record == changed)
    with qtbot.waitSignal(first.destroyed):
        QTest.keyClick(first.pane, Qt.Key.Key_Escape)
    assert len(windows.windows()) == 1
    last = windows.windows()[0]
    with qtbot.waitSignal(last.destroyed):
        windows.close_all()
    assert windows.windows() == ()


def test_windows_end_with_their_page(qtbot: QtBot) -> None:
    browse, owner = FakeBrowse(), QObject()
    shown = record(1)
    browse.fake.records = {shown.ref: shown}
    window = RecordWindows(browse, owner).open(shown.ref)  # type: ignore[arg-type]
    with qtbot.waitSignal(window.destroyed):
        owner.deleteLater()
