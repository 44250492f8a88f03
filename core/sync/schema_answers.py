"""Acts on what a person answered to the questions that changes of the schema ask. Engine's thread, first of all."""

from __future__ import annotations

from functools import partial

from core.mirror import listed, objects, questions, schema_log, scoping, withdrawal
from core.mirror.carrying import carry_over
from core.mirror.mirror import Mirror
from core.mirror.questions import Answer, Question, QuestionKind
from core.mirror.schema_log import SchemaLine
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.writer import Priority


def act_on_answers(mirror: Mirror) -> bool:
    """Carry the answers out, each in its own transaction; whether there were any."""
    found = mirror.read(questions.answered)
    for question in found:
        table = mirror.tables().get(question.object)
        mirror.writer.call(partial(_act, question=question, table=table), Priority.BATCH)
        if question.kind is QuestionKind.RENAMED and question.answer is Answer.YES and question.other is not None:
            # What hung on the old name hangs on the new one; nothing is left to come back for.
            withdrawal.erase_field(mirror.writer, question.object, question.other, Priority.BATCH)
    return bool(found)


def _act(session: WriteSession, question: Question, table: Table | None) -> None:
    name, field = question.object, question.field
    if question.answer is Answer.YES:
        if question.kind is QuestionKind.NEW_OBJECT:
            listed.tick(session, name, True)
        elif question.kind is QuestionKind.NEW_FIELD and field is not None:
            scoping.choose_fields(session, name, (), (field,))
        elif question.kind is QuestionKind.CHANGED_TYPE:
            objects.describe_anew(session, name)
        elif table is not None and field is not None and question.other is not None:
            carry_over(session, table, question.other, field)
            schema_log.record(session, [SchemaLine(name, field, "carried-over", question.other, field)])
    elif question.kind is QuestionKind.NEW_OBJECT:
        listed.seen(session, [name])
    questions.close_told(session, name, field)
    questions.done(session, question.question_id)
