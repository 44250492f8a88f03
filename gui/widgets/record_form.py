"""`RecordForm`: a record's sheet that is read and written in the same place. GUI thread, inside the record's pane.

A field becomes an editor when it is clicked, or by F2, E or Enter on it; only the field being written has an editor.
What is typed is kept in `FormEdits` until Save; what Salesforce changes meanwhile is told beside the field and touches
nothing typed. The form says what a person wants by signals; it never writes anything itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from core.api.browse import FieldGroup, FieldView, Section
from core.model.forms import FieldRule
from gui.text import edit_words
from gui.text.edit_words import Note
from gui.text.field_values import BadValue, is_true, same, shown
from gui.widgets.field_editors import FieldEditor, LookupEditorMaker, make_editor
from gui.widgets.field_menu import FieldMenu
from gui.widgets.form_notes import FormNotes

if TYPE_CHECKING:
    from core.api.browse import RecordView
    from core.api.records import FormField, FormView

# How often a button that is held down is looked at.
_PRESSED_MS = 30


def _in_place_of(old: FormView | None, new: FormView | None) -> FormView | None:
    """The new values where the old ones stood: a page layout that comes while a person types moves nothing."""
    if old is None or new is None or [f.name for f in old.fields] == [f.name for f in new.fields]:
        return new
    sections = []
    for section in old.sections:
        rows = tuple(
            tuple(None if field is None else (new.field(field.name) or field) for field in row) for row in section.rows
        )
        sections.append(replace(section, rows=rows))
    return replace(new, sections=tuple(sections), from_layout=old.from_layout)


class RecordForm(FormNotes):
    """`edited`: something was typed or taken back. `acted` carries a field's name and the key of a note's action."""

    edited = Signal()
    typing = Signal()  # letters go into the open editor
    save_wanted = Signal()
    acted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lookup: LookupEditorMaker | None = None
        self._editor: FieldEditor | None = None
        self._closing = False
        self.field_wanted.connect(self.begin_edit)
        self.note_used.connect(self._note_used)
        self.flip_wanted.connect(self._flip)
        self.save_by_key_wanted.connect(self._save_by_key)

    # Content

    def show_form(self, record: RecordView, form: FormView | None, zone: tzinfo, *, show_empty: bool) -> None:
        """Show a record; `form` says what of it can be written, None that nothing can."""
        again = self._record is not None and self._record.ref == record.ref
        going_on = self._editing() if again else None
        if not again:
            self.drop_editor()
            self._faults.clear()
            self._told.clear()
            self._cursor = None
        if self._form is not None and form is not None and self._form.can_edit != form.can_edit:
            # What was said about that is over: it was opened for editing, or closed.
            self._told.clear()
        if again and (going_on is not None or self.edits):
            form = _in_place_of(self._form, form)
        self._form, self._zone = form, zone
        self.edits.take_fields(self._form_fields(), same_record=again)
        if going_on is not None and self.edits.field(going_on) is None:
            self.drop_editor()
            going_on = None
        editor = self._editor
        self.show_record(record, show_empty=show_empty)
        if going_on is not None and editor is not None:
            self._put_editor(going_on, editor)
        self.refresh_notes()

    def _form_fields(self) -> list[FormField]:
        if self._form is None:
            return []
        return list(self._form.fields)

    def _grouped(self, record: RecordView) -> tuple[FieldGroup, ...]:
        form = self._form
        if form is None:
            return record.groups
        groups = []
        seen = set()
        for section in form.sections:
            views = []
            for row in section.rows:
                for field in row:
                    if field is not None and field.name not in seen:
                        seen.add(field.name)
                        views.append(self._view_of(field, record))
            groups.append(FieldGroup(Section.DETAILS, section.title, tuple(views)))
        rest = tuple(f for group in record.groups for f in group.fields if f.name not in seen)
        if rest and self.shows_rest:
            groups.append(FieldGroup(Section.SYSTEM, self.tr("Not on the page layout"), rest))
        return tuple(groups)

    shows_rest = False

    def hidden_count(self, record: RecordView) -> int:
        """How many fields of the record are not on the layout."""
        known = {field.name for field in self._form_fields()}
        return sum(f.name not in known for group in record.groups for f in group.fields)

    def _view_of(self, field: FormField, record: RecordView) -> FieldView:
        view = record.field(field.name)
        if view is None:
            view = FieldView(
                field.name, field.label, field.type, field.display, field.value, help=field.help, html=field.html
            )
        elif view.label != field.label:
            view = replace(view, label=field.label)
        typed = self.edits.typed(field.name)
        if field.type == "boolean":
            # A box, so that "no" can be seen and clicked, not only "yes".
            value = typed.value if typed is not None else field.value
            return replace(view, display="☑" if is_true(value) else "☐", raw=value)
        if typed is None:
            return view
        labels = {choice.value: choice.label for choice in field.choices}
        display = typed.label or shown(field.type, typed.value, self._zone, scale=field.scale, labels=labels)
        return replace(view, display=display, raw=typed.value, link=None, link_label=None, link_state=None)

    def _keeps(self, name: str) -> bool:
        form = self._form
        if form is None:
            return False
        field = self.edits.field(name)
        return field is not None and (
            form.from_layout or field.required or field.pending is not None or self.edits.typed(name) is not None
        )

    # Editing

    def _editing(self) -> str | None:
        return self._editor.field.name if self._editor is not None else None

    @property
    def editing(self) -> str | None:
        """The field that is open for writing."""
        return self._editing()

    @property
    def editor(self) -> FieldEditor | None:
        return self._editor

    def begin_edit(self, name: str, text: str | None = None) -> bool:
        """Open a field for writing; False (and the reason beside the field) where that cannot be."""
        if self._editor is not None and not self.end_edit():
            return False
        field = self.edits.field(name)
        cell = self._cell(name)
        if field is None or cell is None:
            if self._form is not None and cell is not None:
                self._tell(name, Note("small", self.tr("This field cannot be edited here.")))
            return False
        self.set_cursor(name)
        form = self._form
        reason = field.reason if not field.editable else None
        if form is not None and not form.can_edit:
            reason = form.reason or field.reason
        if reason is not None or not field.editable:
            self._tell(name, edit_words.reason_note(reason))
            return False
        self._told.clear()
        control = self.edits.value(field.controller) if field.controller else None
        typed = self.edits.typed(name)
        label = typed.label if typed is not None else field.display
        value = self.edits.value(name)
        editor = make_editor(field, value, label, self._zone, control, self.lookup, self)
        editor.committed.connect(self._committed)
        editor.cancelled.connect(self.cancel_edit)
        editor.left.connect(self._left)
        editor.save_wanted.connect(self._save_by_key)
        editor.changed.connect(self._typing)
        self._put_editor(name, editor)
        editor.begin(text)
        self.refresh_notes()
        self.reached.emit(cell.caption.united(cell.area))
        return True

    def _put_editor(self, name: str, editor: FieldEditor) -> None:
        cell = self._cell(name)
        if cell is None:
            self.drop_editor()
            return
        if cell.widget is not None:
            widget = cell.widget
            self._put_back(cell)
            widget.hide()
        self._editor = editor
        cell.editor = editor
        self._place()
        editor.show()

    def end_edit(self) -> bool:
        """Keep what stands in the editor; False where that is no value, and then the editor stays."""
        editor = self._editor
        if editor is None:
            return True
        name = editor.field.name
        try:
            value = editor.value()
        except BadValue as problem:
            editor.show_fault(True)
            self._faults[name] = str(problem)
            self.refresh_notes()
            return False
        self._faults.pop(name, None)
        changed = self.edits.put(name, value, editor.label())
        self.drop_editor()
        self.show_again()
        if changed:
            self.edited.emit()
        return True

    def cancel_edit(self) -> None:
        """Esc: what stood in the field before comes back."""
        editor = self._editor
        if editor is None:
            return
        self._faults.pop(editor.field.name, None)
        self.drop_editor()
        self.show_again()
        self.typing.emit()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def drop_editor(self) -> None:
        """Close the editor without keeping anything."""
        editor, self._editor = self._editor, None
        if editor is None:
            return
        cell = next((c for c in self._cells() if c.editor is editor), None)
        if cell is not None:
            cell.editor = None
            cell.height = None
        self._closing = True
        editor.hide()
        editor.deleteLater()
        self._closing = False

    def restore(self, name: str) -> None:
        """Take the typed value of one field back."""
        self.edits.restore(name)
        self._faults.pop(name, None)
        self.show_again()
        self.edited.emit()

    def take_arrived(self, name: str) -> None:
        """The value that came from Salesforce is the one wanted: what was typed goes."""
        if self._editing() == name:
            self.drop_editor()
        self.restore(name)

    def restore_all(self) -> None:
        """Nothing typed stays."""
        self.drop_editor()
        self.edits.forget()
        self._faults.clear()
        self.show_again()
        self.edited.emit()

    def show_again(self) -> None:
        """Show the record again, with what was typed."""
        record = self._record
        if record is not None:
            self.show_record(record, show_empty=self._shows_empty)
            self.refresh_notes()

    _shows_empty = False

    def show_record(self, record: RecordView, *, show_empty: bool) -> None:
        self._shows_empty = show_empty
        for cell in self._cells():
            if cell.notes is not None:
                cell.notes.hide()
                cell.notes.deleteLater()
                cell.notes = None
        super().show_record(record, show_empty=show_empty)

    def draft_values(self) -> dict[str, Any]:
        """What a draft has to keep: what was typed, and what stands in the open editor."""
        values = self.edits.values()
        editor = self._editor
        if editor is not None:
            try:
                value = editor.value()
            except BadValue:
                return values
            if not same(editor.field.type, value, editor.field.value):
                values[editor.field.name] = value
        return values

    def _typing(self) -> None:
        self.typing.emit()
        editor = self._editor
        if editor is not None and editor.field.name in self._faults:
            self._faults.pop(editor.field.name)
            editor.show_fault(False)
            self.refresh_notes()

    def _committed(self, step: int) -> None:
        name = self._editing()
        if not self.end_edit() or name is None:
            return
        following = self.next_editable(name, step) if step else None
        if following is not None:
            self.begin_edit(following)
        else:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _left(self) -> None:
        editor = self._editor
        if editor is None or self._closing or editor.holds_focus(QApplication.focusWidget()):
            return
        if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            # Closing the editor moves what is below it: whatever is being clicked stays where it is until that is done.
            QTimer.singleShot(_PRESSED_MS, self, self._left)
            return
        self.end_edit()

    def _save_by_key(self) -> None:
        if self.end_edit():
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            self.save_wanted.emit()

    def _flip(self, name: str) -> None:
        self.edits.put(name, not is_true(self.edits.value(name)))
        self.show_again()
        self.edited.emit()

    def menu_for(self, value: FieldView) -> FieldMenu:
        menu = super().menu_for(value)
        field = self.edits.field(value.name)
        if field is None:
            return menu
        menu.addSeparator()
        if field.editable and self.can_edit:
            edit = menu.addAction(self.tr("Edit (F2)"))
            edit.setObjectName("editField")
            edit.triggered.connect(lambda: self.begin_edit(value.name))
        if self.edits.typed(value.name) is not None:
            restore = menu.addAction(self.tr("Take back what was typed"))
            restore.setObjectName("restoreField")
            restore.triggered.connect(lambda: self.restore(value.name))
        elif field.pending is not None:
            undo = menu.addAction(self.tr("Undo the change"))
            undo.setObjectName("undoField")
            undo.triggered.connect(lambda: self.acted.emit(value.name, "undo"))
        rules = (
            (FieldRule.NEVER_OVERWRITE, self.tr("Never overwrite here")),
            (FieldRule.NEVER_SEND, self.tr("Never send to Salesforce")),
        )
        for rule, words in rules:
            action = menu.addAction(words)
            action.setObjectName(f"rule_{rule.value}")
            action.setCheckable(True)
            action.setChecked(field.rule is rule)
            wanted = FieldRule.NONE if field.rule is rule else rule
            action.triggered.connect(
                lambda _checked=False, wanted=wanted: self.acted.emit(value.name, f"rule:{wanted.value}")
            )
        return menu

    def _note_used(self, name: str, key: str) -> None:
        if key == "take":
            self.take_arrived(name)
        elif key == "keep":
            self.edits.put(name, self.edits.value(name))
        else:
            self.acted.emit(name, key)
