"""What a change of the schema asks, where an object's policy is to ask: a new field, another type, another name.

A new object is not asked here: it is offered by a quiet bar, since nothing waits for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QWidget

from core.model.errors import ErrorCode
from core.model.states import ProblemKind
from gui.decisions.decision import Decision, Need, NeedKind, NeedList

if TYPE_CHECKING:
    from core.api.sync import Problem
    from core.app import Connection

KEY = "schema"
NEW_OBJECT, NEW_FIELD, CHANGED_TYPE, RENAMED = "new-object", "new-field", "changed-type", "renamed"


def read(connection: Connection, _problems: list[Problem]) -> NeedList:
    """The questions that are open; a problem of theirs only says that they are."""
    asked = [question for question in connection.scope.schema_questions() if str(question.kind) != NEW_OBJECT]
    if not asked:
        return []
    with connection.browse.session() as session:
        labels = {item.name: item.label_plural for item in session.objects()}
    return [_need(question, labels.get(question.object, question.object)) for question in asked]


def _need(question: Any, label: str) -> Need:
    title, remedy = words(question, label)
    return Need(
        key=f"{KEY}:{question.question_id}",
        kind=KEY,
        group=ProblemKind.SCHEMA.value,
        title=title,
        remedy=remedy,
        what=question,
        subject=label,
        object=question.object,
        field=question.field,
        code=str(question.kind),
        at=question.asked_at,
        alike=(question.object, str(question.kind)),
    )


def words(question: Any, label: str) -> tuple[str, str]:
    """The question, and what follows from each answer."""
    translate = QCoreApplication.translate
    params = question.params
    kind = str(question.kind)
    field = str(params.get("label") or question.field or "")
    if kind == RENAMED:
        title = translate("SchemaDecision", "Is the field {field} of {object} the former {other}?")
        remedy = translate(
            "SchemaDecision", "If it is, the values that are here go over to it; if not, both are told apart."
        )
    elif kind == CHANGED_TYPE:
        title = translate("SchemaDecision", "The type of {field} of {object} changed from {old} to {new}.")
        remedy = translate(
            "SchemaDecision", "Taking it over converts what is here; what does not fit is kept aside and reported."
        )
    else:
        title = translate("SchemaDecision", "{object} has a new field: {field}.")
        remedy = translate("SchemaDecision", "Taking it in fetches its values for all records.")
    return title.format(
        field=field,
        object=label,
        other=question.other or "",
        old=params.get("old", "–"),
        new=params.get("new", "–"),
    ), remedy


class SchemaDecision(Decision):
    """Yes (Y) or no (N), for one or for all that are selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="schemaDecision")
        self._yes = self.add_act("schemaYes", Qt.Key.Key_Y, lambda: self._answer("yes"), primary=True)
        self._no = self.add_act("schemaNo", Qt.Key.Key_N, lambda: self._answer("no"))
        self._show = self.add_act("schemaShow", None, self._on_show)
        self.retranslate()

    def retranslate(self) -> None:
        kind = self.need.code if self.need is not None else NEW_FIELD
        if kind == RENAMED:
            yes, no = self.tr("It is the same field"), self.tr("They are different fields")
        elif kind == CHANGED_TYPE:
            yes, no = self.tr("Take the new type over"), self.tr("Keep the values as they are")
        else:
            yes, no = self.tr("Take the field in"), self.tr("Leave it out")
        self.word_act(self._yes, yes)
        self.word_act(self._no, no)
        self.word_act(self._show, self.tr("Show the object"))

    def show_needs(self, needs: NeedList) -> None:
        super().show_needs(needs)
        self.retranslate()

    def _answer(self, answer: str) -> None:
        ids = [need.what.question_id for need in self.needs]

        def work(connection: Connection) -> None:
            from core.api.scope import Answer

            for question_id in ids:
                connection.scope.answer_schema_question(question_id, Answer(answer))

        self.run(work)

    def _on_show(self) -> None:
        if self.need is not None and self.need.object:
            self.object_wished.emit(self.need.object)


SCHEMA = NeedKind(KEY, read, SchemaDecision, lambda problem: problem.code is ErrorCode.SCHEMA_QUESTION)
