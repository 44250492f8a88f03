"""The error table: one answer per code."""

from __future__ import annotations

import pytest

from core.model.errors import ErrorCode, OrgMirrorError
from core.salesforce.errors import TABLE, ErrorClass, SalesforceError
from core.sync.push_errors import (
    HOURLY,
    PAUSES,
    QUICK_TRIES,
    SLOW_PAUSES,
    Remedy,
    clashing_id,
    failed,
    named_fields,
    pause_after,
    refused,
)

FIELDS = ("Phone", "City")


def answer(code: str, **more: object) -> tuple[Remedy, ErrorCode]:
    options = {"fields": FIELDS, "attempts": 0} | more
    status = options.pop("status", 400)
    text = options.pop("text", "words")
    found = refused(SalesforceError(int(str(status)), code, str(text)), **options)  # type: ignore[arg-type]
    return found.remedy, found.code


ASKED = {
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": ErrorCode.PUSH_REFUSED,
    "FIELD_FILTER_VALIDATION_EXCEPTION": ErrorCode.PUSH_REFUSED,
    "REQUIRED_FIELD_MISSING": ErrorCode.PUSH_REFUSED,
    "STRING_TOO_LONG": ErrorCode.PUSH_REFUSED,
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": ErrorCode.PUSH_REFUSED,
    "INVALID_EMAIL_ADDRESS": ErrorCode.PUSH_REFUSED,
    "NUMBER_OUTSIDE_VALID_RANGE": ErrorCode.PUSH_REFUSED,
    "FIELD_INTEGRITY_EXCEPTION": ErrorCode.PUSH_REFUSED,
    "DUPLICATE_VALUE": ErrorCode.PUSH_DUPLICATE_VALUE,
    "INSUFFICIENT_ACCESS": ErrorCode.PUSH_NOT_ALLOWED,
    "INSUFFICIENT_ACCESS_OR_READONLY": ErrorCode.PUSH_NOT_ALLOWED,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": ErrorCode.PUSH_NOT_ALLOWED,
    "TRANSFER_REQUIRES_READ": ErrorCode.PUSH_NOT_ALLOWED,
    "ENTITY_IS_LOCKED": ErrorCode.PUSH_LOCKED,
    "ENTITY_IS_ARCHIVED": ErrorCode.PUSH_LOCKED,
    "INACTIVE_OWNER_OR_USER": ErrorCode.PUSH_LOCKED,
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": ErrorCode.PUSH_AUTOMATION,
    "CANNOT_EXECUTE_FLOW_TRIGGER": ErrorCode.PUSH_AUTOMATION,
    "APEX_ERROR": ErrorCode.PUSH_AUTOMATION,
    "A_CODE_NOBODY_KNOWS": ErrorCode.PUSH_REFUSED,
}


@pytest.mark.parametrize(("code", "words"), ASKED.items())
def test_what_a_person_has_to_read(code: str, words: ErrorCode) -> None:
    assert answer(code) == (Remedy.ASK, words)


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE", Remedy.MERGE),
        ("UNABLE_TO_LOCK_ROW", Remedy.QUICKLY),
        ("TOO_MANY_APEX_REQUESTS", Remedy.RETRY),
        ("ALREADY_IN_PROCESS", Remedy.RETRY),
        ("INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", Remedy.RETRY),
        ("TXN_SECURITY_METERING_ERROR", Remedy.RETRY),
        ("STORAGE_LIMIT_EXCEEDED", Remedy.RETRY),
        ("LICENSE_LIMIT_EXCEEDED", Remedy.RETRY),
        ("REQUEST_LIMIT_EXCEEDED", Remedy.RETRY),
        ("DUPLICATES_DETECTED", Remedy.DUPLICATE),
        ("ENTITY_IS_DELETED", Remedy.LOOK),
        ("INVALID_CROSS_REFERENCE_KEY", Remedy.LOOK),
        ("CANNOT_UPDATE_CONVERTED_LEAD", Remedy.LOOK),
        ("NOT_FOUND", Remedy.LOOK),
    ],
)
def test_what_is_done_by_itself(code: str, remedy: Remedy) -> None:
    assert answer(code)[0] is remedy


def test_every_code_of_the_table_has_an_answer() -> None:
    for code in TABLE:
        found = refused(SalesforceError(400, code, "words"), fields=FIELDS, attempts=0)
        assert found.remedy is not Remedy.STOP
        assert found.pause >= 0


def test_what_was_found_to_be_there_is_asked() -> None:
    assert answer("INVALID_CROSS_REFERENCE_KEY", looked=True) == (Remedy.ASK, ErrorCode.PUSH_REFERENCE)
    assert answer("CANNOT_UPDATE_CONVERTED_LEAD", looked=True) == (Remedy.ASK, ErrorCode.PUSH_CONVERTED)


def test_a_lock_is_tried_quickly_a_few_times() -> None:
    assert answer("UNABLE_TO_LOCK_ROW", attempts=QUICK_TRIES)[0] is Remedy.RETRY


def test_some_fields_may_not_be_written() -> None:
    error = SalesforceError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable", fields=("phone",))
    found = refused(error, fields=FIELDS, attempts=0)
    assert (found.remedy, found.fields) == (Remedy.FIELDS, ("Phone",))
    alone = refused(error, fields=("Phone",), attempts=0)
    assert (alone.remedy, alone.code) == (Remedy.ASK, ErrorCode.PUSH_FIELD_REFUSED)
    unnamed = refused(SalesforceError(400, "INVALID_FIELD", "No such column"), fields=FIELDS, attempts=0)
    assert (unnamed.remedy, unnamed.fields) == (Remedy.ASK, ())


def test_automation_is_tried_singly_first() -> None:
    assert answer("APEX_ERROR", together=5)[0] is Remedy.SINGLY


def test_fields_are_found_in_the_text_where_they_are_not_listed() -> None:
    error = SalesforceError(400, "INVALID_FIELD", "No such column 'city' on sobject of type Lead")
    assert named_fields(error, FIELDS) == ("City",)
    assert named_fields(SalesforceError(400, "X", None, fields=("Other",)), FIELDS) == ()


def test_pauses_grow() -> None:
    assert [pause_after(n) for n in (-1, 0, 1, 99)] == [PAUSES[0], PAUSES[0], PAUSES[1], PAUSES[-1]]
    assert pause_after(0, SLOW_PAUSES) == SLOW_PAUSES[0]
    assert refused(SalesforceError(400, "STORAGE_LIMIT_EXCEEDED", ""), fields=(), attempts=0).pause == HOURLY


@pytest.mark.parametrize(
    ("error", "sent", "records", "remedy"),
    [
        (OrgMirrorError(ErrorCode.TIMED_OUT), True, 1, Remedy.UNKNOWN),
        (OrgMirrorError(ErrorCode.TIMED_OUT), False, 1, Remedy.STOP),
        (OrgMirrorError(ErrorCode.CANCELLED), True, 1, Remedy.UNKNOWN),
        (OrgMirrorError(ErrorCode.UNKNOWN_HOST), False, 1, Remedy.STOP),
        (OrgMirrorError(ErrorCode.SIGN_IN_NEEDED), True, 1, Remedy.STOP),
        (OrgMirrorError(ErrorCode.BULK_FAILED), True, 1, Remedy.UNKNOWN),
        (OrgMirrorError(ErrorCode.BULK_FAILED), False, 1, Remedy.RETRY),
        (SalesforceError(401, "INVALID_SESSION_ID", None), True, 1, Remedy.STOP),
        (SalesforceError(403, "REQUEST_LIMIT_EXCEEDED", None), True, 1, Remedy.STOP),
        (SalesforceError(403, "API_DISABLED_FOR_ORG", None), True, 1, Remedy.STOP),
        (SalesforceError(410, "UNSUPPORTED_API_VERSION", None), True, 1, Remedy.STOP),
        (SalesforceError(429, None, None), True, 1, Remedy.STOP),
        (SalesforceError(503, "SERVER_UNAVAILABLE", None), True, 1, Remedy.UNKNOWN),
        (SalesforceError(500, None, None), True, 1, Remedy.UNKNOWN),
        (SalesforceError(400, "TOO_MANY_APEX_REQUESTS", None), True, 1, Remedy.RETRY),
        (SalesforceError(420, None, None), True, 1, Remedy.UNKNOWN),
        (SalesforceError(400, "JSON_PARSER_ERROR", None), True, 2, Remedy.HALVE),
        (SalesforceError(400, "JSON_PARSER_ERROR", None), True, 1, Remedy.ASK),
        (SalesforceError(414, None, None), True, 1, Remedy.ASK),
    ],
)
def test_requests_that_fail_as_a_whole(error: OrgMirrorError, sent: bool, records: int, remedy: Remedy) -> None:
    assert failed(error, sent=sent, records=records, attempts=0).remedy is remedy


def test_a_busy_server_says_how_long() -> None:
    told = SalesforceError(429, None, None, retry_after=7.0)
    assert failed(told, sent=True, records=1, attempts=0).pause == 7.0
    assert failed(SalesforceError(403, "API_DISABLED_FOR_ORG", None), sent=True, records=1, attempts=0).code is (
        ErrorCode.PUSH_ORG_STATE
    )


def test_the_record_that_has_the_value() -> None:
    text = "duplicate value found: Key__c duplicates value on record with id: 00Q000000000001"
    assert clashing_id(SalesforceError(400, "DUPLICATE_VALUE", text)) == "00Q000000000001"
    assert clashing_id(SalesforceError(400, "DUPLICATE_VALUE", None)) is None
    assert clashing_id(SalesforceError(400, "STRING_TOO_LONG", text)) is None


def test_a_conflict_without_a_body_merges_again() -> None:
    assert refused(SalesforceError(412, None, None), fields=(), attempts=0).remedy is Remedy.MERGE
    assert SalesforceError(412, None, None).kind is ErrorClass.CONFLICT
