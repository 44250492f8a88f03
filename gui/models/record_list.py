"""`RecordList`: which records a list shows, kept true while the mirror moves underneath. No widgets.

Lives on the GUI thread, owned by the page. Reading goes to the lanes: the first rows of a newly opened list from the
quick one, so that something is there at once, and the whole order from the heavy one. What a person asked for (open,
sort, filter, refresh) replaces the list when it is ready; what merely happened (a sync) never moves a row under the
mouse: it is held back as `ListNews` until the person takes it, or nobody is looking.
"""

from __future__ import annotations

import time
from array import array
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from core.api.browse import Lane
from core.model.filters import ListQuery
from gui.models.answers import Answers
from gui.models.id_compare import Comparison, Difference, compare, grown
from gui.models.record_list_model import RecordListModel

if TYPE_CHECKING:
    from core.api.browse import BrowseApi, BrowseSession

# Rows read by themselves when a list is opened; the rest of the order follows.
FIRST_ROWS = 200
# A list is read again at most this often, and at most for an eighth of the time.
QUIET_MS = 1000
QUIET_FACTOR = 8


class Busy(Enum):
    """What a person is waiting for."""

    NOTHING = auto()
    OPENING = auto()
    SORTING = auto()
    FILTERING = auto()
    REFRESHING = auto()


@dataclass(frozen=True, slots=True)
class ListNews:
    """Held back until the person asks: `records` came, went or moved (None = many)."""

    records: int | None
    growing: bool = False  # rows of a first load stand at the end, not yet sorted in


@dataclass(frozen=True, slots=True)
class _Reading:
    ids: array[int]
    comparison: Comparison
    base: array[int]
    longer: array[int] | None
    seconds: float


class PlaceKeeper(Protocol):
    """The view, as far as this class needs it."""

    def remembered(self) -> frozenset[int]:
        """The row numbers of the selection, the current row and the first row seen."""

    def replace_ids(self, ids: array[int], positions: dict[int, int], *, to_top: bool) -> None:
        """Show `ids`, with selection and place kept by record."""

    def is_at_rest(self) -> bool:
        """Whether nobody would notice a change of order: at the top, nothing selected."""


class RecordList(QObject):
    """The order of one list. `model` shows it, `keeper` keeps the place in it."""

    busy_changed = Signal(object)  # Busy
    news_changed = Signal(object)  # ListNews | None
    shown = Signal()  # other or more records are shown, or the count is known now
    failed = Signal(object)  # the error that stopped what the person asked for

    def __init__(
        self, browse: BrowseApi, model: RecordListModel, keeper: PlaceKeeper, view: str, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._browse = browse
        self._model = model
        self._keeper = keeper
        self._view = view
        self._answers = Answers(self)
        self._query = ListQuery(model.object_name)
        self._busy = Busy.NOTHING
        self._complete = False
        self._loading = False
        self._watched = True
        self._news: ListNews | None = None
        self._held: _Reading | None = None
        self._changed_ids: set[str] | None = set()
        self._own_only = False
        self._quiet_wanted = False
        self._quiet_seconds = 0.0
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.timeout.connect(self._read_quietly)

    @property
    def query(self) -> ListQuery:
        return self._query

    @property
    def busy(self) -> Busy:
        return self._busy

    @property
    def news(self) -> ListNews | None:
        return self._news

    @property
    def count(self) -> int | None:
        """How many records the list has, None while that is not known."""
        return self._model.total if self._complete else None

    # What a person does

    def open(self, query: ListQuery, busy: Busy = Busy.OPENING) -> None:
        """Show the records of `query`. The list shown so far stays until its answer is here."""
        self._query = query
        self._drop_news()
        self._quiet.stop()
        self._quiet_wanted = False
        self._answers.forget("first")
        if busy is Busy.OPENING:
            self._complete = False
            first = replace(query, limit=FIRST_ROWS)
            future = self._browse.submit(Lane.QUICK, f"{self._view}:first", lambda s: s.open_list(first).ids)
            self._answers.expect("first", future, self._first_here, self._fail)
        self._set_busy(busy)
        self._read(lambda reading: self._asked_here(reading, to_top=busy is not Busy.REFRESHING), self._fail)

    def refresh(self) -> None:
        """Show the newest order now."""
        held = self._held
        if held is not None and held.base is self._model.ids:
            self._drop_news()
            self._apply(held, to_top=False)
            return
        self.open(self._query, Busy.REFRESHING)

    def stop(self) -> None:
        """Give up what is under way; the list shown stays."""
        self._answers.forget()
        self._quiet.stop()
        self._set_busy(Busy.NOTHING)

    # What happens

    def records_changed(self, ids: frozenset[str] | None, own: frozenset[str] = frozenset()) -> None:
        """A sync or an edit touched these records (None = many); `own` are those that this person edited.

        What a person did is no news to that person: an edited row stays where it is, a new one comes, a deleted one
        goes, and nothing asks to be refreshed.
        """
        self._model.refresh_pages()
        if ids is None or self._changed_ids is None:
            self._changed_ids = None
        else:
            self._own_only = ids <= own and not self._changed_ids
            self._changed_ids |= ids - own
        self._want_quietly()

    def set_loading(self, loading: bool) -> None:
        """Whether the first load of the object is under way: then new rows appear by themselves, at the end."""
        if loading == self._loading:
            return
        self._loading = loading
        if not loading:
            self._want_quietly()

    def rows_came(self) -> None:
        """The first load has more rows than are shown."""
        self._want_quietly()

    def set_watched(self, watched: bool) -> None:
        """Whether the list is on the screen. An unwatched one takes its news by itself."""
        self._watched = watched
        if watched and self._news is not None:
            self.refresh()

    # Reading

    def _read(self, then, failed) -> None:  # type: ignore[no-untyped-def]
        query, base, wanted, loading = self._query, self._model.ids, self._keeper.remembered(), self._loading

        def read(session: BrowseSession) -> _Reading:
            started = time.monotonic()
            ids = session.open_list(query).ids
            comparison = compare(base, ids, wanted)
            longer = grown(base, ids) if loading and comparison.difference is Difference.CHANGED else None
            return _Reading(ids, comparison, base, longer, time.monotonic() - started)

        self._answers.expect("list", self._browse.submit(Lane.HEAVY, f"{self._view}:list", read), then, failed)

    def _first_here(self, ids: array[int]) -> None:
        if self._complete:
            return
        self._keeper.replace_ids(ids, {}, to_top=True)
        if len(ids) < FIRST_ROWS:
            self._complete = True
        self.shown.emit()

    def _asked_here(self, reading: _Reading, *, to_top: bool) -> None:
        self._answers.forget("first")
        self._quiet_seconds = reading.seconds
        self._complete = True
        self._apply(reading, to_top=to_top)
        self._set_busy(Busy.NOTHING)
        if self._quiet_wanted:
            self._want_quietly()

    def _apply(self, reading: _Reading, *, to_top: bool) -> None:
        self._changed_ids = set()
        shown = self._model.ids
        comparison = reading.comparison if reading.base is shown else compare(shown, reading.ids)
        if comparison.difference is Difference.APPENDED and len(shown):
            self._model.append_ids(reading.ids)
        elif comparison.difference is not Difference.SAME or not len(shown):
            self._keeper.replace_ids(reading.ids, reading.comparison.positions, to_top=to_top)
        self.shown.emit()

    def _fail(self, error: Exception) -> None:
        self._set_busy(Busy.NOTHING)
        self.failed.emit(error)

    # Quietly

    def _want_quietly(self) -> None:
        self._quiet_wanted = True
        if not self._quiet.isActive() and not self._answers.is_waiting("list"):
            self._quiet.start(max(QUIET_MS, int(self._quiet_seconds * 1000 * QUIET_FACTOR)))

    def _read_quietly(self) -> None:
        if self._busy is not Busy.NOTHING:
            return  # its answer looks at _quiet_wanted
        self._quiet_wanted = False
        self._read(self._quiet_here, self._quiet_failed)

    def _quiet_here(self, reading: _Reading) -> None:
        self._quiet_seconds = reading.seconds
        self._complete = True
        difference = reading.comparison.difference
        if reading.base is not self._model.ids:
            self._want_quietly()
            return
        if difference is Difference.SAME:
            self._drop_news()
            self._changed_ids = set()
        elif difference is Difference.APPENDED or not len(reading.base) or not self._watched:
            self._drop_news()
            self._apply(reading, to_top=False)
            return
        elif self._loading:
            if reading.longer is not None:
                self._model.append_ids(reading.longer)
            self._hold(None, ListNews(None, growing=True))
        elif self._news is not None and self._news.growing and self._keeper.is_at_rest():
            self._drop_news()
            self._apply(reading, to_top=False)
            return
        elif self._own_only and not self._changed_ids and self._changed_ids is not None and self._news is None:
            self._own_only = False
            if reading.comparison.added or reading.comparison.removed:
                self._apply(reading, to_top=False)
                return
        else:
            self._hold(reading, ListNews(self._count_news(reading.comparison)))
        self.shown.emit()
        if self._quiet_wanted:
            self._want_quietly()

    def _quiet_failed(self, error: Exception) -> None:
        # The rows on the screen are as true as before; the next change asks again. What a person asks for is told.
        if self._quiet_wanted:
            self._want_quietly()

    def _count_news(self, comparison: Comparison) -> int | None:
        if comparison.added is None or comparison.removed is None:
            return None
        if self._changed_ids:
            return max(len(self._changed_ids), comparison.added + comparison.removed)
        return (comparison.added + comparison.removed) or None

    def _hold(self, reading: _Reading | None, news: ListNews) -> None:
        self._held = reading
        if news != self._news:
            self._news = news
            self.news_changed.emit(news)

    def _drop_news(self) -> None:
        self._held = None
        if self._news is not None:
            self._news = None
            self.news_changed.emit(None)

    def _set_busy(self, busy: Busy) -> None:
        if busy is not self._busy:
            self._busy = busy
            self.busy_changed.emit(busy)
