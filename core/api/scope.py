"""What is mirrored of an org: objects, fields, rows, direction; and what changes of the schema ask. For window and CLI.

A change is a wish that is kept at once; the engine carries it out, in a cycle of this object alone that `apply` runs
or, where another thread or process has the engine, hands over and waits for. Calls that ask the org say so; they are
for a background thread. All others answer from the file, at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from core.api.scope_reading import chosen_fields, scope_of, unknown
from core.api.scope_views import (
    ALL_FIELDS,
    AvailableObject,
    FieldScope,
    FieldState,
    ObjectScope,
    ScopeChange,
    ScopePlan,
    ScopeResult,
)
from core.api.sync import Emit, SyncApi
from core.export import csv_file
from core.export.target import new_file
from core.mirror import aside, listed, problems, questions, scoping, visibility
from core.mirror import objects as objects_store
from core.mirror.database import connect
from core.mirror.mirror import Mirror
from core.mirror.objects import ObjectRecord
from core.mirror.questions import Answer, Question, QuestionKind
from core.mirror.schema import keep_describe, stored_describe
from core.mirror.session import Session, WriteSession
from core.mirror.tables import WITHDRAWN
from core.mirror.visibility import VisibilityReport
from core.model.cancel import CancelToken
from core.model.describe import ObjectInfo, parse_object
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.progress import Event
from core.model.scope import DeletePolicy, Direction, SchemaPolicy, default_direction, load_order
from core.salesforce.client import Client
from core.salesforce.errors import ErrorClass, SalesforceError
from core.sync import catalog
from core.sync.control import EngineControl
from core.sync.row_filter import tidy

__all__ = [
    "ALL_FIELDS",
    "Answer",
    "AvailableObject",
    "DeletePolicy",
    "Direction",
    "FieldScope",
    "FieldState",
    "ObjectScope",
    "Question",
    "QuestionKind",
    "SchemaPolicy",
    "ScopeApi",
    "ScopeChange",
    "ScopePlan",
    "ScopeResult",
    "VisibilityReport",
]

_REFUSED = frozenset({ErrorClass.REFUSED, ErrorClass.SCHEMA, ErrorClass.USER_DATA})


def _ignore(_event: Event) -> None:
    """Nobody listens."""


class ScopeApi:
    """One per open connection (`connection.scope`). From any background thread."""

    def __init__(
        self,
        mirror: Mirror,
        sync: SyncApi,
        make_client: Callable[[CancelToken], Client],
        chosen: Callable[[], tuple[str, ...] | None],
    ) -> None:
        """`chosen`: the objects that were named when the connection was made; None = the default scope."""
        self._mirror = mirror
        self._sync = sync
        self._make_client = make_client
        self._chosen = chosen

    # what is chosen

    def objects(self) -> list[ObjectScope]:
        """Every object that is mirrored or was, in load order; without their fields, which `object` tells."""

        def read(session: Session) -> list[ObjectScope]:
            known = objects_store.all_objects(session)
            seen = listed.all_listed(session)
            refits = scoping.refits(session)
            return [
                scope_of(session, item, seen.get(name), under_way=name in refits)
                for name, item in known.items()
                if item.in_scope or (name in seen and seen[name].ticked)
            ]

        return sorted(self._mirror.read(read), key=lambda item: load_order(item.name))

    def object(self, name: str, cancel: CancelToken | None = None) -> ObjectScope:
        """One object with its fields. Asks the org where it was never described. Raises NO_SUCH_OBJECT."""
        found = self._name(name)
        info = self._described(found, cancel)

        def read(session: Session) -> ObjectScope:
            item = objects_store.all_objects(session).get(found) or unknown(info)
            entry = listed.all_listed(session).get(found)
            return scope_of(session, item, entry, info, under_way=found in scoping.refits(session))

        return self._mirror.read(read)

    def available(self) -> list[AvailableObject]:
        """Every object that the org listed last, with why it cannot be ticked where it cannot."""
        chosen = self._chosen()

        def read(session: Session) -> list[AvailableObject]:
            entries = listed.all_listed(session)
            wanted = set(catalog.wanted_names(entries.values(), chosen))
            return [
                AvailableObject(
                    name=item.name,
                    label=item.label,
                    custom=item.custom,
                    ticked=item.name in wanted,
                    is_new=item.is_new,
                    reason=None if item.queryable else ErrorCode.OBJECT_NOT_OFFERED,
                )
                for item in entries.values()
                if item.gone_at is None
            ]

        return sorted(self._mirror.read(read), key=lambda item: load_order(item.name))

    def seen(self, *names: str) -> None:
        """The person has seen these new objects."""
        self._mirror.write(lambda s: listed.seen(s, names))

    def count(self, name: str, where: str | None, cancel: CancelToken | None = None) -> int:
        """How many rows of the object fit the condition now (None or "": all). Asks the org.

        Raises ROW_FILTER_REFUSED with Salesforce's own text, NO_SUCH_OBJECT, and what concerns everything.
        """
        found = self._name(name)
        condition = tidy(where, found)
        client = self._make_client(cancel or CancelToken())
        try:
            return _counted(client, found, condition)
        finally:
            client.close()

    # changing it

    def plan(self, name: str, change: ScopeChange, cancel: CancelToken | None = None) -> ScopePlan:
        """What the change would do; nothing is kept. Asks the org where rows or fields it does not know are concerned.

        Raises ROW_FILTER_REFUSED, NO_SUCH_FIELD, FIELD_REQUIRED, DIRECTION_NOT_POSSIBLE, OBJECT_NOT_OFFERED,
        HAS_PENDING_EDITS, NO_SUCH_OBJECT.
        """
        scope = self.object(name, cancel)
        entry = self._mirror.read(listed.all_listed).get(scope.name)
        if change.on and entry is not None and not entry.queryable:
            raise OrgMirrorError(ErrorCode.OBJECT_NOT_OFFERED, object=scope.name)
        if change.direction is not None and change.direction not in scope.directions:
            possible = ", ".join(each.value for each in scope.directions)
            raise OrgMirrorError(
                ErrorCode.DIRECTION_NOT_POSSIBLE,
                object=scope.name,
                direction=change.direction.value,
                possible=possible,
            )
        if change.on is False:
            self._refuse_pending(scope.name, None)
            return ScopePlan(scope.name, ScopeChange(on=False), scope.rows, rows_removed=scope.rows)
        fields, off, on = chosen_fields(scope, change.fields)
        self._refuse_pending(scope.name, off)
        where = None if change.where is None else tidy(change.where, scope.name) or ""
        takes_in = bool(change.on) and not scope.in_scope
        removed: int | None = 0
        fetched: int | None = 0
        if where is not None and (where or None) != scope.row_filter:
            removed, fetched = self._counts(scope, where or None, cancel)
        elif takes_in:
            fetched = self.count(scope.name, scope.row_filter, cancel)
        return ScopePlan(
            object=scope.name,
            change=ScopeChange(change.on, where, fields, change.direction, change.schema_policy, change.delete_policy),
            rows_here=scope.rows,
            rows_removed=removed,
            rows_fetched=fetched,
            fields_removed=off,
            fields_fetched=on,
            first_load=takes_in or not scope.loaded,
            pending=scope.pending,
        )

    def apply(
        self,
        name: str,
        change: ScopeChange,
        *,
        plan: ScopePlan | None = None,
        control: EngineControl | None = None,
        emit: Emit = _ignore,
    ) -> ScopeResult:
        """Keep the change and have it carried out. Whoever calls has asked the person where `plan.needs_consent`.

        Raises what `plan` raises, unless a plan is given; how the cycle ended is in the answer: a change that could
        not be carried out, because the org cannot be reached, is kept and goes with the next cycle.
        """
        plan = plan or self.plan(name, change)
        self._mirror.write(partial(_keep, plan=plan, info=self._described(plan.object, None)))
        asked = (plan.object,) if plan.change.on is not False and self._is_wanted(plan.object) else ()
        result = self._sync.run_once(control or EngineControl(), emit, asked)
        if plan.change.on is False:
            return ScopeResult(self._left_out(plan.object), result)
        return ScopeResult(self.object(plan.object), result)

    def start_over(self, name: str, *, control: EngineControl | None = None, emit: Emit = _ignore) -> ScopeResult:
        """Load the object anew beside what is here, then swap; pending edits stay. Raises NO_SUCH_OBJECT."""
        found = self._mirrored(name)
        self._mirror.write(lambda s: objects_store.want_start_over(s, found))
        result = self._sync.run_once(control or EngineControl(), emit, (found,))
        return ScopeResult(self.object(found), result)

    def drop_columns(self, name: str, *, control: EngineControl | None = None, emit: Emit = _ignore) -> ScopeResult:
        """Remove the object's dead columns from the file for good. Raises NO_SUCH_OBJECT."""
        found = self._mirrored(name)
        self._mirror.write(lambda s: objects_store.want_compact(s, found))
        result = self._sync.run_once(control or EngineControl(), emit, (found,))
        return ScopeResult(self.object(found), result)

    # what changes of the schema ask

    def schema_questions(self) -> list[Question]:
        """What waits for a person's decision, the oldest first."""
        return self._mirror.read(questions.unanswered)

    def answer_schema_question(
        self, question_id: int, answer: Answer, *, control: EngineControl | None = None, emit: Emit = _ignore
    ) -> None:
        """Keep the answer and have it carried out. Raises NO_SUCH_QUESTION."""
        asked = self._mirror.read(lambda s: questions.get(s, question_id))
        if asked is None or asked.answer is not None:
            raise OrgMirrorError(ErrorCode.NO_SUCH_QUESTION)
        self._mirror.write(lambda s: questions.answer(s, question_id, answer))
        self._sync.run_once(control or EngineControl(), emit, (asked.object,) if self._is_wanted(asked.object) else ())

    def visibility_report(self) -> VisibilityReport | None:
        """What appeared and vanished when another user of the org took the mirror over; None where that never was."""
        return self._mirror.read(visibility.report)

    # values that have no place any more

    def kept_fields(self, name: str) -> tuple[str, ...]:
        """Fields of the object of which values are kept: withdrawn ones in their grace time, and what no longer fits.

        Raises NO_SUCH_OBJECT.
        """
        found = self._mirrored(name)

        def read(session: Session) -> tuple[str, ...]:
            known = scoping.fields_of(session, found)
            hidden = [n for n, choice in known.items() if choice.hidden_why == WITHDRAWN and not choice.erased]
            return tuple(dict.fromkeys((*hidden, *aside.fields(session, found))))

        return self._mirror.read(read)

    def export_values(self, name: str, field: str, path: Path, *, replace: bool = True) -> int:
        """Write the kept values of a field as CSV (Id, value, why); how many. Not on the GUI thread.

        Raises NO_SUCH_OBJECT, NO_SUCH_FIELD, TARGET_EXISTS, CANNOT_WRITE, DISK_FULL.
        """
        found = self._mirrored(name)
        fields = {each.lower(): each for each in self.kept_fields(found)}
        if field.lower() not in fields:
            raise OrgMirrorError(ErrorCode.NO_SUCH_FIELD, object=found, field=field)
        exact = fields[field.lower()]
        conn = connect(self._mirror.path, self._mirror.key, readonly=True)
        try:
            rows = ((item.record_id, item.value, item.why) for item in aside.all_values(Session(conn), found, exact))
            with new_file(path, replace=replace) as building:
                return csv_file.write(building, ("Id", exact, "Why"), rows)
        finally:
            conn.close()

    def forget_values(self, name: str, field: str) -> None:
        """Nobody needs the values of this field that were kept aside."""
        found = self._mirrored(name)

        def write(session: WriteSession) -> None:
            aside.forget(session, found, field)
            problems.close_problems(session, found, code=ErrorCode.VALUES_KEPT_ASIDE)

        self._mirror.write(write)

    # within

    def _name(self, name: str) -> str:
        """The object's API name in the org's case. Raises NO_SUCH_OBJECT."""

        def read(session: Session) -> set[str]:
            return {*listed.all_listed(session), *objects_store.all_objects(session)}

        found = {each.lower(): each for each in self._mirror.read(read)}
        if name.lower() not in found:
            if found:
                raise OrgMirrorError(ErrorCode.NO_SUCH_OBJECT, object=name)
            return name  # nothing was ever listed: the org knows
        return found[name.lower()]

    def _mirrored(self, name: str) -> str:
        found = self._name(name)
        if found not in self._mirror.tables():
            raise OrgMirrorError(ErrorCode.NO_SUCH_OBJECT, object=name)
        return found

    def _described(self, name: str, cancel: CancelToken | None) -> ObjectInfo:
        """The describe that the file has; from the org where it has none. Raises NO_SUCH_OBJECT."""
        stored = self._mirror.read(lambda s: stored_describe(s, name))
        if stored is not None:
            return stored[0]
        client = self._make_client(cancel or CancelToken())
        try:
            answer = client.describe(name)
        except SalesforceError as error:
            if error.code is ErrorCode.OBJECT_NOT_VISIBLE:
                raise OrgMirrorError(ErrorCode.NO_SUCH_OBJECT, object=name) from None
            raise
        finally:
            client.close()
        assert answer.raw is not None
        return parse_object(answer.raw)

    def _left_out(self, name: str) -> ObjectScope:
        """An object of which nothing is here any more."""

        def read(session: Session) -> ObjectScope:
            entry = listed.all_listed(session)[name]
            item = objects_store.all_objects(session).get(name) or ObjectRecord(
                name=name,
                label=entry.label,
                label_plural=entry.label_plural,
                custom=entry.custom,
                direction=default_direction(name).value,
                loaded=False,
                rows=0,
                in_scope=False,
                last_synced_at=None,
            )
            return scope_of(session, item, entry, under_way=False)

        return self._mirror.read(read)

    def _refuse_pending(self, name: str, fields: tuple[str, ...] | None) -> None:
        """What waits for Salesforce must not be lost by leaving it out. Raises HAS_PENDING_EDITS."""
        count = 0 if fields == () else self._mirror.read(lambda s: scoping.pending_of(s, name, fields))
        if count:
            raise OrgMirrorError(ErrorCode.HAS_PENDING_EDITS, object=name, count=count)

    def _counts(
        self, scope: ObjectScope, where: str | None, cancel: CancelToken | None
    ) -> tuple[int | None, int | None]:
        """Rows that would go and rows that would come, by the org's counts."""
        client = self._make_client(cancel or CancelToken())
        try:
            fitting = _counted(client, scope.name, where)
            if not scope.loaded:
                return 0, fitting
            before = fitting if scope.row_filter is None else _counted(client, scope.name, scope.row_filter)
            if scope.row_filter is None:
                return max(0, scope.rows - fitting), 0
            if where is None:
                return 0, max(0, fitting - before)
            both = _counted(client, scope.name, f"({scope.row_filter}) AND ({where})")
            return max(0, before - both), max(0, fitting - both)
        finally:
            client.close()

    def _is_wanted(self, name: str) -> bool:
        entries = self._mirror.read(listed.all_listed)
        return name in catalog.wanted_names(entries.values(), self._chosen())


def _counted(client: Client, name: str, condition: str | None) -> int:
    try:
        return client.count(name, f"({condition})" if condition else None)
    except SalesforceError as error:
        if condition is None or error.kind not in _REFUSED:
            raise
        raise OrgMirrorError(
            ErrorCode.ROW_FILTER_REFUSED,
            object=name,
            salesforce_code=error.salesforce_code,
            salesforce_text=error.salesforce_text,
        ) from None


def _keep(session: WriteSession, plan: ScopePlan, info: ObjectInfo) -> None:
    """The wish, in one transaction."""
    change, name = plan.change, plan.object
    if change.on is not None:
        listed.tick(session, name, change.on)
    if change.on is False:
        return
    keep_describe(session, info)
    scoping.choose(
        session,
        name,
        direction=change.direction,
        schema_policy=change.schema_policy,
        delete_policy=change.delete_policy,
    )
    if change.schema_policy is not None:
        # What waited under another policy is looked at anew.
        objects_store.describe_anew(session, name)
    scoping.choose_fields(session, name, plan.fields_removed, plan.fields_fetched)
    if change.where is not None:
        scoping.set_filter(session, name, change.where or None)
