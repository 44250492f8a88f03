"""What a person does with records: forms, edits, creates, deletes, campaigns, undo.

Everything local: into the mirror and its outbox, which the sync sends.
Safe from any thread but the GUI's: each method is one writer transaction or one read, waited for. Answers carry the
`Changes` that views have to know.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from core.api.campaign_records import CampaignRecords
from core.mirror import acts, aliases, changes, drafts, editing, outbox, ruling, times
from core.mirror.display import json_value
from core.mirror.session import Session, WriteSession
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.forms import ActName, FaultCode, FieldFault, FieldRule, ReadOnly
from core.model.refs import RecordRef
from core.model.scope import may_open_for_editing
from core.records import defaults, lookups
from core.records.bulk import preview_lines
from core.records.editor import Editor, opened_direction, table_of
from core.records.forms import FormMaker
from core.records.lookback import change_views, pending_views
from core.records.views import (
    Act,
    CampaignAct,
    ChangeView,
    Choice,
    CreateOptions,
    Draft,
    DuplicateHit,
    EditRefused,
    FormField,
    FormSection,
    FormView,
    LookupHit,
    MemberHit,
    MemberStatus,
    PendingField,
    PendingView,
    PreviewLine,
    RelatedList,
    TargetKind,
)

__all__ = [
    "Act",
    "ActName",
    "CampaignAct",
    "ChangeView",
    "Choice",
    "CreateOptions",
    "Draft",
    "DuplicateHit",
    "EditRefused",
    "FaultCode",
    "FieldFault",
    "FieldRule",
    "FormField",
    "FormSection",
    "FormView",
    "LookupHit",
    "MemberHit",
    "MemberStatus",
    "PendingField",
    "PendingView",
    "PreviewLine",
    "ReadOnly",
    "RecordsApi",
    "RelatedList",
    "TargetKind",
]


# A record that cannot take a bulk edit is left out and told of; the others take it.
_LEFT_OUT = frozenset({ErrorCode.VALUES_REFUSED, ErrorCode.NOT_EDITABLE, ErrorCode.NO_SUCH_RECORD})
NO_OPTIONS = CreateOptions()


class RecordsApi(CampaignRecords):
    """The editing half of one open connection."""

    # forms

    def form(self, object_name: str, record_id: str | None = None, record_type: str | None = None) -> FormView:
        """The record as the org's page layout shows it; without `record_id` the form of a new one.

        Raises NO_SUCH_OBJECT, NO_SUCH_RECORD.
        """

        def look(session: Session) -> FormView:
            tables = self._mirror.tables()
            maker = FormMaker(session, tables, table_of(tables, object_name), self._zone_of(session))
            return maker.new(record_type) if record_id is None else maker.existing(record_id)

        return self._mirror.read(look)

    def check(self, object_name: str, record_id: str | None, values: Mapping[str, Any]) -> tuple[FieldFault, ...]:
        """What is wrong with these values (wire or stored form) before they are sent; of a new record also what is
        missing."""

        def look(session: WriteSession) -> tuple[FieldFault, ...]:
            editor = self._editor(session)
            table = editor.table(object_name)
            known = None if record_id is None else editor.resolved(RecordRef(table.name, record_id)).id
            return tuple(editor.check(table, known, values)[1])

        return self._read(look)

    def lookup(self, object_name: str, field: str, text: str, limit: int = 20) -> tuple[LookupHit, ...]:
        """Records here that the look-up may refer to, found by `text` (empty: the likeliest)."""

        def look(session: Session) -> tuple[LookupHit, ...]:
            tables = self._mirror.tables()
            table = table_of(tables, object_name)
            return lookups.targets(session, tables, table, field, text, self._zone_of(session), limit)

        return self._mirror.read(look)

    def owners(self, object_name: str, text: str = "", limit: int = 20) -> tuple[LookupHit, ...]:
        """Active users, and queues where the object's owner may be one (leads; never contacts)."""

        def look(session: Session) -> tuple[LookupHit, ...]:
            tables = self._mirror.tables()
            return lookups.owners(session, tables, table_of(tables, object_name), text, limit)

        return self._mirror.read(look)

    # edits

    def edit(self, ref: RecordRef, values: Mapping[str, Any]) -> Act:
        """Enter values of one record, as one group. Raises EditRefused, NOT_EDITABLE, NO_SUCH_RECORD."""

        def do(editor: Editor) -> dict[str, Any]:
            editor.edit(ref, values)
            return {"fields": len({step["field"] for step in editor.steps}), "field": _only_field(editor)}

        return self._act(ActName.EDIT, do)

    def preview(self, refs: Sequence[RecordRef], values: Mapping[str, Any]) -> tuple[PreviewLine, ...]:
        """What `edit_many` would change, record by record; unchanged fields are left out."""

        def look(session: WriteSession) -> tuple[PreviewLine, ...]:
            return preview_lines(self._editor(session), self._wording(session), refs, values)

        return self._read(look)

    def edit_many(self, refs: Sequence[RecordRef], values: Mapping[str, Any]) -> Act:
        """Enter the same values in many records of one object, as one act; records with a fault are left out."""

        left: list[RecordRef] = []

        def one(editor: Editor, ref: RecordRef) -> None:
            try:
                editor.edit(ref, values)
            except OrgMirrorError as error:
                if error.code not in _LEFT_OUT:
                    raise
                left.append(ref)

        return self._act_over(ActName.EDIT_MANY, refs, one, lambda e: {"left_out": len(left), "field": _only_field(e)})

    def create(self, object_name: str, values: Mapping[str, Any], options: CreateOptions = NO_OPTIONS) -> Act:
        """Make a record here; `refs[0]` has its temporary id. Raises EditRefused, NOT_EDITABLE."""

        def do(editor: Editor) -> dict[str, Any]:
            editor.create(object_name, values, options)
            return {}

        return self._act(ActName.CREATE, do)

    def local_duplicates(self, object_name: str, values: Mapping[str, Any]) -> tuple[DuplicateHit, ...]:
        """Records here that may be the same as the one about to be made."""

        def look(session: Session) -> tuple[DuplicateHit, ...]:
            tables = self._mirror.tables()
            table = table_of(tables, object_name)
            return lookups.duplicates(session, tables, table, values, self._zone_of(session))

        return self._mirror.read(look)

    def delete(self, refs: Sequence[RecordRef], *, here_only: bool = False) -> Act:
        """Delete records: in Salesforce by the next push, or only here, where they stay away. Copies are kept."""

        titles: list[str] = []

        def one(editor: Editor, ref: RecordRef) -> None:
            titles.append(editor.title(editor.resolved(ref)))
            if here_only:
                editor.delete_here(ref)
            else:
                editor.delete(ref)

        name = ActName.DELETE_HERE if here_only else ActName.DELETE
        return self._act_over(name, refs, one, lambda _: {"title": titles[0] if len(titles) == 1 else ""})

    def restore(self, ref: RecordRef) -> Act:
        """Bring a deleted record back: a delete that waits is taken back; one removed only here comes back by the next
        pull; one deleted in Salesforce is made anew from its copy (undelete first: `push.undelete`)."""

        def do(editor: Editor) -> dict[str, Any]:
            editor.restore(ref)
            return {}

        return self._act(ActName.RESTORE, do)

    @staticmethod
    def options(*, use_assignment_rules: bool = False, allow_duplicates: bool = False) -> CreateOptions:
        """How a record is to be made."""
        return CreateOptions(use_assignment_rules=use_assignment_rules, allow_duplicates=allow_duplicates)

    def current(self, ref: RecordRef) -> RecordRef:
        """The record under the id it has now: 18 characters, or a temporary one. Raises NO_SUCH_OBJECT."""
        return self._read(lambda session: self._editor(session).resolved(ref))

    # drafts

    def draft(self, ref: RecordRef) -> Draft | None:
        """What was typed and not saved. For a new record `ref.id` is empty."""

        def look(session: Session) -> Draft | None:
            found = drafts.get(session, ref.object, aliases.resolve(session, ref.id))
            return None if found is None else Draft(*found)

        return self._mirror.read(look)

    def keep_draft(self, ref: RecordRef, values: Mapping[str, Any]) -> None:
        """Keep what was typed; nothing of it is an edit yet."""
        at = self._now()
        self._write(lambda s: drafts.keep(s, ref.object, aliases.resolve(s, ref.id), values, at))

    def drop_draft(self, ref: RecordRef) -> None:
        """Forget what was typed."""
        self._write(lambda s: drafts.drop(s, ref.object, aliases.resolve(s, ref.id)))

    # what waits, what was done

    def pending(self, object_name: str | None = None, ref: RecordRef | None = None) -> tuple[PendingView, ...]:
        """Edits that have not reached Salesforce, the oldest first."""
        tables = self._mirror.tables()

        def look(session: Session) -> tuple[PendingView, ...]:
            name = ref.object if ref is not None else object_name
            record_id = None if ref is None else aliases.resolve(session, ref.id)
            return pending_views(session, tables, self._wording(session), name, record_id)

        return self._mirror.read(look)

    def pending_rows(self) -> list[dict[str, Any]]:
        """What waits, as the command line prints it (rules 9): values as `list` has them."""
        tables = self._mirror.tables()
        rows = []
        for view in self.pending():
            table = tables.get(view.object)
            column = table.column(view.field) if table is not None and view.field else None
            values = [v if column is None else json_value(column, v) for v in (view.base, view.mine)]
            rows.append(
                {
                    "seq": view.seq,
                    "object": view.object,
                    "id": view.id,
                    "op": view.op,
                    "field": view.field,
                    "base": values[0],
                    "mine": values[1],
                    "since": times.to_text(view.since),
                    "state": view.state,
                }
            )
        return rows

    def undo(self, target: Collection[int] | RecordRef | None = None, field: str | None = None) -> Act:
        """Take pending edits back: these sequence numbers, a record's (or one field of it), or all (None).

        What is on its way stays. Raises NOTHING_TO_UNDO.
        """

        def do(editor: Editor) -> dict[str, Any]:
            if isinstance(target, RecordRef):
                known = editor.resolved(target)
                column = None if field is None else editor.table(known.object).column(field)
                if field is not None and column is None:
                    raise OrgMirrorError(ErrorCode.NO_SUCH_FIELD, object=known.object, field=field)
                found = outbox.of_record(editor.session, known.object, known.id, kept=False)
                seqs = [e.seq for e in found if column is None or e.field == column.name]
            elif target is None:
                seqs = [e.seq for e in outbox.entries(editor.session)]
            else:
                seqs = list(target)
            taken = editor.take_back(seqs)
            if not taken:
                raise OrgMirrorError(ErrorCode.NOTHING_TO_UNDO)
            return {"count": taken}

        return self._act(ActName.UNDO, do, keep=False)

    def last_act(self) -> Act | None:
        """The act that Ctrl+Z would undo, or None."""
        found = self._mirror.read(acts.last)
        if found is None:
            return None
        refs = tuple(dict.fromkeys(RecordRef(str(s["object"]), str(s["id"])) for s in found.steps))
        return Act(found.act_id, ActName(found.name), found.params, (), refs, at=found.at)

    def undo_act(self, act_id: int) -> Act:
        """Undo an act: what still waits leaves the outbox, what was sent is countered by an edit back."""

        found = self._mirror.read(lambda session: acts.get(session, act_id))
        if found is None or found.undone_at is not None:
            raise OrgMirrorError(ErrorCode.NOTHING_TO_UNDO)
        left: list[Mapping[str, Any]] = []

        def one(editor: Editor, step: Mapping[str, Any]) -> None:
            if not editor.undo(step):
                left.append(step)

        def end(editor: Editor) -> dict[str, Any]:
            acts.undone(editor.session, act_id, editor.at)
            return {**found.params, "undone": found.name, "left_out": len(left)}

        return self._act_over(ActName.UNDO, found.steps[::-1], one, end, keep=False)

    def change_log(self, ref: RecordRef, limit: int = 200) -> tuple[ChangeView, ...]:
        """Every change of a record's fields, the newest first."""

        def look(session: WriteSession) -> tuple[ChangeView, ...]:
            editor = self._editor(session)
            known = editor.resolved(ref)
            lines = changes.recent(session, limit, known.object, known.id)
            return change_views(lines, self._mirror.tables(), self._wording(session), editor.is_editable(known))

        return self._read(look)

    def revert(self, change_id: int) -> Act:
        """Put a line's old value back, as an edit."""

        def do(editor: Editor) -> dict[str, Any]:
            line = changes.line(editor.session, change_id)
            if line is None or line.record_id is None or line.field is None:
                raise OrgMirrorError(ErrorCode.NOTHING_TO_UNDO)
            editor.edit(RecordRef(line.object, line.record_id), {line.field: line.old})
            return {"field": _only_field(editor)}

        return self._act(ActName.REVERT, do)

    # settings

    def set_field_rule(self, object_name: str, field: str, rule: FieldRule) -> None:
        """Never overwrite the field here, never send it, or neither."""

        def do(session: WriteSession) -> None:
            table = self._editor(session).table(object_name)
            column = table.column(field)
            if column is None:
                raise OrgMirrorError(ErrorCode.NO_SUCH_FIELD, object=table.name, field=field)
            ruling.apply(session, table, column.name, rule)

        self._write(do)

    def required_defaults(self, object_name: str) -> dict[str, Any]:
        """Values chosen for required fields of new records that nobody fills."""
        return self._mirror.read(lambda session: defaults.of_object(session, object_name))

    def set_required_default(self, object_name: str, field: str, value: Any) -> None:
        """Choose such a value; None takes it back. Raises NO_SUCH_FIELD, EditRefused where the value is wrong."""

        def do(session: WriteSession) -> None:
            editor = self._editor(session)
            table = editor.table(object_name)
            column = table.column(field)
            if column is None:
                raise OrgMirrorError(ErrorCode.NO_SUCH_FIELD, object=table.name, field=field)
            stored, faults = editor.check(table, None, {column.name: value})
            wrong = [fault for fault in faults if fault.field == column.name]
            if wrong and value is not None:
                raise EditRefused(table.name, wrong)
            defaults.choose(session, table.name, column.name, stored.get(column.name))

        self._write(do)

    def open_for_editing(self, object_name: str, on: bool) -> None:
        """Open a pull-only object for editing, or close it again. Raises NOT_EDITABLE where that is not offered."""

        def do(session: WriteSession) -> None:
            table = self._editor(session).table(object_name)
            if not may_open_for_editing(table.name):
                raise OrgMirrorError(ErrorCode.NOT_EDITABLE, object=table.label_plural, reason="pull-only")
            editing.set_direction(session, table.name, opened_direction(on))

        self._write(do)


def _only_field(editor: Editor) -> str | None:
    """The label of the one field that an act changed, or None for several."""
    names = {(str(step["object"]), str(step["field"])) for step in editor.steps if step["do"] == "edit"}
    if len(names) != 1:
        return None
    object_name, field = names.pop()
    return editor.table(object_name).by_name[field].field.label
