"""A first load that meets trouble, over real HTTP: a clear problem, nothing loaded is lost, the others go on (issue 2,
section 4); and the next run completes it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.app import App, Connection
from core.mirror.database import connect as open_file
from core.mirror.session import WriteSession
from core.model.errors import ErrorCode
from core.model.progress import CycleResult, Event, ObjectResult
from core.model.states import CycleOutcome, LoadPhase
from core.paths import Home
from core.salesforce.transport import NO_RETRY
from core.sync.control import EngineControl
from tests.helpers.command import connect, in_process
from tests.helpers.demo_org import DemoOrgProcess
from tests.helpers.equality import assert_equal_to_the_org
from tests.integration.conftest import SMALL

STALL_SECONDS = 150
PATIENCE_SECONDS = 60
OBJECTS = ("RecordType", "Campaign", "Lead")
RESULTS = r"/jobs/query/\w+/results"
REST_PAGE = r"/query/\w+-\d+"
REST_ROWS = 300
BULK_ROWS = 150
BAD_STATUS = [{"errorCode": "UNKNOWN_EXCEPTION", "message": "made up"}]


class Rig:
    """One connection to `org`, driven through the facades as the window does; what the engine said is in `events`."""

    def __init__(self, org: DemoOrgProcess, home: Path) -> None:
        self.org = org
        self.home = home
        self.events: list[Event] = []
        self.hook: Callable[[Event], None] = lambda event: None
        done = connect(home, org, "acme", "--objects", ",".join(OBJECTS), run=in_process)
        assert done.code == 0, done.err
        self.app = App(Home(home))

    def connection(self) -> Connection:
        return self.app.open("acme")

    def emit(self, event: Event) -> None:
        self.events.append(event)
        self.hook(event)

    def run(self, control: EngineControl | None = None) -> tuple[CycleResult, dict[str, ObjectResult]]:
        """One cycle; its result and its objects by name."""
        self.events.clear()
        result = self.connection().sync.run_once(control or EngineControl(), self.emit)
        return result, {item.name: item for item in result.objects}

    def rows(self, name: str) -> int:
        return int(self.connection().browse.query(f'SELECT count(*) FROM "{name}"').rows[0][0])

    def resumed_at(self, name: str) -> int | None:
        """Where the engine said that it takes up an interrupted load."""
        said = [o.resumed_at for e in self.events if e.progress for o in e.progress.objects if o.name == name]
        return next((value for value in said if value is not None), None)

    def heals(self) -> None:
        """Without the trouble the next cycle completes the mirror."""
        self.org.control("reset")
        result, _ = self.run()
        assert result.outcome is CycleOutcome.OK, (result.error, result.objects)
        self.app.close()
        assert_equal_to_the_org(self.org, self.home, objects=OBJECTS)

    def fired(self) -> bool:
        return any(rule["fired"] for rule in self.org.control("faults")["rules"])


@pytest.fixture(scope="module")
def org_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoOrgProcess]:
    """A small org of this module's own: permissions change here."""
    rows = {name: min(count, 40) for name, count in SMALL.items()} | {"Lead": 900}
    with DemoOrgProcess(rows=rows, folder=tmp_path_factory.mktemp("trouble") / "org") as org:
        yield org


@pytest.fixture
def org(org_process: DemoOrgProcess) -> Iterator[DemoOrgProcess]:
    """The org as at its start, with small pages."""
    org_process.control("reset")
    org_process.behaviour(rest_page_rows=REST_ROWS, bulk_page_rows=BULK_ROWS)
    written = len(org_process.errors)
    yield org_process
    org_process.control("reset")
    assert org_process.errors[written:] == ""


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries are made without the pauses between them, and every step of the engine is heard."""
    monkeypatch.setattr("core.sync.board.EMIT_INTERVAL", 0.0)
    monkeypatch.setattr("core.salesforce.transport.RetryPolicy", lambda: NO_RETRY)
    monkeypatch.setattr("core.sync.bulk_load.FIRST_RETRY_SECONDS", 0.0)
    monkeypatch.setattr("core.sync.bulk_load.FIRST_POLL_SECONDS", 0.05)


@pytest.fixture
def rig(org: DemoOrgProcess, tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(org, tmp_path / "home")
    yield rig
    rig.app.close()


@pytest.fixture
def by_bulk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leads by Bulk, the small objects by REST."""
    monkeypatch.setenv("ORGMIRROR_REST_MAX_ROWS", "100")


def wait_for(what: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


# -- Bulk -------------------------------------------------------------------------------------------------------------

CUTS = [
    {"truncate": 3000},
    {"truncate": 3000, "clean": True},
    {"cut": "mid-body"},
    {"cut": "before"},
    {"status": 500, "body": BAD_STATUS},
]


@pytest.mark.usefixtures("by_bulk")
@pytest.mark.parametrize("action", CUTS, ids=str)
def test_a_bulk_page_that_fails_once_is_fetched_again(rig: Rig, action: dict[str, Any]) -> None:
    rig.org.faults({"match": {"path": RESULTS + r"\?"}, "nth": 2, "action": action})
    result, found = rig.run()
    assert rig.fired()
    assert result.outcome is CycleOutcome.OK, found
    assert found["Lead"].new == sum(1 for _ in rig.org.truth("Lead"))
    rig.heals()


@pytest.mark.usefixtures("by_bulk")
@pytest.mark.parametrize("action", CUTS, ids=str)
def test_bulk_pages_that_keep_failing(rig: Rig, action: dict[str, Any]) -> None:
    rig.org.faults({"match": {"path": RESULTS + r"\?"}, "nth": 4, "times": None, "action": action})
    result, found = rig.run()
    assert rig.fired()
    assert rig.rows("Lead") >= BULK_ROWS
    if result.outcome is not CycleOutcome.OK:  # the program may find another way
        error = result.error or found["Lead"].error
        assert error is not None
        assert error.code is not ErrorCode.UNEXPECTED
        if result.error is None:
            assert found["Campaign"].error is None
            assert rig.connection().sync.status().problems == 1
    rig.heals()


@pytest.mark.usefixtures("by_bulk")
@pytest.mark.parametrize(
    "fault",
    [
        {"match": {"method": "POST", "path": "/jobs/query$"}, "times": None,
         "action": {"status": 400, "body": [{"errorCode": "FEATURENOTENABLED", "message": "no Bulk here"}]}},
        {"match": {"path": RESULTS + r"\?"}, "nth": 3, "times": None,
         "action": {"status": 404, "body": [{"errorCode": "NOT_FOUND", "message": "gone"}]}},
    ],
    ids=["refused", "results-gone"],
)  # fmt: skip
def test_what_bulk_does_not_serve_goes_by_rest(rig: Rig, fault: dict[str, Any]) -> None:
    rig.org.faults(fault)
    result, found = rig.run()
    assert rig.fired()
    assert result.outcome is CycleOutcome.OK, (result.error, found)
    rig.heals()


@pytest.mark.usefixtures("by_bulk")
@pytest.mark.parametrize(
    "reason",
    [
        "InternalServerError : made up",
        "TIMEOUT : Retried more than allowed",
        "OPERATION_TOO_LARGE : too many objects",
        "InvalidBatch : Failed to process query: INVALID_FIELD: No such column",
    ],
)
def test_a_job_that_fails_is_replaced(rig: Rig, reason: str) -> None:
    rig.org.behaviour(bulk_fail=reason)
    result, found = rig.run()
    assert rig.org.calls("/jobs/query$")
    if "INVALID_FIELD" not in reason:
        assert result.outcome is CycleOutcome.OK, found
        assert found["Lead"].rows > 0
    else:
        assert found["Lead"].error is None or found["Lead"].error.code is ErrorCode.FIELD_REFUSED
    assert found["Campaign"].error is None
    rig.heals()


@pytest.mark.usefixtures("by_bulk")
def test_without_listed_pages_they_are_read_in_turn(rig: Rig) -> None:
    gone = {"status": 404, "body": [{"errorCode": "NOT_FOUND", "message": "no resultPages"}]}
    rig.org.faults({"match": {"path": "/resultPages"}, "times": None, "action": gone})
    result, _ = rig.run()
    assert rig.fired()
    assert result.outcome is CycleOutcome.OK
    rig.heals()


@pytest.mark.usefixtures("by_bulk")
@pytest.mark.parametrize("retire", [False, True], ids=["the job is there", "the job is gone"])
def test_an_interrupted_bulk_load_goes_on_or_begins_anew(rig: Rig, retire: bool) -> None:
    control = EngineControl()

    def stop_with_some_rows(event: Event) -> None:
        for item in event.progress.objects if event.progress else ():
            if item.name == "Lead" and item.rows_done:
                control.stop()

    rig.hook = stop_with_some_rows
    rig.org.faults({"match": {"path": RESULTS + r"\?"}, "nth": 4, "times": None, "action": {"stall": STALL_SECONDS}})
    result, _ = rig.run(control)
    assert result.outcome is CycleOutcome.CANCELLED
    kept = rig.rows("Lead")
    assert 0 < kept < sum(1 for _ in rig.org.truth("Lead"))
    rig.hook = lambda event: None
    rig.org.control("reset")
    if retire:
        rig.org.control("bulk_retire")
    else:
        result, _ = rig.run()
        assert result.outcome is CycleOutcome.OK
        assert not rig.org.calls("/jobs/query$"), "the job that is there is taken up"
        assert rig.resumed_at("Lead") == kept
    rig.heals()


# -- REST -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", CUTS, ids=str)
def test_rest_pages_that_fail(rig: Rig, action: dict[str, Any]) -> None:
    rig.org.faults({"match": {"path": REST_PAGE}, "times": None, "action": action})
    result, found = rig.run()
    assert rig.fired()
    assert result.outcome in (CycleOutcome.PROBLEMS, CycleOutcome.ERROR)
    error = result.error or found["Lead"].error
    assert error is not None
    assert error.code is not ErrorCode.UNEXPECTED
    assert rig.rows("Lead") == REST_ROWS
    rig.org.control("reset")
    result, found = rig.run()
    assert result.outcome is CycleOutcome.OK, found
    assert rig.resumed_at("Lead") == REST_ROWS
    asked = [call["path"] for call in rig.org.calls(REST_PAGE)]
    assert asked[0].endswith(f"-{REST_ROWS}")
    assert len(asked) == len(set(asked))
    rig.heals()


def test_a_cursor_that_has_ended_begins_anew(rig: Rig) -> None:
    rig.org.faults({"match": {"path": REST_PAGE}, "times": None, "action": {"status": 500, "body": BAD_STATUS}})
    rig.run()
    rig.org.control("expire_cursors")
    rig.heals()


# -- rights that change in mid-load -----------------------------------------------------------------------------------


def at_first_sight_of(name: str, phase: LoadPhase, act: Callable[[], object]) -> Callable[[Event], None]:
    """A hook that acts once, when the engine reports the object in that phase: described, and not yet asked for."""
    done: list[bool] = []

    def hook(event: Event) -> None:
        for item in event.progress.objects if event.progress else ():
            if item.name == name and item.phase is phase and not done:
                done.append(True)
                act()

    return hook


@pytest.mark.parametrize("rest_rows", ["50000", "100"], ids=["rest", "bulk"])
def test_a_field_is_hidden_in_mid_load(rig: Rig, monkeypatch: pytest.MonkeyPatch, rest_rows: str) -> None:
    monkeypatch.setenv("ORGMIRROR_REST_MAX_ROWS", rest_rows)
    org = rig.org
    admin = {"who": org.info["username"], "name": "Lead", "field": "Industry"}
    try:
        rig.hook = at_first_sight_of("Lead", LoadPhase.COUNTING, lambda: org.control("hide_field", **admin))
        result, found = rig.run()
        assert result.outcome is CycleOutcome.OK, (result.error, found)
        columns = rig.connection().browse.query("SELECT * FROM Lead LIMIT 1").columns
        assert "Industry" not in columns
        rig.heals()
    finally:
        org.control("show_field", **admin)


@pytest.mark.parametrize("rest_rows", ["50000", "100"], ids=["rest", "bulk"])
def test_an_object_disappears_in_mid_load(rig: Rig, monkeypatch: pytest.MonkeyPatch, rest_rows: str) -> None:
    monkeypatch.setenv("ORGMIRROR_REST_MAX_ROWS", rest_rows)
    org = rig.org
    admin = {"who": org.info["username"], "name": "Lead"}
    try:
        rig.hook = at_first_sight_of("Lead", LoadPhase.COUNTING, lambda: org.control("hide_object", **admin))
        result, found = rig.run()
        assert result.outcome is CycleOutcome.PROBLEMS, (result.error, found)
        assert found["Lead"].error is not None
        assert found["Lead"].error.code is ErrorCode.OBJECT_NOT_VISIBLE
        assert found["Campaign"].error is None
        assert rig.connection().sync.status().problems == 1
        rig.hook = lambda event: None
        org.control("show_object", **admin)
        rig.heals()
    finally:
        org.control("show_object", **admin)


# -- the file ---------------------------------------------------------------------------------------------------------


def limit_pages(pages: int, session: WriteSession) -> None:
    """As a disk without room for more than so many pages of the file."""
    session.conn.execute(f"PRAGMA max_page_count = {pages}").fetchall()


def test_a_full_disk_stops_the_load_and_loses_nothing(rig: Rig) -> None:
    mirror = rig.connection()._mirror
    kept: list[int] = []

    def fill_the_disk(event: Event) -> None:
        for item in event.progress.objects if event.progress else ():
            if item.name == "Lead" and item.rows_done and not kept:
                kept.append(item.rows_done)
                [(pages,)] = mirror.write(lambda s: s.conn.execute("PRAGMA page_count").fetchall())
                mirror.write(partial(limit_pages, pages + 5))

    rig.hook = fill_the_disk
    result, _ = rig.run()
    assert result.outcome is CycleOutcome.ERROR
    assert result.error is not None
    assert result.error.code is ErrorCode.DISK_FULL
    assert rig.rows("Lead") >= kept[0] > 0
    mirror.write(partial(limit_pages, 1_073_741_823))
    rig.heals()


def test_a_file_locked_by_another_program(rig: Rig) -> None:
    mirror = rig.connection()._mirror
    mirror.write(lambda s: s.conn.set_busy_timeout(100))
    other = open_file(mirror.path, mirror.key)
    try:
        other.execute("BEGIN IMMEDIATE")
        result, _ = rig.run()
        assert result.outcome is CycleOutcome.ERROR
        assert result.error is not None
        assert result.error.code is ErrorCode.FILE_LOCKED
        other.execute("ROLLBACK")
    finally:
        other.close()
    rig.heals()


@pytest.mark.parametrize("damage", ["missing", "empty", "header", "middle"])
def test_a_file_that_cannot_be_read_is_left_as_it_is(rig: Rig, damage: str) -> None:
    rig.run()
    rig.app.close()
    [file] = rig.home.glob("connections/*/mirror.db")
    whole = file.read_bytes()
    if damage == "missing":
        file.unlink()
    elif damage == "empty":
        file.write_bytes(b"")
    elif damage == "header":
        file.write_bytes(b"\0" * 4096 + whole[4096:])
    else:
        file.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    damaged = file.read_bytes() if file.exists() else None
    done = in_process(rig.home, "sync", "acme", "--once", "--json")
    assert done.json["result"] in ("error", "locked")
    assert done.code in (1, 4)
    assert "Traceback" not in done.err
    assert "unexpected" not in done.err.lower()
    assert (file.read_bytes() if file.exists() else None) == damaged
    file.write_bytes(whole)
    rig.app = App(Home(rig.home))
    rig.heals()


# -- pause, resume, cancel while the server is silent -----------------------------------------------------------------


@pytest.mark.parametrize("wire", [REST_PAGE, RESULTS], ids=["rest", "bulk"])
def test_pause_resume_and_cancel_while_the_server_is_silent(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, wire: str
) -> None:
    """The silence is longer than the test may last: only abandoning the request lets each act be heard."""
    if wire == RESULTS:
        monkeypatch.setenv("ORGMIRROR_REST_MAX_ROWS", "100")
    control = EngineControl()
    silence = {"match": {"path": wire}, "times": None, "action": {"stall": STALL_SECONDS}}

    def ended() -> list[CycleOutcome]:
        return [event.result.outcome for event in rig.events if event.result is not None]

    rig.org.faults(silence)
    day = threading.Thread(target=lambda: rig.connection().sync.run(control, rig.emit))
    day.start()
    try:
        wait_for(rig.fired)
        control.pause()
        wait_for(lambda: ended() == [CycleOutcome.CANCELLED])
        rig.org.faults(silence)
        control.resume()
        wait_for(rig.fired)
        control.cancel_cycle()
        wait_for(lambda: ended() == [CycleOutcome.CANCELLED] * 2)
        rig.org.faults()
        control.sync_now()
        wait_for(lambda: len(ended()) == 3)
        assert ended()[2] is CycleOutcome.OK
    finally:
        control.stop()
        day.join(PATIENCE_SECONDS)
    assert not day.is_alive()
    rig.heals()
