"""`LineModel`: a table of lines by declared columns: each column is one declaration, for eye, order and file.

GUI thread. Lines are values; they are replaced as a whole, up to ten times a second, and selection and place stay as
long as the same lines are there in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gui.widgets.plain_text import tooltip

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex

_ROOT = QModelIndex()
LINE_ROLE = int(Qt.ItemDataRole.UserRole) + 1
COLUMN_ROLE = LINE_ROLE + 1
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True, slots=True)
class LineColumn(Generic[T]):
    """A column of lines of type T.

    `text` is what is shown; `order` what it is sorted by (text otherwise); `value` what a file gets (text otherwise).
    `icon` names a drawing before the text, `dot` the token of a dot before it, `role` the token of the words, `share`
    (0 to 1, or None) draws a bar below them, `tip` says more. `width` is in logical pixels; `stretch` takes the rest.
    `file_only`: not shown.
    """

    key: str
    title: Callable[[], str]
    text: Callable[[T], str]
    width: int = 110
    right: bool = False
    stretch: bool = False
    order: Callable[[T], Any] | None = None
    value: Callable[[T], Any] | None = None
    icon: Callable[[T], str] | None = None
    dot: Callable[[T], str] | None = None
    role: Callable[[T], str] | None = None
    share: Callable[[T], float | None] | None = None
    tip: Callable[[T], str] | None = None
    strong: bool = False
    file_only: bool = False


class LineModel(QAbstractTableModel, Generic[T]):
    """`key` names a line for life, so that it keeps its selection; `sort` is Qt's, by the columns' `order`."""

    def __init__(
        self, columns: Sequence[LineColumn[T]], key: Callable[[T], object], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._key = key
        self._given: tuple[T, ...] = ()
        self._lines: tuple[T, ...] = ()
        self._order: tuple[int, Qt.SortOrder] | None = None

    @property
    def lines(self) -> tuple[T, ...]:
        """The lines in the order in which they are shown."""
        return self._lines

    def key_of(self, line: T) -> object:
        return self._key(line)

    def set_lines(self, lines: Sequence[T]) -> None:
        """Show these; lines that are the same but for their values keep selection and place."""
        self._given = tuple(lines)
        self._show(self._sorted(self._given))

    def _show(self, new: tuple[T, ...]) -> None:
        if [self._key(line) for line in new] != [self._key(line) for line in self._lines]:
            self.beginResetModel()
            self._lines = new
            self.endResetModel()
            return
        changed = [row for row, line in enumerate(new) if line != self._lines[row]]
        self._lines = new
        for row in changed:
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(self.columns) - 1))

    def refresh_words(self) -> None:
        """Time has passed, or the language has changed."""
        last = len(self.columns) - 1
        if self._lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._lines) - 1, last))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, last)

    def row_of(self, key: object) -> int | None:
        """Where the line of that key is."""
        return next((row for row, line in enumerate(self._lines) if self._key(line) == key), None)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._order = (column, order) if 0 <= column < len(self.columns) else None
        self._show(self._sorted(self._given))

    def _sorted(self, lines: tuple[T, ...]) -> tuple[T, ...]:
        if self._order is None:
            return lines
        column = self.columns[self._order[0]]
        by = column.order or (lambda line: column.text(line).casefold())
        backwards = self._order[1] is Qt.SortOrder.DescendingOrder
        known = [line for line in lines if by(line) is not None]
        unknown = [line for line in lines if by(line) is None]
        return (*sorted(known, key=by, reverse=backwards), *unknown)

    # For a file

    def header(self) -> list[str]:
        """The titles of the columns."""
        return [column.title() for column in self.columns]

    def rows(self) -> list[list[Any]]:
        """Every line as a file gets it."""
        return [[(column.value or column.text)(line) for column in self.columns] for line in self._lines]

    # For the view

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.right else _LEFT
        return column.title() if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._lines):
            return None
        line, column = self._lines[index.row()], self.columns[index.column()]
        if role == LINE_ROLE:
            return line
        if role == COLUMN_ROLE:
            return column
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(line)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.right else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole and column.tip is not None:
            return tooltip(column.tip(line))
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            # A screen reader that reads the first cell of a row hears the whole of it.
            shown = ((each.title(), each.text(line)) for each in self.columns)
            return ", ".join(f"{title}: {text}" for title, text in shown if text)
        return None
