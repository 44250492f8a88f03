"""`SyncHistory`: the Sync page's second tab: every step of every run, filtered by date, object, operation and status.

GUI thread; it reads by the filters, so that old steps of a rare kind are found too.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from core.model.errors import OrgMirrorError
from core.model.states import CycleOutcome, Operation
from gui.desktop import theme
from gui.desktop.theme import Space
from gui.models.history_lines import HISTORY_COLUMNS, HistoryLine, operation, status
from gui.models.line_model import LineModel
from gui.models.object_lines import object_lines
from gui.pages.sync_part import SyncPart
from gui.text import numbers
from gui.widgets.choice_box import ChoiceBox
from gui.widgets.date_range_box import DateRangeBox, Span
from gui.widgets.label import Label
from gui.widgets.line_export import LineExport
from gui.widgets.line_table import LineTable
from gui.widgets.state_panel import PageState, StateAction, StatePanel
from gui.widgets.sync_buttons import ICON_GAP
from gui.workers.session import Session

_LIMIT = 2000


class SyncHistory(SyncPart):
    """Double click or Enter on a step leads on to its object's list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="syncHistoryPart")
        self._steps: list[Any] = []
        self._read_once = False
        self._when = DateRangeBox(self, name="historyWhen")
        self._when.activated.connect(lambda _row: self._read_if_seen())
        self._object = ChoiceBox(self, name="historyObject")
        self._operation = ChoiceBox(self, name="historyOperation")
        self._status = ChoiceBox(self, name="historyStatus")
        for box in (self._object, self._operation, self._status):
            box.picked.connect(lambda _key: self._read_if_seen())
        self._count = Label("small", self, name="historyCount")
        self._export = QPushButton(self)
        self._export.setObjectName("historyExport")
        self._export.setProperty("kind", "quiet")
        theme.bind_icon(self._export, "export")
        self._export.clicked.connect(self._on_export)
        self.table = LineTable(LineModel(HISTORY_COLUMNS, lambda line: line.number, self), self, name="syncHistory")
        self.table.chosen.connect(self._on_chosen)
        self._exporter = LineExport(self.table.lines, self)
        self._exporter.told.connect(self.told)
        self._panel = StatePanel(self, name="historyState")
        self._panel.acted.connect(self._on_action)
        self._stack = QStackedWidget(self)
        self._stack.setObjectName("historyStack")
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._panel)
        bar = QHBoxLayout()
        bar.setContentsMargins(Space.S, Space.S, Space.S, Space.S)
        bar.setSpacing(Space.S)
        for box in (self._when, self._object, self._operation, self._status):
            bar.addWidget(box)
        bar.addStretch(1)
        bar.addWidget(self._count)
        bar.addWidget(self._export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self._stack, 1)
        self.retranslate()

    def on_session(self, session: Session | None) -> None:
        super().on_session(session)
        self._steps = []
        self._read_once = False
        self._clear_filters()
        if session is not None:
            self.follow(session.status_changed, lambda _status: self._fill_objects())
        self._fill_objects()
        self._show()

    def retranslate(self) -> None:
        self._object.set_words(self.tr("All objects"), self.tr("Object"))
        self._operation.set_words(self.tr("All operations"), self.tr("Operation"))
        self._status.set_words(self.tr("Any status"), self.tr("Status"))
        self._operation.set_choices([(each.value, operation(each.value)) for each in Operation])
        self._status.set_choices([(each.value, status(each.value)) for each in CycleOutcome])
        self._export.setText(ICON_GAP + self.tr("Export…"))
        self._export.setToolTip(self.tr("Export these lines as CSV"))
        self.table.setAccessibleName(self.tr("History"))
        self.table.lines.refresh_words()
        self._show()

    @property
    def is_filtered(self) -> bool:
        boxes = (self._object, self._operation, self._status)
        return self._when.span is not Span.ALL or any(box.key is not None for box in boxes)

    def show_object(self, name: str) -> None:
        """Only what was done with this object."""
        self._object.choose(name)
        self._read_if_seen()

    def _clear_filters(self) -> None:
        self._when.setCurrentIndex(0)
        for box in (self._object, self._operation, self._status):
            box.choose(None)

    def read(self, session: Session) -> None:
        since, until = self._when.range(datetime.now().astimezone())
        question = partial(
            session.connection.sync.history,
            _LIMIT,
            objects=_one(self._object.key),
            operations=_one(self._operation.key),
            statuses=_one(self._status.key),
            since=since,
            until=until,
        )
        self.ask(lambda _token: list(question()), self._take, self._failed)

    def _take(self, steps: list[Any]) -> None:
        self._steps = steps
        self._read_once = True
        self._show()

    def _failed(self, error: OrgMirrorError) -> None:
        self._panel.show_error(error)
        self._stack.setCurrentWidget(self._panel)

    def _labels(self) -> dict[str, str]:
        session = self.session
        if session is None:
            return {}
        return {line.name: line.label for line in object_lines(session.status, session.progress)}

    def _fill_objects(self) -> None:
        self._object.set_choices(list(self._labels().items()))

    def _show(self) -> None:
        labels = self._labels()
        lines = [
            HistoryLine(
                len(self._steps) - number,
                step,
                labels.get(step.object, step.object) if step.object else self.tr("All objects"),
            )
            for number, step in enumerate(self._steps)
        ]
        self.table.lines.set_lines(lines)
        self._export.setEnabled(bool(lines))
        more = self.tr("The newest {count}") if len(lines) >= _LIMIT else self.tr("{count} steps")
        self._count.setText(more.format(count=numbers.number(len(lines))) if lines else "")
        if lines:
            self._stack.setCurrentWidget(self.table)
            return
        self._stack.setCurrentWidget(self._panel)
        if self.is_filtered:
            self._panel.show_words(
                PageState.NONE_BY_FILTER,
                lambda: self.tr("Nothing like that was done"),
                lambda: self.tr("No step of a run fits these filters."),
            )
        elif self._read_once:
            self._panel.show_words(
                PageState.NONE_YET,
                lambda: self.tr("No runs yet"),
                lambda: self.tr("Each run of the sync is listed here, with what it brought."),
                icon="history",
            )
        else:
            self._panel.show_words(
                PageState.OPENING, lambda: self.tr("Reading the history…"), lambda: "", icon="history"
            )

    def _on_action(self, action: StateAction) -> None:
        if action is StateAction.CLEAR_FILTER:
            self._clear_filters()
        self._read_if_seen()

    def _on_chosen(self, line: HistoryLine) -> None:
        if line.step.object:
            self.object_wished.emit(line.step.object)

    def _on_export(self) -> None:
        if self.session is not None:
            self._exporter.ask(self.session.operations, self.tr("Sync history"))


def _one(key: str | None) -> tuple[str, ...] | None:
    return (key,) if key is not None else None
