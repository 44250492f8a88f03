"""The session: the engine on its thread, its events on ours, levers that act at once, an end that waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from pytestqt.qtbot import QtBot

from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.progress import Event
from core.model.states import ConnectionState, CycleOutcome
from core.settings import PAUSED
from gui.text.status import Mood
from gui.workers.session import Session
from tests.helpers import fake_app
from tests.helpers.fake_app import FakeConnection

Make = Callable[[FakeConnection], Session]


def test_the_engine_runs_on_a_thread_of_its_own(qtbot: QtBot, make_session: Make) -> None:
    connection = FakeConnection()
    make_session(connection)
    assert connection.sync.running.wait(10)
    assert connection.sync.threads != [threading.main_thread().name]


def test_progress_and_results_arrive(qtbot: QtBot, make_session: Make) -> None:
    connection = FakeConnection(status=fake_app.never_synced())
    session = make_session(connection)
    progress = fake_app.first_load()
    with qtbot.waitSignal(session.progress_changed):
        connection.sync.say(Event(progress=progress))
    assert session.progress is progress
    assert session.is_busy
    assert session.text.mood is Mood.WORKING
    connection.sync.view = fake_app.in_step()
    with qtbot.waitSignal(session.cycle_ended):
        connection.sync.say(Event(result=fake_app.result()))
    assert session.progress is None
    qtbot.waitUntil(lambda: session.text.mood is Mood.GOOD)


def test_numbers_beyond_an_int_survive(qtbot: QtBot, make_session: Make) -> None:
    connection = FakeConnection()
    session = make_session(connection)
    with qtbot.waitSignal(session.progress_changed):
        connection.sync.say(Event(progress=fake_app.first_load(rows_done=3_000_000_000, total=5_000_000_000)))
    assert session.progress is not None
    assert session.progress.rows_done == 3_000_000_000


def test_changes_are_handed_on(qtbot: QtBot, make_session: Make) -> None:
    connection = FakeConnection()
    session = make_session(connection)
    changes = Changes(objects={"Lead": None})
    with qtbot.waitSignal(session.data_changed) as caught:
        connection.sync.say(Event(changes=changes))
    assert caught.args == [changes]


def test_pause_says_so_at_once_and_settles_when_the_cycle_has_ended(qtbot: QtBot, make_session: Make) -> None:
    connection = FakeConnection()
    session = make_session(connection)
    with qtbot.waitSignal(session.progress_changed):
        connection.sync.say(Event(progress=fake_app.first_load()))
    session.pause()
    assert session.is_paused
    assert session.text.mood is Mood.PAUSED
    assert connection.sync.controls[0].paused
    cancelled = fake_app.result(CycleOutcome.CANCELLED, error=OrgMirrorError(ErrorCode.CANCELLED))
    with qtbot.waitSignal(session.cycle_ended):
        connection.sync.say(Event(result=cancelled))
    assert session.is_paused
    assert session.error is None
    session.resume()
    assert not session.is_paused
    assert not connection.sync.controls[0].paused


def test_a_pause_between_cycles_is_one_at_once(qtbot: QtBot, make_session: Make) -> None:
    session = make_session(FakeConnection())
    session.pause()
    assert session.text.mood is Mood.PAUSED
    assert "…" not in session.text.sentence


def test_an_engine_that_gave_up_is_told_and_starts_again(qtbot: QtBot, make_session: Make) -> None:
    connection = FakeConnection()
    session = make_session(connection)
    with qtbot.waitSignal(session.engine_ended):
        connection.sync.fail(OrgMirrorError(ErrorCode.KEYRING_LOCKED))
    assert session.error is not None
    assert session.text.mood is Mood.PROBLEM
    qtbot.waitUntil(lambda: not session.is_running)
    session.sync_now()
    qtbot.waitUntil(lambda: connection.sync.runs == 2)
    assert session.error is None


def test_stopping_waits_for_the_thread(qtbot: QtBot, make_session: Make) -> None:
    connection = FakeConnection()
    session = make_session(connection)
    assert connection.sync.running.wait(10)
    with qtbot.waitSignal(session.stopped):
        session.stop()
    assert not session.is_running
    assert not connection.sync.running.is_set()
    reads = connection.sync.status_reads
    session.refresh()
    assert connection.sync.status_reads == reads


def test_a_wish_shows_before_the_engine_speaks(qtbot: QtBot, make_session: Make) -> None:
    connection = FakeConnection()
    session = make_session(connection)
    connection.sync.say(Event(result=fake_app.result()))
    qtbot.waitUntil(lambda: not session.is_busy)
    session.sync_now()
    assert session.is_busy
    assert session.text.sentence == "Asking Salesforce…"
    connection.sync.say(Event(result=fake_app.result()))
    qtbot.waitUntil(lambda: not session.is_busy)


def test_a_pause_is_kept_and_holds_on(qtbot: QtBot, make_session: Make) -> None:
    connection = FakeConnection()
    session = make_session(connection)
    session.pause()
    qtbot.waitUntil(lambda: connection.setting(PAUSED) is True)
    connection.sync.kept_pause = True
    again = make_session(connection)
    assert again.is_paused
    assert not again.is_busy
    again.resume()
    qtbot.waitUntil(lambda: connection.setting(PAUSED) is False)


def test_the_engine_starts_anew_with_new_levers(qtbot: QtBot, make_session: Make) -> None:
    connection = FakeConnection()
    session = make_session(connection)
    qtbot.waitUntil(lambda: connection.sync.runs == 1)
    session.restart_engine()
    qtbot.waitUntil(lambda: connection.sync.runs == 2)
    first, second = connection.sync.controls
    assert first.stopped
    assert not second.stopped


def test_a_barrier_is_what_only_a_person_can_put_right(qtbot: QtBot, make_session: Make) -> None:
    connection = FakeConnection(status=fake_app.in_step(state=ConnectionState.SIGN_IN_NEEDED))
    session = make_session(connection)
    error = OrgMirrorError(ErrorCode.TOKEN_REFUSED)
    connection.sync.say(Event(result=fake_app.result(CycleOutcome.SIGN_IN_NEEDED, error=error)))
    qtbot.waitUntil(lambda: session.barrier is not None)
    barrier = session.barrier
    assert barrier is not None
    assert barrier.is_sign_in
    assert barrier.error is error
    connection.sync.view = fake_app.in_step()
    session.sync_now()
    assert session.barrier is None


def test_offline_says_since_when(qtbot: QtBot, make_session: Make) -> None:
    since = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    connection = FakeConnection(status=fake_app.in_step(state=ConnectionState.OFFLINE, offline_since=since))
    session = make_session(connection)
    error = OrgMirrorError(ErrorCode.CANNOT_CONNECT, host="acme.my.salesforce.com")
    connection.sync.say(Event(result=fake_app.result(CycleOutcome.ERROR, error=error)))
    qtbot.waitUntil(lambda: session.text.sentence.startswith("Offline since"))


class _PushWithForeign:
    """A push beside which another process writes."""

    def __init__(self) -> None:
        self.foreign: Changes | None = None
        self.soon = 0

    def foreign_changes(self) -> Changes | None:
        found, self.foreign = self.foreign, None
        return found

    def push_soon(self) -> None:
        self.soon += 1


def test_what_the_command_line_edits_is_shown_and_sent(qtbot: QtBot, make_session: Make) -> None:
    connection = FakeConnection()
    push = connection.push = _PushWithForeign()  # type: ignore[attr-defined]
    session = make_session(connection)
    changes = Changes({"Lead": frozenset({"00Q000000000001AAA"})}, outbox=True)
    session._foreign_timer.setInterval(10)
    with qtbot.waitSignal(session.operations.changed) as caught:
        push.foreign = changes
    assert caught.args == [(changes, None)]
    qtbot.waitUntil(lambda: push.soon == 1)
    assert push.foreign_changes() is None
