"""`ChangeLogDialog`: every change of a record: field, old, new, by whom, from which side; put one back. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from core.model.changes import Changes
from core.model.refs import RecordRef
from gui.dialogs.act_dialog import ActDialog
from gui.models.edit_desk import EditDesk
from gui.models.line_model import LineColumn, LineModel
from gui.text import numbers
from gui.widgets.label import Label
from gui.widgets.line_table import LineTable

if TYPE_CHECKING:
    from core.api.records import ChangeView


class ChangeLogDialog(ActDialog):
    """The newest change first. The act is "put the old value back", an edit like any other, with its Undo."""

    def __init__(self, desk: EditDesk, ref: RecordRef, title: str, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent, width=760)
        self._ref, self._title = ref, title
        self._names: dict[str, str] = {}
        self.lines: LineModel[ChangeView] = LineModel(self._columns(), lambda line: line.change_id, self)
        self.table: LineTable[ChangeView] = LineTable(self.lines, self, name="changeLog")
        self.empty = Label("muted", self, wrap=True, name="changeLogEmpty")
        self.empty.hide()
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.empty)
        self.table.current_changed.connect(lambda _line: self._word())
        self.allow(False)
        self.retranslate()
        self.resize(860, 520)
        self._read()
        desk.operations.changed.connect(self._on_changes)

    def _columns(self) -> tuple[LineColumn[ChangeView], ...]:
        return (
            LineColumn(
                "at", lambda: self.tr("When"), lambda line: _ago(line.at), width=120, order=lambda line: line.at
            ),
            LineColumn("field", lambda: self.tr("Field"), lambda line: line.label, width=150, strong=True),
            LineColumn("old", lambda: self.tr("Old"), lambda line: line.old_text or "–", width=150, stretch=True),
            LineColumn("new", lambda: self.tr("New"), lambda line: line.new_text or "–", width=150, stretch=True),
            LineColumn("by", lambda: self.tr("By"), self._by, width=130),
            LineColumn("side", lambda: self.tr("From"), self._side, width=110),
        )

    def _by(self, line: ChangeView) -> str:
        return self._names.get(line.by, line.by) if line.by else ""

    def _side(self, line: ChangeView) -> str:
        if line.side == "local":
            return self.tr("here")
        return self.tr("Salesforce") if line.side in ("remote", "salesforce") else line.side

    def retranslate(self) -> None:
        self.say(self.tr("Changes of {title}").format(title=self._title), "", self.tr("Put the old value back"))
        self.cancel_button.setText(self.tr("Close"))
        self.empty.setText(self.tr("No change since the log began, with the end of the first load."))
        self.table.setAccessibleName(self.tr("Changes"))
        self.lines.refresh_words()

    def _on_changes(self, told: tuple[Changes, object]) -> None:
        ids = told[0].objects.get(self._ref.object, frozenset())
        if ids is None or self._ref.id in ids:
            self._read()

    def _read(self) -> None:
        records, ref, browse = self.desk.records, self._ref, self.desk.connection.browse

        def work() -> tuple[Sequence[ChangeView], dict[str, str]]:
            lines = records.change_log(ref)
            people = {line.by for line in lines if line.by}
            with browse.session() as session:
                return lines, {person: session.lookup_name(person) or person for person in people}

        self.desk.ask(self, work, self._here, self.failed)

    def _here(self, found: tuple[Sequence[ChangeView], dict[str, str]]) -> None:
        lines, self._names = found
        self.lines.set_lines(lines)
        self.empty.setVisible(not lines)
        self.table.setVisible(bool(lines))
        if lines and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.lines.index(0, 0))
        self._word()

    def _word(self) -> None:
        line = self.table.current_line()
        self.allow(line is not None and line.can_revert)

    def act(self) -> None:
        line, records = self.table.current_line(), self.desk.records
        if line is None or not line.can_revert:
            return
        change_id = line.change_id

        def done(act: Any) -> None:
            self.desk.announce(act)
            self._read()

        self.run(lambda: records.revert(change_id), done)


def _ago(text: str) -> str:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return numbers.ago(moment if moment.tzinfo else moment.replace(tzinfo=UTC), datetime.now(UTC))
