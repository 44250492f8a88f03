"""`RecordListModel`: the rows of one list, as an array of row numbers and a cache of display strings.

Lives on the GUI thread, owned by the page that shows it. It never reads the mirror: a miss paints as a placeholder and
asks the quick lane for the page, one question under way at a time and the newest wish next, so that dragging the
scroll bar through a million rows neither queues questions up nor starves the last one. A generation number in
`PageCache` drops answers that belong to an older array or to other columns.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from core.api.browse import Lane
from core.model.refs import RecordRef
from gui.models.answers import Answers
from gui.models.page_cache import PAGE_ROWS, PageCache, Row

if TYPE_CHECKING:
    from core.api.browse import BrowseApi, BrowseSession, ColumnInfo

# A view's height in pixels is a C int: rows beyond this could not be reached by any scroll bar (rows of up to 200 px).
MAX_ROWS = 10_000_000
# What a cell may hand to the painter; longer texts could not be seen in a row anyway and cost shaping time.
MAX_CELL_CHARS = 400
# Rows kept ready above and below what is seen.
PREFETCH_ROWS = 80
# A page question older than this is interrupted when the eye has moved on.
IMPATIENCE_SECONDS = 0.25

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


def one_line(text: str) -> str:
    """`text` as a single line of bounded length, for a cell."""
    if len(text) > MAX_CELL_CHARS:
        text = text[:MAX_CELL_CHARS] + "…"
    return text if text.isprintable() else " ".join(text.split())


class RecordListModel(QAbstractTableModel):
    """Rows of one object in the order of `ids` (om_row numbers); columns as chosen by the person."""

    page_arrived = Signal(object)  # (first row, last row) of a page that can be painted now
    page_failed = Signal(object)  # the error of a page that could not be read

    def __init__(self, browse: BrowseApi, object_name: str, view: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._browse = browse
        self._object = object_name
        self._view = f"{view}:pages"
        self._columns: tuple[ColumnInfo, ...] = ()
        self._ids: array[int] = array("q")
        self._row_count = 0
        self._total = 0
        self._cache = PageCache()
        self._answers = Answers(self)
        self._wanted: tuple[int, int] | None = None
        self._asked: tuple[int, ...] = ()
        self._asked_at = 0.0
        self._epoch = 0
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._ask)

    # What is shown

    @property
    def object_name(self) -> str:
        return self._object

    @property
    def columns(self) -> tuple[ColumnInfo, ...]:
        return self._columns

    @property
    def ids(self) -> array[int]:
        """The om_row numbers in the order shown. Not to be changed by the caller."""
        return self._ids

    @property
    def total(self) -> int:
        """How many records the list has, also where not all of them can be shown."""
        return self._total

    @property
    def is_capped(self) -> bool:
        """Whether the list is longer than a window can show."""
        return self._total > self._row_count

    def set_columns(self, columns: Sequence[ColumnInfo]) -> None:
        """Show these columns, in this order."""
        self.beginResetModel()
        self._columns = tuple(columns)
        self._forget_pages()
        self.endResetModel()

    def set_ids(self, ids: array[int]) -> None:
        """Show another list. The view keeps its place (`RecordTable.replace_ids`)."""
        self.beginResetModel()
        self._take(ids)
        self._forget_pages()
        self.endResetModel()

    def append_ids(self, ids: array[int]) -> None:
        """Show a list that begins with the present one: rows appear at the end and nothing moves."""
        old = self._row_count
        new = min(len(ids), MAX_ROWS)
        if new <= old:
            self._total = len(ids)
            return
        self.beginInsertRows(_ROOT, old, new - 1)
        self._take(ids)
        self.endInsertRows()

    def refresh_pages(self) -> None:
        """Read what is looked at again; the old texts stay until the new ones are here."""
        self._epoch += 1
        self._cache.mark_stale()
        if self._wanted is not None:
            self._soon.start()

    def _take(self, ids: array[int]) -> None:
        self._ids = ids
        self._total = len(ids)
        self._row_count = min(len(ids), MAX_ROWS)

    def _forget_pages(self) -> None:
        self._cache.clear()
        self._answers.forget()
        self._asked = ()
        self._wanted = None

    # What the view asks

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else self._row_count

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole or role == Qt.ItemDataRole.AccessibleTextRole:
            texts = self.row_texts(index.row())
            return texts[index.column()] if texts is not None else ""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            numeric = self._columns[index.column()].numeric
            side = Qt.AlignmentFlag.AlignRight if numeric else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].label
        return None

    def row_texts(self, row: int) -> Row | None:
        """The texts of a row, one for each column and the record's id last, or None while they are on their way."""
        texts = self._cache.row(row)
        if texts is None and 0 <= row < self._row_count:
            self._want(row, row)
        return texts

    def om_row(self, row: int) -> int:
        """The mirror's number of the record in `row`."""
        return self._ids[row]

    def ref(self, row: int) -> RecordRef | None:
        """The record in `row`, or None while its page is on its way (or the record has left the mirror)."""
        texts = self._cache.row(row) if 0 <= row < self._row_count else None
        return RecordRef(self._object, texts[-1]) if texts is not None and texts[-1] else None

    def look_at(self, first: int, last: int) -> None:
        """The view shows these rows: have them and their neighbours ready."""
        self._wanted = (first, last)
        if self._missing():
            self._soon.start()

    # Pages

    def _want(self, first: int, last: int) -> None:
        if self._wanted is None or not (self._wanted[0] <= first and last <= self._wanted[1]):
            self._wanted = (first, last)
        self._soon.start()

    def _missing(self) -> list[int]:
        if self._wanted is None:
            return []
        first, last = self._wanted
        seen = self._cache.missing(first, last, self._row_count)
        return seen or self._cache.missing(first - PREFETCH_ROWS, last + PREFETCH_ROWS, self._row_count)

    def _ask(self) -> None:
        numbers = [n for n in self._missing() if n not in self._asked]
        if not numbers or not self._columns:
            return
        if self._asked and time.monotonic() - self._asked_at < IMPATIENCE_SECONDS:
            return  # its answer comes soon and asks again
        generation, epoch = self._cache.generation, self._epoch
        names = [column.name for column in self._columns] + ["Id"]
        slices = {n: self._ids[n * PAGE_ROWS : min((n + 1) * PAGE_ROWS, self._row_count)] for n in numbers}
        object_name = self._object

        def read(session: BrowseSession) -> dict[int, list[Row]]:
            pages = {}
            for number, om_rows in slices.items():
                rows = session.page(object_name, om_rows, names)
                pages[number] = [tuple(map(one_line, row)) for row in rows]
            return pages

        self._asked = tuple(numbers)
        self._asked_at = time.monotonic()
        future = self._browse.submit(Lane.QUICK, self._view, read)
        self._answers.expect("pages", future, lambda pages: self._store(generation, epoch, pages), self._fail)

    def _store(self, generation: int, epoch: int, pages: dict[int, list[Row]]) -> None:
        self._asked = ()
        for number, rows in pages.items():
            if not self._cache.store(generation, number, rows) or not rows:
                continue
            first = number * PAGE_ROWS
            last = min(first + len(rows), self._row_count) - 1
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self._columns) - 1))
            self.page_arrived.emit((first, last))
        if epoch != self._epoch:  # read before the last change, so to be read once more
            self._cache.mark_stale(pages)
        self._ask()

    def _fail(self, error: Exception) -> None:
        self._asked = ()
        self.page_failed.emit(error)
