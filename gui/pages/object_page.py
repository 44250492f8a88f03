"""`ObjectPage`: the records of one object: a list, its filters and, beside it, the record chosen.

Lives on the GUI thread, made by the main window for one object of one connection. It asks nothing by itself but the
reading lanes; what a sync changed is told by `apply_changes` and `set_progress`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from core.api.browse import Lane
from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.filters import Condition, ListQuery, Sort
from core.model.progress import ObjectProgress
from core.model.refs import RecordRef
from gui.desktop import theme
from gui.desktop.icons import object_icon_name
from gui.models.answers import Answers
from gui.models.record_list import Busy, ListNews, RecordList
from gui.models.record_list_model import MAX_ROWS, RecordListModel
from gui.models.view_store import ListLayout, ViewStore, layout_key, read_layout
from gui.pages.list_acts import ListActs
from gui.text import numbers
from gui.text.field_labels import shown_label
from gui.widgets.column_chooser import ColumnChooser
from gui.widgets.icon_view import IconView
from gui.widgets.label import Label
from gui.widgets.list_bars import ActiveFilter, FilterChips, LoadBar, NewsBar, QuickFilter, is_loading, tool_button
from gui.widgets.record_pane import RecordPane
from gui.widgets.record_table import RecordTable
from gui.widgets.skeleton import BusyLine
from gui.widgets.state_panel import PageState, StateAction, StatePanel
from gui.windows.record_window import RecordWindows

if TYPE_CHECKING:
    from core.api.browse import BrowseApi, BrowseSession, ColumnInfo, RecordView
    from core.api.exports import ExportsApi

PANE_KEY = "record_pane"
_FOLLOW_MS = 40
_KEEP_MS = 400
_PANE_WIDTH = 400
_PANE_MIN = 300
_LIST_MIN = 280
_CHAR_WIDTH_SHARE = 1.05


@dataclass(frozen=True, slots=True)
class _Opened:
    columns: list[ColumnInfo]
    label: str
    label_plural: str


def _as_shown(columns: list[ColumnInfo]) -> list[ColumnInfo]:
    return [replace(column, label=shown_label(column.label, column.type)) for column in columns]


class ObjectPage(QFrame):
    """Constructor and signals are the main window's contract."""

    record_activated = Signal(object)  # RecordRef now shown in the pane or in a window
    status_text = Signal(str)  # how many are selected, "" for none
    told = Signal(str)  # something happened: copied, exported, could not be read
    sync_page_wanted = Signal()
    sign_in_wanted = Signal()

    def __init__(
        self,
        browse: BrowseApi,
        exports: ExportsApi | None,
        store: ViewStore,
        object_name: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"objectPage_{object_name}")
        self.setProperty("area", "surface")
        self._browse = browse
        self._store = store
        self._object = object_name
        self._view = f"list:{uuid4().hex}"
        self._answers = Answers(self)
        self._columns: list[ColumnInfo] = []
        self._layout = ListLayout()
        self._filters: tuple[ActiveFilter, ...] = ()
        self._search = ""
        self._label = self._label_plural = object_name
        self._progress: ObjectProgress | None = None
        self._error: OrgMirrorError | None = None
        self._opened = False
        kept = store.get(PANE_KEY) or {}
        self._pane_wanted = bool(kept.get("open", True))
        self._pane_width = int(kept.get("width", _PANE_WIDTH))
        self.model = RecordListModel(browse, object_name, self._view, self)
        self.table = RecordTable(self.model, self)
        self.list = RecordList(browse, self.model, self.table, self._view, self)
        self.pane = RecordPane(browse, self, show_empty=bool(kept.get("show_empty", False)))
        self.windows = RecordWindows(browse, self)
        self.acts = ListActs(browse, exports, self.model, self.table, self._view, self)
        self._build()
        self._follow = self._timer(_FOLLOW_MS, self._show_current)
        self._keep = self._timer(_KEEP_MS, self._keep_layout)
        self._connect()
        self._make_shortcuts()
        self.retranslate()
        views = [f"{self._view}:{kind}" for kind in ("columns", "first", "list", "pages", "acts")]
        self.destroyed.connect(lambda: [browse.forget(view) for view in views])
        self._open()

    def _timer(self, milliseconds: int, call: Any) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(call)
        return timer

    # Building

    def _build(self) -> None:
        self._icon = IconView(object_icon_name(self._object), theme.Size.ICON, "accent", self)
        self._title = Label("heading", self, name="listTitle")
        self._count = Label("muted", self, name="listCount")
        self.filter = QuickFilter(self)
        self._columns_button = tool_button("listColumns", "columns", self)
        self._export_button = tool_button("listExport", "export", self)
        self._refresh_button = tool_button("listRefresh", "sync", self)
        self._pane_button = tool_button("listPane", "window", self)
        self._pane_button.setCheckable(True)
        self._export_button.setVisible(self.acts.can_export)
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.Space.L, theme.Space.M, theme.Space.M, theme.Space.S)
        bar.setSpacing(theme.Space.S)
        bar.addWidget(self._icon)
        bar.addWidget(self._title)
        bar.addWidget(self._count)
        bar.addStretch(1)
        bar.addWidget(self.filter, 2)
        for button in (self._columns_button, self._export_button, self._refresh_button, self._pane_button):
            bar.addWidget(button)
        self.chips = FilterChips(self)
        self.load_bar = LoadBar(self)
        self.news_bar = NewsBar(self)
        self._busy_line = BusyLine(self)
        self._busy_line.setObjectName("listBusy")
        self.state = StatePanel(self, name="listState")
        self._stack = QStackedWidget(self)
        self._stack.setObjectName("listStack")
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.state)
        self._stack.setMinimumWidth(_LIST_MIN)
        news_row = QHBoxLayout()
        news_row.setContentsMargins(theme.Space.L, 0, theme.Space.L, 0)
        news_row.addWidget(self.news_bar)
        left = QWidget(self)
        left.setObjectName("listSide")
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.load_bar)
        column.addWidget(self.chips)
        column.addLayout(news_row)
        column.addWidget(self._busy_line)
        column.addWidget(self._stack, 1)
        self.pane.setMinimumWidth(_PANE_MIN)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.setObjectName("listSplitter")
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(left)
        self._splitter.addWidget(self.pane)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 0)
        self.pane.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._splitter)

    def _connect(self) -> None:
        table, listing = self.table, self.list
        table.row_reached.connect(lambda _row: self._follow.start())
        table.row_clicked.connect(self._clicked)
        table.row_opened.connect(self._row_opened)
        table.row_wanted_apart.connect(self._row_apart)
        table.left.connect(self.close_pane)
        table.typed.connect(self._typed)
        table.picked.connect(self._word_count)
        table.copy_wanted.connect(self.acts.copy)
        table.cell_menu_wanted.connect(self._cell_menu)
        table.header.sort_wanted.connect(self._sort_column)
        table.header.menu_wanted.connect(self._header_menu)
        table.header.sectionMoved.connect(lambda *_: self._keep.start())
        table.header.sectionResized.connect(lambda *_: self._keep.start())
        listing.shown.connect(self._shown)
        listing.busy_changed.connect(self._busy_changed)
        listing.news_changed.connect(self._news_changed)
        listing.failed.connect(self._list_failed)
        self.model.page_failed.connect(self._page_failed)
        self.filter.wanted.connect(self.search)
        self.filter.left.connect(self._into_list)
        self.chips.dropped.connect(self._drop_filter)
        self.chips.clear_wanted.connect(self.clear_filters)
        self.news_bar.refresh_wanted.connect(self.refresh)
        self.state.acted.connect(self._acted)
        self.pane.closed.connect(self.close_pane)
        self.pane.window_wanted.connect(self.open_apart)
        self.pane.shown.connect(lambda record: self.record_activated.emit(record.ref))
        self._splitter.splitterMoved.connect(self._pane_resized)
        self._columns_button.clicked.connect(self._choose_columns)
        self._export_button.clicked.connect(self.export)
        self._refresh_button.clicked.connect(self.refresh)
        self._pane_button.clicked.connect(self._toggle_pane)
        self.acts.told.connect(self.told)
        self.acts.filter_wanted.connect(self._add_filter)
        self.acts.apart_wanted.connect(self.open_apart)

    def _make_shortcuts(self) -> None:
        keys: tuple[tuple[QKeySequence | str, Any], ...] = (
            (QKeySequence(QKeySequence.StandardKey.Find), self.begin_filter),
            (QKeySequence(QKeySequence.StandardKey.Refresh), self.refresh),
            ("Ctrl+R", self.refresh),
        )
        seen = set()
        for sequence, call in keys:
            shortcut = QKeySequence(sequence)
            if shortcut.toString() in seen:
                continue
            seen.add(shortcut.toString())
            made = QShortcut(shortcut, self, call)
            made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def retranslate(self) -> None:
        self._title.setText(self._label_plural)
        self.setAccessibleName(self._label_plural)
        self.filter.setPlaceholderText(self.tr("Search in {objects}").format(objects=self._label_plural))
        self.filter.setAccessibleName(self.filter.placeholderText())
        for button, text in (
            (self._columns_button, self.tr("Choose columns")),
            (self._export_button, self.tr("Export this list (CSV, Excel)")),
            (self._refresh_button, self.tr("Refresh the list (F5)")),
            (self._pane_button, self.tr("Show the record beside the list")),
        ):
            button.setToolTip(text)
            button.setAccessibleName(text)
        self._word_count()
        if self._stack.currentWidget() is self.state:
            self._show_right_thing()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    # Opening

    @property
    def object_name(self) -> str:
        """The API name of the object whose records it shows."""
        return self._object

    def _open(self) -> None:
        object_name = self._object
        self._error = None

        def read(session: BrowseSession) -> _Opened:
            known = next((o for o in session.objects() if o.name == object_name), None)
            label = known.label if known is not None else object_name
            plural = known.label_plural if known is not None else object_name
            return _Opened(session.columns(object_name), label, plural)

        self._busy_line.set_busy(True)
        future = self._browse.submit(Lane.QUICK, f"{self._view}:columns", read)
        self._answers.expect("columns", future, self._columns_here, self._list_failed)

    def _columns_here(self, opened: _Opened) -> None:
        self._columns = _as_shown(opened.columns)
        self._label, self._label_plural = opened.label, opened.label_plural
        self._layout = read_layout(self._store.get(layout_key(self._object)), self._columns)
        self._opened = True
        self.retranslate()
        self._put_columns()
        self.list.set_loading(is_loading(self._progress))
        self._open_list(Busy.OPENING)

    def _put_columns(self) -> None:
        known = {column.name: column for column in self._columns}
        columns = [known[name] for name, _ in self._layout.columns]
        header = self.table.header
        header.blockSignals(True)
        self.model.set_columns(columns)
        average = self.fontMetrics().averageCharWidth() * _CHAR_WIDTH_SHARE
        for at, (_, width) in enumerate(self._layout.columns):
            column = columns[at]
            header.moveSection(header.visualIndex(at), at)
            usual = int(column.width_chars * average) + 20
            header.resizeSection(at, width or max(usual, min(header.label_width(at) + 20, 220)))
        header.blockSignals(False)
        sort = self._layout.sort[0] if self._layout.sort else None
        header.show_sort(sort.field if sort else None, sort.descending if sort else False)
        self.table.updateGeometries()
        self.table.viewport().update()

    def _query(self) -> ListQuery:
        conditions = tuple(active.condition for active in self._filters)
        return ListQuery(self._object, conditions, self._layout.sort, self._search)

    def _open_list(self, busy: Busy) -> None:
        self._error = None
        self.list.open(self._query(), busy)
        self._word_count()

    # What happens elsewhere

    def apply_changes(self, changes: Changes) -> None:
        """A sync or an edit changed something; the list decides what to do about it."""
        if changes.schema and self._opened:
            self._read_columns_again()
        if changes.touches(self._object):
            self.list.records_changed(changes.objects[self._object])
        self.pane.apply_changes(changes)
        self.windows.apply_changes(changes)

    def set_progress(self, progress: ObjectProgress | None) -> None:
        """Where the first load of this object stands; None when there is none."""
        self._progress = progress
        loading = is_loading(progress)
        self.load_bar.show_progress(progress)
        self.list.set_loading(loading)
        if loading and self._opened and progress is not None and progress.rows_done > self.model.total:
            self.list.rows_came()
        if self._stack.currentWidget() is self.state:
            self._show_right_thing()
        self._word_count()

    def _read_columns_again(self) -> None:
        object_name = self._object
        future = self._browse.submit(Lane.QUICK, f"{self._view}:columns", lambda s: s.columns(object_name))
        self._answers.expect("columns", future, self._columns_changed, lambda _error: None)

    def _columns_changed(self, columns: list[ColumnInfo]) -> None:
        columns = _as_shown(columns)
        if columns == self._columns:
            return
        self._keep_layout()
        self._columns = columns
        self._layout = read_layout(self._store.get(layout_key(self._object)), columns)
        known = {column.name for column in columns}
        self._set_filters(tuple(a for a in self._filters if a.condition.field in known))
        self._put_columns()
        self._open_list(Busy.REFRESHING)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.list.set_watched(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.list.set_watched(False)
        if self._keep.isActive():
            self._keep.stop()
            self._keep_layout()

    # What is shown

    def _shown(self) -> None:
        self._error = None
        self._word_count()
        self._show_right_thing()

    def _show_right_thing(self) -> None:
        subject = self._label_plural
        if self._error is not None and not self.model.rowCount():
            self.state.show_error(self._error, subject=subject)
        elif self.model.rowCount() or self.list.count is None:
            self._stack.setCurrentWidget(self.table)
            return
        elif self._filters or self._search:
            self.state.show_state(PageState.NONE_BY_FILTER, subject=subject)
        elif is_loading(self._progress) and self._progress is not None:
            done = self._progress.rows_done or None
            self.state.show_state(PageState.FIRST_LOAD, subject=subject, done=done, total=self._progress.total)
        else:
            self.state.show_state(PageState.NONE_YET, subject=subject)
        self._stack.setCurrentWidget(self.state)

    def _busy_changed(self, busy: Busy) -> None:
        self._busy_line.set_busy(busy is not Busy.NOTHING)
        self._word_count()

    def _news_changed(self, news: ListNews | None) -> None:
        self.news_bar.show_news(news)

    def _list_failed(self, error: Exception) -> None:
        self._busy_line.set_busy(False)
        told = error if isinstance(error, OrgMirrorError) else None
        if told is None:
            told = OrgMirrorError(ErrorCode.UNEXPECTED, reason=type(error).__name__)
        self._error = told
        if self.model.rowCount():
            self.acts.tell_error(told)
        self._show_right_thing()

    def _page_failed(self, error: Exception) -> None:
        if isinstance(error, OrgMirrorError):
            self.acts.tell_error(error)

    def _word_count(self) -> None:
        count, busy, chosen = self.list.count, self.list.busy, self.table.selected_count()
        whole = numbers.number(count) if count is not None else "…"
        if busy is Busy.SORTING:
            words = self.tr("Sorting…")
        elif busy is Busy.FILTERING:
            words = self.tr("Filtering…")
        elif count is None:
            words = whole
        elif self.table.all_selected:
            words = self.tr("all {count} selected").format(count=whole)
        elif chosen > 1:
            words = self.tr("{chosen} of {count} selected").format(chosen=numbers.number(chosen), count=whole)
        elif self.model.is_capped:
            words = self.tr("first {shown} of {count}").format(shown=numbers.number(MAX_ROWS), count=whole)
        elif self._filters or self._search:
            words = self.tr("{count} found").format(count=whole)
        else:
            words = whole
        self._count.setText(words)
        self.status_text.emit(words if chosen > 1 else "")

    def _acted(self, action: StateAction) -> None:
        if action is StateAction.CLEAR_FILTER:
            self.clear_filters()
        elif action is StateAction.OPEN_SYNC:
            self.sync_page_wanted.emit()
        elif action is StateAction.SIGN_IN:
            self.sign_in_wanted.emit()
        elif self._opened:
            self._open_list(Busy.OPENING)
        else:
            self._open()

    # Sort, search, filter

    def refresh(self) -> None:
        """Show the newest order."""
        if self._opened:
            self.list.refresh()

    def sort(self, field: str, *, descending: bool = False) -> None:
        """Sort the list by a field, in the mirror."""
        self._layout = ListLayout(self._layout.columns, (Sort(field, descending),))
        self.table.header.show_sort(field, descending)
        self._keep.start()
        self._open_list(Busy.SORTING)

    def _sort_column(self, column: int, descending: bool) -> None:
        self.sort(self.model.columns[column].name, descending=descending)

    def search(self, text: str) -> None:
        """Show the records in which `text` is found."""
        if text == self._search or not self._opened:
            return
        self._search = text
        self._open_list(Busy.FILTERING)

    def add_filter(self, active: ActiveFilter) -> None:
        """Narrow the list by one more condition."""
        if all(active.condition != other.condition for other in self._filters):
            self._set_filters((*self._filters, active))
            self._open_list(Busy.FILTERING)

    def _add_filter(self, condition: Condition, value: str) -> None:
        label = next((c.label for c in self._columns if c.name == condition.field), condition.field)
        self.add_filter(ActiveFilter(condition, label, value))

    def _drop_filter(self, condition: Condition) -> None:
        self._set_filters(tuple(a for a in self._filters if a.condition != condition))
        self._open_list(Busy.FILTERING)

    def clear_filters(self) -> None:
        """Show all records again."""
        if not self._filters and not self._search:
            return
        self._set_filters(())
        self._search = ""
        self.filter.set_quietly("")
        self._open_list(Busy.FILTERING)

    def _set_filters(self, filters: tuple[ActiveFilter, ...]) -> None:
        self._filters = filters
        self.chips.set_filters(filters)

    def begin_filter(self) -> None:
        """Put the cursor into the list's search."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def _typed(self, letters: str) -> None:
        self.filter.setFocus(Qt.FocusReason.OtherFocusReason)
        self.filter.setText(letters)

    def _into_list(self) -> None:
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        if not self.table.currentIndex().isValid():
            self.table.reach(0)

    # Columns

    def _header_menu(self, column: int, position: QPoint) -> None:
        menu = self.acts.header_menu(column, self)
        menu.sort_wanted.connect(lambda name, descending: self.sort(name, descending=descending))
        menu.hide_wanted.connect(self._hide_column)
        menu.fit_wanted.connect(self._fit_column)
        menu.choose_wanted.connect(lambda: self._choose_columns(position))
        menu.popup(position)

    def _fit_column(self, column: int) -> None:
        self.table.resizeColumnToContents(column)

    def _hide_column(self, name: str) -> None:
        self._take_columns(tuple(n for n, _ in self._current_layout() if n != name))

    def _choose_columns(self, position: QPoint | bool = False) -> None:
        if isinstance(position, bool):
            position = self._columns_button.mapToGlobal(QPoint(0, self._columns_button.height() + 2))
        chooser = ColumnChooser(self._columns, [name for name, _ in self._current_layout()], self)
        chooser.changed.connect(self._take_columns)
        chooser.reset_wanted.connect(self._reset_columns)
        chooser.show_at(position)

    def _take_columns(self, names: tuple[str, ...]) -> None:
        widths = dict(self._current_layout())
        self._layout = ListLayout(tuple((name, widths.get(name, 0)) for name in names), self._layout.sort)
        self._put_columns()
        self._keep.start()

    def _reset_columns(self) -> None:
        self._layout = ListLayout(read_layout(None, self._columns).columns, self._layout.sort)
        self._put_columns()
        self._keep.start()

    def _current_layout(self) -> list[tuple[str, int]]:
        header, columns = self.table.header, self.model.columns
        order = [header.logicalIndex(visual) for visual in range(header.count())]
        return [(columns[logical].name, header.sectionSize(logical)) for logical in order]

    def _keep_layout(self) -> None:
        if not self._opened:
            return
        self._layout = ListLayout(tuple(self._current_layout()), self._layout.sort)
        self._store.set(layout_key(self._object), self._layout.to_json())

    # Records

    def open_record(self, ref: RecordRef) -> None:
        """Show `ref` in the pane, from the search or from another page."""
        self._set_pane(True)
        self.pane.show_record(ref)

    def open_apart(self, ref: RecordRef) -> None:
        """Show `ref` in a window of its own."""
        self.windows.open(ref)
        self.record_activated.emit(ref)

    def _clicked(self, _row: int) -> None:
        if self._pane_wanted:
            self._set_pane(True)
            self._follow.start()

    def _row_opened(self, _row: int) -> None:
        if self.pane.isVisible() and self.pane.record is not None:
            self.pane.setFocus(Qt.FocusReason.OtherFocusReason)
        self._pane_wanted = True
        self._set_pane(True)
        self._show_current()

    def _row_apart(self, row: int) -> None:
        ref = self.model.ref(row)
        if ref is not None:
            self.open_apart(ref)

    def _show_current(self) -> None:
        row = self.table.currentIndex().row()
        if not self.pane.isVisible() or not 0 <= row < self.model.rowCount():
            return
        self.pane.show_record(self.model.ref(row) or (self._object, self.model.om_row(row)))

    def _toggle_pane(self, wanted: bool) -> None:
        self._pane_wanted = wanted
        self._set_pane(wanted)
        self._show_current()

    def close_pane(self) -> None:
        """Give the list the whole width; clicking no longer opens the pane, Enter does."""
        if self.pane.isVisible():
            self._pane_wanted = False
            self._set_pane(False)
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _set_pane(self, shown: bool) -> None:
        self._pane_button.setChecked(shown)
        if shown != self.pane.isHidden():
            return
        self.pane.setVisible(shown)
        if shown:
            width = min(self._pane_width, max(_PANE_MIN, self.width() - _LIST_MIN - 40))
            self._splitter.setSizes([self.width() - width, width])
        else:
            self.pane.clear()
        self._keep_pane()

    def _pane_resized(self, *_: int) -> None:
        self._pane_width = self.pane.width()
        self._keep_pane()

    def _keep_pane(self) -> None:
        self._store.set(
            PANE_KEY,
            {"open": self._pane_wanted, "width": self._pane_width, "show_empty": self.pane.show_empty},
        )

    def record(self) -> RecordView | None:
        """The record in the pane."""
        return self.pane.record

    # Acts

    def _cell_menu(self, row: int, column: int, position: QPoint) -> None:
        menu = self.acts.cell_menu(row, column, self)
        menu.popup(position)

    def export(self) -> None:
        """Write this list to a file, in the background."""
        columns = [name for name, _ in self._current_layout()]
        self.acts.export(self._query(), columns, self._label_plural)
