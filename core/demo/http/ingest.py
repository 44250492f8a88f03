"""Bulk API 2.0 ingest jobs over HTTP. States and results are those of core.demo.ingest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from core.demo.errors import OrgError
from core.demo.http.call import Answer, Call
from core.demo.http.replication import stamp
from core.demo.http.router import Route
from core.demo.ingest import IngestJob

_LIST_PAGE = 1000


def create(call: Call) -> Answer:
    """A new job, open for its content."""
    job = call.site.ingest.create(_user(call), call.json_object(), call.version)
    call.site.meter.count_job()
    return Answer(payload={**_summary(job), "contentUrl": f"services/data/v{job.version}/jobs/ingest/{job.id}/batches"})


def list_jobs(call: Call) -> Answer:
    """Every ingest job of the org."""
    start = call.integer("queryLocator", 0)
    jobs = call.site.ingest.all()
    page = jobs[start : start + _LIST_PAGE]
    done = start + len(page) >= len(jobs)
    following = None if done else f"{call.base}/jobs/ingest?queryLocator={start + len(page)}"
    return Answer(payload={"done": done, "nextRecordsUrl": following, "records": [_summary(job) for job in page]})


def info(call: Call) -> Answer:
    """State and progress of one job."""
    return Answer(payload=_details(_job(call)))


def change(call: Call) -> Answer:
    """UploadComplete or Aborted."""
    job = _job(call)
    state = call.json_object().get("state")
    if state == "UploadComplete":
        call.site.ingest.close(job)
    elif state == "Aborted":
        call.site.ingest.abort(job)
    else:
        raise OrgError("INVALIDJOBSTATE", f"The state of a job cannot be set to {state}")
    # The answer tells what was asked for, however quick the job is.
    return Answer(payload={**_summary(job), "state": state})


def upload(call: Call) -> Answer:
    """The job's CSV: 201."""
    declared = call.headers.get("content-type", "").split(";")[0].strip().lower()
    if declared != "text/csv":
        raise OrgError("INVALID_CONTENT_TYPE", f"Content type {declared} is not text/csv", 415)
    call.site.ingest.upload(_job(call), call.body)
    return Answer(201)


def delete(call: Call) -> Answer:
    """Forget a job: 204."""
    call.site.ingest.delete(_job(call))
    return Answer(204)


def _results(kind: str) -> Callable[[Call], Answer]:
    def results(call: Call) -> Answer:
        lines = call.site.ingest.lines(_job(call), kind)
        return Answer(body=b"".join(lines), headers={"Content-Type": "text/csv"})

    return results


def _job(call: Call) -> IngestJob:
    return call.site.ingest.get(call.params["id"], _user(call))


def _user(call: Call) -> str:
    assert call.session is not None
    return call.session.user_id


def _summary(job: IngestJob) -> dict[str, Any]:
    created = stamp(datetime.fromisoformat(job.created))
    told: dict[str, Any] = {
        "id": job.id,
        "operation": job.operation,
        "object": job.object_name,
        "createdById": job.created_by,
        "createdDate": created,
        "systemModstamp": created,
        "state": job.state,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(job.version),
        "jobType": "V2Ingest",
        "lineEnding": job.line_ending,
        "columnDelimiter": job.delimiter,
    }
    if job.key:
        told["externalIdFieldName"] = job.key
    if job.rule:
        told["assignmentRuleId"] = job.rule
    return told


def _details(job: IngestJob) -> dict[str, Any]:
    told = {
        **_summary(job),
        "retries": 0,
        "totalProcessingTime": int(job.seconds * 1000),
        "apiActiveProcessingTime": int(job.seconds * 1000),
        "apexProcessingTime": 0,
        "numberRecordsProcessed": len(job.done),
        "numberRecordsFailed": job.failed,
    }
    if job.error:
        told["errorMessage"] = job.error
    return told


INSIDE = [
    Route("POST", "/jobs/ingest", create),
    Route("GET", "/jobs/ingest", list_jobs),
    Route("GET", "/jobs/ingest/{id}", info),
    Route("PATCH", "/jobs/ingest/{id}", change),
    Route("DELETE", "/jobs/ingest/{id}", delete),
    Route("PUT", "/jobs/ingest/{id}/batches", upload),
    Route("GET", "/jobs/ingest/{id}/successfulResults", _results("successful")),
    Route("GET", "/jobs/ingest/{id}/failedResults", _results("failed")),
    Route("GET", "/jobs/ingest/{id}/unprocessedrecords", _results("unprocessed")),
    Route("GET", "/jobs/ingest/{id}/unprocessedRecords", _results("unprocessed")),
]
