"""`SyncBudget`: the Sync page's fourth tab: API calls used and left, of the day and of the run, and where they went.

GUI thread. The share that this program may use can be set here; it is a setting like the others.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QStackedWidget, QVBoxLayout, QWidget

from core.model.errors import OrgMirrorError
from core.settings import API_SHARE_PERCENT
from gui.desktop.theme import Space
from gui.models.call_lines import CALL_COLUMNS, call_lines
from gui.models.line_model import LineModel
from gui.operations import in_background
from gui.pages.sync_part import SyncPart
from gui.text import errors, numbers, phases
from gui.widgets.figure import Figure
from gui.widgets.label import Label
from gui.widgets.line_table import LineTable
from gui.widgets.progress_bar import ThinBar
from gui.widgets.state_panel import PageState, StatePanel
from gui.workers.session import Session

_STEPS = 20_000
_NEARLY = 0.85


class SyncBudget(SyncPart):
    """Reads the usage after each run while it is seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="syncBudgetPart")
        self._usage: Any = None
        self._own_bar = ThinBar(self, height=10)
        self._own_bar.setObjectName("budgetOwnBar")
        self._own = Label("strong", self, name="budgetOwn")
        self._own_note = Label("small", self, wrap=True, name="budgetOwnNote")
        self._org_bar = ThinBar(self, height=10, role="border_strong")
        self._org_bar.setObjectName("budgetOrgBar")
        self._org = Label("strong", self, name="budgetOrg")
        self._org_note = Label("small", self, wrap=True, name="budgetOrgNote")
        self._left = Figure(self, name="budgetLeft")
        self._cycle = Figure(self, name="budgetCycle")
        self._share_label = Label("strong", self)
        self._share = QSpinBox(self)
        self._share.setObjectName("budgetShare")
        self._share.setRange(int(API_SHARE_PERCENT.minimum or 1), int(API_SHARE_PERCENT.maximum or 100))
        self._share.setKeyboardTracking(False)
        self._share.valueChanged.connect(self._on_share)
        self._share_label.setBuddy(self._share)
        self._calls_title = Label("strong", self)
        self.table = LineTable(LineModel(CALL_COLUMNS, lambda line: line.operation, self), self, name="budgetCalls")
        self._panel = StatePanel(self, name="budgetState")
        self._body = QWidget(self)
        self._stack = QStackedWidget(self)
        self._stack.setObjectName("budgetStack")
        self._stack.addWidget(self._body)
        self._stack.addWidget(self._panel)
        self._lay_out()
        self.retranslate()

    def _lay_out(self) -> None:
        bars = QHBoxLayout()
        bars.setSpacing(Space.XXL)
        for words, bar, note in (
            (self._own, self._own_bar, self._own_note),
            (self._org, self._org_bar, self._org_note),
        ):
            column = QVBoxLayout()
            column.setSpacing(Space.XS)
            column.addWidget(words)
            column.addWidget(bar)
            column.addWidget(note)
            bars.addLayout(column, 1)
        figures = QHBoxLayout()
        figures.setSpacing(Space.XXL)
        figures.addWidget(self._left)
        figures.addWidget(self._cycle)
        figures.addStretch(1)
        figures.addWidget(self._share_label)
        figures.addWidget(self._share)
        inside = QVBoxLayout(self._body)
        inside.setContentsMargins(Space.L, Space.L, Space.L, 0)
        inside.setSpacing(Space.L)
        inside.addLayout(bars)
        inside.addLayout(figures)
        inside.addWidget(self._calls_title)
        inside.addWidget(self.table, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def on_session(self, session: Session | None) -> None:
        super().on_session(session)
        self._usage = None
        self.table.lines.set_lines(())
        if session is not None:
            self.follow(session.progress_changed, lambda progress: self._show() if progress is not None else None)
            self._share.blockSignals(True)
            self._share.setValue(session.connection.setting(API_SHARE_PERCENT))
            self._share.blockSignals(False)
        self._show()

    def on_shown(self) -> None:
        super().on_shown()
        session = self.session
        if session is not None and not self._share.hasFocus():
            self._share.blockSignals(True)
            self._share.setValue(session.connection.setting(API_SHARE_PERCENT))
            self._share.blockSignals(False)

    def read(self, session: Session) -> None:
        sync = session.connection.sync
        since = datetime.now(UTC) - timedelta(days=1)
        self.ask(
            lambda _token: (sync.usage(), call_lines(sync.history(_STEPS, since=since))),
            lambda answer: self._take(*answer),
            self._failed,
        )

    def _take(self, usage: Any, lines: list[Any]) -> None:
        self._usage = usage
        self.table.lines.set_lines(lines)
        self._show()

    def _failed(self, error: OrgMirrorError) -> None:
        self._panel.show_error(error)
        self._stack.setCurrentWidget(self._panel)

    def retranslate(self) -> None:
        self._share_label.setText(self.tr("This program may use"))
        self._share.setAccessibleName(self.tr("Share of the org's API calls that this program may use"))
        self._share.setSuffix(self.tr(" % of the day"))
        self._calls_title.setText(self.tr("Where the calls of the last 24 hours went"))
        self.table.setAccessibleName(self._calls_title.text())
        self.table.lines.refresh_words()
        self._show()

    def _show(self) -> None:
        usage = self._usage
        if usage is None:
            self._panel.show_words(
                PageState.OPENING, lambda: self.tr("Counting the API calls…"), lambda: "", icon="gauge"
            )
            self._stack.setCurrentWidget(self._panel)
            return
        self._stack.setCurrentWidget(self._body)
        allowed = usage.limit * usage.share // 100 if usage.limit else None
        self._show_own(usage, allowed)
        self._show_org(usage)
        left = numbers.number(usage.left) if usage.left is not None else "–"
        self._left.show_figure(self.tr("Left for this program today"), left)
        progress = self.session.progress if self.session is not None else None
        if progress is not None:
            self._cycle.show_figure(self.tr("In this run"), numbers.number(progress.api_calls))
        else:
            self._cycle.show_figure(self.tr("In the last run"), numbers.number(usage.own_cycle or 0))

    def _show_own(self, usage: Any, allowed: int | None) -> None:
        own = usage.own_today or 0
        share = own / allowed if allowed else None
        self._own.setText(self.tr("This program: {used} calls in 24 hours").format(used=phases.rows_of(own, allowed)))
        self._own_bar.set_share(share, "accent_fill" if share is None or share < _NEARLY else "warn")
        self._own_note.setText(self.tr("At the end of its share the sync waits; what you save yourself is still sent."))

    def _show_org(self, usage: Any) -> None:
        if usage.used is None:
            self._org.setText(self.tr("The whole org: not told yet"))
            self._org_bar.set_share(None)
            self._org_note.setText(self.tr("Salesforce tells it with its first answer."))
            return
        share = usage.used / usage.limit if usage.limit else None
        self._org.setText(
            self.tr("The whole org: {used} calls in 24 hours").format(used=phases.rows_of(usage.used, usage.limit))
        )
        self._org_bar.set_share(share, "border_strong" if share is None or share < _NEARLY else "warn")
        self._org_note.setText(self.tr("All programs of all users together, by Salesforce's own count."))

    def _on_share(self, percent: int) -> None:
        session = self.session
        if session is None:
            return
        connection = session.connection

        def kept(_answer: object) -> None:
            session.refresh()
            self._read_if_seen()

        in_background(
            self,
            session.operations,
            lambda: connection.set_setting(API_SHARE_PERCENT, percent),
            kept,
            lambda error: self.told.emit(errors.words(error).title),
        )
