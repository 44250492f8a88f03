"""Bulk API 2.0 query jobs: make, watch, read page by page, tidy away (salesforce-api.md 3.7).

A page is read as a stream and handed out in slices of rows, so that neither its size nor its parsing is felt. Nothing
here is retried but what the transport retries: whoever reads a page again reads it from its start, by its locator.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlsplit

from core.model.errors import ErrorCode, OrgMirrorError
from core.salesforce.answer import Answer
from core.salesforce.client import Client
from core.salesforce.errors import ErrorClass, SalesforceError, error_from_message
from core.salesforce.query import org_path
from core.salesforce.transport import Transport

COMPLETE = "JobComplete"
_OVER = frozenset({COMPLETE, "Failed", "Aborted"})
LISTING_VERSION = 58.0
SLICE_ROWS = 500
# A long text area holds 131,072 characters, which is csv's own limit; a rich one with images more.
csv.field_size_limit(64 * 1024 * 1024)
# Older orgs say 412, newer ones 204, some 202: the results are not there yet.
_NOT_READY = frozenset({202, 204, 412})
_REFUSED_LISTING = frozenset({400, 404, 405, 410, 412, 501})


@dataclass(frozen=True, slots=True)
class BulkJob:
    """A query job. Its results must be read with the API version it was made with, which is `api_version`."""

    id: str
    state: str
    api_version: str
    records_processed: int | None = None
    error_message: str | None = None

    @property
    def is_complete(self) -> bool:
        return self.state == COMPLETE

    @property
    def is_over(self) -> bool:
        """Whether its state will not change any more."""
        return self.state in _OVER

    @property
    def error(self) -> SalesforceError | None:
        """Why it failed, by the code that its message begins with; None while it has not."""
        if self.state not in ("Failed", "Aborted"):
            return None
        return error_from_message(self.error_message)


@dataclass(frozen=True, slots=True)
class ResultList:
    """Some pages of a job's results; `next_url` leads to more of them, None when `done`."""

    locators: tuple[str, ...]
    next_url: str | None
    done: bool


class PageSizer:
    """Chooses how many rows to ask for, so that a page weighs about four megabytes (rules 1). One per load."""

    TARGET_BYTES = 4_000_000
    SMALLEST, LARGEST = 500, 50_000

    def __init__(self, rows: int = 5_000) -> None:
        self.rows = rows

    def took(self, page: CsvPage) -> None:
        """Learn from a page that was read."""
        if page.rows_read:
            wanted = int(self.TARGET_BYTES * page.rows_read / max(page.bytes_read, 1))
            self.rows = max(self.SMALLEST, min(self.LARGEST, wanted))

    def failed(self) -> None:
        """A page did not come whole: ask for less."""
        self.rows = max(self.SMALLEST, self.rows // 2)


class BulkQuery:
    """Query jobs of one client; belongs to the client's thread."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def _transport(self) -> Transport:
        return self._client.transport

    def create(self, soql: str, *, all_rows: bool = True) -> BulkJob:
        """Make a job; `all_rows` with deleted and archived ones. Raises SalesforceError where it is refused.

        Repeated like a read when the answer is lost: a job that nobody reads changes nothing and goes after seven days.
        """
        version = self._client.api_version
        body = {
            "operation": "queryAll" if all_rows else "query",
            "query": soql,
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        }
        raw = self._transport.post_json(f"/services/data/v{version}/jobs/query", body, read=True)
        return _job(raw, version)

    def get(self, job_id: str, api_version: str) -> BulkJob:
        """The job as it stands. Raises SalesforceError (NOT_OFFERED) when it is gone."""
        return _job(self._transport.get_json(_path(job_id, api_version)), api_version)

    def result_list(self, job: BulkJob, url: str | None = None) -> ResultList | None:
        """Pages that can be read side by side; None where this org or version does not offer the list.

        `url` is the `next_url` of the list before. Documentation names the parts in several ways: all are read.
        """
        if url is None and float(job.api_version) < LISTING_VERSION:
            return None
        address = org_path(url) if url else f"{_path(job.id, job.api_version)}/resultPages"
        answer = self._transport.request("GET", address, allow=_REFUSED_LISTING)
        if answer.status_code >= 400 or answer.status_code in _NOT_READY:
            return None
        raw = answer.json()
        if not isinstance(raw, Mapping) or not isinstance(raw.get("resultPages"), list):
            return None
        links = [_link(item) for item in raw["resultPages"]]
        following = raw.get("nextRecordsUrl") or raw.get("nextRecordUrl") or raw.get("nextRecordsURL")
        more = isinstance(following, str) and bool(following)
        if None in links or (raw.get("done") is False and not more):
            # A list in a form that nobody described: reading page after page needs none.
            return None
        done = raw.get("done") is True or not more
        return ResultList(tuple(org_path(link) for link in links if link), None if done else str(following), done)

    def open_page(self, job: BulkJob, locator: str | None, max_records: int | None = None) -> CsvPage:
        """One page of results, to be used in a `with` block. `locator` None is the first page; a path from a

        `ResultList` is read as it is. Raises SalesforceError; a job that is not ready is TRANSIENT.
        """
        if locator is not None and locator.startswith("/"):
            address = locator
        else:
            parameters = []
            if locator:
                parameters.append(f"locator={quote(locator, safe='')}")
            if max_records:
                parameters.append(f"maxRecords={max_records}")
            address = f"{_path(job.id, job.api_version)}/results" + ("?" + "&".join(parameters) if parameters else "")
        answer = self._transport.request("GET", address, headers={"Accept": "text/csv"}, stream=True, allow={412})
        if answer.status_code in _NOT_READY:
            answer.close()
            if answer.status_code == 204 and job.records_processed == 0:
                return CsvPage(self._transport, None)
            raise SalesforceError(answer.status_code, None, None, kind=ErrorClass.TRANSIENT)
        return CsvPage(self._transport, answer)

    def abort(self, job: BulkJob) -> None:
        """Ask Salesforce to stop a job. Raises SalesforceError."""
        self._transport.request("PATCH", _path(job.id, job.api_version), json={"state": "Aborted"})

    def delete(self, job: BulkJob) -> None:
        """Delete a job that is over. Raises SalesforceError."""
        self._transport.request("DELETE", _path(job.id, job.api_version))


class CsvPage:
    """One page: `header` as sent (empty for a page without one), then `slices`.

    `number_of_records` and `next_locator` come from the answer's headers; `next_locator` None is the end. After the
    last slice the rows were counted against the announced number: COUNT_MISMATCH when they differ.
    """

    def __init__(self, transport: Transport, answer: Answer | None) -> None:
        self._transport = transport
        self._answer = answer
        self.rows_read = 0
        headers: Mapping[str, str] = answer.headers if answer is not None else {}
        self.number_of_records = _count(headers.get("Sforce-NumberOfRecords"))
        self.next_locator = _locator(headers.get("Sforce-Locator"))
        self._stream = _Chunks(transport.chunks(answer) if answer is not None else iter(()))
        # Lines end at LF alone: CR, LS and their like are part of values.
        text = io.TextIOWrapper(io.BufferedReader(self._stream, 1 << 16), encoding="utf-8-sig", newline="\n")
        # Strict, because a page cut in the middle of a quoted value would otherwise end in a value too short.
        self._reader = csv.reader(text, strict=True)
        self.header: tuple[str, ...] = ()

    @property
    def bytes_read(self) -> int:
        """Bytes of CSV so far, unzipped."""
        return self._stream.bytes_read

    def slices(self, size: int = SLICE_ROWS) -> Iterator[list[list[str]]]:
        """The rows, at most `size` at a time: parsing more at once would hold the interpreter too long (rules 1).

        Raises OrgMirrorError: COUNT_MISMATCH for a page that is not whole, the transport's own, Cancelled.
        """
        width = len(self.header)
        while rows := self._read(size):
            if set(map(len, rows)) != {width}:
                # A blank line is no row: some servers end their pages with one.
                rows = [row for row in rows if row]
                if any(len(row) != width for row in rows):
                    raise self._mismatch()
            self.rows_read += len(rows)
            yield rows
        if self.number_of_records is not None and self.number_of_records != self.rows_read:
            raise self._mismatch()

    def __enter__(self) -> CsvPage:
        try:
            first = self._read(1)
        except BaseException:
            self._close()
            raise
        if first and any(first[0]):
            self.header = tuple(first[0])
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()

    def _read(self, count: int) -> list[list[str]]:
        try:
            return list(islice(self._reader, count))
        except (csv.Error, UnicodeDecodeError):
            raise self._mismatch() from None

    def _mismatch(self) -> OrgMirrorError:
        return OrgMirrorError(ErrorCode.COUNT_MISMATCH, expected=self.number_of_records, actual=self.rows_read)

    def _close(self) -> None:
        if self._answer is not None:
            self._answer.close()


class _Chunks(io.RawIOBase):
    """Chunks of bytes as a raw stream, NUL bytes dropped (rules 2)."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._rest = memoryview(b"")
        self.bytes_read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self.bytes_read += len(chunk)
            self._rest = memoryview(chunk.replace(b"\0", b"") if b"\0" in chunk else chunk)
        taken = min(len(buffer), len(self._rest))
        buffer[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken


def _path(job_id: str, api_version: str) -> str:
    return f"/services/data/v{api_version}/jobs/query/{quote(job_id, safe='')}"


def _job(raw: Any, api_version: str) -> BulkJob:
    if not isinstance(raw, Mapping) or not raw.get("id"):
        raise OrgMirrorError(ErrorCode.SERVER_ERROR, status=200, reason="not-a-job")
    processed = str(raw.get("numberRecordsProcessed", ""))
    message = raw.get("errorMessage")
    state = str(raw.get("state") or "")
    return BulkJob(
        id=str(raw["id"]),
        state=state,
        api_version=api_version,
        # Counts up while the job runs; only the last value is a total.
        records_processed=int(processed) if state == COMPLETE and processed.isdecimal() else None,
        error_message=str(message) if message else None,
    )


def _link(item: Any) -> str | None:
    if isinstance(item, str):
        return item
    if isinstance(item, Mapping):
        value = next((item[key] for key in ("resultUrl", "resultLink", "url") if isinstance(item.get(key), str)), None)
        return value if value and urlsplit(value).path else None
    return None


def _count(text: str | None) -> int | None:
    return int(text) if text is not None and text.strip().isdecimal() else None


def _locator(text: str | None) -> str | None:
    value = (text or "").strip()
    return None if not value or value.lower() == "null" else value
