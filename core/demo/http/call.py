"""One request and one answer, free of the server that carried them, so that composite can nest calls.

A Call belongs to the worker thread that handles it; nothing here touches the event loop.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from core.demo.errors import OrgError
from core.demo.manner import Manner
from core.demo.policies import DuplicatesFound
from core.demo.values import encoded

if TYPE_CHECKING:
    from core.demo.auth import Session
    from core.demo.org import View
    from core.demo.site import Site

JSON_TYPE = "application/json;charset=UTF-8"

_WITH_FIELDS = {
    "ENTITY_IS_DELETED",
    "CANNOT_UPDATE_CONVERTED_LEAD",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "INSUFFICIENT_ACCESS_OR_READONLY",
    "INVALID_CROSS_REFERENCE_KEY",
    "REQUIRED_FIELD_MISSING",
}
"""Errors of writes, which name their fields even when there are none."""


@dataclass(slots=True)
class Answer:
    """What goes back. Exactly one of `payload` (JSON value), `body` and `chunks` is set; none means no body."""

    status: int = 200
    payload: Any = None
    body: bytes | None = None
    chunks: Iterator[bytes] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    gzipped: bool = False
    """True: `chunks` is compressed already and Content-Encoding has to say so."""

    def encoded(self) -> bytes:
        """The body as bytes; empty where there is none. Not for answers with `chunks`."""
        if self.body is not None:
            return self.body
        if self.payload is None:
            return b""
        return encoded(self.payload)


def error_payload(error: OrgError) -> list[dict[str, Any]]:
    """The REST error body: an array of one, `fields` only where the error names some."""
    item: dict[str, Any] = {"message": error.message, "errorCode": error.code}
    if isinstance(error, DuplicatesFound):
        # Misspelt by Salesforce itself.
        item["duplicateResut"] = error.details
    if error.fields or error.code in _WITH_FIELDS:
        item["fields"] = list(error.fields)
    return [item]


@dataclass(slots=True)
class Call:
    """One request, or one subrequest of a composite call."""

    site: Site
    method: str
    path: str
    """Raw path, still percent-encoded."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes = b""
    session: Session | None = None
    version: str = ""
    """Such as "65.0"; empty outside /services/data/vNN.N."""
    params: dict[str, str] = field(default_factory=dict)
    """Named parts of the path, percent-decoded."""
    nested: bool = False
    late_stamp: str | None = None
    """Stamp of what it writes, where it came in long before it is handled."""
    _view: View | None = None

    @property
    def view(self) -> View:
        """The org as the signed-in user sees it."""
        if self._view is None:
            assert self.session is not None
            self._view = self.site.org.view(self.session.user_id)
        return self._view

    @property
    def api_version(self) -> float:
        """The number of the version in the path."""
        return float(self.version)

    @property
    def base(self) -> str:
        """/services/data/vNN.N of this call."""
        return f"/services/data/v{self.version}"

    def json(self) -> Any:
        """The body as JSON. Raises OrgError JSON_PARSER_ERROR, or 415 for a body declared to be something else."""
        declared = self.headers.get("content-type", "").split(";")[0].strip().lower()
        if declared and declared not in {"application/json", "text/json"} and not declared.endswith("+json"):
            raise OrgError(
                "UNSUPPORTED_MEDIA_TYPE",
                f"Content-Type '{declared}' not supported.  Use one of: application/json,application/xml",
                415,
            )
        try:
            return json.loads(self.body, parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            place = getattr(error, "pos", 0)
            raise OrgError(
                "JSON_PARSER_ERROR", f"Unexpected character or end of the body at position {place}"
            ) from error

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object. Raises OrgError JSON_PARSER_ERROR otherwise."""
        value = self.json()
        if not isinstance(value, dict):
            raise OrgError("JSON_PARSER_ERROR", "The HTTP entity body is required to be a JSON object")
        return value

    def integer(self, name: str, default: int) -> int:
        """A whole number of the query string. Raises OrgError INVALID_PARAMETER... for anything else."""
        text = self.query.get(name)
        if text is None or text == "":
            return default
        try:
            return int(text)
        except ValueError as error:
            raise OrgError("INVALID_QUERY_FILTER_OPERATOR", f"{name}: not a number: {text}") from error


Handler = Callable[[Call], Answer]
_DECIDING = (
    "sforce-auto-assign", "sforce-duplicate-rule-header", "if-unmodified-since", "if-match", "idempotency-key",
    "sforce-call-options", "x-request-id",
)  # fmt: skip


def manner_of(call: Call) -> Manner:
    """How a REST call writes, by its headers. A part of a composite call has its own: it inherits none of these."""
    duplicates = call.headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
    return Manner(
        via="composite" if call.nested else "REST",
        assigns=call.headers.get("sforce-auto-assign", "TRUE").strip().upper() != "FALSE",
        allows_duplicates="allowsave=true" in duplicates,
        checks_duplicates=True,
        headers={name: call.headers[name] for name in _DECIDING if name in call.headers},
        at=call.late_stamp,
    )


def http_date(moment: datetime) -> str:
    """`Wed, 21 Oct 2026 07:28:00 GMT`, whole seconds."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)


def condition(call: Call, name: str) -> datetime | None:
    """The moment of a conditional header, None without one. Raises OrgError (400) for an unreadable date."""
    text = call.headers.get(name)
    if text is None:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError as error:
        raise OrgError("INVALID_HEADER_TYPE", f"Unable to parse the date of the header: {name}") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def unchanged(call: Call, modified: datetime) -> bool:
    """Whether If-Modified-Since says that the caller has this state already (HTTP dates have whole seconds)."""
    since = condition(call, "if-modified-since")
    return since is not None and modified.replace(microsecond=0) <= since
