"""Many records in one call: collections of up to 200 for writing, up to 2,000 ids for reading."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.demo.errors import OrgError
from core.demo.http.call import Answer, Call
from core.demo.http.records import field_list, matches, values
from core.demo.http.router import Route
from core.demo.policies import DuplicatesFound

_MOST_WRITES = 200
_MOST_READS = 2000
_MOST_CHUNKS = 10
Written = tuple[str, bool | None]
"""Id of a record, and whether it was made (None where that is not told)."""


def retrieve_get(call: Call) -> Answer:
    """Rows by `ids` and `fields` of the query string."""
    ids = [each.strip() for each in call.query.get("ids", "").split(",") if each.strip()]
    return _retrieve(call, ids, field_list(call))


def retrieve_post(call: Call) -> Answer:
    """Rows by `ids` and `fields` of the body."""
    body = call.json_object()
    return _retrieve(call, body.get("ids"), body.get("fields"))


def insert(call: Call) -> Answer:
    """New records."""
    user = _user(call)
    return _write(call, lambda name, record: (call.site.org.insert(user, name, values(record)), None))


def update(call: Call) -> Answer:
    """Changes of records, each with its id."""
    user = _user(call)

    def one(name: str, record: dict[str, Any]) -> Written:
        row_id = record.get("id") or record.get("Id")
        if not isinstance(row_id, str):
            raise OrgError("MISSING_ARGUMENT", "Id not specified in an update call")
        fields = {key: value for key, value in values(record).items() if key.lower() != "id"}
        call.site.org.update(user, name, row_id, fields)
        return row_id, None

    return _write(call, one)


def upsert(call: Call) -> Answer:
    """New or changed records of one object by an external id, or by Id."""
    user = _user(call)
    wanted, field = call.params["name"], call.params["field"]

    def one(name: str, record: dict[str, Any]) -> Written:
        if name.lower() != wanted.lower():
            raise OrgError("INVALID_TYPE", f"All records have to be of the type {wanted}")
        fields = values(record)
        key = next((each for each in fields if each.lower() == field.lower()), None)
        value = None if key is None else fields.pop(key)
        if field.lower() == "id":
            if value is None:
                return call.site.org.insert(user, name, fields), True
            call.site.org.update(user, name, str(value), fields)
            return str(value), False
        if value in (None, ""):
            raise OrgError("MISSING_ARGUMENT", f"{field} not specified")
        ids = matches(call, name, field, str(value))
        if len(ids) > 1:
            raise OrgError("DUPLICATE_EXTERNAL_ID", f"{field}: more than one record found for external id field: {ids}")
        if ids:
            call.site.org.update(user, name, ids[0], fields)
            return ids[0], False
        return call.site.org.insert(user, name, {**fields, field: value}), True

    return _write(call, one)


def delete(call: Call) -> Answer:
    """Deletes by `ids` of the query string; the object is known by the id's prefix."""
    user = _user(call)
    ids = [each.strip() for each in call.query.get("ids", "").split(",") if each.strip()]
    _check_count(len(ids))
    prefixes = {
        entry["keyPrefix"]: entry["name"] for entry in call.view.describe_global()["sobjects"] if entry["keyPrefix"]
    }
    names = [prefixes.get(row_id[:3], "") for row_id in ids]
    _check_chunks(names)

    def one(name: str, record: dict[str, Any]) -> Written:
        if not name:
            raise OrgError("MALFORMED_ID", f"bad id {record['Id']}")
        call.site.org.delete(user, name, record["Id"])
        return record["Id"], None

    all_or_none = call.query.get("allOrNone", "").lower() == "true"
    return _each(call, names, [{"Id": row_id} for row_id in ids], one, all_or_none)


def _retrieve(call: Call, ids: Any, fields: Any) -> Answer:
    if not isinstance(ids, list) or not ids or not all(isinstance(each, str) for each in ids):
        raise OrgError("MISSING_ARGUMENT", "The ids parameter is required")
    if not isinstance(fields, list) or not fields or not all(isinstance(each, str) for each in fields):
        raise OrgError("MISSING_ARGUMENT", "The fields parameter is required")
    if len(ids) > _MOST_READS:
        raise OrgError("EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {_MOST_READS} records")
    call.site.lately_read(call.params["name"], ids)
    return Answer(payload=call.view.retrieve(call.params["name"], ids, fields, call.version))


def _write(call: Call, one: Callable[[str, dict[str, Any]], Written]) -> Answer:
    body = call.json_object()
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise OrgError("JSON_PARSER_ERROR", "records is required to be an array of objects")
    _check_count(len(records))
    names = [_name(each) for each in records]
    _check_chunks(names)
    return _each(call, names, records, one, bool(body.get("allOrNone", False)))


def _each(
    call: Call, names: list[str], records: list[dict[str, Any]],
    one: Callable[[str, dict[str, Any]], Written], all_or_none: bool,
) -> Answer:  # fmt: skip
    results: list[dict[str, Any]] = []
    # One transaction for all, as on a real org, in which each record is taken back by itself.
    with call.site.org.store.writing(), call.site.writing(all_or_none) as undo:
        for name, record in zip(names, records, strict=True):
            try:
                row_id, created = one(name, record)
                results.append(_success(row_id) if created is None else {**_success(row_id), "created": created})
            except OrgError as error:
                results.append(_failure(call, error))
        if all_or_none and not all(result["success"] for result in results):
            undo()
            halted = OrgError(
                "ALL_OR_NONE_OPERATION_ROLLED_BACK",
                "Record rolled back because not all records were valid and the request was using AllOrNone header",
            )
            results = [_failure(call, halted) if result["success"] else result for result in results]
    call.site.changed()
    return Answer(payload=results)


def _name(record: dict[str, Any]) -> str:
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(name, str):
        raise OrgError("INVALID_TYPE", "The attributes of each record have to name its type")
    return name


def _check_count(count: int) -> None:
    if count > _MOST_WRITES:
        raise OrgError(
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {_MOST_WRITES} records into this call",
        )


def _check_chunks(names: list[str]) -> None:
    chunks = sum(1 for index, name in enumerate(names) if index == 0 or name != names[index - 1])
    if chunks > _MOST_CHUNKS:
        raise OrgError("INVALID_REQUEST", f"At most {_MOST_CHUNKS} chunks of objects can be in one call")


def _success(row_id: str) -> dict[str, Any]:
    return {"id": row_id, "success": True, "errors": []}


def _failure(call: Call, error: OrgError) -> dict[str, Any]:
    detail: dict[str, Any] = {"statusCode": error.code, "message": error.message, "fields": list(error.fields or [])}
    if isinstance(error, DuplicatesFound) and call.site.behaviour.duplicates_in_collections:
        detail["duplicateResut"] = error.details
    return {"success": False, "errors": [detail]}


def _user(call: Call) -> str:
    assert call.session is not None
    return call.session.user_id


INSIDE = [
    Route("POST", "/composite/sobjects", insert),
    Route("PATCH", "/composite/sobjects", update),
    Route("DELETE", "/composite/sobjects", delete),
    Route("GET", "/composite/sobjects/{name}", retrieve_get),
    Route("POST", "/composite/sobjects/{name}", retrieve_post),
    Route("PATCH", "/composite/sobjects/{name}/{field}", upsert),
]
