"""What is mirrored of an org, as the window's tests have it: `core.api.scope` without a mirror and an org."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from core.api.scope_views import (
    AvailableObject,
    FieldScope,
    ObjectScope,
    ScopeChange,
    ScopePlan,
    ScopeResult,
)
from core.mirror.questions import Question, QuestionKind
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.scope import DeletePolicy, Direction, SchemaPolicy

FIELDS = (
    FieldScope("Id", "Lead ID", "id", True, True),
    FieldScope("Email", "Email", "email", True, False),
    FieldScope("Company", "Company", "string", True, False),
    FieldScope("Description", "Description", "textarea", False, False),
)


def lead(**more: Any) -> ObjectScope:
    """Leads, mirrored whole."""
    values: dict[str, Any] = {
        "name": "Lead",
        "label": "Lead",
        "label_plural": "Leads",
        "custom": False,
        "in_scope": True,
        "is_new": False,
        "loaded": True,
        "rows": 40_000,
        "direction": Direction.TWO_WAY,
        "directions": (Direction.TWO_WAY, Direction.PULL),
        "row_filter": None,
        "schema_policy": SchemaPolicy.FOLLOW,
        "delete_policy": DeletePolicy.FLAG,
        "fields": FIELDS,
    }
    return ObjectScope(**(values | more))


def question(number: int = 1, kind: QuestionKind = QuestionKind.NEW_FIELD, **more: Any) -> Question:
    """A new field of Lead."""
    values: dict[str, Any] = {
        "question_id": number,
        "kind": kind,
        "object": "Lead",
        "field": "Region__c",
        "other": None,
        "asked_at": datetime.now(UTC),
        "params": {"label": "Region"},
    }
    return Question(**(values | more))


class FakeScope:
    """`applied` notes what was asked for; `removed` is what a plan says would go; `fault` refuses a condition."""

    def __init__(self) -> None:
        self.scope = lead()
        self.questions: list[Question] = []
        self.answers: list[tuple[int, str]] = []
        self.applied: list[ScopeChange] = []
        self.started_over: list[str] = []
        self.forgotten: list[tuple[str, str]] = []
        self.removed = 0
        self.counted = 12_345
        self.fault: OrgMirrorError | None = None
        self.offered = [
            AvailableObject("Lead", "Lead", False, True, False),
            AvailableObject("Case", "Case", False, False, False),
            AvailableObject("Invoice__c", "Invoice", True, False, True),
            AvailableObject("Secret__c", "Secret", True, False, False, ErrorCode.OBJECT_NOT_OFFERED),
        ]
        self.seen_objects: list[str] = []

    def objects(self) -> list[ObjectScope]:
        return [replace(self.scope, fields=())]

    def object(self, name: str, cancel: Any = None) -> ObjectScope:
        return self.scope if name == "Lead" else replace(self.scope, name=name, label=name, in_scope=False, rows=0)

    def available(self) -> list[AvailableObject]:
        return list(self.offered)

    def seen(self, *names: str) -> None:
        self.seen_objects += names
        self.offered = [replace(each, is_new=each.is_new and each.name not in names) for each in self.offered]

    def count(self, name: str, where: str | None, cancel: Any = None) -> int:
        if self.fault is not None and where:
            raise self.fault
        return self.counted

    def plan(self, name: str, change: ScopeChange, cancel: Any = None) -> ScopePlan:
        if self.fault is not None and change.where:
            raise self.fault
        off: tuple[str, ...] = ()
        on: tuple[str, ...] = ()
        if change.fields is not None:
            here = {field.name for field in self.scope.fields if field.in_scope}
            off = tuple(sorted(here - set(change.fields)))
            on = tuple(sorted(set(change.fields) - here))
        removed = self.scope.rows if change.on is False else self.removed
        return ScopePlan(name, change, self.scope.rows, removed, 0, off, on)

    def apply(self, name: str, change: ScopeChange, *, plan: Any = None, control: Any = None, emit: Any = None) -> Any:
        self.applied.append(change)
        return ScopeResult(self.scope)

    def start_over(self, name: str, *, control: Any = None, emit: Any = None) -> Any:
        self.started_over.append(name)
        return ScopeResult(self.scope)

    def drop_columns(self, name: str, *, control: Any = None, emit: Any = None) -> Any:
        return ScopeResult(self.scope)

    def export_values(self, name: str, field: str, path: Any, *, replace: bool = True) -> int:
        return 12

    def forget_values(self, name: str, field: str) -> None:
        self.forgotten.append((name, field))

    def schema_questions(self) -> list[Question]:
        return list(self.questions)

    def answer_schema_question(self, question_id: int, answer: Any, *, control: Any = None, emit: Any = None) -> None:
        self.answers.append((question_id, str(answer)))
        self.questions = [each for each in self.questions if each.question_id != question_id]
