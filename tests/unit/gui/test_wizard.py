"""The wizard: nothing is kept before the end, every step survives Back, Cancel and the program's end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QPushButton, QTreeView
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core.model.errors import ErrorCode, OrgMirrorError
from core.model.rights import MissingRight, RightKind
from core.model.states import SignInMethod
from gui.dialogs.sign_in_wizard import SignInWizard
from gui.dialogs.wizard_step import Wishes, as_url
from gui.operations import Operations
from tests.helpers import fake_app
from tests.helpers.fake_app import FakeConnections

SECRET = "00D000000000001!AQEAQFake"
Make = Callable[..., SignInWizard]


@pytest.fixture
def connections() -> FakeConnections:
    made = FakeConnections()
    made.choices = [
        SimpleNamespace(
            name=name,
            label=label,
            custom=name.endswith("__c"),
            in_default=True,
            count=rows,
            estimate_seconds=rows / 3000,
            visible=True,
        )
        for name, (_one, label, rows) in fake_app.LABELS.items()
    ]
    return made


@pytest.fixture
def make(qtbot: QtBot, operations: Operations, connections: FakeConnections) -> Iterator[Make]:
    made: list[SignInWizard] = []

    def build(**options: object) -> SignInWizard:
        wizard = SignInWizard(connections, operations, **options)  # type: ignore[arg-type]
        made.append(wizard)
        wizard.show()
        return wizard

    yield build
    connections.gate.set()
    connections.create_gate.set()
    for wizard in made:
        if isValid(wizard):
            wizard.reject()


def press(qtbot: QtBot, wizard: SignInWizard, name: str) -> None:
    button = wizard.findChild(QPushButton, name)
    assert isinstance(button, QPushButton)
    assert button.isEnabled(), name
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def fill(wizard: SignInWizard, **values: str) -> None:
    for name, value in values.items():
        field = wizard.findChild(QLineEdit, name)
        assert isinstance(field, QLineEdit)
        field.setText(value)


def words(wizard: SignInWizard, name: str) -> str:
    label = wizard.findChild(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text()


def to_check(qtbot: QtBot, wizard: SignInWizard) -> None:
    press(qtbot, wizard, "wizardNext")
    fill(wizard, address="acme.my.salesforce.com/lightning/page", accessToken=SECRET)
    press(qtbot, wizard, "wizardNext")


def to_finish(qtbot: QtBot, wizard: SignInWizard) -> None:
    to_check(qtbot, wizard)
    qtbot.waitUntil(wizard.check.is_ready)
    press(qtbot, wizard, "wizardNext")
    qtbot.waitUntil(wizard.scope.is_ready)
    press(qtbot, wizard, "wizardNext")


def test_from_the_first_step_to_a_connection(qtbot: QtBot, make: Make, connections: FakeConnections) -> None:
    wizard = make()
    to_check(qtbot, wizard)
    qtbot.waitUntil(wizard.check.is_ready)
    draft, secrets = connections.checked[0]
    assert draft.method is SignInMethod.TOKEN
    assert draft.instance_url == "https://acme.my.salesforce.com"
    assert secrets.access_token == SECRET
    assert words(wizard, "checkOrg") == "Acme Industries"
    assert words(wizard, "checkKind") == "Production"
    assert words(wizard, "check-username") == "ada@acme.example"
    assert connections.created == []
    press(qtbot, wizard, "wizardNext")
    qtbot.waitUntil(wizard.scope.is_ready)
    assert "14 objects" in words(wizard, "scopeTotal")
    press(qtbot, wizard, "wizardNext")
    fill(wizard, connectionName="Our org")
    with qtbot.waitSignal(wizard.connected) as caught:
        press(qtbot, wizard, "wizardNext")
    assert caught.args is not None
    assert caught.args[0].name == "Our org"
    assert connections.created == [("Our org", None, False)]


def test_missing_rights_are_listed_before_anything_is_copied(
    qtbot: QtBot, make: Make, connections: FakeConnections
) -> None:
    connections.missing = [
        MissingRight(RightKind.MARKETING_USER),
        MissingRight(RightKind.READ_FIELDS, "Lead", ("Email", "Phone")),
    ]
    wizard = make()
    to_finish(qtbot, wizard)
    press(qtbot, wizard, "wizardBack")
    press(qtbot, wizard, "wizardBack")
    qtbot.waitUntil(lambda: words(wizard, "rightsText") != "")
    text = words(wizard, "rightsText")
    assert len(text.splitlines()) == 2
    assert "Email, Phone" in text
    assert connections.created == []


def test_rights_that_cannot_be_asked_stop_nobody(qtbot: QtBot, make: Make, connections: FakeConnections) -> None:
    connections.preflight_fault = OrgMirrorError(ErrorCode.TIMED_OUT)
    wizard = make()
    to_finish(qtbot, wizard)
    press(qtbot, wizard, "wizardBack")
    press(qtbot, wizard, "wizardBack")
    qtbot.waitUntil(wizard.check.rights.isHidden)
    assert wizard.check.is_ready()


def test_a_recovery_code_is_made_where_it_is_asked_for(qtbot: QtBot, make: Make, connections: FakeConnections) -> None:
    wizard = make()
    to_finish(qtbot, wizard)
    wish = wizard.findChild(QAbstractButton, "wantRecovery")
    assert isinstance(wish, QAbstractButton)
    assert not wish.isChecked()
    wish.click()
    with qtbot.waitSignal(wizard.recovery_made) as caught:
        press(qtbot, wizard, "wizardNext")
    assert caught.args is not None
    assert caught.args[1] == "ABCD-EFGH-JKLM-NPQR"
    assert connections.recoveries == [caught.args[0].name]


def test_a_plain_file_has_no_key_to_recover(qtbot: QtBot, make: Make, connections: FakeConnections) -> None:
    wizard = make()
    to_finish(qtbot, wizard)
    for name in ("wantRecovery", "plainFile"):
        button = wizard.findChild(QAbstractButton, name)
        assert isinstance(button, QAbstractButton)
        button.click()
    with qtbot.waitSignal(wizard.connected):
        press(qtbot, wizard, "wizardNext")
    assert connections.recoveries == []


def test_a_narrowed_scope_and_a_plain_file(qtbot: QtBot, make: Make, connections: FakeConnections) -> None:
    wizard = make()
    to_finish(qtbot, wizard)
    press(qtbot, wizard, "wizardBack")
    custom = wizard.scope.model.index(1, 0, QModelIndex())
    wizard.scope.model.setData(custom, Qt.CheckState.Unchecked.value, Qt.ItemDataRole.CheckStateRole)
    press(qtbot, wizard, "wizardNext")
    plain = wizard.findChild(QAbstractButton, "plainFile")
    assert isinstance(plain, QAbstractButton)
    plain.click()
    with qtbot.waitSignal(wizard.connected):
        press(qtbot, wizard, "wizardNext")
    _, objects, plain_file = connections.created[0]
    assert plain_file
    assert objects is not None
    assert "Lead" in objects
    assert "Project__c" not in objects


def test_back_keeps_what_was_entered_and_a_change_checks_again(
    qtbot: QtBot, make: Make, connections: FakeConnections
) -> None:
    wizard = make()
    to_check(qtbot, wizard)
    qtbot.waitUntil(wizard.check.is_ready)
    press(qtbot, wizard, "wizardBack")
    field = wizard.findChild(QLineEdit, "accessToken")
    assert isinstance(field, QLineEdit)
    assert field.text() == SECRET
    press(qtbot, wizard, "wizardNext")
    assert len(connections.checked) == 1
    press(qtbot, wizard, "wizardBack")
    field.setText(SECRET + "2")
    press(qtbot, wizard, "wizardNext")
    qtbot.waitUntil(wizard.check.is_ready)
    assert len(connections.checked) == 2


@pytest.mark.parametrize(
    "code", [ErrorCode.WRONG_CREDENTIALS, ErrorCode.UNKNOWN_HOST, ErrorCode.BAD_CERTIFICATE, ErrorCode.API_NOT_ENABLED]
)
def test_a_refusal_says_what_to_do_next(
    qtbot: QtBot, make: Make, connections: FakeConnections, code: ErrorCode
) -> None:
    connections.fault = OrgMirrorError(code, host="acme.my.salesforce.com")
    wizard = make()
    to_check(qtbot, wizard)
    qtbot.waitUntil(lambda: "Signing in" not in words(wizard, "checkStateTitle"))
    assert words(wizard, "checkStateText")
    assert wizard.check.refusal is connections.fault
    connections.fault = None
    press(qtbot, wizard, "checkStateAction")
    qtbot.waitUntil(lambda: wizard.wishes.checked is not None)
    assert wizard.check.refusal is None


def test_after_a_refusal_the_way_on_leads_back(qtbot: QtBot, make: Make, connections: FakeConnections) -> None:
    connections.fault = OrgMirrorError(ErrorCode.BAD_CERTIFICATE, host="acme.my.salesforce.com")
    wizard = make()
    to_check(qtbot, wizard)
    qtbot.waitUntil(lambda: wizard.check.refusal is not None)
    ca_file = wizard.findChild(QLineEdit, "caFile")
    assert isinstance(ca_file, QLineEdit)
    press(qtbot, wizard, "wizardNext")
    assert wizard.current is wizard.credentials
    assert ca_file.isVisibleTo(wizard)
    connections.fault = None
    press(qtbot, wizard, "wizardNext")
    qtbot.waitUntil(lambda: wizard.wishes.checked is not None)
    press(qtbot, wizard, "wizardNext")
    assert wizard.current is wizard.scope


def test_enter_after_the_check_goes_on(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    to_check(qtbot, wizard)
    qtbot.waitUntil(lambda: wizard.wishes.checked is not None)
    assert wizard.focusWidget() is wizard.findChild(QPushButton, "wizardNext")


def test_back_during_the_check_cancels_it(qtbot: QtBot, make: Make, connections: FakeConnections) -> None:
    connections.gate.clear()
    wizard = make()
    to_check(qtbot, wizard)
    qtbot.waitUntil(lambda: len(connections.checked) == 1)
    press(qtbot, wizard, "wizardBack")
    qtbot.waitUntil(lambda: connections.cancelled == 1)
    assert wizard.wishes.checked is None


def test_cancel_at_each_step_keeps_nothing(qtbot: QtBot, make: Make, connections: FakeConnections) -> None:
    for steps in range(5):
        wizard = make()
        if steps == 1:
            press(qtbot, wizard, "wizardNext")
        elif steps == 2:
            to_check(qtbot, wizard)
        elif steps == 3:
            to_check(qtbot, wizard)
            qtbot.waitUntil(wizard.check.is_ready)
            press(qtbot, wizard, "wizardNext")
        elif steps == 4:
            to_finish(qtbot, wizard)
        wishes = wizard.wishes
        wizard.reject()
        assert wishes.access_token == ""
        assert wishes.checked is None
    assert connections.created == []


def test_cancel_while_it_is_made_takes_it_back(qtbot: QtBot, make: Make, connections: FakeConnections) -> None:
    wizard = make()
    to_finish(qtbot, wizard)
    connections.create_gate.clear()
    heard: list[object] = []
    wizard.connected.connect(heard.append)
    press(qtbot, wizard, "wizardNext")
    assert wizard.finish.is_making
    wizard.reject()
    connections.create_gate.set()
    qtbot.waitUntil(lambda: bool(connections.removed))
    assert connections.removed[0][1] is True
    assert connections.infos == []
    assert heard == []


def test_a_name_that_is_taken_is_told_beside_the_field(qtbot: QtBot, make: Make, connections: FakeConnections) -> None:
    connections.create_fault = OrgMirrorError(ErrorCode.NAME_TAKEN, name="Acme")
    wizard = make()
    to_finish(qtbot, wizard)
    press(qtbot, wizard, "wizardNext")
    qtbot.waitUntil(lambda: "Acme" in words(wizard, "finishError"))
    assert words(wizard, "finishRemedy")
    assert wizard.finish.is_ready()


def test_the_demo_org_needs_nothing(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    tile = wizard.findChild(QAbstractButton, "kind-demo")
    assert isinstance(tile, QAbstractButton)
    tile.click()
    with qtbot.waitSignal(wizard.demo_wished):
        press(qtbot, wizard, "wizardNext")


def test_what_comes_later_cannot_be_chosen(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    for method in (SignInMethod.BROWSER, SignInMethod.JWT):
        radio = wizard.findChild(QAbstractButton, f"method-{method.value}")
        assert isinstance(radio, QAbstractButton)
        assert not radio.isEnabled()


def test_signing_in_again_keeps_the_mirror(qtbot: QtBot, make: Make, connections: FakeConnections) -> None:
    about = fake_app.info()
    connections.infos = [about]
    wizard = make(renew=about)
    assert len(wizard.steps) == 3
    assert wizard.current is wizard.credentials
    fill(wizard, accessToken=SECRET)
    press(qtbot, wizard, "wizardNext")
    qtbot.waitUntil(wizard.check.is_ready)
    with qtbot.waitSignal(wizard.renewed):
        press(qtbot, wizard, "wizardNext")
    assert connections.renewed == [about.uuid]
    assert connections.created == []


def test_signing_in_again_keeps_address_and_ca_file(qtbot: QtBot, make: Make, connections: FakeConnections) -> None:
    about = fake_app.info(
        method=SignInMethod.PASSWORD, login_url="https://acme.my.salesforce.com", ca_file="/somewhere/ca.pem"
    )
    connections.infos = [about]
    wizard = make(renew=about)
    fill(wizard, password=SECRET)
    press(qtbot, wizard, "wizardNext")
    qtbot.waitUntil(lambda: len(connections.checked) == 1)
    draft, _secrets = connections.checked[0]
    assert draft.login_url == "https://acme.my.salesforce.com"
    assert draft.username == about.username
    assert draft.ca_file == "/somewhere/ca.pem"


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        (" https://acme.my.salesforce.com/lightning/o/Lead ", "https://acme.my.salesforce.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("", ""),
    ],
)
def test_addresses_as_people_type_them(typed: str, url: str) -> None:
    assert as_url(typed) == url


def test_password_sign_in_knows_where_to_go() -> None:
    wishes = Wishes(method=SignInMethod.PASSWORD)
    assert wishes.login_url() == "https://login.salesforce.com"


def test_a_group_under_a_filter_is_what_is_seen(qtbot: QtBot, make: Make) -> None:
    wizard = make()
    to_check(qtbot, wizard)
    qtbot.waitUntil(lambda: wizard.wishes.checked is not None)
    press(qtbot, wizard, "wizardNext")
    qtbot.waitUntil(lambda: bool(wizard.scope.model.choices))
    before = {choice.name for choice in wizard.scope.model.chosen()}
    tree = wizard.findChild(QTreeView, "scopeTree")
    assert isinstance(tree, QTreeView)
    shown = tree.model()
    fill(wizard, scopeFilter="deliverable__")
    assert shown.rowCount() == 1
    group = shown.index(0, 0)
    assert shown.rowCount(group) == 1
    assert shown.setData(group, Qt.CheckState.Unchecked, int(Qt.ItemDataRole.CheckStateRole))
    assert before - {choice.name for choice in wizard.scope.model.chosen()} == {"Deliverable__c"}
    fill(wizard, scopeFilter="no such thing")
    assert words(wizard, "scopeStateTitle") == "No object of that name"
    fill(wizard, scopeFilter="")
    assert shown.rowCount() == 2
