"""Writes to the demo org over its wire: what tests of the push rely on, tried with a plain HTTP client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.helpers.demo_org import DemoOrgProcess

SAM = "sam.sales@orgmirror.demo"
BASE = "/services/data/v65.0"
LEAD = {"LastName": "L", "Company": "C"}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoOrgProcess]:
    folder: Path = tmp_path_factory.mktemp("writes") / "org"
    with DemoOrgProcess(rows={"*": 0}, folder=folder) as org:
        yield org


@pytest.fixture
def call(empty: DemoOrgProcess) -> Iterator[Any]:
    session = empty.session(empty.info["access_token"])
    session.headers["Sforce-Auto-Assign"] = "FALSE"

    def run(method: str, path: str, **options: Any) -> requests.Response:
        return session.request(method, empty.info["url"] + BASE + path, timeout=20, **options)

    yield run
    session.close()
    empty.control("reset")
    assert empty.errors == ""


def names(org: DemoOrgProcess) -> list[str]:
    return [row["LastName"] for row in org.truth("Lead")]


def test_a_create_commits_minutes_after_its_connection_was_cut(empty: DemoOrgProcess, call: Any) -> None:
    empty.faults({"match": {"method": "POST", "path": "/sobjects/Lead"}, "action": {"late": 300}})
    with pytest.raises(requests.ConnectionError):
        call("POST", "/sobjects/Lead", json={**LEAD, "LastName": "Late"})
    assert "Late" not in names(empty)
    assert empty.control("late") == {"waiting": 1, "done": 0}
    empty.control("clock", advance=200)
    assert "Late" not in names(empty)
    empty.control("clock", advance=200)
    assert "Late" in names(empty)
    made = next(row for row in empty.truth("Lead") if row["LastName"] == "Late")
    (written,) = empty.control("writes", name="Lead", record_id=made["Id"])["result"]
    assert (written["op"], written["via"]) == ("insert", "REST")
    assert written["headers"] == {"sforce-auto-assign": "FALSE"}


def test_a_key_keeps_a_late_create_from_happening_twice(empty: DemoOrgProcess, call: Any) -> None:
    body = {"apiName": "Lead", "fields": {**LEAD, "LastName": "Keyed"}}
    key = {"Idempotency-Key": "the-key"}
    empty.faults({"match": {"method": "POST", "path": "/ui-api/records"}, "action": {"late": 300}})
    with pytest.raises(requests.ConnectionError):
        call("POST", "/ui-api/records", json=body, headers=key)
    made = call("POST", "/ui-api/records", json=body, headers=key)
    assert made.status_code == 201
    assert empty.control("late", run=True) == {"waiting": 0, "done": 1}
    assert names(empty).count("Keyed") == 1


def test_cuts_before_and_after(empty: DemoOrgProcess, call: Any) -> None:
    for where, there in (("before", False), ("after", True)):
        empty.faults({"match": {"method": "POST", "path": "/sobjects/Lead"}, "action": {"cut": where}})
        with pytest.raises(requests.ConnectionError):
            call("POST", "/sobjects/Lead", json={**LEAD, "LastName": where})
        assert (where in names(empty)) is there


def test_a_row_in_an_open_transaction_is_locked(empty: DemoOrgProcess, call: Any) -> None:
    made = call("POST", "/sobjects/Lead", json={**LEAD, "LastName": "Locked"}).json()["id"]
    with empty.transaction() as transaction:
        empty.control("update", name="Lead", record_id=made, values={"City": "Rome"}, transaction=transaction)
        answer = call("PATCH", f"/sobjects/Lead/{made}", json={"City": "Oslo"})
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "UNABLE_TO_LOCK_ROW")
    assert call("PATCH", f"/sobjects/Lead/{made}", json={"City": "Oslo"}).status_code == 204


def test_a_session_ends_between_two_writes(empty: DemoOrgProcess, call: Any) -> None:
    session = empty.session(empty.token(SAM))
    empty.control("expire", user=SAM)
    answer = session.post(empty.info["url"] + BASE + "/sobjects/Lead", json=LEAD, timeout=20)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")
    session.close()
