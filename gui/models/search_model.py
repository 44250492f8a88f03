"""`SearchModel`: hits of the global search, grouped by object, as rows of one list. GUI thread; plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    from core.api.browse import SearchHit

HIT_ROLE = Qt.ItemDataRole.UserRole + 1
GROUP_ROLE = Qt.ItemDataRole.UserRole + 2
_ROOT = QModelIndex()


@dataclass(frozen=True, slots=True)
class Group:
    """The head of the hits of one object."""

    object_name: str
    label: str


class SearchModel(QAbstractListModel):
    """Rows are `Group` heads, which cannot be chosen, and the hits below them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Group | SearchHit] = []

    def set_hits(self, hits: Sequence[SearchHit]) -> None:
        """Show these; objects in the order of their first hit, hits in the order given."""
        groups: dict[str, list[SearchHit]] = {}
        for hit in hits:
            groups.setdefault(hit.ref.object, []).append(hit)
        rows: list[Group | SearchHit] = []
        for object_name, members in groups.items():
            rows.append(Group(object_name, members[0].object_label))
            rows.extend(members)
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def hit(self, row: int) -> SearchHit | None:
        """The hit in `row`, None for a head or outside."""
        if not 0 <= row < len(self._rows):
            return None
        entry = self._rows[row]
        return None if isinstance(entry, Group) else entry

    def group(self, row: int) -> Group | None:
        """The head in `row`, None for a hit or outside."""
        if not 0 <= row < len(self._rows):
            return None
        entry = self._rows[row]
        return entry if isinstance(entry, Group) else None

    def step(self, row: int, by: int) -> int:
        """The row of the next hit in the direction of `by` (1 or -1), staying at the ends; -1 when there is none."""
        at = row + by
        while 0 <= at < len(self._rows):
            if not isinstance(self._rows[at], Group):
                return at
            at += by
        return row if self.hit(row) is not None else -1

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        entry = self._rows[index.row()]
        if role == HIT_ROLE:
            return None if isinstance(entry, Group) else entry
        if role == GROUP_ROLE:
            return entry if isinstance(entry, Group) else None
        if role == Qt.ItemDataRole.DisplayRole or role == Qt.ItemDataRole.AccessibleTextRole:
            if isinstance(entry, Group):
                return entry.label
            return f"{entry.title}, {entry.subtitle}" if entry.subtitle else entry.title
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        if self.hit(index.row()) is None:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
