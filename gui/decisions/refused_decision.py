"""Salesforce refused a change of a person: its own words, mend the value in place and send again, or take it back.

Where a duplicate rule refused, its matches are shown: open one, say that it is the same record, or save all the same
where the rule allows that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFrame, QVBoxLayout, QWidget

from core.model.changes import Changes
from core.model.errors import OrgMirrorError
from core.model.refs import RecordRef, is_temporary_id
from core.model.states import ProblemKind
from gui.decisions import problem_decision
from gui.decisions.decision import Decision, Need, NeedKind, NeedList
from gui.text import numbers
from gui.text.edit_words import shown_or_nothing
from gui.text.field_values import BadValue
from gui.widgets.field_editors import FieldEditor, make_editor
from gui.widgets.label import Label
from gui.widgets.lookup_editor import LookupEditor

if TYPE_CHECKING:
    from core.api.push import DuplicateView
    from core.api.records import FormField, FormView, PendingView
    from core.api.sync import Problem
    from core.app import Connection

KEY = "refused"
_KINDS = frozenset({ProblemKind.REFUSED, ProblemKind.CANNOT_SEND})


@dataclass(frozen=True, slots=True)
class RefusedItem:
    """What was refused: the stored problem, what of the record waits, and what a duplicate rule found."""

    problem: Problem
    entries: tuple[PendingView, ...]
    duplicates: DuplicateView | None = None
    names: tuple[tuple[str, str], ...] = ()


def takes(problem: Problem) -> bool:
    """Whether a stored problem is about an edit of a record."""
    return problem.kind in _KINDS and problem.record_id is not None


def read(connection: Connection, problems: list[Problem]) -> NeedList:
    """The refusals with their edits. Blocks: for a background operation."""
    needs = problem_decision.as_needs(connection, problems, KEY)
    records = getattr(connection, "records", None)
    if not needs or records is None:
        return [replace(need, what=RefusedItem(need.what, ())) for need in needs]
    by_record: dict[str, list[PendingView]] = {}
    for entry in records.pending():
        by_record.setdefault(entry.id, []).append(entry)
    return [_with_edits(connection, need, tuple(by_record.get(need.record_id or "", ()))) for need in needs]


def _with_edits(connection: Connection, need: Need, entries: tuple[PendingView, ...]) -> Need:
    found = connection.push.duplicates_of(entries[0].seq) if entries else None
    names: tuple[tuple[str, str], ...] = ()
    if found is not None:
        with connection.browse.session() as session:
            names = tuple((match.id, _described(session, RecordRef(match.object, match.id))) for match in found.matches)
    return replace(need, what=RefusedItem(need.what, entries, found, names))


def _described(session: Any, ref: RecordRef) -> str:
    """A record in one line that tells it from its namesakes."""
    try:
        record = session.record(ref)
    except OrgMirrorError:
        return str(session.lookup_name(ref.id) or ref.id)
    return " · ".join(part for part in (record.title, record.subtitle) if part)


class RefusedDecision(Decision):
    """Send again (R), take it back (U), open (O); of duplicates: link (L), save anyway (A)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="refusedDecision")
        self._said = QFrame(self)
        self._said.setProperty("area", "sunken")
        inside = QVBoxLayout(self._said)
        inside.setSpacing(2)
        self._said_title = Label("small", self._said)
        self._said_text = Label("soft", self._said, wrap=True, name="refusedSaid")
        self._said_text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        inside.addWidget(self._said_title)
        inside.addWidget(self._said_text)
        self.body.addWidget(self._said)
        self._edits = Label("small", self, wrap=True, name="refusedEdits")
        self.body.addWidget(self._edits)
        self._caption = Label("caption", self, name="refusedField")
        self._slot = QVBoxLayout()
        self.body.addWidget(self._caption)
        self.body.addLayout(self._slot)
        self.fields = QComboBox(self)
        self.fields.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.fields.setMinimumContentsLength(12)
        self.fields.setObjectName("refusedFields")
        self.fields.activated.connect(lambda _row: self._open_editor())
        self.body.insertWidget(2, self.fields)
        self.matches = QComboBox(self)
        self.matches.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.matches.setMinimumContentsLength(12)
        self.matches.setObjectName("refusedMatches")
        self.body.addWidget(self.matches)
        self.editor: FieldEditor | None = None
        self._form: FormView | None = None
        self._retry = self.add_act("refusedRetry", Qt.Key.Key_R, self._on_retry, primary=True, shown=self._may_retry)
        self._anyway = self.add_act("refusedAnyway", Qt.Key.Key_A, self._on_anyway, primary=True, shown=self._may_save)
        self._link = self.add_act("refusedLink", Qt.Key.Key_L, self._on_link, shown=self._may_link)
        self._match = self.add_act("refusedMatch", Qt.Key.Key_M, self._on_match, shown=self._has_matches)
        self._undo = self.add_act("refusedUndo", Qt.Key.Key_U, self._on_undo)
        self._open = self.add_act("refusedOpen", Qt.Key.Key_O, self._on_open, shown=lambda: len(self.needs) == 1)
        self.retranslate()

    @property
    def item(self) -> RefusedItem | None:
        """The refusal under the keyboard."""
        return self.need.what if self.need is not None else None

    def retranslate(self) -> None:
        many = len(self.needs)
        count = numbers.number(many)
        self._said_title.setText(self.tr("Salesforce says"))
        self.fields.setAccessibleName(self.tr("Field to mend"))
        self.matches.setAccessibleName(self.tr("Records found by the duplicate rule"))
        self.word_act(self._retry, self.tr("Send all {count} again").format(count=count) if many > 1 else self._send())
        self.word_act(self._anyway, self.tr("Save it all the same"))
        self.word_act(self._link, self.tr("It is this record"))
        self.word_act(self._match, self.tr("Open the record found"))
        undo = self.tr("Take all {count} back").format(count=count) if many > 1 else self.tr("Take my change back")
        self.word_act(self._undo, undo)
        self.word_act(self._open, self.tr("Open the record"))

    def _send(self) -> str:
        return self.tr("Send again with this value") if self.editor is not None else self.tr("Send again")

    def show_needs(self, needs: NeedList) -> None:
        super().show_needs(needs)
        need, item = needs[0], needs[0].what
        self.title.setText(f"{need.subject}: {need.title}" if len(needs) == 1 else need.title)
        said = [part for part in (need.salesforce_text or item.problem.salesforce_text, need.salesforce_code) if part]
        self._said.setVisible(bool(said))
        self._said_text.setText("\n".join(said))
        lines = [
            self.tr("{field}: {before} → {after}").format(
                field=entry.label, before=shown_or_nothing(entry.base_text), after=shown_or_nothing(entry.mine_text)
            )
            for entry in item.entries
            if entry.op == "update" and not is_temporary_id(entry.id)
        ]
        lines += [
            f"{entry.label}: {entry.mine_text}"
            for entry in item.entries
            if is_temporary_id(entry.id) and entry.mine_text
        ]
        self._edits.setText("\n".join(lines[:8]))
        self._edits.setVisible(bool(lines) and len(needs) == 1)
        self.matches.clear()
        for record_id, name in item.names:
            self.matches.addItem(name, record_id)
        self.matches.setVisible(bool(item.names) and len(needs) == 1)
        self._drop_editor()
        self._form = None
        for widget in (self.fields, self._caption):
            widget.hide()
        if len(needs) == 1 and need.ref is not None and item.duplicates is None:
            self._ask_form(need.ref)
        self.retranslate()

    # Mending in place

    def _ask_form(self, ref: RecordRef) -> None:
        session = self.session
        if session is None or session.desk.records is None:
            return
        records = session.desk.records

        def here(form: FormView) -> None:
            if self.need is not None and self.need.ref == ref:
                self._form_here(form)

        session.desk.ask(self, lambda: records.form(ref.object, ref.id), here, lambda _error: None)

    def _form_here(self, form: FormView) -> None:
        self._form = form
        item = self.item
        if item is None:
            return
        self.fields.clear()
        names = [item.problem.field, *(entry.field for entry in item.entries)]
        for name in dict.fromkeys(name for name in names if name):
            found = form.field(name)
            if found is not None and found.editable:
                self.fields.addItem(found.label, found.name)
        self.fields.setVisible(self.fields.count() > 1)
        if self.fields.count():
            self._open_editor()

    def _open_editor(self) -> None:
        form, session = self._form, self.session
        found = form.field(str(self.fields.currentData())) if form is not None else None
        if form is None or found is None or session is None:
            return
        self._drop_editor()
        control = form.field(found.controller) if found.controller else None
        self.editor = make_editor(
            found,
            found.value,
            found.display,
            session.desk.zone,
            control.value if control is not None else None,
            self._lookup,
            self,
        )
        self.editor.committed.connect(lambda _step: self._on_retry())
        self.editor.save_wanted.connect(self._on_retry)
        self._slot.addWidget(self.editor)
        self._caption.setText(found.label)
        self._caption.setVisible(self.fields.isHidden())
        self.retranslate()

    def _lookup(self, found: FormField, value: Any, label: str, parent: QWidget) -> FieldEditor:
        session, object_name = self.session, self.need.object if self.need is not None else None

        def search(text: str, here: Any) -> None:
            if session is not None and object_name:
                session.desk.lookup(self, object_name, found.name, text, here)

        return LookupEditor(found, value, label, search, parent)

    def _drop_editor(self) -> None:
        if self.editor is not None:
            self._slot.removeWidget(self.editor)
            self.editor.hide()
            self.editor.deleteLater()
            self.editor = None

    # Acts

    def _has_matches(self) -> bool:
        return len(self.needs) == 1 and self.item is not None and bool(self.item.names)

    def _may_retry(self) -> bool:
        # The same record again would meet the same duplicates.
        return len(self.needs) > 1 or self.item is None or self.item.duplicates is None

    def _may_save(self) -> bool:
        item = self.item
        return len(self.needs) == 1 and item is not None and item.duplicates is not None and item.duplicates.allow_save

    def _may_link(self) -> bool:
        need = self.need
        return self._has_matches() and need is not None and is_temporary_id(need.record_id or "")

    def _seqs(self) -> list[int]:
        return [entry.seq for need in self.needs for entry in need.what.entries]

    def _on_retry(self) -> None:
        seqs, editor, need = self._seqs(), self.editor, self.need
        ref = need.ref if need is not None else None
        values: dict[str, Any] = {}
        if editor is not None and len(self.needs) == 1:
            try:
                values = {editor.field.name: editor.value()}
            except BadValue as problem:
                self.error.setText(str(problem))
                self.error.show()
                return

        def work(connection: Connection) -> Changes:
            changes = Changes(outbox=True, problems=True)
            if values and ref is not None:
                changes = changes.merged(connection.records.edit(ref, values).changes)
            changes = changes.merged(connection.push.retry(seqs))
            connection.push.push_soon()
            return changes

        self.run(work)

    def _on_undo(self) -> None:
        seqs = self._seqs()

        def work(connection: Connection) -> Changes:
            return connection.records.undo(seqs).changes

        self.run(work)

    def _on_anyway(self) -> None:
        seqs = self._seqs()

        def work(connection: Connection) -> Changes:
            changes = connection.push.save_anyway(seqs[0])
            connection.push.push_soon()
            return changes

        if seqs:
            self.run(work)

    def _on_link(self) -> None:
        seqs, record_id = self._seqs(), str(self.matches.currentData() or "")
        if seqs and record_id:
            self.run(lambda connection: connection.push.link(seqs[0], record_id)[1])

    def _on_match(self) -> None:
        item = self.item
        if item is None or item.duplicates is None:
            return
        wanted = self.matches.currentData()
        match = next((match for match in item.duplicates.matches if match.id == wanted), None)
        if match is not None:
            self.record_wished.emit(RecordRef(match.object, match.id))

    def _on_open(self) -> None:
        ref = self.need.ref if self.need is not None else None
        if ref is not None:
            self.record_wished.emit(ref)


REFUSED = NeedKind(KEY, read, RefusedDecision, takes)
