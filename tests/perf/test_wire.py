"""What parsing costs: JSON query pages and CSV pages of fifty columns, on one core, without a network."""

from __future__ import annotations

import csv
import io
import json
import platform
import random
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from core.salesforce.answer import parse_json
from core.salesforce.bulk import CsvPage

pytestmark = pytest.mark.bench

COLUMNS = 50
ROWS = 60_000
TEXTS = ("", "Some text here", "true", "2026-01-01T00:00:00.000Z", "12.5", 'He said "hi", ok', "line\nbreak")


def best(work: Callable[[], object], times: int = 3) -> float:
    seconds = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


class Wire:
    def __init__(self, body: bytes) -> None:
        self.body = body

    def chunks(self, _answer: object) -> Iterator[bytes]:
        for start in range(0, len(self.body), 65_536):
            yield self.body[start : start + 65_536]


class Answer:
    headers = {"Sforce-NumberOfRecords": str(ROWS), "Sforce-Locator": "null"}

    def close(self) -> None:
        pass


def test_csv_pages(capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(1)
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([f"Field_{n}__c" for n in range(COLUMNS)])
    writer.writerows([f"00Q{row:015d}", *chance.choices(TEXTS, k=COLUMNS - 1)] for row in range(ROWS))
    body = text.getvalue().encode()

    def read() -> None:
        wire: Any = Wire(body)
        answer: Any = Answer()
        with CsvPage(wire, answer) as page:
            assert sum(len(rows) for rows in page.slices()) == ROWS

    def plain() -> None:
        for _ in csv.reader(io.StringIO(body.decode(), newline="\n")):
            pass

    rate, floor = ROWS / best(read), ROWS / best(plain)
    with capsys.disabled():
        print(
            f"\nCSV page: {rate:,.0f} rows/s (csv module alone {floor:,.0f}) at {COLUMNS} columns, {platform.machine()}"
        )
    assert rate > 60_000


def test_json_pages(capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(1)
    values = (None, "text here", True, 12.5, 1234.25, "2026-01-01T00:00:00.000+0000")
    records = [
        {
            "attributes": {"type": "Lead", "url": "/x"},
            **{f"Field_{n}__c": chance.choice(values) for n in range(COLUMNS)},
        }
        for _ in range(2000)
    ]
    body = json.dumps({"records": records}).encode()
    assert isinstance(parse_json(b"1.5"), Decimal)
    exact, plain = best(lambda: parse_json(body), 10), best(lambda: json.loads(body), 10)
    with capsys.disabled():
        print(f"\nJSON page of 2,000 rows: {exact * 1000:.0f} ms with exact numbers (json.loads {plain * 1000:.0f} ms)")
    assert exact < 2 * plain
