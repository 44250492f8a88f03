"""Bulk 2.0 query jobs against every variant of an answer that the documents leave open."""

from __future__ import annotations

import contextlib
import gzip
from typing import Any

import pytest

from core.model.errors import ErrorCode, OrgMirrorError
from core.salesforce.bulk import BulkJob, BulkQuery, CsvPage, PageSizer
from core.salesforce.client import Client
from core.salesforce.errors import ErrorClass, SalesforceError
from tests.helpers.loopback import Loopback, answer, each, raw, refusal, reply

JOBS = "/services/data/v65.0/jobs/query"
JOB = BulkJob("750x", "JobComplete", "65.0", 2)


def csv_answer(text: str | bytes, count: int | None = None, locator: str | None = "null", **extra: str) -> bytes:
    headers = dict(extra)
    if count is not None:
        headers["Sforce-NumberOfRecords"] = str(count)
    if locator is not None:
        headers["Sforce-Locator"] = locator
    return raw(text, 200, "text/csv", headers)


def read(
    client: Client, locator: str | None = None, size: int = 500
) -> tuple[tuple[str, ...], list[list[str]], str | None]:
    with BulkQuery(client).open_page(JOB, locator, 1000) as page:
        rows = [row for part in page.slices(size) for row in part]
        return page.header, rows, page.next_locator


def test_create_sends_what_the_documents_ask_for(server: Loopback, client: Client) -> None:
    server.on(JOBS, reply({"id": "750x", "state": "UploadComplete", "apiVersion": 65.0}))
    job = BulkQuery(client).create("SELECT Id FROM Lead")
    assert (job.id, job.api_version, job.is_over) == ("750x", "65.0", False)
    assert server.requests[0].json == {
        "operation": "queryAll",
        "query": "SELECT Id FROM Lead",
        "contentType": "CSV",
        "columnDelimiter": "COMMA",
        "lineEnding": "LF",
    }


def test_a_lost_answer_to_create_is_not_repeated(server: Loopback, client: Client) -> None:
    server.on(JOBS, server.cut(b"HTTP/1.1 200 OK\r\nContent-Len"))
    with pytest.raises(OrgMirrorError):
        BulkQuery(client).create("SELECT Id FROM Lead")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("message", "kind", "code"),
    [
        ("INVALID_FIELD: \nSELECT X FROM Lead", ErrorClass.SCHEMA, ErrorCode.FIELD_REFUSED),
        ("QUERY_TIMEOUT: Your query request was running for too long.", ErrorClass.TOO_BIG, ErrorCode.QUERY_REFUSED),
        ("OPERATION_TOO_LARGE: exceeded 100000 distinct who/what's", ErrorClass.TOO_BIG, ErrorCode.QUERY_REFUSED),
        ("FEATURENOTENABLED : not here", ErrorClass.NOT_OFFERED, ErrorCode.SALESFORCE_ERROR),
        ("Retried more than fifteen times", ErrorClass.TOO_BIG, ErrorCode.QUERY_REFUSED),
        (None, ErrorClass.REFUSED, ErrorCode.SALESFORCE_ERROR),
    ],
)
def test_a_failed_job_says_why(
    server: Loopback, client: Client, message: str | None, kind: ErrorClass, code: ErrorCode
) -> None:
    server.on(f"{JOBS}/750x", reply({"id": "750x", "state": "Failed", "errorMessage": message}))
    job = BulkQuery(client).get("750x", "65.0")
    assert job.is_over
    assert not job.is_complete
    assert job.error is not None
    assert (job.error.kind, job.error.code) == (kind, code)


def test_a_job_with_hardly_any_fields(server: Loopback, client: Client) -> None:
    server.on(f"{JOBS}/750x", reply({"id": "750x"}))
    job = BulkQuery(client).get("750x", "65.0")
    assert (job.is_over, job.records_processed, job.error) == (False, None, None)


NASTY = [
    "plain",
    "",
    'say "hi"',
    "a,b",
    "two\nlines",
    "two\r\nlines",
    "old\rmac",
    "ls\u2028ps\u2029nel\u0085",
    "NULL",
    "NA",
    "#N/A",
    "=1+1",
    "emoji 🎉 משה 株式会社",
    "  spaces  ",
    "tab\there",
    "vt\x0bff\x0c",
]


def quoted(rows: list[list[str]], end: str = "\n") -> str:
    return end.join(",".join('"' + value.replace('"', '""') + '"' for value in row) for row in rows) + end


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("zipped", [False, True])
def test_values_survive_to_the_letter(server: Loopback, client: Client, end: str, bom: str, zipped: bool) -> None:
    rows = [[f"00Q{n}", value] for n, value in enumerate(NASTY)]
    body = (bom + quoted([["Id", "Text"], *rows], end)).encode()
    extra = {"Content-Encoding": "gzip"} if zipped else {}
    server.on(f"{JOBS}/750x/results", csv_answer(gzip.compress(body) if zipped else body, len(rows), **extra))
    header, got, locator = read(client, size=3)
    assert header == ("Id", "Text")
    assert got == rows
    assert locator is None
    assert server.requests[0].query == {"maxRecords": "1000"}
    assert "gzip" in server.requests[0].headers["accept-encoding"]


def test_a_body_in_pieces_that_split_characters(server: Loopback, client: Client) -> None:
    body = quoted([["Id", "Text"], ["1", "株式会社🎉"], ["2", "x\0y"]]).encode()

    def pieces(request: Any) -> None:
        request.wire.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n"
            b"Sforce-NumberOfRecords: 2\r\n\r\n"
        )
        for byte in body:
            request.wire.sendall(b"1\r\n" + bytes([byte]) + b"\r\n")
        request.wire.sendall(b"0\r\n\r\n")

    server.on(f"{JOBS}/750x/results", pieces)
    assert read(client)[1] == [["1", "株式会社🎉"], ["2", "xy"]]


@pytest.mark.parametrize("body", ["", "\n", '"Id","Text"\n', '"Id","Text"', "\ufeff"], ids=repr)
@pytest.mark.parametrize("count", [0, None])
def test_no_rows(server: Loopback, client: Client, body: str, count: int | None) -> None:
    server.on(f"{JOBS}/750x/results", csv_answer(body, count))
    header, rows, locator = read(client)
    assert header in ((), ("Id", "Text"))
    assert rows == []
    assert locator is None


def test_a_blank_line_is_no_row(server: Loopback, client: Client) -> None:
    server.on(f"{JOBS}/750x/results", csv_answer('"Id"\n"1"\n\n"2"\n\n', 2))
    assert read(client)[1] == [["1"], ["2"]]


@pytest.mark.parametrize(
    "body",
    [
        '"Id","T"\n"1","a"\n',
        '"Id","T"\n"1","a"\n"2","cut in the mid',
        '"Id","T"\n"1","a"\n"2"\n',
        b'"Id","T"\n"1","a"\n"2","\xff"\n',
    ],
    ids=["short", "in a value", "width", "bytes"],
)
def test_a_page_that_is_not_whole(server: Loopback, client: Client, body: str | bytes) -> None:
    server.on(f"{JOBS}/750x/results", csv_answer(body, 2))
    with pytest.raises(OrgMirrorError) as caught:
        read(client)
    assert caught.value.code is ErrorCode.COUNT_MISMATCH


def test_a_cut_stream_is_a_network_failure(server: Loopback, client: Client) -> None:
    whole = csv_answer(quoted([["Id"]] + [[str(n)] for n in range(5000)]), 5000)
    server.on(f"{JOBS}/750x/results", server.cut(whole[:-100]))
    with pytest.raises(OrgMirrorError) as caught:
        read(client)
    assert caught.value.code is ErrorCode.CANNOT_CONNECT


@pytest.mark.parametrize(("value", "expected"), [("MTAw", "MTAw"), ("null", None), ("", None), (None, None)])
def test_locators(server: Loopback, client: Client, value: str | None, expected: str | None) -> None:
    server.on(f"{JOBS}/750x/results", csv_answer('"Id"\n"1"\n', 1, value))
    assert read(client, "a+b/c")[2] == expected
    assert server.requests[0].query["locator"] == "a+b/c"


@pytest.mark.parametrize("status", [202, 204, 412])
def test_not_ready(server: Loopback, client: Client, status: int) -> None:
    server.on(f"{JOBS}/750x/results", raw("", status))
    with pytest.raises(SalesforceError) as caught:
        read(client)
    assert caught.value.kind is ErrorClass.TRANSIENT


def test_nothing_to_read_of_a_job_without_rows(server: Loopback, client: Client) -> None:
    server.on(f"{JOBS}/750x/results", raw("", 204))
    with BulkQuery(client).open_page(BulkJob("750x", "JobComplete", "65.0", 0), None) as page:
        assert (page.header, list(page.slices()), page.next_locator) == ((), [], None)


def test_another_version_than_the_jobs(server: Loopback, client: Client) -> None:
    server.on(f"{JOBS}/750x/results", refusal(409, "API_VERSION_MISMATCH"))
    with pytest.raises(SalesforceError) as caught:
        read(client)
    assert caught.value.kind is ErrorClass.VERSION


@pytest.mark.parametrize("name", ["resultUrl", "resultLink", "url", None])
@pytest.mark.parametrize("more", ["nextRecordsUrl", "nextRecordUrl"])
@pytest.mark.parametrize("absolute", [False, True])
def test_result_pages(server: Loopback, client: Client, name: str | None, more: str, absolute: bool) -> None:
    prefix = "https://elsewhere.example" if absolute else ""
    links = [f"{prefix}{JOBS}/750x/results?locator={n}" for n in "ab"]
    items = [link if name is None else {name: link} for link in links]
    server.on(
        f"{JOBS}/750x/resultPages",
        each(
            answer({"resultPages": items, "done": False, more: f"{prefix}{JOBS}/750x/resultPages?next=1"}),
            answer({"resultPages": items[:1], "done": True, more: "/left/over"}),
        ),
    )
    bulk = BulkQuery(client)
    first = bulk.result_list(JOB)
    assert first is not None
    assert first.locators == (f"{JOBS}/750x/results?locator=a", f"{JOBS}/750x/results?locator=b")
    assert not first.done
    second = bulk.result_list(JOB, first.next_url)
    assert second is not None
    assert (len(second.locators), second.next_url, second.done) == (1, None, True)
    server.on(f"{JOBS}/750x/results", csv_answer('"Id"\n"1"\n', 1))
    with bulk.open_page(JOB, first.locators[0]) as page:
        assert list(page.slices()) == [[["1"]]]
    assert server.requests[-1].query == {"locator": "a"}


@pytest.mark.parametrize("status", [400, 404, 405])
def test_result_pages_not_offered(server: Loopback, client: Client, status: int) -> None:
    server.on(f"{JOBS}/750x/resultPages", refusal(status, "NOT_FOUND"))
    assert BulkQuery(client).result_list(JOB) is None
    assert BulkQuery(client).result_list(BulkJob("750x", "JobComplete", "52.0")) is None


def test_abort_and_delete(server: Loopback, client: Client) -> None:
    server.on(f"{JOBS}/750x", each(answer({"id": "750x", "state": "Aborted"}), b"HTTP/1.1 204 No Content\r\n\r\n"))
    bulk = BulkQuery(client)
    bulk.abort(JOB)
    bulk.delete(JOB)
    assert server.paths() == [f"PATCH {JOBS}/750x", f"DELETE {JOBS}/750x"]
    assert server.requests[0].json == {"state": "Aborted"}


def test_leaving_a_page_early_frees_its_connection(server: Loopback, client: Client) -> None:
    server.on(f"{JOBS}/750x/results", csv_answer(quoted([["Id"]] + [[str(n)] for n in range(50_000)]), 50_000))
    with contextlib.suppress(RuntimeError), BulkQuery(client).open_page(JOB, None) as page:
        next(page.slices())
        raise RuntimeError
    server.on("/ok", reply([1]))
    assert client.transport.get_json("/ok") == [1]


def test_page_sizer() -> None:
    sizer = PageSizer(5000)
    page = CsvPage.__new__(CsvPage)
    page.rows_read = 1000
    page._stream = type("Stream", (), {"bytes_read": 1_000_000})()  # type: ignore[assignment]
    sizer.took(page)
    assert sizer.rows == 4000
    sizer.failed()
    assert sizer.rows == 2000
