"""Bulk API 2.0 query jobs over HTTP. States and results are those of core.demo.bulk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.demo.bulk import FIRST_PAGES_VERSION, FIRST_VERSION, Job
from core.demo.errors import OrgError, not_found
from core.demo.http.call import Answer, Call
from core.demo.http.replication import stamp
from core.demo.http.router import Route

_LIST_PAGE = 1000


def create(call: Call) -> Answer:
    """A new query job."""
    _check_version(call)
    assert call.session is not None
    job = call.site.bulk.create(call.session.user_id, call.json_object(), call.version)
    call.site.meter.count_job()
    payload = _summary(job)
    payload["state"] = "UploadComplete"
    return Answer(payload=payload)


def list_jobs(call: Call) -> Answer:
    """Every job of the org."""
    _check_version(call)
    jobs = call.site.bulk.all()
    kind = call.query.get("jobType")
    if kind and kind != "V2Query":
        jobs = []
    start = call.integer("queryLocator", 0)
    records = [{**_summary(job), "state": call.site.bulk.state(job), "jobType": "V2Query"} for job in jobs]
    page = records[start : start + _LIST_PAGE]
    done = start + len(page) >= len(records)
    following = None if done else f"{call.base}/jobs/query?queryLocator={start + len(page)}"
    return Answer(payload={"done": done, "nextRecordsUrl": following, "records": page})


def info(call: Call) -> Answer:
    """State and progress of one job."""
    _check_version(call)
    return Answer(payload=_details(call, call.site.bulk.get(call.params["id"])))


def change(call: Call) -> Answer:
    """Abort a job; the only change there is."""
    _check_version(call)
    job = call.site.bulk.get(call.params["id"])
    state = call.json_object().get("state")
    if state != "Aborted":
        raise OrgError("INVALIDJOBSTATE", f"The state of a query job cannot be set to {state}")
    call.site.bulk.abort(job)
    return Answer(payload=_details(call, job))


def delete(call: Call) -> Answer:
    """Remove a job that has ended: 204."""
    _check_version(call)
    call.site.bulk.delete(call.site.bulk.get(call.params["id"]))
    return Answer(204)


def results(call: Call) -> Answer:
    """One page of CSV."""
    job = _readable(call)
    early = _not_ready(call, job)
    if early is not None:
        return early
    most = call.integer("maxRecords", 0) if call.query.get("maxRecords") else None
    if most is not None and most < 1:
        raise OrgError("API_ERROR", f"maxRecords has to be a positive number: {most}")
    gzip = call.site.behaviour.gzip and "gzip" in call.headers.get("accept-encoding", "").lower()
    page = call.site.bulk.page(job, call.query.get("locator") or None, most, gzip=gzip)
    headers = {
        "Content-Type": "text/csv",
        "Sforce-Locator": page.locator,
        "Sforce-NumberOfRecords": str(page.rows),
    }
    return Answer(200, chunks=page.chunks, headers=headers, gzipped=page.gzipped)


def result_pages(call: Call) -> Answer:
    """Links to up to five pages that can be fetched side by side, and a link to the next five."""
    if call.api_version < FIRST_PAGES_VERSION:
        raise not_found()
    job = _readable(call)
    early = _not_ready(call, job)
    if early is not None:
        return early
    locators, following = call.site.bulk.pages(job, call.query.get("locator") or None)
    base = f"{call.base}/jobs/query/{job.id}"
    payload: dict[str, Any] = {
        "resultPages": [{"resultUrl": f"{base}/results?locator={locator}"} for locator in locators],
        "done": following is None,
    }
    if following is not None:
        payload[call.site.behaviour.bulk_next_name] = f"{base}/resultPages?locator={following}"
    return Answer(payload=payload)


def _readable(call: Call) -> Job:
    """The job, if this user made it with this version of the API."""
    _check_version(call)
    assert call.session is not None
    job = call.site.bulk.get(call.params["id"])
    if job.created_by != call.session.user_id:
        raise not_found()
    if job.version != call.version:
        raise OrgError(
            "API_ERROR",
            f"The query job was created with API version {job.version}; its results have to be read with the same",
            409,
        )
    return job


def _not_ready(call: Call, job: Job) -> Answer | None:
    state = call.site.bulk.state(job)
    if state == "JobComplete":
        return None
    if state in ("Failed", "Aborted"):
        raise OrgError("INVALIDJOBSTATE", f"The job has no results: its state is {state}")
    if call.site.behaviour.bulk_not_ready == 204:
        return Answer(204)
    raise OrgError("JOB_NOT_COMPLETE", "Job not complete", 412)


def _check_version(call: Call) -> None:
    if call.api_version < FIRST_VERSION:
        raise not_found()


def _summary(job: Job) -> dict[str, Any]:
    created = stamp(datetime.fromisoformat(job.created))
    return {
        "id": job.id,
        "operation": job.operation,
        "object": job.object_name,
        "createdById": job.created_by,
        "createdDate": created,
        "systemModstamp": created,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(job.version),
        "lineEnding": job.line_ending,
        "columnDelimiter": job.delimiter,
    }


def _details(call: Call, job: Job) -> dict[str, Any]:
    state = call.site.bulk.state(job)
    payload = {
        **_summary(job),
        "state": state,
        "jobType": "V2Query",
        "numberRecordsProcessed": call.site.bulk.progress(job),
        "retries": 0,
        "totalProcessingTime": int(1000 * (call.site.behaviour.bulk_seconds + job.total * 5e-6)),
        "isPkChunkingSupported": True,
    }
    if state == "Failed":
        payload["errorMessage"] = job.error
    return payload


INSIDE = [
    Route("POST", "/jobs/query", create),
    Route("GET", "/jobs/query", list_jobs),
    Route("GET", "/jobs/query/{id}", info),
    Route("PATCH", "/jobs/query/{id}", change),
    Route("DELETE", "/jobs/query/{id}", delete),
    Route("GET", "/jobs/query/{id}/results", results),
    Route("GET", "/jobs/query/{id}/resultPages", result_pages),
]
