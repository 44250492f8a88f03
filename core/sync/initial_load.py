"""The first load: every object's rows, by the wire that is quickest for the person who waits (issue 2, section 4).

Runs on the engine's thread, which plans, makes the Bulk jobs first so that they queue at Salesforce while REST loads
the small objects, polls them, and hands the fetching to threads with HTTP sessions of their own. All resume state is
in `om_load_job` and `om_load_page` and is written in the transaction of the rows it speaks of, so that a process
killed anywhere repeats at most the pages that were not committed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack

from core.mirror import loads
from core.mirror.loads import LoadJob
from core.mirror.mirror import Mirror
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.cancel import CancelToken
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.model.progress import Event, ObjectResult
from core.model.scope import load_order
from core.model.states import LoadMethod, LoadPhase
from core.salesforce.client import Client
from core.sync import bulk_load, rest_load, soql
from core.sync.board import ProgressBoard
from core.sync.faults import as_error
from core.sync.load_run import LoadTools, Run
from core.sync.planner import LoadLimits, plan_loads
from core.sync.reachability import stops_everything

log = logging.getLogger(__name__)

# Bulk jobs queue at Salesforce; more than two objects at once buys nothing that page fetchers do not.
BULK_OBJECTS_AT_ONCE = 2


class InitialLoad:
    """Loads objects once. One instance per cycle, owned by the engine's thread."""

    def __init__(
        self,
        mirror: Mirror,
        client: Client,
        board: ProgressBoard,
        emit: Callable[[Event], None],
        cancel: CancelToken,
        *,
        limits: LoadLimits,
        fetchers: int,
        monotonic: Callable[[], float],
        redescribe: Callable[[Client, str], Table],
        between: Callable[[], None] = lambda: None,
    ) -> None:
        """`between` is called on this thread each time an object is done with: a person's edits do not wait."""
        self._mirror = mirror
        self._main = client
        self._board = board
        self._cancel = cancel
        self._abort = CancelToken()
        self._limits = limits
        self._fetchers = fetchers
        self._monotonic = monotonic
        self._between = between
        self._local = threading.local()
        self._clients: list[Client] = []
        self._results: dict[str, ObjectResult] = {}
        self.taken: dict[str, tuple[float, int]] = {}
        """Seconds and API calls of each object, once `run` has ended."""
        self._fatal: OrgMirrorError | None = None
        self._lock = threading.Lock()
        self._tools = LoadTools(mirror, board, emit, self._abort, self._client, redescribe)

    def run(self, tables: list[Table]) -> dict[str, ObjectResult]:
        """Load every object of `tables`; a result per object, the failed ones with their error.

        Raises `Cancelled`, or what stops everything: signed out, offline, API limit, disk full.
        """
        forget = self._cancel.on_cancel(self._abort.set)
        try:
            runs = self._prepare(tables)
            self._load_all(runs)
        finally:
            forget()
            for client in self._clients:
                client.close()
        self._cancel.raise_if_set()
        if self._fatal is not None:
            raise self._fatal
        self.taken = {run.name: (run.seconds, run.calls) for run in runs}
        return self._results

    # planning

    def _prepare(self, tables: list[Table]) -> list[Run]:
        tables = sorted(tables, key=lambda t: load_order(t.name))
        known = self._mirror.read(lambda s: {t.name: loads.get_job(s, t.name) for t in tables})
        runs: list[Run] = []
        fresh: list[Table] = []
        for table in tables:
            job = known[table.name]
            if job is not None and job.fields_hash == table.info.fingerprint() and job.phase is not LoadPhase.DONE:
                runs.append(self._take_up(table))
            else:
                fresh.append(table)
                self._board.add(table.name, table.label_plural, phase=LoadPhase.COUNTING)
        # Before the first request of the load: everything changed from here on is seen by the first cycle.
        started = self._main.server_now()
        totals = self._count(fresh)
        plan = plan_loads(totals, self._limits)
        by_name = {t.name: t for t in fresh}
        for name in (*plan.bulk, *plan.rest):
            table = by_name[name]
            job = LoadJob(
                object=name,
                method=LoadMethod.BULK if name in plan.bulk else LoadMethod.REST,
                soql=soql.select(table, soql.load_fields(table)),
                fields_hash=table.info.fingerprint(),
                api_version=self._main.api_version,
                started_server=started,
                total=totals[name],
            )
            runs.append(Run(table, job))
        jobs = [run.job for run in runs if run.table in fresh]

        def start(session: WriteSession) -> None:
            for job in jobs:
                loads.start_job(session, job)

        self._tools.write(start)
        return runs

    def _take_up(self, table: Table) -> Run:
        """Go on with a load that was interrupted; pages that were not finished count as not begun."""

        def reset(session: WriteSession) -> LoadJob:
            loads.reset_partial(session, table.name)
            loads.set_phase(session, table.name, LoadPhase.WAITING)
            job = loads.get_job(session, table.name)
            assert job is not None
            return job

        job = self._mirror.writer.call(reset, Priority.BATCH)
        self._board.add(
            table.name, table.label_plural, total=job.total, rows_done=job.rows_done, resumed=job.pages_done > 0
        )
        log.info("resuming %s: %d of %s rows are here", table.name, job.rows_done, job.total)
        return Run(table, job, rows=job.rows_done)

    def _count(self, tables: list[Table]) -> dict[str, int | None]:
        totals: dict[str, int | None] = {}
        if not tables:
            return totals
        # As the load asks: with the recycle bin and archived activities, so that the bar ends where it should.
        answers = self._main.count_many({t.name: t.row_filter for t in tables}, all_rows=True)
        for table in tables:
            answer = answers.get(table.name)
            totals[table.name] = answer if isinstance(answer, int) else None
            if isinstance(answer, int):
                self._board.total(table.name, answer)
            self._board.phase(table.name, LoadPhase.WAITING)
        return totals

    # the coordinator

    def _load_all(self, runs: list[Run]) -> None:
        active: dict[Future[None], Run] = {}
        with ExitStack() as stack:
            # Ended last: the bulk threads hand their pages to it until they have ended themselves.
            pages = stack.enter_context(ThreadPoolExecutor(self._fetchers, thread_name_prefix="page"))
            rest = stack.enter_context(ThreadPoolExecutor(self._fetchers, thread_name_prefix="rest"))
            bulk = stack.enter_context(ThreadPoolExecutor(BULK_OBJECTS_AT_ONCE, thread_name_prefix="bulk"))
            try:
                polled: list[Run] = []
                small: list[Run] = []
                for run in runs:
                    (polled if run.job.method is LoadMethod.BULK else small).append(run)
                for run in polled:
                    self._guarded(run, lambda r: bulk_load.begin(self._tools, r))
                for run in small:
                    active[rest.submit(self._guarded, run, self._by_rest)] = run
                while (active or polled) and not self._abort.is_set():
                    for run in list(polled):
                        self._advance(run, polled, active, rest, bulk, pages)
                    self._collect(active, polled)
            except BaseException:
                self._abort.set()
                raise
            finally:
                if self._abort.is_set():
                    for future in active:
                        future.cancel()

    def _advance(
        self,
        run: Run,
        polled: list[Run],
        active: dict[Future[None], Run],
        rest: ThreadPoolExecutor,
        bulk: ThreadPoolExecutor,
        pages: ThreadPoolExecutor,
    ) -> None:
        """Move one object of a Bulk job on, if it is time."""
        if run.done:
            polled.remove(run)
        elif run.job.method is LoadMethod.REST:
            polled.remove(run)
            active[rest.submit(self._guarded, run, self._by_rest)] = run
        elif run.bulk_job is None:
            self._guarded(run, lambda r: bulk_load.begin(self._tools, r))
        else:
            ready: list[bool] = []
            now = self._monotonic()
            self._guarded(run, lambda r: ready.append(bulk_load.is_ready(self._tools, r, now)))
            if ready and ready[0]:
                polled.remove(run)
                active[bulk.submit(self._guarded, run, lambda r: self._by_bulk(r, pages))] = run

    def _collect(self, active: dict[Future[None], Run], polled: list[Run]) -> None:
        """Take in what threads have finished; waits a moment when there is nothing."""
        if not active:
            pause = min((run.poll_at - self._monotonic() for run in polled), default=0.0)
            self._abort.wait(min(max(0.02, pause), 1.0))
            return
        finished, _ = wait(active, timeout=0.2, return_when=FIRST_COMPLETED)
        for future in finished:
            run = active.pop(future)
            if not future.cancelled():
                future.result()
            if not run.done and not self._abort.is_set():
                polled.append(run)  # its results were gone: again from the job's creation
        if finished and not self._abort.is_set():
            self._between()

    def _by_rest(self, run: Run) -> None:
        self._keep(rest_load.load(self._tools, run))

    def _by_bulk(self, run: Run, pages: ThreadPoolExecutor) -> None:
        result = bulk_load.load(self._tools, run, pages)
        if result is not None:
            self._keep(result)

    def _keep(self, result: ObjectResult) -> None:
        with self._lock:
            self._results[result.name] = result

    def _guarded(self, run: Run, work: Callable[[Run], None]) -> None:
        """Run a step of one object: its failure is the object's own, unless it concerns everything."""
        if self._abort.is_set() or run.done:
            return
        try:
            with run.measured(self._client().transport, self._monotonic):
                work(run)
        except Cancelled:
            return
        except OrgMirrorError as error:
            self._failed(run, error)
        except Exception as error:
            # What nobody thought of in one object must not keep the others from being loaded.
            log.exception("loading %s failed", run.name)
            self._failed(run, OrgMirrorError(ErrorCode.UNEXPECTED, reason=type(error).__name__))

    def _failed(self, run: Run, error: OrgMirrorError) -> None:
        if self._cancel.is_set():
            return
        try:
            stops = stops_everything(error, self._client())
        except Cancelled:
            return  # another object's failure stopped the load while this one asked whether the org answers
        if stops:
            with self._lock:
                self._fatal = self._fatal or error
            self._abort.set()
            return
        error = as_error(error, run.name)
        run.done = True
        log.info("loading %s failed: %s", run.name, error.code.value)
        self._board.phase(run.name, LoadPhase.FAILED, error=error)
        self._keep(ObjectResult(run.name, rows=run.rows, failed=1, error=error))

        def note(session: WriteSession) -> None:
            loads.fail(session, run.name, error.code)

        self._tools.write(note)

    def _client(self) -> Client:
        """The calling thread's own client."""
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            client = self._main.clone(cancel=self._abort)
            self._local.client = client
            with self._lock:
                self._clients.append(client)
        return client
