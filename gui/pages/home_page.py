"""`HomePage`: how the first load stands, then what is here, how fresh it is, and what changed lately. GUI thread."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from core.model.changes import Changes
from core.model.states import LoadPhase
from gui.desktop.theme import Space
from gui.models.change_lines import ChangeLine, read_change_lines
from gui.models.object_lines import ObjectLine, featured, object_lines, overall
from gui.operations import QueryOp
from gui.pages.page import Page
from gui.pages.page_names import CHANGES, NEEDS_YOU, SYNC
from gui.text import numbers, phases
from gui.text.status import overall_rate, overall_remaining, resumed_object
from gui.widgets.card import Card
from gui.widgets.change_list import ChangeList
from gui.widgets.figure import Figure
from gui.widgets.flow_grid import FlowGrid
from gui.widgets.label import Label
from gui.widgets.object_card import ObjectCard
from gui.widgets.page_header import PageHeader
from gui.widgets.progress_bar import ThinBar
from gui.widgets.sync_buttons import SyncButtons
from gui.workers.session import Session

_CARDS = 12
_RECENT = 8


class HomePage(Page):
    """Leads on to the objects, the Sync page, what needs a person and the changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="homePage")
        self._reading: QueryOp[list[ChangeLine]] | None = None
        self._header = PageHeader(self, name="homeHeader")
        self._kind = Label("chip", self, name="homeKind")
        self._header.add_beside(self._kind)
        self._buttons = SyncButtons(self, name="homeSync")
        self._header.actions.addWidget(self._buttons)
        self._load = self._build_load()
        self._summary = self._build_summary()
        self._objects_heading = Label("heading", self, name="homeObjectsHeading")
        self._all_objects = QPushButton(self)
        self._all_objects.setObjectName("homeAllObjects")
        self._all_objects.setProperty("kind", "link")
        self._all_objects.clicked.connect(lambda: self.place_wished.emit(SYNC))
        self._grid_holder = QWidget(self)
        self._grid = FlowGrid(self._grid_holder, minimum=208, spacing=Space.M)
        self._cards: dict[str, ObjectCard] = {}
        self._recent = Card(self, name="homeRecent")
        self._all_changes = QPushButton(self)
        self._all_changes.setObjectName("homeAllChanges")
        self._all_changes.setProperty("kind", "link")
        self._all_changes.clicked.connect(lambda: self.place_wished.emit(CHANGES))
        self._recent.head.addWidget(self._all_changes)
        self._changes = ChangeList(self, name="homeChanges", compact=True)
        self._changes.record_wished.connect(self.record_wished)
        self._recent.body.addWidget(self._changes)
        self._lay_out()
        self.retranslate()

    def _build_load(self) -> Card:
        card = Card(self, name="homeLoad")
        self._load_rows = Label("figure", self, name="homeLoadRows")
        self._load_note = Label("muted", self, name="homeLoadNote")
        self._load_share = Label("heading", self, name="homeLoadShare")
        self._load_bar = ThinBar(self, height=8)
        self._load_bar.setObjectName("homeLoadBar")
        top = QHBoxLayout()
        top.addWidget(self._load_rows)
        top.addStretch(1)
        top.addWidget(self._load_share, 0, Qt.AlignmentFlag.AlignBottom)
        self._rate = Figure(self, name="homeRate")
        self._left = Figure(self, name="homeLeft")
        self._elapsed = Figure(self, name="homeElapsed")
        self._calls = Figure(self, name="homeCalls")
        self._done_objects = Figure(self, name="homeDone")
        figures = QHBoxLayout()
        figures.setSpacing(Space.XXL)
        for figure in (self._rate, self._left, self._elapsed, self._done_objects, self._calls):
            figures.addWidget(figure)
        figures.addStretch(1)
        card.body.addLayout(top)
        card.body.addWidget(self._load_bar)
        card.body.addWidget(self._load_note)
        card.body.addSpacing(Space.XS)
        card.body.addLayout(figures)
        card.hide()
        return card

    def _build_summary(self) -> Card:
        card = Card(self, name="homeSummary")
        card.set_heading("")
        self._here = Figure(self, name="homeHere")
        self._last = Figure(self, name="homeLast")
        self._next = Figure(self, name="homeNext")
        self._api = Figure(self, name="homeApi")
        self._waiting = Figure(self, name="homeWaiting")
        self._problems = QPushButton(self)
        self._problems.setObjectName("homeProblems")
        self._problems.clicked.connect(lambda: self.place_wished.emit(NEEDS_YOU))
        row = QHBoxLayout()
        row.setSpacing(Space.XXXL)
        for figure in (self._here, self._last, self._next, self._api, self._waiting):
            row.addWidget(figure)
        row.addStretch(1)
        row.addWidget(self._problems)
        card.body.addLayout(row)
        return card

    def _lay_out(self) -> None:
        content = QWidget(self)
        content.setObjectName("homeContent")
        inner = QVBoxLayout(content)
        inner.setContentsMargins(Space.XXL, Space.XL, Space.XXL, Space.XXL)
        inner.setSpacing(Space.L)
        inner.addWidget(self._header)
        inner.addWidget(self._load)
        inner.addWidget(self._summary)
        heading = QHBoxLayout()
        heading.addWidget(self._objects_heading)
        heading.addStretch(1)
        heading.addWidget(self._all_objects)
        inner.addSpacing(Space.S)
        inner.addLayout(heading)
        inner.addWidget(self._grid_holder)
        inner.addSpacing(Space.S)
        inner.addWidget(self._recent)
        inner.addStretch(1)
        area = QScrollArea(self)
        area.setObjectName("homeScroll")
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(content)
        area.viewport().setAutoFillBackground(False)
        content.setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)

    # What it follows

    def on_session(self, session: Session | None) -> None:
        self._buttons.set_session(session)
        self._changes.show_changes([])
        for card in self._cards.values():
            card.deleteLater()
        self._cards.clear()
        if session is not None:
            self.follow(session.status_changed, lambda _status: self._refresh())
            self.follow(session.progress_changed, lambda _progress: self._refresh())
            self.follow(session.text_changed, lambda _text: self._refresh_head())
            self.follow(session.data_changed, self._on_changes)
            self._read_changes()
        self._refresh()

    def on_shown(self) -> None:
        self._refresh()

    def retranslate(self) -> None:
        self._recent.set_heading(self.tr("Recent changes"))
        self._all_changes.setText(self.tr("All changes"))
        self._objects_heading.setText(self.tr("What is here"))
        self._all_objects.setText(self.tr("All objects"))
        self._load.set_heading("")
        self._changes.retranslate()
        self._refresh()

    def _on_changes(self, changes: Changes) -> None:
        if changes.objects:
            self._read_changes()

    def _read_changes(self) -> None:
        session = self.session
        if session is None or (self._reading is not None and self._reading.running):
            return
        connection = session.connection
        self._reading = QueryOp(self, session.operations, lambda _token: read_change_lines(connection, _RECENT))
        self._reading.success(self._changes.show_changes).failure(lambda _error: None).run()

    # What it shows

    def _refresh(self) -> None:
        self._refresh_head()
        session = self.session
        if session is None:
            return
        lines = object_lines(session.status, session.progress)
        loading = session.progress is not None and session.progress.first_load
        never = session.status is not None and session.status.last_ok_at is None
        self._load.setVisible(loading or never)
        self._summary.setVisible(not (loading or never))
        self._refresh_load(lines)
        self._refresh_summary()
        self._refresh_cards(lines)
        self._changes.show_while_loading(loading or never)

    def _refresh_head(self) -> None:
        session = self.session
        self._buttons.refresh()
        if session is None:
            self._header.title.setText("")
            self._header.subtitle.setText("")
            self._kind.hide()
            return
        info = session.connection.info
        self._header.title.setText(info.org_name or info.name)
        self._header.subtitle.setText(session.text.line)
        self._kind.setText(phases.kind(is_sandbox=info.is_sandbox, is_demo=info.is_demo))
        self._kind.set_role("chip-demo" if info.is_demo else "chip-sandbox" if info.is_sandbox else "chip-production")
        self._kind.show()

    def _refresh_load(self, lines: tuple[ObjectLine, ...]) -> None:
        session = self.session
        if session is None:
            return
        progress, status = session.progress, session.status
        done, total = overall(status, progress)
        rows = phases.rows_of(done, total)
        self._load_rows.setText(self.tr("{rows} records").format(rows=rows))
        share = done / total if total else None
        self._load_share.setText(numbers.percent(min(1.0, share)) if share is not None else "")
        self._load_bar.set_share(share)
        resumed = resumed_object(progress) if progress else None
        if resumed is not None:
            self._load_note.setText(phases.resuming(resumed))
        elif session.is_paused:
            self._load_note.setText(self.tr("The first load is paused. What is here can be used."))
        else:
            self._load_note.setText(self.tr("The first load is under way. What is here can be used already."))
        rate = overall_rate(progress) if progress else None
        remaining = overall_remaining(progress) if progress else None
        self._rate.show_figure(self.tr("Speed"), numbers.rate(rate) if rate else "–")
        self._left.show_figure(self.tr("Time left"), numbers.about(remaining) if remaining is not None else "–")
        self._elapsed.show_figure(self.tr("Elapsed"), numbers.duration(progress.seconds) if progress else "–")
        ready = sum(1 for line in lines if line.loaded)
        self._done_objects.show_figure(self.tr("Objects complete"), phases.rows_of(ready, len(lines)))
        self._calls.show_figure(self.tr("API calls"), numbers.number(progress.api_calls) if progress else "–")

    def _refresh_summary(self) -> None:
        session = self.session
        if session is None or session.status is None:
            return
        status, now = session.status, datetime.now(UTC)
        self._here.show_figure(self.tr("Records here"), numbers.number(status.rows))
        last = numbers.ago(status.last_ok_at, now) if status.last_ok_at else "–"
        self._last.show_figure(self.tr("Last sync"), last)
        if session.is_busy:
            upcoming = self.tr("running now")
        elif session.is_paused or status.next_cycle_at is None:
            upcoming = "–"
        else:
            upcoming = numbers.clock(status.next_cycle_at)
        self._next.show_figure(self.tr("Next sync"), upcoming)
        used = "–" if status.api_used is None else phases.rows_of(status.api_used, status.api_limit)
        self._api.show_figure(self.tr("API calls, 24 h"), used)
        self._waiting.show_figure(self.tr("Waiting to be sent"), numbers.number(status.pending))
        waiting = status.problems + status.conflicts
        self._problems.setVisible(waiting > 0)
        if waiting == 1:
            self._problems.setText(self.tr("One thing needs you"))
        else:
            self._problems.setText(self.tr("{count} things need you").format(count=numbers.number(waiting)))

    def _refresh_cards(self, lines: tuple[ObjectLine, ...]) -> None:
        shown = featured(lines)[:_CARDS]
        wanted = {line.name for line in shown}
        if wanted != set(self._cards):
            for name in set(self._cards) - wanted:
                self._cards.pop(name).deleteLater()
            while self._grid.count():
                self._grid.takeAt(0)
            for line in shown:
                card = self._cards.get(line.name)
                if card is None:
                    card = ObjectCard(line.name, self._grid_holder)
                    card.clicked.connect(lambda _checked=False, name=line.name: self.object_wished.emit(name))
                    card.show()
                    self._cards[line.name] = card
                self._grid.addWidget(card)
        for line in shown:
            note, role, bar = self._note(line)
            share = line.share
            self._cards[line.name].show_numbers(line.label, line.rows, note, share, note_role=role, bar_role=bar)
        self._objects_heading.setVisible(bool(lines))
        self._all_objects.setVisible(len(lines) > _CARDS)

    def _note(self, line: ObjectLine) -> tuple[str, str, str]:
        if line.error is not None or line.phase is LoadPhase.FAILED:
            return phases.phase(LoadPhase.FAILED), "bad", "bad"
        if line.loading and line.phase is LoadPhase.LOADING and line.total:
            of_total = self.tr("of {total}").format(total=numbers.number(line.total))
            speed = f" · {numbers.rate(line.rate)}" if line.rate else ""
            return f"{of_total}{speed}", "muted", "accent_fill"
        if line.loading:
            return phases.phase(line.phase), "muted", "accent_fill"
        if line.active:
            return phases.phase(line.phase, first_load=False), "accent", "accent_fill"
        return phases.direction(line.direction), "muted", "accent_fill"
