"""How fast the mirror is read: lists, pages, sorts, search, exports, and the building of what makes them fast.

Run with `make bench ARGS=tests/perf/test_mirror_reading.py`; `BENCH_READ_ROWS` sets the size (a million). CPU time of
this process stands next to wall time, because a shared machine makes the latter lie. Budgets (rules 10): a list in its
usual order within a second, a page of 200 rows and 12 columns in 16 ms, a search over all objects in 50 ms.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.api.browse import BrowseApi, BrowseSession
from core.api.exports import ExportsApi
from core.mirror import search, sorting
from core.mirror.indexes import create_indexes
from core.mirror.rows import RowWriter
from core.mirror.writer import Priority
from core.model.filters import Condition, ListQuery, Operator, Sort
from core.model.refs import long_id
from tests.helpers.sample_org import SampleOrg
from tests.perf.workbench import put_table

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]
ROWS = int(os.environ.get("BENCH_READ_ROWS", "1000000"))
BATCH = 2000
COLUMNS = (
    "Name", "Company", "Title", "Email", "Phone", "Status", "City", "OwnerId", "CreatedDate", "SystemModstamp",
    "MobilePhone", "Website",
)  # fmt: skip
HEADER = ["Id", "IsDeleted", "FirstName", "LastName", *COLUMNS, "Street", "Description"]
_SYLLABLES = [a + b for a in "bcdfglmnprstvz" for b in "aeiou" * 12] + ["bä", "cé", "dü", "fö"] * 6


def _word(draw: random.Random, least: int = 2, most: int = 4) -> str:
    return "".join(draw.choices(_SYLLABLES, k=draw.randint(least, most))).title()


def lead_rows(count: int) -> Iterator[list[str]]:
    """Leads with names, companies and numbers as varied as an org of that size has them."""
    draw = random.Random(3)
    given = [_word(draw, 2, 3) for _ in range(1500)]
    family = [_word(draw) for _ in range(20_000)] + ["山田", "佐藤", "O’Hara", "Müller"]
    companies = [f"{_word(draw)} {draw.choice(('Inc.', 'GmbH', 'Systems', '株式会社'))}" for _ in range(80_000)]
    cities = [_word(draw) for _ in range(3000)]
    for number in range(count):
        first, last, company = draw.choice(given), draw.choice(family), draw.choice(companies)
        day = f"20{draw.randrange(10, 25)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"
        stamp = f"{day}T10:11:12.{number % 1000:03}Z"
        mobile = f"+1 ({draw.randrange(200, 999)}) {draw.randrange(200, 999)}-{draw.randrange(10_000):04}"
        yield [
            long_id(f"00Q{number:012d}"), "true" if number % 200 == 0 else "false", first, last, f"{first} {last}",
            company, draw.choice(("VP Sales", "CEO", "Engineer", "")),
            f"{first}.{last}@{company.split()[0]}.com".lower(),
            f"({draw.randrange(200, 999)}) {draw.randrange(200, 999)}-{draw.randrange(10_000):04}",
            draw.choice(("Open", "Closed")), draw.choice(cities), long_id(f"005{draw.randrange(60):012d}"), stamp,
            stamp, mobile if number % 3 == 0 else "", "", f"{number} Way", "word " * 40 if number % 5 == 0 else "",
        ]  # fmt: skip


class Table:
    """Collects figures and prints them."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, ...]] = [("what", "wall", "CPU", "note")]

    def time(self, what: str, call: Callable[[], Any], note: str = "") -> Any:
        wall, cpu = time.perf_counter(), time.process_time()
        answer = call()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        self.rows.append((what, f"{wall:.3f} s", f"{cpu:.3f} s", note or _size(answer)))
        return answer

    def many(self, what: str, calls: Sequence[Callable[[], Any]]) -> float:
        """Milliseconds of CPU at the 95th percentile."""
        walls, cpus = [], []
        for call in calls:
            wall, cpu = time.perf_counter(), time.process_time()
            call()
            walls.append((time.perf_counter() - wall) * 1000)
            cpus.append((time.process_time() - cpu) * 1000)
        p95 = statistics.quantiles(cpus, n=20)[-1]
        self.rows.append(
            (what, f"{statistics.median(walls):.2f} ms", f"{statistics.median(cpus):.2f} ms", f"p95 CPU {p95:.2f} ms")
        )
        return p95


def _size(answer: Any) -> str:
    return f"{len(answer):,}" if isinstance(answer, (list, array)) else ""


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleOrg]:
    sample = SampleOrg(Path(tmp_path_factory.mktemp("read")) / "mirror.db")
    sample.add("User", *({"Name": f"Öwner {60 - n}"} for n in range(60)))
    sample.add("Account", *({"Name": f"Account {n}", "Phone": f"030 {n:06}"} for n in range(2000)))
    writer, batch = RowWriter.for_csv(sample.mirror.tables()["Lead"], HEADER), []
    for row in lead_rows(ROWS):
        batch.append(row)
        if len(batch) == BATCH:
            sample.mirror.writer.call(lambda s, b=batch: writer.load(s, b), Priority.BATCH)
            batch = []
    sample.mirror.writer.call(lambda s: writer.load(s, batch), Priority.BATCH)
    yield sample
    sample.close()


def test_reading(org: SampleOrg, tmp_path: Path) -> None:
    table, lead = Table(), org.mirror.tables()["Lead"]
    browse, exports = BrowseApi(org.mirror), ExportsApi(org.mirror)
    table.time("indexes of a loaded object", lambda: create_indexes(org.mirror.writer, lead), "")
    pauses: list[float] = []
    last = [time.perf_counter()]

    def slice_done(_state: search.IndexState) -> None:
        pauses.append(time.perf_counter() - last[0])
        last[0] = time.perf_counter()

    table.time("search index", lambda: search.build(org.mirror.writer, lead, progress=slice_done))
    table.rows.append(("  longest slice", f"{max(pauses[1:]) * 1000:.0f} ms", "", f"{len(pauses)} slices"))
    org.ready()

    def ask(call: Callable[[BrowseSession], Any]) -> Any:
        with browse.session() as session:
            return call(session)

    def rows_of(query: ListQuery) -> array[int]:
        return ask(lambda s: s.open_list(query).ids)  # type: ignore[no-any-return]

    usual = ListQuery("Lead")
    table.time("list, usual order, cold", lambda: rows_of(usual))
    ids = table.time("list, usual order", lambda: rows_of(usual))
    opened = table.rows[-1]
    table.time("  its first 200", lambda: rows_of(ListQuery("Lead", limit=200)))
    by_name = ListQuery("Lead", sort=(Sort("LastName"),))
    table.time("sort by a text, first time", lambda: rows_of(by_name))
    sql = sorting.index_sql(lead, lead.by_name["LastName"])
    assert sql is not None
    table.time("  its index", lambda: org.mirror.write(lambda s: s.conn.execute(sql).fetchall()))
    table.time("sort by a text, indexed", lambda: rows_of(by_name))
    table.time("sort by owner (name shown)", lambda: rows_of(ListQuery("Lead", sort=(Sort("OwnerId"),))))
    for what, condition in (
        ("filter: a text, indexed", Condition("LastName", Operator.EQUALS, "mueller")),
        ("filter: a text, not indexed", Condition("City", Operator.CONTAINS, "baba")),
        ("filter: an owner by name", Condition("OwnerId", Operator.EQUALS, "owner 7")),
        ("filter: a status", Condition("Status", Operator.EQUALS, "open")),
    ):
        table.time(what, lambda c=condition: rows_of(ListQuery("Lead", (c,))))
    opened_leads = ListQuery("Lead", (Condition("Status", Operator.EQUALS, "open"),))
    table.time("  its count", lambda: ask(lambda s: s.count(opened_leads)))
    table.time("  its first 200", lambda: rows_of(replace(opened_leads, limit=200)))
    draw = random.Random(1)
    starts = [draw.randrange(len(ids) - 200) for _ in range(200)]
    with browse.session() as session:
        page = table.many(
            "page of 200 rows, 12 columns",
            [lambda at=at: session.page("Lead", ids[at : at + 200], [*COLUMNS, "Id"]) for at in starts],
        )
        table.many("record", [lambda at=at: session.record(("Lead", ids[at])) for at in starts])
        texts = (
            "b", "ba", "bab", "baba", "baba co", "mül", "com", "5551", "555 12", "baba 555 12", "山", "gmbh", "ceo ba",
            "zzzz", "株式会社",
        )  # fmt: skip
        found = [table.many(f"search {text!r}", [lambda t=text: session.search(t)] * 10) for text in texts]
    table.time("list searched by a word of many", lambda: rows_of(ListQuery("Lead", search="gmbh")))
    table.time("list searched by digits", lambda: rows_of(ListQuery("Lead", search="5551")))
    table.time("plain copy", lambda: exports.plain_copy(tmp_path / "copy.sqlite"))
    some = ListQuery("Lead", limit=100_000)
    table.time("CSV of 100,000", lambda: exports.list_csv(some, COLUMNS, tmp_path / "x.csv").result())
    exports.close()
    browse.close()
    put_table(f"Reading a mirror of {ROWS:,} leads", table.rows)
    assert float(opened[2].split()[0]) < 1.0, opened
    assert page < 16.0
    assert max(found) < 50.0
