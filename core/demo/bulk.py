"""Bulk API 2.0 query jobs: their states over time, their results, and the files that keep both across restarts.

A job's query is run when it is created, which fixes its rows. They are rendered to CSV on disk (bulk_files) when a
page asks for them, and by a background thread somewhat ahead of the pages read, so that a locator always gives the
same bytes. States follow the clock of this computer, the seven days of a job's life the clock of the org.

Threads: any worker thread calls BulkJobs; its lock guards the table of jobs, each job's own lock its rendering.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from core.demo.bulk_files import DELIMITERS, LINE_ENDINGS, Rendering, csv_lines
from core.demo.errors import BulkRefused, OrgError, not_found
from core.demo.ids import is_id, to_18

if TYPE_CHECKING:
    from core.demo.behaviour import Behaviour
    from core.demo.org import Org, Result

_LIFE = timedelta(days=7)
_SLICE_ROWS = 2000
_AHEAD_ROWS = 60_000
PAGES_PER_ANSWER = 5
FIRST_VERSION = 47.0
FIRST_PAGES_VERSION = 58.0


@dataclass
class Job:
    """One query job. The fields before `_lock` are what its file holds."""

    id: str
    operation: str
    soql: str
    object_name: str
    created_by: str
    created: str
    """ISO time on the org's clock."""
    started: float
    """Unix time on this computer's clock."""
    version: str
    delimiter: str
    line_ending: str
    columns: list[str] = field(default_factory=list)
    total: int = 0
    ended: str | None = None
    """Final state once reached: JobComplete, Failed or Aborted."""
    error: str | None = None
    doomed: str | None = None
    """Error with which the job will fail when its time has come."""

    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    rendering: Rendering | None = field(default=None, repr=False)
    result: Result | None = field(default=None, repr=False)
    source: int = 0
    """Rows of `result` that were rendered."""
    read_to: int = 0
    """Row up to which pages were asked for; the background renders some way beyond."""


class Page(NamedTuple):
    """One page of results."""

    rows: int
    locator: str
    """Locator of the next page, or the text "null"."""
    chunks: Iterator[bytes]
    gzipped: bool


class BulkJobs:
    """All query jobs of the org."""

    def __init__(self, org: Org, folder: Path, behaviour: Behaviour) -> None:
        self._org = org
        self._folder = folder
        self._behaviour = behaviour
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._prerendered: dict[tuple[str, str, str, str, str], str] = {}
        self._wake = threading.Event()
        self._stopping = False
        self.pages_served: dict[str, dict[str, int]] = {}
        """Job id -> first row of a page, as text -> times it was asked for."""
        self.render_seconds = 0.0
        folder.mkdir(parents=True, exist_ok=True)
        self._load()
        self._thread = threading.Thread(target=self._render_ahead, name="bulk-render", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the background thread. Jobs stay on disk."""
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout=5)

    def create(self, user_id: str, body: dict[str, Any], version: str) -> Job:
        """A new job from the body of its POST. Raises OrgError for a body or query that is refused at once."""
        operation = body.get("operation")
        soql = body.get("query")
        if operation not in ("query", "queryAll"):
            raise OrgError("INVALIDJOB", f"Invalid operation: {operation}")
        if not isinstance(soql, str) or not soql.strip():
            raise OrgError("INVALIDJOB", "The query is required for this job")
        if body.get("contentType", "CSV") != "CSV":
            raise OrgError("INVALIDJOB", f"Unsupported content type: {body.get('contentType')}")
        delimiter = body.get("columnDelimiter") or "COMMA"
        line_ending = body.get("lineEnding") or "LF"
        if delimiter not in DELIMITERS or line_ending not in LINE_ENDINGS:
            raise OrgError("INVALIDJOB", f"Unsupported columnDelimiter or lineEnding: {delimiter}, {line_ending}")
        job = Job(
            id=to_18("750" + secrets.token_hex(6)),
            operation=operation,
            soql=soql,
            object_name=_object_of(soql),
            created_by=user_id,
            created=self._org.now().isoformat(),
            started=time.time(),
            version=version,
            delimiter=delimiter,
            line_ending=line_ending,
            doomed=self._behaviour.bulk_fail,
        )
        try:
            result = self._run(job)
            job.object_name, job.total = result.object_name, result.total_size
            job.columns = [column.name for column in result.columns]
        except OrgError as error:
            refused = isinstance(error, BulkRefused)
            place = self._behaviour.bulk_refusal if refused else self._behaviour.bulk_bad_soql
            if place == "create":
                raise
            job.doomed = f"{error.code}: {error.message}"
        else:
            self._attach(job, result)
        self._save(job)
        with self._lock:
            self._jobs[job.id] = job
        self._wake.set()
        return job

    def get(self, job_id: str) -> Job:
        """A job by its 15- or 18-character id. Raises OrgError NOT_FOUND for none, or one past its life."""
        with self._lock:
            self._retire_old()
            job = self._jobs.get(to_18(job_id)) if is_id(job_id) else None
        if job is None:
            raise not_found()
        return job

    def all(self) -> list[Job]:
        """Every job, oldest first."""
        with self._lock:
            self._retire_old()
            return sorted(self._jobs.values(), key=lambda job: (job.created, job.id))

    def state(self, job: Job) -> str:
        """UploadComplete, InProgress, JobComplete, Failed or Aborted, at this moment."""
        if job.ended is not None:
            return job.ended
        elapsed = time.time() - job.started
        due = self._behaviour.bulk_seconds + job.total * self._behaviour.bulk_seconds_per_row
        if elapsed < due * 0.2:
            return "UploadComplete"
        if elapsed < due or self._behaviour.bulk_hold:
            return "InProgress"
        if job.doomed is None and self._behaviour.prerender:
            with job.lock:
                rendered = job.rendering is not None and job.rendering.sealed and job.rendering.compressed
            if not rendered:
                self._wake.set()
                return "InProgress"
        return self._end(job, "Failed" if job.doomed else "JobComplete", job.doomed)

    def progress(self, job: Job) -> int:
        """Rows processed so far, for a progress display."""
        state = self.state(job)
        if state == "JobComplete":
            return job.total
        if state == "UploadComplete":
            return 0
        due = self._behaviour.bulk_seconds + job.total * self._behaviour.bulk_seconds_per_row
        return min(job.total, int(job.total * min(1.0, (time.time() - job.started) / max(due, 0.001))))

    def abort(self, job: Job) -> None:
        """Stop a job. Raises OrgError INVALIDJOBSTATE for one that has ended."""
        state = self.state(job)
        if state not in ("UploadComplete", "InProgress"):
            raise OrgError("INVALIDJOBSTATE", f"Aborting an already completed job is not allowed: {state}")
        self._end(job, "Aborted", None)

    def delete(self, job: Job) -> None:
        """Remove a job and its results. Raises OrgError INVALIDJOBSTATE for one that has not ended."""
        if self.state(job) not in ("JobComplete", "Failed", "Aborted"):
            raise OrgError("INVALIDJOBSTATE", "The job must be in a terminal state to be deleted")
        with self._lock:
            self._remove(job)

    def retire(self, job_id: str | None = None) -> int:
        """Make one job, or every job, as if its life were over. Returns how many went."""
        with self._lock:
            gone = [job for job in self._jobs.values() if job_id in (None, job.id)]
            for job in gone:
                self._remove(job)
        return len(gone)

    def fail(self, job_id: str, message: str) -> None:
        """Let one job fail now. Raises OrgError NOT_FOUND."""
        job = self.get(job_id)
        self._end(job, "Failed", message)

    def forget_prerendered(self) -> None:
        """The org's data or permissions changed: later jobs are rendered anew."""
        with self._lock:
            self._prerendered.clear()

    def page(self, job: Job, locator: str | None, max_records: int | None, *, gzip: bool) -> Page:
        """A page of a completed job. Raises OrgError for a bad locator or maxRecords."""
        start = 0 if locator is None else read_locator(locator, job)
        limit = max_records if max_records is not None else self._behaviour.bulk_page_rows
        limit = min(limit, self._behaviour.bulk_max_page_rows)
        counts = self.pages_served.setdefault(job.id, {})
        counts[str(start)] = counts.get(str(start), 0) + 1
        header = csv_lines([job.columns], DELIMITERS[job.delimiter], LINE_ENDINGS[job.line_ending])[0]
        if job.total == 0 and self._behaviour.bulk_empty == "nothing":
            header = b""
        with job.lock:
            rendering = self._rendering(job)
            self._render(job, start + limit)
            until = max(start, min(start + limit, job.total))
            count = until - start
            job.read_to = max(job.read_to, until)
            start = min(start, rendering.rows)
            make = rendering.gzip_chunks if gzip else rendering.chunks
            chunks = make(start, count, header)
        self._wake.set()
        return Page(count, make_locator(until) if until < job.total else "null", chunks, gzip)

    def pages(self, job: Job, locator: str | None) -> tuple[list[str], str | None]:
        """Locators of up to five result pages from this one on, and the locator for the next five, if any."""
        start = 0 if locator is None else read_locator(locator, job)
        step = self._behaviour.bulk_page_rows
        starts = list(range(start, max(job.total, start + 1), step))
        following = starts[PAGES_PER_ANSWER] if len(starts) > PAGES_PER_ANSWER else None
        links = [make_locator(each) for each in starts[:PAGES_PER_ANSWER]]
        return links, None if following is None else make_locator(following)

    # Inside

    def _run(self, job: Job) -> Result:
        return self._org.view(job.created_by).query(job.soql, all_rows=job.operation == "queryAll", bulk=True)

    def _attach(self, job: Job, result: Result) -> None:
        """Give a new job its rendering: a shared one that is done already, or an empty one to be filled."""
        key = _cache_key(job)
        with self._lock:
            twin = self._jobs.get(self._prerendered.get(key, "")) if self._behaviour.prerender else None
        if twin is not None and twin.rendering is not None and twin.total == job.total:
            twin.rendering.share_with(self._folder, job.id)
        else:
            job.result = result
        job.rendering = Rendering(self._folder, job.id, DELIMITERS[job.delimiter], LINE_ENDINGS[job.line_ending])

    def _rendering(self, job: Job) -> Rendering:
        """The rendering of a job; after a restart the query is run again where its rows were not all written.
        Called with the job's lock."""
        if job.rendering is None:
            job.rendering = Rendering(self._folder, job.id, DELIMITERS[job.delimiter], LINE_ENDINGS[job.line_ending])
        if job.result is None and not job.rendering.sealed:
            job.result, job.source = self._run(job), 0
            job.total = job.result.total_size
        return job.rendering

    def _render(self, job: Job, until: int) -> None:
        """Write rows up to `until`, at least. Called with the job's lock."""
        rendering = self._rendering(job)
        while rendering.rows < min(until, job.total):
            assert job.result is not None
            began = time.perf_counter()
            lines = job.result.csv_lines(
                job.source, _SLICE_ROWS, DELIMITERS[job.delimiter], LINE_ENDINGS[job.line_ending]
            )
            job.source += _SLICE_ROWS
            rendering.append_lines(lines)
            # The snapshot holds ids: a row that was purged since is not there any more.
            job.total = rendering.rows + max(0, job.result.total_size - job.source)
            self.render_seconds += time.perf_counter() - began
        if rendering.rows >= job.total and (
            not rendering.sealed or (self._behaviour.prerender and not rendering.compressed)
        ):
            rendering.seal(compress=self._behaviour.prerender)
            job.result = None
            if self._behaviour.prerender:
                with self._lock:
                    self._prerendered[_cache_key(job)] = job.id

    def _render_ahead(self) -> None:
        while not self._stopping:
            if not self._render_some():
                self._wake.wait(timeout=1)
                self._wake.clear()

    def _render_some(self) -> bool:
        """One slice for the first job that is behind; False when there is nothing to do."""
        with self._lock:
            jobs = [job for job in self._jobs.values() if job.doomed is None and job.ended in (None, "JobComplete")]
        for job in jobs:
            with job.lock:
                rendering = job.rendering
                if rendering is None or (job.result is None and not self._uncompressed(rendering)):
                    continue
                goal = job.total if self._behaviour.prerender else min(job.total, job.read_to + _AHEAD_ROWS)
                if rendering.rows < goal or (rendering.rows >= job.total and not rendering.sealed):
                    self._render(job, min(goal, rendering.rows + _SLICE_ROWS))
                    return True
                if self._uncompressed(rendering):
                    self._render(job, job.total)
                    return True
        return False

    def _uncompressed(self, rendering: Rendering) -> bool:
        return self._behaviour.prerender and rendering.sealed and not rendering.compressed

    def _end(self, job: Job, state: str, error: str | None) -> str:
        """Put a job in a final state, unless it has one; failing wins over the others. Returns its state."""
        with self._lock:
            if job.ended is None or state == "Failed":
                job.ended, job.error = state, error
            ended = job.ended
        self._save(job)
        return ended

    def _retire_old(self) -> None:
        now = self._org.now()
        for job in [each for each in self._jobs.values() if now - datetime.fromisoformat(each.created) > _LIFE]:
            self._remove(job)

    def _remove(self, job: Job) -> None:
        self._jobs.pop(job.id, None)
        (self._folder / f"{job.id}.json").unlink(missing_ok=True)
        if job.rendering is not None:
            job.rendering.remove()
        self._prerendered = {key: value for key, value in self._prerendered.items() if value != job.id}

    def _save(self, job: Job) -> None:
        kept = {
            name: getattr(job, name)
            for name in Job.__dataclass_fields__
            if name not in {"lock", "rendering", "result", "source", "read_to"}
        }
        path = self._folder / f"{job.id}.json"
        temporary = path.with_name(f"{job.id}.{threading.get_ident()}.new")
        temporary.write_text(json.dumps(kept), encoding="utf-8")
        temporary.replace(path)

    def _load(self) -> None:
        for path in self._folder.glob("*.json"):
            job = Job(**json.loads(path.read_text(encoding="utf-8")))
            self._jobs[job.id] = job
        for path in self._folder.iterdir():
            if path.name.split(".")[0] not in self._jobs:
                path.unlink()


def make_locator(row: int) -> str:
    """The locator of the page that starts at a row."""
    return base64.urlsafe_b64encode(str(row).encode()).decode().rstrip("=")


def read_locator(locator: str, job: Job) -> int:
    """The row of a locator. Raises OrgError INVALID_QUERY_LOCATOR for one that this job never gave."""
    try:
        row = int(base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)).decode())
    except ValueError as error:
        raise OrgError("INVALID_QUERY_LOCATOR", f"Invalid locator: {locator}") from error
    if not 0 <= row <= max(0, job.total - 1):
        raise OrgError("INVALID_QUERY_LOCATOR", f"Invalid locator: {locator}")
    return row


def _cache_key(job: Job) -> tuple[str, str, str, str, str]:
    return (job.created_by, job.operation, job.soql, job.delimiter, job.line_ending)


def _object_of(soql: str) -> str:
    found = re.search(r"\bfrom\s+(\w+)", soql, re.IGNORECASE)
    return found[1] if found else ""
