"""One record on the screen: its fields as text and links, and the ways in, back and out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from core.api.browse import LinkState
from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef
from gui.widgets import record_pane, record_sheet, record_values
from gui.widgets.link_button import LinkButton
from gui.widgets.record_pane import RecordPane
from gui.widgets.record_sheet import TWO_COLUMNS_FROM, RecordSheet
from gui.widgets.record_values import LongText, RichText, ShortText
from gui.widgets.state_panel import PageState
from tests.helpers.fake_browse import FakeBrowse, record_id
from tests.helpers.fake_records import field, record

pytestmark = pytest.mark.gui
ACCOUNT = RecordRef("Account", "001000000000001AAA")
Make = Callable[..., RecordPane]


@pytest.fixture
def browse() -> FakeBrowse:
    return FakeBrowse()


@pytest.fixture
def make(qtbot: QtBot, browse: FakeBrowse) -> Make:
    def made(*fields: object, width: int = 420, **more: object) -> RecordPane:
        pane = RecordPane(browse)  # type: ignore[arg-type]
        qtbot.addWidget(pane)
        pane.resize(width, 600)
        pane.show()
        if fields or more:
            shown = record(1, *fields, **more)  # type: ignore[arg-type]
            browse.fake.records[shown.ref] = shown
            pane.show_record(shown.ref)
            qtbot.waitUntil(lambda: pane.record == shown)
        return pane

    return made


def widget(pane: RecordPane, name: str) -> QWidget:
    found = pane.sheet.widget_of(name)
    assert found is not None
    return found


def test_title_badges_and_fields_are_shown_as_plain_text(make: Make) -> None:
    pane = make(
        field("Name", "<b>Bobby</b> & Co"),
        field("IsConverted", "Yes", raw=1),
        title="<img src=x> Tables",
        subtitle="<i>CEO</i>",
        is_deleted=True,
    )
    title = pane.header.title_label()
    assert title.text() == "<img src=x> Tables"
    shown = widget(pane, "Name")
    assert isinstance(shown, ShortText)
    assert shown.text() == "<b>Bobby</b> & Co"
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in pane.findChildren(QLabel))
    badges = {name: pane.findChild(QLabel, name) for name in ("recordDeletedBadge", "recordConvertedBadge")}
    assert all(label is not None and label.isVisible() for label in badges.values())


def test_a_lookup_leads_to_its_record_and_back(qtbot: QtBot, browse: FakeBrowse, make: Make) -> None:
    browse.fake.records[ACCOUNT] = record(5, ref=ACCOUNT, title="ACME")
    pane = make(field("AccountId", "ACME", link=ACCOUNT, link_label="ACME & <b>Sons</b>"))
    link = widget(pane, "AccountId")
    assert isinstance(link, LinkButton)
    assert link.plain_text() == "ACME & <b>Sons</b>"
    with qtbot.waitSignal(pane.record_followed) as followed:
        qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    assert followed.args == [ACCOUNT]
    qtbot.waitUntil(lambda: pane.record is not None and pane.record.ref == ACCOUNT)
    assert pane.header.back.isVisible()
    pane.header.back.click()
    qtbot.waitUntil(lambda: pane.record is not None and pane.record.ref.id == record_id(1))
    assert not pane.header.back.isVisible()


@pytest.mark.parametrize(
    ("state", "words"),
    [(LinkState.NOT_VISIBLE, "005X · not visible to you"), (LinkState.NOT_LOADED, "005X · not loaded yet")],
)
def test_a_lookup_whose_target_is_not_here_says_why(make: Make, state: LinkState, words: str) -> None:
    pane = make(field("OwnerId", "005X", type="reference", link_state=state))
    shown = widget(pane, "OwnerId")
    assert isinstance(shown, ShortText)
    assert shown.text() == words


@pytest.mark.parametrize("way", ["control", "middle", "enter"])
def test_a_lookup_can_be_opened_apart(qtbot: QtBot, make: Make, way: str) -> None:
    pane = make(field("AccountId", "ACME", link=ACCOUNT, link_label="ACME"))
    link = widget(pane, "AccountId")
    with qtbot.waitSignal(pane.window_wanted) as wanted:
        if way == "control":
            qtbot.mouseClick(link, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier)
        elif way == "middle":
            qtbot.mouseClick(link, Qt.MouseButton.MiddleButton)
        else:
            QTest.keyClick(link, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert wanted.args == [ACCOUNT]


def test_addresses_are_links_only_where_they_are_safe(
    qtbot: QtBot, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(record_sheet, "open_link", opened.append)
    pane = make(
        field("Email", "zoe@example.org", type="email"),
        field("Phone", "+49 30 123456", type="phone"),
        field("Website", "www.example.org", type="url"),
        field("Evil", "javascript:alert(1)", type="url"),
        field("File", "file:///etc/passwd", type="url"),
    )
    for name in ("Email", "Phone", "Website"):
        qtbot.mouseClick(widget(pane, name), Qt.MouseButton.LeftButton)
    assert opened == ["mailto:zoe@example.org", "tel:+4930123456", "https://www.example.org"]
    assert isinstance(widget(pane, "Evil"), ShortText)
    assert isinstance(widget(pane, "File"), ShortText)


def test_rich_text_loads_nothing_and_opens_safe_links_only(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(record_values, "open_link", opened.append)
    html = "<p>Hi <b>you</b><img src='https://evil.example/p.gif'><script>alert(1)</script></p>"
    pane = make(field("Rich__c", "Hi you", raw=html, html=True, type="textarea", long=True))
    rich = widget(pane, "Rich__c")
    assert isinstance(rich, RichText)
    assert rich.text().startswith("Hi you[")
    assert "alert" not in rich.browser.toHtml()
    assert "evil.example" not in rich.browser.toHtml()
    assert rich.browser.loadResource(2, "https://evil.example/p.gif") is None
    assert not rich.browser.openLinks()


def test_a_long_text_is_folded_and_opens(qtbot: QtBot, make: Make) -> None:
    text = "\n".join(f"line {number} <b>" for number in range(60))
    pane = make(field("Description", text, type="textarea", long=True), field("After", "x"))
    area = widget(pane, "Description")
    assert isinstance(area, LongText)
    shown = area._area.toPlainText()
    assert shown.startswith("line 0 <b>")
    assert shown.endswith("…")
    low = area.height()
    area._toggle.click()
    assert area._area.toPlainText() == text
    assert area.height() > low
    assert widget(pane, "After").y() > area.geometry().bottom()


def test_a_short_long_text_is_shown_as_any_other(make: Make) -> None:
    pane = make(field("Description", "short", type="textarea", long=True))
    assert isinstance(widget(pane, "Description"), ShortText)


def test_empty_fields_hide_until_asked_for(qtbot: QtBot, make: Make) -> None:
    pane = make(field("Name", "x"), field("Fax", ""), field("Owner", "", link=ACCOUNT, link_label="Ada"))
    assert [f.name for f in pane.sheet.fields()] == ["Name", "Owner"]
    assert pane._empty_toggle.text() == "Show 1 empty field"
    pane._empty_toggle.click()
    assert [f.name for f in pane.sheet.fields()] == ["Name", "Fax", "Owner"]
    assert pane._empty_toggle.text() == "Hide empty fields"


def test_columns_follow_the_width(make: Make) -> None:
    fields = [field(f"F{number}", "x") for number in range(4)]
    narrow, wide = make(*fields), make(*fields, width=TWO_COLUMNS_FROM + 80)
    assert widget(narrow, "F0").y() < widget(narrow, "F1").y()
    assert widget(wide, "F0").y() == widget(wide, "F1").y()
    assert widget(wide, "F2").y() > widget(wide, "F1").y()


def test_a_word_without_a_break_stays_inside(make: Make) -> None:
    pane = make(field("Token", "A" * 400), field("After", "x"))
    token = widget(pane, "Token")
    assert token.height() > 60
    assert token.geometry().right() < pane.width()
    menu = pane.sheet.menu_for(pane.sheet.fields()[0])
    menu.findChild(type(menu.actions()[0]), "copyValue").trigger()
    assert QGuiApplication.clipboard().text() == "A" * 400


def test_the_menu_copies_value_label_id_and_name(make: Make) -> None:
    pane = make(field("AccountId", "ACME", link=ACCOUNT, link_label="ACME", label="Account"))
    menu = pane.sheet.menu_for(pane.sheet.fields()[0])
    copied = {}
    for action in menu.actions():
        if action.objectName().startswith("copy"):
            action.trigger()
            copied[action.objectName()] = QGuiApplication.clipboard().text()
    assert copied == {
        "copyValue": "ACME",
        "copyBoth": "Account: ACME",
        "copyLinkId": ACCOUNT.id,
        "copyApiName": "AccountId",
    }


def test_only_the_fields_near_what_is_seen_have_widgets(qtbot: QtBot, make: Make) -> None:
    fields = [field(f"F{number}", f"value {number}") for number in range(800)]
    pane = make(*fields)
    assert pane.sheet.widget_of("F0") is not None
    assert pane.sheet.widget_of("F700") is None
    pane._scroll.verticalScrollBar().setValue(pane._scroll.verticalScrollBar().maximum())
    last = pane.sheet.widget_of("F799")
    assert isinstance(last, ShortText)
    assert last.text() == "value 799"
    assert pane.sheet.widget_of("F0") is None
    assert len(pane.sheet.findChildren(ShortText)) < 300


def test_the_next_record_uses_the_same_widgets(qtbot: QtBot, browse: FakeBrowse, make: Make) -> None:
    pane = make(field("Name", "one"), field("Title", "CEO"))
    before = {id(w) for w in pane.sheet.findChildren(ShortText)}
    other = record(2, field("Name", "two"))
    browse.fake.records[other.ref] = other
    pane.show_record(other.ref)
    qtbot.waitUntil(lambda: pane.record == other)
    visible = [w for w in pane.sheet.findChildren(ShortText) if w.isVisible()]
    assert [w.text() for w in visible] == ["two"]
    assert {id(w) for w in visible} <= before


def test_the_newest_wish_wins(qtbot: QtBot, make: Make, browse: FakeBrowse) -> None:
    pane = make()
    browse.manual = True
    one, two = record(1), record(2)
    browse.fake.records = {one.ref: one, two.ref: two}
    pane.show_record(one.ref)
    late = browse.waiting[0]
    pane.show_record(two.ref)
    browse.step()
    if not late[2].cancelled():
        late[2].set_result(one)
    qtbot.waitUntil(lambda: pane.record == two)


def test_a_slow_record_shows_its_outline_meanwhile(
    qtbot: QtBot, make: Make, browse: FakeBrowse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_pane, "SKELETON_AFTER_MS", 1)
    pane = make()
    browse.manual = True
    shown = record(1)
    browse.fake.records[shown.ref] = shown
    pane.show_record(shown.ref)
    qtbot.waitUntil(lambda: pane._stack.currentWidget() is pane._skeleton)
    browse.step()
    qtbot.waitUntil(lambda: pane.record == shown)
    assert pane._stack.currentWidget() is pane._scroll


@pytest.mark.parametrize(
    ("code", "state"),
    [(ErrorCode.NO_SUCH_RECORD, PageState.NOT_VISIBLE), (ErrorCode.FILE_CORRUPT, PageState.ERROR)],
)
def test_a_record_that_cannot_be_shown_says_why(
    qtbot: QtBot, make: Make, browse: FakeBrowse, code: ErrorCode, state: PageState
) -> None:
    pane = make()
    browse.fake.fault = OrgMirrorError(code)
    pane.show_record(ACCOUNT)
    qtbot.waitUntil(lambda: pane.state.state is state)
    assert pane._stack.currentWidget() is pane.state


def test_a_change_of_the_record_is_shown_and_keeps_the_place(qtbot: QtBot, make: Make, browse: FakeBrowse) -> None:
    fields = [field(f"F{number}", "before") for number in range(100)]
    pane = make(*fields)
    pane._scroll.verticalScrollBar().setValue(300)
    changed = record(1, *[field(f"F{number}", "after") for number in range(100)])
    browse.fake.records[changed.ref] = changed
    asked = len(browse.fake.calls("record"))
    pane.apply_changes(Changes({"Contact": frozenset({record_id(9)})}))
    pane.apply_changes(Changes({"Lead": None}))
    QApplication.processEvents()
    assert len(browse.fake.calls("record")) == asked
    pane.apply_changes(Changes({"Contact": frozenset({record_id(1)})}))
    qtbot.waitUntil(lambda: pane.record == changed)
    assert pane._scroll.verticalScrollBar().value() == 300


def test_escape_closes_and_alt_left_goes_back(qtbot: QtBot, make: Make) -> None:
    pane = make(field("Name", "x"))
    with qtbot.waitSignal(pane.closed):
        QTest.keyClick(pane, Qt.Key.Key_Escape)


def test_every_value_and_button_has_a_name_for_screen_readers(make: Make) -> None:
    pane = make(field("Name", "Ada"), field("AccountId", "ACME", link=ACCOUNT, link_label="ACME"))
    assert widget(pane, "Name").accessibleName() == "Name label: Ada"
    assert widget(pane, "AccountId").accessibleName() == "ACME"
    assert widget(pane, "AccountId").accessibleDescription() == "AccountId label"
    header = pane.header
    for button in (header.back, header.salesforce, header.window_button, header.close_button):
        assert button.accessibleName()


def test_a_click_beside_a_value_still_finds_its_field(make: Make) -> None:
    pane = make(field("Name", "Ada"), field("Title", "CEO"))
    sheet: RecordSheet = pane.sheet
    caption = sheet._groups[0].cells[1].caption
    cell = sheet._cell_at(QPoint(caption.left() + 2, caption.center().y()))
    assert cell is not None
    assert cell.field.name == "Title"


def test_nothing_chosen_is_a_state_of_its_own(make: Make) -> None:
    pane = make(field("Name", "Ada"))
    pane.clear()
    assert pane.record is None
    assert pane._stack.currentWidget() is pane.state
