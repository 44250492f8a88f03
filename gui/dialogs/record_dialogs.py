"""The small dialogs about records that are chosen: delete them, log a call or make a task, put them into a campaign.

GUI thread, not modal, made when wanted. None of them asks what the note with Undo can take back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QSpinBox,
    QWidget,
)

from core.api.records import FormField
from core.model.refs import RecordRef, is_temporary_id
from gui.desktop.theme import Space
from gui.dialogs.act_dialog import ActDialog
from gui.models.edit_desk import EditDesk
from gui.text import numbers
from gui.widgets.label import Label
from gui.widgets.lookup_editor import LookupEditor

if TYPE_CHECKING:
    from core.api.records import CampaignAct, MemberStatus

DUE_DAYS = 5


class DeleteDialog(ActDialog):
    """In Salesforce, or only here; what each means is said."""

    def __init__(self, desk: EditDesk, refs: Sequence[RecordRef], title: str, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent, width=460)
        self._refs = tuple(refs)
        self._title = title
        self.there = QRadioButton(self)
        self.there.setObjectName("deleteThere")
        self.there.setChecked(True)
        self.here = QRadioButton(self)
        self.here.setObjectName("deleteHere")
        self._there_words = Label("small", self, wrap=True)
        self._here_words = Label("small", self, wrap=True)
        for button, words in ((self.there, self._there_words), (self.here, self._here_words)):
            words.setIndent(Space.XL)
            self.body.addWidget(button)
            self.body.addWidget(words)
        only_here = all(is_temporary_id(ref.id) for ref in refs)
        for widget in (self.here, self._here_words):
            widget.setVisible(not only_here)
        self.body.addStretch(1)
        self.retranslate()

    def retranslate(self) -> None:
        count = len(self._refs)
        if count == 1:
            title = self.tr("Delete {title}?").format(title=self._title)
        else:
            title = self.tr("Delete {count} records?").format(count=numbers.number(count))
        self.say(title, "", self.tr("Delete"))
        self.there.setText(self.tr("In Salesforce and here"))
        self._there_words.setText(
            self.tr("Goes to Salesforce's recycle bin with the next push; a copy is kept here and can be restored.")
        )
        self.here.setText(self.tr("Only on this computer"))
        self._here_words.setText(self.tr("Stays in Salesforce and does not come back here with the next sync."))

    def act(self) -> None:
        records, refs, here_only = self.desk.records, self._refs, self.here.isChecked()
        self.desk.act(lambda: records.delete(refs, here_only=here_only))
        self.accept()


class ActivityDialog(ActDialog):
    """A call that took place, or a task to do."""

    def __init__(
        self, desk: EditDesk, ref: RecordRef, title: str, *, task: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(desk, parent, width=460)
        self._ref, self._title, self._task = ref, title, task
        self.subject = QLineEdit(self)
        self.subject.setObjectName("activitySubject")
        self.subject.setMaxLength(255)
        self.comments = QPlainTextEdit(self)
        self.comments.setObjectName("activityComments")
        self.comments.setTabChangesFocus(True)
        self.due = QSpinBox(self)
        self.due.setObjectName("activityDue")
        self.due.setRange(0, 365)
        self.due.setValue(DUE_DAYS)
        self._rows = QFormLayout()
        self._rows.setVerticalSpacing(Space.S)
        self._subject_label, self._due_label = self.caption(), self.caption()
        self._comments_label = self.caption()
        self._rows.addRow(self._subject_label, self.subject)
        if task:
            self._rows.addRow(self._due_label, self.due)
        else:
            self.due.hide()
            self._due_label.hide()
        self._rows.addRow(self._comments_label, self.comments)
        self.body.addLayout(self._rows)
        self.subject.textChanged.connect(lambda text: self.allow(bool(text.strip())))
        self.subject.returnPressed.connect(self.act_button.click)
        self.retranslate()
        self.subject.setText(self.tr("Follow up") if task else self.tr("Call"))
        self.subject.selectAll()
        self.subject.setFocus()

    def retranslate(self) -> None:
        if self._task:
            self.say(self.tr("Task for {title}").format(title=self._title), "", self.tr("Make the task"))
        else:
            self.say(self.tr("Log a call with {title}").format(title=self._title), "", self.tr("Log the call"))
        self._subject_label.setText(self.tr("Subject"))
        self._due_label.setText(self.tr("Due in days"))
        self._comments_label.setText(self.tr("Comments"))
        for widget, words in (
            (self.subject, self.tr("Subject")),
            (self.comments, self.tr("Comments")),
            (self.due, self.tr("Due in days")),
        ):
            widget.setAccessibleName(words)

    def act(self) -> None:
        records, ref = self.desk.records, self._ref
        subject, comments, days = self.subject.text().strip(), self.comments.toPlainText().strip(), self.due.value()
        if not subject:
            return

        def work() -> Any:
            if self._task:
                return records.add_task(ref, subject, due_days=days, comments=comments)
            return records.log_call(ref, subject, comments)

        def done(act: Any) -> None:
            self.desk.announce(act)
            self.accept()

        self.run(work, done)


class CampaignDialog(ActDialog):
    """Leads and contacts into a campaign, out of it, or to another status there."""

    def __init__(
        self,
        desk: EditDesk,
        refs: Sequence[RecordRef],
        *,
        campaign: RecordRef | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(desk, parent, width=500)
        self._refs = tuple(refs)
        self._statuses: tuple[MemberStatus, ...] = ()
        self._asked = ""
        field = FormField("CampaignId", "Campaign", "reference", editable=True, references=("Campaign",))
        self.campaign = LookupEditor(field, campaign.id if campaign is not None else None, "", self._search, self)
        self.status = QComboBox(self)
        self.status.setObjectName("campaignStatus")
        self.status.setEditable(True)
        self.status.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.new_status = QCheckBox(self)
        self.new_status.setObjectName("campaignNewStatus")
        self.new_status.hide()
        self.add, self.change, self.remove = QRadioButton(self), QRadioButton(self), QRadioButton(self)
        for name, button in (("add", self.add), ("status", self.change), ("remove", self.remove)):
            button.setObjectName(f"campaign_{name}")
            button.toggled.connect(lambda _on: self._word())
            self.body.addWidget(button)
        self.add.setChecked(True)
        rows = QFormLayout()
        rows.setVerticalSpacing(Space.S)
        self._campaign_label, self._status_label = self.caption(), self.caption()
        rows.addRow(self._campaign_label, self.campaign)
        rows.addRow(self._status_label, self.status)
        self.body.addLayout(rows)
        self.body.addWidget(self.new_status)
        self.body.addStretch(1)
        self.campaign.changed.connect(self._campaign_changed)
        self.campaign.save_wanted.connect(self.act_button.click)
        self.campaign.committed.connect(lambda _step: self.status.setFocus(Qt.FocusReason.TabFocusReason))
        self.campaign.cancelled.connect(self.reject)
        self.status.currentTextChanged.connect(lambda _text: self._word())
        self.retranslate()
        self.resize(520, 460)
        self.campaign.begin()

    def retranslate(self) -> None:
        count = numbers.number(len(self._refs))
        title = self.tr("Campaign: 1 record") if len(self._refs) == 1 else self.tr("Campaign: {count} records")
        self.say(title.format(count=count), "", self.tr("Add"))
        self.add.setText(self.tr("Add to a campaign"))
        self.change.setText(self.tr("Change the member status"))
        self.remove.setText(self.tr("Remove from a campaign"))
        self._campaign_label.setText(self.tr("Campaign"))
        self._status_label.setText(self.tr("Status"))
        self.status.setAccessibleName(self.tr("Status"))
        self._word()

    def _word(self) -> None:
        text = self.status.currentText().strip()
        known = {status.label for status in self._statuses}
        fresh = bool(text) and bool(self._statuses) and text not in known
        self.new_status.setVisible(fresh and not self.remove.isChecked())
        self.new_status.setText(self.tr("Add “{status}” to the campaign's statuses").format(status=text))
        self.status.setEnabled(not self.remove.isChecked())
        words = self.tr("Remove") if self.remove.isChecked() else self.tr("Change the status")
        self.act_button.setText(self.tr("Add") if self.add.isChecked() else words)
        ready = self._campaign_id() is not None and (
            self.remove.isChecked() or not fresh or self.new_status.isChecked()
        )
        self.allow(ready)

    def _campaign_id(self) -> str | None:
        try:
            value = self.campaign.value()
        except ValueError:
            return None
        return str(value) if value else None

    def _search(self, text: str, here: Any) -> None:
        self.desk.lookup(self, "CampaignMember", "CampaignId", text, here)

    def _campaign_changed(self) -> None:
        self._word()
        campaign, records = self._campaign_id(), self.desk.records
        if campaign is None or campaign == self._asked:
            return
        self._asked = campaign

        def here(found: Any) -> None:
            if campaign == self._asked:
                self._show_statuses(found)

        self.desk.ask(self, lambda: records.campaign_statuses(campaign), here)

    def _show_statuses(self, found: Sequence[MemberStatus]) -> None:
        self._statuses = tuple(found)
        self.status.clear()
        for status in found:
            self.status.addItem(status.label)
        usual = next((at for at, status in enumerate(found) if status.is_default), 0)
        self.status.setCurrentIndex(usual if found else -1)
        self.new_status.toggled.connect(lambda _on: self._word())
        self._word()

    def act(self) -> None:
        campaign, records, refs = self._campaign_id(), self.desk.records, self._refs
        if campaign is None:
            return
        status = self.status.currentText().strip()
        fresh = self.new_status.isChecked() and not self.new_status.isHidden()
        add, change = self.add.isChecked(), self.change.isChecked()

        def work() -> Any:
            if fresh:
                records.add_status(campaign, status)
            if add:
                return records.campaign_add(campaign, refs, status or None)
            if change:
                return records.campaign_status(campaign, refs, status)
            return records.campaign_remove(campaign, refs)

        self.run(work, self._done)

    def _done(self, answer: CampaignAct) -> None:
        if answer.act is not None:
            self.desk.announce(answer.act)
        if self.add.isChecked() and answer.existing:
            # "Change status instead" is one click: the same dialog, about those who are members already.
            self._refs = tuple(hit.ref for hit in answer.existing)
            names = ", ".join(hit.title for hit in answer.existing[:4])
            self.change.setChecked(True)
            self.retranslate()
            self.tell(
                self.tr("Members already: {names}{more}. Change their status instead?").format(
                    names=names, more="…" if len(answer.existing) > 4 else ""
                )
            )
            return
        if answer.act is None:
            self.tell(self.tr("There is nothing to change: none of them is a member of this campaign."))
            return
        self.accept()
