"""Records that hang together in one call: /composite/tree and /composite/graph."""

from __future__ import annotations

from typing import Any

from core.demo.errors import OrgError
from core.demo.http.call import Answer, Call
from core.demo.http.composite import checked_parts, run_parts
from core.demo.http.records import values
from core.demo.http.router import Route

_MOST_RECORDS = 200
_MOST_DEPTH = 5
_MOST_GRAPHS = 75
_MOST_NODES = 500


def tree(call: Call) -> Answer:
    """New records of one object with their children, all or none: 201, or 400 with the errors by referenceId."""
    assert call.session is not None
    records = call.json_object().get("records")
    if not isinstance(records, list) or not records:
        raise OrgError("JSON_PARSER_ERROR", "records is required to be an array of objects")
    made: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    count = _count(records, 1)
    if count > _MOST_RECORDS:
        raise OrgError("EXCEEDED_MAX_SOBJECTS", f"Exceeded maximum of {_MOST_RECORDS} records: {count}")
    with call.site.writing(True) as undo:
        _insert(call, call.params["name"], records, {}, made, failed)
        if failed:
            undo()
    if failed:
        return Answer(400, payload={"hasErrors": True, "results": failed})
    call.site.changed()
    return Answer(201, payload={"hasErrors": False, "results": made})


def graph(call: Call) -> Answer:
    """Up to 75 graphs of up to 500 parts together, each of them all or none."""
    graphs = call.json_object().get("graphs")
    if not isinstance(graphs, list) or not all(isinstance(each, dict) for each in graphs):
        raise OrgError("JSON_PARSER_ERROR", "graphs is required to be an array of objects")
    nodes = sum(len(each.get("compositeRequest") or ()) for each in graphs)
    if len(graphs) > _MOST_GRAPHS or nodes > _MOST_NODES:
        raise OrgError("LIMIT_EXCEEDED", f"At most {_MOST_GRAPHS} graphs with {_MOST_NODES} nodes can be in one call")
    answers = []
    for each in graphs:
        responses = run_parts(call, checked_parts(each.get("compositeRequest")), all_or_none=True)
        good = all(response["httpStatusCode"] < 400 for response in responses)
        answers.append(
            {
                "graphId": each.get("graphId"),
                "graphResponse": {"compositeResponse": responses},
                "isSuccessful": good,
            }
        )
    return Answer(payload={"graphs": answers})


def _count(records: list[Any], depth: int) -> int:
    if depth > _MOST_DEPTH:
        raise OrgError("EXCEEDED_MAX_TREE_DEPTH", f"Exceeded maximum tree depth of {_MOST_DEPTH}")
    count = 0
    for record in records:
        if not isinstance(record, dict):
            raise OrgError("JSON_PARSER_ERROR", "records is required to be an array of objects")
        count += 1
        for value in record.values():
            if isinstance(value, dict) and isinstance(value.get("records"), list):
                count += _count(value["records"], depth + 1)
    return count


def _insert(
    call: Call, name: str, records: list[dict[str, Any]], pointing: dict[str, str],
    made: list[dict[str, Any]], failed: list[dict[str, Any]],
) -> None:  # fmt: skip
    assert call.session is not None
    item = call.site.org.schema.find(name)
    for record in records:
        attributes = record.get("attributes") or {}
        reference = attributes.get("referenceId")
        children = {
            key: value["records"] for key, value in record.items() if isinstance(value, dict) and "records" in value
        }
        own = {key: value for key, value in values(record).items() if key not in children}
        try:
            if item is None or str(attributes.get("type", "")).lower() != name.lower():
                raise OrgError("INVALID_INPUT", "Include an attributes type of the object in each record.")
            if not isinstance(reference, str):
                raise OrgError("INVALID_INPUT", "Include a reference ID for each record in the request.")
            row_id = call.site.org.insert(call.session.user_id, name, {**own, **pointing})
        except OrgError as error:
            detail = {"statusCode": error.code, "message": error.message, "fields": error.fields}
            failed.append({"referenceId": reference, "errors": [detail]})
            continue
        made.append({"referenceId": reference, "id": row_id})
        for key, inner in children.items():
            link = item.by_child.get(key.lower())
            if link is None:
                detail = {"statusCode": "INVALID_FIELD", "message": f"No such relationship: {key}", "fields": []}
                failed.append({"referenceId": reference, "errors": [detail]})
                continue
            _insert(call, link.object, inner, {link.field: row_id}, made, failed)


INSIDE = [
    Route("POST", "/composite/tree/{name}", tree),
    Route("POST", "/composite/graph", graph),
]
