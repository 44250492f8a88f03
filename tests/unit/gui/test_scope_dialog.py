"""*What to mirror*: nothing is changed before its plan was seen; what Salesforce refuses is said in its words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from core.api.scope import ScopeChange
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.scope import DeletePolicy, Direction
from gui.dialogs.scope_dialog import ScopeDialog
from gui.models.scope_drafts import ScopeDrafts
from gui.widgets.label import Label
from gui.widgets.offer_bar import OfferBar
from gui.workers.session import Session
from tests.helpers import fake_scope
from tests.helpers.fake_app import FakeConnection

MakeSession = Callable[[FakeConnection], Session]


@pytest.fixture
def connection() -> FakeConnection:
    return FakeConnection()


@pytest.fixture
def dialog(qtbot: QtBot, make_session: MakeSession, connection: FakeConnection) -> ScopeDialog:
    made = ScopeDialog(make_session(connection), "Lead")
    qtbot.addWidget(made)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.waitUntil(lambda: made._stack.currentWidget() is made.panel)
    return made


def words(dialog: ScopeDialog, name: str) -> str:
    label = dialog.findChild(Label, name)
    assert label is not None
    return label.text()


def look(qtbot: QtBot, dialog: ScopeDialog) -> str:
    dialog.apply.click()
    qtbot.waitUntil(lambda: dialog._wish is not None)
    return words(dialog, "scopePlanText")


def test_it_shows_the_object_and_wants_nothing(dialog: ScopeDialog) -> None:
    assert words(dialog, "scopeTitle") == "Leads"
    assert dialog.changes == {}
    assert not dialog.apply.isEnabled()
    assert dialog.panel.fields.on == {"Id", "Email", "Company"}


def test_the_plan_is_shown_before_anything_is_applied(
    qtbot: QtBot, dialog: ScopeDialog, connection: FakeConnection
) -> None:
    connection.scope.removed = 30_000
    dialog.panel.rows.text.setPlainText("Status = 'Open'")
    assert look(qtbot, dialog) == "30,000 of 40,000 records leave the mirror."
    assert "30,000" in dialog.apply.text()
    assert connection.scope.applied == []
    dialog.apply.click()
    qtbot.waitUntil(lambda: connection.scope.applied == [ScopeChange(where="Status = 'Open'")])
    qtbot.waitUntil(lambda: words(dialog, "scopeNoteLine") == "Applied: Leads")


def test_another_thought_takes_the_plan_back(qtbot: QtBot, dialog: ScopeDialog, connection: FakeConnection) -> None:
    dialog.panel.fields.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    look(qtbot, dialog)
    dialog.panel.direction.setCurrentIndex(1)
    assert dialog._wish is None
    dialog.panel.direction.setCurrentIndex(0)
    dialog.panel.fields.list.item(1).setCheckState(Qt.CheckState.Checked)
    assert dialog.changes == {}
    assert connection.scope.applied == []


def test_a_condition_that_salesforce_refuses(qtbot: QtBot, dialog: ScopeDialog, connection: FakeConnection) -> None:
    text = "unexpected token: '<b>'"
    connection.scope.fault = OrgMirrorError(ErrorCode.ROW_FILTER_REFUSED, object="Lead", salesforce_text=text)
    dialog.panel.rows.text.setPlainText("<b>")
    qtbot.waitUntil(lambda: dialog.panel.rows.count.text() == text)
    assert dialog.panel.rows.count.role == "bad"
    dialog.apply.click()
    qtbot.waitUntil(lambda: text in words(dialog, "scopeNoteLine"))
    connection.scope.fault = None
    dialog.panel.rows.text.setPlainText("Status = 'Open'")
    qtbot.waitUntil(lambda: dialog.panel.rows.count.text() == "12,345 records fit it now")


def test_several_objects_are_ticked_at_once(qtbot: QtBot, dialog: ScopeDialog, connection: FakeConnection) -> None:
    for row in range(dialog.objects.list.count()):
        item = dialog.objects.list.item(row)
        if item.text().startswith(("Case", "Lead")):
            on = item.text().startswith("Case")
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
    assert not dialog.panel.on.isChecked()
    plan = look(qtbot, dialog)
    assert "Leads leaves the mirror: 40,000 records are removed from this computer." in plan
    dialog.apply.click()
    qtbot.waitUntil(lambda: connection.scope.applied == [ScopeChange(on=True), ScopeChange(on=False)])


def test_what_cannot_be_mirrored_cannot_be_ticked(dialog: ScopeDialog) -> None:
    items = {dialog.objects.list.item(row).text(): dialog.objects.list.item(row) for row in range(4)}
    assert not items["Secret"].flags() & Qt.ItemFlag.ItemIsUserCheckable
    assert items["Invoice (new)"].flags() & Qt.ItemFlag.ItemIsUserCheckable


def test_typing_finds_objects_and_fields(qtbot: QtBot, dialog: ScopeDialog) -> None:
    dialog.panel.fields.search.setText("comp")
    fields = dialog.panel.fields.list
    qtbot.waitUntil(lambda: [fields.item(row).isHidden() for row in range(4)] == [True, True, False, True])


def test_loading_anew_asks_before(qtbot: QtBot, dialog: ScopeDialog, connection: FakeConnection) -> None:
    dialog.panel.start_over.click()
    assert "fetched anew" in words(dialog, "scopePlanText")
    dialog.back.click()
    assert dialog._wish is None
    dialog.panel.start_over.click()
    dialog.apply.click()
    qtbot.waitUntil(lambda: connection.scope.started_over == ["Lead"])


def test_drafts_are_what_differs() -> None:
    drafts = ScopeDrafts()
    scope = fake_scope.lead(row_filter="Status = 'Open'")
    draft = drafts.keep(scope)
    assert drafts.changes({"Lead": True}) == {}
    drafts.set("Lead", replace(draft, where=" ", direction=Direction.PULL, delete_policy=DeletePolicy.ASK))
    change = ScopeChange(where="", direction=Direction.PULL, delete_policy=DeletePolicy.ASK)
    assert drafts.changes({"Lead": True}) == {"Lead": change}
    drafts.tick("Lead", False)
    assert drafts.changes({"Lead": True}) == {"Lead": ScopeChange(on=False)}
    drafts.tick("Case", True)
    assert drafts.changes({"Lead": True, "Case": False})["Case"] == ScopeChange(on=True)
    drafts.forget("Lead")
    assert list(drafts.changes({"Lead": True, "Case": True})) == []


def test_new_objects_are_offered_quietly_and_once(
    qtbot: QtBot, make_session: MakeSession, connection: FakeConnection
) -> None:
    bar = OfferBar()
    qtbot.addWidget(bar)
    bar.set_session(make_session(connection))
    qtbot.waitUntil(lambda: not bar.isHidden())
    text = bar.findChild(Label, "offerText")
    assert text is not None
    assert "Invoice" in text.accessibleName()
    later = bar.findChild(QAbstractButton, "offerLater")
    assert later is not None
    later.click()
    assert bar.isHidden()
    qtbot.waitUntil(lambda: connection.scope.seen_objects == ["Invoice__c"])
    bar.look()
    qtbot.waitUntil(lambda: bar._reading is not None and not bar._reading.running)
    assert bar.isHidden()
    bar.set_session(None)
