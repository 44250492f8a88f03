"""`RecordBeside`: the record beside a list: when it opens, what it follows, and what opens in a window instead.

Lives on the GUI thread, owned by the list's page. The pane opens with the first click; once a person has closed it,
clicking no longer opens it, Enter does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QSplitter, QToolButton, QWidget

from core.model.changes import Changes
from core.model.refs import RecordRef
from gui.models.edit_desk import EditDesk
from gui.models.view_store import ViewStore
from gui.pages.record_acts import RecordActs
from gui.widgets.record_pane import RecordPane
from gui.widgets.record_table import RecordTable
from gui.windows.record_window import RecordWindows

if TYPE_CHECKING:
    from core.api.browse import BrowseApi, RecordView
    from gui.models.record_list_model import RecordListModel

PANE_KEY = "record_pane"
# Arrow keys held down pass many records; the one they stop at is read.
_FOLLOW_MS = 40
_USUAL_WIDTH = 400
_MIN_WIDTH = 300
LIST_MIN_WIDTH = 280


class RecordBeside(QObject):
    """`activated` carries the `RecordRef` that is now shown in the pane or in a window."""

    activated = Signal(object)

    def __init__(
        self,
        browse: BrowseApi,
        model: RecordListModel,
        table: RecordTable,
        store: ViewStore,
        button: QToolButton,
        parent: QWidget,
        desk: EditDesk | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._table = table
        self._store = store
        self._button = button
        self._page = parent
        self._splitter: QSplitter | None = None
        kept = store.get(PANE_KEY)
        kept = kept if isinstance(kept, dict) else {}
        self._wanted = kept.get("open") is not False
        width = kept.get("width")
        self._width = width if isinstance(width, int) and width >= _MIN_WIDTH else _USUAL_WIDTH
        self.pane = RecordPane(browse, parent, show_empty=kept.get("show_empty") is True, desk=desk)
        self.pane.setMinimumWidth(_MIN_WIDTH)
        self.pane.hide()
        self.windows = RecordWindows(browse, self, desk=desk)
        self.acts = RecordActs(desk, parent)
        self._follow = QTimer(self)
        self._follow.setSingleShot(True)
        self._follow.setInterval(_FOLLOW_MS)
        self._follow.timeout.connect(self.show_current)
        self._connect()

    def _connect(self) -> None:
        table, pane = self._table, self.pane
        table.row_reached.connect(lambda _row: self._follow.start())
        table.row_clicked.connect(self._clicked)
        table.row_opened.connect(self._opened)
        table.row_wanted_apart.connect(self._row_apart)
        table.left.connect(self.close)
        pane.closed.connect(self.close)
        pane.window_wanted.connect(self.open_apart)
        self.acts.record_wanted.connect(self.open)
        self.acts.serve(pane)
        self.windows.opened.connect(lambda window: self.acts.serve(window.pane))
        pane.looks_changed.connect(self._keep)
        pane.shown.connect(lambda record: self.activated.emit(record.ref))
        self._button.clicked.connect(self._toggle)

    def put_into(self, splitter: QSplitter) -> None:
        """Stand at the end of `splitter`."""
        self._splitter = splitter
        splitter.addWidget(self.pane)
        splitter.splitterMoved.connect(self._resized)

    def record(self) -> RecordView | None:
        """The record in the pane."""
        return self.pane.record

    def open(self, ref: RecordRef) -> None:
        """Show `ref` in the pane."""
        self._set_shown(True)
        self.pane.show_record(ref)

    def open_apart(self, ref: RecordRef) -> None:
        """Show `ref` in a window of its own."""
        self.windows.open(ref)
        self.activated.emit(ref)

    def close(self) -> None:
        """Give the list the whole width."""
        if self.pane.isVisible():
            self._wanted = False
            self._set_shown(False)
            self._table.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_current(self) -> None:
        """Show the list's current record, where the pane is open."""
        row = self._table.currentIndex().row()
        if self.pane.isVisible() and 0 <= row < self._model.rowCount():
            self.pane.show_record(self._model.ref(row) or (self._model.object_name, self._model.om_row(row)))

    def apply_changes(self, changes: Changes) -> None:
        """Look at what changed, in the pane and in the windows."""
        self.pane.apply_changes(changes)
        self.windows.apply_changes(changes)

    def _clicked(self, _row: int) -> None:
        if self._wanted:
            self._set_shown(True)
            self._follow.start()

    def _opened(self, _row: int) -> None:
        if self.pane.isVisible() and self.pane.record is not None:
            self.pane.setFocus(Qt.FocusReason.OtherFocusReason)
        self._wanted = True
        self._set_shown(True)
        self.show_current()

    def _row_apart(self, row: int) -> None:
        ref = self._model.ref(row)
        if ref is not None:
            self.open_apart(ref)

    def _toggle(self, wanted: bool) -> None:
        self._wanted = wanted
        self._set_shown(wanted)
        self.show_current()

    def _set_shown(self, shown: bool) -> None:
        self._button.setChecked(shown)
        if shown != self.pane.isHidden():
            return
        self.pane.setVisible(shown)
        if shown and self._splitter is not None:
            whole = self._page.width()
            width = min(self._width, max(_MIN_WIDTH, whole - LIST_MIN_WIDTH - 40))
            self._splitter.setSizes([whole - width, width])
        elif not shown:
            self.pane.clear()
        self._keep()

    def _resized(self, *_: int) -> None:
        self._width = self.pane.width()
        self._keep()

    def _keep(self) -> None:
        self._store.set(PANE_KEY, {"open": self._wanted, "width": self._width, "show_empty": self.pane.show_empty})
