"""`BulkEditDialog`: one field of many records, with what will change before it does. GUI thread, not modal.

The fields offered are those of the first record's form; a record that cannot take the value is named with the reason
and left out. An owner is changed here, too: active users, and queues for leads only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QCheckBox, QComboBox, QCompleter, QFormLayout, QVBoxLayout, QWidget

from core.model.refs import RecordRef
from gui.desktop.theme import Space
from gui.dialogs.act_dialog import ActDialog
from gui.models.edit_desk import EditDesk
from gui.models.line_model import LineColumn, LineModel
from gui.text import edit_words, numbers
from gui.text.field_values import BadValue
from gui.widgets.field_editors import FieldEditor, make_editor
from gui.widgets.label import Label
from gui.widgets.line_table import LineTable
from gui.widgets.lookup_editor import LookupEditor

if TYPE_CHECKING:
    from core.api.records import FormField, FormView, PreviewLine

_PREVIEW_MS = 250
_SHOWN = 500


class BulkEditDialog(ActDialog):
    """`field` is the one chosen at first."""

    def __init__(
        self,
        desk: EditDesk,
        refs: Sequence[RecordRef],
        *,
        field: str | None = None,
        zone: tzinfo = UTC,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(desk, parent, width=680)
        self._refs = tuple(refs)
        self._wanted = field
        self._zone = zone
        self._form: FormView | None = None
        self._asked = 0
        self._lines: tuple[PreviewLine, ...] = ()
        self.editor: FieldEditor | None = None
        self.fields = QComboBox(self)
        self.fields.setObjectName("bulkField")
        self.fields.setEditable(True)
        self.fields.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        completer = self.fields.completer()
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self._slot = QVBoxLayout()
        self._field_label, self._value_label = self.caption(), self.caption()
        self.clear_value = QCheckBox(self)
        self.clear_value.setObjectName("bulkClear")
        rows = QFormLayout()
        rows.setVerticalSpacing(Space.S)
        rows.addRow(self._field_label, self.fields)
        rows.addRow(self._value_label, self._slot)
        rows.addRow("", self.clear_value)
        self.body.addLayout(rows)
        self.summary = Label("strong", self, wrap=True, name="bulkSummary")
        self.body.addWidget(self.summary)
        self.lines: LineModel[PreviewLine] = LineModel(self._columns(), lambda line: (line.ref, line.field), self)
        self.table: LineTable[PreviewLine] = LineTable(self.lines, self, name="bulkPreview", sortable=False)
        self.table.setMinimumHeight(200)
        self.body.addWidget(self.table, 1)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_PREVIEW_MS)
        self._soon.timeout.connect(self._preview)
        self.fields.activated.connect(lambda _row: self._choose())
        self.clear_value.toggled.connect(self._cleared)
        self.allow(False)
        self.retranslate()
        self.resize(720, 560)
        records, first = desk.records, self._refs[0]
        desk.ask(self, lambda: records.form(first.object, first.id), self._form_here, self.failed)

    def _columns(self) -> tuple[LineColumn[PreviewLine], ...]:
        return (
            LineColumn("record", lambda: self.tr("Record"), lambda line: line.title, width=200, strong=True),
            LineColumn("before", lambda: self.tr("Before"), lambda line: line.before or "–", width=160),
            LineColumn(
                "after",
                lambda: self.tr("After"),
                lambda line: edit_words.fault(line.fault) if line.fault is not None else line.after or "–",
                width=160,
                stretch=True,
                role=lambda line: "bad" if line.fault is not None else "text",
                tip=lambda line: edit_words.fault(line.fault) if line.fault is not None else line.after,
            ),
        )

    def retranslate(self) -> None:
        count = numbers.number(len(self._refs))
        self.say(
            self.tr("Edit {count} records").format(count=count),
            self.tr("Nothing changes until you have seen what will."),
            self.tr("Change"),
        )
        self._field_label.setText(self.tr("Field"))
        self._value_label.setText(self.tr("New value"))
        self.clear_value.setText(self.tr("Empty the field"))
        self.fields.setAccessibleName(self.tr("Field"))
        self.table.setAccessibleName(self.tr("What will change"))
        self.lines.refresh_words()

    def _form_here(self, form: FormView) -> None:
        self._form = form
        for field in sorted(form.fields, key=lambda field: field.label.casefold()):
            if field.editable and self.fields.findData(field.name) < 0:
                self.fields.addItem(field.label, field.name)
        if not form.can_edit or not self.fields.count():
            self.tell(edit_words.reason(form.reason))
            return
        wanted = self.fields.findData(self._wanted) if self._wanted else -1
        self.fields.setCurrentIndex(wanted)
        if wanted >= 0:
            self._choose()
        else:
            self.fields.setEditText("")
            self.fields.lineEdit().setPlaceholderText(self.tr("Find a field"))
            self.fields.setFocus()

    def _choose(self) -> None:
        field = self._field()
        if field is None:
            return
        if self.editor is not None:
            self._slot.removeWidget(self.editor)
            self.editor.hide()
            self.editor.deleteLater()
        control = self._form.field(field.controller) if self._form is not None and field.controller else None
        value = False if field.type == "boolean" else None
        self.editor = make_editor(
            field, value, "", self._zone, control.value if control is not None else None, self._lookup, self
        )
        self.editor.changed.connect(self._changed)
        self.editor.cancelled.connect(self.reject)
        self.editor.save_wanted.connect(self.act_button.click)
        self.editor.committed.connect(lambda _step: self._soon.start(0))
        self._slot.addWidget(self.editor)
        self.clear_value.setEnabled(not field.required and field.type != "boolean")
        self.clear_value.setChecked(False)
        self.lines.set_lines(())
        self.summary.setText("")
        self.allow(False)
        self.editor.begin()
        if field.type == "boolean":
            self._soon.start()

    def _field(self) -> FormField | None:
        name = self.fields.currentData()
        return self._form.field(str(name)) if self._form is not None and name else None

    def _lookup(self, field: FormField, value: Any, label: str, parent: QWidget) -> FieldEditor:
        object_name = self._refs[0].object
        return LookupEditor(
            field,
            value,
            label,
            lambda text, here: self.desk.lookup(self, object_name, field.name, text, here),
            parent,
        )

    def _changed(self) -> None:
        self.clear_value.setChecked(False)
        self._soon.start()

    def _cleared(self, on: bool) -> None:
        if self.editor is not None:
            self.editor.setEnabled(not on)
        if on:
            self._soon.start()

    def _values(self) -> dict[str, Any] | None:
        field, editor = self._field(), self.editor
        if field is None or editor is None:
            return None
        if self.clear_value.isChecked():
            return {field.name: None}
        try:
            value = editor.value()
        except BadValue as problem:
            self.tell(str(problem))
            return None
        return {field.name: value} if value is not None else None

    def _preview(self) -> None:
        self.tell("")
        values, records, refs = self._values(), self.desk.records, self._refs
        self._asked += 1
        asked = self._asked
        if values is None:
            self._take(())
            return

        def here(lines: Sequence[PreviewLine]) -> None:
            if asked == self._asked:
                self._take(tuple(lines))

        self.desk.ask(self, lambda: records.preview(refs, values), here, self.failed)

    def _take(self, lines: tuple[PreviewLine, ...]) -> None:
        self._lines = lines
        self.lines.set_lines(lines[:_SHOWN])
        wrong = {line.ref for line in lines if line.fault is not None}
        good = {line.ref for line in lines if line.fault is None} - wrong
        same = len(self._refs) - len(good) - len(wrong)
        parts = [self.tr("{count} will change").format(count=numbers.number(len(good)))]
        if same:
            parts.append(self.tr("{count} have this value already").format(count=numbers.number(same)))
        if wrong:
            parts.append(
                self.tr("{count} cannot take it and stay as they are").format(count=numbers.number(len(wrong)))
            )
        self.summary.setText(" · ".join(parts) if lines or self._values() is not None else "")
        if good:
            self.act_button.setText(self.tr("Change {count} records").format(count=numbers.number(len(good))))
        self.allow(bool(good))

    def act(self) -> None:
        values, records, refs = self._values(), self.desk.records, self._refs
        if values is None:
            return

        def done(act: Any) -> None:
            self.desk.announce(act)
            self.accept()

        self.run(lambda: records.edit_many(refs, values), done)
