"""A record as a form: the org's sections, every field with what may be entered, what waits, and why it is greyed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from core.mirror import aliases, conflicts, drafts, editing, layouts, outbox, overlay, watermarks
from core.mirror.columns import default_columns
from core.mirror.field_rules import FieldRule, rules
from core.mirror.session import Session
from core.mirror.tables import Column, Table
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.forms import ReadOnly
from core.model.groups import group_of
from core.model.refs import RecordRef, is_temporary_id, long_id
from core.model.scope import Direction
from core.records import defaults, picklists, rights, sections
from core.records.picklist_store import allowed_values
from core.records.views import Choice, FormField, FormSection, FormView, PendingField, RelatedList
from core.records.wording import Wording


class FormMaker:
    """Makes one form; for one question over one moment of the file."""

    def __init__(self, session: Session, tables: Mapping[str, Table], table: Table, zone: tzinfo) -> None:
        self._session = session
        self._tables = tables
        self._table = table
        self._wording = Wording(session, tables, zone)
        self._direction = editing.direction(session, table.name)

    def existing(self, record_id: str) -> FormView:
        """The form of a record that has a row. Raises NO_SUCH_RECORD."""
        table = self._table
        known = aliases.resolve(self._session, record_id)
        row = overlay.read(self._session.conn, table, known, [c.name for c in table.columns])
        if row is None:
            raise OrgMirrorError(ErrorCode.NO_SUCH_RECORD, object=table.name, id=record_id)
        unmade = is_temporary_id(known) and outbox.is_unmade(self._session, known)
        reason = rights.record_reason(table.info, self._direction, row)
        if unmade and reason is ReadOnly.NO_RIGHT:
            reason = None
        kind = row.get("RecordTypeId")
        ref = RecordRef(table.name, known)
        return self._form(ref, row, kind, creating=unmade, reason=reason, draft_id=known)

    def new(self, record_type: str | None) -> FormView:
        """The form of a record to be made, with the org's defaults."""
        info = self._table.info
        kinds = self.record_types()
        default = next((c.value for c in kinds if c.default), kinds[0].value if kinds else None)
        kind = long_id(record_type) if record_type else default
        row: dict[str, Any] = {column.name: _default(column) for column in self._table.columns}
        filled = {name for name, value in row.items() if value is not None}
        row |= defaults.missing(self._session, self._table, filled)
        if "RecordTypeId" in row:
            row["RecordTypeId"] = kind
        reason = rights.object_reason(info, self._direction, creating=True)
        return self._form(None, row, kind, creating=True, reason=reason, draft_id="")

    def record_types(self) -> tuple[Choice, ...]:
        """The record types that this user may give a record; empty where the object has none but the master."""
        found = []
        for item in self._table.info.record_type_infos:
            if item.get("available", True) and not item.get("master") and item.get("recordTypeId"):
                label = str(item.get("name") or item.get("developerName") or item["recordTypeId"])
                default = bool(item.get("defaultRecordTypeMapping"))
                found.append(Choice(long_id(str(item["recordTypeId"])), label, bool(item.get("active", True)), default))
        return tuple(found)

    def _form(
        self,
        ref: RecordRef | None,
        row: Mapping[str, Any],
        kind: str | None,
        *,
        creating: bool,
        reason: ReadOnly | None,
        draft_id: str,
    ) -> FormView:
        table, session = self._table, self._session
        layout = self._layout(kind)
        plans = sections.by_layout(table, layout, creating=creating) if layout is not None else ()
        from_layout = bool(plans)
        waiting = [] if ref is None else outbox.of_record(session, table.name, ref.id, kept=False)
        field_maker = _Fields(
            session,
            table,
            self._wording,
            row,
            creating,
            reason,
            allowed_values(session, table.name, kind),
            ref,
            waiting,
        )
        made = tuple(
            FormSection(
                plan.title,
                tuple(tuple(None if p is None else field_maker.field(p) for p in line) for line in plan.rows),
                plan.collapsed,
            )
            for plan in plans or sections.by_rule(table)
        )
        draft = drafts.get(session, table.name, draft_id)
        delete_reason = rights.delete_reason(table.info, self._direction, row) if ref is not None else reason
        return FormView(
            ref=ref,
            object=table.name,
            label=table.label,
            title="" if ref is None else self._wording.title(ref),
            record_type=kind,
            record_types=self.record_types(),
            sections=made,
            related=() if ref is None else self._related(layout),
            can_edit=reason is None,
            can_delete=ref is not None and (delete_reason is None or outbox.is_unmade(session, ref.id)),
            reason=reason,
            from_layout=from_layout,
            pending=len(waiting),
            draft=None if draft is None else draft[0],
        )

    def _layout(self, kind: str | None) -> Mapping[str, Any] | None:
        wanted = kind or layouts.MASTER_RECORD_TYPE
        part = layouts.get(self._session, self._table.name, layouts.layout_part(wanted))
        content = part.content if part is not None else None
        return content if isinstance(content, dict) else None

    def _related(self, layout: Mapping[str, Any] | None) -> tuple[RelatedList, ...]:
        found = []
        for item in sections.related(layout, self._table.info):
            child = self._tables.get(item.object)
            if child is None or item.field not in child.by_name:
                continue
            columns = [name for name in item.columns if name in child.by_name] or list(default_columns(child))
            direction = editing.direction(self._session, child.name)
            found.append(
                RelatedList(
                    label=item.label or child.label_plural,
                    object=child.name,
                    field=item.field,
                    columns=tuple(name for name in columns if name != item.field),
                    can_create=direction != Direction.PULL and child.info.createable,
                )
            )
        return tuple(found)


class _Fields:
    """Makes the fields of one form."""

    def __init__(
        self,
        session: Session,
        table: Table,
        wording: Wording,
        row: Mapping[str, Any],
        creating: bool,
        reason: ReadOnly | None,
        allowed: Mapping[str, frozenset[str]],
        ref: RecordRef | None,
        waiting: Sequence[outbox.Entry],
    ) -> None:
        self._table = table
        self._wording = wording
        self._row = row
        self._creating = creating
        self._reason = reason
        self._allowed = allowed
        self._has_parts = rights.has_name_parts(table.info)
        self._rules = rules(session.conn, table.name)
        self._pending = {e.field: _pending(e) for e in waiting if e.op == outbox.UPDATE}
        asked = [] if ref is None else conflicts.waiting(session, table.name, ref.id)
        self._conflicts = {item.field: item.conflict_id for item in asked}
        self._as_of = watermarks.as_of(session.conn, table.name, ref.id if ref is not None else None)

    def field(self, place: sections.Place) -> FormField:
        column = self._table.by_name[place.name]
        field, value = column.field, self._row.get(column.name)
        reason = self._reason or rights.field_reason(field, creating=self._creating, has_parts=self._has_parts)
        if reason is None and place.editable is False:
            reason = ReadOnly.ON_LAYOUT
        picked = field.type in ("picklist", "multipicklist", "combobox")
        display = self._wording.text(self._table, column.name, value)
        link = self._wording.link(str(value)) if field.type == "reference" and value else None
        return FormField(
            name=column.name,
            label=field.label,
            type=field.type,
            value=value,
            display=display,
            editable=reason is None,
            reason=reason,
            required=rights.required(field) or (place.required and reason is None),
            length=field.length,
            precision=field.precision or field.digits,
            scale=field.scale,
            choices=picklists.choices(field, value, self._allowed.get(column.name)) if picked else (),
            restricted=field.restricted_picklist,
            controller=field.controller_name if field.dependent_picklist else None,
            choices_by_control=picklists.choices_by_control(self._table.info, field) if picked else {},
            references=field.reference_to,
            link=link,
            help=field.help_text,
            html=field.html_formatted,
            long=field.is_long_text or field.type == "textarea",
            calculated=field.calculated,
            as_of=self._as_of if field.calculated else None,
            pending=self._pending.get(column.name),
            conflict_id=self._conflicts.get(column.name, self._conflicts.get(None)),
            group=group_of(field.name, field.type, field.compound_field_name),
            rule=self._rules.get(column.name, FieldRule.NONE),
        )


def _pending(entry: outbox.Entry) -> PendingField:
    return PendingField(
        entry.seq,
        entry.base,
        entry.mine,
        entry.server,
        entry.created_at,
        entry.state,
        entry.error_code,
        entry.error_text,
    )


def _default(column: Column) -> Any:
    """What Salesforce puts into a field that nobody fills, as far as describe tells."""
    field = column.field
    if field.type == "boolean":
        return 1 if field.default_value in (True, "true") else 0
    chosen = [item.value for item in field.picklist_values if item.default and item.active]
    if chosen and field.createable:
        return ";".join(chosen) if field.type == "multipicklist" else chosen[0]
    if field.default_value is not None and field.createable and field.type not in ("reference", "id"):
        return field.default_value
    return None
