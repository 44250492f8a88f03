"""`ScopeTreeModel`: what may be copied, in two groups that can be ticked as a whole. GUI thread.

One click on "Custom objects" unticks two hundred of them; a group shows a half tick when only some are chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from gui.desktop import theme
from gui.text import numbers

if TYPE_CHECKING:
    from core.api.connections import ObjectChoice

_ROOT = QModelIndex()
_GROUP_ID = 0xFFFF
Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    OBJECT = 0
    COUNT = 1
    TIME = 2


_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class ScopeTreeModel(QAbstractItemModel):
    """Two groups (standard, custom), each with its objects. `chosen_changed` after any tick."""

    chosen_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._groups: tuple[tuple[ObjectChoice, ...], ...] = ((), ())
        self._ticked: set[str] = set()

    def set_choices(self, choices: Sequence[ObjectChoice], ticked: Sequence[str] | None = None) -> None:
        """Show these; what is ticked is the default scope unless said."""
        self.beginResetModel()
        standard = tuple(choice for choice in choices if not choice.custom)
        custom = tuple(sorted((c for c in choices if c.custom), key=lambda c: c.label.casefold()))
        self._groups = (standard, custom)
        known = {choice.name for choice in choices if choice.visible}
        chosen = {c.name for c in choices if c.in_default} if ticked is None else set(ticked)
        self._ticked = chosen & known
        self.endResetModel()
        self.chosen_changed.emit()

    @property
    def choices(self) -> tuple[ObjectChoice, ...]:
        return (*self._groups[0], *self._groups[1])

    def chosen(self) -> tuple[ObjectChoice, ...]:
        """What is ticked, in the order shown."""
        return tuple(choice for choice in self.choices if choice.name in self._ticked)

    def is_default(self) -> bool:
        """Whether what is ticked is exactly the default scope."""
        return self._ticked == {c.name for c in self.choices if c.in_default and c.visible}

    # The tree

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() if parent.isValid() else _GROUP_ID)

    def parent(self, index: Index = _ROOT) -> QModelIndex:  # type: ignore[override]
        if not index.isValid() or index.internalId() == _GROUP_ID:
            return QModelIndex()
        return self.createIndex(int(index.internalId()), 0, _GROUP_ID)

    def rowCount(self, parent: Index = _ROOT) -> int:
        if not parent.isValid():
            return len(self._groups)
        if parent.internalId() == _GROUP_ID and parent.column() == 0:
            return len(self._groups[parent.row()])
        return 0

    def columnCount(self, parent: Index = _ROOT) -> int:
        return len(Column)

    def choice(self, index: Index) -> ObjectChoice | None:
        """The object of an index; None for a group."""
        if not index.isValid() or index.internalId() == _GROUP_ID:
            return None
        return self._groups[int(index.internalId())][index.row()]

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        choice = self.choice(index)
        if choice is not None and not choice.visible:
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == Column.OBJECT:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid():
            return None
        column = Column(index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if column is Column.OBJECT else _RIGHT
        choice = self.choice(index)
        if role == Qt.ItemDataRole.CheckStateRole and column is Column.OBJECT:
            if choice is not None:
                return Qt.CheckState.Checked if choice.name in self._ticked else Qt.CheckState.Unchecked
            return self._group_state(index.row())
        if choice is None:
            return self._group_data(index.row(), column, role)
        return self._choice_data(choice, column, role)

    def _group_data(self, row: int, column: Column, role: int) -> Any:
        group = self._groups[row]
        ticked = [choice for choice in group if choice.name in self._ticked]
        if role == Qt.ItemDataRole.DisplayRole:
            if column is Column.OBJECT:
                standard = QCoreApplication.translate("ScopeStep", "Standard objects")
                custom = QCoreApplication.translate("ScopeStep", "Custom objects")
                name = custom if row else standard
                shown = QCoreApplication.translate("ScopeStep", "{name} ({ticked} of {all})")
                return shown.format(name=name, ticked=len(ticked), all=sum(1 for c in group if c.visible))
            if column is Column.COUNT:
                return numbers.number(sum(choice.count or 0 for choice in ticked))
        if role == Qt.ItemDataRole.FontRole:
            return theme.font(theme.Type.BODY, theme.Type.SEMIBOLD)
        return None

    def _choice_data(self, choice: ObjectChoice, column: Column, role: int) -> Any:
        if role == Qt.ItemDataRole.DecorationRole and column is Column.OBJECT:
            return theme.object_icon(choice.name, "text_soft" if choice.visible else "disabled")
        if role == Qt.ItemDataRole.ForegroundRole and not choice.visible:
            return theme.colour("disabled")
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if column is Column.OBJECT:
            return choice.label
        if not choice.visible:
            return QCoreApplication.translate("ScopeStep", "not visible to you") if column is Column.COUNT else None
        if column is Column.COUNT:
            unknown = QCoreApplication.translate("ScopeStep", "unknown")
            return numbers.number(choice.count) if choice.count is not None else unknown
        return numbers.about(choice.estimate_seconds) if choice.estimate_seconds is not None else "–"

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if section == Column.OBJECT else _RIGHT
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return {
            Column.OBJECT: QCoreApplication.translate("ScopeStep", "Object"),
            Column.COUNT: QCoreApplication.translate("ScopeStep", "Records"),
            Column.TIME: QCoreApplication.translate("ScopeStep", "Time"),
        }[Column(section)]

    # Ticking

    def setData(self, index: Index, value: Any, role: int = int(Qt.ItemDataRole.EditRole)) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        on = Qt.CheckState(value) is not Qt.CheckState.Unchecked
        choice = self.choice(index)
        if choice is not None:
            self._tick((choice,), on)
        else:
            # A click on a half tick ticks the whole group, a click on a whole one unticks it.
            everything = self._group_state(index.row()) is Qt.CheckState.Checked
            self._tick(self._groups[index.row()], not everything)
        return True

    def tick(self, names: Sequence[str], on: bool) -> None:
        """Tick or untick these objects."""
        wanted = set(names)
        self._tick(tuple(choice for choice in self.choices if choice.name in wanted), on)

    def _tick(self, choices: Sequence[ObjectChoice], on: bool) -> None:
        names = {choice.name for choice in choices if choice.visible}
        changed = names - self._ticked if on else names & self._ticked
        if not changed:
            return
        self._ticked = self._ticked | names if on else self._ticked - names
        last = len(Column) - 1
        for row, group in enumerate(self._groups):
            parent = self.index(row, 0)
            self.dataChanged.emit(parent, self.index(row, last))
            if group:
                self.dataChanged.emit(self.index(0, 0, parent), self.index(len(group) - 1, last, parent))
        self.chosen_changed.emit()

    def _group_state(self, row: int) -> Qt.CheckState:
        visible = [choice for choice in self._groups[row] if choice.visible]
        ticked = sum(1 for choice in visible if choice.name in self._ticked)
        if not ticked:
            return Qt.CheckState.Unchecked
        return Qt.CheckState.Checked if ticked == len(visible) else Qt.CheckState.PartiallyChecked
