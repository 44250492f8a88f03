"""`DecidedDialog`: conflicts that a person or a rule decided; the value that lost can be had again. GUI thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from core.api.push import Choice, ConflictKind
from core.model.changes import Changes
from gui.dialogs.act_dialog import ActDialog
from gui.models.change_lines import ChangeNames
from gui.models.edit_desk import EditDesk
from gui.models.line_model import LineColumn, LineModel
from gui.widgets.label import Label
from gui.widgets.line_table import LineTable

if TYPE_CHECKING:
    from core.api.push import ConflictView

_MOST = 200


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """One decided conflict of a field, in words; `kept` is None where a third value was entered."""

    view: ConflictView
    title: str
    field: str
    kept: str | None
    lost: str


def read_decided(connection: Any) -> list[DecidedLine]:
    """The newest first. Blocks: for a background operation."""
    views = [v for v in connection.push.decided(_MOST) if v.kind is ConflictKind.FIELD and v.field is not None]
    if not views:
        return []
    with connection.browse.session() as session:
        names = ChangeNames(session)
        lines = []
        for view in views:
            mine = names.value(view.object, view.field, view.mine)
            theirs = names.value(view.object, view.field, view.theirs)
            kept, lost = (theirs, mine) if view.winner == Choice.THEIRS else (mine, theirs)
            third = view.winner not in (Choice.MINE, Choice.THEIRS)
            title = names.title(view.object, view.id)
            lines.append(DecidedLine(view, title, view.label or view.field or "", None if third else kept, lost))
    return lines


class DecidedDialog(ActDialog):
    """The act makes an edit of the value that lost, which is sent like any other."""

    def __init__(self, desk: EditDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent, width=760)
        self.lines: LineModel[DecidedLine] = LineModel(self._columns(), lambda line: line.view.conflict_id, self)
        self.table: LineTable[DecidedLine] = LineTable(self.lines, self, name="decided")
        self.empty = Label("muted", self, wrap=True, name="decidedEmpty")
        self.empty.hide()
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.empty)
        self.table.current_changed.connect(lambda line: self.allow(line is not None))
        self.allow(False)
        self.retranslate()
        self.resize(860, 460)
        self._read()
        desk.operations.changed.connect(self._on_changes)

    def _columns(self) -> tuple[LineColumn[DecidedLine], ...]:
        return (
            LineColumn("record", lambda: self.tr("Record"), lambda line: line.title, width=170, strong=True),
            LineColumn("field", lambda: self.tr("Field"), lambda line: line.field, width=120),
            LineColumn("kept", lambda: self.tr("Kept"), self._kept, width=150, stretch=True),
            LineColumn("lost", lambda: self.tr("Lost"), lambda line: line.lost or "–", width=150, stretch=True),
            LineColumn("by", lambda: self.tr("Decided by"), self._by, width=120),
        )

    def _kept(self, line: DecidedLine) -> str:
        return self.tr("another value") if line.kept is None else line.kept or "–"

    def _by(self, line: DecidedLine) -> str:
        return self.tr("a rule") if line.view.policy else self.tr("you")

    def retranslate(self) -> None:
        self.say(
            self.tr("Decided conflicts"),
            self.tr("The value that lost is kept. Brought back, it is a change like any other and is sent."),
            self.tr("Bring the lost value back"),
        )
        self.cancel_button.setText(self.tr("Close"))
        self.empty.setText(self.tr("No conflict was decided yet."))
        self.table.setAccessibleName(self.tr("Decided conflicts"))
        self.lines.refresh_words()

    def _on_changes(self, told: tuple[Changes, object]) -> None:
        if told[0].outbox or told[0].problems:
            self._read()

    def _read(self) -> None:
        connection = self.desk.connection
        self.desk.ask(self, lambda: read_decided(connection), self._here, self.failed)

    def _here(self, lines: list[DecidedLine]) -> None:
        self.lines.set_lines(lines)
        self.empty.setVisible(not lines)
        self.table.setVisible(bool(lines))
        if lines and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.lines.index(0, 0))
        self.allow(self.table.current_line() is not None)

    def act(self) -> None:
        line, push = self.table.current_line(), self.desk.connection.push
        if line is None:
            return
        wanted = line.view.conflict_id

        def done(answer: Any) -> None:
            self.desk.spread(answer[1])
            self.desk.push_soon()
            self.desk.tell(
                self.tr("{field} of {record}: the lost value is back").format(field=line.field, record=line.title),
                icon="check-circle",
                role="good",
            )

        self.run(lambda: push.bring_back(wanted), done)
