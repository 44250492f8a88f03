"""`SyncTableModel`: the objects of the Sync page, one per row. GUI thread; replaced in place ten times a second."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.model.states import LoadPhase
from gui.models.object_lines import ObjectLine
from gui.text import errors, numbers, phases
from gui.widgets.plain_text import tooltip

_ROOT = QModelIndex()
LINE_ROLE = int(Qt.ItemDataRole.UserRole) + 1


class Column(IntEnum):
    OBJECT = 0
    STATE = 1
    PROGRESS = 2
    SPEED = 3
    LEFT = 4
    METHOD = 5
    LAST = 6


_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_NUMBERS = (Column.SPEED, Column.LEFT)


class SyncTableModel(QAbstractTableModel):
    """`set_lines` keeps selection and place as long as the objects are the same."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[ObjectLine, ...] = ()

    @property
    def lines(self) -> tuple[ObjectLine, ...]:
        return self._lines

    def set_lines(self, lines: Sequence[ObjectLine]) -> None:
        new = tuple(lines)
        if [line.name for line in new] != [line.name for line in self._lines]:
            self.beginResetModel()
            self._lines = new
            self.endResetModel()
            return
        changed = [row for row, line in enumerate(new) if line != self._lines[row]]
        self._lines = new
        for row in changed:
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(Column) - 1))

    def refresh_words(self) -> None:
        """Time has passed, or the language has changed."""
        if self._lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._lines) - 1, len(Column) - 1))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section in _NUMBERS else _LEFT
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        translate = QCoreApplication.translate
        return {
            Column.OBJECT: translate("SyncPage", "Object"),
            Column.STATE: translate("SyncPage", "State"),
            Column.PROGRESS: translate("SyncPage", "Records"),
            Column.SPEED: translate("SyncPage", "Speed"),
            Column.LEFT: translate("SyncPage", "Time left"),
            Column.METHOD: translate("SyncPage", "Way"),
            Column.LAST: translate("SyncPage", "Last synced"),
        }.get(Column(section))

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._lines):
            return None
        line = self._lines[index.row()]
        if role == LINE_ROLE:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(line, Column(index.column()))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if index.column() in _NUMBERS else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole and line.error is not None and index.column() == Column.STATE:
            said = errors.words(line.error)
            return tooltip(f"{said.title}\n{said.remedy}")
        return None

    def _text(self, line: ObjectLine, column: Column) -> str:
        if column is Column.OBJECT:
            return line.label
        if column is Column.STATE:
            return state_words(line)
        if column is Column.PROGRESS:
            if line.loading:
                return phases.rows_of(line.rows, line.total, estimate=line.total_is_estimate)
            return numbers.number(line.rows)
        if column is Column.SPEED:
            return numbers.rate(line.rate) if line.rate and line.phase is LoadPhase.LOADING else ""
        if column is Column.LEFT:
            return numbers.about(line.remaining_seconds) if line.remaining_seconds is not None and line.loading else ""
        if column is Column.METHOD:
            return phases.method(line.method)
        return numbers.ago(line.last_synced_at, datetime.now(UTC)) if line.last_synced_at else ""


def state_words(line: ObjectLine) -> str:
    """The state of an object in a few words; an error's own words where there is one."""
    if line.error is not None:
        return errors.words(line.error).title
    if line.loading and line.resumed_at is not None and line.phase is LoadPhase.LOADING:
        return QCoreApplication.translate("SyncPage", "Resuming")
    return phases.phase(line.phase, first_load=line.loading)
