"""Single records: read by id or external id, create, change, delete, upsert."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from core.demo.errors import OrgError, not_found
from core.demo.http.call import Answer, Call, condition, http_date, unchanged
from core.demo.http.router import Route

_WITH_ETAG = "account"


def read(call: Call) -> Answer:
    """One record, all fields or those in `fields`."""
    return _record(call, call.params["name"], call.params["id"])


def read_by_external_id(call: Call) -> Answer:
    """One record by an external id; 300 with the links of all when several match."""
    name = call.params["name"]
    ids = matches(call, name, call.params["field"], call.params["value"])
    if not ids:
        raise not_found()
    if len(ids) > 1:
        return Answer(300, payload=[f"{call.base}/sobjects/{name}/{row_id}" for row_id in ids])
    return _record(call, name, ids[0])


def create(call: Call) -> Answer:
    """A new record: 201 with its id."""
    assert call.session is not None
    name = call.params["name"]
    row_id = call.site.org.insert(call.session.user_id, name, values(call.json_object()))
    call.site.changed()
    return _created(call, name, row_id)


def change(call: Call) -> Answer:
    """Set fields of a record, if it was not changed after If-Unmodified-Since: 204."""
    assert call.session is not None
    name, row_id = call.params["name"], call.params["id"]
    body = values(call.json_object())
    # In one transaction: nobody may write between the look at the date and the change.
    with call.site.org.store.writing():
        check_unmodified(call, name, row_id)
        call.site.org.update(call.session.user_id, name, row_id, body)
    call.site.changed()
    return Answer(204)


def delete(call: Call) -> Answer:
    """Move a record to the recycle bin: 204."""
    assert call.session is not None
    call.site.org.delete(call.session.user_id, call.params["name"], call.params["id"])
    call.site.changed()
    return Answer(204)


def upsert(call: Call) -> Answer:
    """Create or change by external id: 201 when made, 200 (204 before v46) when changed, 300 when several match."""
    assert call.session is not None
    name, field, value = call.params["name"], call.params["field"], call.params["value"]
    body = values(call.json_object())
    ids = [value] if field.lower() == "id" else matches(call, name, field, value)
    if len(ids) > 1:
        return Answer(300, payload=[f"{call.base}/sobjects/{name}/{row_id}" for row_id in ids])
    if ids:
        call.site.org.update(call.session.user_id, name, ids[0], body)
        call.site.changed()
        if call.api_version < 46:
            return Answer(204)
        return Answer(200, payload={"id": ids[0], "success": True, "errors": [], "created": False})
    if call.query.get("updateOnly", "").lower() == "true":
        raise not_found()
    row_id = call.site.org.insert(call.session.user_id, name, {**body, field: value})
    call.site.changed()
    return _created(call, name, row_id)


def delete_by_external_id(call: Call) -> Answer:
    """Delete the one record with this external id: 204."""
    assert call.session is not None
    name = call.params["name"]
    ids = matches(call, name, call.params["field"], call.params["value"])
    if len(ids) != 1:
        raise not_found()
    call.site.org.delete(call.session.user_id, name, ids[0])
    call.site.changed()
    return Answer(204)


def values(body: dict[str, Any]) -> dict[str, Any]:
    """The fields of a record body: what is not `attributes`."""
    return {name: value for name, value in body.items() if name != "attributes"}


def field_list(call: Call) -> list[str] | None:
    """The names in `fields`, None where all are wanted."""
    text = call.query.get("fields")
    return [name.strip() for name in text.split(",") if name.strip()] if text else None


def _record(call: Call, name: str, row_id: str) -> Answer:
    record = call.view.record(name, row_id, field_list(call), call.version)
    headers = {}
    modified = _modified(call, name, row_id)
    call.site.lately_read(name, [row_id])
    if modified is not None:
        headers["Last-Modified"] = http_date(modified)
        if name.lower() == _WITH_ETAG:
            headers["ETag"] = etag(modified)
            if call.headers.get("if-none-match") == headers["ETag"]:
                return Answer(304, headers=headers)
        if unchanged(call, modified):
            return Answer(304, headers=headers)
    return Answer(payload=record, headers=headers)


def _modified(call: Call, name: str, row_id: str) -> datetime | None:
    """When the record was last changed, None for objects that do not say."""
    try:
        stamp = call.view.record(name, row_id, ["LastModifiedDate"], call.version).get("LastModifiedDate")
    except OrgError as error:
        if error.code == "INVALID_FIELD":
            return None
        raise
    return parse_stamp(stamp) if isinstance(stamp, str) else None


def parse_stamp(text: str) -> datetime:
    """A REST datetime as a moment."""
    return datetime.fromisoformat(text.replace("+0000", "+00:00").replace("Z", "+00:00")).astimezone(UTC)


def etag(modified: datetime) -> str:
    """The entity tag of a record that was last changed at this moment; only accounts have one."""
    return f'"{int(modified.timestamp() * 1000):x}--gzip"'


def check_unmodified(call: Call, name: str, row_id: str, header: str = "if-unmodified-since") -> None:
    """Raises OrgError with 412 for a record that was changed after the date in a header, or has another ETag.

    The UI API names its header If-Modified-Since and means the same.
    """
    since = condition(call, header)
    wanted = call.headers.get("if-match") if name.lower() == _WITH_ETAG else None
    if (since is None and wanted is None) or (call.nested and not call.site.behaviour.composite_conditions):
        return
    modified = _modified(call, name, row_id)
    if modified is None:
        return
    newer = since is not None and modified.replace(microsecond=0) > since
    other = wanted is not None and wanted != "*" and etag(modified) not in [part.strip() for part in wanted.split(",")]
    if newer or other:
        raise OrgError(
            "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE",
            "The entity has been modified since the given date",
            412,
        )


def matches(call: Call, name: str, field: str, value: str) -> list[str]:
    """Ids of the rows with this external id. Raises OrgError NOT_FOUND for a field that is none."""
    description = call.view.describe(name)
    for known in description["fields"]:
        if known["name"].lower() == field.lower() and (known.get("externalId") or known.get("idLookup")):
            break
    else:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {field}")
    if known["type"] in ("double", "int", "currency", "percent"):
        literal = value
    else:
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        literal = f"'{escaped}'"
    result = call.view.query(f"SELECT Id FROM {description['name']} WHERE {known['name']} = {literal}")
    return [record["Id"] for record in result.records(call.version, 0, 200)]


def _created(call: Call, name: str, row_id: str) -> Answer:
    payload: dict[str, Any] = {"id": row_id, "success": True, "errors": []}
    if call.api_version >= 46 and "field" in call.params:
        payload["created"] = True
    return Answer(201, payload=payload, headers={"Location": f"{call.base}/sobjects/{name}/{quote(row_id)}"})


INSIDE = [
    Route("POST", "/sobjects/{name}", create),
    Route("GET", "/sobjects/{name}/{id}", read),
    Route("PATCH", "/sobjects/{name}/{id}", change),
    Route("DELETE", "/sobjects/{name}/{id}", delete),
    Route("GET", "/sobjects/{name}/{field}/{value}", read_by_external_id),
    Route("PATCH", "/sobjects/{name}/{field}/{value}", upsert),
    Route("DELETE", "/sobjects/{name}/{field}/{value}", delete_by_external_id),
]
