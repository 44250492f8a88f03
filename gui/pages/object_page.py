"""`ObjectPage`: the records of one object: a list, its filters and, beside it, the record chosen.

Lives on the GUI thread, made by the main window for one object of one connection. It asks nothing by itself but the
reading lanes; what a sync changed is told by `apply_changes` and `set_progress`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from core.api.browse import Lane
from core.model.changes import Changes
from core.model.errors import OrgMirrorError
from core.model.filters import Condition, ListQuery
from core.model.progress import ObjectProgress
from core.model.refs import RecordRef
from core.model.scope import Direction
from gui.desktop import theme
from gui.models.answers import Answers
from gui.models.edit_desk import EditDesk
from gui.models.record_list import Busy, ListNews, RecordList
from gui.models.record_list_model import MAX_ROWS, RecordListModel
from gui.models.view_store import ViewStore
from gui.operations import as_error
from gui.pages.list_acts import ListActs
from gui.pages.list_columns import ListColumns
from gui.pages.list_edits import ListEdits
from gui.pages.list_follow import ListFollow
from gui.pages.list_selection import ListSelection
from gui.pages.record_beside import LIST_MIN_WIDTH, RecordBeside
from gui.text import numbers, phases
from gui.widgets.list_bars import ActiveFilter, FilterChips, LoadBar, NewsBar, is_loading
from gui.widgets.list_toolbar import ListToolbar
from gui.widgets.record_pane import RecordPane
from gui.widgets.record_table import RecordTable
from gui.widgets.selection_bar import SelectionBar
from gui.widgets.skeleton import BusyLine
from gui.widgets.state_panel import PageState, StateAction, StatePanel
from gui.windows.record_window import RecordWindows

if TYPE_CHECKING:
    from core.api.browse import BrowseApi, BrowseSession, ColumnInfo
    from core.api.exports import ExportsApi


@dataclass(frozen=True, slots=True)
class _Opened:
    columns: list[ColumnInfo]
    label_plural: str
    label: str
    direction: str = Direction.PULL


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
        *,
        desk: EditDesk | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"objectPage_{object_name}")
        self.setProperty("area", "surface")
        self._browse = browse
        self._store = store
        self._object = object_name
        self._view = f"list:{uuid4().hex}"
        self._answers = Answers(self)
        self._filters: tuple[ActiveFilter, ...] = ()
        self._search = ""
        self._plural = object_name
        self._direction: str = Direction.PULL
        self._progress: ObjectProgress | None = None
        self._error: OrgMirrorError | None = None
        self._opened = False
        self.model = RecordListModel(browse, object_name, self._view, self)
        self.table = RecordTable(self.model, self)
        self.list = RecordList(browse, self.model, self.table, self._view, self)
        self.bar = ListToolbar(object_name, self)
        self.beside = RecordBeside(browse, self.model, self.table, store, self.bar.pane, self, desk)
        self.columns = ListColumns(self.model, self.table, store, self)
        self.acts = ListActs(browse, exports, self.model, self.table, self._view, self)
        self.edits = ListEdits(browse, desk, self.model, self.table, self._view, self)
        self.follow = ListFollow(desk, self.bar.follow, self._view_title, self)
        self.follow.told.connect(self.told)
        self.selection = SelectionBar(self)
        self.chosen = ListSelection(self.table, self.edits, self.beside.acts, self.selection, object_name, self)
        self._build()
        self._connect()
        self._make_shortcuts()
        self.retranslate()
        views = [f"{self._view}:{kind}" for kind in ("columns", "first", "list", "pages", "acts")]
        self.destroyed.connect(lambda: [browse.forget(view) for view in views])
        self._open()

    # Building

    def _build(self) -> None:
        self.filter = self.bar.filter
        self.bar.export.setVisible(self.acts.can_export)
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
        self._stack.setMinimumWidth(LIST_MIN_WIDTH)
        news_row = QHBoxLayout()
        news_row.setContentsMargins(theme.Space.L, 0, theme.Space.L, 0)
        news_row.addWidget(self.news_bar)
        left = QWidget(self)
        left.setObjectName("listSide")
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.load_bar)
        column.addWidget(self.chips)
        column.addLayout(news_row)
        column.addWidget(self._busy_line)
        column.addWidget(self._stack, 1)
        # Below the rows: above them it would push away those that are just being selected.
        column.addWidget(self.selection)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.setObjectName("listSplitter")
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(left)
        self.beside.put_into(self._splitter)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 0)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._splitter)

    def _connect(self) -> None:
        table, listing = self.table, self.list
        table.typed.connect(self._typed)
        table.picked.connect(self._word_count)
        self.bar.new.setVisible(False)
        self.bar.new.clicked.connect(self.chosen.new_record)
        table.copy_wanted.connect(self.acts.copy)
        table.cell_menu_wanted.connect(self._cell_menu)
        self.columns.sort_wanted.connect(lambda field, down: self.sort(field, descending=down))
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
        self.beside.activated.connect(self.record_activated)
        self.bar.columns.clicked.connect(self._choose_columns)
        self.bar.export.clicked.connect(self.export)
        self.bar.refresh.clicked.connect(self.refresh)
        self.acts.told.connect(self.told)
        self.chosen.told.connect(self.told)
        self.acts.filter_wanted.connect(self._add_filter)
        self.acts.apart_wanted.connect(self.beside.open_apart)
        self.edits.record_wanted.connect(self.open_record)

    def _make_shortcuts(self) -> None:
        keys: tuple[tuple[QKeySequence | str, Any], ...] = (
            (QKeySequence(QKeySequence.StandardKey.Find), self.begin_filter),
            (QKeySequence(QKeySequence.StandardKey.Refresh), self.refresh),
            ("Ctrl+R", self.refresh),
            ("Ctrl+N", self.chosen.new_record),
            (QKeySequence(QKeySequence.StandardKey.Delete), self.chosen.delete),
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
        self.bar.name(self._plural)
        read_only = self._opened and self._direction == Direction.PULL
        self.bar.show_direction(phases.direction(self._direction) if read_only else "")
        self.setAccessibleName(self._plural)
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

    def _read_object(self, session: BrowseSession) -> _Opened:
        known = next((o for o in session.objects() if o.name == self._object), None)
        columns = session.columns(self._object)
        if known is None:
            return _Opened(columns, self._object, self._object)
        return _Opened(columns, known.label_plural, known.label, known.direction)

    def _open(self) -> None:
        self._error = None
        self._busy_line.set_busy(True)
        future = self._browse.submit(Lane.QUICK, f"{self._view}:columns", self._read_object)
        self._answers.expect("columns", future, self._columns_here, self._list_failed)

    def _columns_here(self, opened: _Opened) -> None:
        self._opened = True
        self._take_words(opened)
        self.columns.set_available(opened.columns)
        self.list.set_loading(is_loading(self._progress))
        self._open_list(Busy.OPENING)

    def _query(self) -> ListQuery:
        conditions = tuple(active.condition for active in self._filters)
        return ListQuery(self._object, conditions, self.columns.sort, self._search)

    def _view_title(self) -> str:
        """The view in words: the object, and what narrows it."""
        parts = [f"{active.label}: {active.value}" for active in self._filters]
        narrowed = ", ".join([*parts, *([f"“{self._search}”"] if self._search else [])])
        return f"{self._plural} ({narrowed})" if narrowed else self._plural

    def _open_list(self, busy: Busy) -> None:
        self._error = None
        query = self._query()
        self.list.open(query, busy)
        self.follow.show_query(query)
        self._word_count()

    # What happens elsewhere

    def apply_changes(self, changes: Changes) -> None:
        """A sync or an edit changed something; the list decides what to do about it."""
        if changes.schema and self._opened:
            self._read_columns_again()
        if changes.touches(self._object):
            ids = changes.objects[self._object]
            desk = self.edits.desk
            own = desk.own_of(ids) if desk is not None and ids is not None else frozenset()
            self.list.records_changed(ids, own)
        self.beside.apply_changes(changes)
        self.edits.apply_changes(changes)

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
        future = self._browse.submit(Lane.QUICK, f"{self._view}:columns", self._read_object)
        self._answers.expect("columns", future, self._columns_changed, self._page_failed)

    def _columns_changed(self, opened: _Opened) -> None:
        self._take_words(opened)
        if self.columns.set_available(opened.columns):
            self._set_filters(tuple(a for a in self._filters if self.columns.has(a.condition.field)))
            self._open_list(Busy.REFRESHING)

    def _take_words(self, opened: _Opened) -> None:
        self._plural = opened.label_plural
        self._direction = opened.direction
        self.chosen.take_words(opened.label, opened.direction)
        self.bar.new.setVisible(self.chosen.can_create)
        self.retranslate()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.list.set_watched(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.list.set_watched(False)
        self.columns.keep_if_changed()

    # What is shown

    def _shown(self) -> None:
        self._error = None
        self.edits.read_marks()
        self._word_count()
        self._show_right_thing()

    def _show_right_thing(self) -> None:
        subject = self._plural
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
        self._error = as_error(error)
        if self.model.rowCount():
            self.acts.tell_error(self._error)
        self._show_right_thing()

    def _page_failed(self, error: Exception) -> None:
        self.acts.tell_error(as_error(error))

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
        self.bar.show_count(words)
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
        self.columns.set_sort(field, descending=descending)
        self._open_list(Busy.SORTING)

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

    def show_only(self, condition: Condition, value: str) -> None:
        """Show the records of one condition, whatever was filtered before; `value` is how a person reads it."""
        label = self.columns.label(condition.field) if self._opened else condition.field
        self._search = ""
        self.filter.set_quietly("")
        self._set_filters((ActiveFilter(condition, label, value),))
        if self._opened:
            self._open_list(Busy.FILTERING)

    def _add_filter(self, condition: Condition, value: str) -> None:
        self.add_filter(ActiveFilter(condition, self.columns.label(condition.field), value))

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

    # Records

    @property
    def pane(self) -> RecordPane:
        """The record beside the list."""
        return self.beside.pane

    @property
    def windows(self) -> RecordWindows:
        """The records in windows of their own."""
        return self.beside.windows

    def open_record(self, ref: RecordRef) -> None:
        """Show `ref` in the pane, from the search or from another page."""
        self.beside.open(ref)

    # Acts

    def _cell_menu(self, row: int, column: int, position: QPoint) -> None:
        menu = self.acts.cell_menu(row, column, self)
        self.edits.add_to_menu(menu, row, column)
        self.chosen.add_acts(menu, self.model.columns[column].name)
        menu.popup(position)

    def export(self) -> None:
        """Write this list to a file, in the background."""
        self.acts.export(self._query(), self.columns.names(), self._plural)

    def _choose_columns(self) -> None:
        button = self.bar.columns
        self.columns.choose(button.mapToGlobal(QPoint(0, button.height() + 2)))
