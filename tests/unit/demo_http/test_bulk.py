"""Bulk 2.0 query jobs: states, pages, locators, persistence, refusals."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest

from core.demo.bulk_files import BLOCK_ROWS, Rendering, csv_lines
from core.demo.http.call import Answer
from core.demo.http.routes import make_router
from core.demo.site import Site
from tests.unit.demo_http.conftest import Ask
from tests.unit.demo_http.stand_in import OTHER_ID, StandInOrg

BASE = "/services/data/v65.0/jobs/query"
BODY = {"operation": "query", "query": "SELECT Id, Name FROM Lead"}


@pytest.fixture
def org() -> StandInOrg:
    return StandInOrg(leads=2500)


@pytest.fixture
def quick(site: Site) -> Site:
    site.behaviour.update({"bulk_seconds": 0.0, "bulk_seconds_per_row": 0.0})
    return site


def rows_of(answer: Answer) -> list[list[str]]:
    assert answer.chunks is not None
    content = b"".join(answer.chunks)
    return list(csv.reader(io.StringIO((gzip.decompress(content) if answer.gzipped else content).decode())))


def created(ask: Ask, **body: object) -> str:
    answer = ask("POST", BASE, {**BODY, **body})
    assert answer.status == 200, answer.payload
    return str(answer.payload["id"])


def test_a_new_job_looks_like_the_documented_one(ask: Ask, quick: Site) -> None:
    payload = ask("POST", BASE, BODY).payload
    assert payload["id"].startswith("750")
    assert len(payload["id"]) == 18
    assert payload["state"] == "UploadComplete"
    assert (payload["object"], payload["apiVersion"], payload["contentType"]) == ("Lead", 65.0, "CSV")
    assert payload["createdDate"] == "2026-06-01T12:00:00.000+0000"


def test_states_follow_time_and_can_be_held(ask: Ask, site: Site) -> None:
    site.behaviour.update({"bulk_seconds": 1000.0})
    job = created(ask)
    assert ask("GET", f"{BASE}/{job}").payload["state"] == "UploadComplete"
    assert ask("GET", f"{BASE}/{job}/results").status == 204
    site.behaviour.update({"bulk_not_ready": 412})
    assert ask("GET", f"{BASE}/{job}/results").payload[0]["errorCode"] == "JOB_NOT_COMPLETE"
    site.behaviour.update({"bulk_seconds": 0.0, "bulk_seconds_per_row": 0.0, "bulk_hold": True})
    assert ask("GET", f"{BASE}/{job}").payload["state"] == "InProgress"
    assert ask("DELETE", f"{BASE}/{job}").payload[0]["errorCode"] == "INVALIDJOBSTATE"
    site.behaviour.update({"bulk_hold": False})
    info = ask("GET", f"{BASE}/{job}").payload
    assert (info["state"], info["numberRecordsProcessed"], info["jobType"]) == ("JobComplete", 2500, "V2Query")


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_pages_chain_by_locator_and_repeat_exactly(ask: Ask, quick: Site, encoding: str) -> None:
    job = created(ask)
    seen: list[list[str]] = []
    url, locators = f"{BASE}/{job}/results?maxRecords=700", []
    while True:
        answer = ask("GET", url, accept_encoding=encoding)
        page = rows_of(answer)
        assert page[0] == ["Id", "Name"]
        assert answer.headers["Sforce-NumberOfRecords"] == str(len(page) - 1)
        assert rows_of(ask("GET", url, accept_encoding=encoding)) == page
        seen += page[1:]
        if answer.headers["Sforce-Locator"] == "null":
            break
        locators.append(answer.headers["Sforce-Locator"])
        url = f"{BASE}/{job}/results?maxRecords=700&locator={locators[-1]}"
    assert [name for _, name in seen] == [f'Lead "{number}"' for number in range(2500)]
    assert locators[0] == "NzAw"
    assert quick.bulk.pages_served[job] == {"0": 2, "700": 2, "1400": 2, "2100": 2}


def test_rows_are_those_of_the_moment_of_creation(ask: Ask, quick: Site, org: StandInOrg) -> None:
    job = created(ask)
    org.tables["Lead"].clear()
    assert len(rows_of(ask("GET", f"{BASE}/{job}/results"))) == 2501


def test_result_pages_cover_everything_five_at_a_time(ask: Ask, quick: Site) -> None:
    quick.behaviour.update({"bulk_page_rows": 300, "bulk_next_name": "nextRecordUrl"})
    job = created(ask)
    names: list[str] = []
    sizes: list[int] = []
    url = f"{BASE}/{job}/resultPages"
    while True:
        payload = ask("GET", url).payload
        sizes.append(len(payload["resultPages"]))
        for page in payload["resultPages"]:
            names += [row[1] for row in rows_of(ask("GET", page["resultUrl"]))[1:]]
        if payload["done"]:
            assert "nextRecordUrl" not in payload
            break
        url = payload["nextRecordUrl"]
    assert sizes == [5, 4]
    assert len(names) == len(set(names)) == 2500
    assert ask("GET", f"/services/data/v57.0/jobs/query/{job}/resultPages").status == 404


def test_another_version_is_409_and_another_user_404(ask: Ask, quick: Site) -> None:
    job = created(ask)
    assert ask("GET", f"/services/data/v64.0/jobs/query/{job}/results").status == 409
    quick.bulk.get(job).created_by = OTHER_ID
    assert ask("GET", f"{BASE}/{job}/results").status == 404


@pytest.mark.parametrize("locator", ["%%%", "null", "OTk5OTk5", "LTE"])
def test_a_locator_that_was_never_given(ask: Ask, quick: Site, locator: str) -> None:
    answer = ask("GET", f"{BASE}/{created(ask)}/results?locator={locator}")
    assert (answer.status, answer.payload[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


def test_no_rows_is_a_header_or_nothing(ask: Ask, quick: Site, org: StandInOrg) -> None:
    org.tables["Lead"].clear()
    job = created(ask)
    answer = ask("GET", f"{BASE}/{job}/results")
    assert answer.chunks is not None
    assert b"".join(answer.chunks) == b'"Id","Name"\n'
    assert (answer.headers["Sforce-Locator"], answer.headers["Sforce-NumberOfRecords"]) == ("null", "0")
    quick.behaviour.update({"bulk_empty": "nothing"})
    answer = ask("GET", f"{BASE}/{job}/results")
    assert answer.chunks is not None
    assert b"".join(answer.chunks) == b""


def test_refusals_and_bad_soql_by_switch(ask: Ask, quick: Site) -> None:
    grouped, wrong = "SELECT Name FROM Lead GROUP BY Name", "SELECT Id FROM Nothing"
    answer = ask("POST", BASE, {**BODY, "query": grouped})
    assert (answer.status, answer.payload[0]["errorCode"]) == (400, "API_ERROR")
    job = created(ask, query=wrong)
    info = ask("GET", f"{BASE}/{job}").payload
    assert (info["state"], info["errorMessage"][:13]) == ("Failed", "INVALID_TYPE:")
    assert ask("GET", f"{BASE}/{job}/results").status == 400
    quick.behaviour.update({"bulk_refusal": "job", "bulk_bad_soql": "create"})
    assert ask("GET", f"{BASE}/{created(ask, query=grouped)}").payload["state"] == "Failed"
    assert ask("POST", BASE, {**BODY, "query": wrong}).status == 400
    assert ask("POST", BASE, {**BODY, "operation": "delete"}).payload[0]["errorCode"] == "INVALIDJOB"


def test_abort_delete_fail_and_retire(ask: Ask, site: Site, org: StandInOrg) -> None:
    site.behaviour.update({"bulk_hold": True, "bulk_seconds": 0.0})
    job = created(ask)
    assert ask("PATCH", f"{BASE}/{job}", {"state": "Aborted"}).payload["state"] == "Aborted"
    assert ask("PATCH", f"{BASE}/{job}", {"state": "Aborted"}).status == 400
    assert ask("DELETE", f"{BASE}/{job}").status == 204
    assert ask("GET", f"{BASE}/{job}").status == 404
    failing = created(ask)
    site.bulk.fail(failing, "InternalServerError: Retried more than 15 times")
    assert ask("GET", f"{BASE}/{failing}").payload["errorMessage"].endswith("15 times")
    old = created(ask)
    org.advance_clock(8 * 24 * 3600)
    assert ask("GET", f"{BASE}/{old}").status == 404
    assert ask("GET", BASE).payload == {"done": True, "nextRecordsUrl": None, "records": []}


@pytest.mark.parametrize("read_before", [False, True])
def test_jobs_and_pages_survive_a_restart(
    ask: Ask, quick: Site, org: StandInOrg, tmp_path: Path, read_before: bool
) -> None:
    job = created(ask)
    before = rows_of(ask("GET", f"{BASE}/{job}/results?maxRecords=2500")) if read_before else None
    quick.close()
    again = Site(org, tmp_path, make_router(), quick.url)  # type: ignore[arg-type]
    again.behaviour.update({"bulk_seconds": 0.0, "bulk_seconds_per_row": 0.0})
    if read_before:
        org.tables["Lead"].clear()
    page = again.bulk.page(again.bulk.get(job), "MTAwMA", 10, gzip=False)
    lines = b"".join(page.chunks).splitlines()
    assert len(lines) == 11
    if before is not None:
        assert lines[1].decode().split(",")[0].strip('"') == before[1001][0]
    again.close()


def test_prerendered_results_are_compressed_and_shared(ask: Ask, quick: Site, org: StandInOrg) -> None:
    quick.behaviour.update({"prerender": True})
    first, second = created(ask), ""
    while ask("GET", f"{BASE}/{first}").payload["state"] != "JobComplete":
        pass
    rendered = quick.bulk.render_seconds
    second = created(ask)
    assert ask("GET", f"{BASE}/{second}").payload["state"] == "JobComplete"
    url = "results?maxRecords=1700&locator=MTIz"
    one = rows_of(ask("GET", f"{BASE}/{first}/{url}", accept_encoding="gzip"))
    assert one == rows_of(ask("GET", f"{BASE}/{second}/{url}"))
    assert one[1][1] == 'Lead "123"'
    assert quick.bulk.render_seconds == rendered
    quick.changed()
    org.tables["Lead"].pop()
    third = created(ask)
    while ask("GET", f"{BASE}/{third}").payload["state"] != "JobComplete":
        pass
    assert ask("GET", f"{BASE}/{third}").payload["numberRecordsProcessed"] == 2499
    ask("DELETE", f"{BASE}/{first}")
    assert rows_of(ask("GET", f"{BASE}/{second}/{url}")) == one


def test_csv_quotes_everything_and_keeps_line_breaks() -> None:
    lines = csv_lines([["a", None, 'x"y', "two\r\nlines", "=1+1"]], ",", "\n")
    assert lines == [b'"a","","x""y","two\r\nlines","=1+1"\n']


@pytest.mark.parametrize("compress", [False, True])
def test_any_piece_of_a_rendering_in_both_encodings(tmp_path: Path, compress: bool) -> None:
    rows = [[str(number), "x\ny" * (number % 7), "ü€😀"] for number in range(BLOCK_ROWS * 2 + 137)]
    rendering = Rendering(tmp_path, "r", ";", "\r\n")
    rendering.append(rows[:900])
    rendering.append(rows[900:])
    rendering.seal(compress=compress)
    again = Rendering(tmp_path, "r", ";", "\r\n")
    assert (again.rows, again.compressed) == (len(rows), compress)
    last = len(rows)
    for start, end in ((0, last), (0, 0), (5, 6), (999, 2001), (1000, 2000), (2000, last), (2100, last)):
        expected = b"H\r\n" + b"".join(csv_lines(rows[start:end], ";", "\r\n"))
        assert b"".join(again.chunks(start, end - start, b"H\r\n")) == expected
        assert gzip.decompress(b"".join(again.gzip_chunks(start, end - start, b"H\r\n"))) == expected
