"""The shell's item models keep Qt's rules and their own promises."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from core.model.errors import ErrorCode, OrgMirrorError
from gui.models.line_model import LineModel
from gui.models.object_lines import object_lines
from gui.models.scope_tree_model import Column as ScopeColumn
from gui.models.scope_tree_model import ScopeTreeModel
from gui.models.sync_lines import SYNC_COLUMNS, SyncLine, sync_lines
from gui.models.two_line_model import Entry, TwoLineModel
from tests.helpers import fake_app

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


def choice(name: str, **more: Any) -> Any:
    """An object that may be copied."""
    values = {
        "name": name,
        "label": name.removesuffix("__c"),
        "custom": name.endswith("__c"),
        "in_default": True,
        "count": 1000,
        "estimate_seconds": 1.0,
        "visible": True,
    }
    return SimpleNamespace(**(values | more))


def sync_model() -> LineModel[SyncLine]:
    return LineModel(SYNC_COLUMNS, lambda line: line.name)


def shown(model: LineModel[Any], row: int, key: str) -> str:
    """What a cell says."""
    at = next(at for at, column in enumerate(model.columns) if column.key == key)
    return str(model.data(model.index(row, at)))


def test_the_sync_table(qtbot: QtBot) -> None:
    model = sync_model()
    tester = QAbstractItemModelTester(model, FATAL)
    model.set_lines(sync_lines(object_lines(None, fake_app.first_load(0.5)), {}, {}))
    assert shown(model, 0, "object") == "Leads"
    assert shown(model, 0, "records") == "20,000 of 40,000"
    assert shown(model, 0, "speed") == "7,400 rows/s"
    resets: list[int] = []
    model.modelReset.connect(lambda: resets.append(1))
    changed: list[int] = []
    model.dataChanged.connect(lambda top, _bottom: changed.append(top.row()))
    model.set_lines(sync_lines(object_lines(None, fake_app.first_load(0.6)), {}, {}))
    assert resets == []
    assert changed == [0, 1, 3]
    model.set_lines(())
    assert model.rowCount() == 0
    assert tester.model() is model


def test_an_error_takes_the_place_of_the_state(qtbot: QtBot) -> None:
    model = sync_model()
    progress = fake_app.first_load()
    error = OrgMirrorError(ErrorCode.FIELD_REFUSED, object="Lead <b>")
    broken = tuple(replace(item, error=error) if item.name == "Lead" else item for item in progress.objects)
    model.set_lines(sync_lines(object_lines(None, replace(progress, objects=broken)), {}, {}))
    index = model.index(0, 1)
    assert "Lead <b>" in str(index.data())
    assert "<b>" not in str(index.data(Qt.ItemDataRole.ToolTipRole))


def test_the_two_line_list(qtbot: QtBot) -> None:
    model = TwoLineModel()
    QAbstractItemModelTester(model, FATAL)
    model.set_entries([Entry(1, "one"), Entry(2, "two", "text", "aside")])
    assert model.data(model.index(1), Qt.ItemDataRole.AccessibleTextRole) == "two, text, aside"
    resets: list[int] = []
    model.modelReset.connect(lambda: resets.append(1))
    model.set_entries([Entry(1, "ONE"), Entry(2, "two", "text", "aside")])
    assert resets == []
    assert model.index(0).data() == "ONE"
    model.set_entries([Entry(2, "two")])
    assert resets == [1]


@pytest.fixture
def scope(qtbot: QtBot) -> ScopeTreeModel:
    model = ScopeTreeModel()
    QAbstractItemModelTester(model, FATAL)
    custom = [choice(f"Thing{number}__c") for number in range(200)]
    hidden = choice("Event", visible=False, in_default=False, count=None)
    model.set_choices([choice("Lead"), choice("Contact", count=None), hidden, *custom])
    return model


def group(model: ScopeTreeModel, row: int) -> QModelIndex:
    return model.index(row, ScopeColumn.OBJECT)


def check_state(index: QModelIndex) -> Qt.CheckState:
    return Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole))


def test_two_hundred_custom_objects_go_with_one_click(scope: ScopeTreeModel) -> None:
    assert len(scope.chosen()) == 202
    assert scope.is_default()
    assert check_state(group(scope, 1)) is Qt.CheckState.Checked
    scope.setData(group(scope, 1), Qt.CheckState.Unchecked.value, Qt.ItemDataRole.CheckStateRole)
    assert [item.name for item in scope.chosen()] == ["Lead", "Contact"]
    assert not scope.is_default()
    scope.setData(group(scope, 1), Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    assert scope.is_default()


def test_a_group_shows_a_half_tick(scope: ScopeTreeModel) -> None:
    scope.setData(scope.index(3, 0, group(scope, 1)), Qt.CheckState.Unchecked.value, Qt.ItemDataRole.CheckStateRole)
    assert check_state(group(scope, 1)) is Qt.CheckState.PartiallyChecked
    scope.setData(group(scope, 1), Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    assert check_state(group(scope, 1)) is Qt.CheckState.Checked


def test_what_is_not_visible_cannot_be_chosen(scope: ScopeTreeModel) -> None:
    event = scope.index(2, 0, group(scope, 0))
    assert not event.flags() & Qt.ItemFlag.ItemIsEnabled
    scope.setData(event, Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    assert "Event" not in [item.name for item in scope.chosen()]
    assert scope.index(2, ScopeColumn.COUNT, group(scope, 0)).data() == "not visible to you"
    assert scope.index(1, ScopeColumn.COUNT, group(scope, 0)).data() == "unknown"
