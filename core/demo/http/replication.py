"""Ids updated and rows deleted in a time window (getUpdated, getDeleted over REST)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.demo.errors import OrgError
from core.demo.http.call import Answer, Call
from core.demo.http.router import Route

_UPDATED_DAYS = 30
_DELETED_DAYS = 15
_MOST_IDS = 600_000


def updated(call: Call) -> Answer:
    """Ids of rows created or changed in the window, seconds ignored, at most 30 days back."""
    start, end = _window(call, _UPDATED_DAYS)
    ids, latest = call.view.updated(call.params["name"], start, end)
    _check_count(len(ids))
    return Answer(payload={"ids": ids, "latestDateCovered": stamp(latest)})


def deleted(call: Call) -> Answer:
    """Ids and times of rows deleted in the window, at most 15 days back."""
    start, end = _window(call, _DELETED_DAYS)
    rows, earliest, latest = call.view.deleted(call.params["name"], start, end)
    _check_count(len(rows))
    records = [
        {"deletedDate": when if isinstance(when, str) else stamp(when), "id": row_id}
        for row_id, when in (_pair(row) for row in rows)
    ]
    return Answer(
        payload={
            "deletedRecords": records,
            "earliestDateAvailable": stamp(earliest),
            "latestDateCovered": stamp(latest),
        }
    )


def stamp(moment: datetime) -> str:
    """The REST form of a datetime: milliseconds and an offset without colon."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"


def _pair(row: object) -> tuple[str, datetime | str]:
    if isinstance(row, dict):
        return row["id"], row["deletedDate"]
    assert isinstance(row, tuple)
    return row


def _window(call: Call, days: int) -> tuple[datetime, datetime]:
    start, end = _moment(call, "start"), _moment(call, "end")
    now = call.site.org.now()
    if start >= end:
        raise OrgError("INVALID_REPLICATION_DATE", "startDate before endDate")
    if start < now - timedelta(days=days):
        raise OrgError("INVALID_REPLICATION_DATE", f"startDate cannot be more than {days} days ago")
    return start, end


def _moment(call: Call, name: str) -> datetime:
    text = call.query.get(name)
    if not text:
        raise OrgError("MISSING_ARGUMENT", f"Missing required parameter: {name}")
    try:
        # A plus sign that the caller did not encode arrives as a blank.
        moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError as error:
        raise OrgError("INVALID_REPLICATION_DATE", f"{name}: not an ISO 8601 date: {text}") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def _check_count(count: int) -> None:
    if count > _MOST_IDS:
        raise OrgError("EXCEEDED_ID_LIMIT", f"The list of ids exceeds the limit of {_MOST_IDS}")


INSIDE = [
    Route("GET", "/sobjects/{name}/updated", updated),
    Route("GET", "/sobjects/{name}/deleted", deleted),
]
