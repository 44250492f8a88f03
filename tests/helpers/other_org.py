"""Another Salesforce than the demo org, on loopback: small, independent of it, and with a switch for every doubt.

    with OtherOrg(Ways(page_rows=(200, 137), composite=404)) as org:
        org.data.add("Lead", 500)
        org.fault(r"/query/", "reset", times=2)

What the reference leaves open is a field of `Ways`; what goes wrong for a while is a `fault`. One thread per
connection; state under one lock; `stop` ends all of it. Queries, bulk jobs and the wire have modules of their own.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.helpers.other_org_bulk import Bulk, Job
from tests.helpers.other_org_data import Data, Forms, Refused, Thing, eighteen
from tests.helpers.other_org_query import Queries
from tests.helpers.other_org_ways import Fault, Ways
from tests.helpers.other_org_wire import Reply, Server, refusal

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "ORG_ID", "Fault", "OtherOrg", "Ways"]

ORG_ID = eighteen("00D8d000009XyzA")
CLIENT_ID, CLIENT_SECRET = "client", "secret"


class OtherOrg(Queries, Bulk):
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
        self._until = 0
        self._act: Callable[[], None] = lambda: None
        self._server = Server(("127.0.0.1", 0), self, context)
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

    def at_call(self, nth: int, act: Callable[[], None]) -> None:
        """Do something when the nth call from now on comes, before it is answered."""
        with self.lock:
            self._until, self._act = nth, act

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
            for row in self.data.seen(name)
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
            self._until -= 1
            if self._until == 0:
                self._act()
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
        if self.ways.replication and (found := re.fullmatch(r"sobjects/(\w+)/(deleted|updated)", rest)):
            return Reply.json(self._replicated(found[1], found[2], query))
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
