"""The StatePanel: every state has words and the right way on; what it shows is plain text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from core.model.errors import ErrorCode, OrgMirrorError
from gui.widgets.state_panel import PageState, StateAction, StatePanel


@pytest.fixture
def panel(qtbot: QtBot) -> StatePanel:
    made = StatePanel()
    qtbot.addWidget(made)
    made.show()
    return made


def text(panel: StatePanel, name: str) -> str:
    label = panel.findChild(QLabel, f"statePanel{name}")
    assert isinstance(label, QLabel)
    return label.text()


def button(panel: StatePanel, name: str) -> QPushButton:
    found = panel.findChild(QPushButton, f"statePanel{name}")
    assert isinstance(found, QPushButton)
    return found


@pytest.mark.parametrize("state", list(PageState))
def test_every_state_has_a_title(panel: StatePanel, state: PageState) -> None:
    panel.show_state(state, subject="Contacts", done=412_000, total=1_900_000, since=datetime.now(UTC))
    assert text(panel, "Title")
    assert "{" not in text(panel, "Title") + text(panel, "Text")
    assert panel.accessibleName() == text(panel, "Title")


def test_a_first_load_counts(panel: StatePanel) -> None:
    panel.show_state(PageState.FIRST_LOAD, subject="Contacts", done=412_000, total=1_900_000)
    assert text(panel, "Text") == "412,000 of 1,900,000 are here."


@pytest.mark.parametrize(
    ("state", "action"),
    [
        (PageState.NONE_BY_FILTER, StateAction.CLEAR_FILTER),
        (PageState.SIGNED_OUT, StateAction.SIGN_IN),
        (PageState.KEYRING_LOCKED, StateAction.RETRY),
        (PageState.ERROR, StateAction.RETRY),
    ],
)
def test_the_button_says_what_to_do(qtbot: QtBot, panel: StatePanel, state: PageState, action: StateAction) -> None:
    panel.show_state(state, subject="Contacts")
    with qtbot.waitSignal(panel.acted) as caught:
        qtbot.mouseClick(button(panel, "Action"), Qt.MouseButton.LeftButton)
    assert caught.args == [action]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (ErrorCode.KEYRING_LOCKED, PageState.KEYRING_LOCKED),
        (ErrorCode.SIGN_IN_NEEDED, PageState.SIGNED_OUT),
        (ErrorCode.DISK_FULL, PageState.DISK_FULL),
        (ErrorCode.OBJECT_NOT_VISIBLE, PageState.NO_PERMISSION),
        (ErrorCode.NO_SUCH_RECORD, PageState.NOT_VISIBLE),
        (ErrorCode.WRONG_KEY, PageState.ERROR),
    ],
)
def test_an_error_chooses_its_state(panel: StatePanel, code: ErrorCode, state: PageState) -> None:
    panel.show_error(OrgMirrorError(code, object="Lead"), subject="Leads")
    assert panel.state is state
    assert button(panel, "Copy").isVisible()


def test_copy_gives_words_and_code(qtbot: QtBot, panel: StatePanel) -> None:
    panel.show_error(OrgMirrorError(ErrorCode.WRONG_KEY))
    qtbot.mouseClick(button(panel, "Copy"), Qt.MouseButton.LeftButton)
    assert "code: wrong-key" in QGuiApplication.clipboard().text()


def test_markup_is_shown_as_it_is(panel: StatePanel) -> None:
    panel.show_state(PageState.NONE_YET, subject="<img src=x>")
    label = panel.findChild(QLabel, "statePanelTitle")
    assert isinstance(label, QLabel)
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert "<img src=x>" in label.text()
