"""`ListEdits`: writing in a list: one cell in place, and what is done to all records selected. GUI thread.

Owned by the list's page. A cell opens by F2 or a second click; Enter or leaving commits it, Esc restores it, Tab goes
on to the next cell that can be written. Cells whose edit has not reached Salesforce are marked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QWidget

from core.api.browse import Lane
from core.model.changes import Changes
from core.model.errors import OrgMirrorError
from core.model.refs import RecordRef
from gui.models.answers import Answers
from gui.models.edit_desk import EditDesk
from gui.text import edit_words, errors
from gui.widgets.cell_editor import CellEditor
from gui.widgets.field_editors import FieldEditor, make_editor
from gui.widgets.lookup_editor import LookupEditor

if TYPE_CHECKING:
    from core.api.browse import BrowseApi, BrowseSession
    from core.api.records import Act, FormField, FormView
    from gui.models.record_list_model import RecordListModel
    from gui.widgets.record_table import RecordTable

# A selection beyond this is not turned into ids at a click; the push would ask before such a mass leaves anyway.
MAX_SELECTED = 50_000


class ListEdits(QObject):
    """`record_wanted` carries the RecordRef of a record that was just made or is to be looked at."""

    record_wanted = Signal(object)

    def __init__(
        self,
        browse: BrowseApi,
        desk: EditDesk | None,
        model: RecordListModel,
        table: RecordTable,
        view: str,
        page: QWidget,
    ) -> None:
        super().__init__(page)
        self._browse = browse
        self._desk = desk
        self._model = model
        self._table = table
        self._page = page
        self._view = f"{view}:edits"
        self._answers = Answers(self)
        self._zone: tzinfo = UTC
        self._open: CellEditor | None = None
        self._form: FormView | None = None
        self._ref: RecordRef | None = None
        self._at = (0, 0)
        if desk is None or not desk.can_edit:
            return
        table.edit_wanted.connect(self.begin)
        for bar in (table.verticalScrollBar(), table.horizontalScrollBar()):
            bar.valueChanged.connect(lambda _value: self._place())
        table.header.sectionResized.connect(lambda *_sizes: self._place())
        browse_view = self._view
        page.destroyed.connect(lambda: browse.forget(browse_view))

    @property
    def desk(self) -> EditDesk | None:
        return self._desk if self._desk is not None and self._desk.can_edit else None

    # Marks

    def apply_changes(self, changes: Changes) -> None:
        """An edit was made or sent: other cells are marked now."""
        if changes.outbox or changes.touches(self._model.object_name):
            self.read_marks()

    def read_marks(self) -> None:
        """Ask which cells wait to be sent."""
        desk = self.desk
        if desk is None:
            return
        records, object_name = desk.records, self._model.object_name

        def work() -> dict[str, frozenset[str]]:
            marks: dict[str, set[str]] = {}
            for entry in records.pending(object_name):
                if entry.field is not None:
                    marks.setdefault(entry.id, set()).add(entry.field)
            return {record_id: frozenset(fields) for record_id, fields in marks.items()}

        desk.ask(self, work, self._table.set_marks)

    # One cell

    def begin(self, row: int, column: int) -> None:
        """Open a cell for writing, or say why it cannot be."""
        desk = self.desk
        ref = self._model.ref(row)
        if desk is None or ref is None:
            return
        self.close()
        self._at = (row, column)
        records = desk.records

        def read(session: BrowseSession) -> tuple[FormView, tzinfo]:
            return records.form(ref.object, ref.id), session.zone

        future = self._browse.submit(Lane.QUICK, self._view, read)
        self._answers.expect("form", future, lambda found: self._here(ref, *found), self._failed)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, OrgMirrorError) and self._desk is not None:
            self._desk.tell_error(error)

    def _here(self, ref: RecordRef, form: FormView, zone: tzinfo) -> None:
        row, column = self._at
        if self._model.ref(row) != ref or column >= len(self._model.columns):
            return
        self._form, self._ref, self._zone = form, ref, zone
        field = form.field(self._model.columns[column].name)
        if field is None or not field.editable or not form.can_edit:
            reason = form.reason if not form.can_edit and form.reason else (field.reason if field is not None else None)
            label = self._model.columns[column].label
            words = self.tr("{field}: {reason}").format(field=label, reason=edit_words.reason(reason))
            if self._desk is not None:
                self._desk.tell(words, icon="lock")
            return
        self._show(field)

    def _show(self, field: FormField) -> None:
        form = self._form
        control = form.field(field.controller) if form is not None and field.controller else None
        viewport = self._table.viewport()
        editor = make_editor(
            field,
            field.value,
            field.display,
            self._zone,
            control.value if control is not None else None,
            self._lookup,
            viewport,
        )
        cell = CellEditor(editor, viewport)
        cell.committed.connect(self._commit)
        cell.cancelled.connect(self.close)
        self._open = cell
        self._place()
        cell.show()
        editor.begin()

    def _lookup(self, field: FormField, value: Any, label: str, parent: QWidget) -> FieldEditor:
        desk, object_name = self.desk, self._model.object_name

        def search(text: str, here: Any) -> None:
            if desk is not None:
                desk.lookup(self, object_name, field.name, text, here)

        return LookupEditor(field, value, label, search, parent)

    def _place(self) -> None:
        if self._open is not None:
            row, column = self._at
            self._open.place(self._table.visualRect(self._model.index(row, column)))

    def close(self) -> None:
        """Close the open cell without keeping anything."""
        cell, self._open = self._open, None
        if cell is not None:
            cell.blockSignals(True)
            cell.hide()
            cell.deleteLater()
            self._table.setFocus()

    def _commit(self, value: Any, step: int) -> None:
        desk, ref, cell = self.desk, self._ref, self._open
        if desk is None or ref is None or cell is None:
            return
        name = cell.editor.field.name
        records, values = desk.records, {name: value}

        def work() -> tuple[Any, Act | None]:
            faults = tuple(fault for fault in records.check(ref.object, ref.id, values) if fault.field == name)
            return (faults, None) if faults else ((), records.edit(ref, values))

        def here(answer: tuple[Any, Act | None]) -> None:
            faults, act = answer
            if act is None:
                if self._open is cell:
                    cell.tell(edit_words.fault(faults[0]))
                return
            if self._open is cell:
                self.close()
            # A value set to what it was is no act: nothing to undo, nothing to say.
            desk.announce(act, initiator=self, quiet=act.act_id is None)
            if step:
                self._go_on(step)

        def failed(error: OrgMirrorError) -> None:
            if self._open is cell:
                cell.tell(errors.words(error).title)
            else:
                desk.tell_error(error)

        desk.ask(self, work, here, failed)

    def _go_on(self, step: int) -> None:
        """The next column that can be written, in the order shown."""
        row, column = self._at
        header, form = self._table.header, self._form
        visual = header.visualIndex(column) + step
        while 0 <= visual < header.count():
            logical = header.logicalIndex(visual)
            field = form.field(self._model.columns[logical].name) if form is not None else None
            if field is not None and field.editable and not header.isSectionHidden(logical):
                self._table.setCurrentIndex(self._model.index(row, logical))
                self.begin(row, logical)
                return
            visual += step

    # What is done to the records selected

    def selected(self, then: Callable[[tuple[RecordRef, ...]], None]) -> None:
        """The records selected (the current one where none is), named in the background."""
        table, model = self._table, self._model
        rows: list[int] = []
        for row in table.selected_rows():
            rows.append(row)
            if len(rows) >= MAX_SELECTED:
                break
        if not rows and table.currentIndex().isValid():
            rows = [table.currentIndex().row()]
        if not rows:
            return
        om_rows = [model.om_row(row) for row in rows]
        object_name = model.object_name

        def read(session: BrowseSession) -> tuple[RecordRef, ...]:
            refs: list[RecordRef] = []
            for start in range(0, len(om_rows), 500):
                page = session.page(object_name, om_rows[start : start + 500], ("Id",))
                refs.extend(RecordRef(object_name, cells[0]) for cells in page if cells[0])
            return tuple(refs)

        lane = Lane.QUICK if len(om_rows) <= 500 else Lane.HEAVY
        future = self._browse.submit(lane, f"{self._view}:refs", read)
        self._answers.expect("refs", future, then, self._failed)

    def add_to_menu(self, menu: QMenu, row: int, column: int) -> None:
        """What can be written from a cell's menu."""
        desk = self.desk
        if desk is None:
            return
        menu.addSeparator()
        edit = menu.addAction(self.tr("Edit this value (F2)"))
        edit.setObjectName("editCell")
        edit.triggered.connect(lambda: self.begin(row, column))
