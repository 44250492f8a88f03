"""The org's limits and approximate record counts."""

from __future__ import annotations

from core.demo.http.call import Answer, Call
from core.demo.http.router import Route

_STILL = {
    "ConcurrentAsyncGetReportInstances": 200,
    "ConcurrentSyncReportRuns": 20,
    "DailyAsyncApexExecutions": 250_000,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyDurableStreamingApiEvents": 10_000,
    "DailyGenericStreamingApiEvents": 10_000,
    "DailyStreamingApiEvents": 10_000,
    "DailyWorkflowEmails": 5_000,
    "DataStorageMB": 1_073,
    "FileStorageMB": 1_095,
    "HourlyAsyncReportRuns": 1_200,
    "HourlyODataCallout": 1_000,
    "HourlyTimeBasedWorkflow": 1_000,
    "MassEmail": 5_000,
    "SingleEmail": 5_000,
    "StreamingApiConcurrentClients": 1_000,
}
_DAILY_JOBS = 10_000


def limits(call: Call) -> Answer:
    """Max and Remaining of each limit."""
    meter = call.site.meter
    payload = {name: {"Max": size, "Remaining": size} for name, size in _STILL.items()}
    payload["DailyApiRequests"] = {"Max": meter.max, "Remaining": max(0, meter.max - meter.used)}
    payload["DailyBulkV2QueryJobs"] = {"Max": _DAILY_JOBS, "Remaining": max(0, _DAILY_JOBS - meter.bulk_jobs)}
    return Answer(payload=dict(sorted(payload.items())))


def record_count(call: Call) -> Answer:
    """Approximate rows of the objects named, or of all."""
    text = call.query.get("sObjects")
    names = [name.strip() for name in text.split(",") if name.strip()] if text else None
    counts = call.view.record_count(names)
    pairs = counts.items() if isinstance(counts, dict) else counts
    return Answer(payload={"sObjects": [{"count": count, "name": name} for name, count in pairs]})


INSIDE = [Route("GET", "/limits", limits), Route("GET", "/limits/recordCount", record_count)]
