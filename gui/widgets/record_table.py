"""`RecordTable`: a list of records that stays smooth at a million rows. A QTableView that paints its own cells.

Lives on the GUI thread, owned by its page. Header, keyboard, drag and accessibility stay Qt's; painting, "select all"
and the place in the list are done here: all of them cost seconds at a million rows when Qt does them. Selection and
place are kept by record, not by row number.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFrame, QTableView, QToolTip, QWidget

from gui.desktop import theme
from gui.models.page_cache import Row
from gui.models.record_list_model import RecordListModel
from gui.widgets.cell_painter import PADDING, CellPainter, PaintedColumn
from gui.widgets.plain_text import tooltip
from gui.widgets.record_header import RecordHeader

# A selection of more rows than this is not looked for in a new order; the current row always is.
MAX_REMEMBERED = 5_000
_SELECT = QItemSelectionModel.SelectionFlag


class RecordTable(QTableView):
    """Rows of a `RecordListModel`. Row numbers in signals are the model's."""

    row_reached = Signal(int)  # the current row is another one now, -1 for none
    row_clicked = Signal(int)  # by mouse, without modifier keys
    row_opened = Signal(int)  # Enter
    row_wanted_apart = Signal(int)  # double click or Ctrl+Enter: in a window of its own
    cell_menu_wanted = Signal(int, int, QPoint)  # row, column, global position
    copy_wanted = Signal(bool)  # with headers
    picked = Signal()  # the selection changed
    typed = Signal(str)  # letters typed into the list
    left = Signal()  # Escape
    edit_wanted = Signal(int, int)  # row, column: F2, or a second click on the current cell

    def __init__(self, model: RecordListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recordTable")
        self._records = model
        self._all = False
        self._hover = -1
        self._marks: Mapping[str, frozenset[str]] = {}
        self._second_click = QTimer(self)
        self._second_click.setSingleShot(True)
        self._second_click.timeout.connect(self._want_edit)
        self._restoring = False
        self._painter: CellPainter | None = None
        self._row_height = theme.Size.ROW
        self.header = RecordHeader(model, self)
        self.setHorizontalHeader(self.header)
        self.setModel(model)
        self._set_up()
        model.page_arrived.connect(self._page_arrived)
        theme.notifier().changed.connect(self._restyle)
        self.header.sectionResized.connect(self._columns_moved)
        self.header.sectionMoved.connect(self._columns_moved)

    def _set_up(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setDragEnabled(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu_wanted)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(rows.ResizeMode.Fixed)
        rows.setMinimumSectionSize(1)
        self._measure_rows()
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Records"))

    # Place and selection, by record

    def is_at_rest(self) -> bool:
        """At the top with nothing selected: a change of order would disturb nobody."""
        return self.verticalScrollBar().value() == 0 and self.selected_count() == 0

    def remembered(self) -> frozenset[int]:
        """The mirror's numbers of the records whose place matters: selected, current and first seen."""
        ids = self._records.ids
        rows = {row for row in (self.currentIndex().row(), self._first_row()) if 0 <= row < len(ids)}
        if self.selected_count() <= MAX_REMEMBERED:
            rows.update(self.selected_rows())
        return frozenset(ids[row] for row in rows)

    def replace_ids(self, ids: array[int], positions: dict[int, int], *, to_top: bool) -> None:
        """Show another order; what was selected stays selected and, unless `to_top`, the first row seen stays there.

        `positions` tells where the remembered records are in `ids`; one that was picked later is looked for here.
        """
        model = self._records
        old = model.ids
        everything = self._all
        current, column = self.currentIndex().row(), self.currentIndex().column()
        first = self._first_row()
        shift = self.verticalScrollBar().value() - first * self._row_height
        sideways = self.horizontalScrollBar().value()

        def place(row: int) -> int | None:
            if not 0 <= row < len(old):
                return None
            number = old[row]
            if number not in positions:
                try:
                    positions[number] = ids.index(number)
                except ValueError:
                    return None
            return positions[number] if positions[number] < model.rowCount() else None

        selected = [] if everything or self.selected_count() > MAX_REMEMBERED else list(self.selected_rows())
        self._restoring = True
        try:
            model.set_ids(ids)
            self.executeDelayedItemsLayout()
            places = [found for found in map(place, selected) if found is not None]
            now = place(current)
            self._select_places(places, now, column)
            anchor = 0 if to_top else place(first)
            if anchor is None:
                self.verticalScrollBar().setValue(min(first, model.rowCount()) * self._row_height)
            else:
                self.verticalScrollBar().setValue(anchor * self._row_height + (0 if to_top else shift))
            self.horizontalScrollBar().setValue(sideways)
        finally:
            self._restoring = False
        self._all = everything and model.rowCount() > 0
        self.viewport().update()
        self.picked.emit()
        if now is None and current >= 0:
            self.row_reached.emit(-1)

    def _select_places(self, places: list[int], now: int | None, column: int) -> None:
        model, chosen = self._records, self.selectionModel()
        last = model.columnCount() - 1
        selection = QItemSelection()
        places.sort()
        start = 0
        for at in range(1, len(places) + 1):
            if at == len(places) or places[at] != places[at - 1] + 1:
                selection.select(model.index(places[start], 0), model.index(places[at - 1], last))
                start = at
        self.setAutoScroll(False)
        chosen.select(selection, _SELECT.ClearAndSelect)
        if now is not None:
            chosen.setCurrentIndex(model.index(now, max(column, 0)), _SELECT.NoUpdate)
        self.setAutoScroll(True)

    def selectAll(self) -> None:
        """Select the whole list as an idea, not as a million indexes."""
        if not self._records.rowCount():
            return
        self.clearSelection()
        self._all = True
        self.viewport().update()
        self.picked.emit()

    @property
    def all_selected(self) -> bool:
        """Whether "all N records" is what is selected."""
        return self._all

    def selected_count(self) -> int:
        """How many records are selected."""
        if self._all:
            return self._records.total
        selection = self.selectionModel().selection() if self.selectionModel() else ()
        return sum(part.height() for part in selection)

    def selected_rows(self) -> Iterator[int]:
        """The selected rows, top to bottom; every row where all are selected."""
        if self._all:
            yield from range(self._records.rowCount())
            return
        parts = sorted((part.top(), part.bottom()) for part in self.selectionModel().selection())
        for top, bottom in parts:
            yield from range(top, bottom + 1)

    def reach(self, row: int) -> None:
        """Make `row` current and selected, and bring it into view; no column moves for it."""
        if 0 <= row < self._records.rowCount():
            sideways = self.horizontalScrollBar().value()
            self.setCurrentIndex(self._records.index(row, max(self.currentIndex().column(), 0)))
            self.horizontalScrollBar().setValue(sideways)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        if self._restoring:
            return
        self._all = False
        self.viewport().update()
        self.picked.emit()

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        super().currentChanged(current, previous)
        if not self._restoring and current.row() != previous.row():
            self.row_reached.emit(current.row())
        self.viewport().update()

    def set_marks(self, marks: Mapping[str, frozenset[str]]) -> None:
        """Mark the cells that were edited here and are not in Salesforce yet: field names by record id."""
        if marks != self._marks:
            self._marks = marks
            self.viewport().update()

    def _want_edit(self) -> None:
        index = self.currentIndex()
        if index.isValid():
            self.edit_wanted.emit(index.row(), index.column())

    # Painting

    def _first_row(self) -> int:
        return self.verticalScrollBar().value() // self._row_height

    def _cells(self) -> CellPainter:
        if self._painter is None:
            strong = theme.font(weight=theme.Type.MEDIUM)
            self._painter = CellPainter(self.font(), strong, theme.current())
        return self._painter

    def _painted_columns(self, rect: QRect) -> list[PaintedColumn]:
        header, columns = self.header, self._records.columns
        rtl = self.isRightToLeft()
        painted = []
        for visual in range(header.count()):
            logical = header.logicalIndex(visual)
            left, width = header.sectionViewportPosition(logical), header.sectionSize(logical)
            if width and left <= rect.right() and left + width >= rect.left():
                at_end = columns[logical].numeric is not rtl
                painted.append(PaintedColumn(logical, left, width, at_end, strong=visual == 0))
        return painted

    def paintEvent(self, event: QPaintEvent) -> None:
        model, height = self._records, self._row_height
        rect = event.rect()
        offset = self.verticalScrollBar().value()
        first = max((rect.top() + offset) // height, 0)
        last = min((rect.bottom() + offset) // height, model.rowCount() - 1)
        painter = QPainter(self.viewport())
        cells = self._cells()
        chosen = self.selectionModel()
        rows, texts, unseen = [], [], []
        for row in range(first, last + 1):
            top = row * height - offset
            selected = self._all or chosen.isSelected(model.index(row, 0))
            rows.append((top, selected, row == self._hover))
            row_texts = model.row_texts(row)
            if row_texts is None:
                unseen.append((top, row))
            else:
                texts.append((top, row_texts))
        columns = self._painted_columns(rect)
        right = self.viewport().width()
        focused = self.hasFocus()
        cells.backgrounds(painter, rect, rows, height, right=right, focused=focused)
        cells.texts(painter, columns, texts, height)
        if self._marks:
            cells.marks(painter, columns, self._marked(texts), height)
        if unseen:
            cells.placeholders(painter, columns, unseen, height)
        self._paint_current(painter, cells, first, last, focused)
        painter.end()
        view_last = min((self.viewport().height() + offset) // height, model.rowCount() - 1)
        model.look_at(offset // height, view_last)

    def _marked(self, texts: list[tuple[int, Row]]) -> list[tuple[int, frozenset[int]]]:
        places = {column.name: at for at, column in enumerate(self._records.columns)}
        found = []
        for top, row_texts in texts:
            fields = self._marks.get(row_texts[-1])
            if fields:
                found.append((top, frozenset(places[name] for name in fields if name in places)))
        return found

    def _paint_current(self, painter: QPainter, cells: CellPainter, first: int, last: int, focused: bool) -> None:
        current = self.currentIndex()
        if not first <= current.row() <= last:
            return
        if not (self._by_keyboard or self._all or self.selectionModel().isSelected(current)):
            return  # Qt makes the first row current when the list gets the focus; nobody chose it
        top = current.row() * self._row_height - self.verticalScrollBar().value()
        row = QRect(0, top, self.viewport().width(), self._row_height)
        left, width = self.columnViewportPosition(current.column()), self.columnWidth(current.column())
        cell = QRect(left, top, width, self._row_height) if focused and self._by_keyboard else None
        cells.current(painter, row, cell, rtl=self.isRightToLeft())

    # The cell outline appears once the keyboard is used; a mouse user is not shown a box he did not ask for.
    _by_keyboard = False

    def _page_arrived(self, rows: tuple[int, int]) -> None:
        first, last = rows
        offset = self.verticalScrollBar().value()
        top = first * self._row_height - offset
        bottom = (last + 1) * self._row_height - offset
        if bottom > 0 and top < self.viewport().height():
            self.viewport().update()

    def dataChanged(
        self,
        topLeft: QModelIndex | QPersistentModelIndex,
        bottomRight: QModelIndex | QPersistentModelIndex,
        roles: object = (),
    ) -> None:
        # page_arrived repaints what is seen; Qt would look at every cell for an editor.
        return

    def _measure_rows(self) -> None:
        self._row_height = max(theme.Size.ROW, QFontMetrics(self.font()).height() + 12)
        self.verticalHeader().setDefaultSectionSize(self._row_height)
        self.verticalScrollBar().setSingleStep(self._row_height)

    def _restyle(self) -> None:
        self._painter = None
        self._measure_rows()
        self.viewport().update()
        self.header.restyle()

    def _columns_moved(self, *_: object) -> None:
        self.viewport().update()

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self.verticalScrollBar().setSingleStep(self._row_height)
        self.horizontalScrollBar().setSingleStep(3 * PADDING)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() in (QEvent.Type.FontChange, QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._painter = None

    # Mouse

    def _set_hover(self, row: int) -> None:
        if row == self._hover:
            return
        offset, height = self.verticalScrollBar().value(), self._row_height
        for changed in (self._hover, row):
            if changed >= 0:
                self.viewport().update(0, changed * height - offset, self.viewport().width(), height)
        self._hover = row

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._set_hover(self.rowAt(int(event.position().y())))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._by_keyboard = False
        before = self.currentIndex()
        # Qt leaves the selection alone when a selected row is pressed; the logical one has no indexes to leave alone.
        self._all = False
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        self._second_click.stop()
        if index.isValid() and plain and event.button() == Qt.MouseButton.LeftButton:
            self.row_clicked.emit(index.row())
            if before == index and self.selected_count() == 1 and self.hasFocus():
                self._second_click.start(QApplication.doubleClickInterval() + 60)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._second_click.stop()
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.row_wanted_apart.emit(index.row())

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tooltip(event)
            return True
        if event.type() == QEvent.Type.Leave:
            self._set_hover(-1)
        return super().viewportEvent(event)

    def _show_tooltip(self, event: QHelpEvent) -> None:
        index = self.indexAt(event.pos())
        text = str(self._records.data(index)) if index.isValid() else ""
        cells = self._cells()
        strong = self.header.visualIndex(index.column()) == 0 if index.isValid() else False
        measure = cells.strong if strong else cells.plain
        if not text or measure.width(text) <= self.columnWidth(index.column()) - 2 * PADDING:
            QToolTip.hideText()
            return
        QToolTip.showText(event.globalPos(), tooltip(text), self.viewport(), self.visualRect(index))

    def _menu_wanted(self, position: QPoint) -> None:
        index = self.indexAt(position)
        if not index.isValid():
            return
        self.cell_menu_wanted.emit(index.row(), index.column(), self.viewport().mapToGlobal(position))

    # Keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, control = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        row = self.currentIndex().row()
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.selectAll()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit(False)
        elif control and key == Qt.Key.Key_C and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.copy_wanted.emit(True)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and row >= 0:
            (self.row_wanted_apart if control else self.row_opened).emit(row)
        elif key == Qt.Key.Key_F2 and row >= 0:
            self.edit_wanted.emit(row, self.currentIndex().column())
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key == Qt.Key.Key_Menu and row >= 0:
            below = self.visualRect(self.currentIndex()).bottomLeft()
            self.cell_menu_wanted.emit(row, self.currentIndex().column(), self.viewport().mapToGlobal(below))
        else:
            self._by_keyboard = True
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        # Qt would read a million rows for a match; typing begins a filter instead.
        if search.strip():
            self.typed.emit(search)

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        moves = QAbstractItemView.CursorAction
        if action in (moves.MoveHome, moves.MoveEnd) and self._records.rowCount():
            row = 0 if action == moves.MoveHome else self._records.rowCount() - 1
            return self._records.index(row, max(self.currentIndex().column(), 0))
        return super().moveCursor(action, modifiers)

    def sizeHintForColumn(self, column: int) -> int:
        """Wide enough for the header and for the rows that are seen (a double click on the header's edge)."""
        cells = self._cells()
        strong = self.header.visualIndex(column) == 0
        measure = cells.strong if strong else cells.plain
        widest = self.header.label_width(column)
        first = self._first_row()
        for row in range(first, first + self.viewport().height() // self._row_height + 1):
            texts = self._records.row_texts(row) if row < self._records.rowCount() else None
            if texts is not None:
                widest = max(widest, measure.width(texts[column]))
        return min(widest + 2 * PADDING + 2, self.viewport().width() * 2 // 3)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._measure_rows()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.viewport().update()
