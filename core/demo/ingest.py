"""Bulk API 2.0 ingest jobs: their states, and the rows that they write.

A job is Open until its one CSV file is there and its state is set to UploadComplete; then a thread of its own writes it
row by row, each row a transaction. Jobs live in memory: they end with the process.

BulkIngest is called by any worker thread; its lock guards the table of jobs and every job's counters.
"""

from __future__ import annotations

import contextvars
import csv
import io
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core.demo.bulk_files import DELIMITERS, LINE_ENDINGS, csv_lines
from core.demo.errors import OrgError, not_found
from core.demo.ids import is_id, to_18
from core.demo.manner import Manner, in_manner
from core.demo.metadata.fields import Object

if TYPE_CHECKING:
    from core.demo.behaviour import Behaviour
    from core.demo.org import Org

OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
ENDED = ("JobComplete", "Failed", "Aborted")
NULL = "#N/A"
_LIFE = timedelta(days=7)
_HOLD_SECONDS = 0.02


@dataclass
class IngestJob:
    """One job. `done` holds (id, error, made) for each row that was processed, in order."""

    id: str
    operation: str
    object_name: str
    created_by: str
    created: str
    version: str
    delimiter: str
    line_ending: str
    key: str | None
    """The external id field of an upsert."""
    rule: str | None
    """assignmentRuleId: without one no rule runs."""
    state: str = "Open"
    error: str | None = None
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] | None = None
    done: list[tuple[str, str | None, bool]] = field(default_factory=list)
    started: float = 0.0
    seconds: float = 0.0
    thread: threading.Thread | None = field(default=None, repr=False)

    @property
    def failed(self) -> int:
        return sum(1 for _, error, _ in self.done if error is not None)


class BulkIngest:
    """All ingest jobs of the org."""

    def __init__(self, org: Org, behaviour: Behaviour, changed: Callable[[], None]) -> None:
        self._org = org
        self._behaviour = behaviour
        self._changed = changed
        self._lock = threading.Lock()
        self._jobs: dict[str, IngestJob] = {}
        self._stopping = False

    def stop(self) -> None:
        """End the threads of all jobs."""
        self._stopping = True
        for job in list(self._jobs.values()):
            if job.thread is not None:
                job.thread.join(timeout=5)

    def create(self, user_id: str, body: dict[str, Any], version: str) -> IngestJob:
        """A new job from the body of its POST. Raises OrgError INVALIDJOB and the like."""
        operation, name = body.get("operation"), body.get("object")
        if operation not in OPERATIONS:
            raise OrgError("INVALIDJOB", f"Invalid operation: {operation}")
        item = self._org.rights(user_id).find(str(name)) if name else None
        if item is None or item.virtual:
            raise OrgError("INVALIDENTITY", f"Unable to find object: {name}")
        if operation == "hardDelete" and not self._may_hard_delete(user_id):
            raise OrgError("FEATURENOTENABLED", "hardDelete operation requires special user profile permission")
        key = body.get("externalIdFieldName")
        if operation == "upsert":
            found = item.by_name.get(str(key).lower())
            if found is None or not (found.external_id or found.id_lookup):
                raise OrgError("INVALIDJOB", f"Field name provided, {key}, does not match an External ID for {name}")
        elif key:
            raise OrgError("INVALIDJOB", "externalIdFieldName is only for the upsert operation")
        if body.get("contentType", "CSV") != "CSV":
            raise OrgError("INVALIDJOB", f"Unsupported content type: {body.get('contentType')}")
        delimiter, line_ending = body.get("columnDelimiter") or "COMMA", body.get("lineEnding") or "LF"
        if delimiter not in DELIMITERS or line_ending not in LINE_ENDINGS:
            raise OrgError("INVALIDJOB", f"Unsupported columnDelimiter or lineEnding: {delimiter}, {line_ending}")
        job = IngestJob(
            to_18("750" + secrets.token_hex(6)), operation, item.name, user_id, self._org.now().isoformat(), version,
            delimiter, line_ending, key, body.get("assignmentRuleId"),
        )  # fmt: skip
        with self._lock:
            self._jobs[job.id] = job
        return job

    def get(self, job_id: str, user_id: str) -> IngestJob:
        """A job of this user. Raises OrgError NOT_FOUND."""
        job = self._jobs.get(to_18(job_id)) if is_id(job_id) else None
        if job is None or job.created_by != user_id:
            raise not_found()
        return job

    def all(self) -> list[IngestJob]:
        """Every job, oldest first."""
        return sorted(self._jobs.values(), key=lambda job: (job.created, job.id))

    def upload(self, job: IngestJob, body: bytes) -> None:
        """The job's CSV file, once. Raises OrgError INVALIDJOBSTATE, INVALIDBATCH."""
        with self._lock:
            if job.state != "Open" or job.rows is not None:
                raise OrgError("INVALIDJOBSTATE", "The job has its content already, or is not open")
            try:
                text = body.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise OrgError("INVALIDBATCH", "The content is not UTF-8") from error
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[job.delimiter], strict=True)
            try:
                lines = [line for line in reader if line]
            except csv.Error as error:
                raise OrgError("INVALIDBATCH", f"Failed to parse CSV: {error}") from error
            job.columns = [name.strip() for name in lines[0]] if lines else []
            job.rows = lines[1:]

    def close(self, job: IngestJob) -> None:
        """UploadComplete: the rows are written from now on. Raises OrgError INVALIDJOBSTATE."""
        with self._lock:
            if job.state != "Open":
                raise OrgError("INVALIDJOBSTATE", f"Job state {job.state} cannot be set to UploadComplete")
            job.state, job.started = "UploadComplete", time.monotonic()
        # A thread begins with an empty context of its own, and so without the manner of this call.
        job.thread = threading.Thread(
            target=contextvars.Context().run, args=(self._work, job), name=f"ingest-{job.id}", daemon=True
        )
        job.thread.start()

    def abort(self, job: IngestJob) -> None:
        """Stop a job; what is written stays. Raises OrgError INVALIDJOBSTATE."""
        with self._lock:
            if job.state in ENDED:
                raise OrgError("INVALIDJOBSTATE", f"Aborting an already completed job is not allowed: {job.state}")
            job.state = "Aborted"

    def delete(self, job: IngestJob) -> None:
        """Forget a job that is no longer at work. Raises OrgError INVALIDJOBSTATE."""
        with self._lock:
            if job.state in ("Open", "InProgress"):
                raise OrgError("INVALIDJOBSTATE", "The job must be in a terminal state to be deleted")
            self._jobs.pop(job.id, None)

    def lines(self, job: IngestJob, kind: str) -> list[bytes]:
        """The CSV of `successful`, `failed` or `unprocessed` rows."""
        rows = job.rows or []
        with self._lock:
            done = list(job.done)
        if kind == "unprocessed":
            table = [job.columns, *rows[len(done) :]]
        elif kind == "successful":
            made = ([i, str(new).lower(), *row] for (i, bad, new), row in zip(done, rows, strict=False) if bad is None)
            table = [["sf__Id", "sf__Created", *job.columns], *made]
        else:
            refused = ([i, bad, *row] for (i, bad, _), row in zip(done, rows, strict=False) if bad is not None)
            table = [["sf__Id", "sf__Error", *job.columns], *refused]
        return csv_lines(table, DELIMITERS[job.delimiter], LINE_ENDINGS[job.line_ending])

    # Inside

    def _work(self, job: IngestJob) -> None:
        while not self._stopping and (
            self._behaviour.ingest_hold or time.monotonic() - job.started < self._behaviour.ingest_seconds
        ):
            if job.state == "Aborted":
                return
            time.sleep(_HOLD_SECONDS)
        with self._lock:
            if job.state == "Aborted" or self._stopping:
                return
            job.state = "InProgress"
        item = self._org.schema[job.object_name]
        how = Manner(via="Bulk", assigns=job.rule is not None, checks_duplicates=True, allows_duplicates=False,
                     headers={"assignmentRuleId": job.rule} if job.rule else {})  # fmt: skip
        try:
            self._check_header(job, item)
            with in_manner(how):
                for row in job.rows or []:
                    if self._stopping or job.state == "Aborted":
                        break
                    result = self._one(job, item, row)
                    with self._lock:
                        job.done.append(result)
        except OrgError as error:
            job.error = f"{error.code} : {error.message}"
        with self._lock:
            job.seconds = time.monotonic() - job.started
            if job.state == "InProgress":
                job.state = "Failed" if job.error else "JobComplete"
        self._changed()

    def _check_header(self, job: IngestJob, item: Object) -> None:
        visible = self._org.rights(job.created_by).fields(item)
        for name in job.columns:
            first = name.split(".")[0].lower()
            if first not in visible and first not in item.by_relationship:
                raise OrgError("InvalidBatch", f"Field name not found : {name}")
        needed = {"insert": None, "upsert": job.key}.get(job.operation, "Id")
        if needed is not None and needed.lower() not in {name.lower() for name in job.columns}:
            raise OrgError("InvalidBatch", f"Field name not found : {needed}")

    def _one(self, job: IngestJob, item: Object, row: list[str]) -> tuple[str, str | None, bool]:
        record_id = ""
        try:
            if len(row) != len(job.columns):
                raise OrgError("INVALID_CSV_ROW", "The number of columns is not that of the header")
            values = dict(self._values(job, item, row))
            record_id = str(values.pop("Id", None) or "")
            if job.operation == "insert":
                return self._org.insert(job.created_by, item.name, values), None, True
            if job.operation == "upsert":
                return self._upsert(job, item, values, record_id)
            if not record_id:
                raise OrgError("MISSING_ARGUMENT", "Id not specified")
            if job.operation == "update":
                self._org.update(job.created_by, item.name, record_id, values)
            elif job.operation == "delete":
                self._org.delete(job.created_by, item.name, record_id)
            else:
                self._org.purge(job.created_by, item.name, record_id)
        except OrgError as error:
            fields = f"{','.join(error.fields)} " if error.fields else ""
            return record_id, f"{error.code}:{error.message}:{fields}--", False
        return to_18(record_id), None, False

    def _upsert(
        self, job: IngestJob, item: Object, values: dict[str, Any], record_id: str
    ) -> tuple[str, str | None, bool]:
        assert job.key is not None
        if job.key.lower() == "id":
            if record_id:
                self._org.update(job.created_by, item.name, record_id, values)
                return to_18(record_id), None, False
            return self._org.insert(job.created_by, item.name, values), None, True
        name = item.by_name[job.key.lower()].name
        key = values.pop(name, None)
        if not key:
            raise OrgError("MISSING_ARGUMENT", f"{name} not specified")
        found = self._find(job.created_by, item, name, str(key))
        if len(found) > 1:
            raise OrgError("DUPLICATE_EXTERNAL_ID", f"{name}: more than one record found for external id field")
        if found:
            self._org.update(job.created_by, item.name, found[0], values)
            return found[0], None, False
        return self._org.insert(job.created_by, item.name, {**values, name: key}), None, True

    def _values(self, job: IngestJob, item: Object, row: list[str]) -> Iterator[tuple[str, Any]]:
        """The fields of a row: an empty cell leaves its field alone, `#N/A` empties it."""
        for column, text in zip(job.columns, row, strict=True):
            if text == "":
                continue
            relationship, _, key = column.partition(".")
            if key:
                pointer = item.by_relationship[relationship.lower()]
                found = []
                for name in pointer.reference_to:
                    target = self._org.rights(job.created_by).find(name)
                    if target is not None and target.has(key):
                        found += self._find(job.created_by, target, target.by_name[key.lower()].name, text)
                if len(found) != 1:
                    raise OrgError("INVALID_FIELD", f"Foreign key external ID: {text} not found for field {key}")
                yield pointer.name, found[0]
                continue
            yield item.by_name[column.lower()].name, None if text == NULL else text

    def _find(self, user_id: str, item: Object, name: str, value: str) -> list[str]:
        quoted = value.replace("\\", "\\\\").replace("'", "\\'")
        literal = value if item.by_name[name.lower()].type in ("double", "int") else f"'{quoted}'"
        result = self._org.view(user_id).query(f"SELECT Id FROM {item.name} WHERE {name} = {literal}")
        return [str(record["Id"]) for record in result.records("65.0", 0, 2)]

    def _may_hard_delete(self, user_id: str) -> bool:
        sql = (
            'SELECT p."PermissionsBulkApiHardDelete" FROM "User" u JOIN "Profile" p ON p."Id" = u."ProfileId" '
            'WHERE u."Id" = ?'
        )
        found = self._org.store.connection.execute(sql, (user_id,)).fetchone()
        return bool(found and found[0])
