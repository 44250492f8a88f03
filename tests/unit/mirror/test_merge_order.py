"""Pages overtake each other: whatever order and batches rows come in, the newest of each record is what is here."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.mirror import doctor
from core.mirror.mirror import Mirror
from core.mirror.rows import RowWriter
from tests.unit.mirror.samples import LEAD_FIELDS, lead, lead_id, lead_table, select, stamp

RECORDS = 4
PRIVATE = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = [field["name"] for field in LEAD_FIELDS if field["type"] != "address"]
texts = st.sampled_from([None, "a", "B", "é", "NA", "line\nbreak"])


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Versions of a few records; one second and one record have one content."""
    seconds = draw(st.lists(st.tuples(st.integers(0, RECORDS - 1), st.integers(0, 30)), min_size=1, max_size=14))
    return [
        lead(number, second, Company=draw(texts), Email=draw(texts), IsDeleted=draw(st.booleans()))
        for number, second in sorted(set(seconds))
    ]


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[list[dict[str, Any]]]]:
    """A history, and batches of it in any order, some of it more than once."""
    history = draw(histories())
    again = draw(st.lists(st.sampled_from(history), max_size=6))
    rows = draw(st.permutations([*history, *again]))
    cuts = sorted(draw(st.sets(st.integers(1, len(rows)), max_size=5)))
    return history, [
        rows[start:end] for start, end in zip([0, *cuts], [*cuts, len(rows)], strict=True) if rows[start:end]
    ]


_serial = count()


def fresh(tmp_path: Path) -> Mirror:
    folder = tmp_path / str(next(_serial))
    folder.mkdir()
    return Mirror.create(folder / "mirror.db", None)


def cells(row: dict[str, Any]) -> list[str]:
    """A record as a Bulk page has it."""
    return ["" if row[n] is None else str(row[n]).lower() if isinstance(row[n], bool) else row[n] for n in NAMES]


def newest(history: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    for row in history:  # in the order of their stamps
        found[row["Id"]] = (row["Company"], row["Email"], int(row["IsDeleted"]), row["SystemModstamp"])
    return found


def stored(mirror: Mirror) -> dict[str, tuple[Any, ...]]:
    rows = select(mirror, 'SELECT "Id", "Company", "Email", "IsDeleted", "SystemModstamp" FROM "Lead"')
    return {row[0]: row[1:] for row in rows}


@PRIVATE
@given(delivery=deliveries(), wires=st.lists(st.booleans(), min_size=1, max_size=7))
def test_the_newest_of_each_record_stays_whatever_the_order(
    tmp_path: Path, delivery: tuple[list[dict[str, Any]], list[list[dict[str, Any]]]], wires: list[bool]
) -> None:
    history, batches = delivery
    with fresh(tmp_path) as mirror:
        table = lead_table(mirror)
        mirror.write(lambda s: s.models.Object.update(loaded=True, rows=0).execute())
        mirror.write(lambda s: s.models.Watermark.insert(object="Lead", safe_from=stamp(0)).execute())
        json, csv = RowWriter.for_json(table), RowWriter.for_csv(table, NAMES)
        live = 0
        for number, batch in enumerate(batches):
            if wires[number % len(wires)]:
                done = mirror.write(lambda s, b=batch: csv.merge(s, [cells(row) for row in b]))  # type: ignore[misc]
            else:
                done = mirror.write(lambda s, b=batch: json.merge(s, b))  # type: ignore[misc]
            live += done.new - done.deleted
            assert done.written + done.skipped <= len(batch)
        assert stored(mirror) == newest(history)
        assert doctor.examine(mirror) == []
        # Once more, all of it: nothing is written.
        for batch in batches:
            assert mirror.write(lambda s, b=batch: json.merge(s, b)).written == 0  # type: ignore[misc]


@PRIVATE
@given(delivery=deliveries(), edited=st.integers(0, RECORDS - 1), at=st.integers(0, 6))
def test_a_pending_edit_lies_over_every_order_and_knows_the_newest_value(
    tmp_path: Path, delivery: tuple[list[dict[str, Any]], list[list[dict[str, Any]]]], edited: int, at: int
) -> None:
    history, batches = delivery
    with fresh(tmp_path) as mirror:
        table = lead_table(mirror)
        writer = RowWriter.for_json(table)
        put = False
        for number, batch in enumerate(batches):
            here = select(mirror, 'SELECT "Company" FROM "Lead" WHERE "Id" = ?', lead_id(edited))
            if number >= at and here and not put:
                put = True
                mirror.write(lambda s, v=here[0][0]: pending(s, lead_id(edited), v))  # type: ignore[misc]
            mirror.write(lambda s, b=batch: writer.merge(s, b))  # type: ignore[misc]
        expected = newest(history)
        if put:
            server = expected[lead_id(edited)][0]
            assert select(mirror, "SELECT server FROM om_outbox") == [(server,)]
            expected[lead_id(edited)] = ("mine", *expected[lead_id(edited)][1:])
        assert stored(mirror) == expected


def pending(session: Any, record_id: str, server: Any) -> None:
    """An edit that waits, and the row showing it."""
    session.models.Outbox.insert(
        object="Lead", record_id=record_id, op="update", field="Company", base=server, mine="mine", server=server,
        created_at=stamp(0), state="pending",
    ).execute()  # fmt: skip
    session.conn.execute('UPDATE "Lead" SET "Company" = ? WHERE "Id" = ?', ("mine", record_id))
