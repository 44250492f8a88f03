"""The client against every variant of an answer that the reference leaves open."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.model.errors import ErrorCode, OrgMirrorError
from core.salesforce.access import Access, FixedAccess
from core.salesforce.client import Client, DescribeAnswer, choose_version
from core.salesforce.errors import ErrorClass, SalesforceError
from core.salesforce.transport import Transport
from tests.helpers.loopback import Handler, Loopback, Request, answer, each, raw, refusal, reply

V = "/services/data/v65.0"


def composite(answers: dict[str, tuple[int, Any, dict[str, str]]]) -> Handler:
    """Answers the parts of a composite request by what their address contains."""

    def handle(request: Request) -> bytes:
        parts = []
        for part in request.json["compositeRequest"]:
            status, body, headers = next(value for key, value in answers.items() if key in part["url"])
            parts.append(
                {"body": body, "httpHeaders": headers, "httpStatusCode": status, "referenceId": part["referenceId"]}
            )
        return answer({"compositeResponse": list(reversed(parts))})

    return handle


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [(["60.0", "68.0", "69.0"], "68.0"), (["31.0", "9.0"], "31.0"), (["70.0", "69.0"], "69.0")],
)
def test_version(offered: list[str], chosen: str) -> None:
    assert choose_version(offered, "68.0") == chosen


def test_version_is_asked_once(server: Loopback, transport: Transport) -> None:
    server.on("/services/data", reply([{"version": "64.0"}, {"version": "65.0"}, {"label": "odd"}]))
    server.on(V, reply({"records": [], "totalSize": 3, "done": True}))
    client = Client(transport)
    assert client.count("Lead") == 3
    assert client.clone().count("Lead") == 3
    assert client.api_version == "65.0"
    assert server.paths().count("GET /services/data") == 1


@pytest.mark.parametrize(
    "body", [answer({"hello": 1}), answer([]), refusal(404, "NOT_FOUND"), raw("[]", 200, "text/plain")]
)
def test_a_server_without_versions_is_not_salesforce(server: Loopback, transport: Transport, body: bytes) -> None:
    server.on("/services/data", body)
    with pytest.raises(OrgMirrorError) as caught:
        _ = Client(transport).api_version
    assert caught.value.code is ErrorCode.NOT_SALESFORCE


def test_describe_with_condition(server: Loopback, client: Client) -> None:
    def handle(request: Request) -> bytes:
        if request.headers.get("if-modified-since") == "Tue, 02 Jan 2024 00:00:00 GMT":
            return b"HTTP/1.1 304 Not Modified\r\n\r\n"
        return answer({"name": "Lead"}, headers={"Last-Modified": "Tue, 02 Jan 2024 00:00:00 GMT"})

    server.on(f"{V}/sobjects/Lead/describe", handle)
    first = client.describe("Lead")
    assert first == DescribeAnswer({"name": "Lead"}, "Tue, 02 Jan 2024 00:00:00 GMT")
    assert client.describe("Lead", first.last_modified) == DescribeAnswer(None, first.last_modified, True)


def test_describe_without_last_modified_falls_back_to_the_servers_time(server: Loopback, client: Client) -> None:
    server.on(f"{V}/sobjects", raw('{"sobjects": []}', date="Tue, 02 Jan 2024 00:01:00 GMT"))
    assert client.describe_global().last_modified == "Tue, 02 Jan 2024 00:00:00 GMT"


def test_describe_of_an_invisible_object(server: Loopback, client: Client) -> None:
    with pytest.raises(SalesforceError) as caught:
        client.describe("Secret__c")
    assert caught.value.code is ErrorCode.OBJECT_NOT_VISIBLE
    assert caught.value.params["object"] == "Secret__c"


def test_describe_many_in_one_call(server: Loopback, client: Client) -> None:
    server.on(
        f"{V}/composite",
        composite(
            {
                "/Lead/": (200, {"name": "Lead"}, {"Last-Modified": "X"}),
                "/Contact/": (304, None, {}),
                "/Gone__c/": (404, [{"errorCode": "NOT_FOUND", "message": "no"}], {}),
            }
        ),
    )
    answers = client.describe_many({"Lead": None, "Contact": "Y", "Gone__c": None})
    assert answers["Lead"] == DescribeAnswer({"name": "Lead"}, "X")
    assert answers["Contact"] == DescribeAnswer(None, "Y", True)
    gone = answers["Gone__c"]
    assert isinstance(gone, SalesforceError)
    assert gone.code is ErrorCode.OBJECT_NOT_VISIBLE
    sent = server.requests[0].json["compositeRequest"]
    assert sent[1]["httpHeaders"] == {"If-Modified-Since": "Y"}
    assert "httpHeaders" not in sent[0]
    assert client.calls == 1


@pytest.mark.parametrize("status", [400, 403, 404, 405])
def test_describe_many_without_composite(server: Loopback, client: Client, status: int) -> None:
    server.on(f"{V}/composite", refusal(status, "FUNCTIONALITY_NOT_ENABLED"))
    for name in ("Lead", "Contact"):
        server.on(f"{V}/sobjects/{name}/describe", reply({"name": name}))
    answers = client.describe_many({"Lead": None, "Contact": None, "Nope": None})
    assert [type(value).__name__ for value in answers.values()] == [
        "DescribeAnswer",
        "DescribeAnswer",
        "SalesforceError",
    ]
    client.describe_many({"Lead": None})
    assert server.paths().count(f"POST {V}/composite") == 1


def test_count_many(server: Loopback, client: Client) -> None:
    server.on(
        f"{V}/composite",
        composite(
            {
                "Lead": (200, {"totalSize": 7, "records": [], "done": True}, {}),
                "Task": (400, [{"errorCode": "QUERY_TIMEOUT", "message": "slow"}], {}),
            }
        ),
    )
    counts = client.count_many({"Lead": None, "Task": None})
    assert counts["Lead"] == 7
    slow = counts["Task"]
    assert isinstance(slow, SalesforceError)
    assert slow.kind is ErrorClass.TOO_BIG
    assert slow.params["object"] == "Task"


def test_count_when_total_size_is_missing(server: Loopback, client: Client) -> None:
    server.on(
        f"{V}/query",
        each(
            answer({"done": True, "records": []}),
            answer({"done": True, "totalSize": 1, "records": [{"attributes": {}, "expr0": 12}]}),
        ),
    )
    assert client.count("Lead", "IsDeleted = false") == 12


@pytest.mark.parametrize("form", ["relative", "absolute"])
def test_query_pages(server: Loopback, client: Client, form: str) -> None:
    prefix = server.url.replace("http:", "https:") if form == "absolute" else ""
    server.on(
        f"{V}/queryAll/",
        reply(
            {
                "totalSize": 3,
                "done": False,
                "nextRecordsUrl": f"{prefix}{V}/query/0r8-2000",
                "records": [{"attributes": {"type": "Lead"}, "Id": "1", "N": 1.10}, {"Id": "2"}],
            }
        ),
    )
    server.on(f"{V}/query/0r8-2000", reply({"done": True, "records": [{"Id": "3"}]}))
    pages = list(client.query_pages("SELECT Id FROM Lead", batch_size=500))
    assert [[record["Id"] for record in page.records] for page in pages] == [["1", "2"], ["3"]]
    assert pages[0].records[0]["N"] == Decimal("1.1")
    assert (pages[0].total_size, pages[0].next_url) == (3, f"{V}/query/0r8-2000")
    assert (pages[1].total_size, pages[1].next_url) == (None, None)
    assert pages[0].server_time is not None
    assert server.requests[0].query == {"q": "SELECT Id FROM Lead"}
    assert server.requests[0].headers["sforce-query-options"] == "batchSize=500"
    assert server.requests[0].headers["x-prettyprint"] == "0"
    again = list(client.query_pages("SELECT Id FROM Lead", start=pages[0].next_url))
    assert [record["Id"] for record in again[0].records] == ["3"]


@pytest.mark.parametrize(
    "body",
    [refusal(400, "INVALID_QUERY_LOCATOR"), refusal(404, "NOT_FOUND"), raw("", 404)],
    ids=["code", "404", "bare"],
)
def test_stale_cursor(server: Loopback, client: Client, body: bytes) -> None:
    server.on(f"{V}/query/old", body)
    with pytest.raises(SalesforceError) as caught:
        list(client.query_pages("SELECT Id FROM Lead", start=f"{V}/query/old"))
    assert caught.value.kind is ErrorClass.STALE_CURSOR


def test_more_without_a_way_to_it_is_an_error(server: Loopback, client: Client) -> None:
    server.on(f"{V}/query", reply({"done": False, "records": [{"Id": "1"}]}))
    with pytest.raises(OrgMirrorError):
        client.query("SELECT Id FROM Lead")
    server.on(f"{V}/queryAll", reply({"done": False, "records": [], "nextRecordsUrl": "/services/data/v65.0/loop"}))
    server.on(f"{V}/loop", reply({"done": False, "records": [], "nextRecordsUrl": "/services/data/v65.0/loop"}))
    with pytest.raises(OrgMirrorError):
        list(client.query_pages("SELECT Id FROM Lead"))


def test_a_long_query_travels_in_a_body(server: Loopback, client: Client) -> None:
    soql = f"SELECT {', '.join(f'Field_{n}__c' for n in range(1200))} FROM Lead"
    server.on(f"{V}/composite", composite({"queryAll": (200, {"done": True, "records": [{"Id": "1"}]}, {})}))
    assert next(client.query_pages(soql)).records == [{"Id": "1"}]
    server.on(f"{V}/composite/", refusal(404, "NOT_FOUND"))


def test_a_long_query_where_composite_is_refused_is_too_wide(server: Loopback, client: Client) -> None:
    soql = f"SELECT {', '.join(f'Field_{n}__c' for n in range(1200))} FROM Lead"
    with pytest.raises(SalesforceError) as caught:
        next(client.query_pages(soql))
    assert caught.value.kind is ErrorClass.TOO_WIDE


def test_limits_feed_the_meter(server: Loopback, client: Client) -> None:
    server.on(f"{V}/limits", reply({"DailyApiRequests": {"Max": 15000, "Remaining": 14000}}))
    server.on(f"{V}/limits/recordCount", reply({"sObjects": [{"name": "Lead", "count": 9}, {"odd": 1}]}))
    client.limits()
    assert client.meter.remaining == 14000
    assert client.record_counts(["Lead", "Task"]) == {"Lead": 9}


def test_object_and_field_refusals(server: Loopback, client: Client) -> None:
    server.on(
        f"{V}/query", each(refusal(400, "INVALID_TYPE"), refusal(400, "INVALID_FIELD"), refusal(400, "MALFORMED_QUERY"))
    )
    codes = []
    for _ in range(3):
        with pytest.raises(SalesforceError) as caught:
            client.query("SELECT X FROM Y")
        codes.append(caught.value.code)
    assert codes == [ErrorCode.OBJECT_NOT_VISIBLE, ErrorCode.FIELD_REFUSED, ErrorCode.QUERY_REFUSED]


def test_server_now(server: Loopback) -> None:
    transport = Transport(FixedAccess(Access("t", server.url)))
    server.on("/services/data", raw("[]", date="Tue, 02 Jan 2024 00:01:00 GMT"))
    now = Client(transport, version="65.0").server_now()
    assert now.strftime("%Y-%m-%d %H:%M") == "2024-01-02 00:01"
    transport.close()
