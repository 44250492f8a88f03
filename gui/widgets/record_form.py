"""`RecordForm`: a record's sheet that is read and written in the same place. GUI thread, inside the record's pane.

A field becomes an editor when it is clicked, or by F2, E or Enter on it; only the field being written has an editor.
What is typed is kept in `FormEdits` until Save; what Salesforce changes meanwhile is told beside the field and touches
nothing typed. The form says what a person wants by signals; it never writes anything itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from core.api.browse import FieldGroup, FieldView, Section
from gui.desktop import theme
from gui.models.form_edits import FormEdits
from gui.text import edit_words
from gui.text.edit_words import Note
from gui.text.field_values import BadValue, shown
from gui.widgets.field_editors import FieldEditor, LookupEditorMaker, make_editor
from gui.widgets.field_notes import FieldNotes
from gui.widgets.record_sheet import RecordSheet
from gui.widgets.record_values import ShortText
from gui.widgets.sheet_cells import SheetCell

if TYPE_CHECKING:
    from core.api.browse import RecordView
    from core.api.records import FormField, FormView

_MARK = 3
_PENCIL = 14


class RecordForm(RecordSheet):
    """`edited`: something was typed or taken back. `acted` carries a field's name and the key of a note's action."""

    edited = Signal()
    save_wanted = Signal()
    acted = Signal(str, str)
    reached = Signal(object)  # QRect of the field that is to be seen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.edits = FormEdits()
        self.lookup: LookupEditorMaker | None = None
        self._form: FormView | None = None
        self._zone: tzinfo = UTC
        self._faults: dict[str, str] = {}
        self._told: dict[str, Note] = {}
        self._extra: Mapping[str, Sequence[Note]] = {}
        self._editor: FieldEditor | None = None
        self._cursor: str | None = None
        self._hover: str | None = None
        self._pressed = QPoint()
        self._closing = False

    # Content

    def show_form(self, record: RecordView, form: FormView | None, zone: tzinfo, *, show_empty: bool) -> None:
        """Show a record; `form` says what of it can be written, None that nothing can."""
        same = self._record is not None and self._record.ref == record.ref
        going_on = self._editing() if same else None
        if not same:
            self.drop_editor()
            self._faults.clear()
            self._told.clear()
            self._cursor = None
        self._form, self._zone = form, zone
        self.edits.take_fields(self._form_fields(), same_record=same)
        if going_on is not None and self.edits.field(going_on) is None:
            self.drop_editor()
            going_on = None
        editor = self._editor
        self.show_record(record, show_empty=show_empty)
        if going_on is not None and editor is not None:
            self._put_editor(going_on, editor)
        self.refresh_notes()

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

    def _form_fields(self) -> list[FormField]:
        if self._form is None:
            return []
        return [field for section in self._form.sections for row in section.rows for field in row]

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
                    if field.name not in seen:
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
            view = FieldView(field.name, field.label, field.type, field.display, field.value, help=field.help)
        elif view.label != field.label:
            view = replace(view, label=field.label)
        typed = self.edits.typed(field.name)
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

    @property
    def can_edit(self) -> bool:
        return self._form is not None and self._form.can_edit

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
            self._tell(name, Note("small", edit_words.reason(reason, field)))
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

    def _typing(self) -> None:
        editor = self._editor
        if editor is not None and editor.field.name in self._faults:
            self._faults.pop(editor.field.name)
            editor.show_fault(False)
            self.refresh_notes()

    def _committed(self, step: int) -> None:
        name = self._editing()
        if not self.end_edit() or name is None:
            return
        following = self._next_editable(name, step) if step else None
        if following is not None:
            self.begin_edit(following)
        else:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _left(self) -> None:
        editor = self._editor
        if editor is None or self._closing or editor.holds_focus(QApplication.focusWidget()):
            return
        self.end_edit()

    def _save_by_key(self) -> None:
        if self.end_edit():
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            self.save_wanted.emit()

    def _next_editable(self, name: str, step: int) -> str | None:
        names = [cell.field.name for cell in self._cells()]
        at = names.index(name) if name in names else -1
        places = range(at + 1, len(names)) if step > 0 else range(at - 1, -1, -1)
        for place in places:
            field = self.edits.field(names[place])
            if field is not None and field.editable and self.can_edit:
                return names[place]
        return None

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
        if field is not None and field.pending is not None and name not in self._extra:
            notes.append(edit_words.pending_note(field))
        if name in self._told:
            notes.append(self._told[name])
        return tuple(notes)

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
                made.acted.connect(lambda key, name=name: self._note_used(name, key))
                cell.notes = made
                made.show()
            if isinstance(cell.notes, FieldNotes):
                cell.notes.show_notes(notes)
        if moved:
            self._place()

    def _note_used(self, name: str, key: str) -> None:
        if key == "take":
            self.take_arrived(name)
        elif key == "keep":
            self.edits.put(name, self.edits.value(name))
        else:
            self.acted.emit(name, key)

    # Cursor, keyboard and mouse

    def _cell(self, name: str) -> SheetCell | None:
        return next((cell for cell in self._cells() if cell.field.name == name), None)

    @property
    def cursor(self) -> str | None:
        """The field that the keyboard is at."""
        return self._cursor

    def set_cursor(self, name: str | None) -> None:
        """Move the keyboard's place to a field."""
        self._cursor = name
        cell = self._cell(name) if name is not None else None
        if cell is not None:
            words = self.tr("{field}: {value}").format(field=cell.label, value=cell.field.display or "–")
            self.setAccessibleDescription(words)
            self.reached.emit(cell.caption.united(cell.area))
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers()
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if control and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._save_by_key()
        elif control or modifiers & Qt.KeyboardModifier.AltModifier:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_F2, Qt.Key.Key_E, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._edit_by_key()
        elif key == Qt.Key.Key_Space and self._cursor is not None and self._is_boolean(self._cursor):
            self._flip(self._cursor)
        else:
            super().keyPressEvent(event)

    def _is_boolean(self, name: str) -> bool:
        field = self.edits.field(name)
        return field is not None and field.type == "boolean" and field.editable and self.can_edit

    def _flip(self, name: str) -> None:
        self.edits.put(name, not bool(self.edits.value(name)))
        self.show_again()
        self.edited.emit()

    def _edit_by_key(self) -> None:
        name = self._cursor
        if name is None:
            first = next((c.field.name for c in self._cells()), None)
            name = self._next_editable("", 1) or first
        if name is not None:
            self.begin_edit(name)

    def _step(self, step: int) -> None:
        names = [cell.field.name for cell in self._cells()]
        if not names:
            return
        at = names.index(self._cursor) if self._cursor in names else (-1 if step > 0 else len(names))
        self.set_cursor(names[min(max(at + step, 0), len(names) - 1)])

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._pressed = event.position().toPoint()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        spot = event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton:
            self._clicked(spot)

    def _clicked(self, spot: QPoint) -> None:
        if (spot - self._pressed).manhattanLength() > QApplication.startDragDistance():
            return
        cell = self._cell_at(spot)
        if cell is None or cell.editor is not None:
            return
        name = cell.field.name
        if self._is_boolean(name):
            self.set_cursor(name)
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self._flip(name)
        elif self._form is not None:
            self.begin_edit(name)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._set_hover(self._cell_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._set_hover(None)

    def _set_hover(self, cell: SheetCell | None) -> None:
        name = cell.field.name if cell is not None else None
        if name != self._hover:
            self._hover = name
            field = self.edits.field(name) if name is not None else None
            writable = field is not None and field.editable and self.can_edit
            self.setCursor(Qt.CursorShape.IBeamCursor if writable else Qt.CursorShape.ArrowCursor)
            self.update()

    def _take(self, kind: Any) -> Any:
        widget = super()._take(kind)
        if isinstance(widget, ShortText):
            widget.installEventFilter(self)
        return widget

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click on a text is a click on its field, unless text was marked with it."""
        if isinstance(watched, QLabel) and isinstance(event, QMouseEvent):
            spot = watched.mapTo(self, event.position().toPoint())
            if event.type() == QEvent.Type.MouseButtonPress:
                self._pressed = spot
            elif event.type() == QEvent.Type.MouseMove:
                self._set_hover(self._cell_at(spot))
            elif event.type() == QEvent.Type.MouseButtonRelease and not watched.hasSelectedText():
                if event.button() == Qt.MouseButton.LeftButton:
                    self._clicked(spot)
        return super().eventFilter(watched, event)

    # Painting

    def _paint_extra(self, painter: QPainter, cell: SheetCell, caption: QRect) -> int:
        name = cell.field.name
        tokens = theme.current()
        field = self.edits.field(name)
        rtl = self.isRightToLeft()
        area = self._mirrored(cell.area) if rtl else cell.area
        whole = caption.united(area).adjusted(-6, -3, 6, 3)
        if name == self._hover and cell.editor is None and field is not None and field.editable and self.can_edit:
            painter.fillRect(whole, QColor(tokens.surface_alt))
        role = self._mark_role(name)
        if role:
            edge = whole.right() - _MARK + 1 if rtl else whole.left()
            painter.fillRect(edge, whole.top(), _MARK, whole.height(), QColor(getattr(tokens, role)))
        if name == self._cursor and self.hasFocus() and cell.editor is None:
            painter.setPen(QPen(QColor(tokens.focus), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(whole.adjusted(0, 0, -1, -1), 4, 4)
        if name == self._hover and field is not None and cell.editor is None:
            drawing = "edit" if field.editable and self.can_edit else "lock"
            pixmap = theme.pixmap(drawing, _PENCIL, "muted", self.devicePixelRatioF())
            left = caption.left() if rtl else caption.right() - _PENCIL
            painter.drawPixmap(QPoint(left, caption.top() + (caption.height() - _PENCIL) // 2), pixmap)
            return _PENCIL + 2
        return 0

    def _mark_role(self, name: str) -> str:
        """The colour that marks a field: something is wrong, typed and not saved, or saved and not sent."""
        field = self.edits.field(name)
        if name in self._faults or (field is not None and field.conflict_id is not None):
            return "bad"
        if self.edits.typed(name) is not None:
            return "accent_fill"
        return "warn" if field is not None and field.pending is not None else ""
