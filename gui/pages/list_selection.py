"""`ListSelection`: what can be done to the records that are selected in a list, and making a new one. GUI thread.

Owned by the list's page; it joins the selection, the bar below the rows, menus and keys with the acts.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from core.model.forms import ReadOnly
from core.model.scope import Direction
from gui.pages.list_edits import ListEdits
from gui.pages.record_acts import RecordActs
from gui.text import edit_words
from gui.widgets.record_table import RecordTable
from gui.widgets.selection_bar import SelectionBar


class ListSelection(QObject):
    """`told` says why something cannot be done."""

    told = Signal(str)

    def __init__(
        self,
        table: RecordTable,
        edits: ListEdits,
        acts: RecordActs,
        bar: SelectionBar,
        object_name: str,
        page: QWidget,
    ) -> None:
        super().__init__(page)
        self._table = table
        self._edits = edits
        self._acts = acts
        self._bar = bar
        self._object = self._label = object_name
        self._direction: str = Direction.TWO_WAY
        self._page = page
        table.picked.connect(self._show)
        bar.edit_wanted.connect(lambda: edits.selected(lambda refs: acts.bulk(refs, None)))
        bar.more_wanted.connect(self._menu)
        bar.clear_wanted.connect(table.clearSelection)

    def take_words(self, label: str, direction: str) -> None:
        """How one record is called, and which way the object's changes travel."""
        self._label, self._direction = label, direction

    @property
    def can_create(self) -> bool:
        """Whether a new record can be made."""
        return self._edits.desk is not None and self._direction != Direction.PULL

    def new_record(self) -> None:
        """Make a record of this object; where it is only read, say so."""
        if self._direction == Direction.PULL:
            self.told.emit(edit_words.reason(ReadOnly.OBJECT_CLOSED))
            return
        self._acts.new_record(self._object, self._label)

    def delete(self) -> None:
        """The Delete key: ask which way."""
        self._edits.selected(lambda refs: self._acts.delete(refs, ""))

    def add_acts(self, menu: QMenu, field: str | None = None) -> None:
        """What can be done to the records selected; `field` is the column a menu was opened on."""
        count = max(1, self._table.selected_count())
        self._acts.add_for_list(menu, self._object, count, self._edits.selected, field)

    def _menu(self, position: QPoint) -> None:
        menu = QMenu(self._page)
        menu.setObjectName("selectionMenu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.add_acts(menu)
        menu.popup(position)

    def _show(self) -> None:
        self._bar.show_count(self._table.selected_count() if self._edits.desk is not None else 0)
