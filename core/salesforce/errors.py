"""What Salesforce's refusals mean: one table of error codes, and the exception that carries one.

Dispatch is on `errorCode` first and on the HTTP status second, because servers disagree about the status of one code
(reference: salesforce-api.md 3.10, sync-peers.md 2.7).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.model.errors import ErrorCode, OrgMirrorError


class ErrorClass(StrEnum):
    """Who has to do what. Values appear in logs only."""

    TRANSIENT = "transient"  # a later try may work; reads are repeated
    BUSY = "busy"  # too much at once: fewer requests, longer pauses
    AUTH = "auth"  # renew the token once, then ask the person
    BUDGET = "budget"  # the org's daily calls are spent
    TOO_BIG = "too-big"  # too many rows or too slow: split by date or id
    TOO_WIDE = "too-wide"  # too many fields or too long a text: split the field list
    STALE_CURSOR = "stale-cursor"  # a query locator or job is gone: begin the window anew
    GAP = "gap"  # a replication window reaches too far back: sweep
    SCHEMA = "schema"  # a field or object is not (or no longer) there for this user: describe again
    NOT_OFFERED = "not-offered"  # this server, version or edition does not have the resource
    USER_DATA = "user-data"  # the person's value is refused
    DUPLICATE = "duplicate"  # a duplicate rule or unique field objects
    GONE = "gone"  # the record is deleted, merged away or invisible
    CONVERTED = "converted"  # a converted lead cannot be edited
    RIGHTS = "rights"  # this user may not
    BUSINESS = "business"  # locked by an approval, archived, inactive owner
    AUTOMATION = "automation"  # the org's own triggers and flows object
    ORG_STATE = "org-state"  # storage, licences, API switched off
    CONFLICT = "conflict"  # newer there: merge again
    VERSION = "version"  # the API version is retired, or another one than the job's
    REFUSED = "refused"  # anything else: shown, never looped over


_BY_CLASS: dict[ErrorClass, tuple[str, ...]] = {
    ErrorClass.TRANSIENT: (
        "SERVER_UNAVAILABLE",
        "UNABLE_TO_LOCK_ROW",
        "TOO_MANY_APEX_REQUESTS",
        "ALREADY_IN_PROCESS",
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
        "UNKNOWN_EXCEPTION",
        "INTERNAL_ERROR",
        "TRANSIENT_ERROR",
        "SYSTEM_MAINTENANCE",
        "DB_CONNECTION_UNAVAILABLE",
        "CANNOT_ACQUIRE_LOCK",
    ),
    ErrorClass.BUSY: ("TXN_SECURITY_METERING_ERROR", "CONCURRENT_REQUEST_LIMIT", "RATE_LIMIT_EXCEEDED"),
    ErrorClass.AUTH: (
        "INVALID_SESSION_ID",
        "INVALIDSESSIONID",
        "INVALID_AUTH_HEADER",
        "MISSING_OAUTH_TOKEN",
        "BAD_OAUTH_TOKEN",
    ),
    ErrorClass.BUDGET: ("REQUEST_LIMIT_EXCEEDED",),
    ErrorClass.TOO_BIG: (
        "QUERY_TIMEOUT",
        "REQUEST_RUNNING_TOO_LONG",
        "EXCEEDED_ID_LIMIT",
        "OPERATION_TOO_LARGE",
        "EXCEEDED_MAX_SEMIJOIN_SUBSELECTS",
        "NONSELECTIVE_QUERY",
    ),
    ErrorClass.TOO_WIDE: ("QUERY_TOO_COMPLICATED", "URI_TOO_LONG", "REQUEST_HEADER_FIELDS_TOO_LARGE"),
    ErrorClass.STALE_CURSOR: ("INVALID_QUERY_LOCATOR", "INVALID_LOCATOR"),
    ErrorClass.GAP: ("INVALID_REPLICATION_DATE",),
    ErrorClass.SCHEMA: ("INVALID_FIELD", "INVALID_TYPE", "INVALIDENTITY", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
    ErrorClass.NOT_OFFERED: (
        "EXCEEDEDQUOTA",  # the day's Bulk jobs are spent: what they would do goes by REST
        "NOT_FOUND",
        "METHOD_NOT_ALLOWED",
        "INVALIDJOB",
        "FEATURENOTENABLED",
        "FEATURE_NOT_ENABLED",
        "FUNCTIONALITY_NOT_ENABLED",
        "FUNCTIONALITY_TEMPORARILY_UNAVAILABLE",
        "UNSUPPORTED_MEDIA_TYPE",
        "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION",
        "INVALID_TYPE_FOR_OPERATION",
    ),
    ErrorClass.USER_DATA: (
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "FIELD_FILTER_VALIDATION_EXCEPTION",
        "REQUIRED_FIELD_MISSING",
        "STRING_TOO_LONG",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "INVALID_EMAIL_ADDRESS",
        "NUMBER_OUTSIDE_VALID_RANGE",
        "FIELD_INTEGRITY_EXCEPTION",
        "INVALID_CROSS_REFERENCE_TYPE_FOR_FIELD",
        "JSON_PARSER_ERROR",
        "MALFORMED_ID",
    ),
    ErrorClass.DUPLICATE: ("DUPLICATES_DETECTED", "DUPLICATE_VALUE", "DUPLICATE_EXTERNAL_ID"),
    ErrorClass.GONE: ("ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "INVALID_ID_FIELD"),
    ErrorClass.CONVERTED: ("CANNOT_UPDATE_CONVERTED_LEAD",),
    ErrorClass.RIGHTS: (
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "TRANSFER_REQUIRES_READ",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "FORBIDDEN",
    ),
    ErrorClass.BUSINESS: (
        "ENTITY_IS_LOCKED",
        "ENTITY_IS_ARCHIVED",
        "INACTIVE_OWNER_OR_USER",
        "DELETE_FAILED",
        "DEPENDENCY_EXISTS",
    ),
    ErrorClass.AUTOMATION: (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "CANNOT_EXECUTE_FLOW_TRIGGER",
        "APEX_ERROR",
        "APEX_DATA_ACCESS_RESTRICTION",
    ),
    ErrorClass.ORG_STATE: (
        "STORAGE_LIMIT_EXCEEDED",
        "LICENSE_LIMIT_EXCEEDED",
        "API_DISABLED_FOR_ORG",
        "API_CURRENTLY_DISABLED",
        "ORG_LOCKED",
        "ORGANIZATION_NOT_ACTIVE",
    ),
    ErrorClass.CONFLICT: (
        "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE",
        "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE_CHECK",
        "PRECONDITION_FAILED",
    ),
    ErrorClass.VERSION: ("UNSUPPORTED_API_VERSION", "INVALIDVERSION", "API_VERSION_MISMATCH", "GONE"),
    ErrorClass.REFUSED: ("MALFORMED_QUERY", "INVALID_SEARCH"),
}
TABLE: dict[str, ErrorClass] = {code: kind for kind, codes in _BY_CLASS.items() for code in codes}

_BY_STATUS: dict[int, ErrorClass] = {
    401: ErrorClass.AUTH,
    403: ErrorClass.RIGHTS,
    404: ErrorClass.NOT_OFFERED,
    405: ErrorClass.NOT_OFFERED,
    408: ErrorClass.TRANSIENT,
    409: ErrorClass.VERSION,
    410: ErrorClass.VERSION,
    412: ErrorClass.CONFLICT,
    414: ErrorClass.TOO_WIDE,
    415: ErrorClass.NOT_OFFERED,
    420: ErrorClass.TRANSIENT,
    425: ErrorClass.TRANSIENT,
    429: ErrorClass.BUSY,
    431: ErrorClass.TOO_WIDE,
    501: ErrorClass.NOT_OFFERED,
}

_CODES: dict[ErrorClass, ErrorCode] = {
    ErrorClass.TRANSIENT: ErrorCode.SERVER_ERROR,
    ErrorClass.BUSY: ErrorCode.SERVER_ERROR,
    ErrorClass.AUTH: ErrorCode.SIGN_IN_NEEDED,
    ErrorClass.BUDGET: ErrorCode.API_LIMIT,
    ErrorClass.TOO_BIG: ErrorCode.QUERY_REFUSED,
    ErrorClass.TOO_WIDE: ErrorCode.QUERY_REFUSED,
    ErrorClass.SCHEMA: ErrorCode.FIELD_REFUSED,
}
_BY_CODE: dict[str, ErrorCode] = {
    "INVALID_TYPE": ErrorCode.OBJECT_NOT_VISIBLE,
    "INVALIDENTITY": ErrorCode.OBJECT_NOT_VISIBLE,
    "MALFORMED_QUERY": ErrorCode.QUERY_REFUSED,
    "API_DISABLED_FOR_ORG": ErrorCode.API_NOT_ENABLED,
    "API_CURRENTLY_DISABLED": ErrorCode.API_NOT_ENABLED,
}
_SHAPE = re.compile(r"^[A-Za-z][A-Za-z0-9_]{2,79}$")
_PREFIX = re.compile(r"^\s*([A-Z][A-Z0-9_]{2,79})\s*:\s*(.*)$", re.DOTALL)


def classify(code: str | None, status: int, text: str = "") -> ErrorClass:
    """The class of an error, by its code, else by its HTTP status."""
    if code:
        kind = TABLE.get(code.upper())
        # One code for two conditions: only the text tells "too many at once" from "spent for today".
        if kind is ErrorClass.BUDGET and "concurrent" in text.lower():
            return ErrorClass.BUSY
        if kind is ErrorClass.NOT_OFFERED and code.upper() == "NOT_FOUND" and "query locator" in text.lower():
            return ErrorClass.STALE_CURSOR
        if kind is not None:
            return kind
    kind = _BY_STATUS.get(status)
    if kind is not None and not (code and kind is ErrorClass.RIGHTS):
        return kind
    return ErrorClass.TRANSIENT if status >= 500 else ErrorClass.REFUSED


class SalesforceError(OrgMirrorError):
    """Salesforce's refusal of one request, or of one part of a composite request.

    `status` is the HTTP status (0 where there was none, such as a failed Bulk job), `kind` says who acts,
    `fields` names the fields complained about, `retry_after` is in seconds where the server asked for a pause.
    """

    def __init__(
        self,
        status: int,
        salesforce_code: str | None,
        salesforce_text: str | None,
        *,
        fields: tuple[str, ...] = (),
        retry_after: float | None = None,
        details: Any = None,
        kind: ErrorClass | None = None,
        **params: Any,
    ) -> None:
        self.kind = kind or classify(salesforce_code, status, salesforce_text or "")
        own = _BY_CODE.get((salesforce_code or "").upper())
        code = own or _CODES.get(self.kind, ErrorCode.SALESFORCE_ERROR)
        super().__init__(
            code, salesforce_code=salesforce_code, salesforce_text=salesforce_text, status=status, **params
        )
        self.status = status
        self.fields = fields
        self.retry_after = retry_after
        self.details = details

    def __str__(self) -> str:
        # The text may quote record values, so it stays out of logs.
        return f"{self.code.value} {self.kind.value} {self.salesforce_code} HTTP {self.status}"

    def about(self, object_name: str) -> SalesforceError:
        """The same refusal, naming the object that was asked for."""
        self.params.setdefault("object", object_name)
        return self


@dataclass(frozen=True, slots=True)
class Refusal:
    """The words of an error body, whatever its form."""

    code: str | None = None
    text: str | None = None
    fields: tuple[str, ...] = ()
    details: Any = None


def read_refusal(body: Any) -> Refusal:
    """Code, text and fields of a parsed error body.

    Forms: REST's array, the token endpoint's `error`/`error_description`, Bulk 1's `exceptionCode`, collections'
    `statusCode`. Anything else, also None, gives an empty refusal.
    """
    if isinstance(body, list):
        return next((read_refusal(item) for item in body if isinstance(item, Mapping)), Refusal())
    if not isinstance(body, Mapping):
        return Refusal()
    code = next(
        (body[key] for key in ("errorCode", "exceptionCode", "statusCode", "error") if isinstance(body.get(key), str)),
        None,
    )
    text = next(
        (body[key] for key in ("message", "exceptionMessage", "error_description") if isinstance(body.get(key), str)),
        None,
    )
    if code is None and text is None:
        for key in ("errors", "error", "enhancedErrors"):
            if isinstance(body.get(key), (list, Mapping)):
                return read_refusal(body[key])
    fields = body.get("fields")
    names = tuple(str(item) for item in fields) if isinstance(fields, list) else ()
    if code is not None and not _SHAPE.match(code):
        code, text = None, text or code
    return Refusal(code, text, names, dict(body))


def error_from_body(status: int, body: Any, *, retry_after: float | None = None) -> SalesforceError:
    """The exception for a parsed error body."""
    refusal = read_refusal(body)
    return SalesforceError(
        status,
        refusal.code,
        refusal.text,
        fields=refusal.fields,
        retry_after=retry_after,
        details=refusal.details,
    )


def error_from_bytes(
    status: int, content: bytes, content_type: str, *, retry_after: float | None = None
) -> SalesforceError:
    """The exception for an error answer as received; bodies that are not JSON survive."""
    text = content[:20_000].decode("utf-8", "replace").strip()
    if text[:1] in ("[", "{"):
        try:
            return error_from_body(status, json.loads(content), retry_after=retry_after)
        except ValueError:
            pass
    if "xml" in content_type or text.startswith("<?xml"):
        code = re.search(r"<(?:\w+:)?exceptionCode>\s*([^<]+?)\s*</", text)
        words = re.search(r"<(?:\w+:)?exceptionMessage>\s*([^<]+?)\s*</", text)
        return SalesforceError(status, code and code[1], words[1] if words else None, retry_after=retry_after)
    # The identity service answers with a bare word such as Bad_OAuth_Token.
    if _SHAPE.match(text):
        return SalesforceError(status, text, None, retry_after=retry_after)
    return SalesforceError(status, None, None, retry_after=retry_after)


def error_from_message(message: str | None, *, fallback: ErrorClass = ErrorClass.REFUSED) -> SalesforceError:
    """The exception for a failed job's `errorMessage`, which begins with a code ("INVALID_FIELD: …") or does not."""
    text = (message or "").strip()
    match = _PREFIX.match(text)
    code = match[1] if match else None
    kind = TABLE.get(code) if code else None
    if kind is None:
        lowered = text.lower()
        if "retried more than" in lowered or "timeout" in lowered or "timed out" in lowered:
            kind = ErrorClass.TOO_BIG
        elif "compound" in lowered or "not supported" in lowered:
            kind = ErrorClass.NOT_OFFERED
    return SalesforceError(0, code, match[2] if match else text or None, kind=kind or fallback)
