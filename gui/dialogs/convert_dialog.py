"""`ConvertDialog`: a lead becomes a contact of an account, with an opportunity or not; what is left is told. GUI.

The conversion happens in Salesforce and has no undo there, so the dialog says what will be made before it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLineEdit, QWidget

from core.api.acts import ConvertOptions
from core.api.records import FormField
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef
from gui.desktop.theme import Size, Space
from gui.dialogs.act_dialog import ActDialog
from gui.models.edit_desk import EditDesk
from gui.text import numbers
from gui.widgets.label import Label
from gui.widgets.lookup_editor import LookupEditor

if TYPE_CHECKING:
    from core.api.acts import Candidate, Converted, ConvertForm

_SEARCH = "search"
_DUPLICATES = "DUPLICATES_DETECTED"


class ConvertDialog(ActDialog):
    """`record_wanted` carries the contact that was made or used."""

    record_wanted = Signal(object)

    def __init__(self, desk: EditDesk, lead: RecordRef, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent, width=560)
        self._lead = lead
        self._form: ConvertForm | None = None
        # Salesforce has named duplicates, and the person was told: the next try allows them.
        self._anyway = False
        self.account = self._combo("convertAccount")
        self.contact = self._combo("convertContact")
        self.account_search = self._lookup("AccountId", "Contact")
        self.account_search.hide()
        self.opportunity = QCheckBox(self)
        self.opportunity.setObjectName("convertOpportunity")
        self.opportunity.setChecked(True)
        self.opportunity_name = QLineEdit(self)
        self.opportunity_name.setObjectName("convertOpportunityName")
        self.status = self._combo("convertStatus")
        self.owner = self._lookup("OwnerId", "Contact")
        self.notify = QCheckBox(self)
        self.notify.setObjectName("convertNotify")
        self._captions = {name: self.caption() for name in ("account", "contact", "name", "status", "owner")}
        rows = QFormLayout()
        rows.setVerticalSpacing(Space.S)
        rows.addRow(self._captions["account"], self.account)
        rows.addRow("", self.account_search)
        rows.addRow(self._captions["contact"], self.contact)
        rows.addRow("", self.opportunity)
        rows.addRow(self._captions["name"], self.opportunity_name)
        rows.addRow(self._captions["status"], self.status)
        rows.addRow(self._captions["owner"], self.owner)
        rows.addRow("", self.notify)
        self.body.addLayout(rows)
        self._left = Label("small", self, wrap=True, name="convertLeft")
        self._pending = Label("warn", self, wrap=True, name="convertPending")
        self.body.addWidget(self._left)
        self.body.addWidget(self._pending)
        self.body.addStretch(1)
        self.account.currentIndexChanged.connect(lambda _row: self._word())
        self.opportunity.toggled.connect(lambda _on: self._word())
        for lookup in (self.owner, self.account_search):
            lookup.changed.connect(self._word)
            lookup.cancelled.connect(self.reject)
        self.allow(False)
        self.retranslate()
        acts = desk.connection.acts
        desk.ask(self, lambda: acts.convert_form(lead.id), self._here, self.failed)

    def _combo(self, name: str) -> QComboBox:
        combo = QComboBox(self)
        combo.setObjectName(name)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(24)
        return combo

    def _lookup(self, name: str, object_name: str) -> LookupEditor:
        """`object_name` has the look-up: a converted lead's owner is a contact's owner, never a queue."""
        target = ("User",) if name == "OwnerId" else ("Account",)
        field = FormField(name, name, "reference", editable=True, references=target)
        editor = LookupEditor(
            field, None, "", lambda text, here: self.desk.lookup(self, object_name, name, text, here), self
        )
        # A form's row may be lower than what is in it asks for; its line would be cut.
        editor.setMinimumHeight(Size.CONTROL)
        return editor

    def retranslate(self) -> None:
        form = self._form
        title = self.tr("Convert {lead}").format(lead=form.title) if form is not None else self.tr("Convert the lead")
        act = self.tr("Convert all the same") if self._anyway else self.tr("Convert")
        self.say(title, self.tr("Salesforce converts it; that cannot be undone there."), act)
        words = {
            "account": self.tr("Account"),
            "contact": self.tr("Contact"),
            "name": self.tr("Opportunity name"),
            "status": self.tr("Lead status"),
            "owner": self.tr("Owner"),
        }
        for name, label in self._captions.items():
            label.setText(words[name])
        self.opportunity.setText(self.tr("Make an opportunity"))
        self.notify.setText(self.tr("E-mail the owner"))
        self.owner.line.setPlaceholderText(self.tr("As the lead; type a name for another"))
        for combo, name in ((self.account, "account"), (self.contact, "contact"), (self.status, "status")):
            combo.setAccessibleName(words[name])
        self.opportunity_name.setAccessibleName(words["name"])
        self._word()

    def _here(self, form: ConvertForm) -> None:
        self._form = form
        self._fill(self.account, self.tr("New account: {name}").format(name=form.company or form.title), form.accounts)
        self.account.addItem(self.tr("Another account…"), _SEARCH)
        self._fill(self.contact, self.tr("New contact: {name}").format(name=form.title), form.contacts)
        for choice in form.statuses:
            self.status.addItem(choice.label, choice.value)
            if choice.default:
                self.status.setCurrentIndex(self.status.count() - 1)
        self.opportunity_name.setText(form.company or form.title)
        if form.left:
            names = ", ".join(f"{left.label}: {left.display}" for left in form.left[:6])
            self._left.setText(self.tr("No field of the new records takes these over: {fields}").format(fields=names))
        self._left.setVisible(bool(form.left))
        self.retranslate()
        self.account.setFocus()

    def _fill(self, combo: QComboBox, new: str, found: Sequence[Candidate]) -> None:
        combo.clear()
        combo.addItem(new, None)
        for candidate in found:
            words = candidate.label if not candidate.detail else f"{candidate.label} · {candidate.detail}"
            combo.addItem(words, candidate)

    def _account_id(self) -> str | None:
        chosen = self.account.currentData()
        if chosen == _SEARCH:
            try:
                value = self.account_search.value()
            except ValueError:
                return None
            return str(value) if value else None
        return chosen.ref.id if chosen is not None else None

    def _owner_id(self) -> str | None:
        try:
            value = self.owner.value()
        except ValueError:
            return None
        return str(value) if value else None

    def _word(self) -> None:
        form = self._form
        searching = self.account.currentData() == _SEARCH
        self.account_search.setVisible(searching)
        for widget in (self.opportunity_name, self._captions["name"]):
            widget.setEnabled(self.opportunity.isChecked())
        if form is None:
            self._pending.hide()
            return
        waits = []
        if form.pending:
            words = self.tr("{count} changes of this lead are sent first.")
            waits.append(words.format(count=numbers.number(form.pending)))
        if form.owner_needed and self._owner_id() is None:
            waits.append(self.tr("A queue owns this lead: choose who will own what is made."))
        contact = self.contact.currentData()
        account = self._account_id()
        if contact is not None and contact.account_id and account != contact.account_id:
            waits.append(self.tr("This contact belongs to another account; its own account is used."))
        self._pending.setText("\n".join(waits))
        self._pending.setVisible(bool(waits))
        ready = not (form.owner_needed and self._owner_id() is None) and not (searching and account is None)
        self.allow(ready)

    def act(self) -> None:
        acts, lead = self.desk.connection.acts, self._lead
        contact = self.contact.currentData()
        account = self._account_id()
        if contact is not None and contact.account_id:
            account = contact.account_id
        options = ConvertOptions(
            account_id=account,
            contact_id=contact.ref.id if contact is not None else None,
            opportunity=self.opportunity.isChecked(),
            opportunity_name=self.opportunity_name.text().strip() or None,
            status=self.status.currentData(),
            owner_id=self._owner_id(),
            notify_owner=self.notify.isChecked(),
            allow_duplicates=self._anyway,
        )
        self.run(lambda: acts.convert(lead.id, options), self._done)

    def failed(self, error: OrgMirrorError) -> None:
        super().failed(error)
        found = error.code is ErrorCode.PUSH_DUPLICATES or error.salesforce_code == _DUPLICATES
        if found and not self._anyway:
            self._anyway = True
            self.retranslate()

    def _done(self, answer: Converted) -> None:
        self.desk.spread(answer.changes)
        self.accept()
        ref = RecordRef("Contact", answer.contact_id) if answer.contact_id else None
        form = self._form
        self.desk.tell(
            self.tr("{lead} converted").format(lead=form.title if form is not None else ""),
            icon="check-circle",
            role="good",
            action=self.tr("Open the contact") if ref is not None else "",
            call=(lambda: self.record_wanted.emit(ref)) if ref is not None else None,
        )
