"""Several calls in one: /composite with references between its parts, and /composite/batch.

A composite call counts as one API call, each part of a batch as one of its own.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from core.demo.errors import OrgError
from core.demo.http.call import Answer, Call, error_payload
from core.demo.http.router import Route, Router
from core.demo.values import dumps

_MOST = 25
_REFERENCE = re.compile(r"@\{([^{}]+)\}")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_QUERYING = re.compile(r"/services/data/v[\d.]+/(query|queryAll|composite/sobjects)\b")
_NEVER_NESTED = re.compile(r"/services/data/v[\d.]+/(composite(/batch|/tree|/graph)?/?$|jobs/)")


def composite(call: Call) -> Answer:
    """Up to 25 subrequests in order; always 200, each part with its own status."""
    body = call.json_object()
    parts = checked_parts(body.get("compositeRequest"))
    if len(parts) > _MOST:
        return _refused_whole(f"The request can’t contain more than {_MOST} operations.")
    limit = call.site.behaviour.composite_query_limit
    if limit is not None and sum(1 for part in parts if _QUERYING.search(part["url"])) > limit:
        return _refused_whole(f"The request can’t contain more than {limit} query or sObject collection operations.")
    responses = run_parts(call, parts, all_or_none=bool(body.get("allOrNone", False)))
    return Answer(payload={"compositeResponse": responses})


def checked_parts(parts: Any) -> list[dict[str, Any]]:
    """The subrequests of a body. Raises OrgError for what is none, or has no reference of its own."""
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise OrgError("JSON_PARSER_ERROR", "compositeRequest is required to be an array of subrequests")
    for part in parts:
        for name in ("method", "url", "referenceId"):
            if not isinstance(part.get(name), str):
                raise OrgError("MISSING_ARGUMENT", f"{name} is required for each subrequest")
    references = [part["referenceId"] for part in parts]
    if len(set(references)) != len(references):
        raise OrgError("INVALID_INPUT", "The referenceId of each subrequest has to be unique")
    return parts


def run_parts(call: Call, parts: list[dict[str, Any]], *, all_or_none: bool) -> list[dict[str, Any]]:
    """The answers of the subrequests in order; one that fails halts all others where it is all or none."""
    responses: list[dict[str, Any]] = []
    bodies: dict[str, Any] = {}
    with call.site.writing(all_or_none) as undo:
        for part in parts:
            answer = _part(call, part, bodies)
            if answer.status < 300:
                bodies[part["referenceId"]] = answer.payload
            responses.append(
                {
                    "body": answer.payload,
                    "httpHeaders": answer.headers,
                    "httpStatusCode": answer.status,
                    "referenceId": part["referenceId"],
                }
            )
            if all_or_none and answer.status >= 400:
                undo()
                return _halted(responses, parts)
    return responses


def batch(call: Call) -> Answer:
    """Up to 25 independent subrequests; with haltOnError those after a failed one answer 412."""
    body = call.json_object()
    parts = body.get("batchRequests")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise OrgError("JSON_PARSER_ERROR", "batchRequests is required to be an array of subrequests")
    if len(parts) > _MOST:
        raise OrgError("LIMIT_EXCEEDED", f"The request can’t contain more than {_MOST} operations.")
    halt = bool(body.get("haltOnError", False))
    results: list[dict[str, Any]] = []
    failed = False
    for part in parts:
        if failed and halt:
            error = OrgError("BATCH_PROCESSING_HALTED", "Batch processing halted per request", 412)
            results.append({"statusCode": 412, "result": error_payload(error)})
            continue
        url = str(part.get("url", ""))
        # Batch urls may start at the version: "v65.0/sobjects/Lead".
        full = url if url.startswith("/") else f"/services/data/{url}"
        call.site.meter.count()
        answer = _run(call, str(part.get("method", "GET")), full, {}, part.get("richInput"))
        failed = failed or answer.status >= 400
        results.append({"statusCode": answer.status, "result": answer.payload})
    return Answer(payload={"hasErrors": failed, "results": results})


def _part(call: Call, part: dict[str, Any], bodies: dict[str, Any]) -> Answer:
    try:
        url = _substituted(part["url"], bodies, escape=True)
        body = _resolved(part.get("body"), bodies)
        given = part.get("httpHeaders") or {}
        headers = {str(name).lower(): str(value) for name, value in given.items()}
    except OrgError as error:
        return Answer(error.status, payload=error_payload(error))
    return _run(call, part["method"], url, headers, body)


def _run(call: Call, method: str, url: str, headers: dict[str, str], body: Any) -> Answer:
    router: Router = call.site.router
    parts = urlsplit(url)
    content = b"" if body is None else dumps(body).encode()
    if body is not None:
        headers = {"content-type": "application/json", **headers}
    inner = Call(
        site=call.site,
        method=method.upper(),
        path=parts.path,
        query=dict(parse_qsl(parts.query, keep_blank_values=True)),
        headers=headers,
        body=content,
        session=call.session,
        nested=True,
        late_stamp=call.late_stamp,
    )
    fault = call.site.faults.check(inner.method, url, content, nested=True)
    if fault is not None:
        return Answer(int(fault["status"]), payload=fault.get("body"), headers=dict(fault.get("headers", {})))
    if not parts.path.startswith("/services/data/v") or _NEVER_NESTED.search(parts.path):
        error = OrgError("INVALID_REQUEST", f"The subrequest is not allowed: {parts.path}")
        return Answer(400, payload=error_payload(error))
    return router.run(inner)


def _refused_whole(message: str) -> Answer:
    """Too many subrequests: a 200 with one refused part that has no reference, as recorded from an org."""
    error = error_payload(OrgError("LIMIT_EXCEEDED", message))
    part = {"body": error, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": None}
    return Answer(payload={"compositeResponse": [part]})


def _halted(responses: list[dict[str, Any]], parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    failed = responses[-1]
    error = error_payload(
        OrgError(
            "PROCESSING_HALTED",
            "The transaction was rolled back since another operation in the same transaction failed.",
        )
    )
    return [
        failed
        if part["referenceId"] == failed["referenceId"]
        else {"body": error, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": part["referenceId"]}
        for part in parts
    ]


def _resolved(value: Any, bodies: dict[str, Any]) -> Any:
    """A body with its references replaced; a text that is one reference keeps the type of its target."""
    if isinstance(value, str):
        whole = _REFERENCE.fullmatch(value)
        return _look_up(whole[1], bodies) if whole else _substituted(value, bodies, escape=False)
    if isinstance(value, list):
        return [_resolved(each, bodies) for each in value]
    if isinstance(value, dict):
        return {name: _resolved(each, bodies) for name, each in value.items()}
    return value


def _substituted(text: str, bodies: dict[str, Any], *, escape: bool) -> str:
    def one(match: re.Match[str]) -> str:
        value = str(_look_up(match[1], bodies))
        return quote(value, safe="") if escape else value

    return _REFERENCE.sub(one, text)


def _look_up(path: str, bodies: dict[str, Any]) -> Any:
    wrong = OrgError("PROCESSING_HALTED", f"Invalid reference specified. No value for {path} found.")
    reference, _, rest = path.partition(".")
    name = re.split(r"[.\[]", reference)[0]
    if name not in bodies:
        raise wrong
    value = bodies[name]
    for key, index in _STEP.findall(reference[len(name) :] + ("." + rest if rest else "")):
        try:
            value = value[int(index)] if index else value[key]
        except (KeyError, IndexError, TypeError) as error:
            raise wrong from error
    return value


INSIDE = [Route("POST", "/composite", composite), Route("POST", "/composite/batch", batch)]
