"""`RecordActs`: what can be done to a record or to all records selected, as menus and keys, and the dialogs for it.

GUI thread, owned by a list's page. It decides which acts are offered for which object; each dialog is made when it is
wanted, one of each at a time, and goes with the connection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from core.model.changes import Changes
from core.model.filters import Condition, Operator
from core.model.forms import ReadOnly
from core.model.refs import RecordRef, is_temporary_id
from gui.dialogs.one_dialog import show_one
from gui.models.edit_desk import EditDesk
from gui.text import edit_words

if TYPE_CHECKING:
    from core.api.browse import RecordView
    from core.api.records import FormView
    from gui.widgets.record_pane import RecordPane

PEOPLE = frozenset({"Lead", "Contact"})
MERGED = frozenset({"Lead", "Contact", "Account"})
MOST_MERGED = 3
_NO_OWNER = frozenset({"CampaignMember", "CampaignMemberStatus", "OpportunityContactRole"})


class RecordActs(QObject):
    """`record_wanted` carries the RecordRef that an act led to."""

    record_wanted = Signal(object)

    def __init__(self, desk: EditDesk | None, window: QWidget) -> None:
        super().__init__(window)
        self._desk = desk
        self._window = window

    @property
    def desk(self) -> EditDesk | None:
        return self._desk if self._desk is not None and self._desk.can_edit else None

    def _can_act(self) -> bool:
        return self._desk is not None and getattr(self._desk.connection, "acts", None) is not None

    def serve(self, pane: RecordPane) -> None:
        """Fill the menu of a record's pane and answer its keys."""

        def fill(menu: QMenu) -> None:
            shown = pane.shown_record
            if shown is not None:
                self.add_for_record(menu, shown.record, shown.form)

        pane.menu_wanted.connect(fill)
        pane.related_wanted.connect(self._show_related)
        pane.activity_wanted.connect(lambda ref, title, task: self.activity(ref, title, task=task))
        pane.editing.open_wanted.connect(self.open_for_editing)

    def _show_related(self, object_name: str, field: str, ref: RecordRef) -> None:
        desk = self._desk
        if desk is None:
            return
        browse = desk.connection.browse

        def work() -> str:
            with browse.session() as session:
                return str(session.lookup_name(ref.id) or ref.id)

        def here(name: str) -> None:
            desk.list_wanted.emit(object_name, Condition(field, Operator.EQUALS, ref.id), name)

        desk.ask(self, work, here)

    def policies(self, object_name: str | None = None, field: str | None = None) -> None:
        """Who wins on a conflict."""
        desk = self.desk
        if desk is None or desk.push is None:
            return
        from gui.dialogs.policy_dialog import PolicyDialog

        show_one(
            self._window,
            "conflictPolicies",
            lambda window: PolicyDialog(desk, object_name=object_name, field=field, parent=window),
        )

    # Menus

    def add_for_record(self, menu: QMenu, record: RecordView, form: FormView | None) -> None:
        """The acts of one record that is shown."""
        if self.desk is None:
            return
        ref, title = record.ref, record.title
        one = (ref,)
        closed = form is not None and not form.can_edit and form.reason is ReadOnly.OBJECT_CLOSED
        open_to_edit = form is not None and form.can_edit
        if closed:
            words = self.tr("Open {objects} for editing").format(objects=record.object_label)
            self._add(menu, "openObject", words, lambda: self.open_for_editing(ref))
        if record.is_deleted:
            self._add(menu, "restore", self.tr("Restore"), lambda: self.restore(ref))
        if ref.object in PEOPLE:
            self._add(menu, "campaign", self.tr("Campaign…"), lambda: self.campaign(one))
        if ref.object == "Lead" and open_to_edit and self._can_act():
            made = self._add(menu, "convert", self.tr("Convert…"), lambda: self.convert(ref))
            made.setEnabled(not is_temporary_id(ref.id))
        if ref.object not in ("Task", "Event", "User"):
            self._add(menu, "logCall", self.tr("Log a call (L)"), lambda: self.activity(ref, title, task=False))
            self._add(menu, "makeTask", self.tr("Make a task (T)"), lambda: self.activity(ref, title, task=True))
        self._add(menu, "policies", self.tr("Who wins on a conflict…"), lambda: self.policies(ref.object))
        self._add(menu, "changeLog", self.tr("Changes of this record"), lambda: self.change_log(ref, title))
        if form is not None and form.can_delete and not record.is_deleted:
            menu.addSeparator()
            self._add(menu, "delete", self.tr("Delete…"), lambda: self.delete(one, title))

    def add_for_list(
        self,
        menu: QMenu,
        object_name: str,
        count: int,
        selected: Callable[[Callable[[tuple[RecordRef, ...]], None]], None],
        field: str | None = None,
    ) -> None:
        """The acts of the records that are selected; `selected` names them."""
        if self.desk is None:
            return
        if count > 1:
            self._add(
                menu, "bulkEdit", self.tr("Edit all selected…"), lambda: selected(lambda refs: self.bulk(refs, field))
            )
        if object_name not in _NO_OWNER:
            self._add(
                menu, "owner", self.tr("Change the owner…"), lambda: selected(lambda refs: self.bulk(refs, "OwnerId"))
            )
        if object_name in PEOPLE:
            self._add(menu, "campaign", self.tr("Campaign…"), lambda: selected(self.campaign))
        if object_name == "Lead" and count == 1 and self._can_act():
            self._add(menu, "convert", self.tr("Convert…"), lambda: selected(lambda refs: self.convert(refs[0])))
        if object_name in MERGED and 1 < count <= MOST_MERGED and self._can_act():
            self._add(menu, "merge", self.tr("Merge…"), lambda: selected(self.merge))
        self._add(menu, "delete", self.tr("Delete…"), lambda: selected(lambda refs: self.delete(refs, "")))

    def _add(self, menu: QMenu, name: str, words: str, call: Callable[[], Any]) -> QAction:
        action = menu.addAction(words)
        action.setObjectName(f"act_{name}")
        action.triggered.connect(lambda _checked=False: call())
        return action

    # Acts

    def new_record(self, object_name: str, label: str) -> None:
        """A new record of an object."""
        desk = self.desk
        if desk is None:
            return
        from gui.dialogs.new_record_dialog import NewRecordDialog

        def make(window: QWidget) -> NewRecordDialog:
            return NewRecordDialog(desk, object_name, label, zone=desk.zone, parent=window)

        dialog = show_one(self._window, f"newRecord_{object_name}", make)
        if dialog is not None:
            dialog.made.connect(self.record_wanted)
            dialog.record_wanted.connect(self.record_wanted)

    def bulk(self, refs: Sequence[RecordRef], field: str | None) -> None:
        """One field of many records."""
        desk = self.desk
        if desk is None or not refs:
            return
        from gui.dialogs.bulk_edit_dialog import BulkEditDialog

        show_one(
            self._window,
            "bulkEdit",
            lambda window: BulkEditDialog(desk, refs, field=field, zone=desk.zone, parent=window),
        )

    def delete(self, refs: Sequence[RecordRef], title: str) -> None:
        """Delete records, in Salesforce or only here."""
        desk = self.desk
        if desk is None or not refs:
            return
        from gui.dialogs.record_dialogs import DeleteDialog

        if len(refs) > 1 or title:
            show_one(self._window, "deleteRecords", lambda window: DeleteDialog(desk, refs, title, window))
            return
        browse, ref = desk.connection.browse, refs[0]

        def work() -> str:
            with browse.session() as session:
                return str(session.lookup_name(ref.id) or ref.id)

        desk.ask(self, work, lambda name: self.delete(refs, name))

    def restore(self, ref: RecordRef) -> None:
        """Bring a deleted record back: out of Salesforce's recycle bin first, from its copy second."""
        desk = self.desk
        if desk is None:
            return
        records, acts = desk.records, getattr(desk.connection, "acts", None)

        def made_anew(_problem: object) -> None:
            desk.act(lambda: records.restore(ref))

        if acts is None or is_temporary_id(ref.id):
            made_anew(None)
            return

        def here(answer: Any) -> None:
            if answer.refs:
                desk.spread(answer.changes)
                desk.tell(self.tr("Restored"), icon="check-circle", role="good")
            else:
                made_anew(None)

        desk.ask(self, lambda: acts.undelete((ref,)), here, made_anew)

    def campaign(self, refs: Sequence[RecordRef]) -> None:
        """Into a campaign, out of it, or another status."""
        desk = self.desk
        if desk is None or not refs:
            return
        from gui.dialogs.record_dialogs import CampaignDialog

        show_one(self._window, "campaignMembers", lambda window: CampaignDialog(desk, refs, parent=window))

    def convert(self, ref: RecordRef) -> None:
        """A lead becomes a contact."""
        desk = self.desk
        if desk is None:
            return
        from gui.dialogs.convert_dialog import ConvertDialog

        dialog = show_one(self._window, "convertLead", lambda window: ConvertDialog(desk, ref, window))
        if dialog is not None:
            dialog.record_wanted.connect(self.record_wanted)

    def merge(self, refs: Sequence[RecordRef]) -> None:
        """Duplicates side by side."""
        desk = self.desk
        if desk is None or len(refs) < 2:
            return
        from gui.dialogs.merge_dialog import MergeDialog

        dialog = show_one(self._window, "mergeRecords", lambda window: MergeDialog(desk, refs, window))
        if dialog is not None:
            dialog.record_wanted.connect(self.record_wanted)

    def change_log(self, ref: RecordRef, title: str) -> None:
        """What changed in a record, and the way back."""
        desk = self.desk
        if desk is None:
            return
        from gui.dialogs.change_log_dialog import ChangeLogDialog

        show_one(self._window, f"changeLog_{ref.id}", lambda window: ChangeLogDialog(desk, ref, title, window))

    def activity(self, ref: RecordRef, title: str, *, task: bool) -> None:
        """L and T; where tasks are only read so far, the way to open them."""
        desk = self.desk
        if desk is None:
            return
        from gui.dialogs.record_dialogs import ActivityDialog

        def here(form: FormView) -> None:
            if form.can_edit:
                show_one(
                    self._window,
                    "logActivity",
                    lambda window: ActivityDialog(desk, ref, title, task=task, parent=window),
                )
            elif form.reason is ReadOnly.OBJECT_CLOSED:
                desk.tell(
                    self.tr("Tasks are only read so far."),
                    icon="lock",
                    action=self.tr("Open tasks for editing"),
                    call=lambda: self._open_object("Task", lambda: self.activity(ref, title, task=task)),
                )
            else:
                desk.tell(edit_words.reason(form.reason), icon="lock")

        records = desk.records
        desk.ask(self, lambda: records.form("Task"), here)

    def open_for_editing(self, ref: RecordRef) -> None:
        """An object that is only read so far is edited here from now on."""
        self._open_object(ref.object, lambda: self._opened(ref))

    def _opened(self, ref: RecordRef) -> None:
        if self._desk is not None:
            self._desk.spread(Changes({ref.object: frozenset({ref.id})}, schema=True))
            self._desk.tell(self.tr("Open for editing; the object's settings close it again"), icon="edit")

    def _open_object(self, object_name: str, then: Callable[[], None]) -> None:
        desk = self.desk
        if desk is None:
            return
        records = desk.records
        desk.ask(self, lambda: records.open_for_editing(object_name, True), lambda _nothing: then())
