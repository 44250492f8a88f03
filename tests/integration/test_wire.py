"""The client against the demo org: describes, counts, queries and Bulk jobs, with both positions of its switches."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from core.model.cancel import CancelToken
from core.model.describe import parse_object
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.salesforce.bulk import BulkJob, BulkQuery
from core.salesforce.client import Client, DescribeAnswer
from core.salesforce.errors import ErrorClass, SalesforceError
from core.salesforce.transport import NO_RETRY
from tests.helpers.demo_org import DemoOrgProcess
from tests.helpers.org_clients import client_for

PATIENCE = 30.0


@pytest.fixture
def client(demo_org: DemoOrgProcess) -> Iterator[Client]:
    made = client_for(demo_org)
    yield made
    made.close()


def fields_of(client: Client, name: str) -> list[str]:
    raw = client.describe(name).raw
    assert raw is not None
    return [field.name for field in parse_object(raw).mirrored_fields]


def rest_rows(client: Client, name: str, **options: Any) -> dict[str, dict[str, Any]]:
    soql = f"SELECT {', '.join(fields_of(client, name))} FROM {name}"
    return {row["Id"]: row for page in client.query_pages(soql, **options) for row in page.records}


def truth(org: DemoOrgProcess, name: str) -> dict[str, dict[str, Any]]:
    return {row["Id"]: row for row in org.truth(name)}


def finished(bulk: BulkQuery, soql: str) -> BulkJob:
    job = bulk.create(soql)
    pause = threading.Event()
    for _ in range(600):
        job = bulk.get(job.id, job.api_version)
        if job.is_over:
            return job
        pause.wait(0.05)
    raise AssertionError("the job did not end")


def bulk_rows(bulk: BulkQuery, job: BulkJob, size: int | None) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    locator: str | None = None
    while True:
        with bulk.open_page(job, locator, size) as page:
            rows += [dict(zip(page.header, row, strict=True)) for part in page.slices() for row in part]
            locator = page.next_locator
        if locator is None:
            return rows


def test_rest_rows_equal_the_truth(demo_org: DemoOrgProcess, client: Client) -> None:
    for name in ("Lead", "Task", "Project__c"):
        expected = truth(demo_org, name)
        got = rest_rows(client, name)
        assert set(got) == set(expected)
        for record_id, row in got.items():
            row.pop("attributes", None)
            assert row == {field: expected[record_id].get(field) for field in row}


def test_pages_of_any_size_and_a_saved_cursor(demo_org: DemoOrgProcess, client: Client) -> None:
    demo_org.behaviour(rest_page_rows=300)
    pages = list(client.query_pages("SELECT Id FROM Lead"))
    ids = [row["Id"] for page in pages for row in page.records]
    assert len(pages) == 10
    assert pages[0].total_size == len(ids) == len(set(ids))
    again = list(client.query_pages("SELECT Id FROM Lead", start=pages[3].next_url))
    assert [row["Id"] for page in again for row in page.records] == ids[1200:]


@pytest.mark.parametrize("code", ["INVALID_QUERY_LOCATOR", "NOT_FOUND"])
def test_an_expired_cursor(demo_org: DemoOrgProcess, client: Client, code: str) -> None:
    demo_org.behaviour(rest_page_rows=300, dead_locator=code)
    pages = client.query_pages("SELECT Id FROM Lead")
    next(pages)
    demo_org.control("expire_cursors")
    with pytest.raises(SalesforceError) as caught:
        next(pages)
    assert caught.value.kind is ErrorClass.STALE_CURSOR


def test_describes_cost_one_call_for_25(demo_org: DemoOrgProcess, client: Client) -> None:
    names = ["Lead", "Contact", "Account", "User", "Task", "Project__c"]
    _ = client.api_version
    before = client.calls
    answers = client.describe_many(dict.fromkeys(names))
    assert client.calls == before + 1
    stamps = {}
    for name, found in answers.items():
        assert isinstance(found, DescribeAnswer)
        assert found.raw is not None
        assert found.raw == client.describe(name).raw
        stamps[name] = found.last_modified
    unchanged = client.describe_many(stamps)
    assert all(isinstance(item, DescribeAnswer) and item.not_modified for item in unchanged.values())
    one = client.describe_global()
    assert client.describe_global(one.last_modified).not_modified


def test_an_object_without_permission(demo_org: DemoOrgProcess, client: Client) -> None:
    found = client.describe_many({"Lead": None, "Nothing__c": None})["Nothing__c"]
    assert isinstance(found, SalesforceError)
    assert found.code is ErrorCode.OBJECT_NOT_VISIBLE


def test_counts(demo_org: DemoOrgProcess, client: Client) -> None:
    live = [row for row in demo_org.truth("Lead") if not row["IsDeleted"]]
    names = dict.fromkeys(("Lead", "Contact", "Account", "Task", "Event", "Campaign", "Nothing__c"))
    _ = client.api_version
    before = client.calls
    counts = client.count_many(names)
    assert client.calls == before + 2
    assert counts["Lead"] == len(live) == client.count("Lead")
    assert client.count("Lead", all_rows=True) == len(list(demo_org.truth("Lead")))
    assert isinstance(counts["Nothing__c"], SalesforceError)
    usage = client.meter.usage
    assert usage.used is not None
    assert usage.limit == 1_000_000


def test_composite_refused(demo_org: DemoOrgProcess, client: Client) -> None:
    demo_org.faults(
        {"match": {"method": "POST", "path": "/composite"}, "times": None, "action": {"status": 403, "body": [
            {"errorCode": "FUNCTIONALITY_NOT_ENABLED", "message": "no"}]}}
    )  # fmt: skip
    assert client.count_many({"Lead": None})["Lead"] == client.count("Lead")
    assert isinstance(client.describe_many({"Lead": None})["Lead"], DescribeAnswer)


@pytest.mark.parametrize("status", [414, 431])
def test_a_query_too_long_for_an_address(demo_org: DemoOrgProcess, client: Client, status: int) -> None:
    demo_org.behaviour(uri_limit_status=status)
    long = "SELECT Id FROM Lead WHERE LastName != '" + "x" * 17_000 + "'"
    assert sum(len(page.records) for page in client.query_pages(long)) == len(list(demo_org.truth("Lead")))
    demo_org.faults({"match": {"path": "/composite"}, "times": None, "action": {"status": 404, "body": []}})
    with pytest.raises(SalesforceError) as caught:
        client.query(long)
    assert caught.value.kind is ErrorClass.TOO_WIDE


@pytest.mark.parametrize("page_rows", [None, 700])
def test_bulk_rows_equal_rest_rows(demo_org: DemoOrgProcess, client: Client, page_rows: int | None) -> None:
    bulk = BulkQuery(client)
    for name in ("Lead", "Project__c"):
        expected = truth(demo_org, name)
        job = finished(bulk, f"SELECT {', '.join(fields_of(client, name))} FROM {name}")
        assert job.is_complete
        rows = bulk_rows(bulk, job, page_rows)
        assert job.records_processed == len(rows) == len(expected)
        assert {row["Id"] for row in rows} == set(expected)
        for row in rows:
            for field, value in row.items():
                assert same(value, expected[row["Id"]].get(field)), (name, field, value)
        bulk.delete(job)
        with pytest.raises(SalesforceError):
            bulk.get(job.id, job.api_version)


def same(text: str, value: Any) -> bool:
    """Whether a CSV text means the value that REST would show."""
    if value is None or value == "":
        return text == ""
    if isinstance(value, bool):
        return text == str(value).lower()
    if isinstance(value, (int, Decimal)):
        return Decimal(text) == value
    if text.endswith("Z") and str(value).endswith("+0000"):
        return text == str(value).replace("+0000", "Z")
    return text == value


@pytest.mark.parametrize("name", ["nextRecordsUrl", "nextRecordUrl"])
def test_result_pages(demo_org: DemoOrgProcess, client: Client, name: str) -> None:
    demo_org.behaviour(bulk_page_rows=250, bulk_next_name=name)
    bulk = BulkQuery(client)
    job = finished(bulk, "SELECT Id FROM Lead")
    listing = bulk.result_list(job)
    locators: list[str] = []
    while listing is not None:
        locators += listing.locators
        listing = None if listing.done else bulk.result_list(job, listing.next_url)
    ids: list[str] = []
    for locator in locators:
        with bulk.open_page(job, locator) as page:
            ids += [row[0] for part in page.slices() for row in part]
    assert sorted(ids) == sorted(row["Id"] for row in demo_org.truth("Lead"))


@pytest.mark.parametrize("empty", ["header", "nothing"])
@pytest.mark.parametrize("status", [204, 412])
def test_a_job_without_rows(demo_org: DemoOrgProcess, client: Client, empty: str, status: int) -> None:
    demo_org.behaviour(bulk_empty=empty, bulk_not_ready=status)
    bulk = BulkQuery(client)
    job = finished(bulk, "SELECT Id FROM Lead WHERE LastName = 'nobody is called so'")
    assert bulk_rows(bulk, job, None) == []
    demo_org.behaviour(bulk_hold=True)
    waiting = bulk.create("SELECT Id FROM Lead")
    with pytest.raises(SalesforceError) as caught, bulk.open_page(waiting, None):
        pass
    assert caught.value.kind is ErrorClass.TRANSIENT
    bulk.abort(waiting)
    assert bulk.get(waiting.id, waiting.api_version).state == "Aborted"


@pytest.mark.parametrize("where", ["job", "create"])
def test_bulk_refusals(demo_org: DemoOrgProcess, client: Client, where: str) -> None:
    demo_org.behaviour(bulk_refusal=where, bulk_bad_soql=where)
    bulk = BulkQuery(client)
    for soql, kinds in (
        ("SELECT Nothing__c FROM Lead", {ErrorClass.SCHEMA}),
        ("SELECT COUNT(Id) FROM Lead", {ErrorClass.NOT_OFFERED, ErrorClass.REFUSED}),
    ):
        try:
            error = finished(bulk, soql).error
        except SalesforceError as refused:
            error = refused
        assert error is not None
        assert error.kind in kinds


def test_results_need_the_jobs_own_version(demo_org: DemoOrgProcess, client: Client) -> None:
    job = finished(BulkQuery(client), "SELECT Id FROM User")
    with (
        pytest.raises(SalesforceError) as caught,
        BulkQuery(client).open_page(BulkJob(job.id, job.state, "60.0"), None),
    ):
        pass
    assert caught.value.kind is ErrorClass.VERSION


@pytest.mark.parametrize(
    "action",
    [{"status": 503, "body": "<html>"}, {"cut": "before"}, {"cut": "mid-body"}, {"truncate": 200, "clean": True}],
    ids=["503", "cut", "mid-body", "truncated"],
)
def test_reads_survive_faults(demo_org: DemoOrgProcess, client: Client, action: dict[str, Any]) -> None:
    expected = client.query("SELECT Id, Name FROM User")
    demo_org.faults({"match": {"path": "/query"}, "times": 2, "action": action})
    assert client.query("SELECT Id, Name FROM User") == expected


@pytest.mark.parametrize("where", ["before", "mid-body"])
@pytest.mark.parametrize("wire", ["rest", "bulk"])
def test_a_stalled_answer_is_left_at_once(demo_org: DemoOrgProcess, where: str, wire: str) -> None:
    cancel = CancelToken()
    client = client_for(demo_org, cancel=cancel, retry=NO_RETRY)
    bulk = BulkQuery(client)
    job = finished(bulk, "SELECT Id, Name FROM Lead") if wire == "bulk" else None
    path = "/results" if wire == "bulk" else "/queryAll"
    demo_org.faults({"match": {"path": path}, "times": None, "action": {"stall": 8, "where": where}})
    seen: list[BaseException] = []

    def work() -> None:
        try:
            if job is not None:
                bulk_rows(bulk, job, None)
            else:
                list(client.query_pages("SELECT Id, Name FROM Lead"))
        except OrgMirrorError as error:
            seen.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    pause = threading.Event()
    while not any(rule["fired"] for rule in demo_org.control("faults")["rules"]):
        pause.wait(0.02)
    cancel.set()
    thread.join(5)
    assert not thread.is_alive()
    assert isinstance(seen[0], Cancelled)
    client.close()


def test_plain_http_is_for_loopback(tmp_path: Any) -> None:
    with DemoOrgProcess(rows={"Lead": 10}, folder=tmp_path / "org", no_tls=True) as org:
        client = client_for(org)
        assert org.info["url"].startswith("http://127.0.0.1:")
        assert client.query("SELECT Id FROM Organization")[0]["Id"] == org.info["org_id"]
        client.close()
