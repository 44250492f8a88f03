"""Values of a field that no longer fit its new type are kept aside: save them to a file, or forget them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from core.model.errors import ErrorCode
from gui.decisions import problem_decision
from gui.decisions.decision import Decision, NeedKind, NeedList
from gui.text import numbers

if TYPE_CHECKING:
    from core.api.sync import Problem
    from core.app import Connection

KEY = "aside"


def read(connection: Connection, problems: list[Problem]) -> NeedList:
    """One row per field."""
    return problem_decision.as_needs(connection, problems, KEY)


class AsideDecision(Decision):
    """Save (S) or forget (F); forgetting asks for nothing more, since saving stands beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="asideDecision")
        self._save = self.add_act("asideSave", Qt.Key.Key_S, self._on_save, primary=True, shown=self._is_one)
        self._forget = self.add_act("asideForget", Qt.Key.Key_F, self._on_forget)
        self._ignore = self.add_act("asideIgnore", Qt.Key.Key_I, self._on_ignore)
        self.retranslate()

    def retranslate(self) -> None:
        count = sum(int(need.what.params.get("count", 0)) for need in self.needs)
        self.word_act(self._save, self.tr("Save them as CSV…"))
        self.word_act(self._forget, self.tr("Forget {count} values for good").format(count=numbers.number(count)))
        self.word_act(self._ignore, self.tr("Keep them, and say no more"))

    def show_needs(self, needs: NeedList) -> None:
        super().show_needs(needs)
        self.retranslate()

    def _is_one(self) -> bool:
        return len(self.needs) == 1

    def _fields(self) -> list[tuple[str, str]]:
        return [(need.object, need.field) for need in self.needs if need.object and need.field]

    def _on_save(self) -> None:
        fields = self._fields()
        if not fields:
            return
        dialog = QFileDialog(self, self.tr("Save the values"))
        dialog.setObjectName("asideDialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("CSV file (*.csv)"))
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(f"{fields[0][0]} {fields[0][1]}.csv")
        dialog.fileSelected.connect(lambda path: self.save_to(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_to(self, path: Path) -> None:
        """Write them; they stay until they are forgotten."""
        object_name, field = self._fields()[0]

        def saved(count: int) -> None:
            words = self.tr("{count} rows exported to {file}")
            self.told.emit(words.format(count=numbers.number(count), file=path.name))

        self.run(lambda connection: connection.scope.export_values(object_name, field, path), saved)

    def _on_forget(self) -> None:
        fields = self._fields()

        def work(connection: Connection) -> None:
            for object_name, field in fields:
                connection.scope.forget_values(object_name, field)

        self.run(work)

    def _on_ignore(self) -> None:
        ids = [need.what.problem_id for need in self.needs]
        self.run(lambda connection: connection.sync.ignore_problems(ids))


ASIDE = NeedKind(KEY, read, AsideDecision, lambda problem: problem.code is ErrorCode.VALUES_KEPT_ASIDE)
