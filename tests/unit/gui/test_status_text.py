"""The status sentence: one wording per state, numbers with groups, a remaining time only when it can be trusted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pytestqt.qtbot import QtBot

from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import ConnectionState
from gui.text import numbers
from gui.text.status import (
    MOOD_ICONS,
    TRAY_ICONS,
    Mood,
    Situation,
    describe,
    overall_remaining,
)
from tests.helpers import fake_app

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _application(qtbot: QtBot) -> None:
    """Translations need an application."""


def test_a_first_load_counts_with_groups() -> None:
    text = describe(Situation(progress=fake_app.first_load(rows_done=412_000, total=1_900_000)), NOW)
    assert text.sentence == "412,000 of 1,900,000 here"
    assert text.mood is Mood.WORKING


def test_a_resumed_load_says_where_it_goes_on() -> None:
    progress = fake_app.first_load(resumed="Contact")
    contact = next(item for item in progress.objects if item.name == "Contact")
    text = describe(Situation(progress=progress), NOW)
    assert text.detail == f"Resuming Contacts, {numbers.number(contact.rows_done)} of 31,655"


def test_a_remaining_time_needs_every_total() -> None:
    progress = fake_app.first_load()
    assert overall_remaining(progress) is not None
    assert overall_remaining(replace(progress, seconds=1.0)) is None
    unknown = tuple(replace(item, total=None) if item.name == "Task" else item for item in progress.objects)
    assert overall_remaining(replace(progress, objects=unknown)) is None
    guessed = tuple(replace(item, total_is_estimate=True) if item.name == "Task" else item for item in progress.objects)
    assert overall_remaining(replace(progress, objects=guessed)) is None


@pytest.mark.parametrize("state", list(ConnectionState))
def test_every_state_has_words(state: ConnectionState) -> None:
    text = describe(Situation(status=fake_app.in_step(state=state, last_ok_at=None)), NOW)
    assert text.sentence
    assert text.line.startswith(text.sentence)


@pytest.mark.parametrize("waiting", ["network", "budget", "retry"])
def test_waiting_is_told(waiting: str) -> None:
    texts = {describe(Situation(progress=fake_app.first_load(waiting_for=w)), NOW) for w in (waiting, None)}
    assert len(texts) == 2


def test_in_step_says_how_fresh() -> None:
    status = fake_app.in_step(last_ok_at=NOW - timedelta(minutes=2))
    text = describe(Situation(status=status), NOW)
    assert text.mood is Mood.GOOD
    assert text.detail == "Checked 2 min ago"


def test_what_needs_a_person_comes_before_in_step() -> None:
    one = describe(Situation(status=fake_app.in_step(problems=1, last_ok_at=NOW)), NOW)
    many = describe(Situation(status=fake_app.in_step(problems=2, conflicts=1, last_ok_at=NOW)), NOW)
    assert one.sentence == "One thing needs you"
    assert many.sentence == "3 things need you"
    assert one.mood is many.mood is Mood.PROBLEM


def test_pausing_is_said_before_it_is_done() -> None:
    busy = fake_app.first_load()
    assert describe(Situation(progress=busy, pausing=True), NOW).sentence == "Pausing…"
    assert describe(Situation(progress=busy, paused=True), NOW).sentence == "Paused"


def test_an_error_is_told_in_its_own_words() -> None:
    error = OrgMirrorError(ErrorCode.DISK_FULL)
    text = describe(Situation(status=fake_app.in_step(), error=error), NOW)
    assert text.sentence == "The disk is full."
    assert text.mood is Mood.PROBLEM


def test_every_mood_has_its_icons() -> None:
    from gui.desktop import icons

    assert set(TRAY_ICONS) == set(MOOD_ICONS) == set(Mood)
    for name in (*TRAY_ICONS.values(), *(icon for icon, _role in MOOD_ICONS.values())):
        assert "<svg" in icons.svg_text(name)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "a few seconds"),
        (9.9, "a few seconds"),
        (31, "about 30 s"),
        (57, "about 1 min"),
        (125, "about 2 min"),
        (4000, "about 1 h 5 min"),
    ],
)
def test_remaining_times_are_round(seconds: float, words: str) -> None:
    assert numbers.about(seconds) == words


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "0 %"), (0.001, "1 %"), (0.5, "50 %"), (0.9999, "99 %"), (1.0, "100 %")]
)
def test_a_share_is_whole_only_at_its_ends(share: float, words: str) -> None:
    assert numbers.percent(share) == words


def test_a_clock_that_runs_ahead_reads_as_just_now() -> None:
    assert numbers.ago(NOW + timedelta(minutes=5), NOW) == "just now"
