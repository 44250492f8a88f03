"""Acts on what a person answered to the questions that changes of the schema ask. Engine's thread, first of all."""

from __future__ import annotations

from functools import partial

from core.mirror import listed, questions, scoping
from core.mirror.mirror import Mirror
from core.mirror.questions import Answer, Question, QuestionKind
from core.mirror.session import WriteSession
from core.mirror.writer import Priority


def act_on_answers(mirror: Mirror) -> bool:
    """Carry the answers out, each in its own transaction; whether there were any."""
    found = mirror.read(questions.answered)
    for question in found:
        mirror.writer.call(partial(_act, question=question), Priority.BATCH)
    return bool(found)


def _act(session: WriteSession, question: Question) -> None:
    agreed = question.answer is Answer.YES
    if question.kind is QuestionKind.NEW_OBJECT:
        if agreed:
            listed.tick(session, question.object, True)
        else:
            listed.seen(session, [question.object])
    elif question.kind is QuestionKind.NEW_FIELD and question.field is not None and agreed:
        scoping.choose_fields(session, question.object, (), (question.field,))
    questions.done(session, question.question_id)
