"""The JSON and the CSV wire give byte-identical stored values for the same record."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.mirror import values
from core.mirror.mirror import Mirror
from core.mirror.rows import RowWriter
from core.mirror.tables import Table
from core.model.refs import long_id
from tests.unit.mirror.conftest import KEY
from tests.unit.mirror.samples import lead, lead_id, lead_table, select

ODD_TEXTS = [
    "NA", "NULL", "#N/A", "null", "None", "nan", "=1+1", "true", "0", " ", "  lead ", '"', '""', ",", ";", "A;B;C",
    "a\nb", "a\r\nb", "a\rb", "\n", "日本語テキスト", "한국어", "مرحبا", "😀👩‍👩‍👧", "İı", "\u2028", "\ufeff",
    "'; DROP TABLE Lead",
]  # fmt: skip
texts = st.one_of(st.sampled_from(ODD_TEXTS), st.text(st.characters(codec="utf-8", exclude_characters="\0")))
numbers = st.one_of(
    st.sampled_from(
        [Decimal(n) for n in ("0", "-0", "-0.0", "1E-7", "1.0E7", "0.1", "-5.50", "1E+15", "123456789012345")]
    ),
    st.decimals(min_value=-(10**11), max_value=10**11, places=4),
    st.integers(-(10**15) + 1, 10**15 - 1).map(Decimal),
)
exacts = st.one_of(
    st.sampled_from(
        [Decimal(n) for n in ("999999999999999999", "-999999999999999999", "0.000000000000000001", "1E+17", "-0.0")]
    ),
    st.decimals(min_value=-(10**18) + 1, max_value=10**18 - 1, allow_nan=False, places=6),
    st.integers(-(10**18) + 1, 10**18 - 1).map(Decimal),
)
moments = st.datetimes(datetime(1900, 1, 1), datetime(2099, 12, 31)).map(
    lambda m: m.replace(microsecond=m.microsecond // 1000 * 1000, tzinfo=UTC)
)
records = st.fixed_dictionaries(
    {
        "LastName": st.none() | texts,
        "Description": st.none() | texts,
        "HasOptedOutOfEmail": st.booleans(),
        "AnnualRevenue": st.none() | exacts,
        "Score__c": st.none() | numbers,
        "NumberOfEmployees": st.none() | st.integers(-(10**8), 10**8),
        "Birthday__c": st.none() | st.dates(date(1900, 1, 1), date(2099, 12, 31)),
        "Call_At__c": st.none() | st.times(),
        "OwnerId": st.none() | st.from_regex(r"\A00[5G][A-Za-z0-9]{12}\Z"),
        "LastModifiedDate": st.none() | moments,
    }
)


def spelled(number: Decimal, draw: int) -> str:
    """One of the ways in which a server may spell a number; which one differs between the wires."""
    plain = format(number, "f")
    forms = [plain, f"{number:E}", plain if "." in plain else plain + ".0", plain + ("00" if "." in plain else "")]
    return forms[draw % len(forms)]


def as_json(record: dict[str, Any], draw: int) -> dict[str, Any]:
    """The record as REST answers it, through real JSON, numbers parsed as the client does."""
    out = lead(1)
    for name, value in record.items():
        match value:
            case Decimal():
                out[name] = json.loads(spelled(value, draw), parse_float=Decimal)
            case datetime():
                out[name] = value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}+0000"
            case date() | time():
                out[name] = value.isoformat()
            case _:
                out[name] = value
    return {n: v if isinstance(v, Decimal) else json.loads(json.dumps(v)) for n, v in out.items()}


def as_csv(record: dict[str, Any], header: list[str], draw: int) -> list[str]:
    """The record as Bulk answers it, through a real CSV parser."""
    cells = {name: ("" if v is None else str(v).lower() if isinstance(v, bool) else v) for name, v in lead(1).items()}
    for name, value in record.items():
        match value:
            case None:
                cells[name] = ""
            case bool():
                cells[name] = "true" if value else "false"
            case Decimal():
                cells[name] = spelled(value, draw)
            case datetime():
                cells[name] = value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
            case date() | time():
                cells[name] = value.isoformat()
            case _:
                cells[name] = str(value)
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow([cells[name] for name in header])
    return next(csv.reader(io.StringIO(buffer.getvalue(), newline="")))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """A mirror that the property test writes one record into, again and again."""
    with Mirror.create(tmp_path_factory.mktemp("values") / "mirror.db", KEY) as mirror:
        yield mirror, lead_table(mirror)


def stored(mirror: Mirror, table: Table) -> list[tuple[Any, ...]]:
    parts = ", ".join(f'"{c.name}", typeof("{c.name}"), hex("{c.name}")' for c in table.columns)
    return select(mirror, f'SELECT {parts} FROM "Lead"')


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records, st.integers(0, 3), st.integers(0, 3), st.booleans())
def test_both_wires_store_the_same(loaded, record, json_spelling, csv_spelling, by_merge):
    mirror, table = loaded
    header = [c.name for c in table.columns]
    answers = []
    for writer, row in (
        (RowWriter.for_json(table), as_json(record, json_spelling)),
        (RowWriter.for_csv(table, header), as_csv(record, header, csv_spelling)),
    ):

        def job(session, writer=writer, row=row):
            session.conn.execute('DELETE FROM "Lead"')
            writer.merge(session, [row]) if by_merge else writer.load(session, [row])

        mirror.write(job)
        answers.append(stored(mirror, table))
    assert answers[0] == answers[1]
    row = dict(zip(header, answers[0][0][::3], strict=True))
    assert row["LastName"] == (record["LastName"] or None)
    assert row["Description"] == (record["Description"] or None)
    assert row["HasOptedOutOfEmail"] == int(record["HasOptedOutOfEmail"])
    if record["AnnualRevenue"] is not None:
        assert Decimal(row["AnnualRevenue"]) == record["AnnualRevenue"]
        assert "E" not in row["AnnualRevenue"]
    if record["Score__c"] is not None:
        assert row["Score__c"] == float(record["Score__c"])
    if record["OwnerId"] is not None:
        assert row["OwnerId"] == long_id(record["OwnerId"])


@pytest.mark.parametrize(
    ("field", "sent", "kept"),
    [
        ("AnnualRevenue", "1.0E7", "10000000"),
        ("AnnualRevenue", "10000000", "10000000"),
        ("AnnualRevenue", "999999999999999999", "999999999999999999"),
        ("AnnualRevenue", "0.0", "0"),
        ("AnnualRevenue", "-0", "0"),
        ("AnnualRevenue", "0.50", "0.5"),
        ("AnnualRevenue", "007", "7"),
        ("AnnualRevenue", "", None),
        ("AnnualRevenue", "1_000", "1_000"),
        ("AnnualRevenue", "1E999999999", "1E999999999"),
        ("AnnualRevenue", "1E9999", "1E9999"),
        ("Score__c", "1.0E7", 10000000),
        ("Score__c", "0.0", 0),
        ("Score__c", "-0.0", 0),
        ("Score__c", "1E-7", 1e-07),
        ("Score__c", "", None),
        ("Score__c", "unknown", "unknown"),
        ("LastModifiedDate", "2013-05-07T22:07:19.000Z", "2013-05-07T22:07:19.000Z"),
        ("LastModifiedDate", "2013-05-07T22:07:19.000+0000", "2013-05-07T22:07:19.000Z"),
        ("LastModifiedDate", "2013-05-07T22:07:19Z", "2013-05-07T22:07:19.000Z"),
        ("LastModifiedDate", "2013-05-08T00:07:19.000+02:00", "2013-05-07T22:07:19.000Z"),
        ("LastModifiedDate", "soon", "soon"),
        ("LastModifiedDate", "", None),
        ("OwnerId", "005000000000001", "005000000000001AAA"),
        ("OwnerId", "005000000000001AAA", "005000000000001AAA"),
        ("OwnerId", "", None),
        ("HasOptedOutOfEmail", "true", 1),
        ("HasOptedOutOfEmail", "false", 0),
        ("HasOptedOutOfEmail", "", None),
        ("Call_At__c", "10:30:00.000Z", "10:30:00.000Z"),
        ("Tags__c", "A;B", "A;B"),
        ("LastName", "NA", "NA"),
        ("LastName", "", None),
    ],
)
def test_the_stored_form(mirror, field, sent, kept):
    table = lead_table(mirror)
    mirror.write(lambda s: RowWriter.for_csv(table, ["Id", field]).load(s, [[lead_id(1), sent]]))
    ((found,),) = select(mirror, f'SELECT "{field}" FROM "Lead"')
    assert found == kept
    assert type(found) is type(kept)


def test_exact_numbers_sort_by_their_real_column(mirror):
    table = lead_table(mirror)
    column = table.by_name["AnnualRevenue"]
    assert column.real_name == "om_real_AnnualRevenue"
    rows = [[lead_id(n), value] for n, value in enumerate(["9", "10", "-3", "1.5", ""])]
    mirror.write(lambda s: RowWriter.for_csv(table, ["Id", "AnnualRevenue"]).load(s, rows))
    found = select(mirror, f'SELECT "AnnualRevenue" FROM "Lead" ORDER BY {column.order_sql}')
    assert [value for (value,) in found] == [None, "-3", "1.5", "9", "10"]


def test_json_nul_bytes_nested_records_and_odd_types(mirror):
    table = lead_table(mirror)
    record = lead(
        1, LastName="a\0b", Company=12, Email=True, Tags__c=Decimal("1.50"), Owner={"Name": "x"}, Address={"city": "x"}
    )
    mirror.write(lambda s: RowWriter.for_json(table).load(s, [record]))
    assert select(mirror, 'SELECT "LastName", "Company", "Email", "Tags__c" FROM "Lead"') == [
        ("ab", "12", "true", "1.50")
    ]


@given(st.text(max_size=40))
def test_no_text_breaks_the_functions(text):
    for function in (values.exact_text, values.datetime_text, values.id_text):
        assert function(text) is None or isinstance(function(text), str)
    assert values.exact_text(values.exact_text(text)) == values.exact_text(text)
