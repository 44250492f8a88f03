"""`SyncObjects`: the Sync page's first tab: each object with its state, what its last run did and what waits.

Below the table stands the chart of the object under the keyboard, or of all. What can be done with an object is in the
buttons above, in the row's menu, and by keys. GUI thread; backlog and history are read while the tab is seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from core.model.errors import OrgMirrorError
from gui.desktop import theme
from gui.desktop.theme import Space
from gui.models.backlog_points import points
from gui.models.line_model import LineModel
from gui.models.object_lines import object_lines
from gui.models.sync_lines import (
    CYCLE_COLUMNS,
    LOAD_COLUMNS,
    SYNC_COLUMNS,
    RunSums,
    SyncLine,
    last_runs,
    sync_lines,
)
from gui.operations import in_background
from gui.pages.sync_part import SyncPart
from gui.text import errors, numbers
from gui.widgets.backlog_chart import BacklogChart
from gui.widgets.label import ElidedLabel, Label
from gui.widgets.line_table import LineTable
from gui.widgets.state_panel import PageState, StateAction, StatePanel
from gui.widgets.sync_buttons import ICON_GAP
from gui.workers.session import Session

_STEPS = 400
# Figures of the backlog move with the cycles; looking more often shows nothing new.
_READ_MS = 60_000
PULL, PUSH = "pull", "push"


@dataclass(frozen=True, slots=True)
class _Figures:
    runs: dict[str, RunSums] = field(default_factory=dict)
    backlog: dict[str, Any] = field(default_factory=dict)


class SyncObjects(SyncPart):
    """`settings_wished` carries the API name of the object whose settings are wanted."""

    settings_wished = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="syncObjects")
        self._figures = _Figures()
        self._charted: str | None = None
        self.table = LineTable(LineModel(SYNC_COLUMNS, lambda line: line.name, self), self, name="syncTable")
        self.table.chosen.connect(lambda line: self.object_wished.emit(line.name))
        self.table.current_changed.connect(lambda _line: self._on_current())
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._open_row_menu)
        self._panel = StatePanel(self, name="syncState")
        self._panel.acted.connect(self._on_action)
        self._stack = QStackedWidget(self)
        self._stack.setObjectName("syncObjectStack")
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._panel)
        self._sync = self._button("syncObjectNow", "sync", self._on_sync)
        self._hold = self._button("syncObjectPause", "pause", self._open_hold_menu)
        self._settings = self._button("syncObjectSettings", "settings", self._on_settings)
        self._chart_title = Label("strong", self, name="chartTitle")
        self._chart_all = self._button("chartAll", "chevron-left", self._on_all)
        self._chart_all.setProperty("kind", "link")
        self._chart_note = ElidedLabel("small", self, name="chartNote")
        self.chart = BacklogChart(self, name="backlogChart")
        self._chart_box = QWidget(self)
        self._timer = QTimer(self)
        self._timer.setInterval(_READ_MS)
        self._timer.timeout.connect(self._read_if_seen)
        self._lay_out()
        self.retranslate()

    def _button(self, name: str, icon: str, call: Any) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        button.setProperty("kind", "quiet")
        theme.bind_icon(button, icon)
        button.clicked.connect(lambda _checked=False: call())
        return button

    def _lay_out(self) -> None:
        self.actions = QHBoxLayout()
        self.actions.setSpacing(Space.XS)
        for button in (self._sync, self._hold, self._settings):
            self.actions.addWidget(button)
        head = QHBoxLayout()
        head.setSpacing(Space.M)
        head.addWidget(self._chart_title)
        head.addWidget(self._chart_note, 1)
        head.addWidget(self._chart_all)
        below = QVBoxLayout(self._chart_box)
        below.setContentsMargins(Space.M, Space.S, Space.M, 0)
        below.setSpacing(Space.XS)
        below.addLayout(head)
        below.addWidget(self.chart, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._stack, 3)
        layout.addWidget(self._chart_box, 1)

    # The session

    def on_session(self, session: Session | None) -> None:
        super().on_session(session)
        self._figures = _Figures()
        self._charted = None
        self.chart.show_points(())
        self._timer.stop()
        if session is not None:
            self.follow(session.status_changed, lambda _status: self.refresh())
            self.follow(session.progress_changed, lambda _progress: self.refresh())
            self._timer.start()
        self.refresh()

    def read(self, session: Session) -> None:
        sync, name = session.connection.sync, self._charted

        def work(_token: object) -> tuple[_Figures, list[Any]]:
            figures = _Figures(
                last_runs(sync.history(_STEPS)),
                {line.object: line for line in sync.backlog()},
            )
            return figures, list(sync.throughput(name))

        self.ask(work, lambda answer: self._take(name, *answer), self._failed)

    def _take(self, name: str | None, figures: _Figures, hours: list[Any]) -> None:
        self._figures = figures
        self.refresh()
        if name == self._charted:
            self.chart.show_points(points(hours, datetime.now(UTC)))
            self._word_chart()

    def _failed(self, error: OrgMirrorError) -> None:
        self._chart_note.setText(errors.words(error).title)

    # What is shown

    def refresh(self) -> None:
        """Lines from the session as it is now, with the figures last read."""
        session = self.session
        if session is None:
            self.table.lines.set_lines(())
            self._choose_view(None)
            return
        lines = object_lines(session.status, session.progress)
        loading = any(line.loading for line in lines)
        figures = self._figures
        self.table.lines.set_lines(sync_lines(lines, figures.runs, figures.backlog))
        for key in LOAD_COLUMNS:
            self.table.show_column(key, loading)
        for key in CYCLE_COLUMNS:
            self.table.show_column(key, not loading)
        self.table.stretch_column("records" if loading else "run")
        self._chart_box.setVisible(bool(lines) and not loading)
        self._choose_view(session.error if not lines else None)
        self._word_buttons()

    def _choose_view(self, error: OrgMirrorError | None) -> None:
        if self.table.lines.lines:
            self._stack.setCurrentWidget(self.table)
            return
        if error is not None:
            self._panel.show_error(error)
        else:
            self._panel.show_words(
                PageState.OPENING,
                lambda: self.tr("Looking at what the org holds"),
                lambda: self.tr("The objects that you may see appear here in a moment."),
            )
        self._stack.setCurrentWidget(self._panel)
        self._chart_box.hide()

    def retranslate(self) -> None:
        self.table.setAccessibleName(self.tr("Objects"))
        self.table.lines.refresh_words()
        self.chart.retranslate()
        self._word_buttons()
        self._word_chart()

    def _word_buttons(self) -> None:
        line = self.table.current_line()
        held = line is not None and bool(line.held)
        self._sync.setText(ICON_GAP + self.tr("Sync this object"))
        self._hold.setText(ICON_GAP + (self.tr("Resume…") if held else self.tr("Pause…")))
        self._settings.setText(ICON_GAP + self.tr("What to mirror…"))
        busy = self.session is not None and self.session.is_busy
        for button in (self._sync, self._hold, self._settings):
            button.setEnabled(line is not None)
        self._sync.setEnabled(line is not None and not busy and line.held != "all")

    def _word_chart(self) -> None:
        line = self.table.current_line()
        self._chart_all.setText(self.tr("All objects"))
        self._chart_all.setVisible(self._charted is not None)
        if self._charted is None or line is None:
            self._chart_title.setText(self.tr("All objects, five days"))
            growing = [each.line.label for each in self.table.lines.lines if each.growing]
            if growing:
                self._chart_note.setText(self.tr("Growing: {objects}").format(objects=", ".join(growing)))
            else:
                self._chart_note.setText(self.tr("Bars: records done. Line: records that waited."))
            return
        self._chart_title.setText(self.tr("{object}, five days").format(object=line.line.label))
        waiting = self._figures.backlog.get(line.name)
        if waiting is None:
            self._chart_note.setText(self.tr("Bars: records done. Line: records that waited."))
            return
        words = self.tr("{waiting} waiting, {rate} an hour on average").format(
            waiting=numbers.number(waiting.waiting), rate=numbers.number(round(waiting.per_hour or 0))
        )
        if waiting.growing:
            words = self.tr("Growing: {words}").format(words=words)
        self._chart_note.setText(words)

    def _on_current(self) -> None:
        line = self.table.current_line()
        name = line.name if line is not None else None
        self._word_buttons()
        if name != self._charted:
            self._charted = name
            self._word_chart()
            self._read_if_seen()

    def _on_all(self) -> None:
        self.table.setFocus()
        self.table.setCurrentIndex(QModelIndex())

    def _on_action(self, action: StateAction) -> None:
        if action is StateAction.SIGN_IN:
            self.sign_in_wished.emit()
        elif self.session is not None:
            self.session.sync_now()

    # What can be done with an object

    def _on_sync(self) -> None:
        line = self.table.current_line()
        if line is not None and self.session is not None:
            self.session.sync_now((line.name,))

    def _on_settings(self) -> None:
        line = self.table.current_line()
        if line is not None:
            self.settings_wished.emit(line.name)

    def _open_hold_menu(self) -> None:
        line = self.table.current_line()
        if line is None:
            return
        menu = self._menu("pauseMenu")
        self._fill_hold(menu, line)
        menu.popup(self._hold.mapToGlobal(QPoint(0, self._hold.height())))

    def _open_row_menu(self, at: QPoint) -> None:
        line = self.table.current_line()
        if line is None:
            return
        menu = self._menu("syncObjectMenu")
        menu.addAction(theme.icon("records"), self.tr("Show its records"), lambda: self.object_wished.emit(line.name))
        menu.addAction(theme.icon("sync"), self.tr("Sync this object"), self._on_sync).setEnabled(
            self._sync.isEnabled()
        )
        menu.addSeparator()
        self._fill_hold(menu, line)
        menu.addSeparator()
        menu.addAction(theme.icon("settings"), self.tr("What to mirror…"), self._on_settings)
        menu.popup(self.table.viewport().mapToGlobal(at))

    def _menu(self, name: str) -> QMenu:
        menu = QMenu(self)
        menu.setObjectName(name)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    def _fill_hold(self, menu: QMenu, line: SyncLine) -> None:
        if line.held:
            menu.addAction(theme.icon("play"), self.tr("Resume"), lambda: self._pause(line.name, False, None))
            return
        menu.addAction(theme.icon("pause"), self.tr("Pause this object"), lambda: self._pause(line.name, True, None))
        menu.addAction(self.tr("Pause receiving only"), lambda: self._pause(line.name, True, PULL))
        if line.line.direction != PULL:
            menu.addAction(self.tr("Pause sending only"), lambda: self._pause(line.name, True, PUSH))

    def _pause(self, name: str, paused: bool, direction: str | None) -> None:
        session = self.session
        if session is None:
            return
        sync = session.connection.sync
        in_background(
            self,
            session.operations,
            lambda: sync.pause_object(name, paused=paused, direction=direction),
            lambda _name: self._paused(session),
            lambda error: self.told.emit(errors.words(error).title),
        )

    def _paused(self, session: Session) -> None:
        session.refresh()
        self._read_if_seen()
