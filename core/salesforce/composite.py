"""Several reads in one API call: `/composite` (salesforce-api.md 3.6), with a plan for servers that refuse it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.salesforce.errors import ErrorClass, SalesforceError, error_from_body
from core.salesforce.transport import Transport

MAX_PARTS = 25
# Documented by hearsay only; more than five queries in one composite are refused by some orgs.
MAX_QUERIES = 5
_REFUSED_WHOLE = frozenset({ErrorClass.NOT_OFFERED, ErrorClass.RIGHTS, ErrorClass.REFUSED, ErrorClass.VERSION})


@dataclass(frozen=True, slots=True)
class Part:
    """One GET inside a composite request. `url` is a path of the org."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartAnswer:
    """What one part answered; `error` is set for every status from 400."""

    status: int
    body: Any
    headers: Mapping[str, str]
    error: SalesforceError | None = None


class CompositeRefused(Exception):
    """This server does not take the composite request as a whole: ask one by one."""


def read_parts(transport: Transport, version: str, parts: Sequence[Part]) -> list[PartAnswer]:
    """The answers in the order of `parts`, at most 25 GETs in one API call.

    Raises CompositeRefused when the request as a whole is refused, OrgMirrorError for everything else.
    """
    body = {
        "allOrNone": False,
        "compositeRequest": [
            {
                "method": "GET",
                "url": part.url,
                "referenceId": f"part{index}",
                **({"httpHeaders": dict(part.headers)} if part.headers else {}),
            }
            for index, part in enumerate(parts)
        ],
    }
    try:
        payload = transport.post_json(f"/services/data/v{version}/composite", body, read=True)
    except Cancelled:
        raise
    except SalesforceError as error:
        if error.kind in _REFUSED_WHOLE or error.status == 413:
            raise CompositeRefused from error
        raise
    except OrgMirrorError as error:
        if error.code is ErrorCode.NOT_SALESFORCE:
            raise CompositeRefused from error
        raise
    answers = payload.get("compositeResponse") if isinstance(payload, Mapping) else None
    if not isinstance(answers, list):
        raise CompositeRefused
    by_reference = {item.get("referenceId"): item for item in answers if isinstance(item, Mapping)}
    found = [by_reference.get(f"part{index}") for index in range(len(parts))]
    if any(item is None for item in found):
        raise CompositeRefused
    return [_part_answer(item) for item in found if item is not None]


def _part_answer(item: Mapping[str, Any]) -> PartAnswer:
    status = int(item.get("httpStatusCode") or 0)
    body = item.get("body")
    raw = item.get("httpHeaders")
    headers = {str(key).lower(): str(value) for key, value in raw.items()} if isinstance(raw, Mapping) else {}
    error = error_from_body(status, body) if status >= 400 or status == 0 else None
    return PartAnswer(status, body, headers, error)
