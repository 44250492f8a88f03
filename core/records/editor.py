"""Checks what a person wants to do and turns it into outbox commands, inside one transaction of the writer.

An `Editor` lives for one act: it collects the steps by which the act can be undone, the entries and records touched.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime, tzinfo
from typing import Any

from core.mirror import aliases, copies, drafts, editing, objects, outbox, overlay
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.values import stored_value
from core.model.changes import MAX_IDS, Changes
from core.model.describe import FieldInfo
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.forms import FaultCode, FieldFault, ReadOnly
from core.model.refs import RecordRef, is_temporary_id
from core.model.scope import Direction
from core.records import checks, defaults, rights
from core.records.picklist_store import allowed_values
from core.records.views import CreateOptions, EditRefused


class Editor:
    """One act of a person. `zone`: the zone of datetimes that are entered without an offset."""

    def __init__(self, session: WriteSession, tables: Mapping[str, Table], at: datetime, zone: tzinfo) -> None:
        self.session = session
        self.at = at
        self._tables = tables
        self._zone = zone
        self._group = uuid.uuid4().hex
        self.steps: list[dict[str, Any]] = []
        self.seqs: list[int] = []
        self.refs: list[RecordRef] = []

    def going_on(self, session: WriteSession) -> Editor:
        """The same act in another transaction."""
        self.session = session
        return self

    def copied(self) -> Editor:
        """The act as far as it has come."""
        twin = Editor(self.session, self._tables, self.at, self._zone)
        twin.steps, twin.seqs, twin.refs = list(self.steps), list(self.seqs), list(self.refs)
        return twin

    # what is there

    def table(self, object_name: str) -> Table:
        """The object's table. Raises NO_SUCH_OBJECT."""
        return table_of(self._tables, object_name)

    def has(self, object_name: str) -> bool:
        """Whether the object has a table here."""
        return object_name in self._tables

    def resolved(self, ref: RecordRef) -> RecordRef:
        """The record under the id that it has now."""
        return RecordRef(self.table(ref.object).name, aliases.resolve(self.session, ref.id))

    def row(self, ref: RecordRef) -> dict[str, Any]:
        """What is shown of a record. Raises NO_SUCH_RECORD."""
        table = self.table(ref.object)
        row = overlay.read(self.session.conn, table, ref.id, [c.name for c in table.columns])
        if row is None:
            raise OrgMirrorError(ErrorCode.NO_SUCH_RECORD, object=ref.object, id=ref.id)
        return row

    def title(self, ref: RecordRef) -> str:
        """What the record is called."""
        return editing.title(self.session, self.table(ref.object), ref.id)

    @property
    def changes(self) -> Changes:
        """What views have to know."""
        touched: dict[str, set[str]] = {}
        for ref in self.refs:
            touched.setdefault(ref.object, set()).add(ref.id)
        ids = {name: frozenset(found) if len(found) <= MAX_IDS else None for name, found in touched.items()}
        return Changes(ids, outbox=bool(self.steps or self.seqs or self.refs), status=True)

    # checking

    def check(
        self, table: Table, record_id: str | None, values: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[FieldFault]]:
        """`values` as they would be stored, and what is wrong with them. `record_id` None: a new record."""
        creating = record_id is None
        row = {} if record_id is None else self.row(RecordRef(table.name, record_id))
        stored, faults = self._entered(table, values)
        if record_id is not None:
            # A record that was made here and has not been sent takes whatever a new one does.
            creating = is_temporary_id(record_id) and outbox.is_unmade(self.session, record_id)
            unchanged = [name for name, value in stored.items() if value == row[name]]
            stored = {name: value for name, value in stored.items() if name not in unchanged}
        allowed = allowed_values(self.session, table.name, str({**row, **stored}.get("RecordTypeId") or "") or None)
        told = {fault.field for fault in faults}
        faults += [
            fault
            for fault in checks.faults(table.info, stored, row, creating=creating, allowed=allowed)
            if fault.field not in told
        ]
        for name, value in stored.items():
            field = table.by_name[name].field
            if field.type == "reference" and value is not None and name not in {f.field for f in faults}:
                fault = self._target_fault(table, field, str(value))
                if fault is not None:
                    faults.append(fault)
        return stored, faults

    def _entered(self, table: Table, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[FieldFault]]:
        stored: dict[str, Any] = {}
        faults: list[FieldFault] = []
        for given, value in values.items():
            column = table.column(given)
            if column is None:
                faults.append(FieldFault(given, FaultCode.NO_SUCH_FIELD, given))
                continue
            try:
                wire = checks.entered(column.field, value, self._zone)
            except checks.Fault as fault:
                faults.append(FieldFault(column.name, fault.code, column.field.label, fault.params))
                continue
            if isinstance(wire, str) and is_temporary_id(wire):
                wire = aliases.resolve(self.session, wire)
            stored[column.name] = stored_value(column.kind, wire)
        return stored, faults

    def _target_fault(self, table: Table, field: FieldInfo, value: str) -> FieldFault | None:
        """What is wrong with the record that a look-up shall refer to, as far as it is known here."""
        target = editing.object_of(self.session, value)
        if target is None:
            return FieldFault(field.name, FaultCode.NO_SUCH_TARGET, field.label) if is_temporary_id(value) else None
        if field.name == "OwnerId":
            code = self._owner_fault(table, field, value, target)
            return FieldFault(field.name, code, field.label) if code else None
        if field.reference_to and target not in field.reference_to:
            params = {"objects": ", ".join(field.reference_to)}
            return FieldFault(field.name, FaultCode.WRONG_TARGET, field.label, params)
        return None

    def _owner_fault(self, table: Table, field: FieldInfo, value: str, target: str) -> FaultCode | None:
        if target == "Group":
            if table.name == "Contact":
                return FaultCode.QUEUE_FOR_CONTACT
            may = not field.reference_to or "Group" in field.reference_to
            if not may or not editing.serves_as_queue(self.session, self._tables, value, table.name):
                return FaultCode.QUEUE_NOT_FOR_OBJECT
            return None
        if target != "User":
            return FaultCode.WRONG_TARGET
        users = self._tables.get("User")
        inactive = users is not None and editing.value_of(self.session, users, value, "IsActive") == 0
        return FaultCode.INACTIVE_OWNER if inactive else None

    # doing

    def edit(self, ref: RecordRef, values: Mapping[str, Any]) -> None:
        """Enter values of one record. Raises EditRefused, NOT_EDITABLE, NO_SUCH_RECORD."""
        ref = self.resolved(ref)
        table = self.table(ref.object)
        row = self.row(ref)
        refuse(table, rights.record_reason(table.info, self.direction(table), row), unmade=self._unmade(ref))
        stored, faults = self.check(table, ref.id, values)
        if faults:
            raise EditRefused(table.name, faults, ref.id)
        self.put(ref, stored)
        drafts.drop(self.session, ref.object, ref.id)

    def put(self, ref: RecordRef, stored: Mapping[str, Any]) -> None:
        """Enter stored values that were checked."""
        table = self.table(ref.object)
        row = overlay.read(self.session.conn, table, ref.id, stored) or {}
        moved = {name: value for name, value in stored.items() if row[name] != value}
        # What is set again to what is shown still tells that a refused record is to be tried again.
        self.seqs += outbox.put(self.session, table, ref.id, stored, at=self.at, group_id=self._group)
        after = overlay.read(self.session.conn, table, ref.id, moved) or {}
        for name in moved:
            step = {"do": "edit", "object": ref.object, "id": ref.id, "field": name}
            self.steps.append(step | {"old": row[name], "new": after[name]})
        if moved:
            self._touch(ref)

    def create(self, object_name: str, values: Mapping[str, Any], options: CreateOptions) -> RecordRef:
        """Make a record here. Raises EditRefused, NOT_EDITABLE."""
        table = self.table(object_name)
        refuse(table, rights.object_reason(table.info, self.direction(table), creating=True))
        filled = {c.name for name, value in values.items() if value not in (None, "") and (c := table.column(name))}
        chosen = defaults.missing(self.session, table, filled)
        kept = {name: v for name, v in values.items() if (c := table.column(name)) is None or c.name not in chosen}
        stored, faults = self.check(table, None, kept | chosen)
        if faults:
            raise EditRefused(table.name, faults)
        seq, temporary_id = outbox.put_create(
            self.session, table, stored, asdict(options), at=self.at, group_id=self._group
        )
        ref = RecordRef(table.name, temporary_id)
        self.seqs.append(seq)
        self.steps.append({"do": "create", "object": ref.object, "id": ref.id})
        drafts.drop(self.session, table.name, "")
        self._touch(ref)
        return ref

    def delete(self, ref: RecordRef) -> None:
        """Delete a record in Salesforce by the next push. Raises NOT_EDITABLE, NO_SUCH_RECORD."""
        ref = self.resolved(ref)
        table = self.table(ref.object)
        refuse(table, rights.delete_reason(table.info, self.direction(table), self.row(ref)), unmade=self._unmade(ref))
        seq = outbox.put_delete(self.session, table, ref.id, at=self.at, group_id=self._group)
        if seq is not None:
            self.seqs.append(seq)
        self.steps.append({"do": "delete", "object": ref.object, "id": ref.id, "unsent": seq is None})
        self._touch(ref)

    def delete_here(self, ref: RecordRef) -> None:
        """Remove a record only here: its row goes, pulls do not bring it back. Its pending edits go as well."""
        ref = self.resolved(ref)
        table = self.table(ref.object)
        if self._unmade(ref):
            self.delete(ref)
            return
        self.row(ref)
        outbox.discard(self.session, [e.seq for e in outbox.of_record(self.session, table.name, ref.id)])
        if outbox.of_record(self.session, table.name, ref.id, kept=False):
            raise OrgMirrorError(ErrorCode.NOT_EDITABLE, object=table.label, reason="on-its-way")
        image = outbox.server_image(self.session, table, ref.id)
        copies.keep(self.session, table.name, ref.id, image, at=self.at, here_only=True)
        overlay.remove(self.session, table, ref.id)
        self.steps.append({"do": "delete-here", "object": ref.object, "id": ref.id})
        self._touch(ref)

    def restore(self, ref: RecordRef) -> RecordRef:
        """Bring a deleted record back; the new record's ref where it has to be made anew. Raises NO_SUCH_RECORD."""
        ref = self.resolved(ref)
        table = self.table(ref.object)
        waiting = [e for e in outbox.of_record(self.session, table.name, ref.id) if e.op == outbox.DELETE]
        if waiting and outbox.discard(self.session, [waiting[0].seq]):
            self._restored(ref)
            return ref
        copy = copies.get(self.session, table.name, ref.id)
        if copy is not None and copy.here_only:
            values = {name: value for name, value in copy.image.items() if name in table.by_name and name != "Id"}
            overlay.insert(self.session, table, ref.id, values)
            copies.forget(self.session, table.name, ref.id)
            # What changed in Salesforce meanwhile has passed by: it is compared soon.
            objects.want_sweep(self.session, table.name)
            self._restored(ref)
            return ref
        image = copy.image if copy is not None else self._deleted_row(ref)
        return self._remake(table, image)

    def _deleted_row(self, ref: RecordRef) -> dict[str, Any]:
        row = self.row(ref)
        if row.get("IsDeleted") != 1:
            raise OrgMirrorError(ErrorCode.NO_SUCH_RECORD, object=ref.object, id=ref.id)
        return row

    def _remake(self, table: Table, image: Mapping[str, Any]) -> RecordRef:
        refuse(table, rights.object_reason(table.info, self.direction(table), creating=True))
        values = {
            name: value
            for name, value in image.items()
            if value is not None
            and (column := table.column(name)) is not None
            and rights.field_reason(column.field, creating=True) is None
            and not (is_temporary_id(str(value)) and column.field.type == "reference")
        }
        seq, temporary_id = outbox.put_create(
            self.session, table, values, asdict(CreateOptions()), at=self.at, group_id=self._group
        )
        ref = RecordRef(table.name, temporary_id)
        self.seqs.append(seq)
        self.steps.append({"do": "create", "object": ref.object, "id": ref.id})
        self._touch(ref)
        return ref

    def undo(self, step: Mapping[str, Any]) -> bool:
        """Undo one step of an act; False where the record was changed again since: then it stays as it is."""
        ref = self.resolved(RecordRef(str(step["object"]), str(step["id"])))
        table = self.table(ref.object)
        do = step["do"]
        if do in ("delete", "delete-here"):
            self.restore(ref)
            return True
        if overlay.read(self.session.conn, table, ref.id, []) is None:
            return False
        if do == "edit":
            column = table.column(str(step["field"]))
            if column is None or editing.value_of(self.session, table, ref.id, column.name) != step["new"]:
                return False
            self.put(ref, {column.name: step["old"]})
        else:  # what was made or brought back goes again
            self.delete(ref)
        return True

    def take_back(self, seqs: Collection[int]) -> int:
        """Take pending edits back; returns how many went."""
        gone = outbox.discard(self.session, seqs)
        for entry in gone:
            self._touch(RecordRef(entry.object, entry.record_id))
        return len(gone)

    def is_editable(self, ref: RecordRef) -> bool:
        """Whether the record takes edits; False where it is not here."""
        table = self.table(ref.object)
        row = overlay.read(self.session.conn, table, ref.id, [c.name for c in table.columns])
        return row is not None and rights.record_reason(table.info, self.direction(table), row) is None

    def direction(self, table: Table) -> str:
        """The object's direction."""
        return editing.direction(self.session, table.name)

    def _unmade(self, ref: RecordRef) -> bool:
        return is_temporary_id(ref.id) and outbox.is_unmade(self.session, ref.id)

    def _restored(self, ref: RecordRef) -> None:
        self.steps.append({"do": "restore", "object": ref.object, "id": ref.id})
        self._touch(ref)

    def _touch(self, ref: RecordRef) -> None:
        if ref not in self.refs[-2:]:
            self.refs.append(ref)


def table_of(tables: Mapping[str, Table], object_name: str) -> Table:
    """The table of an object given in any case. Raises NO_SUCH_OBJECT."""
    found = tables.get(object_name)
    name = found.name if found is not None else next((n for n in tables if n.lower() == object_name.lower()), None)
    if name is None:
        raise OrgMirrorError(ErrorCode.NO_SUCH_OBJECT, object=object_name)
    return tables[name]


def refuse(table: Table, reason: ReadOnly | None, *, unmade: bool = False) -> None:
    """Raise NOT_EDITABLE for a reason. A record that only exists here needs no right to be updated or deleted."""
    if reason is None or (unmade and reason is ReadOnly.NO_RIGHT):
        return
    raise OrgMirrorError(ErrorCode.NOT_EDITABLE, object=table.label_plural, reason=reason.value)


def opened_direction(on: bool) -> str:
    """The direction of a pull-only object that is opened for editing, or closed."""
    return (Direction.PULL_EDIT if on else Direction.PULL).value
