"""User Interface API: records, created and changed with an Idempotency-Key, and the defaults of a new one.

The key of a write is kept with its answer for a day: a repeat gets that answer and writes nothing. Which errors the
real API gives for a key that comes with another body is not documented; here it is a 400.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from core.demo.errors import OrgError, not_found
from core.demo.http.call import Answer, Call
from core.demo.http.records import check_unmodified, parse_stamp
from core.demo.http.router import Route
from core.demo.manner import in_manner, manner
from core.demo.policies import DuplicatesFound

_KEPT = timedelta(days=1)
_KEYS = "http.idempotency"
_MOST_KEYS = 1000


def create(call: Call) -> Answer:
    """A new record: 201 with all its fields."""
    body = call.json_object()
    name, fields = body.get("apiName"), body.get("fields")
    if not isinstance(name, str) or not isinstance(fields, dict):
        raise OrgError("ILLEGAL_QUERY_PARAMETER_VALUE", "apiName and fields are required")
    return _once(call, body, lambda: call.site.org.insert(_user(call), name, fields), 201)


def change(call: Call) -> Answer:
    """Set fields of a record: 200 with all its fields."""
    body = call.json_object()
    fields, row_id = body.get("fields"), call.params["id"]
    if not isinstance(fields, dict):
        raise OrgError("ILLEGAL_QUERY_PARAMETER_VALUE", "fields is required")
    name = _object_of(call, row_id)
    values = {key: value for key, value in fields.items() if key.lower() != "id"}

    def write() -> str:
        check_unmodified(call, name, row_id, "if-modified-since")
        call.site.org.update(_user(call), name, row_id, values)
        return row_id

    return _once(call, body, write, 200)


def read(call: Call) -> Answer:
    """One record: the fields in `fields` and `optionalFields` (`Lead.Name`), or all."""
    row_id = call.params["id"]
    name = _object_of(call, row_id)
    wanted = [each for key in ("fields", "optionalFields") for each in call.query.get(key, "").split(",") if each]
    call.site.lately_read(name, [row_id])
    return Answer(payload=_shown(call, name, row_id, [each.partition(".")[2] for each in wanted] or None))


def delete(call: Call) -> Answer:
    """Move a record to the recycle bin: 204."""
    row_id = call.params["id"]
    call.site.org.delete(_user(call), _object_of(call, row_id), row_id)
    call.site.changed()
    return Answer(204)


def create_defaults(call: Call) -> Answer:
    """What a new record begins with: default values, the user as its owner, its record type."""
    described = call.view.describe(call.params["name"])
    fields: dict[str, Any] = {}
    for field in described["fields"]:
        if not field["createable"]:
            continue
        value = field["defaultValue"]
        for pick in field["picklistValues"]:
            if pick["defaultValue"]:
                value = pick["value"]
        if field["name"] == "OwnerId":
            value = _user(call)
        fields[field["name"]] = {"displayValue": None, "value": value}
    kinds = [info for info in described["recordTypeInfos"] if info["defaultRecordTypeMapping"] and not info["master"]]
    record = {
        "apiName": described["name"], "childRelationships": {}, "fields": fields, "id": None,
        "recordTypeInfo": {"recordTypeId": kinds[0]["recordTypeId"], "name": kinds[0]["name"]} if kinds else None,
    }  # fmt: skip
    return Answer(payload={"layout": None, "objectInfos": {}, "record": record})


def _once(call: Call, body: dict[str, Any], write: Any, status: int) -> Answer:
    key = call.headers.get("idempotency-key", "").strip('" ')
    site = call.site
    slot = f"{_user(call)} {key}"
    digest = hashlib.sha256(call.method.encode() + call.path.encode() + call.body).hexdigest()
    how = manner()
    # Rules run only where they are asked for: the opposite of REST.
    allowed = bool(body.get("allowSaveOnDuplicate", False))
    assigns = call.query.get("useDefaultRule", "").lower() == "true"
    wanted = type(how)(via="UI API", assigns=assigns, allows_duplicates=allowed, checks_duplicates=True,
                       headers=how.headers, at=how.at)  # fmt: skip
    with in_manner(wanted):
        try:
            with site.org.store.writing():
                known = _known(call).get(slot) if key and site.behaviour.idempotency else None
                if known is not None:
                    if known["digest"] != digest:
                        raise OrgError("INVALID_IDEMPOTENCY_KEY", "The key was used with another request")
                    row_id = str(known["id"])
                else:
                    row_id = write()
                    if key and site.behaviour.idempotency:
                        made = {"digest": digest, "id": row_id, "at": site.org.now().isoformat()}
                        kept = dict(list({**_known(call), slot: made}.items())[-_MOST_KEYS:])
                        site.org.kv.set(_KEYS, kept)
        except OrgError as error:
            return _refused(call, error)
    site.changed()
    return Answer(status, payload=_shown(call, _object_of(call, row_id), row_id, None))


def _known(call: Call) -> dict[str, dict[str, Any]]:
    now = call.site.org.now()
    known: dict[str, dict[str, Any]] = call.site.org.kv.get(_KEYS) or {}
    return {key: kept for key, kept in known.items() if now - datetime.fromisoformat(kept["at"]) < _KEPT}


def _refused(call: Call, error: OrgError) -> Answer:
    """An error in the form of this API: what is wrong with fields apart from what is wrong with the record."""
    duplicates = None
    if isinstance(error, DuplicatesFound):
        duplicates = {"matchResults": error.details["matchResults"], "allowSave": error.details["allowSave"]}
    entries = [
        {
            "constituentField": None, "duplicateRecordError": duplicates, "errorCode": error.code, "field": field,
            "fieldLabel": field, "message": error.message,
        }
        for field in [*error.fields, *([] if error.fields else [None])]
    ]  # fmt: skip
    by_field = {entry["field"]: [entry] for entry in entries if entry["field"]}
    payload = [
        {
            "errorCode": error.code, "message": error.message, "statusCode": error.status,
            "enhancedErrorType": "RecordError",
            "output": {"errors": [e for e in entries if not e["field"]], "fieldErrors": by_field},
        }
    ]  # fmt: skip
    return Answer(error.status, payload=payload)


def _shown(call: Call, name: str, row_id: str, fields: list[str] | None) -> dict[str, Any]:
    record = call.view.record(name, row_id, fields, call.version)
    system = ("LastModifiedById", "LastModifiedDate", "SystemModstamp", "RecordTypeId")
    described = {each["name"] for each in call.view.describe(name)["fields"]}
    extra = call.view.record(name, row_id, [each for each in system if each in described], call.version)
    stamped = extra.get("LastModifiedDate") or extra.get("SystemModstamp")
    tag = f"{int(parse_stamp(stamped).timestamp()):x}" if isinstance(stamped, str) else "0"
    return {
        "apiName": record["attributes"]["type"],
        "childRelationships": {},
        "eTag": tag,
        "fields": {
            key: {"displayValue": None, "value": value}
            for key, value in record.items()
            if key != "attributes" and not isinstance(value, dict)
        },
        "id": record.get("Id", row_id),
        "lastModifiedById": extra.get("LastModifiedById"),
        "lastModifiedDate": extra.get("LastModifiedDate"),
        "recordTypeId": extra.get("RecordTypeId"),
        "recordTypeInfo": None,
        "systemModstamp": extra.get("SystemModstamp"),
        "weakEtag": int(tag, 16),
    }


def _object_of(call: Call, row_id: str) -> str:
    item = call.site.org.schema.by_id(row_id)
    if item is None:
        raise not_found()
    return item.name


def _user(call: Call) -> str:
    assert call.session is not None
    return call.session.user_id


INSIDE = [
    Route("POST", "/ui-api/records", create),
    Route("GET", "/ui-api/records/{id}", read),
    Route("PATCH", "/ui-api/records/{id}", change),
    Route("DELETE", "/ui-api/records/{id}", delete),
    Route("GET", "/ui-api/record-defaults/create/{name}", create_defaults),
]
