"""The table of error codes, and every form in which a refusal comes."""

from __future__ import annotations

from typing import Any

import pytest

from core import messages
from core.model.errors import ErrorCode
from core.salesforce.errors import (
    _BY_CLASS,
    TABLE,
    ErrorClass,
    SalesforceError,
    classify,
    error_from_body,
    error_from_bytes,
    read_refusal,
)


def test_no_code_is_declared_twice() -> None:
    codes = [code for codes in _BY_CLASS.values() for code in codes]
    assert len(codes) == len(set(codes)) == len(TABLE)
    assert all(code == code.upper() for code in codes)


@pytest.mark.parametrize(
    ("code", "status", "text", "kind"),
    [
        ("INVALID_SESSION_ID", 401, "", ErrorClass.AUTH),
        ("InvalidSessionId", 400, "", ErrorClass.AUTH),
        (None, 401, "", ErrorClass.AUTH),
        ("REQUEST_LIMIT_EXCEEDED", 403, "TotalRequests Limit exceeded.", ErrorClass.BUDGET),
        ("REQUEST_LIMIT_EXCEEDED", 403, "ConcurrentRequests (Concurrent API) Limit exceeded.", ErrorClass.BUSY),
        # One code under two statuses is one thing.
        ("INSUFFICIENT_ACCESS_OR_READONLY", 400, "", ErrorClass.RIGHTS),
        ("INSUFFICIENT_ACCESS_OR_READONLY", 403, "", ErrorClass.RIGHTS),
        # An unknown code is never taken for a known condition by a 403 or 400 alone, but 409 and 412 tell enough.
        ("NEVER_HEARD_OF", 403, "", ErrorClass.REFUSED),
        ("NEVER_HEARD_OF", 400, "", ErrorClass.REFUSED),
        ("NEVER_HEARD_OF", 412, "", ErrorClass.CONFLICT),
        ("NEVER_HEARD_OF", 503, "", ErrorClass.TRANSIENT),
        (None, 404, "", ErrorClass.NOT_OFFERED),
        (None, 410, "", ErrorClass.VERSION),
        (None, 414, "", ErrorClass.TOO_WIDE),
        (None, 418, "", ErrorClass.REFUSED),
        (None, 500, "", ErrorClass.TRANSIENT),
        ("UNABLE_TO_LOCK_ROW", 400, "", ErrorClass.TRANSIENT),
        ("NOT_FOUND", 404, "invalid query locator", ErrorClass.STALE_CURSOR),
    ],
)
def test_code_first_status_second(code: str | None, status: int, text: str, kind: ErrorClass) -> None:
    assert classify(code, status, text) is kind


@pytest.mark.parametrize(
    ("body", "code", "text", "fields"),
    [
        ([{"errorCode": "INVALID_FIELD", "message": "no", "fields": ["X"]}], "INVALID_FIELD", "no", ("X",)),
        ([{"statusCode": "STRING_TOO_LONG", "message": "m", "fields": []}], "STRING_TOO_LONG", "m", ()),
        ({"error": "invalid_grant", "error_description": "d"}, "invalid_grant", "d", ()),
        ({"exceptionCode": "InvalidVersion", "exceptionMessage": "d"}, "InvalidVersion", "d", ()),
        ({"errors": [{"statusCode": "DUPLICATE_VALUE", "message": "d"}]}, "DUPLICATE_VALUE", "d", ()),
        ({"error": {"code": 1, "message": "odd"}}, None, "odd", ()),
        ({"error": "a whole sentence here"}, None, "a whole sentence here", ()),
        ([], None, None, ()),
        ("text", None, None, ()),
        (None, None, None, ()),
        ([None, 3], None, None, ()),
    ],
)
def test_forms(body: Any, code: str | None, text: str | None, fields: tuple[str, ...]) -> None:
    found = read_refusal(body)
    assert (found.code, found.text, found.fields) == (code, text, fields)


@pytest.mark.parametrize(
    ("content", "content_type", "code"),
    [
        (b'[{"errorCode": "NOT_FOUND", "message": "x"}]', "text/plain", "NOT_FOUND"),
        (b"<html>503</html>", "text/html", None),
        (b"Bad_OAuth_Token", "text/plain", "Bad_OAuth_Token"),
        (b"{broken", "application/json", None),
        (b"", "", None),
        (b"\xff\xfe\x00", "application/octet-stream", None),
        (
            b"<?xml version='1.0'?><e xmlns:sf='x'><sf:exceptionCode>INVALID_SESSION_ID</sf:exceptionCode></e>",
            "text/xml",
            "INVALID_SESSION_ID",
        ),
    ],
)
def test_bodies_of_every_kind_survive(content: bytes, content_type: str, code: str | None) -> None:
    assert error_from_bytes(400, content, content_type).salesforce_code == code


def test_duplicate_details_are_kept_under_either_spelling() -> None:
    for key in ("duplicateResut", "duplicateResult"):
        error = error_from_body(
            400, [{"errorCode": "DUPLICATES_DETECTED", "message": "Use one?", key: {"allowSave": True}}]
        )
        assert error.kind is ErrorClass.DUPLICATE
        assert error.details[key] == {"allowSave": True}


def test_every_class_has_words() -> None:
    for kind in ErrorClass:
        error = SalesforceError(400, None, None, kind=kind)
        assert isinstance(error.code, ErrorCode)
        assert messages.message(error).title
