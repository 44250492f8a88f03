"""Reading and writing a record in the same place: opening fields, typing, saving, drafts, what arrives meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from core.api.records import FaultCode, FieldFault, LookupHit, ReadOnly
from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef
from gui.models.edit_desk import EditDesk
from gui.widgets.field_editors import PicklistEditor
from gui.widgets.link_button import LinkButton
from gui.widgets.record_pane import RecordPane
from tests.helpers.fake_browse import FakeBrowse, record_id
from tests.helpers.fake_edits import FakePush, FakeRecords, choice, form, form_field, pending_field
from tests.helpers.fake_records import field, record

pytestmark = pytest.mark.gui
Make = Callable[..., RecordPane]


@pytest.fixture
def browse() -> FakeBrowse:
    made = FakeBrowse()
    made.fake.zone = ZoneInfo("Europe/Berlin")  # type: ignore[attr-defined]
    return made


@pytest.fixture
def make(qtbot: QtBot, browse: FakeBrowse, desk: EditDesk, records: FakeRecords) -> Make:
    def made(*fields: Any, number: int = 1, pane: RecordPane | None = None, **more: Any) -> RecordPane:
        if pane is None:
            pane = RecordPane(browse, desk=desk)  # type: ignore[arg-type]
            qtbot.addWidget(pane)
            pane.resize(440, 640)
            pane.show()
            qtbot.waitExposed(pane)
            pane.activateWindow()
        put(browse, records, *fields, number=number, **more)
        wanted = record(number).ref
        shown = pane
        shown.show_record(wanted)
        qtbot.waitUntil(lambda: shown.record is not None and shown.record.ref == wanted)
        return shown

    return made


def put(browse: FakeBrowse, records: FakeRecords, *fields: Any, number: int = 1, **more: Any) -> None:
    views = [field(f.name, f.display, raw=f.value, label=f.label, type=f.type) for f in fields]
    shown = record(number, *views, field("LastModifiedById", "Mia Berg"), field("LastModifiedDate", "2026-11-22 12:30"))
    browse.fake.records[shown.ref] = shown
    records.forms[shown.ref] = form(*fields, number=number, **more)


def line(pane: RecordPane) -> QLineEdit:
    assert pane.sheet.editor is not None
    found = pane.sheet.editor.findChild(QLineEdit)
    assert isinstance(found, QLineEdit)
    return found


def note(pane: RecordPane, name: str) -> str:
    return "\n".join(item.text for item in pane.sheet.notes_of(name))


def test_a_field_opens_with_a_click_and_goes_back_with_escape(qtbot: QtBot, make: Make) -> None:
    pane = make(form_field("Email", "ada@acme.example"), form_field("Title", "CTO"))
    label = pane.sheet.widget_of("Title")
    qtbot.mouseClick(label, Qt.MouseButton.LeftButton)
    assert pane.sheet.editing == "Title"
    qtbot.keyClicks(line(pane), "CEO")
    qtbot.keyClick(line(pane), Qt.Key.Key_Escape)
    assert pane.sheet.editing is None
    assert not pane.editing.has_draft
    assert pane.sheet.fields()[1].display == "CTO"


@pytest.mark.parametrize("key", [Qt.Key.Key_F2, Qt.Key.Key_E, Qt.Key.Key_Return])
def test_a_field_opens_by_key(qtbot: QtBot, make: Make, key: Qt.Key) -> None:
    pane = make(form_field("Email", "a@b.example"), form_field("Title", "CTO"))
    pane.sheet.setFocus()
    qtbot.keyClick(pane.sheet, Qt.Key.Key_Down)
    qtbot.keyClick(pane.sheet, Qt.Key.Key_Down)
    qtbot.keyClick(pane.sheet, key)
    assert pane.sheet.editing == "Title"


def test_save_writes_all_fields_as_one_group(
    qtbot: QtBot, make: Make, records: FakeRecords, push: FakePush, desk: EditDesk
) -> None:
    pane = make(form_field("Email", "a@b.example"), form_field("Title", "CTO"))
    notices: list[Any] = []
    desk.noted.connect(notices.append)
    pane.sheet.begin_edit("Email")
    qtbot.keyClicks(line(pane), "new@b.example")
    qtbot.keyClick(line(pane), Qt.Key.Key_Tab)
    assert pane.sheet.editing == "Title"
    qtbot.keyClicks(line(pane), "CEO")
    assert not records.called("edit")
    qtbot.keyClick(line(pane), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(records.called("edit")))
    assert records.called("edit") == [(record(1).ref, {"Email": "new@b.example", "Title": "CEO"})]
    qtbot.waitUntil(lambda: bool(notices))
    assert notices[0].action == "Undo"
    assert push.soon == 1
    qtbot.waitUntil(lambda: not pane.editing.has_draft)
    notices[0].call()
    qtbot.waitUntil(lambda: records.called("undo_act") == [(1,)])


def test_a_click_on_another_field_opens_that_one_and_keeps_what_was_typed(qtbot: QtBot, make: Make) -> None:
    pane = make(form_field("Company", "Acme"), form_field("Title", "CTO"), form_field("City", "Bern"))
    pane.sheet.begin_edit("Company")
    line(pane).setText("Acme Two")
    label = pane.sheet.widget_of("City")
    window = pane.windowHandle()
    assert label is not None
    assert window is not None
    spot = label.mapTo(pane, QPoint(4, 4))

    # As the desktop sends it: the button takes the focus away from the editor before the field hears of the click.
    QTest.mousePress(window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    qtbot.wait(80)
    assert pane.sheet.editing == "Company"
    QTest.mouseRelease(window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)

    qtbot.waitUntil(lambda: pane.sheet.editing == "City")
    assert pane.sheet.edits.values() == {"Company": "Acme Two"}


def test_a_click_beside_the_fields_ends_the_writing(qtbot: QtBot, make: Make) -> None:
    pane = make(form_field("Company", "Acme"), form_field("Title", "CTO"))
    pane.sheet.begin_edit("Company")
    line(pane).setText("Acme Two")
    window = pane.windowHandle()
    assert window is not None
    spot = pane.sheet.mapTo(pane, QPoint(20, pane.sheet.height() - 3))

    QTest.mouseClick(window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)

    qtbot.waitUntil(lambda: pane.sheet.editing is None)
    assert pane.sheet.edits.values() == {"Company": "Acme Two"}


def test_leaving_keeps_a_draft_and_asks_nothing(qtbot: QtBot, make: Make, records: FakeRecords) -> None:
    pane = make(form_field("Title", "CTO"))
    pane.sheet.begin_edit("Title")
    qtbot.keyClicks(line(pane), "CEO")
    make(form_field("Title", "Clerk"), number=2, pane=pane)
    qtbot.waitUntil(lambda: records.drafts == {record(1).ref: {"Title": "CEO"}})
    assert not pane.editing.has_draft
    make(form_field("Title", "CTO"), number=1, pane=pane)
    assert pane.editing.has_draft
    assert pane.sheet.fields()[0].display == "CEO"
    assert not pane.save_bar.isHidden()
    assert not records.called("edit")


def test_what_arrives_while_typing_stands_beside_and_touches_nothing_typed(
    qtbot: QtBot, make: Make, browse: FakeBrowse, records: FakeRecords
) -> None:
    pane = make(form_field("Title", "CTO"), form_field("Email", "a@b.example"))
    pane.sheet.begin_edit("Title")
    qtbot.keyClicks(line(pane), "CEO")
    qtbot.keyClick(line(pane), Qt.Key.Key_Return)
    pane.sheet.begin_edit("Email")
    qtbot.keyClicks(line(pane), "half")
    put(browse, records, form_field("Title", "CFO"), form_field("Email", "z@b.example"))
    pane.apply_changes(Changes({"Contact": frozenset({record_id(1)})}))
    qtbot.waitUntil(lambda: "CFO" in note(pane, "Title"))
    assert "Mia Berg" in note(pane, "Title")
    assert pane.sheet.fields()[0].display == "CEO"
    assert pane.sheet.editing == "Email"
    assert line(pane).text() == "half"
    pane.sheet.take_arrived("Title")
    assert pane.sheet.fields()[0].display == "CFO"


def test_what_is_wrong_is_said_before_sending(qtbot: QtBot, make: Make, records: FakeRecords) -> None:
    records.faults = (FieldFault("Title", FaultCode.TOO_LONG, "Title", {"limit": 3, "length": 4}),)
    pane = make(form_field("Title", "CTO"), form_field("Employees", 12, type="int"))
    pane.sheet.begin_edit("Title")
    qtbot.keyClicks(line(pane), "CEOO")
    qtbot.keyClick(line(pane), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "3 characters at most" in note(pane, "Title"))
    pane.editing.save()
    qtbot.waitUntil(lambda: len(records.called("check")) >= 2)
    assert not records.called("edit")
    pane.sheet.begin_edit("Employees")
    qtbot.keyClicks(line(pane), "many")
    qtbot.keyClick(line(pane), Qt.Key.Key_Return)
    assert pane.sheet.editing == "Employees"
    assert "not a number" in note(pane, "Employees")


def test_a_refusal_to_save_is_said_above_the_record(qtbot: QtBot, make: Make, records: FakeRecords) -> None:
    pane = make(form_field("Title", "CTO"))
    pane.sheet.begin_edit("Title")
    qtbot.keyClicks(line(pane), "CEO")
    assert pane.sheet.end_edit()
    records.fault = OrgMirrorError(ErrorCode.DISK_FULL)
    pane.editing.save()
    qtbot.waitUntil(lambda: pane.bar.shown is not None)
    assert pane.editing.has_draft


def test_a_read_only_field_says_why(make: Make) -> None:
    pane = make(form_field("Score", 5, type="double", editable=False, reason=ReadOnly.CALCULATED, calculated=True))
    assert not pane.sheet.begin_edit("Score")
    assert "Calculated" in note(pane, "Score")


def test_retired_values_stay_visible_and_others_are_not_offered(make: Make) -> None:
    choices = (choice("Hot"), choice("Warm"), choice("Old", active=False), choice("Gone", active=False))
    pane = make(form_field("Rating", "Old", type="picklist", choices=choices))
    pane.sheet.begin_edit("Rating")
    combo = pane.sheet.findChild(QComboBox)
    assert combo is not None
    words = [combo.itemText(row) for row in range(combo.count())]
    assert words == ["–", "Hot", "Warm", "Old (no longer offered)"]
    assert combo.currentData() == "Old"


def test_a_dependent_list_follows_what_was_typed_into_its_controller(qtbot: QtBot, make: Make) -> None:
    cities = (choice("Kyoto"), choice("Bonn"))
    pane = make(
        form_field("Land", "Japan", type="picklist", choices=(choice("Japan"), choice("Germany"))),
        form_field(
            "City", None, type="picklist", choices=cities, controller="Land",
            choices_by_control={"Japan": ("Kyoto",), "Germany": ("Bonn",)},
        ),
    )  # fmt: skip
    pane.sheet.edits.put("Land", "Germany")
    pane.sheet.begin_edit("City")
    editor = pane.sheet.editor
    assert isinstance(editor, PicklistEditor)
    assert [editor.combo.itemData(row) for row in range(editor.combo.count())] == [None, "Bonn"]


def test_a_look_up_is_searched_by_name(qtbot: QtBot, make: Make, records: FakeRecords) -> None:
    hit = LookupHit(RecordRef("Account", "001000000000001AAA"), "Acme", "Berlin")
    records.hits = (hit,)
    pane = make(form_field("AccountId", None, type="reference", references=("Account",)))
    pane.sheet.begin_edit("AccountId")
    qtbot.keyClicks(line(pane), "acm")
    qtbot.waitUntil(lambda: pane.sheet.editor.popup.count() == 1)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: pane.sheet.editor.popup.currentRow() == 0)  # type: ignore[union-attr]
    qtbot.keyClick(line(pane), Qt.Key.Key_Return)
    assert pane.sheet.edits.values() == {"AccountId": "001000000000001AAA"}
    assert pane.sheet.fields()[0].display == "Acme"


def test_pending_and_conflicting_fields_are_marked(
    qtbot: QtBot, make: Make, browse: FakeBrowse, records: FakeRecords
) -> None:
    pane = make(
        form_field("Title", "CEO", pending=pending_field(7, "CTO", "CEO")),
        form_field("Email", "x@b.example", conflict_id=3, pending=pending_field(8, "a@b.example", "x@b.example")),
    )
    assert "before: CTO" in note(pane, "Title")
    assert pane.bar.shown is not None
    assert "Email label" in pane.bar.shown.text
    fresh = pending_field(9, "CTO", "CEO", since=datetime.now(UTC))
    put(browse, records, form_field("Title", "CEO", pending=fresh), form_field("Email", "x@b.example"))
    pane.apply_changes(Changes({"Contact": frozenset({record_id(1)})}))
    qtbot.waitUntil(lambda: not note(pane, "Title"))
    assert pane.sheet._mark_role("Title") == "warn"
    pane.sheet.acted.emit("Title", "undo")
    qtbot.waitUntil(lambda: records.called("undo") == [((9,),)])


def test_times_are_typed_in_the_users_zone(qtbot: QtBot, make: Make) -> None:
    pane = make(form_field("Next__c", "2026-11-22T12:00:00.000Z", type="datetime"))
    pane.sheet.begin_edit("Next__c")
    assert line(pane).text() == "2026-11-22 13:00"
    line(pane).setText("2026-07-01 9:30")
    assert pane.sheet.end_edit()
    assert pane.sheet.edits.values() == {"Next__c": "2026-07-01T07:30:00.000Z"}


def test_a_tick_flips_at_a_click_and_false_is_a_value(qtbot: QtBot, make: Make) -> None:
    pane = make(form_field("DoNotCall", True, type="boolean", display="✓"))
    pane.sheet.set_cursor("DoNotCall")
    pane.sheet.setFocus()
    qtbot.keyClick(pane.sheet, Qt.Key.Key_Space)
    assert pane.sheet.edits.values() == {"DoNotCall": False}


def test_a_value_set_back_is_no_edit(qtbot: QtBot, make: Make) -> None:
    pane = make(form_field("Amount", "100.50", type="currency", scale=2))
    pane.sheet.begin_edit("Amount")
    line(pane).setText("1,000.5")
    assert pane.sheet.end_edit()
    assert pane.sheet.fields()[0].display == "1,000.50"
    pane.sheet.begin_edit("Amount")
    line(pane).setText("100.5")
    assert pane.sheet.end_edit()
    assert not pane.editing.has_draft


def test_discard_gives_the_typed_text_back_on_demand(qtbot: QtBot, make: Make, desk: EditDesk) -> None:
    pane = make(form_field("Title", "CTO"))
    notices: list[Any] = []
    desk.noted.connect(notices.append)
    pane.sheet.begin_edit("Title")
    qtbot.keyClicks(line(pane), "CEO")
    assert pane.sheet.end_edit()
    pane.save_bar.discard.click()
    assert not pane.editing.has_draft
    notices[-1].call()
    assert pane.sheet.edits.values() == {"Title": "CEO"}


def test_only_the_field_written_has_an_editor(make: Make) -> None:
    many = [form_field(f"F{at}", f"value {at}") for at in range(300)]
    pane = make(*many)
    assert pane.sheet.findChildren(QLineEdit) == []
    pane.sheet.begin_edit("F250")
    assert len(pane.sheet.findChildren(QLineEdit)) == 1
    QGuiApplication.processEvents()
    area = pane.sheet.editor
    assert area is not None
    assert area.visibleRegion().boundingRect().height() > 10


def test_fields_that_are_not_on_the_layout_wait_behind_a_link(make: Make, browse: FakeBrowse) -> None:
    pane = make(form_field("Title", "CTO"))
    names = [f.name for f in pane.sheet.fields()]
    assert names == ["Title"]
    pane._empty_toggle.click()
    assert "LastModifiedById" in [f.name for f in pane.sheet.fields()]
    assert replace(browse.fake.records[record(1).ref]) is not None


def test_a_conflict_is_decided_at_its_field(qtbot: QtBot, make: Make, push: FakePush) -> None:
    entry = pending_field(8, "a@b.example", "x@b.example", server="mia@b.example", state="conflict")
    pane = make(form_field("Email", "x@b.example", conflict_id=3, pending=entry))
    assert "Salesforce has mia@b.example" in note(pane, "Email")
    button = pane.sheet.findChild(LinkButton, "note_theirs")
    assert button is not None
    button.click()
    qtbot.waitUntil(lambda: push.resolved == [(3, "theirs", None)])
    qtbot.waitUntil(lambda: push.soon == 1)


def test_a_layout_that_comes_while_typing_moves_nothing(
    qtbot: QtBot, make: Make, browse: FakeBrowse, records: FakeRecords
) -> None:
    pane = make(form_field("Title", "CTO"), form_field("Email", "a@b.example"), from_layout=False)
    pane.sheet.begin_edit("Title")
    qtbot.keyClicks(line(pane), "half")
    put(browse, records, form_field("Email", "z@b.example"), form_field("Title", "CTO"))
    pane.apply_changes(Changes({"Contact": frozenset({record_id(1)})}))
    qtbot.waitUntil(lambda: [f.display for f in pane.sheet.fields()][:2] == ["CTO", "z@b.example"])
    assert [f.name for f in pane.sheet.fields()][:2] == ["Title", "Email"]
    assert line(pane).text() == "half"
    pane.sheet.cancel_edit()
    pane.apply_changes(Changes({"Contact": frozenset({record_id(1)})}))
    qtbot.waitUntil(lambda: [f.name for f in pane.sheet.fields()][:2] == ["Email", "Title"])


def test_letters_in_an_open_editor_are_in_the_draft(qtbot: QtBot, make: Make, records: FakeRecords) -> None:
    pane = make(form_field("Title", "CTO"))
    pane.sheet.begin_edit("Title")
    qtbot.keyClicks(line(pane), "CE")
    qtbot.waitUntil(lambda: records.drafts.get(record(1).ref) == {"Title": "CE"})
    assert pane.sheet.editing == "Title"
    qtbot.keyClick(line(pane), Qt.Key.Key_Escape)
    pane.editing.keep_draft()
    qtbot.waitUntil(lambda: not records.drafts)


def test_a_draft_names_the_records_that_it_refers_to(
    qtbot: QtBot, make: Make, browse: FakeBrowse, records: FakeRecords
) -> None:
    account = "001000000000001AAA"
    browse.fake.lookup_name = lambda _id: "Acme"  # type: ignore[attr-defined]
    records.drafts[record(1).ref] = {"AccountId": account}
    pane = make(form_field("AccountId", None, type="reference", references=("Account",)))
    assert pane.sheet.fields()[0].display == "Acme"
    assert pane.sheet.edits.values() == {"AccountId": account}
