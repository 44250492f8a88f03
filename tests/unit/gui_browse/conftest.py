"""The theme that every widget of this part takes its colours from, and what several tests build."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.desktop import theme
from gui.models.record_list_model import RecordListModel
from gui.text import numbers
from gui.widgets.record_table import RecordTable
from tests.helpers.fake_browse import COLUMNS, FakeBrowse


@pytest.fixture(autouse=True)
def _look(qapp: QApplication) -> None:
    numbers.set_default_locale()
    if not qapp.styleSheet():
        theme.apply(qapp, "light")


@pytest.fixture
def make_model(qtbot: QtBot) -> Callable[..., RecordListModel]:
    def make(browse: FakeBrowse | None = None) -> RecordListModel:
        model = RecordListModel(browse or FakeBrowse(), "Contact", "test")  # type: ignore[arg-type]
        model.set_columns(COLUMNS)
        made.append(model)
        return model

    made: list[RecordListModel] = []
    return make


@pytest.fixture
def make_table(qtbot: QtBot, make_model: Callable[..., RecordListModel]) -> Callable[..., RecordTable]:
    def make(browse: FakeBrowse | None = None) -> RecordTable:
        model = make_model(browse)
        table = RecordTable(model)
        qtbot.addWidget(table)
        table.resize(900, 400)
        table.show()
        return table

    return make
