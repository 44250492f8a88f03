"""`SyncSchema`: the Sync page's third tab: what changed in the org's schema, and what that asks. GUI thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from core.model.errors import OrgMirrorError
from gui.decisions.decision import NeedList
from gui.decisions.schema_decision import SCHEMA
from gui.desktop import theme
from gui.desktop.theme import Space
from gui.models.line_model import LineModel
from gui.models.object_lines import object_lines
from gui.models.schema_lines import SCHEMA_COLUMNS, SchemaEntry
from gui.pages.page_names import NEEDS_YOU
from gui.pages.sync_part import SyncPart
from gui.text import numbers
from gui.widgets.choice_box import ChoiceBox
from gui.widgets.label import Label
from gui.widgets.line_export import LineExport
from gui.widgets.line_table import LineTable
from gui.widgets.state_panel import PageState, StateAction, StatePanel
from gui.widgets.sync_buttons import ICON_GAP
from gui.workers.session import Session

_LIMIT = 2000


class SyncSchema(SyncPart):
    """Enter or a double click leads on to the object's list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="syncSchemaPart")
        self._log: list[Any] = []
        self._questions = 0
        self._read_once = False
        self._object = ChoiceBox(self, name="schemaObject")
        self._object.picked.connect(lambda _key: self._show())
        self._asks = QPushButton(self)
        self._asks.setObjectName("schemaAsks")
        self._asks.setProperty("kind", "link")
        self._asks.clicked.connect(lambda: self.place_wished.emit(NEEDS_YOU))
        self._count = Label("small", self, name="schemaCount")
        self._export = QPushButton(self)
        self._export.setObjectName("schemaExport")
        self._export.setProperty("kind", "quiet")
        theme.bind_icon(self._export, "export")
        self._export.clicked.connect(self._on_export)
        self.table = LineTable(LineModel(SCHEMA_COLUMNS, lambda entry: entry.number, self), self, name="schemaLog")
        self.table.chosen.connect(lambda entry: self.object_wished.emit(entry.line.object))
        self._exporter = LineExport(self.table.lines, self)
        self._exporter.told.connect(self.told)
        self._panel = StatePanel(self, name="schemaState")
        self._panel.acted.connect(self._on_action)
        self._stack = QStackedWidget(self)
        self._stack.setObjectName("schemaStack")
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._panel)
        bar = QHBoxLayout()
        bar.setContentsMargins(Space.S, Space.S, Space.S, Space.S)
        bar.setSpacing(Space.S)
        bar.addWidget(self._object)
        bar.addWidget(self._asks)
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
        self._log, self._questions, self._read_once = [], 0, False
        self._object.choose(None)
        self._show()

    def retranslate(self) -> None:
        self._object.set_words(self.tr("All objects"), self.tr("Object"))
        self._export.setText(ICON_GAP + self.tr("Export…"))
        self._export.setToolTip(self.tr("Export these lines as CSV"))
        self.table.setAccessibleName(self.tr("Schema log"))
        self.table.lines.refresh_words()
        self._show()

    def read(self, session: Session) -> None:
        connection = session.connection

        def work(_token: object) -> tuple[list[Any], NeedList]:
            return list(connection.sync.schema_log(_LIMIT)), SCHEMA.read(connection, [])

        self.ask(work, lambda answer: self._take(*answer), self._failed)

    def _take(self, log: list[Any], questions: NeedList) -> None:
        self._log, self._questions, self._read_once = log, len(questions), True
        self._show()

    def _failed(self, error: OrgMirrorError) -> None:
        self._panel.show_error(error)
        self._stack.setCurrentWidget(self._panel)

    def _labels(self) -> dict[str, str]:
        session = self.session
        if session is None:
            return {}
        return {line.name: line.label for line in object_lines(session.status, session.progress)}

    def _show(self) -> None:
        labels = self._labels()
        names = sorted({line.object for line in self._log}, key=lambda name: labels.get(name, name).casefold())
        self._object.set_choices([(name, labels.get(name, name)) for name in names])
        entries = [
            SchemaEntry(len(self._log) - number, line, labels.get(line.object, line.object))
            for number, line in enumerate(self._log)
            if self._object.key in (None, line.object)
        ]
        self.table.lines.set_lines(entries)
        self._export.setEnabled(bool(entries))
        self._count.setText(self.tr("{count} changes").format(count=numbers.number(len(entries))) if entries else "")
        self._asks.setText(self.tr("{count} wait for your answer").format(count=numbers.number(self._questions)))
        self._asks.setVisible(self._questions > 0)
        self._stack.setCurrentWidget(self.table if entries else self._panel)
        if entries:
            return
        if self._read_once:
            self._panel.show_words(
                PageState.NONE_YET,
                lambda: self.tr("The schema has not changed"),
                lambda: self.tr("New fields, changed types and objects that come or go are listed here."),
                icon="columns",
            )
        else:
            self._panel.show_words(PageState.OPENING, lambda: self.tr("Reading the schema log…"), lambda: "")

    def _on_action(self, _action: StateAction) -> None:
        self._read_if_seen()

    def _on_export(self) -> None:
        if self.session is not None:
            self._exporter.ask(self.session.operations, self.tr("Schema log"))
