"""`SyncPage`: all about the sync: the sentence, the levers, the figures, and a tab each for objects, history, schema
log and budget. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from gui.desktop.theme import Space
from gui.models.object_lines import overall
from gui.pages.page import Page
from gui.pages.sync_budget import SyncBudget
from gui.pages.sync_history import SyncHistory
from gui.pages.sync_objects import SyncObjects
from gui.pages.sync_part import SyncPart
from gui.pages.sync_schema import SyncSchema
from gui.text import numbers, phases
from gui.text.status import MOOD_ICONS, overall_rate, overall_remaining
from gui.widgets.card import Card
from gui.widgets.figure import Figure
from gui.widgets.icon_view import IconView
from gui.widgets.label import ElidedLabel, Label
from gui.widgets.progress_bar import ThinBar
from gui.widgets.sync_buttons import SyncButtons
from gui.workers.session import Session


class SyncPage(Page):
    """Its parts lead on to the objects' lists and settings."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="syncPage")
        self._icon = IconView("sync", 20, "accent", self, disc="accent_soft")
        self._sentence = Label("title", self, name="syncSentence")
        self._detail = ElidedLabel("muted", self, name="syncDetail")
        self._buttons = SyncButtons(self, name="syncButtons", with_cancel=True)
        self._summary = self._build_summary()
        self.objects = SyncObjects(self)
        self.history = SyncHistory(self)
        self.schema = SyncSchema(self)
        self.budget = SyncBudget(self)
        self._parts: tuple[SyncPart, ...] = (self.objects, self.history, self.schema, self.budget)
        self.objects.settings_wished.connect(self.scope_wished)
        self.tabs = QTabBar(self)
        self.tabs.setObjectName("syncTabs")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self._stack = QStackedWidget(self)
        self._stack.setObjectName("syncStack")
        for part in self._parts:
            part.object_wished.connect(self.object_wished)
            part.place_wished.connect(self.place_wished)
            part.sign_in_wished.connect(self.sign_in_wished)
            part.told.connect(self.told)
            self.tabs.addTab("")
            self._stack.addWidget(part)
        self._lay_out()
        self.tabs.currentChanged.connect(self._on_tab)
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
        self._last = Figure(self, name="syncLast")
        self._next = Figure(self, name="syncNext")
        self._api = Figure(self, name="syncApi")
        row = QHBoxLayout()
        row.setSpacing(Space.XXL + Space.S)
        for figure in (self._rows, self._rate, self._left, self._calls, self._last, self._next, self._api):
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
        tab_row.addWidget(self.tabs)
        tab_row.addStretch(1)
        self._actions = QWidget(frame)
        self._actions.setLayout(self.objects.actions)
        tab_row.addWidget(self._actions)
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
        for part in self._parts:
            part.set_session(session)
        if session is not None:
            self.follow(session.status_changed, lambda _status: self._refresh())
            self.follow(session.progress_changed, lambda _progress: self._refresh())
            self.follow(session.text_changed, lambda _text: self._refresh_head())
        self._refresh()

    def on_shown(self) -> None:
        self.objects.table.lines.refresh_words()
        self._parts[self.tabs.currentIndex()].on_shown()
        self._refresh()

    def show_tab(self, part: SyncPart) -> None:
        """Bring one of the parts to the front."""
        self.tabs.setCurrentIndex(self._parts.index(part))

    def retranslate(self) -> None:
        titles = (self.tr("Objects"), self.tr("History"), self.tr("Schema log"), self.tr("API budget"))
        for number, title in enumerate(titles):
            self.tabs.setTabText(number, title)
        self.tabs.setAccessibleName(self.tr("Parts of this page"))
        self._refresh()

    def _on_tab(self, number: int) -> None:
        self._stack.setCurrentIndex(number)
        self._actions.setVisible(self._parts[number] is self.objects)
        self._parts[number].on_shown()

    # The head

    def _refresh(self) -> None:
        self._refresh_head()
        if self.session is not None:
            self._refresh_summary(self.session)

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

    def _refresh_summary(self, session: Session) -> None:
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
        last = numbers.clock(status.last_ok_at) if status is not None and status.last_ok_at is not None else "–"
        self._last.show_figure(self.tr("Last in step"), last)
        self._last.setVisible(progress is None)
        upcoming = "–"
        if status is not None and status.next_cycle_at is not None and not session.is_paused and progress is None:
            upcoming = numbers.clock(status.next_cycle_at)
        self._next.show_figure(self.tr("Next sync"), upcoming)
        self._next.setVisible(progress is None)
        used = "–"
        if status is not None and status.api_used is not None:
            used = phases.rows_of(status.api_used, status.api_limit)
        self._api.show_figure(self.tr("API calls of the org, 24 h"), used)

    def sizeHint(self) -> QSize:
        return QSize(900, 600)
