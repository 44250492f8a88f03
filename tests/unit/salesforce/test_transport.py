"""The transport's promises: who gets the token, what is repeated, what is not, and what each failure is called."""

from __future__ import annotations

import gzip
import socket
import threading
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import pytest

from core.model.errors import ErrorCode, OrgMirrorError
from core.salesforce.access import Access
from core.salesforce.errors import ErrorClass, SalesforceError
from core.salesforce.network import Network
from core.salesforce.transport import NO_RETRY, RetryPolicy, ServerClock, Transport
from tests.helpers.loopback import Loopback, answer, each, raw, refusal, reply


class Renewing:
    """Hands out first, then second."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.stale: list[str] = []

    def session(self, cancel: object = None) -> Access:
        return Access("second" if self.stale else "first", self.url)

    def renew(self, stale_token: str, cancel: object = None) -> Access:
        self.stale.append(stale_token)
        return self.session()


def test_bearer_meter_and_exact_numbers(server: Loopback, transport: Transport) -> None:
    server.on(
        "/x",
        raw(
            '{"a": 12345678901234567.89, "b": 123456789012345678}',
            headers={"Sforce-Limit-Info": "api-usage=18/5000; per-app-api-usage=17/250(appName=x)"},
        ),
    )
    value = transport.get_json("/x")
    assert value == {"a": Decimal("12345678901234567.89"), "b": 123456789012345678}
    assert server.requests[0].headers["authorization"] == "Bearer 00Dxx!first"
    usage = transport.meter.usage
    assert (usage.used, usage.limit, usage.own_calls, usage.app_used, usage.app_limit) == (18, 5000, 1, 17, 250)


def test_netrc_and_environment_never_touch_a_request(
    server: Loopback, transport: Transport, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    server.on("/x", reply({}))
    transport.get_json("/x")
    assert server.requests[0].headers["authorization"] == "Bearer 00Dxx!first"


def test_nul_characters_are_dropped_and_backslashes_are_not(server: Loopback, transport: Transport) -> None:
    server.on("/x", raw(r'["a\u0000\u0000b", "c\\u0000", "d\\\u0000e"]'))
    assert transport.get_json("/x") == ["ab", "c\\u0000", "d\\e"]


def test_401_renews_once_and_resends_the_same_request(server: Loopback) -> None:
    tokens = Renewing(server.url)
    transport = Transport(tokens)
    server.on("/x", each(refusal(401, "INVALID_SESSION_ID"), answer({"ok": True})))
    result = transport.request(
        "PATCH", "/x", json={"LastName": "A"}, headers={"If-Unmodified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"}
    )
    assert result.json() == {"ok": True}
    first, second = server.requests
    assert first.headers["authorization"] == "Bearer first"
    assert second.headers["authorization"] == "Bearer second"
    assert second.headers["if-unmodified-since"] == first.headers["if-unmodified-since"]
    assert second.body == first.body == b'{"LastName": "A"}'
    assert tokens.stale == ["first"]
    transport.close()


def test_second_401_asks_the_person(server: Loopback) -> None:
    tokens = Renewing(server.url)
    transport = Transport(tokens)
    server.on("/x", refusal(401, "INVALID_SESSION_ID"))
    with pytest.raises(OrgMirrorError) as caught:
        transport.get_json("/x")
    assert caught.value.code is ErrorCode.SIGN_IN_NEEDED
    assert len(server.requests) == 2
    transport.close()


@pytest.mark.parametrize(
    "body",
    [
        raw("<html>login</html>", 401, "text/html"),
        raw("Bad_OAuth_Token", 403, "text/plain"),
        answer({"exceptionCode": "InvalidSessionId", "exceptionMessage": "x"}, 400),
        raw("", 401),
    ],
    ids=["html", "word", "bulk1", "empty"],
)
def test_every_form_of_an_ended_session_renews(server: Loopback, body: bytes) -> None:
    tokens = Renewing(server.url)
    transport = Transport(tokens)
    server.on("/x", each(body, answer([])))
    assert transport.get_json("/x") == []
    assert tokens.stale == ["first"]
    transport.close()


def test_the_token_goes_to_no_other_host(server: Loopback, transport: Transport) -> None:
    with Loopback() as other:
        other.on("/x", reply({}))
        with pytest.raises(OrgMirrorError) as caught:
            transport.get_json(f"{other.url}/x")
        assert caught.value.code is ErrorCode.BAD_URL
        assert other.requests == []


def test_https_of_a_library_becomes_http_for_a_loopback_org_only(server: Loopback, transport: Transport) -> None:
    server.on("/x", reply({"ok": 1}))
    assert transport.get_json(server.url.replace("http:", "https:") + "/x") == {"ok": 1}
    with pytest.raises(OrgMirrorError) as caught:
        transport.resolve("http://example.com/x?secret=1", None)
    assert caught.value.code is ErrorCode.NOT_HTTPS
    assert "secret" not in str(caught.value.params)


@pytest.mark.parametrize("status", [420, 429, 500, 502, 503, 504])
def test_reads_are_repeated(server: Loopback, transport: Transport, pauses: list[float], status: int) -> None:
    server.on("/x", each(raw("<html>busy</html>", status, "text/html"), answer({"ok": 1})))
    assert transport.get_json("/x") == {"ok": 1}
    assert len(pauses) == 1


def test_writes_are_never_repeated(server: Loopback, transport: Transport, pauses: list[float]) -> None:
    server.on("/x", raw("", 503))
    with pytest.raises(SalesforceError) as caught:
        transport.post_json("/x", {})
    assert caught.value.code is ErrorCode.SERVER_ERROR
    assert len(server.requests) == 1
    assert pauses == []
    server.on("/cut", server.cut(b""))
    with pytest.raises(OrgMirrorError) as lost:
        transport.post_json("/cut", {})
    assert lost.value.code is ErrorCode.CANNOT_CONNECT
    assert server.paths().count("POST /cut") == 1


def test_pauses_grow_and_end(server: Loopback, transport: Transport, pauses: list[float]) -> None:
    server.on("/x", raw("", 503))
    with pytest.raises(SalesforceError):
        transport.get_json("/x")
    assert len(server.requests) == 5
    assert all(later > earlier for earlier, later in pairwise(pauses))


def test_retry_after_is_honoured_in_both_forms(server: Loopback, transport: Transport, pauses: list[float]) -> None:
    now = "Mon, 01 Jan 2024 00:00:00 GMT"
    later = "Mon, 01 Jan 2024 00:00:40 GMT"
    server.on(
        "/x",
        each(
            raw("", 503, headers={"Retry-After": "7"}),
            raw("", 503, headers={"Retry-After": later}, date=now),
            answer([]),
        ),
    )
    transport.get_json("/x")
    assert pauses == [7.0, 40.0]


def test_a_pause_too_long_is_left_to_the_next_cycle(
    server: Loopback, transport: Transport, pauses: list[float]
) -> None:
    server.on("/x", raw("", 503, headers={"Retry-After": "7200"}))
    with pytest.raises(SalesforceError) as caught:
        transport.get_json("/x")
    assert caught.value.retry_after == 7200
    assert pauses == []


def test_daily_limit_is_told_apart_from_too_many_at_once(
    server: Loopback, transport: Transport, pauses: list[float]
) -> None:
    server.on("/day", refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
    with pytest.raises(SalesforceError) as caught:
        transport.get_json("/day")
    assert caught.value.code is ErrorCode.API_LIMIT
    assert pauses == []
    busy = refusal(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
    server.on("/busy", each(busy, answer([1])))
    assert transport.get_json("/busy") == [1]
    assert pauses[0] >= 20


@pytest.mark.parametrize("kind", ["length", "chunked", "json", "gzip"])
def test_truncated_reads_are_repeated(server: Loopback, transport: Transport, kind: str) -> None:
    whole = answer({"ok": list(range(100))})
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    broken = {
        "length": whole[:-20],
        "chunked": head + b'Transfer-Encoding: chunked\r\n\r\n40\r\n{"ok": [',
        "json": head + b'Connection: close\r\n\r\n{"ok": [1, 2, {}',
        "gzip": head + b"Content-Encoding: gzip\r\nContent-Length: 40\r\n\r\n" + gzip.compress(whole)[:40],
    }[kind]
    server.on("/x", each(server.cut(broken), whole))
    assert transport.get_json("/x") == {"ok": list(range(100))}
    assert len(server.requests) == 2


def test_an_answer_that_is_not_salesforce(server: Loopback, transport: Transport) -> None:
    server.on("/portal", raw("<html>Welcome to the hotel</html>", 200, "text/html"))
    server.on("/moved", raw("", 302, headers={"Location": "https://login.example/?x"}))
    for path in ("/portal", "/moved"):
        with pytest.raises(OrgMirrorError) as caught:
            transport.get_json(path)
        assert caught.value.code is ErrorCode.NOT_SALESFORCE


def test_names_of_network_failures(server: Loopback) -> None:
    def code(transport: Transport, url: str) -> ErrorCode:
        with pytest.raises(OrgMirrorError) as caught:
            transport.get_json(url)
        transport.close()
        return caught.value.code

    with Loopback() as gone:
        pass
    assert code(Transport(retry=NO_RETRY), gone.url) is ErrorCode.CANNOT_CONNECT
    server.on("/stall", server.stall())
    assert code(Transport(retry=NO_RETRY, network=Network(read_seconds=0.2)), server.url + "/stall") is (
        ErrorCode.TIMED_OUT
    )
    assert code(Transport(retry=NO_RETRY), "ftp://127.0.0.1/") is ErrorCode.BAD_URL
    proxied = Transport(retry=NO_RETRY, network=Network(proxy=gone.url))
    assert code(proxied, "https://my.example.com/") is ErrorCode.CANNOT_CONNECT


def test_a_server_without_tls(server: Loopback) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.recv(100)
                sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        transport = Transport(retry=NO_RETRY)
        with pytest.raises(OrgMirrorError) as caught:
            transport.get_json(f"https://127.0.0.1:{listener.getsockname()[1]}/x")
        assert caught.value.code is ErrorCode.CANNOT_CONNECT
        assert caught.value.params["reason"] == "tls"
        thread.join(5)
        transport.close()


def test_unknown_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    transport = Transport(retry=RetryPolicy(attempts=2), sleep=lambda _: None)
    with pytest.raises(OrgMirrorError) as caught:
        transport.get_json("https://nowhere.my.salesforce.com/x?q=secret")
    assert caught.value.code is ErrorCode.UNKNOWN_HOST
    assert caught.value.params == {"host": "nowhere.my.salesforce.com"}
    transport.close()


def test_errors_say_nothing_of_contents(server: Loopback, transport: Transport) -> None:
    server.on("/x", refusal(400, "INVALID_FIELD", "SELECT Secret__c FROM Lead", fields=["Secret__c"]))
    with pytest.raises(SalesforceError) as caught:
        transport.get_json("/x?q=abc")
    assert caught.value.kind is ErrorClass.SCHEMA
    assert caught.value.fields == ("Secret__c",)
    assert "Secret__c" not in str(caught.value)


def test_server_clock_ignores_the_computers_clock() -> None:
    ticks = [100.0]
    clock = ServerClock(lambda: ticks[0])
    assert clock.now() is None
    clock.read("Mon, 01 Jan 2024 00:00:00 GMT")
    ticks[0] = 107.5
    assert clock.now() == datetime(2024, 1, 1, 0, 0, 7, 500_000, tzinfo=UTC)
    clock.read("not a date")
    assert clock.now() == datetime(2024, 1, 1, 0, 0, 7, 500_000, tzinfo=UTC)


def test_a_busy_org_is_asked_again_after_half_a_minute_to_two(server: Loopback) -> None:
    busy = refusal(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
    server.on("/busy", each(busy, busy, busy, answer([1])))
    pauses: list[float] = []
    transport = Transport(sleep=pauses.append)
    assert transport.get_json(server.url + "/busy") == [1]
    assert len(pauses) == 3
    assert all(30 <= pause <= 120 for pause in pauses)


def test_a_query_that_stalls_is_not_asked_five_times(server: Loopback) -> None:
    server.on("/stall", server.stall())
    transport = Transport(network=Network(read_seconds=0.1), sleep=lambda _seconds: None)
    with pytest.raises(OrgMirrorError) as caught:
        transport.get_json(server.url + "/stall")
    assert caught.value.code is ErrorCode.TIMED_OUT
    assert server.paths() == ["GET /stall"] * 2
