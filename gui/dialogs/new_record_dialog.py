"""`NewRecordDialog`: a record is made: required fields first, duplicates shown, and what will follow. GUI thread.

The form is the record page's own, so every field is written the same way. What was typed is kept as a draft when the
dialog is left, and is here again when the next one is opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from core.api.browse import RecordView
from core.api.records import CreateOptions
from core.model.errors import OrgMirrorError
from core.model.refs import RecordRef
from gui.desktop.theme import Space
from gui.dialogs.act_dialog import ActDialog
from gui.models.edit_desk import EditDesk
from gui.text import edit_words
from gui.text.field_values import is_blank, is_true
from gui.widgets.field_editors import FieldEditor
from gui.widgets.label import Label
from gui.widgets.link_button import LinkButton
from gui.widgets.lookup_editor import LookupEditor
from gui.widgets.record_form import RecordForm

if TYPE_CHECKING:
    from core.api.records import DuplicateHit, FormField, FormView

_LOOK_MS = 350
_DRAFT_MS = 600
_MOST = 4


class NewRecordDialog(ActDialog):
    """`made` carries the RecordRef of the new record (a temporary id), `record_wanted` that of a duplicate."""

    made = Signal(object)
    record_wanted = Signal(object)

    def __init__(
        self,
        desk: EditDesk,
        object_name: str,
        label: str,
        *,
        zone: tzinfo = UTC,
        values: dict[str, Any] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(desk, parent, width=640)
        self._object = object_name
        self._label = label
        self._zone = zone
        self._given = dict(values or {})
        self._view: FormView | None = None
        self._asked = 0
        self._done = False
        self._ref = RecordRef(object_name, "")
        self.types = QComboBox(self)
        self.types.setObjectName("newRecordType")
        self.types.hide()
        self.form = RecordForm()
        self.form.lookup = self._lookup
        self.form.shows_blanks = True
        self._area = QScrollArea(self)
        self._area.setObjectName("newRecordScroll")
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self.form)
        self._area.setMinimumHeight(260)
        self._duplicates = QFrame(self)
        self._duplicates.setObjectName("newDuplicates")
        self._duplicates.setProperty("area", "note-warn")
        self._duplicate_box = QVBoxLayout(self._duplicates)
        self._duplicate_box.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        self._duplicate_box.setSpacing(2)
        self._duplicates.hide()
        self.rules = QCheckBox(self)
        self.rules.setObjectName("newAssignmentRules")
        self.rules.setVisible(object_name == "Lead")
        self.notify = QCheckBox(self)
        self.notify.setObjectName("newNotifyOwner")
        self.anyway = QCheckBox(self)
        self.anyway.setObjectName("newAllowDuplicates")
        self.anyway.hide()
        self.steps = Label("small", self, wrap=True, name="newSteps")
        options = QHBoxLayout()
        options.setSpacing(Space.L)
        options.addWidget(self.rules)
        options.addWidget(self.notify)
        options.addStretch(1)
        self.body.addWidget(self.types)
        self.body.addWidget(self._area, 1)
        self.body.addWidget(self._duplicates)
        self.body.addWidget(self.anyway)
        self.body.addLayout(options)
        self.body.addWidget(self.steps)
        self._look_soon = self._timer(_LOOK_MS, self._look)
        self._draft_soon = self._timer(_DRAFT_MS, self._keep)
        self.form.edited.connect(self._edited)
        self.form.save_wanted.connect(self.act_button.click)
        self.form.reached.connect(self._bring_into_view)
        self.rules.toggled.connect(lambda _on: self._word_steps())
        self.types.activated.connect(lambda _row: self._read(self.types.currentData()))
        self.retranslate()
        self.resize(680, 680)
        self._read(None)

    def _timer(self, milliseconds: int, call: Any) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(milliseconds)
        made.timeout.connect(call)
        return made

    def retranslate(self) -> None:
        self.say(self.tr("New {object}").format(object=self._label), "", self.tr("Create"))
        self.rules.setText(self.tr("Let assignment rules choose the owner"))
        self.notify.setText(self.tr("E-mail the owner"))
        self.anyway.setText(self.tr("Create it in spite of the records above"))
        self.types.setAccessibleName(self.tr("Record type"))
        self._word_steps()

    def _word_steps(self) -> None:
        steps = [
            self.tr("Kept here at once, also offline."),
            self.tr("Sent when online; Salesforce checks its own rules and duplicates then."),
        ]
        if self.rules.isChecked():
            steps.append(self.tr("Salesforce's assignment rules choose the owner."))
        self.steps.setText("  ".join(f"{at}. {step}" for at, step in enumerate(steps, start=1)))

    # The form

    def _read(self, record_type: str | None) -> None:
        records, object_name = self.desk.records, self._object

        def here(view: FormView) -> None:
            self._show(view, record_type)

        self.desk.ask(self, lambda: records.form(object_name, None, record_type), here, self.failed)

    def _show(self, view: FormView, record_type: str | None) -> None:
        first = self._view is None
        view = _writable(view)
        self._view = view
        if not view.can_edit:
            self.tell(edit_words.reason(view.reason))
            self.allow(False)
        if first:
            for choice in view.record_types:
                self.types.addItem(choice.label, choice.value)
            self.types.setVisible(len(view.record_types) > 1)
        self.types.setCurrentIndex(max(0, self.types.findData(record_type or view.record_type)))
        record = RecordView(self._ref, 0, view.label, view.title, "", ())
        self.form.show_form(record, view, self._zone, show_empty=True)
        if first:
            self.form.edits.take_draft({**(view.draft or {}), **self._given})
            self.form.show_form(record, view, self._zone, show_empty=True)
            start = next((f.name for f in view.fields if f.required and f.editable and is_blank(f.value)), None)
            start = start or self.form.next_editable("", 1)
            if start is not None:
                self.form.begin_edit(start)
        self._edited()

    def values(self) -> dict[str, Any]:
        """The defaults with what was typed over them."""
        view = self._view
        kept = {}
        if view is not None:
            # A box that is not ticked needs no word: Salesforce's own default says the same.
            given = [f for f in view.fields if f.editable and not is_blank(f.value)]
            kept = {f.name: f.value for f in given if f.type != "boolean" or is_true(f.value)}
        return {**kept, **self._given, **self.form.edits.values()}

    def _bring_into_view(self, area: QRect) -> None:
        self._area.ensureVisible(area.center().x(), area.bottom(), 0, Space.L)
        self._area.ensureVisible(area.center().x(), area.top(), 0, Space.L)

    def _lookup(self, field: FormField, value: Any, label: str, parent: QWidget) -> FieldEditor:
        return LookupEditor(
            field,
            value,
            label,
            lambda text, here: self.desk.lookup(self, self._object, field.name, text, here),
            parent,
        )

    # While typing

    def _edited(self) -> None:
        self.form.look_at(0, self._area.viewport().height() * 2)
        self._look_soon.start()
        self._draft_soon.start()

    def _keep(self) -> None:
        records, ref, values = self.desk.records, self._ref, self.form.draft_values()
        if self._done:
            return
        work = (lambda: records.keep_draft(ref, values)) if values else (lambda: records.drop_draft(ref))
        self.desk.ask(self.desk, work, lambda _nothing: None)

    def _look(self) -> None:
        records, object_name, values = self.desk.records, self._object, self.values()
        self._asked += 1
        asked = self._asked
        if not self.form.edits:
            return

        def here(found: Sequence[DuplicateHit]) -> None:
            if asked == self._asked:
                self._show_duplicates(found)

        self.desk.ask(self, lambda: records.local_duplicates(object_name, values), here, lambda _error: here(()))

    def _show_duplicates(self, found: Sequence[DuplicateHit]) -> None:
        while self._duplicate_box.count():
            item = self._duplicate_box.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        self._duplicates.setVisible(bool(found))
        if not found:
            return
        title = Label("strong", self._duplicates)
        title.setText(self.tr("Perhaps here already"))
        self._duplicate_box.addWidget(title)
        for hit in found[:_MOST]:
            words = hit.title if not hit.subtitle else f"{hit.title} · {hit.subtitle}"
            link = LinkButton(self._duplicates, text=words)
            link.setObjectName("newDuplicate")
            link.clicked.connect(lambda _checked=False, ref=hit.ref: self.record_wanted.emit(ref))
            self._duplicate_box.addWidget(link)

    # Making it

    def act(self) -> None:
        if not self.form.end_edit():
            return
        records, object_name, values = self.desk.records, self._object, self.values()
        options = CreateOptions(self.rules.isChecked(), self.anyway.isChecked(), self.notify.isChecked())

        def work() -> Any:
            faults = tuple(records.check(object_name, None, values))
            return (faults, None) if faults else ((), records.create(object_name, values, options))

        def done(answer: Any) -> None:
            faults, act = answer
            if act is None:
                self._take_faults(faults)
                return
            self._finished(act)

        self.run(work, done)

    def failed(self, error: OrgMirrorError) -> None:
        super().failed(error)
        faults = getattr(error, "faults", ())
        if faults:
            self.tell("")
            self._take_faults(faults)

    def _take_faults(self, faults: Sequence[Any]) -> None:
        said = {fault.field: edit_words.fault(fault) for fault in reversed(tuple(faults))}
        self.form.show_faults(said)
        elsewhere = [words for name, words in said.items() if self.form.edits.field(name) is None]
        self.tell("\n".join(elsewhere))
        first = next((fault.field for fault in faults if self.form.edits.field(fault.field) is not None), None)
        if first is not None:
            self.form.begin_edit(first)
            self.form.show_faults(said)

    def _finished(self, act: Any) -> None:
        self._done = True
        self._draft_soon.stop()
        records, ref = self.desk.records, self._ref
        self.desk.ask(self.desk, lambda: records.drop_draft(ref), lambda _nothing: None)
        self.desk.announce(act)
        if act.refs:
            self.made.emit(act.refs[0])
        self.accept()

    def reject(self) -> None:
        if not self._done and self._view is not None:
            self.form.end_edit()
            self._draft_soon.stop()
            self._keep()
            if self.form.edits:
                self.desk.tell(self.tr("Kept as a draft"), icon="edit")
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.reject()
        super().closeEvent(event)


def _writable(view: FormView) -> FormView:
    """The form with what can be set alone: a new record has nothing else to show."""
    sections = []
    for section in view.sections:
        rows = tuple(tuple(field for field in row if field is not None and field.editable) for row in section.rows)
        rows = tuple(row for row in rows if row)
        if rows:
            sections.append(replace(section, rows=rows))
    return replace(view, sections=tuple(sections))
