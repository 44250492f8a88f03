"""Values on their way in and out: nothing is lost, nothing is invented."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from core.demo.errors import OrgError
from core.demo.metadata.fields import Field, Pick
from core.demo.values import (
    RawJson,
    dumps,
    encoded,
    number_form,
    number_text,
    parse_moment,
    rest_datetime,
    rest_number,
    to_rest,
    to_stored,
)

MONEY = Field("Money__c", "currency", "Money", precision=18, scale=2)
BIG = Field("Big__c", "double", "Big", precision=18, scale=0)
TEXT = Field("Text__c", "string", "Text", length=5)


@pytest.mark.parametrize(
    ("field", "given", "stored", "rest"),
    [
        (MONEY, 12.5, 12.5, 12.5),
        (MONEY, "12.505", 12.5, 12.5),
        (MONEY, 0, 0.0, 0.0),
        (MONEY, None, None, None),
        (MONEY, "9999999999999999.99", "9999999999999999.99", Decimal("9999999999999999.99")),
        (BIG, 123456789012345678, "123456789012345678", 123456789012345678),
        (BIG, "1E7", 1e7, 1e7),
        (Field("N", "int", "N"), "42", 42, 42),
        (Field("B", "boolean", "B"), None, 0, False),
        (Field("B", "boolean", "B"), "TRUE", 1, True),
        (Field("D", "date", "D"), "1900-01-01", "1900-01-01", "1900-01-01"),
        (Field("D", "date", "D"), datetime(2099, 12, 31, tzinfo=UTC), "2099-12-31", "2099-12-31"),
        (Field("T", "time", "T"), "09:30:15.5Z", "09:30:15.500Z", "09:30:15.500Z"),
        (
            Field("S", "datetime", "S"), "2026-01-31T01:02:03.456+0200",
            "2026-01-30T23:02:03.000Z", "2026-01-30T23:02:03.000+0000",
        ),
        (TEXT, "", None, None),
        (TEXT, " NA ", " NA ", " NA "),
        (Field("R", "reference", "R", length=18), "00Q000000000001", "00Q000000000001EAA", "00Q000000000001EAA"),
    ],
)  # fmt: skip
def test_forms(field: Field, given: Any, stored: Any, rest: Any) -> None:
    kept = to_stored(field, given)
    assert kept == stored
    assert type(kept) is type(stored)
    assert to_rest(field, kept) == rest


@pytest.mark.parametrize(
    ("field", "given", "code"),
    [
        (MONEY, "many", "JSON_PARSER_ERROR"),
        (MONEY, True, "JSON_PARSER_ERROR"),
        (MONEY, "NaN", "JSON_PARSER_ERROR"),
        (TEXT, "abcdef", "STRING_TOO_LONG"),
        (TEXT, 7, "JSON_PARSER_ERROR"),
        (Field("D", "date", "D"), "31.12.2026", "JSON_PARSER_ERROR"),
        (Field("S", "datetime", "S"), "soon", "JSON_PARSER_ERROR"),
        (Field("R", "reference", "R", length=18), "nobody", "MALFORMED_ID"),
        (Field("B", "boolean", "B"), "yes", "JSON_PARSER_ERROR"),
        (
            Field("P", "picklist", "P", length=9, restricted=True, picks=(Pick("A", "A"),)), "B",
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        ),
    ],
)  # fmt: skip
def test_refusals(field: Field, given: Any, code: str) -> None:
    with pytest.raises(OrgError) as caught:
        to_stored(field, given)
    assert caught.value.code == code
    assert caught.value.fields == [field.name]


def test_json_keeps_all_digits_of_long_numbers() -> None:
    text = dumps({"a": Decimal("9999999999999999.99"), "b": 123456789012345678, "c": "é\n", "d": [Decimal("0.1")]})
    assert text == '{"a":9999999999999999.99,"b":123456789012345678,"c":"é\\n","d":[0.1]}'
    assert json.loads(text, parse_float=Decimal)["a"] == Decimal("9999999999999999.99")


def test_json_refuses_what_is_no_json_value() -> None:
    with pytest.raises(TypeError):
        dumps({"a": object()})


def test_a_number_stays_a_double_only_while_it_keeps_its_digits() -> None:
    assert number_form(Decimal("123456789012345")) == 123456789012345.0
    assert number_form(Decimal("1234567890123456")) == "1234567890123456"
    assert number_form(Decimal("100000000000000000000")) == 1e20
    assert rest_number("1234567890123456") == 1234567890123456
    assert rest_number(3) == 3.0


def test_moments() -> None:
    assert parse_moment("2026-02-30T00:00:00Z") is None
    assert parse_moment("2026-02-28") is None
    two = timezone(timedelta(hours=2))
    assert parse_moment("2026-02-28T10:00:00+02:00") == datetime(2026, 2, 28, 10, tzinfo=two)
    assert rest_datetime(None) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"), (12.5, "12.5"), (9999999.99, "9999999.99"), (10_000_000.0, "1.0E7"),
        (12_345_678.9, "1.23456789E7"),
        (-25_000_000.0, "-2.5E7"), (1e16, "1.0E16"), (1.25e20, "1.25E20"), (123456789012345.0, "1.23456789012345E14"),
    ],
)  # fmt: skip
def test_large_doubles_are_printed_with_an_exponent(value: float, text: str) -> None:
    assert number_text(value) == text
    assert float(text) == value


def test_ready_json_goes_into_a_payload_as_it_is() -> None:
    assert encoded({"a": [1], "b": RawJson('["ü"]'.encode())}) == '{"a":[1],"b":["ü"]}'.encode()
    assert encoded([{"a": 1}]) == b'[{"a":1}]'
