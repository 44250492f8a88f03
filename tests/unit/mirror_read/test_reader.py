"""Reader lanes: the newest question of a view wins, nothing is left open, threads end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError

import apsw
import pytest

from core.mirror.reader import ReadLane
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from tests.helpers.sample_org import KEY, SampleOrg

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def lane(org: SampleOrg) -> Iterator[ReadLane]:
    made = ReadLane(org.mirror.path, KEY, name="test lane")
    yield made
    made.close()


class _Gate:
    """A question that says when it runs and waits to be let on."""

    def __init__(self) -> None:
        self.running = threading.Event()
        self.go = threading.Event()

    def __call__(self, conn: apsw.Connection) -> str:
        self.running.set()
        assert self.go.wait(10)
        return str(conn.execute("SELECT 'done'").get)


def test_answers_in_a_read_transaction_and_leaves_none(lane: ReadLane) -> None:
    def ask(conn: apsw.Connection) -> tuple[bool, int]:
        return conn.in_transaction, conn.execute("SELECT count(*) FROM om_object").get

    assert lane.submit("a", ask).result(10) == (True, 6)
    assert lane.submit("a", lambda conn: conn.execute("PRAGMA query_only").get).result(10) == 0
    assert lane.submit("b", lambda conn: conn.in_transaction).result(10)


def test_no_read_transaction_holds_back_a_checkpoint(org: SampleOrg, lane: ReadLane) -> None:
    org.add("Lead", {"Name": "1"})
    lane.submit("a", lambda conn: conn.execute('SELECT count(*) FROM "Lead"').get).result(10)
    org.add("Lead", {"Name": "2"})
    done = org.mirror.writer.submit(
        lambda s: s.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").get, transaction=False
    ).result(10)
    assert done == (0, 0, 0)
    assert lane.submit("a", lambda conn: conn.execute('SELECT count(*) FROM "Lead"').get).result(10) == 2


def test_a_newer_question_replaces_the_waiting_one_of_its_view_only(lane: ReadLane) -> None:
    gate = _Gate()
    first = lane.submit("other", gate)
    assert gate.running.wait(10)
    older = lane.submit("view", lambda conn: "older")
    elsewhere = lane.submit("elsewhere", lambda conn: "elsewhere")
    newer = lane.submit("view", lambda conn: "newer")
    assert older.cancelled()
    with pytest.raises(CancelledError):
        older.result(0)
    gate.go.set()
    assert (first.result(10), newer.result(10), elsewhere.result(10)) == ("done", "newer", "elsewhere")


def test_a_newer_question_interrupts_the_running_one_of_its_view(lane: ReadLane) -> None:
    running = threading.Event()

    def endless(conn: apsw.Connection) -> None:
        running.set()
        conn.execute(ENDLESS).fetchall()

    first = lane.submit("view", endless)
    assert running.wait(10)
    second = lane.submit("view", lambda conn: conn.execute("SELECT 5").get)
    assert second.result(10) == 5
    with pytest.raises(Cancelled):
        first.result(10)


def test_superseded_between_two_statements_is_noticed_by_the_next(lane: ReadLane) -> None:
    gate = _Gate()

    def slow(conn: apsw.Connection) -> None:
        gate(conn)
        conn.execute(ENDLESS).fetchall()

    first = lane.submit("view", slow)
    assert gate.running.wait(10)
    second = lane.submit("view", lambda conn: "second")
    gate.go.set()
    assert second.result(10) == "second"
    with pytest.raises(Cancelled):
        first.result(10)


def test_a_cancelled_question_is_never_asked(lane: ReadLane) -> None:
    gate = _Gate()
    lane.submit("other", gate)
    assert gate.running.wait(10)
    asked: list[int] = []
    waiting = lane.submit("view", lambda conn: asked.append(1))
    assert waiting.cancel()
    last = lane.submit("last", lambda conn: "last")
    gate.go.set()
    assert last.result(10) == "last"
    assert asked == []


def test_errors_come_in_codes_and_the_lane_goes_on(lane: ReadLane) -> None:
    with pytest.raises(OrgMirrorError) as caught:
        lane.submit("a", lambda conn: conn.execute("SELECT * FROM nowhere")).result(10)
    assert caught.value.code is ErrorCode.UNEXPECTED
    with pytest.raises(OrgMirrorError) as caught:
        lane.submit("a", lambda conn: conn.execute("CREATE TABLE x (y)")).result(10)
    assert caught.value.code is ErrorCode.READ_ONLY
    with pytest.raises(ZeroDivisionError):
        lane.submit("a", lambda conn: 1 // 0).result(10)
    assert lane.submit("a", lambda conn: "fine").result(10) == "fine"


def test_an_unreadable_file_is_told_by_each_question(org: SampleOrg) -> None:
    lane = ReadLane(org.mirror.path, bytes(32), name="wrong key")
    for _ in range(2):
        with pytest.raises(OrgMirrorError) as caught:
            lane.submit("a", lambda conn: None).result(10)
        assert caught.value.code is ErrorCode.WRONG_KEY
    lane.close()


def test_closing_ends_everything(org: SampleOrg) -> None:
    lane = ReadLane(org.mirror.path, KEY, name="closing lane", threads=2)
    running = threading.Event()

    def endless(conn: apsw.Connection) -> None:
        running.set()
        conn.execute(ENDLESS).fetchall()

    busy = lane.submit("busy", endless)
    assert running.wait(10)
    gate = _Gate()
    gate.go.set()
    lane.submit("quick", gate).result(10)
    lane.close()
    lane.close()
    with pytest.raises(Cancelled):
        busy.result(0)
    assert lane.submit("late", lambda conn: None).cancelled()
    assert not [t for t in threading.enumerate() if t.name.startswith("closing lane")]


def test_forgetting_a_view(lane: ReadLane) -> None:
    running = threading.Event()

    def endless(conn: apsw.Connection) -> None:
        running.set()
        conn.execute(ENDLESS).fetchall()

    busy = lane.submit("view", endless)
    assert running.wait(10)
    other = lane.submit("other", lambda conn: "other")
    lane.forget("view")
    with pytest.raises(Cancelled):
        busy.result(10)
    assert other.result(10) == "other"
    lane.forget("nobody")
