"""Updates of many records by Bulk API 2.0 ingest jobs (salesforce-api.md 3.8).

One CSV with the union of the fields: an empty cell leaves a field alone, `#N/A` clears it. A job chooses no owner by
assignment rules unless it names one. Belongs to its client's thread.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import long_id
from core.salesforce.client import Client
from core.salesforce.errors import ErrorClass, SalesforceError, error_from_message
from core.salesforce.writes import WriteAnswer

# Well below the documented 100 MB, so that a repeat is cheap.
MAX_BYTES = 20_000_000
_OVER = frozenset({"JobComplete", "Failed", "Aborted"})
_CLEARED = "#N/A"
_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)


class BulkIngest:
    """`sleep` waits between looks at a job, and raises Cancelled when asked to stop."""

    def __init__(self, client: Client, sleep: Callable[[float], None] | None = None) -> None:
        self._client = client
        self._sleep = sleep or self._wait

    def update(self, name: str, records: Sequence[tuple[str, Mapping[str, Any]]]) -> list[WriteAnswer]:
        """Set fields of records; answers in the order of `records`, each id once.

        A record of which the job tells nothing has an error of kind TRANSIENT. Raises OrgMirrorError: what was handed
        over may have been processed.
        """
        answers: dict[str, WriteAnswer] = {}
        for part in _parts(records):
            answers.update(self._job(name, part))
        unknown = SalesforceError(0, "SERVER_UNAVAILABLE", None)
        return [answers.get(long_id(record_id)) or WriteAnswer(record_id, unknown) for record_id, _ in records]

    def _job(self, name: str, records: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, WriteAnswer]:
        post = self._client.transport.post_json
        made = post(
            self._client.path("jobs/ingest"),
            {
                "object": name,
                "operation": "update",
                "contentType": "CSV",
                "columnDelimiter": "COMMA",
                "lineEnding": "LF",
            },
            headers={"Sforce-Auto-Assign": "FALSE"},
        )
        job_id = made.get("id") if isinstance(made, Mapping) else None
        if not isinstance(job_id, str):
            raise OrgMirrorError(ErrorCode.BULK_FAILED, object=name)
        path = self._client.path(f"jobs/ingest/{quote(job_id)}")
        self._client.transport.request(
            "PUT", f"{path}/batches", data=csv_of(records), headers={"Content-Type": "text/csv"}
        )
        self._client.transport.request("PATCH", path, json={"state": "UploadComplete"})
        job = self._finished(path)
        answers = {}
        for row in self._rows(f"{path}/successfulResults/"):
            if row.get("sf__Id"):
                answers[long_id(row["sf__Id"])] = WriteAnswer(long_id(row["sf__Id"]))
        for row in self._rows(f"{path}/failedResults/"):
            record_id = long_id(row.get("sf__Id") or row.get("Id") or "")
            answers[record_id] = WriteAnswer(record_id, error_of(row.get("sf__Error")))
        if job.get("state") != "JobComplete":
            # What is in neither list was not processed.
            reason = error_from_message(str(job.get("errorMessage") or ""), fallback=ErrorClass.TRANSIENT)
            for record_id, _ in records:
                answers.setdefault(long_id(record_id), WriteAnswer(record_id, reason))
        return answers

    def _finished(self, path: str) -> Mapping[str, Any]:
        tries = 0
        while True:
            job = self._client.transport.get_json(path)
            if isinstance(job, Mapping) and job.get("state") in _OVER:
                return job
            self._sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
            tries += 1

    def _rows(self, path: str) -> Iterator[dict[str, str]]:
        answer = self._client.transport.request("GET", path)
        text = (answer.content or b"").decode("utf-8-sig")
        yield from csv.DictReader(io.StringIO(text, newline=""))

    def _wait(self, seconds: float) -> None:
        self._client.transport.cancel.wait(seconds)
        self._client.transport.cancel.raise_if_set()


def csv_of(records: Sequence[tuple[str, Mapping[str, Any]]]) -> bytes:
    """The records as CSV, `Id` first."""
    fields = list(dict.fromkeys(name for _, values in records for name in values))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["Id", *fields])
    for record_id, values in records:
        writer.writerow([record_id, *(cell(values[name]) if name in values else "" for name in fields)])
    return out.getvalue().encode("utf-8", "surrogatepass")


def cell(value: Any) -> str:
    """A JSON value as a cell; None clears the field."""
    if value is None or value == "":
        return _CLEARED
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def error_of(text: str | None) -> SalesforceError:
    """`sf__Error`, which is `CODE:message:fields --`, as a refusal."""
    code, _, rest = (text or "").partition(":")
    words, _, fields = rest.rpartition(":")
    names = tuple(name for part in fields.split(",") if (name := part.strip().rstrip("-").strip()))
    return SalesforceError(400, code.strip() or None, (words or rest).strip() or None, fields=names)


def _parts(
    records: Sequence[tuple[str, Mapping[str, Any]]],
) -> Iterator[Sequence[tuple[str, Mapping[str, Any]]]]:
    """The records in parts whose CSV is small enough; a text is counted as if it took three bytes a character."""
    start, size = 0, 0
    for index, (_, values) in enumerate(records):
        weight = 24 + sum(len(str(value)) * 3 + 4 for value in values.values())
        if size + weight > MAX_BYTES and index > start:
            yield records[start:index]
            start, size = index, 0
        size += weight
    if start < len(records):
        yield records[start:]
