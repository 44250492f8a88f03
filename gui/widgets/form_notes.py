"""`FormNotes`: what stands below the fields of a form: faults, newer values, what waits, conflicts. GUI thread.

The half of `RecordForm` that speaks: it gathers what is to be said about each field and says it once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.model.refs import is_temporary_id
from gui.text import edit_words
from gui.text.edit_words import Note
from gui.text.field_values import shown
from gui.widgets.field_notes import FieldNotes
from gui.widgets.form_surface import FormSurface

if TYPE_CHECKING:
    from core.api.records import FormField, PendingField

# What is sent within seconds is marked and no more: words would come and go under the eyes.
_QUIET_SECONDS = 30.0


def _on_its_way(field: FormField) -> bool:
    entry = field.pending
    if entry is None or entry.state not in ("pending", "sending"):
        return False
    return (datetime.now(UTC) - entry.since).total_seconds() < _QUIET_SECONDS


class FormNotes(FormSurface):
    """`note_used` carries a field's name and the key of the action used in its note."""

    note_used = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told: dict[str, Note] = {}
        self._extra: Mapping[str, Sequence[Note]] = {}
        self._zone: tzinfo = UTC

    def set_extra_notes(self, notes: Mapping[str, Sequence[Note]]) -> None:
        """What others have to say about fields: conflicts with who and when, refusals in Salesforce's words."""
        self._extra = notes
        self.refresh_notes()

    def show_faults(self, faults: Mapping[str, str]) -> None:
        """What is wrong with the typed values, in sentences by field."""
        self._faults = dict(faults)
        self.refresh_notes()

    def faults(self) -> dict[str, str]:
        return dict(self._faults)

    # Notes

    def _tell(self, name: str, note: Note) -> None:
        self._told = {name: note}
        self.refresh_notes()

    def notes_of(self, name: str) -> tuple[Note, ...]:
        """Everything that is said about a field at the moment."""
        field = self.edits.field(name)
        notes: list[Note] = []
        if name in self._faults:
            notes.append(Note("bad", self._faults[name]))
        arrived = self.edits.arrived(name)
        if arrived is not None:
            record = self._record
            notes.append(edit_words.arrived_note(arrived.display, record))
        notes.extend(self._extra.get(name, ()))
        entry = field.pending if field is not None else None
        if field is not None and entry is not None and name not in self._extra and not _on_its_way(field):
            before = self._text_of(field, entry.base)
            if self._concerns_all(entry):
                # Said once, above the record.
                pass
            elif field.conflict_id is not None:
                notes.append(edit_words.conflict_note(before, self._text_of(field, entry.server)))
            else:
                notes.append(edit_words.pending_note(field, before))
        if name in self._told:
            notes.append(self._told[name])
        return tuple(notes)

    def _concerns_all(self, entry: PendingField) -> bool:
        """Whether what Salesforce said is about the record: a new one, or the same words for several fields."""
        record = self._record
        if record is not None and is_temporary_id(record.ref.id):
            return True
        fields = self._form.fields if self._form is not None else ()
        told = [f for f in fields if f.pending is not None and f.pending.error_text == entry.error_text]
        return bool(entry.error_text) and len(told) > 1

    def _text_of(self, field: FormField, value: Any) -> str:
        labels = {choice.value: choice.label for choice in field.choices}
        return shown(field.type, value, self._zone, scale=field.scale, labels=labels)

    def refresh_notes(self) -> None:
        """Say what is to be said, at each field."""
        moved = False
        for cell in self._cells():
            notes = self.notes_of(cell.field.name)
            if not notes and cell.notes is None:
                continue
            moved = True
            if not notes and cell.notes is not None:
                cell.notes.hide()
                cell.notes.deleteLater()
                cell.notes = None
                continue
            if cell.notes is None:
                made = FieldNotes(self)
                name = cell.field.name
                made.acted.connect(lambda key, name=name: self.note_used.emit(name, key))
                cell.notes = made
                made.show()
            if isinstance(cell.notes, FieldNotes):
                cell.notes.show_notes(notes)
        if moved:
            self._place()
