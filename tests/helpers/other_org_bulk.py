"""Bulk query jobs of `OtherOrg`. Everything here runs under the org's lock."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.helpers.other_org_data import Refused, Thing, eighteen
from tests.helpers.other_org_query import State
from tests.helpers.other_org_wire import Reply


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


class Bulk(State):
    """The half of `OtherOrg` that works in jobs."""

    bulk_pages: Counter[str]
    _jobs: dict[str, Job]

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
