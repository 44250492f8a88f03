"""The pulls of one cycle: every chosen object is asked what changed, and none keeps the others waiting.

An object that changed much goes in slices, the others in between; a window too large for REST is read by a Bulk job
after everybody else had a turn. Engine's thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from core.mirror import loads
from core.mirror.loads import LoadJob
from core.mirror.mirror import Mirror
from core.mirror.objects import reload_wanted
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.progress import ObjectResult
from core.model.states import LoadMethod, Operation
from core.salesforce.client import Client
from core.salesforce.probes import Probe
from core.sync import soql
from core.sync.deletions import apply_policy
from core.sync.incremental import LargeWindow, Pull
from core.sync.ledger import Done, Ledger

SLICE_ROWS = 10_000
_DESCRIBE_AGAIN = frozenset({ErrorCode.FIELD_REFUSED, ErrorCode.OBJECT_NOT_VISIBLE})


class Pulls:
    """`load(tables)` reads tables whose job is noted, by Bulk; `redescribe(name)` takes a describe over anew.

    A window of more than `most_rows` rows is left to a Bulk job.
    """

    def __init__(
        self,
        mirror: Mirror,
        client: Client,
        cancel: CancelToken,
        ledger: Ledger,
        *,
        load: Callable[[list[Table]], dict[str, ObjectResult]],
        redescribe: Callable[[str], Table],
        most_rows: int,
    ) -> None:
        self._mirror = mirror
        self._client = client
        self._cancel = cancel
        self._ledger = ledger
        self._load = load
        self._redescribe = redescribe
        self._most_rows = most_rows

    def run(self, asked: Iterable[tuple[Table, Probe | None]], whole: Collection[str]) -> None:
        """Pull each table, with the answer to its question that came along with others'; in `whole`, every row.

        Raises Cancelled and what concerns everything.
        """
        waiting: deque[_Run] = deque()
        windows: list[_Run] = []
        for table, probe in asked:
            self._cancel.raise_if_set()
            # A describe in mid-load may have made another table.
            table = self._mirror.tables()[table.name]
            self._turn(_Run(self, table, table.name in whole, probe), waiting, windows)
        while waiting:
            self._cancel.raise_if_set()
            self._turn(waiting.popleft(), waiting, windows)
        for run in windows:
            self._cancel.raise_if_set()
            self._ledger.enter(Operation.PULL_UPDATES, run.name, run.by_bulk(), run.meter)
            self._deletes(run)

    def _turn(self, run: _Run, waiting: deque[_Run], windows: list[_Run]) -> None:
        done = run.advance()
        if run.window is not None:
            windows.append(run)
        elif done is None:
            waiting.append(run)
        else:
            self._ledger.enter(Operation.PULL_UPDATES, run.name, done, run.meter)
            self._deletes(run)

    def _deletes(self, run: _Run) -> None:
        """A line of its own where anything was deleted, or asking for it failed; nearly always there is nothing."""
        if run.deletes is not None and (run.deletes.deleted or run.deletes.error):
            self._ledger.enter(Operation.PULL_DELETES, run.name, run.deletes, run.deletes_meter)


class _Run:
    """One object's pull, in as many goes as it takes. `window` is set where a Bulk job has to read it."""

    def __init__(self, pulls: Pulls, table: Table, whole: bool, probe: Probe | None) -> None:
        self._pulls = pulls
        self.name = table.name
        self._whole = whole
        self._described = False
        self.window: LargeWindow | None = None
        self.meter = pulls._ledger.meter()
        self.deletes: Done | None = None
        self.deletes_meter = pulls._ledger.meter()
        self._earlier = Changes()
        self._pull = self._make(table, probe)

    def _make(self, table: Table, probe: Probe | None) -> Pull:
        pulls = self._pulls
        most = None if self._described else pulls._most_rows
        return Pull(pulls._mirror, pulls._client, table, pulls._cancel, whole=self._whole, probe=probe, most_rows=most)

    def advance(self) -> Done | None:
        """The next slice; what the pull did once it is at its end. Raises what concerns everything."""
        ledger = self._pulls._ledger
        with self.meter:
            done = ledger.guarded(Operation.PULL_UPDATES, self.name, self._slice)
        if done is None or done.error is not None:
            return done
        with self.deletes_meter:
            self.deletes = ledger.guarded(Operation.PULL_DELETES, self.name, self._pull.deletes)
        with self.meter:
            # Where deletes could not be asked for, the same window comes again.
            end = self._pull.end if self.deletes.error is None else self._pull.unfinished
            done = ledger.guarded(Operation.PULL_UPDATES, self.name, end)
        return replace(done, changes=self._earlier.merged(done.changes))

    def _slice(self) -> Done | None:
        """None while there is more."""
        try:
            return Done() if self._pull.advance(SLICE_ROWS) else None
        except LargeWindow as window:
            self.window = window
            return None
        except OrgMirrorError as error:
            if error.code not in _DESCRIBE_AGAIN or self._described:
                raise
            self._describe_again()
            return self._slice()

    def _describe_again(self) -> None:
        """A field or the object was refused: what does this user see now?"""
        self._described = True
        table = self._pulls._redescribe(self.name)
        self._whole = self._whole or self.name in self._pulls._mirror.read(reload_wanted)
        self._earlier = self._earlier.merged(self._pull.changes)
        self._pull = self._make(table, None)

    def by_bulk(self) -> Done:
        """Read the window by a Bulk job, which an interruption leaves where the next cycle takes it up."""
        with self.meter:
            return self._pulls._ledger.guarded(Operation.PULL_UPDATES, self.name, self._bulk)

    def _bulk(self) -> Done:
        assert self.window is not None
        mirror, client = self._pulls._mirror, self._pulls._client
        table = mirror.tables()[self.name]
        job = LoadJob(
            object=self.name,
            method=LoadMethod.BULK,
            soql=soql.select(table, soql.load_fields(table), self.window.where),
            fields_hash=table.info.fingerprint(),
            api_version=client.api_version,
            started_server=self.window.before,
            total=self.window.rows,
        )
        mirror.writer.call(lambda s: loads.start_job(s, job), Priority.BATCH)
        result = self._pulls._load([table])[self.name]
        written = result.new + result.updated + result.deleted
        removed = apply_policy(mirror, mirror.tables()[self.name]) if result.error is None else 0
        if result.deleted or removed:
            self.deletes = Done(deleted=result.deleted)
        return Done(
            new=result.new,
            updated=result.updated,
            skipped=result.skipped,
            failed=result.failed,
            rows=result.rows,
            changes=Changes({self.name: None}) if written else Changes(),
            error=result.error,
        )
