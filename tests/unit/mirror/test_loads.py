"""Resume state: whatever moment a process is killed at, a page is committed whole or fetched again, counted once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.mirror import loads, watermarks
from core.mirror.loads import LoadJob
from core.mirror.mirror import Mirror
from core.mirror.rows import RowWriter
from core.model.errors import ErrorCode
from core.model.states import LoadMethod, LoadPhase
from tests.unit.mirror.conftest import KEY
from tests.unit.mirror.samples import lead, lead_id, lead_table, select

STARTED = datetime(2024, 3, 1, 12, 0, 0, 123000, UTC)


def job(method=LoadMethod.BULK, **more):
    return LoadJob("Lead", method, "SELECT Id FROM Lead", "hash", "68.0", STARTED, **more)


@pytest.fixture
def started(mirror):
    """A mirror with a table and a load that begins."""
    lead_table(mirror)
    mirror.write(lambda s: loads.start_job(s, job(total=10)))
    return mirror


def state(mirror):
    return mirror.read(lambda s: loads.get_job(s, "Lead"))


def batch(mirror, locator, *numbers, last=False, following=None):
    """One batch of a page, as the engine commits it."""
    table = mirror.tables()["Lead"]

    def write(session):
        RowWriter.for_json(table).load(session, [lead(n) for n in numbers])
        if last:
            loads.page_done(session, "Lead", locator, len(numbers), following)
        else:
            loads.batch_done(session, "Lead", locator, len(numbers))

    mirror.write(write)


def test_a_job_is_stored_as_it_is(mirror):
    assert state(mirror) is None
    first = job(job_id="750", total=7, total_is_estimate=True, phase=LoadPhase.QUEUED, listing_url="/x")
    mirror.write(lambda s: loads.start_job(s, first))
    assert state(mirror) == first
    assert mirror.read(loads.all_jobs) == [first]


def test_reading_in_sequence(started):
    assert not state(started).all_read
    batch(started, None, 1, 2)
    batch(started, None, 3, last=True, following="L2")
    assert (state(started).rows_done, state(started).pages_done, state(started).next_locator) == (3, 1, "L2")
    assert not state(started).all_read
    batch(started, "L2", 4, last=True)
    assert (state(started).rows_done, state(started).pages_done, state(started).next_locator) == (4, 2, None)
    assert state(started).all_read


def test_killed_in_the_middle_of_a_page(make_mirror):
    mirror = make_mirror()
    lead_table(mirror)
    mirror.write(lambda s: loads.start_job(s, job()))
    batch(mirror, None, 1, 2, last=True, following="L2")
    batch(mirror, "L2", 3, 4)
    assert (state(mirror).rows_done, state(mirror).pages_open) == (4, 1)
    mirror.close(drain=False)
    mirror = make_mirror()
    assert mirror.write(lambda s: loads.reset_partial(s, "Lead")) == 1
    after = state(mirror)
    assert (after.rows_done, after.pages_done, after.next_locator, after.pages_repeated) == (2, 1, "L2", 1)
    assert not after.all_read
    batch(mirror, "L2", 3, 4)
    batch(mirror, "L2", 5, last=True)
    assert (state(mirror).rows_done, state(mirror).all_read) == (5, True)
    assert select(mirror, 'SELECT count(*) FROM "Lead"') == [(5,)]
    assert mirror.write(lambda s: loads.reset_partial(s, "Lead")) == 0
    assert state(mirror).pages_repeated == 1


def test_a_batch_that_fails_counts_nothing(started):
    def broken(session):
        loads.batch_done(session, "Lead", None, 5)
        raise RuntimeError("cut")

    with pytest.raises(RuntimeError):
        started.write(broken)
    assert (state(started).rows_done, state(started).pages_open) == (0, 0)


def test_pages_in_parallel(started):
    started.write(lambda s: loads.set_bulk_job(s, "Lead", "750xx"))
    started.write(lambda s: loads.list_pages(s, "Lead", ["a", "b", "c"], "/more"))
    listed = state(started)
    assert (listed.job_id, listed.listing_url, listed.listing_done, listed.pages_open) == ("750xx", "/more", False, 3)
    batch(started, "c", 1, 2)
    batch(started, "a", 3, last=True)
    batch(started, "b", 4)
    assert started.read(lambda s: loads.pending_pages(s, "Lead")) == ["b", "c"]
    assert started.write(lambda s: loads.reset_partial(s, "Lead")) == 2
    assert (state(started).rows_done, state(started).pages_repeated) == (1, 2)
    started.write(lambda s: loads.list_pages(s, "Lead", ["a", "b", "c"], "/more"))  # the listing is read again
    started.write(lambda s: loads.list_pages(s, "Lead", ["d"], None))
    assert started.read(lambda s: loads.pending_pages(s, "Lead")) == ["b", "c", "d"]
    for locator in "bcd":
        assert not state(started).all_read
        batch(started, locator, 5, last=True)
    assert state(started).all_read


def test_an_empty_object(started):
    batch(started, None, last=True)
    assert (state(started).rows_done, state(started).all_read) == (0, True)


def test_an_empty_listing(started):
    started.write(lambda s: loads.list_pages(s, "Lead", [], None))
    assert state(started).all_read


def test_starting_afresh_forgets_pages_and_keeps_rows(started):
    batch(started, None, 1, last=True, following="L2")
    started.write(lambda s: loads.start_job(s, job(LoadMethod.REST)))
    assert state(started) == job(LoadMethod.REST)
    assert select(started, 'SELECT count(*) FROM "Lead"') == [(1,)]


def test_finishing(started):
    batch(started, None, 1, 2, last=True)
    started.write(lambda s: loads.finish(s, "Lead", STARTED, 2))
    done = state(started)
    assert (done.phase, done.rows_done, done.next_locator) == (LoadPhase.DONE, 2, None)
    known = started.read(lambda s: s.models.Object.get_by_id("Lead"))
    assert (known.loaded, known.rows) == (True, 2)
    assert started.read(lambda s: watermarks.get(s, "Lead")).safe_from == STARTED


def test_failing_and_going_on(started):
    batch(started, None, 1, last=True, following="L2")
    started.write(lambda s: loads.fail(s, "Lead", ErrorCode.BULK_FAILED))
    failed = state(started)
    assert (failed.phase, failed.error_code, failed.next_locator) == (LoadPhase.FAILED, "bulk-failed", "L2")
    started.write(lambda s: loads.set_phase(s, "Lead", LoadPhase.LOADING))
    assert state(started).error_code is None
    started.write(lambda s: loads.set_total(s, "Lead", 99, is_estimate=True))
    assert (state(started).total, state(started).total_is_estimate) == (99, True)
    started.write(lambda s: loads.forget(s, "Lead"))
    assert state(started) is None


def test_a_watermark_never_goes_back(mirror):
    assert mirror.read(lambda s: watermarks.get(s, "Lead")) is None
    for minutes in (10, 5):
        moment = STARTED + timedelta(minutes=minutes)
        mirror.write(lambda s, m=moment: watermarks.advance(s, "Lead", safe_from=m, ok_at=m))
    mirror.write(lambda s: watermarks.asked(s, "Lead", STARTED))
    mirror.write(lambda s: watermarks.swept(s, "Lead", STARTED))
    mirror.write(lambda s: watermarks.formulas_read(s, "Lead", STARTED))
    found = mirror.read(lambda s: watermarks.get(s, "Lead"))
    assert found.safe_from == STARTED + timedelta(minutes=10)
    assert found.last_ok_at == STARTED + timedelta(minutes=5)
    assert (found.last_asked_at, found.last_sweep_at, found.last_formula_at) == (STARTED,) * 3
    assert mirror.read(watermarks.all_watermarks) == {"Lead": found}
    mirror.write(lambda s: watermarks.forget(s, "Lead"))
    assert mirror.read(lambda s: watermarks.get(s, "Lead")) is None


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with Mirror.create(tmp_path_factory.mktemp("loads") / "mirror.db", KEY) as mirror:
        lead_table(mirror)
        yield mirror


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sizes=st.lists(st.integers(0, 5), min_size=1, max_size=4),
    cut=st.integers(1, 3),
    kills=st.lists(st.integers(0, 12), max_size=4),
    parallel=st.booleans(),
)
def test_any_kills_end_with_the_same_rows_and_counts(shared, sizes, cut, kills, parallel):
    """The engine's loop, cut off after so many transactions each time, then taken up from what the file says."""
    shared.write(lambda s: s.conn.execute('DELETE FROM "Lead"'))
    shared.write(lambda s: loads.start_job(s, job()))
    pages, number = {}, 0
    for place, size in enumerate(sizes):
        pages[f"p{place}"] = list(range(number, number + size))
        number += size
    names = list(pages)
    following = dict(zip(names, [*names[1:], None], strict=True))
    fetched: dict[str, int] = {}
    committed: set[str] = set()

    def run(limit):
        spent = 0

        def spend():
            nonlocal spent
            spent += 1
            return limit is not None and spent > limit

        shared.write(lambda s: loads.reset_partial(s, "Lead"))
        if parallel and not state(shared).listing_done:
            if spend():
                return
            shared.write(lambda s: loads.list_pages(s, "Lead", names, None))
        while not state(shared).all_read:
            if parallel:
                locator = shared.read(lambda s: loads.pending_pages(s, "Lead"))[0]
            else:
                locator = state(shared).next_locator
            name = locator or names[0]
            assert name not in committed, "a committed page is never fetched again"
            fetched[name] = fetched.get(name, 0) + 1
            rest = pages[name]
            while len(rest) > cut:
                if spend():
                    return
                batch(shared, locator, *rest[:cut])
                rest = rest[cut:]
            if spend():
                return
            batch(shared, locator, *rest, last=True, following=None if parallel else following[name])
            committed.add(name)

    for limit in kills:
        run(limit)
        assert state(shared).rows_done <= number
    run(None)
    assert state(shared).rows_done == number
    assert state(shared).pages_done == len(sizes)
    assert sum(fetched.values()) <= len(sizes) + len(kills)
    assert [i for (i,) in select(shared, 'SELECT "Id" FROM "Lead" ORDER BY "Id"')] == [
        lead_id(n) for n in range(number)
    ]
