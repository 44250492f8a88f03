"""What every answer has, and what injected faults do to a connection."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
import requests

from core.demo.site import Site
from tests.unit.demo_http.conftest import Wire
from tests.unit.demo_http.stand_in import StandInOrg

BASE = "/services/data/v65.0"


def test_versions_need_no_session_and_run_from_31_to_68(wire: Wire) -> None:
    answer = requests.get(wire.url + "/services/data", timeout=20)
    versions = [each["version"] for each in answer.json()]
    assert (versions[0], versions[-1], len(versions)) == ("31.0", "68.0", 38)
    assert answer.json()[36]["label"] == "Summer '26"
    assert answer.json()[34]["label"] == "Winter '26"


def test_every_answer_under_data_tells_the_usage(wire: Wire) -> None:
    for path, status in ((f"{BASE}/limits", 200), (f"{BASE}/nothing", 404), ("/services/data/v20.0/limits", 410)):
        answer = wire("GET", path)
        assert answer.status_code == status
        assert answer.headers["Sforce-Limit-Info"].startswith("api-usage=")
    assert wire("GET", f"/{BASE}/limits").status_code == 200
    assert wire("GET", f"{BASE}/limits").headers["Date"] == "Mon, 01 Jun 2026 12:00:00 GMT"


def test_usage_counts_calls_and_ends_in_403(wire: Wire, site: Site) -> None:
    site.meter.set(maximum=2, used=0)
    assert wire("GET", f"{BASE}/limits").headers["Sforce-Limit-Info"] == "api-usage=1/2"
    assert wire("GET", f"{BASE}/limits").status_code == 200
    refused = wire("GET", f"{BASE}/limits")
    assert refused.status_code == 403
    assert refused.json() == [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]


def test_a_token_that_is_unknown_or_idle_too_long_is_401(wire: Wire, org: StandInOrg) -> None:
    assert wire("GET", f"{BASE}/limits", headers={"Authorization": "Bearer x"}).status_code == 401
    assert wire("GET", f"{BASE}/limits", headers={"Authorization": f"OAuth {wire.token}"}).status_code == 200
    org.advance_clock(119 * 60)
    assert wire("GET", f"{BASE}/limits").status_code == 200
    org.advance_clock(119 * 60)
    assert wire("GET", f"{BASE}/limits").status_code == 200
    org.advance_clock(121 * 60)
    answer = wire("GET", f"{BASE}/limits")
    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_wrong_method_type_and_body(wire: Wire) -> None:
    answer = wire("PUT", f"{BASE}/sobjects/Lead/00Q")
    assert answer.status_code == 405
    assert answer.json()[0]["message"] == "HTTP Method 'PUT' not allowed. Allowed are HEAD,DELETE,GET,PATCH"
    answer = wire("POST", f"{BASE}/composite", data="<a/>", headers={"Content-Type": "application/octet-stream"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    answer = wire("POST", f"{BASE}/composite", data="{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


def test_chunked_and_gzipped_request_bodies(wire: Wire) -> None:
    body = json.dumps({"ids": ["x"], "fields": ["Id"]}).encode()
    headers = {"Content-Type": "application/json"}
    path = f"{BASE}/composite/sobjects/Lead"
    chunked = wire("POST", path, data=iter([body[:5], body[5:]]), headers=headers)
    assert chunked.json() == [None]
    zipped = wire("POST", path, data=gzip.compress(body), headers={**headers, "Content-Encoding": "gzip"})
    assert zipped.json() == [None]
    broken = wire("POST", path, data=b"no gzip", headers={**headers, "Content-Encoding": "gzip"})
    assert broken.status_code == 400


def test_gzip_only_when_asked_and_worth_it(wire: Wire) -> None:
    assert wire("GET", "/services/data").headers["Content-Encoding"] == "gzip"
    plain = wire("GET", "/services/data", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert "Content-Encoding" not in wire("GET", f"{BASE}/limits/recordCount").headers


def test_head_has_no_body(wire: Wire) -> None:
    answer = wire("HEAD", f"{BASE}/limits")
    assert answer.status_code == 200
    assert answer.content == b""
    assert wire("GET", f"{BASE}/limits").status_code == 200


def test_long_uris_are_refused_by_switch(wire: Wire, site: Site) -> None:
    path = f"{BASE}/query?q={'x' * 20_000}"
    assert wire("GET", path).status_code == 414
    site.behaviour.update({"uri_limit_status": 431})
    assert wire("GET", path).status_code == 431
    site.behaviour.update({"uri_limit": None})
    assert wire("GET", path).json()[0]["errorCode"] == "MALFORMED_QUERY"


def test_api_access_can_be_withdrawn(wire: Wire, site: Site) -> None:
    site.behaviour.update({"api_disabled_users": ["ada.admin@orgmirror.demo"]})
    assert wire("GET", f"{BASE}/limits").json()[0]["errorCode"] == "API_CURRENTLY_DISABLED"
    site.behaviour.update({"api_disabled_users": [], "api_disabled_org": True})
    answer = wire("GET", f"{BASE}/limits")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "API_DISABLED_FOR_ORG")


def test_status_fault_hits_the_nth_matching_call_only(wire: Wire, site: Site) -> None:
    action = {"status": 503, "body": "<html>busy</html>", "headers": {"Retry-After": "1"}}
    site.faults.add({"match": {"path": "/limits$"}, "nth": 2, "times": 1, "action": action})
    assert wire("GET", f"{BASE}/sobjects").status_code == 200
    assert wire("GET", f"{BASE}/limits").status_code == 200
    hit = wire("GET", f"{BASE}/limits")
    assert (hit.status_code, hit.text, hit.headers["Retry-After"]) == (503, "<html>busy</html>", "1")
    assert wire("GET", f"{BASE}/limits").status_code == 200
    assert [rule["fired"] for rule in site.faults.all()] == [1]


def test_a_call_cut_before_is_not_done_and_one_cut_after_is(wire: Wire, site: Site, org: StandInOrg) -> None:
    row_id = org.tables["Lead"][0]["Id"]
    for where, done in (("before", []), ("after", [row_id])):
        site.faults.add({"match": {"method": "DELETE"}, "action": {"cut": where}})
        with pytest.raises(requests.ConnectionError):
            wire("DELETE", f"{BASE}/sobjects/Lead/{row_id}")
        assert org.deletes == done
    assert [call["status"] for call in site.log.calls()] == [0, 0]


@pytest.mark.parametrize("action", [{"cut": "mid-body"}, {"truncate": 10}])
def test_a_body_that_breaks_off(wire: Wire, site: Site, action: dict[str, object]) -> None:
    site.faults.add({"action": action})
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        wire("GET", f"{BASE}/limits")
    assert wire("GET", f"{BASE}/limits").status_code == 200


def test_a_clean_truncation_looks_like_a_whole_answer(wire: Wire, site: Site) -> None:
    site.faults.add({"action": {"truncate": 10, "clean": True}})
    answer = wire("GET", f"{BASE}/limits", headers={"Accept-Encoding": "identity"})
    assert answer.status_code == 200
    assert len(answer.content) == 10


@pytest.mark.parametrize("where", ["before", "after", "mid-body"])
def test_a_stall_outlasts_the_reader(wire: Wire, site: Site, where: str) -> None:
    site.faults.add({"action": {"stall": 30, "where": where}})
    with pytest.raises((requests.Timeout, requests.ConnectionError)):
        wire.session.get(f"{wire.url}{BASE}/limits", timeout=0.3)
    assert wire("GET", f"{BASE}/limits").status_code == 200


def test_control_counts_calls_and_is_not_counted(wire: Wire) -> None:
    wire("GET", f"{BASE}/limits")
    wire("POST", "/control/behaviour", json={"gzip": False})
    counters = wire("POST", "/control/counters").json()
    assert (counters["calls"], counters["api_used"]) == (1, 1)
    assert wire("POST", "/control/calls", json={"path": "limits"}).json()[0]["status"] == 200
    refused = wire("POST", "/control/behaviour", json={"gzipp": False})
    assert (refused.status_code, refused.json()["error"]) == (400, "unknown switch: gzipp")
    refused = wire("POST", "/control/faults", json={"rules": [{"action": {"explode": 1}}]})
    assert refused.status_code == 400
    assert wire("POST", "/control/clock", json={"advance": 60}).json()["now"].startswith("2026-06-01T12:01")
    truth = wire("GET", "/control/truth?object=Lead").text.splitlines()
    assert json.loads(truth[3])["Name"] == 'Lead "3"'
    assert wire("POST", "/control/truth", json={"user": "x", "object": "Lead"}).status_code == 400


def test_sessions_of_other_users_and_their_end(wire: Wire) -> None:
    made = wire("POST", "/control/as", json={"user": "gone@orgmirror.demo"}).json()
    other = {"Authorization": f"Bearer {made['access_token']}"}
    assert wire("GET", f"{BASE}/limits", headers=other).status_code == 200
    assert wire("POST", "/control/expire", json={"user": made["user_id"]}).json() == {"expired": 1}
    assert wire("GET", f"{BASE}/limits", headers=other).status_code == 401
    assert wire("GET", f"{BASE}/limits").status_code == 200


def test_the_day_of_the_allowance_rolls_over(site: Site, org: StandInOrg) -> None:
    site.meter.set(maximum=10, used=10)
    org.moment += timedelta(hours=25)
    assert site.meter.used == 0


def test_a_fault_of_our_own_is_a_500_and_is_logged(
    wire: Wire, org: StandInOrg, monkeypatch: pytest.MonkeyPatch, expected_log: Callable[..., None]
) -> None:
    expected_log("failed", level=logging.ERROR, logger="core.demo.http.edge")

    def broken(user_id: str) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(org, "view", broken)
    answer = wire("GET", f"{BASE}/sobjects")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (500, "UNKNOWN_EXCEPTION")
