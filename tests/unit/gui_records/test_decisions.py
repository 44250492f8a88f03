"""Conflicts and refusals as rows of Needs you: what they show, and what each key does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from core.api.push import ConflictKind, ConflictView, Duplicate, DuplicateView, MassQuestion
from core.mirror.problems import Problem
from core.model.conflicts import CHOICES, Choice
from core.model.errors import ErrorCode
from core.model.refs import RecordRef
from core.model.states import ProblemKind
from gui.decisions import conflict_decision, mass_decision, refused_decision
from gui.decisions.conflict_decision import ConflictDecision
from gui.decisions.mass_decision import MassDecision
from gui.decisions.refused_decision import RefusedDecision
from gui.operations import Operations
from gui.workers.session import Session
from tests.helpers.fake_app import FakeConnection
from tests.helpers.fake_edits import FakePush, FakeRecords, form, form_field
from tests.unit.gui_records.test_pending_page import waiting

pytestmark = pytest.mark.gui
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def conflict(number: int, kind: ConflictKind = ConflictKind.FIELD, **more: Any) -> ConflictView:
    values: dict[str, Any] = {
        "object": "Lead",
        "id": f"00Q{number:012d}AAA",
        "field": "Phone",
        "label": "Phone",
        "base": "+49 1",
        "mine": "+49 2",
        "theirs": "+49 3",
        "changed_by": "Mia Berg",
        "changed_at": "2026-11-22T11:00:00.000Z",
        "kind": kind,
        "choices": CHOICES[kind],
    }
    return ConflictView(number, **(values | more))


@pytest.fixture
def session(qtbot: QtBot, operations: Operations, records: FakeRecords, push: FakePush) -> Iterator[Session]:
    connection = FakeConnection()
    connection.records, connection.push = records, push  # type: ignore[attr-defined]
    connection.browse.fake.lookup_name = lambda record_id: f"Name of {record_id[:6]}"  # type: ignore[attr-defined]
    made = Session(connection, operations)  # type: ignore[arg-type]
    yield made
    with qtbot.waitSignal(made.stopped):
        made.stop()


@pytest.fixture
def conflicts(qtbot: QtBot, session: Session) -> ConflictDecision:
    made = ConflictDecision()
    qtbot.addWidget(made)
    made.set_session(session)
    made.resize(700, 500)
    made.show()
    return made


def shown(decision: ConflictDecision) -> list[str]:
    return [button.text() for button in decision._choices if not button.isHidden()]


def test_both_sides_are_shown_and_the_buttons_say_what_will_happen(
    session: Session, conflicts: ConflictDecision, push: FakePush
) -> None:
    push.open_conflicts = [conflict(1)]
    needs = conflict_decision.read(session.connection, [])
    conflicts.decide(needs)
    texts = [value.text() for _frame, _head, value, _foot in conflicts._sides]
    assert texts == ["+49 1", "+49 2", "+49 3"]
    assert "Mia Berg" in conflicts._sides[2][3].text()
    assert shown(conflicts) == ["1  Send my “+49 2”", "2  Keep “+49 3” of Mia Berg", "3  Another value…"]


@pytest.mark.parametrize(("key", "choice"), [(Qt.Key.Key_1, Choice.MINE), (Qt.Key.Key_2, Choice.THEIRS)])
def test_a_key_decides(
    qtbot: QtBot, session: Session, conflicts: ConflictDecision, push: FakePush, key: Qt.Key, choice: Choice
) -> None:
    push.open_conflicts = [conflict(1)]
    conflicts.decide(conflict_decision.read(session.connection, []))
    with qtbot.waitSignal(conflicts.answered):
        assert conflicts.press(key)
    assert push.resolved == [(1, choice, None)]
    assert push.soon == 1


def test_a_third_value_can_be_written(
    qtbot: QtBot, session: Session, conflicts: ConflictDecision, push: FakePush
) -> None:
    push.open_conflicts = [conflict(1)]
    conflicts.decide(conflict_decision.read(session.connection, []))
    assert conflicts.press(Qt.Key.Key_3)
    assert not conflicts.value.isHidden()
    conflicts.value.setText("+49 4")
    with qtbot.waitSignal(conflicts.answered):
        qtbot.keyClick(conflicts.value, Qt.Key.Key_Return)
    assert push.resolved == [(1, Choice.VALUE, "+49 4")]


def test_many_are_decided_at_once(qtbot: QtBot, session: Session, conflicts: ConflictDecision, push: FakePush) -> None:
    push.open_conflicts = [conflict(1), conflict(2), conflict(3)]
    conflicts.decide(conflict_decision.read(session.connection, []))
    assert shown(conflicts) == ["1  Send mine, all 3", "2  Keep Salesforce's, all 3"]
    with qtbot.waitSignal(conflicts.answered):
        conflicts.press(Qt.Key.Key_2)
    assert [(number, choice) for number, choice, _ in push.resolved] == [(n, Choice.THEIRS) for n in (1, 2, 3)]


def test_a_record_merged_there_offers_its_survivor(
    session: Session, conflicts: ConflictDecision, push: FakePush
) -> None:
    push.open_conflicts = [conflict(1, ConflictKind.MERGED_THERE, details={"survivor": "00Q000999"})]
    conflicts.decide(conflict_decision.read(session.connection, []))
    assert shown(conflicts)[0].startswith("1  Move my changes to “Name of 00Q000”")


@pytest.mark.parametrize("kind", list(ConflictKind))
def test_every_kind_has_words(
    session: Session, conflicts: ConflictDecision, push: FakePush, kind: ConflictKind
) -> None:
    push.open_conflicts = [conflict(1, kind)]
    needs = conflict_decision.read(session.connection, [])
    conflicts.decide(needs)
    assert len(shown(conflicts)) == min(3, len(CHOICES[kind]))
    assert all(needs[0].title for _ in (1,))


# Refusals


def refusal(**more: Any) -> Problem:
    values: dict[str, Any] = {
        "problem_id": 5,
        "object": "Lead",
        "record_id": "00Q000000000001AAA",
        "field": "Phone",
        "code": ErrorCode.SALESFORCE_ERROR,
        "first_at": NOW,
        "last_at": NOW,
        "params": {"object": "Lead"},
        "salesforce_code": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "salesforce_text": "A phone number has a country code",
        "kind": ProblemKind.REFUSED,
    }
    return Problem(**(values | more))


@pytest.fixture
def refused(qtbot: QtBot, session: Session, records: FakeRecords) -> RefusedDecision:
    records.pendings = [waiting(9, id="00Q000000000001AAA", field="Phone", label="Phone", state="needs-user")]
    records.forms[RecordRef("Lead", "00Q000000000001AAA")] = form(form_field("Phone", "49 2", type="phone"))
    made = RefusedDecision()
    qtbot.addWidget(made)
    made.set_session(session)
    made.resize(700, 500)
    made.show()
    return made


def test_a_refusal_is_mended_in_place_and_sent_again(
    qtbot: QtBot, session: Session, refused: RefusedDecision, records: FakeRecords, push: FakePush
) -> None:
    refused.decide(refused_decision.read(session.connection, [refusal()]))
    assert "country code" in refused._said_text.text()
    qtbot.waitUntil(lambda: refused.editor is not None)
    line = refused.editor.findChild(QLineEdit)  # type: ignore[union-attr]
    assert isinstance(line, QLineEdit)
    line.setText("+49 2")
    with qtbot.waitSignal(refused.answered):
        assert refused.press(Qt.Key.Key_R)
    assert records.called("edit") == [(RecordRef("Lead", "00Q000000000001AAA"), {"Phone": "+49 2"})]
    assert push.retried == [[9]]


def test_a_refusal_can_be_taken_back(
    qtbot: QtBot, session: Session, refused: RefusedDecision, records: FakeRecords
) -> None:
    refused.decide(refused_decision.read(session.connection, [refusal()]))
    with qtbot.waitSignal(refused.answered):
        refused.press(Qt.Key.Key_U)
    assert records.called("undo") == [([9],)]


def test_duplicates_are_linked_or_saved_all_the_same(
    qtbot: QtBot, session: Session, refused: RefusedDecision, records: FakeRecords, push: FakePush
) -> None:
    records.pendings = [waiting(9, id="new-1", op="create", field=None, state="needs-user")]
    push.duplicates = DuplicateView("Use one of these", "Leads", True, (Duplicate("Lead", "00Q7", "Leads", 90.0),))
    found = SimpleNamespace(title="Mia Berg", subtitle="Acme")
    session.connection.browse.fake.records[RecordRef("Lead", "00Q7")] = found  # type: ignore[attr-defined]
    refused.decide(refused_decision.read(session.connection, [refusal(record_id="new-1", field=None)]))
    assert refused.matches.itemText(0) == "Mia Berg · Acme"
    assert refused._retry.isHidden()
    with qtbot.waitSignal(refused.answered):
        refused.press(Qt.Key.Key_A)
    assert push.saved_anyway == [9]
    with qtbot.waitSignal(refused.answered):
        refused.press(Qt.Key.Key_L)
    assert push.linked == [(9, "00Q7")]


# A mass change


@pytest.mark.parametrize(("key", "confirmed"), [(Qt.Key.Key_S, 1), (Qt.Key.Key_U, 0)])
def test_a_mass_change_leaves_on_a_persons_word_alone(
    qtbot: QtBot, session: Session, records: FakeRecords, push: FakePush, key: Qt.Key, confirmed: int
) -> None:
    push.question = MassQuestion(2500, 0, ("Lead",), (1, 2))
    decision = MassDecision()
    qtbot.addWidget(decision)
    decision.set_session(session)
    decision.show()
    needs = mass_decision.read(session.connection, [])
    decision.decide(needs)
    assert needs[0].title == "2,500 records are to be changed in Salesforce"
    with qtbot.waitSignal(decision.answered):
        assert decision.press(key)
    assert push.confirmed == confirmed
    assert bool(records.called("undo")) is (key == Qt.Key.Key_U)
