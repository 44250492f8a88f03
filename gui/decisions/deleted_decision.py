"""Records were deleted in Salesforce and their object is set to ask: keep them here under "deleted", or remove them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from core.model.errors import ErrorCode
from gui.decisions import problem_decision
from gui.decisions.decision import Decision, NeedKind, NeedList
from gui.text import numbers

if TYPE_CHECKING:
    from core.api.sync import Problem
    from core.app import Connection

KEY = "deleted"


def read(connection: Connection, problems: list[Problem]) -> NeedList:
    """The questions that are open, one per object."""
    return problem_decision.as_needs(connection, problems, KEY)


class DeletedDecision(Decision):
    """Keep (K) or remove (T)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="deletedDecision")
        self._keep = self.add_act("deletedKeep", Qt.Key.Key_K, lambda: self._answer(False), primary=True)
        self._take = self.add_act("deletedTake", Qt.Key.Key_T, lambda: self._answer(True))
        self._show = self.add_act("deletedShow", None, self._on_show)
        self.retranslate()

    def retranslate(self) -> None:
        count = sum(int(need.what.params.get("count", 0)) for need in self.needs)
        self.word_act(self._keep, self.tr("Keep them here under “deleted”"))
        self.word_act(self._take, self.tr("Remove {count} records here").format(count=numbers.number(count)))
        self.word_act(self._show, self.tr("Show the object"))

    def show_needs(self, needs: NeedList) -> None:
        super().show_needs(needs)
        self.retranslate()

    def _answer(self, remove: bool) -> None:
        objects = [need.object for need in self.needs if need.object]

        def work(connection: Connection) -> None:
            for name in objects:
                connection.sync.decide_deleted(name, remove=remove)

        self.run(work)

    def _on_show(self) -> None:
        if self.need is not None and self.need.object:
            self.object_wished.emit(self.need.object)


DELETED = NeedKind(KEY, read, DeletedDecision, lambda problem: problem.code is ErrorCode.DELETED_ASKS)
