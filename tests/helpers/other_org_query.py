"""Describes, composite calls and REST queries of `OtherOrg`. Everything here runs under the org's lock."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.helpers.other_org_data import Data, Refused, Thing, as_sent
from tests.helpers.other_org_ways import Ways
from tests.helpers.other_org_wire import Reply, http_date, moment, refusal


class State:
    """What the parts of `OtherOrg` share; all of it is used under the lock."""

    ways: Ways
    data: Data
    url: str
    tokens: set[str]
    lock: threading.RLock
    _serial: int
    _cursors: dict[str, tuple[Thing, list[str], list[dict[str, Any]], int]]

    def _route(self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes) -> Reply:
        raise NotImplementedError


class Queries(State):
    """The half of `OtherOrg` that answers within one request."""

    # describe

    def _global(self, headers: dict[str, str]) -> Reply:
        things = [t for t in self.data.things.values() if t.visible]
        stamp = max((t.modified for t in self.data.things.values() if t.modified), default=self.data.now)
        since = headers.get("if-modified-since")
        told = self.ways.last_modified == "all"
        if told and since and (not self.ways.gated or moment(since) >= stamp):
            return Reply(304)
        raw = {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [self._head(t) for t in things]}
        return Reply.json(raw, headers={"Last-Modified": http_date(stamp)} if told else {})

    def _head(self, thing: Thing) -> dict[str, Any]:
        return {
            "name": thing.name, "label": thing.name, "labelPlural": thing.name + "s", "queryable": True,
            "custom": thing.name.endswith("__c"), "customSetting": False, "replicateable": self.ways.replication,
            **thing.flags,
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
        if told and since and moment(since) >= thing.modified:
            return Reply(304)
        fields = [
            {
                "name": key, "label": key, "type": kind, "precision": precision, "length": length, "scale": 2,
                "nameField": key == "Name", "filterable": kind != "textarea", "nillable": True,
                "referenceTo": [thing.targets[key]] if key in thing.targets else [],
            }
            for key, (kind, precision, length) in thing.shown.items()
        ]  # fmt: skip
        return Reply.json(
            {**self._head(thing), "fields": fields},
            headers={"Last-Modified": http_date(thing.modified)} if told else {},
        )

    def _replicated(self, name: str, what: str, query: dict[str, str]) -> dict[str, Any]:
        """What was deleted or changed in a window, as getDeleted and getUpdated tell it."""
        thing = next((t for t in self.data.things.values() if t.name.lower() == name.lower() and t.visible), None)
        if thing is None:
            raise Refused(404, "NOT_FOUND")
        start, end = (datetime.fromisoformat(query[key]) for key in ("start", "end"))
        covered = self.ways.forms.moment(self.data.now, json=True)
        if what == "updated":
            return {"ids": [], "latestDateCovered": covered}
        gone = {key: at for key, at in thing.purged.items() if start <= at <= end}
        for row in self.data.seen(thing.name):
            if row.get("IsDeleted") and start <= row["SystemModstamp"] <= end:
                gone[row["Id"]] = row["SystemModstamp"]
        records = [{"id": key, "deletedDate": self.ways.forms.moment(at, json=True)} for key, at in gone.items()]
        early = self.ways.forms.moment(datetime(2001, 1, 1, tzinfo=UTC), json=True)
        return {"deletedRecords": records, "earliestDateAvailable": early, "latestDateCovered": covered}

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
