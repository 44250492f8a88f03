"""Composite calls, batches, collections, and single records behind them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from core.demo.http.call import Answer
from core.demo.site import Site
from tests.unit.demo_http.conftest import Ask
from tests.unit.demo_http.stand_in import StandInOrg

BASE = "/services/data/v65.0"


def part(method: str, path: str, reference: str, body: Any = None, **headers: str) -> dict[str, Any]:
    made: dict[str, Any] = {"method": method, "url": BASE + path, "referenceId": reference}
    if body is not None:
        made["body"] = body
    if headers:
        made["httpHeaders"] = {name.replace("_", "-"): value for name, value in headers.items()}
    return made


def composite(ask: Ask, *parts: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    answer = ask("POST", f"{BASE}/composite", {"compositeRequest": list(parts), **options})
    assert answer.status == 200
    return list(answer.payload["compositeResponse"])


def test_describes_with_conditions_are_one_call(ask: Ask) -> None:
    first = composite(ask, part("GET", "/sobjects/Lead/describe", "a"))[0]
    assert first["httpStatusCode"] == 200
    modified = first["httpHeaders"]["Last-Modified"]
    assert modified == "Fri, 01 May 2026 12:00:00 GMT"
    again = composite(ask, part("GET", "/sobjects/Lead/describe", "a", If_Modified_Since=modified))[0]
    assert (again["httpStatusCode"], again["body"]) == (304, None)
    assert first["body"]["urls"]["describe"].startswith(BASE)


def test_queries_and_references_between_parts(ask: Ask, org: StandInOrg) -> None:
    soql = quote("SELECT Id FROM Lead LIMIT 2")
    responses = composite(
        ask,
        part("GET", f"/query?q={soql}", "found"),
        part("GET", "/sobjects/Lead/@{found.records[1].Id}", "one"),
        part("POST", "/composite/sobjects/Lead", "many", {"ids": ["@{found.records[0].Id}"], "fields": ["Id"]}),
        part("GET", "/sobjects/Lead/@{nothing.id}", "bad"),
    )
    ids = [row["Id"] for row in org.tables["Lead"][:2]]
    assert [each["referenceId"] for each in responses] == ["found", "one", "many", "bad"]
    assert responses[1]["body"]["Id"] == ids[1]
    assert responses[2]["body"][0]["Id"] == ids[0]
    assert responses[3]["httpStatusCode"] == 400


def test_a_failed_part_does_not_stop_the_others_unless_all_or_none(ask: Ask, org: StandInOrg) -> None:
    parts = [
        part("GET", "/sobjects/Nope/describe", "bad"),
        part("GET", "/limits", "good"),
    ]
    assert [each["httpStatusCode"] for each in composite(ask, *parts)] == [404, 200]
    halted = composite(ask, *parts, allOrNone=True)
    assert [each["httpStatusCode"] for each in halted] == [404, 400]
    assert halted[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert org.store.taken_back == 1
    assert [each["httpStatusCode"] for each in composite(ask, parts[1], allOrNone=True)] == [200]
    assert org.store.taken_back == 1


def test_limits_of_a_composite_call(ask: Ask, site: Site) -> None:
    many = [part("GET", "/limits", f"r{number}") for number in range(26)]
    refused = composite(ask, *many)
    assert len(refused) == 1
    assert (refused[0]["referenceId"], refused[0]["body"][0]["errorCode"]) == (None, "LIMIT_EXCEEDED")
    queries = [part("GET", "/query?q=SELECT%20Id%20FROM%20Lead", f"r{number}") for number in range(6)]
    assert composite(ask, *queries)[0]["body"][0]["errorCode"] == "LIMIT_EXCEEDED"
    site.behaviour.update({"composite_query_limit": None})
    assert [each["httpStatusCode"] for each in composite(ask, *queries)] == [200] * 6
    assert composite(ask, part("POST", "/composite", "x", {}))[0]["httpStatusCode"] == 400
    assert ask("POST", f"{BASE}/composite", {}).status == 400
    assert ask("POST", f"{BASE}/composite", {"compositeRequest": [{"method": "GET"}]}).status == 400


def test_nested_faults_hit_one_part(ask: Ask, site: Site) -> None:
    body = [{"errorCode": "UNABLE_TO_LOCK_ROW", "message": "x"}]
    site.faults.add({"match": {"path": "limits", "nested": True}, "action": {"status": 400, "body": body}})
    responses = composite(ask, part("GET", "/limits", "a"), part("GET", "/limits", "b"))
    assert [each["httpStatusCode"] for each in responses] == [400, 200]
    assert responses[0]["body"] == body


def test_conditional_updates_inside_and_outside(ask: Ask, site: Site, org: StandInOrg) -> None:
    row_id = org.tables["Lead"][0]["Id"]
    old, new = "Mon, 04 May 2026 10:00:00 GMT", "Tue, 05 May 2026 10:00:00 GMT"
    url = f"{BASE}/sobjects/Lead/{row_id}"
    refused = ask("PATCH", url, {"Name": "x"}, if_unmodified_since=old)
    assert (refused.status, refused.payload[0]["errorCode"]) == (412, "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE")
    assert ask("PATCH", url, {"Name": "x"}, if_unmodified_since=new).status == 204
    assert ask("PATCH", url, {"Name": "x"}, if_unmodified_since="soon").status == 400
    site.behaviour.update({"precondition_body": "object"})
    assert isinstance(ask("PATCH", url, {}, if_unmodified_since=old).payload, dict)
    site.behaviour.update({"precondition_body": "empty"})
    assert ask("PATCH", url, {}, if_unmodified_since=old).payload is None
    inside = part("PATCH", f"/sobjects/Lead/{row_id}", "p", {"Name": "x"}, If_Unmodified_Since=old)
    assert composite(ask, inside)[0]["httpStatusCode"] == 412
    site.behaviour.update({"composite_conditions": False})
    assert composite(ask, inside)[0]["httpStatusCode"] == 204


def test_batch_halts_on_request(ask: Ask) -> None:
    parts = [{"method": "GET", "url": "v65.0/sobjects/Nope/describe"}, {"method": "GET", "url": f"{BASE}/limits"}]
    answer = ask("POST", f"{BASE}/composite/batch", {"batchRequests": parts}).payload
    assert (answer["hasErrors"], [each["statusCode"] for each in answer["results"]]) == (True, [404, 200])
    answer = ask("POST", f"{BASE}/composite/batch", {"batchRequests": parts, "haltOnError": True}).payload
    assert answer["results"][1]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"
    assert answer["results"][1]["statusCode"] == 412


def test_collections_read_and_write(ask: Ask, org: StandInOrg) -> None:
    row_id = org.tables["Lead"][0]["Id"]
    answer = ask("GET", f"{BASE}/composite/sobjects/Lead?ids={row_id},00QgL0000000zzzAAA&fields=Id")
    assert [row and row["Id"] for row in answer.payload] == [row_id, None]
    too_many = ask("POST", f"{BASE}/composite/sobjects/Lead", {"ids": [row_id] * 2001, "fields": ["Id"]})
    assert too_many.payload[0]["errorCode"] == "EXCEEDED_ID_LIMIT"
    records = [{"attributes": {"type": "Lead"}, "LastName": "New"}, {"attributes": {"type": "Lead"}}]
    made = ask("POST", f"{BASE}/composite/sobjects", {"records": records}).payload
    assert [each["success"] for each in made] == [True, False]
    expected = {"statusCode": "REQUIRED_FIELD_MISSING", "fields": ["LastName"]}
    assert expected.items() <= made[1]["errors"][0].items()
    changes = [{"attributes": {"type": "Lead"}, "id": row_id, "Name": "x"}, {"attributes": {"type": "Lead"}}]
    changed = ask("PATCH", f"{BASE}/composite/sobjects", {"records": changes}).payload
    assert [each["success"] for each in changed] == [True, False]
    gone = ask("DELETE", f"{BASE}/composite/sobjects?ids={row_id},zzz")
    assert [each["success"] for each in gone.payload] == [True, False], gone.payload
    records = [{"attributes": {"type": "Lead"}}] * 201
    assert (
        ask("POST", f"{BASE}/composite/sobjects", {"records": records}).payload[0]["errorCode"] == "EXCEEDED_ID_LIMIT"
    )


def answered(answer: Answer) -> tuple[int, Any]:
    return answer.status, answer.payload


def test_single_records(ask: Ask, org: StandInOrg) -> None:
    row_id = org.tables["Lead"][0]["Id"]
    read = ask("GET", f"{BASE}/sobjects/Lead/{row_id}")
    assert read.headers["Last-Modified"] == "Tue, 05 May 2026 10:00:00 GMT"
    same = ask("GET", f"{BASE}/sobjects/Lead/{row_id}", if_modified_since="Tue, 05 May 2026 10:00:00 GMT")
    assert answered(same) == (304, None)
    made = ask("POST", f"{BASE}/sobjects/Lead", {"LastName": "New"})
    assert (made.status, made.payload["success"]) == (201, True)
    assert made.headers["Location"].endswith(made.payload["id"])
    assert ask("GET", f"{BASE}/sobjects/Lead/Id/{row_id}").payload["Id"] == row_id
    missing = ask("GET", f"{BASE}/sobjects/Lead/Nope__c/1")
    assert missing.payload[0]["message"] == "Provided external ID field does not exist or is not accessible: Nope__c"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("start=2026-06-01T12:00:00Z&end=2026-06-01T11:00:00Z", "INVALID_REPLICATION_DATE"),
        ("start=2026-04-01T12:00:00Z&end=2026-06-01T11:00:00Z", "INVALID_REPLICATION_DATE"),
        ("start=yesterday&end=2026-06-01T11:00:00Z", "INVALID_REPLICATION_DATE"),
        ("end=2026-06-01T11:00:00Z", "MISSING_ARGUMENT"),
    ],
)
def test_windows_of_updated_that_are_refused(ask: Ask, query: str, code: str) -> None:
    assert ask("GET", f"{BASE}/sobjects/Lead/updated/?{query}").payload[0]["errorCode"] == code


def test_seconds_of_a_window_are_ignored(ask: Ask, org: StandInOrg) -> None:
    window = "start=2026-06-01T10:00:59%2B00:00&end=2026-06-01T11:30:15+00:00"
    answer = ask("GET", f"{BASE}/sobjects/Lead/updated/?{window}").payload
    assert answer["latestDateCovered"] == "2026-06-01T11:30:00.000+0000"
    assert org.asked is not None
    assert [moment.second for moment in org.asked] == [0, 0]


def test_pages_of_a_query(ask: Ask, site: Site, org: StandInOrg) -> None:
    soql = quote("SELECT Id FROM Lead")
    site.behaviour.update({"rest_page_rows": 4})
    first = ask("GET", f"{BASE}/query/?q={soql}").payload
    assert (first["totalSize"], first["done"], len(first["records"])) == (10, False, 4)
    locator = first["nextRecordsUrl"].rpartition("/")[2]
    assert (locator[:3], locator[18:]) == ("0r8", "-4")
    second = ask("GET", first["nextRecordsUrl"]).payload
    third = ask("GET", second["nextRecordsUrl"]).payload
    assert (third["done"], len(third["records"]), "nextRecordsUrl" in third) == (True, 2, False)
    assert ask("GET", first["nextRecordsUrl"]).payload == second
    org.advance_clock(2 * 24 * 3600 + 1)
    expired = ask("GET", first["nextRecordsUrl"])
    assert expired.payload[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_batch_size_keeps_to_its_bounds(ask: Ask, org: StandInOrg) -> None:
    org.tables["Lead"] *= 300
    for options, rows in (("batchSize=10", 200), ("batchSize=250", 250), ("batchsize = 9999", 2000), ("", 2000)):
        page = ask("GET", f"{BASE}/query?q=SELECT+Id+FROM+Lead", sforce_query_options=options).payload
        assert len(page["records"]) == rows
    columns = ask("GET", f"{BASE}/query?q=SELECT+Id+FROM+Lead&columns=true").payload
    assert [each["columnName"] for each in columns["columnMetadata"]] == ["Id", "Name"]
    assert ask("GET", f"{BASE}/query?q=SELECT+COUNT()+FROM+Lead").payload == {
        "totalSize": 3000,
        "done": True,
        "records": [],
    }
