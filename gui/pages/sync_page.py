"""`SyncPage`: all about the sync: the sentence, the levers, the budget, each object, the history. GUI thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from core.model.errors import OrgMirrorError
from core.model.states import CycleOutcome
from gui.desktop.theme import Space
from gui.models.object_lines import object_lines, overall
from gui.models.two_line_model import Entry
from gui.operations import QueryOp
from gui.pages.page import Page
from gui.text import numbers, phases
from gui.text.status import MOOD_ICONS, overall_rate, overall_remaining
from gui.widgets.card import Card
from gui.widgets.figure import Figure
from gui.widgets.icon_view import IconView
from gui.widgets.label import ElidedLabel, Label
from gui.widgets.progress_bar import ThinBar
from gui.widgets.state_panel import PageState, StateAction, StatePanel
from gui.widgets.sync_buttons import SyncButtons
from gui.widgets.sync_table import SyncTable
from gui.widgets.two_line_list import TwoLineList
from gui.workers.session import Session

_HISTORY = 200
_OBJECTS, _HISTORY_TAB = 0, 1


class SyncPage(Page):
    """Its tables lead on to the objects' lists."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="syncPage")
        self._reading: QueryOp[list[Any]] | None = None
        self._icon = IconView("sync", 20, "accent", self, disc="accent_soft")
        self._sentence = Label("title", self, name="syncSentence")
        self._detail = ElidedLabel("muted", self, name="syncDetail")
        self._buttons = SyncButtons(self, name="syncButtons", with_cancel=True)
        self._summary = self._build_summary()
        self._tabs = QTabBar(self)
        self._tabs.setObjectName("syncTabs")
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        self._tabs.addTab("")
        self._tabs.addTab("")
        self._tabs.currentChanged.connect(self._on_tab)
        self._table = SyncTable(self)
        self._table.object_wished.connect(self.object_wished)
        self._table_panel = StatePanel(self, name="syncState")
        self._table_panel.acted.connect(self._on_action)
        self._history = TwoLineList(self, name="syncHistory")
        self._history_panel = StatePanel(self, name="historyState")
        self._stack = QStackedWidget(self)
        self._stack.setObjectName("syncStack")
        for widget in (self._table, self._table_panel, self._history, self._history_panel):
            self._stack.addWidget(widget)
        self._runs: list[Any] = []
        self._lay_out()
        self.retranslate()

    def _build_summary(self) -> Card:
        card = Card(self, name="syncSummary")
        card.set_heading("")
        self._bar = ThinBar(self, height=8)
        self._bar.setObjectName("syncBar")
        self._rows = Figure(self, name="syncRows")
        self._rate = Figure(self, name="syncRate")
        self._left = Figure(self, name="syncLeft")
        self._calls = Figure(self, name="syncCalls")
        self._api = Figure(self, name="syncApi")
        self._next = Figure(self, name="syncNext")
        row = QHBoxLayout()
        row.setSpacing(Space.XXL + Space.S)
        for figure in (self._rows, self._rate, self._left, self._calls, self._api, self._next):
            row.addWidget(figure)
        row.addStretch(1)
        card.body.addWidget(self._bar)
        card.body.addLayout(row)
        return card

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._sentence)
        words.addWidget(self._detail)
        head = QHBoxLayout()
        head.setSpacing(Space.L)
        head.addWidget(self._icon)
        head.addLayout(words, 1)
        head.addWidget(self._buttons)
        frame = QFrame(self)
        frame.setObjectName("syncFrame")
        frame.setProperty("area", "card")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, Space.XS, 1, Space.S)
        inside.setSpacing(0)
        tab_row = QHBoxLayout()
        tab_row.setContentsMargins(Space.XS, 0, Space.S, 0)
        tab_row.addWidget(self._tabs)
        tab_row.addStretch(1)
        inside.addLayout(tab_row)
        inside.addWidget(self._stack, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XXL, Space.XL, Space.XXL, Space.XL)
        layout.setSpacing(Space.L)
        layout.addLayout(head)
        layout.addWidget(self._summary)
        layout.addWidget(frame, 1)

    def on_session(self, session: Session | None) -> None:
        self._buttons.set_session(session)
        self._runs = []
        if session is not None:
            self.follow(session.status_changed, lambda _status: self._refresh())
            self.follow(session.progress_changed, lambda _progress: self._refresh())
            self.follow(session.text_changed, lambda _text: self._refresh_head())
            self.follow(session.cycle_ended, lambda _result: self._read_history())
        self._refresh()

    def on_shown(self) -> None:
        self._table.lines.refresh_words()
        self._read_history()
        self._refresh()

    def retranslate(self) -> None:
        self._tabs.setTabText(_OBJECTS, self.tr("Objects"))
        self._tabs.setTabText(_HISTORY_TAB, self.tr("History"))
        self._tabs.setAccessibleName(self.tr("Parts of this page"))
        self._table.setAccessibleName(self.tr("Objects"))
        self._history.setAccessibleName(self.tr("History"))
        self._history_panel.show_words(
            PageState.NONE_YET,
            lambda: self.tr("No runs yet"),
            lambda: self.tr("Each run of the sync is listed here, with what it brought."),
            icon="history",
        )
        self._table.lines.refresh_words()
        self._refresh()
        self._show_history(self._runs)

    def _on_tab(self, _index: int) -> None:
        self._read_history()
        self._choose_view()

    def _choose_view(self) -> None:
        if self._tabs.currentIndex() == _HISTORY_TAB:
            self._stack.setCurrentWidget(self._history if self._runs else self._history_panel)
        else:
            has_lines = bool(self._table.lines.lines)
            self._stack.setCurrentWidget(self._table if has_lines else self._table_panel)

    def _on_action(self, action: StateAction) -> None:
        if action is StateAction.SIGN_IN:
            self.sign_in_wished.emit()
        elif self.session is not None:
            self.session.sync_now()

    # The head and the table

    def _refresh(self) -> None:
        self._refresh_head()
        session = self.session
        if session is None:
            self._table.show_lines(())
            self._choose_view()
            return
        lines = object_lines(session.status, session.progress)
        self._table.show_lines(lines)
        if not lines:
            self._explain(session.error)
        self._refresh_summary()
        self._choose_view()

    def _explain(self, error: OrgMirrorError | None) -> None:
        if error is not None:
            self._table_panel.show_error(error)
        else:
            self._table_panel.show_words(
                PageState.OPENING,
                lambda: self.tr("Looking at what the org holds"),
                lambda: self.tr("The objects that you may see appear here in a moment."),
            )

    def _refresh_head(self) -> None:
        session = self.session
        self._buttons.refresh()
        if session is None:
            self._sentence.setText("")
            self._detail.setText("")
            return
        text = session.text
        icon, role = MOOD_ICONS[text.mood]
        discs = {"good": "good_soft", "accent": "accent_soft", "warn": "warn_soft"}
        self._icon.set_icon(icon, role, discs.get(role, "surface_alt"))
        self._sentence.setText(text.sentence)
        self._detail.setText(text.detail)
        self._detail.setVisible(bool(text.detail))

    def _refresh_summary(self) -> None:
        session = self.session
        if session is None:
            return
        progress, status = session.progress, session.status
        first = progress is not None and progress.first_load
        rows, total = overall(status, progress)
        never = status is not None and status.last_ok_at is None
        self._bar.setVisible(first or never)
        self._bar.set_share(rows / total if total else None)
        here = phases.rows_of(rows, total) if first or never else numbers.number(rows)
        self._rows.show_figure(self.tr("Records here"), here)
        rate = overall_rate(progress) if progress else None
        remaining = overall_remaining(progress) if progress else None
        self._rate.show_figure(self.tr("Speed"), numbers.rate(rate) if rate else "–")
        self._left.show_figure(self.tr("Time left"), numbers.about(remaining) if remaining is not None else "–")
        self._rate.setVisible(first)
        self._left.setVisible(first)
        self._calls.show_figure(self.tr("Calls in this run"), numbers.number(progress.api_calls) if progress else "–")
        self._calls.setVisible(progress is not None)
        used = "–"
        if status is not None and status.api_used is not None:
            used = phases.rows_of(status.api_used, status.api_limit)
        self._api.show_figure(self.tr("API calls of the org, 24 h"), used)
        upcoming = "–"
        if status is not None and status.next_cycle_at is not None and not session.is_paused and progress is None:
            upcoming = numbers.clock(status.next_cycle_at)
        self._next.show_figure(self.tr("Next sync"), upcoming)
        self._next.setVisible(progress is None)

    # The history

    def _read_history(self) -> None:
        session = self.session
        if session is None or not self.isVisible() or (self._reading is not None and self._reading.running):
            return
        sync = session.connection.sync
        self._reading = QueryOp(self, session.operations, lambda _token: list(sync.history(_HISTORY)))
        self._reading.success(self._show_history).failure(lambda _error: None).run()

    def _show_history(self, runs: list[Any]) -> None:
        self._runs = runs
        self._history.entries.set_entries([self._entry(number, run) for number, run in enumerate(runs)])
        self._choose_view()

    def _entry(self, number: int, run: Any) -> Entry:
        good = run.status in (CycleOutcome.OK, "ok", "done")
        counts = self.tr("{new} new, {updated} updated, {deleted} deleted").format(
            new=numbers.number(run.new), updated=numbers.number(run.updated), deleted=numbers.number(run.deleted)
        )
        title = run.object or self.tr("All objects")
        calls = self.tr("{calls} calls, {time}").format(
            calls=numbers.number(run.api_calls), time=numbers.duration(run.seconds)
        )
        return Entry(
            key=(number, run.started, run.object),
            title=f"{title} · {counts}",
            text=calls,
            aside=numbers.moment_text(run.started),
            icon="check-circle" if good else "alert",
            icon_role="good" if good else "warn",
        )

    def sizeHint(self) -> QSize:
        return QSize(900, 600)
