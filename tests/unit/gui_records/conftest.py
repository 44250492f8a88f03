"""The theme, a pool of operations that ends, and a desk over a faked editing side."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.desktop import theme
from gui.models.edit_desk import EditDesk
from gui.operations import Operations
from gui.text import numbers
from tests.helpers.fake_edits import FakePush, FakeRecords
from tests.helpers.fake_lookback import FakeLookback


@pytest.fixture(autouse=True)
def _look(qapp: QApplication) -> None:
    numbers.set_default_locale()
    if not qapp.styleSheet():
        theme.apply(qapp, "light")


@pytest.fixture
def operations(qtbot: QtBot) -> Iterator[Operations]:
    made = Operations()
    yield made
    made.close()


@pytest.fixture
def records() -> FakeRecords:
    return FakeRecords()


@pytest.fixture
def push() -> FakePush:
    return FakePush()


@pytest.fixture
def desk(operations: Operations, records: FakeRecords, push: FakePush) -> EditDesk:
    return EditDesk(SimpleNamespace(records=records, push=push, sync=FakeLookback()), operations)
