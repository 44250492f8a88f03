"""An editing side without a mirror: forms built in a line, acts that are noted and answered at once."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from core.api.records import Act, ActName, CampaignAct, Choice, FormField, FormSection, FormView, PendingField
from core.model.changes import Changes
from core.model.errors import OrgMirrorError
from core.model.refs import RecordRef
from tests.helpers.fake_browse import record_id

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def form_field(name: str, value: Any = None, **more: Any) -> FormField:
    """A field of a form with what a test does not care about filled in."""
    values: dict[str, Any] = {
        "label": f"{name} label",
        "type": "string",
        "value": value,
        "display": "" if value is None else str(value),
        "editable": True,
        "length": 80,
    }
    return FormField(name, **(values | more))


def choice(value: str, label: str | None = None, *, active: bool = True) -> Choice:
    """A value of a pick list."""
    return Choice(value, label or value, active)


def pending_field(seq: int, base: Any, mine: Any, **more: Any) -> PendingField:
    """An edit that waits."""
    values: dict[str, Any] = {"server": base, "since": NOW, "state": "pending"}
    return PendingField(seq, base, mine, **(values | more))


def form(*fields: FormField, number: int = 1, **more: Any) -> FormView:
    """A form of a contact with these fields in one section."""
    values: dict[str, Any] = {
        "ref": RecordRef("Contact", record_id(number)),
        "object": "Contact",
        "label": "Contact",
        "title": f"Contact {number}",
        "record_type": None,
        "record_types": (),
        "sections": (FormSection("Details", tuple((item,) for item in fields)),),
        "related": (),
        "can_edit": True,
        "can_delete": True,
        "from_layout": True,
    }
    return FormView(**(values | more))


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
        self.acts: list[Act] = []
        self._lock = threading.Lock()

    def _note(self, name: str, *values: Any) -> None:
        with self._lock:
            self.calls.append((name, values))
        if self.fault is not None and name not in ("form", "draft", "pending"):
            raise self.fault

    def called(self, name: str) -> list[tuple[Any, ...]]:
        return [values for called, values in self.calls if called == name]

    def _act(self, code: str, refs: Sequence[RecordRef], **params: Any) -> Act:
        objects: dict[str, frozenset[str] | None] = {}
        for ref in refs:
            objects[ref.object] = (objects.get(ref.object) or frozenset()) | {ref.id}
        act = Act(
            len(self.acts) + 1, ActName(code), params, (len(self.acts) + 1,), tuple(refs), Changes(objects, outbox=True)
        )
        self.acts.append(act)
        return act

    def form(self, object_name: str, wanted: str | None = None, record_type: str | None = None) -> Any:
        self._note("form", object_name, wanted, record_type)
        if wanted is None:
            return self.forms[RecordRef(object_name, "")]
        ref = RecordRef(object_name, wanted)
        return replace(self.forms[ref], draft=self.drafts.get(ref))

    def check(self, object_name: str, wanted: str | None, values: Mapping[str, Any]) -> tuple[Any, ...]:
        self._note("check", object_name, wanted, dict(values))
        return tuple(fault for fault in self.faults if fault.field in values)

    def edit(self, ref: RecordRef, values: Mapping[str, Any], options: Any = None) -> Act:
        self._note("edit", ref, dict(values))
        return self._act("edit", (ref,), title="Contact", fields=", ".join(values))

    def preview(self, refs: Sequence[RecordRef], values: Mapping[str, Any]) -> tuple[Any, ...]:
        self._note("preview", tuple(refs), dict(values))
        return self.previews

    def edit_many(self, refs: Sequence[RecordRef], values: Mapping[str, Any]) -> Act:
        self._note("edit_many", tuple(refs), dict(values))
        return self._act("edit-many", refs, count=len(refs))

    def create(self, object_name: str, values: Mapping[str, Any], options: Any = None) -> Act:
        self._note("create", object_name, dict(values), options)
        return self._act("create", (RecordRef(object_name, "new-1"),), title="New")

    def local_duplicates(self, object_name: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
        self._note("local_duplicates", object_name, dict(values))
        return self.duplicates

    def delete(self, refs: Sequence[RecordRef], here_only: bool = False) -> Act:
        self._note("delete", tuple(refs), here_only)
        return self._act("delete", refs, title="Contact")

    def restore(self, ref: RecordRef) -> Act:
        self._note("restore", ref)
        return self._act("restore", (ref,), title="Contact")

    def keep_draft(self, ref: RecordRef, values: Mapping[str, Any]) -> None:
        self._note("keep_draft", ref, dict(values))
        self.drafts[ref] = dict(values)

    def drop_draft(self, ref: RecordRef) -> None:
        self._note("drop_draft", ref)
        self.drafts.pop(ref, None)

    def pending(self, object_name: str | None = None) -> tuple[Any, ...]:
        return tuple(self.pendings)

    def undo(self, wanted: Any) -> Act:
        self._note("undo", wanted)
        return self._act("undo", ())

    def last_act(self) -> Act | None:
        return self.acts[-1] if self.acts else None

    def undo_act(self, act_id: int) -> Act:
        self._note("undo_act", act_id)
        return replace(self._act("undo", ()), act_id=None)

    def owners(self, object_name: str, text: str) -> tuple[Any, ...]:
        self._note("owners", object_name, text)
        return self.hits

    def lookup(self, object_name: str, name: str, text: str) -> tuple[Any, ...]:
        self._note("lookup", object_name, name, text)
        return self.hits

    def change_log(self, ref: RecordRef) -> tuple[Any, ...]:
        return self.log

    def revert(self, change_id: int) -> Act:
        self._note("revert", change_id)
        return self._act("revert", (), title="Contact", fields="Email")

    def set_field_rule(self, object_name: str, name: str, rule: str) -> None:
        self._note("set_field_rule", object_name, name, rule)

    def open_for_editing(self, object_name: str, on: bool) -> None:
        self._note("open_for_editing", object_name, on)

    def campaign_statuses(self, campaign_id: str) -> tuple[Any, ...]:
        return self.statuses

    def add_status(self, campaign_id: str, label: str, *, has_responded: bool = False) -> Act:
        self._note("add_status", campaign_id, label)
        return self._act("status-add", ())

    def campaign_add(self, campaign_id: str, refs: Sequence[RecordRef], status: str | None = None) -> CampaignAct:
        self._note("campaign_add", campaign_id, tuple(refs), status)
        return CampaignAct(self._act("campaign-add", refs, count=len(refs)))

    def campaign_remove(self, campaign_id: str, refs: Sequence[RecordRef]) -> CampaignAct:
        self._note("campaign_remove", campaign_id, tuple(refs))
        return CampaignAct(self._act("campaign-remove", refs, count=len(refs)))

    def campaign_status(self, campaign_id: str, refs: Sequence[RecordRef], status: str) -> CampaignAct:
        self._note("campaign_status", campaign_id, tuple(refs), status)
        return CampaignAct(self._act("campaign-status", refs, count=len(refs)))

    def log_call(self, ref: RecordRef, subject: str, comments: str = "") -> Act:
        self._note("log_call", ref, subject, comments)
        return self._act("log-call", (ref,), title="Contact")

    def add_task(self, ref: RecordRef, subject: str, *, due_days: int = 5, comments: str = "") -> Act:
        self._note("add_task", ref, subject, due_days, comments)
        return self._act("task", (ref,), title="Contact")


class FakePush:
    """What the push would be told."""

    def __init__(self) -> None:
        self.soon = 0
        self.pushed = 0
        self.open_conflicts: list[Any] = []
        self.resolved: list[tuple[Any, ...]] = []
        self.retried: list[list[int]] = []
        self.duplicates: Any = None
        self.policy: dict[tuple[str, str | None], Any] = {}
        self.preset = False
        self.question: Any = None
        self.confirmed = 0
        self.saved_anyway: list[int] = []
        self.linked: list[tuple[int, str]] = []

    def push_soon(self) -> None:
        self.soon += 1

    def conflicts(self) -> tuple[Any, ...]:
        return tuple(self.open_conflicts)

    def resolve(self, conflict_id: int, choice: str, value: Any = None) -> Any:
        self.resolved.append((conflict_id, choice, value))
        self.open_conflicts = [c for c in self.open_conflicts if c.conflict_id != conflict_id]
        return RecordRef("Lead", ""), Changes(outbox=True, problems=True)

    def retry(self, seqs: Sequence[int]) -> Changes:
        self.retried.append(list(seqs))
        return Changes(outbox=True)

    def policies(self) -> dict[tuple[str, str | None], Any]:
        return dict(self.policy)

    def set_policy(self, object_name: str, name: str | None, policy: Any) -> None:
        if policy is None:
            self.policy.pop((object_name, name), None)
        else:
            self.policy[object_name, name] = policy

    def use_marketo_preset(self) -> None:
        self.preset = True

    def mass_question(self) -> Any:
        return self.question

    def confirm_mass(self) -> Any:
        self.confirmed += 1
        return self.question

    def duplicates_of(self, seq: int) -> Any:
        return self.duplicates

    def save_anyway(self, seq: int) -> Changes:
        self.saved_anyway.append(seq)
        return Changes(outbox=True)

    def link(self, seq: int, record_id: str) -> tuple[RecordRef, Changes]:
        self.linked.append((seq, record_id))
        return RecordRef("Lead", record_id), Changes(outbox=True)

    def push(self, cancel: Any = None, records: Any = None) -> Any:
        self.pushed += 1
        return SimpleNamespace(result="ok", sent=1, failed=0, conflicts=0, pending=0)
