"""Another Salesforce than the demo org, on loopback: small, independent of it, and with a switch for every doubt.

    with OtherOrg(Ways(page_rows=(200, 137), composite=404)) as org:
        org.data.add("Lead", 500)
        org.fault(r"/query/", "reset", times=2)

What the reference leaves open is a field of `Ways`; what goes wrong for a while is a `fault`. One thread per
connection; state under one lock; `stop` ends all of it.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import socket
import ssl
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.helpers.other_org_data import Data, Forms, Refused, Thing, as_sent, dumps, eighteen

ORG_ID = eighteen("00D8d000009XyzA")
CLIENT_ID, CLIENT_SECRET = "client", "secret"


@dataclass(frozen=True)
class Ways:
    """How this Salesforce does what others do differently."""

    # the server
    versions: tuple[str, ...] = ("59.0", "65.0")
    date: bool = True
    clock: timedelta = timedelta(0)
    limit_info: str | None = "api-usage=18/100000"
    gzip: str = "asked"  # asked, never, always
    chunked: bool = False
    delay: float = 0.0  # seconds before each answer
    token: str = "opaque-token.of-no-known-shape"
    userinfo: bool = True
    root_identity: bool = True
    chatter: bool = True
    # describe
    last_modified: str = "all"  # all, objects, none
    gated: bool = True  # the global describe's stamp moves with every object's
    describe_fails: dict[str, int] = field(default_factory=dict)
    # composite
    composite: int = 25  # how many parts; a status from 400 refuses it
    composite_queries: int = 5
    # query
    page_rows: tuple[int, ...] = (2000,)
    next_url: str = "relative"  # relative, absolute, other-host, bare
    total_size: bool = True
    attributes: bool = True
    address_bytes: int = 16_000
    address_html: bool = False
    most_fields: int = 10_000
    count: str = "ok"  # ok, timeout, refused, slow-composite
    cursor_lives: int | None = None  # how many pages a cursor serves before it is forgotten
    too_large: dict[str, int] = field(default_factory=dict)  # object -> rows that one query may have
    lower_names: bool = False
    # bulk
    bulk: int = 200  # a status from 400 refuses it
    bulk_code: str = "NOT_FOUND"
    bulk_refuses: frozenset[str] = frozenset()
    bulk_fails: dict[str, str] = field(default_factory=dict)
    bulk_pages: tuple[int, ...] = (0,)  # rows of a page; 0 = what was asked for
    bulk_polls: int = 1
    result_pages: str | None = "resultUrl"  # None, resultUrl, resultLink, text, absolute, odd
    listing: int = 2
    not_ready: int = 204
    ready_late: int = 0  # results answer `not_ready` so often after the job is complete
    empty: str = "header"  # header, nothing, 204
    processed: str = "right"  # right, missing, off, text
    number_of_records: bool = True
    end_locator: str | None = "null"
    forms: Forms = field(default_factory=Forms)


@dataclass
class Job:
    id: str
    version: str
    thing: Thing
    names: list[str]
    rows: list[dict[str, Any]]
    polls: int = 0
    late: int = 0
    failed: str | None = None


@dataclass
class Fault:
    pattern: re.Pattern[str]
    kind: str
    times: int
    after: int
    body: bytes = b""


class OtherOrg:
    """`url` is http://127.0.0.1:PORT, or https with a server context. `calls` are "METHOD /path?query"."""

    def __init__(self, ways: Ways | None = None, seed: int = 1, context: ssl.SSLContext | None = None) -> None:
        self.ways = ways or Ways()
        self.data = Data(seed, datetime.now(UTC) + self.ways.clock)
        self.lock = threading.RLock()
        self.calls: list[str] = []
        self.bulk_pages: Counter[str] = Counter()
        self.tokens = {self.ways.token}
        self.token_count = 0
        self.closing = threading.Event()
        self._cursors: dict[str, tuple[Thing, list[str], list[dict[str, Any]], int]] = {}
        self._faults: list[Fault] = []
        self._jobs: dict[str, Job] = {}
        self._serial = 0
        self._server = _Server(("127.0.0.1", 0), self, context)
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def __enter__(self) -> OtherOrg:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.close_all()
        self._server.server_close()
        self._thread.join(5)

    def standard(self, rows: int = 60) -> None:
        """The objects that every org has, and one of its own."""
        self.data.add("Organization", 0, {"IsSandbox": ("boolean", 0, 0)}, without=("IsDeleted",))
        self.data.insert("Organization", Id=ORG_ID, Name="Other Org", IsSandbox=False)
        self.data.add("User", 3, {"Username": ("string", 0, 80), "TimeZoneSidKey": ("picklist", 0, 40)}, ("IsDeleted",))
        for name in ("Account", "Lead", "ns__Thing__c"):
            self.data.add(name, rows)

    def fault(self, pattern: str, kind: str, *, times: int = 1, after: int = 0, body: bytes = b"") -> None:
        """Let calls that match go wrong, from the one after `after` others on.

        `kind`: a status ("503"), "reset", "cut", "short" (a clean end too early), "stall", "401", "limit", "busy".
        """
        with self.lock:
            self._faults.append(Fault(re.compile(pattern), kind, times, after, body))

    def advance(self, seconds: float) -> None:
        """Time passes in the org."""
        with self.lock:
            self.data.now += timedelta(seconds=seconds)

    def truth(self, name: str) -> list[dict[str, Any]]:
        """Every row as queryAll would give it, deleted ones too."""
        thing = self.data.things[name]
        exact = Forms()
        plain = {key: kind[0] for key, kind in thing.shown.items()}
        return [
            {key: exact.moment(row[key], json=True) if isinstance(row[key], datetime) else row[key] for key in plain}
            for row in thing.rows.values()
        ]

    def types(self, name: str) -> dict[str, str]:
        return {
            key: "string" if kind[0] == "anyType" else kind[0] for key, kind in self.data.things[name].shown.items()
        }

    # answers; all under the lock

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        parts = urlsplit(target)
        path, query = parts.path.rstrip("/"), {k: v[0] for k, v in parse_qs(parts.query).items()}
        with self.lock:
            self.calls.append(f"{method} {target}")
            fault = self._fault(f"{method} {target}")
            if fault is not None and fault.kind.isdigit():
                status = int(fault.kind)
                if status == 401:
                    return refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
                return Reply(status, fault.body or b"<html>no</html>", {"Content-Type": "text/html"})
            if fault is not None and fault.kind == "limit":
                return refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
            if fault is not None and fault.kind == "busy":
                return refusal(
                    403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
                )
            try:
                reply = self._route(method, path, query, headers, body)
            except Refused as error:
                reply = refusal(error.status, error.code, error.text)
            if fault is not None:
                reply.fault = fault.kind
            return reply

    def _fault(self, call: str) -> Fault | None:
        for fault in self._faults:
            if fault.times and fault.pattern.search(call):
                if fault.after:
                    fault.after -= 1
                    continue
                fault.times -= 1
                return fault
        return None

    def _route(self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes) -> Reply:
        if path == "/services/data":
            return Reply.json([{"version": v, "url": f"/services/data/v{v}", "label": v} for v in self.ways.versions])
        if path == "/services/oauth2/token":
            return self._token(headers, body)
        if headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise Refused(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if path == "/services/oauth2/userinfo" and self.ways.userinfo:
            user = self._user()
            return Reply.json(
                {"user_id": user, "organization_id": ORG_ID, "preferred_username": "u@other.org", "name": "U"}
            )
        match = re.fullmatch(r"/services/data/v(\d+\.\d)(?:/(.*))?", path)
        if match is None:
            raise Refused(404, "NOT_FOUND", "The requested resource does not exist")
        version, rest = match[1], match[2] or ""
        if version not in self.ways.versions:
            raise Refused(404, "NOT_FOUND", "The requested resource does not exist")
        if len(path) + len(str(query.get("q", ""))) > self.ways.address_bytes:
            if self.ways.address_html:
                return Reply(414, b"<html>URI too long</html>", {"Content-Type": "text/html"})
            raise Refused(414, "URI_TOO_LONG")
        if rest == "" and self.ways.root_identity:
            return Reply.json(
                {"identity": f"https://login.example/id/{ORG_ID}/{self._user()}", "query": f"{path}/query"}
            )
        if rest == "chatter/users/me" and self.ways.chatter:
            return Reply.json({"id": self._user()})
        if rest == "sobjects":
            return self._global(headers)
        if found := re.fullmatch(r"sobjects/(\w+)/describe", rest):
            return self._describe(found[1], headers.get("if-modified-since"))
        if found := re.fullmatch(r"(query|queryAll)(?:/([\w-]+))?", rest):
            if found[2]:
                return Reply.json(self._more(version, found[2]))
            return Reply.json(self._query(version, query["q"], found[1] == "queryAll"))
        if rest == "composite" and method == "POST":
            return self._composite(json.loads(body))
        if rest == "limits":
            return Reply.json({"DailyApiRequests": {"Max": 100_000, "Remaining": 99_000}})
        if rest.startswith("jobs/query"):
            return self._bulk(method, version, rest.removeprefix("jobs/query").strip("/"), query, body)
        raise Refused(404, "NOT_FOUND", "The requested resource does not exist")

    def _user(self) -> str:
        users = self.data.things.get("User")
        return next(iter(users.rows)) if users and users.rows else eighteen("0058d00000AbCdE")

    def _token(self, headers: dict[str, str], body: bytes) -> Reply:
        form = parse_qs(body.decode())
        if form.get("grant_type") != ["client_credentials"]:
            return Reply.json({"error": "unsupported_grant_type"}, 400)
        if "authorization" not in headers and form.get("client_secret") != [CLIENT_SECRET]:
            return Reply.json({"error": "invalid_client"}, 400)
        self.token_count += 1
        token = f"{self.ways.token}.{self.token_count}"
        self.tokens.add(token)
        return Reply.json({"access_token": token, "instance_url": self.url, "token_type": "Bearer"})

    # describe

    def _global(self, headers: dict[str, str]) -> Reply:
        things = [t for t in self.data.things.values() if t.visible]
        stamp = max((t.modified for t in self.data.things.values() if t.modified), default=self.data.now)
        since = headers.get("if-modified-since")
        told = self.ways.last_modified == "all"
        if told and since and (not self.ways.gated or _moment(since) >= stamp):
            return Reply(304)
        raw = {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [self._head(t) for t in things]}
        return Reply.json(raw, headers={"Last-Modified": _http(stamp)} if told else {})

    def _head(self, thing: Thing) -> dict[str, Any]:
        return {
            "name": thing.name, "label": thing.name, "labelPlural": thing.name + "s", "queryable": True,
            "custom": thing.name.endswith("__c"), "customSetting": False, **thing.flags,
        }  # fmt: skip

    def _describe(self, name: str, since: str | None) -> Reply:
        thing = next((t for t in self.data.things.values() if t.name.lower() == name.lower() and t.visible), None)
        status = self.ways.describe_fails.get(name)
        if status == 500:
            return Reply.json([{"errorCode": "UNKNOWN_EXCEPTION", "message": "An unexpected error occurred."}], 500)
        if status is not None or thing is None:
            raise Refused(status or 404, "NOT_FOUND" if (status or 404) == 404 else "FORBIDDEN")
        assert thing.modified is not None
        told = self.ways.last_modified != "none"
        if told and since and _moment(since) >= thing.modified:
            return Reply(304)
        fields = [
            {
                "name": key, "label": key, "type": kind, "precision": precision, "length": length, "scale": 2,
                "nameField": key == "Name", "filterable": kind != "textarea", "nillable": True,
            }
            for key, (kind, precision, length) in thing.shown.items()
        ]  # fmt: skip
        return Reply.json(
            {**self._head(thing), "fields": fields}, headers={"Last-Modified": _http(thing.modified)} if told else {}
        )

    # composite

    def _composite(self, body: dict[str, Any]) -> Reply:
        parts = body["compositeRequest"]
        if self.ways.composite >= 400:
            code = {404: "NOT_FOUND", 403: "API_DISABLED_FOR_APP", 400: "INVALID_INPUT"}[self.ways.composite]
            raise Refused(self.ways.composite, code)
        queries = sum("/query" in part["url"] for part in parts)
        if len(parts) > self.ways.composite or queries > self.ways.composite_queries:
            raise Refused(400, "INVALID_INPUT", "The number of subrequests exceeds the limit")
        if self.ways.count == "slow-composite" and any("COUNT" in part["url"] for part in parts):
            return Reply(503, b"<html>busy</html>", {"Content-Type": "text/html"})
        answers = []
        for part in parts:
            target = urlsplit(part["url"])
            found = {k: v[0] for k, v in parse_qs(target.query).items()}
            headers = {k.lower(): v for k, v in part.get("httpHeaders", {}).items()}
            headers["authorization"] = f"Bearer {next(iter(self.tokens))}"
            try:
                if len(found.get("q", "")) > 2 * self.ways.address_bytes:
                    raise Refused(414, "URI_TOO_LONG")
                reply = (
                    self._route("GET", target.path.rstrip("/"), {**found, "q": found.get("q", "")[:0]}, headers, b"")
                    if "q" not in found
                    else Reply.json(
                        self._query(target.path.split("/v")[1].split("/")[0], found["q"], "queryAll" in target.path)
                    )
                )
            except Refused as error:
                reply = refusal(error.status, error.code, error.text)
            answers.append(
                {
                    "body": json.loads(reply.body, parse_float=as_sent) if reply.body else None,
                    "httpHeaders": reply.headers,
                    "httpStatusCode": reply.status,
                    "referenceId": part["referenceId"],
                }
            )
        return Reply.json({"compositeResponse": answers})

    # query

    def _query(self, version: str, soql: str, deleted: bool) -> dict[str, Any]:
        counting = "COUNT(" in soql.upper()
        if counting and self.ways.count in ("timeout", "refused"):
            code = "QUERY_TIMEOUT" if self.ways.count == "timeout" else "MALFORMED_QUERY"
            raise Refused(400, code, "Your query request was running for too long.")
        thing, names, rows = self.data.select(soql, deleted=deleted)
        if counting:
            return {"totalSize": len(rows), "done": True, "records": []} if "()" in soql else {
                "totalSize": 1, "done": True,
                "records": [{"attributes": {"type": "AggregateResult"}, "expr0": len(rows)}],
            }  # fmt: skip
        if len(names) > self.ways.most_fields:
            raise Refused(400, "QUERY_TOO_COMPLICATED", "QUERY_TOO_COMPLICATED")
        if len(rows) > self.ways.too_large.get(thing.name, 10**9):
            raise Refused(400, "OPERATION_TOO_LARGE", "exceeded 100000 distinct who/what's")
        self._serial += 1
        key = f"0r8{self._serial:015d}"
        self._cursors[key] = (thing, names, [dict(row) for row in rows], self.ways.cursor_lives or 10**9)
        return self._page(version, key, 0, 0)

    def _more(self, version: str, locator: str) -> dict[str, Any]:
        key, _, start = locator.rpartition("-")
        if key not in self._cursors or self._cursors[key][3] <= 0:
            raise Refused(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        thing, names, rows, lives = self._cursors[key]
        self._cursors[key] = (thing, names, rows, lives - 1)
        return self._page(version, key, int(start), int(start))

    def _page(self, version: str, key: str, start: int, salt: int) -> dict[str, Any]:
        thing, names, rows, _ = self._cursors[key]
        sizes = self.ways.page_rows
        size = sizes[(salt + len(rows)) % len(sizes)]
        page: dict[str, Any] = {"done": start + size >= len(rows)}
        if self.ways.total_size:
            page["totalSize"] = len(rows)
        if not page["done"]:
            path = f"/services/data/v{version}/query/{key}-{start + size}"
            page["nextRecordsUrl"] = {
                "relative": path, "absolute": self.url + path, "bare": path[1:],
                "other-host": f"https://na1.other.example{path}",
            }[self.ways.next_url]  # fmt: skip
        page["records"] = [self._record(version, thing, names, row) for row in rows[start : start + size]]
        return page

    def _record(self, version: str, thing: Thing, names: list[str], row: dict[str, Any]) -> dict[str, Any]:
        forms = self.ways.forms
        record: dict[str, Any] = {}
        if self.ways.attributes:
            url = f"/services/data/v{version}/sobjects/{thing.name}/{row['Id']}"
            record["attributes"] = {"type": thing.name, "url": url}
        for name in names:
            shown = name.lower() if self.ways.lower_names and name not in ("Id", "IsDeleted") else name
            record[shown] = forms.of_json(thing.fields[name][0], row[name])
        return record

    # bulk

    def _bulk(self, method: str, version: str, rest: str, query: dict[str, str], body: bytes) -> Reply:
        ways = self.ways
        if ways.bulk >= 400:
            raise Refused(ways.bulk, ways.bulk_code)
        if method == "POST":
            asked = json.loads(body)
            thing, names, rows = self.data.select(asked["query"], deleted=asked["operation"] == "queryAll")
            if thing.name in ways.bulk_refuses:
                raise Refused(400, "INVALIDENTITY", f"Entity '{thing.name}' is not supported by the Bulk API.")
            self._serial += 1
            job = Job(eighteen(f"750{self._serial:012d}"), version, thing, names, [dict(row) for row in rows])
            job.failed = ways.bulk_fails.get(thing.name)
            if any(thing.fields[name][0] in ("location", "address", "base64") for name in names):
                job.failed = "FUNCTIONALITY_NOT_ENABLED: Selecting compound data not supported in Bulk Query"
            self._jobs[job.id] = job
            return Reply.json(self._job(job))
        job_id, _, what = rest.partition("/")
        found = self._jobs.get(job_id)
        if found is None:
            raise Refused(404, "NOT_FOUND", "The requested resource does not exist")
        if version != found.version:
            raise Refused(409, "API_VERSION_MISMATCH")
        if method == "DELETE":
            del self._jobs[job_id]
            return Reply(204)
        if method == "PATCH":
            return Reply.json(self._job(found))
        if not what:
            found.polls += 1
            return Reply.json(self._job(found))
        if found.polls <= ways.bulk_polls or found.late < ways.ready_late:
            found.late += 1
            return Reply(ways.not_ready)
        return self._listing(found, query) if what == "resultPages" else self._results(found, query)

    def vanish(self) -> None:
        """Every job is gone."""
        with self.lock:
            self._jobs.clear()

    def _job(self, job: Job) -> dict[str, Any]:
        over = job.polls > self.ways.bulk_polls
        state = (
            ("Failed" if job.failed else "JobComplete") if over else ("InProgress" if job.polls else "UploadComplete")
        )
        raw: dict[str, Any] = {"id": job.id, "operation": "queryAll", "object": job.thing.name, "state": state}
        count = len(job.rows)
        shown = {"right": count, "off": count + 1, "text": str(count)}.get(self.ways.processed)
        if shown is not None and over:
            raw["numberRecordsProcessed"] = shown
        if over and job.failed:
            raw["errorMessage"] = job.failed
        return raw

    def _starts(self, job: Job, asked: int) -> list[tuple[int, int]]:
        starts, at, number = [], 0, 0
        while at < len(job.rows) or not starts:
            size = self.ways.bulk_pages[number % len(self.ways.bulk_pages)] or asked
            starts.append((at, size))
            at, number = at + size, number + 1
        return starts

    def _listing(self, job: Job, query: dict[str, str]) -> Reply:
        if self.ways.result_pages is None or float(job.version) < 58:
            raise Refused(404, "NOT_FOUND", "The requested resource does not exist")
        starts = self._starts(job, 300)
        first = int(query.get("locator", "0"))
        base = f"/services/data/v{job.version}/jobs/query/{job.id}"
        items: list[Any] = []
        for at, size in starts[first : first + self.ways.listing]:
            link = f"{base}/results?locator={at}.{size}&maxRecords={size}"
            items.append(
                {
                    "resultUrl": {"resultUrl": link}, "resultLink": {"resultLink": link}, "text": link,
                    "absolute": {"resultUrl": self.url + link}, "odd": {"href": link},
                }[self.ways.result_pages]
            )  # fmt: skip
        done = first + self.ways.listing >= len(starts)
        raw: dict[str, Any] = {"resultPages": items, "done": done}
        if not done:
            raw["nextRecordsUrl"] = f"{base}/resultPages?locator={first + self.ways.listing}"
        return Reply.json(raw)

    def _results(self, job: Job, query: dict[str, str]) -> Reply:
        ways = self.ways
        asked = int(query.get("maxRecords", "5000"))
        at, _, size_text = query.get("locator", "0").partition(".")
        start = int(at)
        self.bulk_pages[f"{job.id} {start}"] += 1
        size = (
            int(size_text)
            if size_text
            else next((size for begin, size in self._starts(job, asked) if begin == start), asked)
        )
        if not job.rows and ways.empty == "204":
            return Reply(204)
        names = sorted(job.names) if ways.forms.csv_shuffled else job.names
        rows = job.rows[start : start + size]
        lines = [[ways.forms.of_csv(job.thing.fields[name][0], row[name]) for name in names] for row in rows]
        body = b"" if not job.rows and ways.empty == "nothing" else ways.forms.csv(names, lines)
        headers = {"Content-Type": "text/csv; charset=UTF-8"}
        if ways.number_of_records:
            headers["Sforce-NumberOfRecords"] = str(len(rows))
        more = str(start + size) if start + size < len(job.rows) else ways.end_locator
        if more is not None:
            headers["Sforce-Locator"] = more
        return Reply(200, body, headers)


@dataclass
class Reply:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    fault: str | None = None

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
        return cls(status, dumps(value), {"Content-Type": "application/json;charset=UTF-8", **(headers or {})})


def refusal(status: int, code: str, text: str = "no") -> Reply:
    return Reply.json([{"errorCode": code, "message": text}], status)


def _http(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _moment(text: str) -> datetime:
    return parsedate_to_datetime(text)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], org: OtherOrg, context: ssl.SSLContext | None) -> None:
        super().__init__(address, _Handler)
        self.org = org
        self._open: set[socket.socket] = set()
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def close_all(self) -> None:
        for sock in list(self._open):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """The calls are remembered by the org."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {key.lower(): value for key, value in self.headers.items()}
        org = self.server.org
        if org.ways.delay:
            org.closing.wait(org.ways.delay)
        try:
            reply = org.answer(self.command, self.path, headers, body)
        except Exception as error:  # what our own server gets wrong must be seen by the test
            org.calls.append(f"BUG {self.path}: {error!r}")
            reply = refusal(400, "SERVER_BUG", repr(error))
        if reply.fault == "stall":
            org.closing.wait(30)
            self.close_connection = True
            return
        if reply.fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            self.close_connection = True
            self.connection.close()
            return
        self._send(org, reply, "gzip" in headers.get("accept-encoding", ""))

    do_GET = do_POST = do_PATCH = do_DELETE = _serve

    def _send(self, org: OtherOrg, reply: Reply, gzip_asked: bool) -> None:
        ways = org.ways
        content = reply.body
        whole = len(content)
        if reply.fault == "short":
            content = content[: whole // 2]
            whole = len(content)
        zipped = content and (ways.gzip == "always" or (ways.gzip == "asked" and gzip_asked and len(content) > 500))
        if zipped:
            content = gzip.compress(content, 1)
            whole = len(content)
        self.send_response_only(reply.status)
        if ways.date:
            self.send_header("Date", _http(org.data.now))
        if ways.limit_info:
            self.send_header("Sforce-Limit-Info", ways.limit_info)
        for key, value in reply.headers.items():
            self.send_header(key, value)
        if zipped:
            self.send_header("Content-Encoding", "gzip")
        chunked = ways.chunked and reply.status not in (204, 304)
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif reply.status not in (204, 304):
            self.send_header("Content-Length", str(whole))
        self.end_headers()
        if reply.fault == "cut":
            content = content[: len(content) // 2]
            self.close_connection = True
        if chunked:
            for start in range(0, len(content), 700):
                piece = content[start : start + 700]
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            if reply.fault != "cut":
                self.wfile.write(b"0\r\n\r\n")
        else:
            self.wfile.write(content)
        self.wfile.flush()
