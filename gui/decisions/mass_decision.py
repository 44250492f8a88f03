"""Many records are about to be changed or deleted in Salesforce at once: nothing leaves before a person says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from core.model.changes import Changes
from core.model.states import ProblemKind
from gui.decisions.decision import Decision, Need, NeedKind, NeedList
from gui.pages.page_names import PENDING
from gui.text import conflict_words, numbers

if TYPE_CHECKING:
    from core.api.sync import Problem
    from core.app import Connection

KEY = "mass"


def read(connection: Connection, _problems: list[Problem]) -> NeedList:
    """The question that is open, or none. Blocks: for a background operation."""
    push = getattr(connection, "push", None)
    question = push.mass_question() if push is not None else None
    if question is None:
        return []
    with connection.browse.session() as session:
        labels = {item.name: item.label_plural for item in session.objects()}
    names = ", ".join(labels.get(name, name) for name in question.objects)
    return [
        Need(
            key=KEY,
            kind=KEY,
            group=ProblemKind.GUARD.value,
            title=conflict_words.mass_title(question.updates, question.deletes),
            remedy=conflict_words.mass_remedy(),
            what=question,
            subject=names,
            object=question.objects[0] if len(question.objects) == 1 else None,
        )
    ]


class MassDecision(Decision):
    """Send it (S), look at it (Enter), take it back (U)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="massDecision")
        self._send = self.add_act("massSend", Qt.Key.Key_S, self._on_send, primary=True)
        self._look = self.add_act("massLook", Qt.Key.Key_L, lambda: self.place_wished.emit(PENDING))
        self._undo = self.add_act("massUndo", Qt.Key.Key_U, self._on_undo)
        self.retranslate()

    @property
    def question(self) -> Any:
        """What waits for a word."""
        return self.need.what if self.need is not None else None

    def retranslate(self) -> None:
        question = self.question
        count = numbers.number(question.records) if question is not None else ""
        self.word_act(self._send, self.tr("Send all {count}").format(count=count))
        self.word_act(self._look, self.tr("Look at what waits"))
        self.word_act(self._undo, self.tr("Take all {count} back").format(count=count))

    def show_needs(self, needs: NeedList) -> None:
        super().show_needs(needs)
        self.retranslate()

    def _on_send(self) -> None:
        def work(connection: Connection) -> Changes:
            connection.push.confirm_mass()
            connection.push.push_soon()
            return Changes(outbox=True, problems=True, status=True)

        self.run(work)

    def _on_undo(self) -> None:
        question = self.question
        if question is not None:
            self.run(lambda connection: connection.records.undo(question.seqs).changes)


MASS = NeedKind(KEY, read, MassDecision)
