"""An editing side without a mirror: forms built in a line, acts that are noted and answered at once."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from core.model.changes import Changes
from core.model.errors import OrgMirrorError
from core.model.refs import RecordRef
from tests.helpers.fake_browse import record_id

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def form_field(name: str, value: Any = None, **more: Any) -> Any:
    """A field of a form with what a test does not care about filled in."""
    values: dict[str, Any] = {
        "name": name,
        "label": f"{name} label",
        "type": "string",
        "value": value,
        "display": "" if value is None else str(value),
        "editable": True,
        "reason": None,
        "required": False,
        "length": 80,
        "precision": 0,
        "scale": 0,
        "choices": (),
        "controller": None,
        "choices_by_control": {},
        "references": (),
        "help": None,
        "calculated": False,
        "as_of": None,
        "pending": None,
        "conflict_id": None,
        "group": None,
        "rule": "none",
    }
    return SimpleNamespace(**(values | more))


def choice(value: str, label: str | None = None, *, active: bool = True) -> Any:
    return SimpleNamespace(value=value, label=label or value, active=active)


def pending_field(seq: int, base: Any, mine: Any, **more: Any) -> Any:
    values = {"seq": seq, "base": base, "mine": mine, "server": base, "since": NOW, "state": "pending", "error": None}
    return SimpleNamespace(**(values | more))


def form(*fields: Any, number: int = 1, **more: Any) -> Any:
    """A form of a contact with these fields in one section."""
    values: dict[str, Any] = {
        "ref": RecordRef("Contact", record_id(number)),
        "object": "Contact",
        "label": "Contact",
        "title": f"Contact {number}",
        "record_type": None,
        "sections": (SimpleNamespace(title="Details", rows=tuple((item,) for item in fields)),),
        "related": (),
        "can_edit": True,
        "can_delete": True,
        "reason": None,
        "from_layout": True,
    }
    return SimpleNamespace(**(values | more))


@dataclass(frozen=True)
class FakeAct:
    act_id: int = 1
    name_code: str = "edit"
    params: Mapping[str, Any] = field(default_factory=dict)
    seqs: tuple[int, ...] = (1,)
    refs: tuple[RecordRef, ...] = ()
    changes: Changes = field(default_factory=Changes)


class FakeRecords:
    """Notes every call in `calls`; `faults` and `fault` refuse; `forms` answers `form`."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.forms: dict[RecordRef, Any] = {}
        self.drafts: dict[RecordRef, dict[str, Any]] = {}
        self.faults: tuple[Any, ...] = ()
        self.fault: OrgMirrorError | None = None
        self.hits: tuple[Any, ...] = ()
        self.pendings: list[Any] = []
        self.previews: tuple[Any, ...] = ()
        self.duplicates: tuple[Any, ...] = ()
        self.statuses: tuple[Any, ...] = ()
        self.log: tuple[Any, ...] = ()
        self.acts: list[FakeAct] = []
        self._lock = threading.Lock()

    def _note(self, name: str, *values: Any) -> None:
        with self._lock:
            self.calls.append((name, values))
        if self.fault is not None and name not in ("form", "draft", "pending"):
            raise self.fault

    def called(self, name: str) -> list[tuple[Any, ...]]:
        return [values for called, values in self.calls if called == name]

    def _act(self, code: str, refs: Sequence[RecordRef], **params: Any) -> FakeAct:
        objects: dict[str, frozenset[str] | None] = {}
        for ref in refs:
            objects[ref.object] = (objects.get(ref.object) or frozenset()) | {ref.id}
        act = FakeAct(
            len(self.acts) + 1, code, params, (len(self.acts) + 1,), tuple(refs), Changes(objects, outbox=True)
        )
        self.acts.append(act)
        return act

    def form(self, object_name: str, wanted: str | None = None, record_type: str | None = None) -> Any:
        self._note("form", object_name, wanted, record_type)
        if wanted is None:
            return self.forms[RecordRef(object_name, "")]
        return self.forms[RecordRef(object_name, wanted)]

    def check(self, object_name: str, wanted: str | None, values: Mapping[str, Any]) -> tuple[Any, ...]:
        self._note("check", object_name, wanted, dict(values))
        return tuple(fault for fault in self.faults if fault.field in values)

    def edit(self, ref: RecordRef, values: Mapping[str, Any], options: Any = None) -> FakeAct:
        self._note("edit", ref, dict(values))
        return self._act("edit", (ref,), title="Contact", fields=", ".join(values))

    def preview(self, refs: Sequence[RecordRef], values: Mapping[str, Any]) -> tuple[Any, ...]:
        self._note("preview", tuple(refs), dict(values))
        return self.previews

    def edit_many(self, refs: Sequence[RecordRef], values: Mapping[str, Any]) -> FakeAct:
        self._note("edit_many", tuple(refs), dict(values))
        return self._act("edit-many", refs, count=len(refs))

    def create(self, object_name: str, values: Mapping[str, Any], options: Any = None) -> FakeAct:
        self._note("create", object_name, dict(values), options)
        return self._act("create", (RecordRef(object_name, "new-1"),), title="New")

    def local_duplicates(self, object_name: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
        self._note("local_duplicates", object_name, dict(values))
        return self.duplicates

    def delete(self, refs: Sequence[RecordRef], here_only: bool = False) -> FakeAct:
        self._note("delete", tuple(refs), here_only)
        return self._act("delete", refs, title="Contact")

    def restore(self, ref: RecordRef) -> FakeAct:
        self._note("restore", ref)
        return self._act("restore", (ref,), title="Contact")

    def draft(self, ref: RecordRef) -> dict[str, Any] | None:
        return self.drafts.get(ref)

    def keep_draft(self, ref: RecordRef, values: Mapping[str, Any]) -> None:
        self._note("keep_draft", ref, dict(values))
        self.drafts[ref] = dict(values)

    def drop_draft(self, ref: RecordRef) -> None:
        self._note("drop_draft", ref)
        self.drafts.pop(ref, None)

    def pending(self, object_name: str | None = None) -> tuple[Any, ...]:
        return tuple(self.pendings)

    def undo(self, wanted: Any) -> FakeAct:
        self._note("undo", wanted)
        return self._act("undo", ())

    def last_act(self) -> FakeAct | None:
        return self.acts[-1] if self.acts else None

    def undo_act(self, act_id: int) -> FakeAct:
        self._note("undo_act", act_id)
        return replace(self._act("undo", ()), act_id=0)

    def owners(self, object_name: str, text: str) -> tuple[Any, ...]:
        self._note("owners", object_name, text)
        return self.hits

    def lookup(self, object_name: str, name: str, text: str) -> tuple[Any, ...]:
        self._note("lookup", object_name, name, text)
        return self.hits

    def change_log(self, ref: RecordRef) -> tuple[Any, ...]:
        return self.log

    def revert(self, change_id: int) -> FakeAct:
        self._note("revert", change_id)
        return self._act("revert", (), title="Contact", fields="Email")

    def set_field_rule(self, object_name: str, name: str, rule: str) -> None:
        self._note("set_field_rule", object_name, name, rule)

    def open_for_editing(self, object_name: str, on: bool) -> None:
        self._note("open_for_editing", object_name, on)

    def campaign_statuses(self, campaign_id: str) -> tuple[Any, ...]:
        return self.statuses

    def campaign_add(self, campaign_id: str, refs: Sequence[RecordRef], status: str | None = None) -> FakeAct:
        self._note("campaign_add", campaign_id, tuple(refs), status)
        return self._act("campaign-add", refs, count=len(refs), campaign="Spring")


class FakePush:
    """What the push would be told."""

    def __init__(self) -> None:
        self.soon = 0
        self.pushed = 0
        self.open_conflicts: list[Any] = []
        self.resolved: list[tuple[Any, ...]] = []

    def push_soon(self) -> None:
        self.soon += 1

    def conflicts(self) -> tuple[Any, ...]:
        return tuple(self.open_conflicts)

    def resolve(self, conflict_id: int, choice: str, value: Any = None) -> Any:
        self.resolved.append((conflict_id, choice, value))
        self.open_conflicts = [c for c in self.open_conflicts if c.conflict_id != conflict_id]
        return Changes(outbox=True, problems=True)

    def push(self, cancel: Any = None, records: Any = None) -> Any:
        self.pushed += 1
        return SimpleNamespace(result="ok", sent=1, failed=0, conflicts=0, pending=0)
