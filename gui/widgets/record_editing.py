"""`RecordEditing`: what happens between a record's form and the outbox: drafts, checks, Save, undo, decisions.

Lives on the GUI thread, owned by one record's pane. What is typed is kept as a draft in the mirror half a second after
the last key and whenever the record is left, so leaving never asks anything and loses nothing. Save is one group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from core.model.changes import Changes
from core.model.errors import OrgMirrorError
from core.model.forms import FieldRule, ReadOnly
from core.model.refs import RecordRef, is_temporary_id
from gui.models.edit_desk import EditDesk
from gui.text import edit_words, errors
from gui.widgets.field_editors import FieldEditor
from gui.widgets.lookup_editor import LookupEditor
from gui.widgets.record_bars import BarText, RecordBar, SaveBar
from gui.widgets.record_form import RecordForm

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from core.api.browse import BrowseSession, RecordView
    from core.api.records import FormField, FormView

_DRAFT_MS = 500
_CHECK_MS = 200


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """One moment of a record: as it is shown, what of it can be written, and what was typed and not saved before."""

    record: RecordView
    form: FormView | None = None
    zone: tzinfo = UTC
    draft: Mapping[str, Any] | None = None
    names: Mapping[str, str] = field(default_factory=dict)  # of the records that the draft refers to, by id


class RecordEditing(QObject):
    """`read` runs on a reader thread; everything else on the GUI thread. `typing_changed`: there is a draft or not."""

    typing_changed = Signal()
    saved = Signal(object)  # RecordRef
    open_wanted = Signal(object)  # RecordRef of an object that is to be opened for editing

    def __init__(self, desk: EditDesk | None, form: RecordForm, bar: RecordBar, save_bar: SaveBar) -> None:
        super().__init__(form)
        self._desk = desk
        self._form = form
        self._bar = bar
        self._save_bar = save_bar
        self._shown: ShownRecord | None = None
        self._draft_is_kept = False
        self._saving = False
        self._checked = 0
        self._refused: OrgMirrorError | None = None
        self._draft_soon = self._timer(_DRAFT_MS, self.keep_draft)
        self._check_soon = self._timer(_CHECK_MS, self._check)
        form.lookup = self._lookup_editor
        form.edited.connect(self._edited)
        form.typing.connect(self._draft_soon.start)
        form.save_wanted.connect(self.save)
        form.acted.connect(self._acted)
        bar.acted.connect(self._bar_used)
        save_bar.save_wanted.connect(self._save_by_button)
        save_bar.discard_wanted.connect(self.discard)

    def _timer(self, milliseconds: int, call: Any) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(milliseconds)
        made.timeout.connect(call)
        return made

    # Reading

    def read(self, session: BrowseSession, record: RecordView) -> ShownRecord:
        """The record with its form and draft, on a reader thread."""
        if self._desk is None or self._desk.records is None:
            return ShownRecord(record)
        records = self._desk.records
        form = records.form(record.ref.object, record.ref.id)
        draft = form.draft or {}
        names = {}
        for name, value in draft.items():
            known = form.field(name)
            if value and known is not None and known.type == "reference":
                names[str(value)] = session.lookup_name(str(value)) or str(value)
        return ShownRecord(record, form, session.zone, draft, names)

    def show(self, shown: ShownRecord, *, show_empty: bool) -> None:
        """Show what was read; what is being typed stays."""
        before = self._shown
        same = before is not None and before.record.ref == shown.record.ref
        if not same:
            self.leave()
            self._refused = None
        self._shown = shown
        if self._desk is not None and shown.form is not None:
            self._desk.zone = shown.zone
        self._form.show_form(shown.record, shown.form, shown.zone, show_empty=show_empty)
        if not same and shown.draft:
            self._draft_is_kept = True
            self._form.edits.take_draft(shown.draft, shown.names)
            self._form.show_form(shown.record, shown.form, shown.zone, show_empty=show_empty)
            self._check_soon.start()
        self._word()

    def leave(self) -> None:
        """The record is left: what was typed is kept as a draft, whatever stands in the editor with it."""
        if self._shown is not None:
            self._form.end_edit()
            self._form.drop_editor()
            if self._draft_soon.isActive() or (self._form.edits and not self._draft_is_kept):
                self.keep_draft()
        self._draft_soon.stop()
        self._check_soon.stop()
        self._form.edits.forget()
        self._shown = None
        self._draft_is_kept = False
        self._word()

    @property
    def has_draft(self) -> bool:
        """Whether something was typed and not saved."""
        return bool(self._form.edits)

    # Typing

    def _edited(self) -> None:
        self._refused = None
        self._draft_is_kept = self._draft_is_kept and bool(self._form.edits)
        self._draft_soon.start()
        self._check_soon.start()
        self._word()
        self.typing_changed.emit()

    def keep_draft(self) -> None:
        """Put what was typed into the mirror, or take it out where nothing is left."""
        self._draft_soon.stop()
        desk, shown = self._desk, self._shown
        if desk is None or desk.records is None or shown is None:
            return
        ref, values, records = shown.record.ref, self._form.draft_values(), desk.records
        if values:
            self._draft_is_kept = True
            desk.ask(desk, lambda: records.keep_draft(ref, values), lambda _nothing: None)
        elif self._draft_is_kept or shown.draft:
            self._draft_is_kept = False
            desk.ask(desk, lambda: records.drop_draft(ref), lambda _nothing: None)

    def _check(self) -> None:
        """Say what is wrong before anything is sent."""
        desk, shown = self._desk, self._shown
        values = self._form.edits.values()
        if desk is None or desk.records is None or shown is None or not values:
            self._form.show_faults({})
            self._word()
            return
        ref, records = shown.record.ref, desk.records
        self._checked += 1
        asked = self._checked

        def here(faults: Any) -> None:
            if asked == self._checked and self._shown is not None and self._shown.record.ref == ref:
                self._take_faults(faults)

        desk.ask(self, lambda: records.check(ref.object, ref.id, values), here)

    def _take_faults(self, faults: Any) -> None:
        said = {}
        for found in faults:
            said.setdefault(found.field, edit_words.fault(found))
        if self._form.editing is not None:
            # What is being written is judged when it is left.
            said.pop(self._form.editing, None)
        self._form.show_faults(said)
        self._word()

    # Saving

    def _save_by_button(self) -> None:
        if self._form.end_edit():
            self.save()

    def save(self) -> None:
        """Ctrl+Enter: check, then write all that was typed as one group."""
        desk, shown = self._desk, self._shown
        values = self._form.edits.values()
        if desk is None or desk.records is None or shown is None or not values or self._saving:
            return
        ref, records = shown.record.ref, desk.records
        self._saving = True
        self._draft_soon.stop()
        self._check_soon.stop()
        self._checked += 1

        def work() -> Any:
            faults = tuple(records.check(ref.object, ref.id, values))
            return (faults, None) if faults else ((), records.edit(ref, values))

        def here(answer: Any) -> None:
            self._saving = False
            faults, act = answer
            if act is None:
                self._take_faults(faults)
                return
            self._saved(ref, values)
            desk.announce(act, initiator=self)

        def failed(error: OrgMirrorError) -> None:
            self._saving = False
            faults = getattr(error, "faults", ())
            if faults:
                self._take_faults(faults)
                return
            self._refused = error
            self._word()

        desk.ask(self, work, here, failed)

    def _saved(self, ref: RecordRef, values: Mapping[str, Any]) -> None:
        shown = self._shown
        if shown is not None and shown.record.ref == ref:
            for name, value in values.items():
                if self._form.edits.typed(name) is not None and self._form.edits.value(name) == value:
                    self._form.edits.restore(name)
            self._draft_is_kept = True  # so that it is dropped, or kept with what was typed meanwhile
            self.keep_draft()
            self._word()
            self.typing_changed.emit()
        self.saved.emit(ref)

    def discard(self) -> None:
        """Take back what was typed, with a way to have it again."""
        desk, shown = self._desk, self._shown
        values = self._form.edits.values()
        self._form.restore_all()
        self.keep_draft()
        if desk is not None and shown is not None and values:
            ref = shown.record.ref
            words = self.tr("What you typed was taken back")
            desk.tell(words, icon="history", action=self.tr("Undo"), call=lambda: self._type_again(ref, values))

    def _type_again(self, ref: RecordRef, values: Mapping[str, Any]) -> None:
        shown = self._shown
        if shown is None or shown.record.ref != ref:
            desk = self._desk
            if desk is not None and desk.records is not None:
                desk.ask(desk, lambda: desk.records.keep_draft(ref, values), lambda _nothing: None)
            return
        self._form.edits.take_draft(values)
        self._form.show_again()
        self._edited()

    # What stands at the fields and above them

    def _acted(self, name: str, key: str) -> None:
        field = self._form.edits.field(name)
        desk, shown = self._desk, self._shown
        if desk is None or shown is None:
            return
        if key == "undo" and field is not None and field.pending is not None:
            desk.undo((field.pending.seq,))
        elif key == "decide":
            desk.decide_wanted.emit(shown.record.ref)
        elif key in ("mine", "theirs") and field is not None and field.conflict_id is not None:
            self._resolve(field.conflict_id, key)
        elif key == "open":
            self.open_wanted.emit(shown.record.ref)
        elif key.startswith("rule:"):
            self._set_rule(name, FieldRule(key.removeprefix("rule:")))

    def _resolve(self, conflict_id: int, choice: str) -> None:
        desk = self._desk
        if desk is None or desk.push is None:
            return
        push = desk.push

        def here(answer: Any) -> None:
            desk.spread(answer[1])
            desk.push_soon()

        desk.ask(self, lambda: push.resolve(conflict_id, choice), here)

    def _set_rule(self, name: str, rule: FieldRule) -> None:
        desk, shown = self._desk, self._shown
        if desk is None or shown is None:
            return
        records, ref = desk.records, shown.record.ref

        def here(_nothing: object) -> None:
            desk.spread(Changes({ref.object: frozenset({ref.id})}))
            desk.tell(edit_words.rule_set(rule))

        desk.ask(self, lambda: records.set_field_rule(ref.object, name, rule), here)

    def _bar_used(self, key: str) -> None:
        desk, shown = self._desk, self._shown
        if desk is None or shown is None:
            return
        if key == "decide":
            desk.decide_wanted.emit(shown.record.ref)
        elif key == "undo-all":
            desk.undo(shown.record.ref)

    def _word(self) -> None:
        shown = self._shown
        edits = self._form.edits
        faults = sum(name in self._form.faults() for name in edits.names())
        self._save_bar.show_count(len(edits.names()) if shown is not None else 0, faults)
        self._bar.show_text(self._bar_text(shown))

    def _bar_text(self, shown: ShownRecord | None) -> BarText | None:
        if self._refused is not None:
            said = errors.words(self._refused)
            return BarText("bad", "alert", f"{said.title} {said.remedy}".strip())
        if shown is None or shown.form is None:
            return None
        fields = shown.form.fields
        conflicts = [field for field in fields if field.conflict_id is not None]
        refused = [f for f in fields if f.pending is not None and f.pending.state == "needs-user"]
        if conflicts:
            names = ", ".join(field.label for field in conflicts[:3])
            words = self.tr("Also changed in Salesforce: {fields}. Both values are kept until you decide.")
            return BarText("warn", "alert", words.format(fields=names), (("decide", self.tr("Decide")),))
        if refused:
            told = next((f.pending.error_text for f in refused if f.pending is not None and f.pending.error_text), None)
            words = self.tr("Salesforce refused this change. Mend the field, or take the change back.")
            if told is not None:
                words = self.tr("Salesforce refused this change: “{words}”").format(words=" ".join(told.split())[:200])
            return BarText(
                "bad", "alert", words, (("decide", self.tr("Look at it")), ("undo-all", self.tr("Take it back")))
            )
        if is_temporary_id(shown.record.ref.id):
            return BarText("accent", "pending", self.tr("Made here, not in Salesforce yet."))
        if not shown.form.can_edit and shown.form.reason in (ReadOnly.RECORD_CONVERTED, ReadOnly.RECORD_DELETED):
            return BarText("accent", "lock", edit_words.reason(shown.form.reason))
        return None

    # Look-ups

    def _lookup_editor(self, field: FormField, value: Any, label: str, parent: QWidget) -> FieldEditor:
        desk, shown = self._desk, self._shown
        object_name = shown.record.ref.object if shown is not None else ""

        def search(text: str, here: Any) -> None:
            if desk is not None and desk.records is not None:
                desk.lookup(self, object_name, field.name, text, here)

        return LookupEditor(field, value, label, search, parent)
