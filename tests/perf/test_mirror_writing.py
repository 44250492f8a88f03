"""How fast the mirror's file takes rows in. Prints figures and asserts none; `BENCH_ROWS` sets the size.

Run with `pytest -m bench -s tests/perf/test_mirror_writing.py`. Wall clock and this process's CPU time, since a shared
machine makes the first one lie.
"""

from __future__ import annotations

import csv
import io
import itertools
import os
import platform
import random
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.mirror import indexes, schema
from core.mirror.mirror import Mirror
from core.mirror.rows import RowWriter
from core.mirror.tables import Table
from core.mirror.values import quoted
from core.mirror.writer import Priority
from core.model.describe import parse_object
from core.model.refs import long_id

pytestmark = pytest.mark.bench

ROWS = int(os.environ.get("BENCH_ROWS", "60000"))
BATCH = 2000
KEY = bytes(range(32))

KINDS = (
    [("text", {"type": "string", "length": 80})] * 20
    + [("pick", {"type": "picklist"})] * 6
    + [("flag", {"type": "boolean"})] * 5
    + [("number", {"type": "double", "precision": 12, "scale": 2})] * 4
    + [("money", {"type": "currency", "precision": 18, "scale": 2})] * 3
    + [("day", {"type": "date"})] * 2
    + [("owner", {"type": "reference", "referenceTo": ["User"]})] * 4
    + [("when", {"type": "datetime"})] * 2
    + [("long", {"type": "textarea", "length": 32000})] * 1
)


def describe(name: str = "Lead"):
    fields = [{"name": "Id", "type": "id"}, {"name": "IsDeleted", "type": "boolean"}]
    fields += [{"name": f"{kind}{n}", **more} for n, (kind, more) in enumerate(KINDS)]
    fields += [{"name": "SystemModstamp", "type": "datetime"}]
    return parse_object({"name": name, "label": name, "fields": fields})


def make_rows(count: int) -> tuple[list[str], list[list[str]]]:
    """Rows as Bulk's CSV has them: about 700 bytes each."""
    draw = random.Random(7)
    makers: dict[str, Callable[[], str]] = {
        "text": lambda: "" if draw.random() < 0.3 else f"Some text {draw.randrange(10**6)}",
        "pick": lambda: draw.choice(("Warm", "Cold", "Working - Contacted", "")),
        "flag": lambda: draw.choice(("true", "false")),
        "number": lambda: f"{draw.randrange(10**6) / 100}",
        "money": lambda: f"{draw.randrange(10**9) / 100}",
        "day": lambda: f"20{draw.randrange(10, 30)}-0{draw.randrange(1, 9)}-1{draw.randrange(9)}",
        "owner": lambda: long_id(f"005{draw.randrange(50):012d}"),
        "when": lambda: f"2024-01-{draw.randrange(10, 29)}T10:11:{draw.randrange(10, 60)}.000Z",
        "long": lambda: "" if draw.random() < 0.8 else "word " * 60,
    }
    header = ["Id", "IsDeleted", *(f"{kind}{n}" for n, (kind, _) in enumerate(KINDS)), "SystemModstamp"]
    rows = [
        [long_id(f"00Q{n:012d}"), "false", *(makers[kind]() for kind, _ in KINDS), "2024-01-01T00:00:00.000Z"]
        for n in range(count)
    ]
    return header, rows


@contextmanager
def measured(what: str, rows: int = 0) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    rate = f"{rows / wall:>9,.0f} rows/s wall {rows / cpu:>9,.0f} rows/s cpu" if rows else ""
    print(f"  {what:<52} {wall:7.3f} s wall {cpu:7.3f} s cpu {rate}")


def batches(rows: list[list[str]]) -> Iterator[list[list[str]]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def table_in(mirror: Mirror) -> Table:
    return mirror.write(lambda s: schema.ensure_table(s, describe())).table


def raw(mirror: Mirror, table: Table, header: list[str], rows: list[list[str]]) -> None:
    """The floor: the same upsert without any conversion."""
    names = ", ".join(quoted(name) for name in header)
    marks = ", ".join("?" * len(header))
    updates = ", ".join(f"{quoted(n)} = excluded.{quoted(n)}" for n in header if n != "Id")
    sql = f'INSERT INTO {table.quoted} ({names}) VALUES ({marks}) ON CONFLICT ("Id") DO UPDATE SET {updates}'
    for batch in batches(rows):
        mirror.writer.call(lambda s, b=batch: s.conn.executemany(sql, b), Priority.BATCH)


def load(mirror: Mirror, writer: RowWriter, rows: list[list[str]]) -> None:
    for batch in batches(rows):
        mirror.writer.call(lambda s, b=batch: writer.load(s, b), Priority.BATCH)


def feed(mirror: Mirror, writer: RowWriter, text: str) -> None:
    """As in life: CSV parsed on this thread in slices, two batches under way in the writer."""
    reader = csv.reader(io.StringIO(text, newline=""))
    futures: deque[Future[int]] = deque()
    while batch := [row for _ in range(4) for row in itertools.islice(reader, 500)]:
        futures.append(mirror.writer.submit(lambda s, b=batch: writer.load(s, b)))
        if len(futures) > 2:
            futures.popleft().result()
    for future in futures:
        future.result()


def test_writing(tmp_path: Path) -> None:
    print(f"\n{platform.platform()}, {os.cpu_count()} cores; {ROWS:,} rows of {len(KINDS) + 3} columns")
    header, rows = make_rows(ROWS)
    print(f"  {sum(len(cell) for row in rows[:1000] for cell in row) / 1000:.0f} bytes of text a row")
    for round_ in range(2):
        with Mirror.create(tmp_path / f"raw{round_}" / "mirror.db", KEY) as mirror:
            table = table_in(mirror)
            with measured("raw executemany, encrypted, no conversion", len(rows)):
                raw(mirror, table, header, rows)
        with Mirror.create(tmp_path / f"load{round_}" / "mirror.db", KEY) as mirror:
            writer = RowWriter.for_csv(table_in(mirror), header)
            with measured("RowWriter.load, encrypted", len(rows)):
                load(mirror, writer, rows)
    with Mirror.create(tmp_path / "plain" / "mirror.db", None) as mirror:
        writer = RowWriter.for_csv(table_in(mirror), header)
        with measured("RowWriter.load, plain file", len(rows)):
            load(mirror, writer, rows)
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    text = buffer.getvalue()
    with measured("parsing the CSV alone", len(rows)):
        sum(1 for _ in csv.reader(io.StringIO(text, newline="")))
    before = sys.getswitchinterval()
    for interval in (before, before / 10):
        sys.setswitchinterval(interval)
        with Mirror.create(tmp_path / f"feed{interval}" / "mirror.db", KEY) as mirror:
            writer = RowWriter.for_csv(table_in(mirror), header)
            with measured(f"parsed and loaded at once, switch interval {interval * 1000:g} ms", len(rows)):
                feed(mirror, writer, text)
    sys.setswitchinterval(before)
    with Mirror.create(tmp_path / "json" / "mirror.db", KEY) as mirror:
        table = table_in(mirror)
        sample = [dict(zip(header, row, strict=True)) for row in rows[:20000]]
        writer = RowWriter.for_json(table)
        with measured("RowWriter.load of REST records, encrypted", len(sample)):
            for start in range(0, len(sample), BATCH):
                mirror.writer.call(lambda s, b=start: writer.load(s, sample[b : b + BATCH]), Priority.BATCH)


def test_later(tmp_path: Path) -> None:
    header, rows = make_rows(ROWS)
    path = tmp_path / "org" / "mirror.db"
    print()
    with Mirror.create(path, KEY) as mirror:
        table = table_in(mirror)
        writer = RowWriter.for_csv(table, header)
        waits: list[float] = []
        stop = threading.Event()

        def person() -> None:
            while not stop.wait(0.05):
                began = time.perf_counter()
                mirror.write(lambda s: s.models.Meta.replace(key="x", value="y").execute())
                waits.append(time.perf_counter() - began)

        thread = threading.Thread(target=person)
        thread.start()
        futures = [mirror.writer.submit(lambda s, b=batch: writer.load(s, b)) for batch in batches(rows)]
        for future in futures:
            future.result()
        stop.set()
        thread.join()
        waits.sort()
        print(f"  a person's edit during the load: median {waits[len(waits) // 2]:.3f} s, worst {waits[-1]:.3f} s")
        for column in ("owner40", "SystemModstamp", "text0"):
            with measured(f"index on {column}", len(rows)):
                indexes.build(mirror.writer, indexes.Index("Lead", column))
        future = mirror.writer.submit(
            lambda s: s.conn.execute('CREATE INDEX "om_ix_try" ON "Lead" ("text1", "text2", "text3")').fetchall(),
            preemptible=True,
        )
        worst = 0.0
        tries = 0
        while not future.done() and tries < 15:
            tries += 1
            time.sleep(0.1)
            began = time.perf_counter()
            mirror.write(lambda s: s.models.Meta.replace(key="x", value="z").execute())
            worst = max(worst, time.perf_counter() - began)
        print(f"  a person's edit during an index build: worst of {tries} {worst:.3f} s")
        future.result()
        mirror.write(lambda s: s.models.Object.update(loaded=True).execute())
        some = rows[:20000]
        with measured("merge, nothing changed", len(some)):
            for batch in batches(some):
                mirror.write(lambda s, b=batch: writer.merge(s, b))
        changed = [[*row[:2], "changed", *row[3:-1], "2024-02-01T00:00:00.000Z"] for row in some]
        with measured("merge, every row changed", len(some)):
            for batch in batches(changed):
                mirror.write(lambda s, b=batch: writer.merge(s, b))
        with measured("merge of 900 changed rows, each field logged", 900):
            logged = RowWriter.for_csv(table, header)
            batch = [[*row[:2], "again", *row[3:-1], "2024-03-01T00:00:00.000Z"] for row in some[:900]]
            mirror.write(lambda s: logged.merge(s, batch))
        with measured("drop the object", len(rows)):
            schema.drop_object(mirror.writer, "Lead")
        for number in range(500):
            mirror.write(lambda s, n=number: schema.ensure_table(s, describe(f"Object{n}__c")), Priority.BATCH)
    with measured("open a mirror of 500 objects"):
        mirror = Mirror.open(path, KEY)
    with mirror:
        with measured("its tables, all unpacked"):
            print(" ", sum(len(table.columns) for table in mirror.tables().values()), "columns")
        with measured("an ALTER among 500 objects"):
            info = parse_object({"name": "Object7__c", "label": "x", "fields": [{"name": "Id", "type": "id"}]})
            mirror.write(lambda s: schema.ensure_table(s, info))
