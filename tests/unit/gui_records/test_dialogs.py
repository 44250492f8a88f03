"""The dialogs of acts: what they ask, what they warn of, and what they hand over."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QRadioButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from core.api.acts import (
    Candidate,
    Converted,
    ConvertForm,
    Merged,
    MergeField,
    MergePreview,
    MergeSide,
    PendingEdits,
    Standing,
)
from core.api.acts import Choice as ActChoice
from core.api.push import Policy
from core.api.records import (
    CampaignAct,
    ChangeView,
    Choice,
    DuplicateHit,
    FaultCode,
    FieldFault,
    LookupHit,
    MemberHit,
    MemberStatus,
    PreviewLine,
    ReadOnly,
)
from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef
from gui.dialogs.bulk_edit_dialog import BulkEditDialog
from gui.dialogs.change_log_dialog import ChangeLogDialog
from gui.dialogs.convert_dialog import ConvertDialog
from gui.dialogs.merge_dialog import MergeDialog
from gui.dialogs.new_record_dialog import NewRecordDialog
from gui.dialogs.policy_dialog import PolicyDialog
from gui.dialogs.record_dialogs import ActivityDialog, CampaignDialog, DeleteDialog
from gui.models.edit_desk import EditDesk
from gui.pages.record_acts import RecordActs
from gui.widgets.field_editors import PicklistEditor
from tests.helpers.fake_app import FakeAppBrowse
from tests.helpers.fake_edits import FakePush, FakeRecords, choice, form, form_field

pytestmark = pytest.mark.gui
LEAD = RecordRef("Lead", "00Q000000000001AAA")
OTHER = RecordRef("Lead", "00Q000000000002AAA")
CAMPAIGN = RecordRef("Campaign", "701000000000001AAA")


class FakeActs:
    """Answers a conversion and a merge as told; notes what was asked."""

    def __init__(self) -> None:
        self.form: ConvertForm | None = None
        self.preview: MergePreview | None = None
        self.converted: list[Any] = []
        self.merged: list[Any] = []
        self.fault: OrgMirrorError | None = None

    def convert_form(self, lead_id: str) -> ConvertForm:
        assert self.form is not None
        return self.form

    def convert(self, lead_id: str, options: Any) -> Converted:
        if self.fault is not None:
            raise self.fault
        self.converted.append(options)
        return Converted(LEAD, "001", "003", None, Changes({"Lead": frozenset({lead_id})}))

    def merge_preview(self, object_name: str, master: str, losers: list[str]) -> MergePreview:
        assert self.preview is not None
        return self.preview

    def merge(
        self, object_name: str, master: str, losers: list[str], values: dict[str, Any], *, pending: PendingEdits
    ) -> Merged:
        self.merged.append((master, losers, values, pending))
        return Merged(RecordRef(object_name, master), (OTHER,), 2)


@pytest.fixture
def acts(desk: EditDesk) -> FakeActs:
    made = FakeActs()
    desk.connection.acts = made
    desk.connection.browse = FakeAppBrowse()
    desk.connection.browse.fake.lookup_name = lambda record_id: f"Name of {record_id}"
    return made


def show(qtbot: QtBot, dialog: Any) -> Any:
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.activateWindow()
    return dialog


# New record


def new_lead(qtbot: QtBot, desk: EditDesk, records: FakeRecords, *fields: Any) -> NewRecordDialog:
    records.forms[RecordRef("Lead", "")] = form(*fields)
    dialog = show(qtbot, NewRecordDialog(desk, "Lead", "Lead"))
    qtbot.waitUntil(lambda: dialog._view is not None)
    return dialog  # type: ignore[no-any-return]


LEAD_FIELDS = (
    form_field("LastName", None, required=True),
    form_field("Company", None, required=True),
    form_field("Status", "Open", type="picklist", choices=(choice("Open"), choice("Closed"))),
    form_field("Score", None, editable=False, reason=ReadOnly.CALCULATED),
)


def test_a_new_record_begins_at_what_is_required_and_takes_the_defaults(
    qtbot: QtBot, desk: EditDesk, records: FakeRecords
) -> None:
    dialog = new_lead(qtbot, desk, records, *LEAD_FIELDS)
    made: list[Any] = []
    dialog.made.connect(made.append)
    assert dialog.form.editing == "LastName"
    assert [f.name for f in dialog.form.fields()] == ["LastName", "Company", "Status"]
    line = dialog.form.editor.findChild(QLineEdit)
    qtbot.keyClicks(line, "Berg")
    qtbot.keyClick(line, Qt.Key.Key_Tab)
    qtbot.keyClicks(dialog.form.editor.findChild(QLineEdit), "Acme")
    dialog.rules.setChecked(True)
    dialog.act_button.click()
    qtbot.waitUntil(lambda: bool(made))
    (object_name, values, options), *_ = records.called("create")
    assert (object_name, values) == ("Lead", {"Status": "Open", "LastName": "Berg", "Company": "Acme"})
    assert options.use_assignment_rules


def test_faults_of_a_new_record_stand_at_their_fields(qtbot: QtBot, desk: EditDesk, records: FakeRecords) -> None:
    dialog = new_lead(qtbot, desk, records, *LEAD_FIELDS)
    records.faults = (FieldFault("Status", FaultCode.REQUIRED, "Status"),)
    dialog.act_button.click()
    qtbot.waitUntil(lambda: dialog.form.editing == "Status")
    assert dialog.form.faults() == {"Status": "Status must not be empty."}
    assert not records.called("create")


def test_duplicates_here_are_shown_while_typing(qtbot: QtBot, desk: EditDesk, records: FakeRecords) -> None:
    records.duplicates = (DuplicateHit(OTHER, "Mia Berg", "Acme", ("Email",)),)
    dialog = new_lead(qtbot, desk, records, *LEAD_FIELDS)
    wanted: list[Any] = []
    dialog.record_wanted.connect(wanted.append)
    dialog.form.edits.put("LastName", "Berg")
    dialog.form.edited.emit()
    qtbot.waitUntil(lambda: not dialog._duplicates.isHidden())
    link = next(w for w in dialog._duplicates.children() if w.objectName() == "newDuplicate")
    link.click()  # type: ignore[attr-defined]
    assert wanted == [OTHER]


def test_leaving_a_new_record_keeps_a_draft(qtbot: QtBot, desk: EditDesk, records: FakeRecords) -> None:
    dialog = new_lead(qtbot, desk, records, *LEAD_FIELDS)
    qtbot.keyClicks(dialog.form.editor.findChild(QLineEdit), "Berg")
    dialog.reject()
    qtbot.waitUntil(lambda: records.drafts.get(RecordRef("Lead", "")) == {"LastName": "Berg"})


# Many at once


def test_a_bulk_edit_shows_what_will_change_first(qtbot: QtBot, desk: EditDesk, records: FakeRecords) -> None:
    fields = (form_field("Rating", None, type="picklist", choices=(Choice("Hot", "Hot"), Choice("Cold", "Cold"))),)
    records.forms[LEAD] = form(*fields)
    fault = FieldFault("Rating", FaultCode.NOT_FOR_RECORD_TYPE, "Rating", {"value": "Hot"})
    records.previews = (
        PreviewLine(LEAD, "Mia", "Rating", "Rating", "Cold", "Hot"),
        PreviewLine(OTHER, "Ada", "Rating", "Rating", "Cold", "Hot", fault),
    )
    dialog = show(qtbot, BulkEditDialog(desk, (LEAD, OTHER), field="Rating"))
    qtbot.waitUntil(lambda: dialog.editor is not None)
    assert not dialog.act_button.isEnabled()
    assert isinstance(dialog.editor, PicklistEditor)
    dialog.editor.combo.setCurrentIndex(1)
    qtbot.waitUntil(lambda: len(dialog.lines.lines) == 2)
    assert "1 will change" in dialog.summary.text()
    assert "1 cannot take it" in dialog.summary.text()
    assert not records.called("edit_many")
    dialog.act_button.click()
    qtbot.waitUntil(lambda: records.called("edit_many") == [((LEAD, OTHER), {"Rating": "Hot"})])


def test_delete_says_which_way(qtbot: QtBot, desk: EditDesk, records: FakeRecords) -> None:
    dialog = show(qtbot, DeleteDialog(desk, (LEAD,), "Mia Berg"))
    assert "Mia Berg" in dialog.heading.text()
    dialog.here.setChecked(True)
    dialog.act_button.click()
    qtbot.waitUntil(lambda: records.called("delete") == [((LEAD,), True)])


# Campaigns


def campaign(qtbot: QtBot, desk: EditDesk, records: FakeRecords) -> CampaignDialog:
    records.hits = (LookupHit(CAMPAIGN, "Spring", "Webinar"),)
    records.statuses = (MemberStatus("Sent", is_default=True), MemberStatus("Responded", has_responded=True))
    dialog = show(qtbot, CampaignDialog(desk, (LEAD, OTHER)))
    qtbot.keyClicks(dialog.campaign.line, "spr")
    qtbot.waitUntil(lambda: dialog.campaign.popup.currentRow() == 0)
    qtbot.keyClick(dialog.campaign.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.status.count() == 2)
    return dialog  # type: ignore[no-any-return]


def test_records_are_added_with_the_campaigns_own_status(qtbot: QtBot, desk: EditDesk, records: FakeRecords) -> None:
    dialog = campaign(qtbot, desk, records)
    assert dialog.status.currentText() == "Sent"
    dialog.act_button.click()
    qtbot.waitUntil(lambda: records.called("campaign_add") == [(CAMPAIGN.id, (LEAD, OTHER), "Sent")])


def test_who_is_a_member_already_can_change_status_instead(
    qtbot: QtBot, desk: EditDesk, records: FakeRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    hit = MemberHit(LEAD, RecordRef("CampaignMember", "00v1"), "Mia Berg", "Sent")
    monkeypatch.setattr(records, "campaign_add", lambda *_args: CampaignAct(None, existing=(hit,)))
    dialog = campaign(qtbot, desk, records)
    dialog.act_button.click()
    qtbot.waitUntil(lambda: dialog.change.isChecked())
    assert "Mia Berg" in dialog.error.text()
    dialog.status.setCurrentText("Responded")
    dialog.act_button.click()
    qtbot.waitUntil(lambda: records.called("campaign_status") == [(CAMPAIGN.id, (LEAD,), "Responded")])


def test_a_missing_status_is_made_on_request_only(qtbot: QtBot, desk: EditDesk, records: FakeRecords) -> None:
    dialog = campaign(qtbot, desk, records)
    dialog.status.setEditText("Dined with us")
    assert not dialog.act_button.isEnabled()
    dialog.new_status.setChecked(True)
    dialog.act_button.click()
    qtbot.waitUntil(lambda: records.called("add_status") == [(CAMPAIGN.id, "Dined with us")])


# Activities


def test_a_task_is_due_in_five_days(qtbot: QtBot, desk: EditDesk, records: FakeRecords) -> None:
    dialog = show(qtbot, ActivityDialog(desk, LEAD, "Mia", task=True))
    dialog.act_button.click()
    qtbot.waitUntil(lambda: records.called("add_task") == [(LEAD, "Follow up", 5, "")])


def test_closed_tasks_offer_to_be_opened(qtbot: QtBot, desk: EditDesk, records: FakeRecords) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    records.forms[RecordRef("Task", "")] = form(can_edit=False, reason=ReadOnly.OBJECT_CLOSED)
    notices: list[Any] = []
    desk.noted.connect(notices.append)
    RecordActs(desk, window).activity(LEAD, "Mia", task=False)
    qtbot.waitUntil(lambda: bool(notices))
    assert notices[0].action == "Open tasks for editing"
    notices[0].call()
    qtbot.waitUntil(lambda: records.called("open_for_editing") == [("Task", True)])


# Conversion and merge


def test_a_conversion_takes_the_contacts_own_account(qtbot: QtBot, desk: EditDesk, acts: FakeActs) -> None:
    acts.form = ConvertForm(
        LEAD, "Mia Berg", "Acme", (ActChoice("Qualified", "Qualified", True),), None, False,
        (Candidate(RecordRef("Account", "001A"), "Acme", "Berlin"),),
        (Candidate(RecordRef("Contact", "003A"), "Mia Berg", "Globex", "001B"),), (), 2,
    )  # fmt: skip
    dialog = show(qtbot, ConvertDialog(desk, LEAD))
    qtbot.waitUntil(lambda: dialog.contact.count() == 2)
    assert "2 changes" in dialog._pending.text()
    dialog.account.setCurrentIndex(1)
    dialog.contact.setCurrentIndex(1)
    dialog.opportunity.setChecked(False)
    assert "another account" in dialog._pending.text()
    dialog.act_button.click()
    qtbot.waitUntil(lambda: bool(acts.converted))
    options = acts.converted[0]
    assert (options.account_id, options.contact_id, options.opportunity) == ("001B", "003A", False)
    assert options.status == "Qualified"


def test_a_queues_lead_needs_an_owner(qtbot: QtBot, desk: EditDesk, acts: FakeActs) -> None:
    acts.form = ConvertForm(LEAD, "Mia", "Acme", (), "00G1", True, (), (), (), 0)
    dialog = show(qtbot, ConvertDialog(desk, LEAD))
    qtbot.waitUntil(lambda: "queue" in dialog._pending.text())
    assert not dialog.act_button.isEnabled()


def test_a_refused_conversion_keeps_the_dialog(qtbot: QtBot, desk: EditDesk, acts: FakeActs) -> None:
    acts.form = ConvertForm(LEAD, "Mia", "Acme", (), None, False, (), (), (), 0)
    acts.fault = OrgMirrorError(ErrorCode.SALESFORCE_ERROR, salesforce_text="No conversion today")
    dialog = show(qtbot, ConvertDialog(desk, LEAD))
    qtbot.waitUntil(lambda: dialog.act_button.isEnabled())
    dialog.act_button.click()
    qtbot.waitUntil(lambda: "No conversion today" in dialog.error.text())
    assert dialog.isVisible()


def test_duplicates_of_a_conversion_are_told_and_then_allowed(qtbot: QtBot, desk: EditDesk, acts: FakeActs) -> None:
    acts.form = ConvertForm(LEAD, "Mia", "Acme", (), None, False, (), (), (), 0)
    acts.fault = OrgMirrorError(
        ErrorCode.SALESFORCE_ERROR, salesforce_code="DUPLICATES_DETECTED", salesforce_text="Use one of these records?"
    )
    dialog = show(qtbot, ConvertDialog(desk, LEAD))
    qtbot.waitUntil(lambda: dialog.act_button.isEnabled())
    dialog.act_button.click()
    qtbot.waitUntil(lambda: dialog.act_button.text() == "Convert all the same")
    assert "Use one of these" in dialog.error.text()
    assert not acts.converted
    acts.fault = None
    dialog.act_button.click()
    qtbot.waitUntil(lambda: bool(acts.converted))
    assert acts.converted[0].allow_duplicates


def preview(standing: Standing = Standing.THERE) -> MergePreview:
    sides = (
        MergeSide(LEAD, "Mia Berg", Standing.THERE, "Ada", "2026-11-20", (("Task", "Tasks", 2),), 0),
        MergeSide(OTHER, "M. Berg", standing, "Bob", "2026-11-21", (("Task", "Tasks", 3),), 1),
    )
    fields = (
        MergeField("DoNotCall", "Do not call", "boolean", (1, 0), ("✓", ""), 0, True),
        MergeField("Phone", "Phone", "phone", (None, "+49"), ("", "+49"), 1, True),
        MergeField("Visits__c", "Visits", "double", (3, 4), ("3", "4"), 0, True, True, 7, "7"),
        MergeField("Company", "Company", "string", ("Acme", "Acme"), ("Acme", "Acme"), 0, False),
    )
    return MergePreview("Lead", sides, fields)


def test_a_merge_is_decided_field_by_field(qtbot: QtBot, desk: EditDesk, acts: FakeActs) -> None:
    acts.preview = preview()
    dialog = show(qtbot, MergeDialog(desk, (LEAD, OTHER)))
    qtbot.waitUntil(lambda: dialog.act_button.isEnabled())
    assert dialog.findChild(QRadioButton, "merge_Company_0") is None
    dialog.findChild(QRadioButton, "merge_DoNotCall_1").setChecked(True)
    dialog.findChild(QRadioButton, "merge_Visits__c_total").setChecked(True)
    assert dialog.chosen_values() == {"DoNotCall": 0, "Phone": "+49", "Visits__c": 7}
    assert not dialog.move_pending.isHidden()
    dialog.act_button.click()
    qtbot.waitUntil(lambda: bool(acts.merged))
    assert acts.merged[0][3] is PendingEdits.MOVE


def test_long_values_leave_every_side_of_a_merge_in_sight(qtbot: QtBot, desk: EditDesk, acts: FakeActs) -> None:
    long = "Plot 163, Bandra Kurla Complex, Bandra East, Mumbai, Maharashtra & more"
    field = MergeField("Street", "Street", "string", (long, long), (long, f"{long}!"), 0, True)
    acts.preview = MergePreview("Lead", preview().sides, (field,))
    dialog = show(qtbot, MergeDialog(desk, (LEAD, OTHER)))
    qtbot.waitUntil(lambda: dialog.act_button.isEnabled())
    dialog.resize(700, 400)
    area = dialog.findChild(QScrollArea, "actScroll")
    buttons = [dialog.findChild(QRadioButton, f"merge_Street_{side}") for side in (0, 1)]
    qtbot.waitUntil(lambda: buttons[1].toolTip() != "")
    assert buttons[1].mapTo(area, buttons[1].rect().topRight()).x() <= area.viewport().width()
    assert abs(buttons[0].width() - buttons[1].width()) <= 1
    assert buttons[1].text().endswith("…")
    assert buttons[1].accessibleName() == f"Street: {long}!"


def test_a_record_that_is_gone_cannot_be_merged(qtbot: QtBot, desk: EditDesk, acts: FakeActs) -> None:
    acts.preview = preview(Standing.GONE)
    dialog = show(qtbot, MergeDialog(desk, (LEAD, OTHER)))
    qtbot.waitUntil(lambda: "M. Berg" in dialog.error.text())
    assert not dialog.act_button.isEnabled()


# Log and policies


def test_an_old_value_is_put_back_from_the_log(
    qtbot: QtBot, desk: EditDesk, records: FakeRecords, acts: FakeActs
) -> None:
    records.log = (
        ChangeView(4, "2026-11-22T10:00:00.000Z", "Email", "E-mail", "a", "b", "a", "b", "005", "local", True),
        ChangeView(3, "2026-11-22T09:00:00.000Z", "Id", "Id", None, "x", "", "x", None, "remote", False),
    )
    dialog = show(qtbot, ChangeLogDialog(desk, LEAD, "Mia"))
    qtbot.waitUntil(lambda: len(dialog.lines.lines) == 2)
    assert dialog._by(dialog.lines.lines[0]) == "Name of 005"
    dialog.table.choose(3)
    assert not dialog.act_button.isEnabled()
    dialog.table.choose(4)
    dialog.act_button.click()
    qtbot.waitUntil(lambda: records.called("revert") == [(4,)])


def test_policies_per_object_and_field_and_marketos_rule(
    qtbot: QtBot, desk: EditDesk, push: FakePush, acts: FakeActs
) -> None:
    summary = SimpleNamespace(name="Lead", label="Lead", custom=False)
    desk.connection.browse.fake.summaries = [summary]
    dialog = show(qtbot, PolicyDialog(desk, object_name="Lead", field="Email"))
    qtbot.waitUntil(lambda: ("Lead", None) in dialog.choices)
    assert dialog.new_field.currentData() == "Email"
    combo = dialog.choices[("Lead", None)]
    combo.setCurrentIndex(combo.findData(Policy.NEWEST))
    combo.activated.emit(combo.currentIndex())
    qtbot.waitUntil(lambda: push.policy == {("Lead", None): Policy.NEWEST})
    dialog.add.click()
    qtbot.waitUntil(lambda: ("Lead", "Email") in dialog.choices)
    dialog.preset.click()
    qtbot.waitUntil(lambda: push.preset)
