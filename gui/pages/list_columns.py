"""`ListColumns`: which columns a list shows, how wide and in which order; chosen by the person, kept in the store.

Lives on the GUI thread, owned by its page. Hidden columns are not read at all, so that a list of an object with 800
fields costs what it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtWidgets import QWidget

from core.model.filters import Sort
from gui.models.view_store import ListLayout, ViewStore, layout_key, read_layout
from gui.text.field_labels import shown_label
from gui.widgets.column_chooser import ColumnChooser
from gui.widgets.header_menu import HeaderMenu
from gui.widgets.record_table import RecordTable

if TYPE_CHECKING:
    from core.api.browse import ColumnInfo
    from gui.models.record_list_model import RecordListModel

_KEEP_MS = 400
_CHAR_SHARE = 1.05
_LABEL_MAX = 220


class ListColumns(QObject):
    """`sort_wanted` carries a field's name and whether descending."""

    sort_wanted = Signal(str, bool)

    def __init__(self, model: RecordListModel, table: RecordTable, store: ViewStore, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._table = table
        self._store = store
        self._widget = parent
        self._key = layout_key(model.object_name)
        self._available: list[ColumnInfo] = []
        self._layout = ListLayout()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_KEEP_MS)
        self._timer.timeout.connect(self.keep)
        header = table.header
        header.sort_wanted.connect(lambda column, down: self.sort_wanted.emit(model.columns[column].name, down))
        header.menu_wanted.connect(self._show_menu)
        header.sectionMoved.connect(lambda *_: self._timer.start())
        header.sectionResized.connect(lambda *_: self._timer.start())

    @property
    def sort(self) -> tuple[Sort, ...]:
        """The order asked for; empty for the mirror's own."""
        return self._layout.sort

    def set_available(self, columns: Sequence[ColumnInfo]) -> bool:
        """What the object offers now; False when that is what was known already."""
        shown = [replace(column, label=shown_label(column.label, column.type)) for column in columns]
        if shown == self._available:
            return False
        if self._available:
            self.keep()
        self._available = shown
        self._layout = read_layout(self._store.get(self._key), shown)
        self._put()
        return True

    def has(self, name: str) -> bool:
        """Whether the object has that field."""
        return any(column.name == name for column in self._available)

    def label(self, name: str) -> str:
        """What a field is called."""
        return next((column.label for column in self._available if column.name == name), name)

    def set_sort(self, field: str, *, descending: bool) -> None:
        """Mark the column and remember the order."""
        self._layout = ListLayout(self._layout.columns, (Sort(field, descending),))
        self._table.header.show_sort(field, descending)
        self._timer.start()

    def shown(self) -> list[tuple[str, int]]:
        """The names and widths of the columns as they stand on the screen."""
        header, columns = self._table.header, self._model.columns
        order = [header.logicalIndex(visual) for visual in range(header.count())]
        return [(columns[logical].name, header.sectionSize(logical)) for logical in order]

    def names(self) -> list[str]:
        """The names of the columns as they stand on the screen."""
        return [name for name, _ in self.shown()]

    def show_only(self, names: Sequence[str]) -> None:
        """Show these; columns that were there keep their width."""
        widths = dict(self.shown())
        self._layout = ListLayout(tuple((name, widths.get(name, 0)) for name in names), self._layout.sort)
        self._put()
        self._timer.start()

    def hide(self, name: str) -> None:
        """Take a column out."""
        self.show_only([other for other in self.names() if other != name])

    def reset(self) -> None:
        """The usual columns in their usual widths."""
        self._layout = ListLayout(read_layout(None, self._available).columns, self._layout.sort)
        self._put()
        self._timer.start()

    def choose(self, position: QPoint) -> ColumnChooser:
        """Open the chooser at `position` (global)."""
        chooser = ColumnChooser(self._available, self.names(), self._widget)
        chooser.changed.connect(self.show_only)
        chooser.reset_wanted.connect(self.reset)
        chooser.show_at(position)
        return chooser

    def keep(self) -> None:
        """Write the look into the store now."""
        self._timer.stop()
        if self._available:
            self._layout = ListLayout(tuple(self.shown()), self._layout.sort)
            self._store.set(self._key, self._layout.to_json())

    def keep_if_changed(self) -> None:
        """Write what has not been written yet."""
        if self._timer.isActive():
            self.keep()

    def menu(self, column: int) -> HeaderMenu:
        """The menu of a column's head; -1 for none."""
        columns = self._model.columns
        chosen = columns[column] if 0 <= column < len(columns) else None
        menu = HeaderMenu(chosen, column, only_one=len(columns) < 2, parent=self._widget)
        menu.sort_wanted.connect(self.sort_wanted)
        menu.hide_wanted.connect(self.hide)
        menu.fit_wanted.connect(self._table.resizeColumnToContents)
        return menu

    def _show_menu(self, column: int, position: QPoint) -> None:
        menu = self.menu(column)
        menu.choose_wanted.connect(lambda: self.choose(position))
        menu.popup(position)

    def _put(self) -> None:
        known = {column.name: column for column in self._available}
        columns = [known[name] for name, _ in self._layout.columns]
        table, header = self._table, self._table.header
        header.blockSignals(True)
        self._model.set_columns(columns)
        average = table.fontMetrics().averageCharWidth() * _CHAR_SHARE
        for at, (_, width) in enumerate(self._layout.columns):
            header.moveSection(header.visualIndex(at), at)
            usual = int(columns[at].width_chars * average) + 20
            header.resizeSection(at, width or max(usual, min(header.label_width(at) + 20, _LABEL_MAX)))
        header.blockSignals(False)
        sort = self._layout.sort[0] if self._layout.sort else None
        header.show_sort(sort.field if sort else None, sort.descending if sort else False)
        table.updateGeometries()
        table.viewport().update()
