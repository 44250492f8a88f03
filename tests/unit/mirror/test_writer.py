"""The writer: order, one transaction per job, errors that do not stop it, and its end."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError

import apsw
import pytest

from core.mirror import database
from core.mirror.writer import Priority
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from tests.unit.mirror.conftest import KEY
from tests.unit.mirror.samples import select


class Gate:
    """A job that holds the writer until it is opened."""

    def __init__(self, mirror, priority=Priority.BATCH):
        self._open = threading.Event()
        entered = threading.Event()

        def hold(_):
            entered.set()
            assert self._open.wait(10)

        self.future = mirror.writer.submit(hold, priority)
        assert entered.wait(10)

    def open(self):
        self._open.set()
        self.future.result(10)


def put(key):
    return lambda s: s.conn.execute("INSERT INTO om_meta (key, value) VALUES (?, '')", (key,))


def keys(mirror):
    return [key for (key,) in select(mirror, "SELECT key FROM om_meta ORDER BY rowid")]


def test_a_person_goes_before_batches_and_batches_before_idle_work(mirror):
    gate = Gate(mirror)
    order = (
        ("idle 1", Priority.IDLE),
        ("batch 1", Priority.BATCH),
        ("person 1", Priority.PERSON),
        ("batch 2", Priority.BATCH),
        ("person 2", Priority.PERSON),
        ("idle 2", Priority.IDLE),
    )
    futures = [mirror.writer.submit(put(key), priority) for key, priority in order]
    assert mirror.writer.waiting == 6
    gate.open()
    for future in futures:
        future.result(10)
    assert keys(mirror) == ["person 1", "person 2", "batch 1", "batch 2", "idle 1", "idle 2"]


def test_a_person_waits_for_no_more_than_the_batch_under_way(mirror):
    """Batches that keep coming, each queued by the one before it, do not hold a person's job back."""
    done = []
    total = 30
    asked = threading.Event()

    def batch(number):
        def job(session):
            if number == 5:
                mirror.writer.submit(lambda s: done.append("person"), Priority.PERSON)
                asked.set()
            done.append(number)

        return job

    futures = [mirror.writer.submit(batch(n)) for n in range(total)]
    for future in futures:
        future.result(10)
    assert asked.is_set()
    assert done.index("person") == done.index(5) + 1


def test_a_job_is_one_transaction(mirror):
    def job(session):
        put("a")(session)
        put("b")(session)
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        mirror.write(job)
    assert keys(mirror) == []
    mirror.write(put("c"))
    assert keys(mirror) == ["c"]


def test_callbacks_run_after_the_commit_and_not_after_a_rollback(mirror):
    seen = []

    def job(session, fail):
        put("x")(session)
        session.after_commit(lambda: seen.append((fail, keys(mirror))))
        if fail:
            raise ValueError

    with pytest.raises(ValueError):
        mirror.write(lambda s: job(s, True))
    mirror.write(lambda s: job(s, False))
    assert seen == [(False, ["x"])]


def test_errors_of_sqlite_are_coded_and_the_next_job_works(mirror):
    mirror.write(put("a"))
    with pytest.raises(OrgMirrorError) as caught:
        mirror.write(put("a"))
    assert caught.value.code is ErrorCode.UNEXPECTED
    assert isinstance(caught.value.__cause__, apsw.ConstraintError)
    with pytest.raises(OrgMirrorError):
        mirror.write(lambda s: s.models.Meta.insert(key="a").execute())  # peewee's wrapping of the same
    mirror.write(put("b"))
    assert keys(mirror) == ["a", "b"]


def test_a_full_disk(mirror):
    mirror.write(put("a"))
    pages = mirror.write(lambda s: s.conn.pragma("max_page_count", s.conn.pragma("page_count") + 4))

    def big(session):
        session.conn.execute("INSERT INTO om_meta VALUES ('big', hex(randomblob(1000000)))")

    with pytest.raises(OrgMirrorError) as caught:
        mirror.write(big)
    assert caught.value.code is ErrorCode.DISK_FULL
    assert pages
    mirror.write(put("b"))
    assert keys(mirror) == ["a", "b"]
    mirror.write(lambda s: s.conn.pragma("max_page_count", 1000000))
    mirror.write(big)
    assert keys(mirror) == ["a", "b", "big"]


def test_a_file_locked_by_another_program(mirror):
    other = database.connect(mirror.path, KEY)
    other.execute("BEGIN IMMEDIATE")
    mirror.writer.submit(lambda s: s.conn.set_busy_timeout(10), transaction=False).result()
    with pytest.raises(OrgMirrorError) as caught:
        mirror.write(put("a"))
    assert caught.value.code is ErrorCode.FILE_LOCKED
    other.execute("ROLLBACK")
    other.close()
    mirror.write(put("a"))
    assert keys(mirror) == ["a"]


def test_a_read_only_file(mirror):
    mirror.writer.submit(lambda s: s.conn.pragma("query_only", 1), transaction=False).result()
    with pytest.raises(OrgMirrorError) as caught:
        mirror.write(put("a"))
    assert caught.value.code is ErrorCode.READ_ONLY
    mirror.writer.submit(lambda s: s.conn.pragma("query_only", 0), transaction=False).result()
    mirror.write(put("a"))


def test_call_from_a_job_is_refused_rather_than_waiting_for_ever(mirror):
    with pytest.raises(RuntimeError):
        mirror.write(lambda s: mirror.writer.call(put("a")))


def test_a_person_interrupts_a_preemptible_job_which_runs_again(mirror):
    started = threading.Event()
    runs = []

    def endless(session):
        runs.append(len(runs))
        put(f"run {len(runs)}")(session)
        if len(runs) == 1:
            started.set()
            session.conn.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
            ).fetchall()
        return len(runs)

    future = mirror.writer.submit(endless, Priority.BATCH, preemptible=True)
    assert started.wait(10)
    mirror.writer.submit(put("person"), Priority.PERSON).result(10)
    assert future.result(10) == 2
    assert keys(mirror) == ["person", "run 2"], "what the first run did was rolled back"


def test_a_batch_does_not_interrupt_a_preemptible_job(mirror):
    running, go_on = threading.Event(), threading.Event()

    def job(session):
        running.set()
        assert go_on.wait(10)
        return session.conn.execute("SELECT 7").get

    future = mirror.writer.submit(job, preemptible=True)
    assert running.wait(10)
    batch = mirror.writer.submit(put("batch"))
    go_on.set()
    assert future.result(10) == 7
    batch.result(10)


def test_an_interrupt_that_nobody_asked_for_by_the_queue_is_a_cancel(mirror):
    def job(session):
        session.conn.interrupt()
        session.conn.execute("SELECT count(*) FROM om_object, om_meta").fetchall()
        raise apsw.InterruptError

    with pytest.raises(Cancelled):
        mirror.write(job)


def test_a_cancelled_future_does_not_run(mirror):
    gate = Gate(mirror)
    future = mirror.writer.submit(put("a"))
    assert future.cancel()
    gate.open()
    mirror.write(put("b"))
    assert keys(mirror) == ["b"]


def test_closing_drains(make_mirror):
    mirror = make_mirror()
    gate = Gate(mirror)
    futures = [mirror.writer.submit(put(str(n))) for n in range(5)]
    threading.Timer(0.05, gate.open).start()
    mirror.close(drain=True)
    assert all(f.done() and not f.cancelled() for f in futures)
    assert keys(make_mirror()) == ["0", "1", "2", "3", "4"]


def test_closing_cancels(make_mirror):
    mirror = make_mirror()
    gate = Gate(mirror)
    future = mirror.writer.submit(put("a"))
    threading.Timer(0.05, gate.open).start()
    mirror.close(drain=False)
    with pytest.raises(CancelledError):
        future.result(1)
    with pytest.raises(Cancelled):
        mirror.write(put("b"))
    mirror.close()
    assert keys(make_mirror()) == []


def test_maintenance_gives_pages_back(mirror):
    mirror.write(lambda s: s.conn.execute("INSERT INTO om_meta VALUES ('big', hex(randomblob(2000000)))").fetchall())
    mirror.write(lambda s: s.conn.execute("DELETE FROM om_meta"))
    before = mirror.write(lambda s: (s.conn.pragma("freelist_count"), s.conn.pragma("page_count")))
    assert before[0] > 500
    mirror.maintain()
    for _ in range(20):
        mirror.write(lambda s: None, Priority.IDLE)
    after = mirror.write(lambda s: (s.conn.pragma("freelist_count"), s.conn.pragma("page_count")))
    assert after[0] == 0
    assert after[1] < before[1] / 4


def test_a_question_sees_one_state_whatever_is_written_meanwhile(mirror):
    def question(session):
        count = "SELECT count(*) FROM sqlite_schema"
        before = session.conn.execute(count).get
        for number in range(60):  # more schema changes than SQLite forgives outside of a snapshot
            mirror.write(lambda s, n=number: s.conn.execute(f"CREATE TABLE om_try_{n} (x)"))
        return before, session.conn.execute(count).get

    before, after = mirror.read(question)
    assert after == before
