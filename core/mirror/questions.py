"""`om_question`: what a change of the schema asks a person, and what they answered.

The engine acts on an answer at its next cycle and then forgets the question.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.mirror import times
from core.mirror.session import Session, WriteSession
from core.model.errors import ErrorCode


class QuestionKind(StrEnum):
    """What is asked."""

    NEW_OBJECT = "new-object"  # the org has an object that is not mirrored: take it in?
    NEW_FIELD = "new-field"  # of an object whose policy is to ask
    CHANGED_TYPE = "changed-type"  # of an object whose policy is to ask or to freeze
    RENAMED = "renamed"  # `other` is the name before: carry the values over?


class Answer(StrEnum):
    """What a person may answer."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Question:
    """`params` hold what the question is about besides: types, labels, how many values there are."""

    question_id: int
    kind: QuestionKind
    object: str
    field: str | None
    other: str | None
    asked_at: datetime
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    answer: Answer | None = None


def ask(
    session: WriteSession,
    kind: QuestionKind,
    name: str,
    field_name: str | None = None,
    other: str | None = None,
    **params: Any,
) -> int | None:
    """Ask once: None where the same was asked before, whether answered or not."""
    known = session.conn.execute(
        "SELECT 1 FROM om_question WHERE kind = ? AND object = ? AND field IS ? AND other IS ?",
        (kind.value, name, field_name, other),
    ).get
    if known is not None:
        return None
    model = session.models.Question
    return int(
        model.insert(
            kind=kind.value,
            object=name,
            field=field_name,
            other=other,
            params=json.dumps(params, ensure_ascii=False),
            asked_at=times.now_text(),
        ).execute()
    )


def unanswered(session: Session, name: str | None = None) -> list[Question]:
    """What waits for a person, the oldest first; of an object or of all."""
    return [q for q in _all(session) if q.answer is None and name in (None, q.object)]


def answered(session: Session) -> list[Question]:
    """What was answered and is not acted upon yet."""
    return [q for q in _all(session) if q.answer is not None]


def get(session: Session, question_id: int) -> Question | None:
    """One question, or None."""
    return next((q for q in _all(session) if q.question_id == question_id), None)


def answer(session: WriteSession, question_id: int, answer: Answer) -> None:
    """Keep a person's answer."""
    session.conn.execute(
        "UPDATE om_question SET answer = ?, answered_at = ? WHERE question_id = ?",
        (answer.value, times.now_text(), question_id),
    )


def done(session: WriteSession, question_id: int) -> None:
    """The answer was acted upon. A no stays, so that the same is not asked again."""
    session.conn.execute("UPDATE om_question SET answered_at = NULL WHERE question_id = ?", (question_id,))


def agreed(session: Session, name: str) -> frozenset[str]:
    """Fields of the object whose new type a person agreed to."""
    rows = session.conn.execute(
        "SELECT field FROM om_question WHERE object = ? AND kind = ? AND answer = ?",
        (name, QuestionKind.CHANGED_TYPE.value, Answer.YES.value),
    )
    return frozenset(str(field) for (field,) in rows)


def forget(session: WriteSession, name: str, field_name: str) -> None:
    """What was asked of a field is settled; it may be asked again."""
    session.conn.execute("DELETE FROM om_question WHERE object = ? AND field = ?", (name, field_name))
    close_told(session, name, field_name)


def close_told(session: WriteSession, name: str, field_name: str | None) -> None:
    """The row of "needs you" that tells of a question goes with it."""
    session.conn.execute(
        "UPDATE om_problem SET state = 'closed', last_at = ? WHERE state <> 'closed' AND object = ? AND field IS ? "
        "AND code = ?",
        (times.now_text(), name, field_name, ErrorCode.SCHEMA_QUESTION.value),
    )


def _all(session: Session) -> list[Question]:
    model = session.models.Question
    rows = model.select().where(model.answer.is_null() | model.answered_at.is_null(False))
    return [
        Question(
            question_id=row.question_id,
            kind=QuestionKind(row.kind),
            object=row.object,
            field=row.field,
            other=row.other,
            asked_at=times.from_text(row.asked_at),
            params=json.loads(row.params),
            answer=None if row.answer is None else Answer(row.answer),
        )
        for row in rows.order_by(model.question_id)
    ]
