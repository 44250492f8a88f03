"""The doctor finds what is wrong, and nothing in a healthy mirror."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.mirror import doctor, loads, search
from core.mirror.doctor import FindingCode
from core.mirror.loads import LoadJob
from core.mirror.rows import RowWriter
from core.model.errors import Cancelled
from core.model.states import LoadMethod
from tests.unit.mirror.samples import lead, lead_id, lead_table, stamp

NOW = datetime(2024, 3, 1, tzinfo=UTC)


@pytest.fixture
def healthy(mirror):
    """A loaded mirror with a pending edit and a record that was made here."""
    table = lead_table(mirror)

    def job(session):
        RowWriter.for_json(table).load(session, [lead(n) for n in range(5)])
        loads.start_job(session, LoadJob("Lead", LoadMethod.REST, "", "", "68.0", NOW))
        loads.page_done(session, "Lead", None, 5)
        loads.finish(session, "Lead", NOW, 5)

    mirror.write(job)
    search.build(mirror.writer, table)
    edit(mirror, lead_id(1), "Company", "mine")
    mirror.write(lambda s: RowWriter.for_json(table).merge(s, [lead(1, 5, Company="theirs")]))
    mirror.write(lambda s: s.conn.execute('INSERT INTO "Lead" ("Id", "LastName") VALUES (\'new-1\', \'Made\')'))
    mirror.write(lambda s: s.models.Object.update(rows=6).execute())
    mirror.write(lambda s: search.update(s.conn, table, [6]))
    edit(mirror, "new-1", None, "{}", op="create")
    edit(mirror, "new-1", "LastName", "Made")
    return mirror


def edit(mirror, record_id, field, mine, op="update"):
    mirror.write(
        lambda s: s.models.Outbox.insert(
            object="Lead", record_id=record_id, op=op, field=field, mine=mine, created_at=stamp(0)
        ).execute()
    )


def run(mirror, sql):
    mirror.write(lambda s: s.conn.execute(sql).fetchall())


def found(mirror):
    return [(f.code, f.object, f.record_id, f.field) for f in doctor.examine(mirror)]


def test_a_healthy_mirror(healthy):
    assert doctor.examine(healthy) == []


@pytest.mark.parametrize(
    ("sql", "finding"),
    [
        ('UPDATE "Lead" SET "Company" = \'x\'', (FindingCode.ROW_NOT_OVERLAID, "Lead", lead_id(1), "Company")),
        ("UPDATE om_outbox SET mine = 1", (FindingCode.ROW_NOT_OVERLAID, "Lead", "new-1", "LastName")),
        ("UPDATE om_outbox SET record_id = 'gone'", (FindingCode.EDIT_WITHOUT_ROW, "Lead", "gone", None)),
        ("UPDATE om_outbox SET field = 'No'", (FindingCode.EDIT_WITHOUT_FIELD, "Lead", lead_id(1), "No")),
        ("UPDATE om_outbox SET state = 'lost'", (FindingCode.EDIT_OF_NO_STATE, "Lead", "new-1", None)),
        (
            "DELETE FROM om_outbox WHERE op = 'create'",
            (FindingCode.MADE_HERE_WITHOUT_EDIT, "Lead", "new-1", None),
        ),
        ("UPDATE om_object SET rows = 3", (FindingCode.COUNT_DRIFTED, "Lead", None, None)),
        ('INSERT INTO "Lead" ("Id") VALUES (\'short\')', (FindingCode.ID_MALFORMED, "Lead", "short", None)),
        ('DELETE FROM "om_fts_Lead" WHERE rowid = 3', (FindingCode.SEARCH_DRIFTED, "Lead", None, None)),
        ("DELETE FROM om_load_job", (FindingCode.PAGE_WITHOUT_JOB, "Lead", None, None)),
        ("UPDATE om_load_job SET object = 'X'", (FindingCode.JOB_WITHOUT_TABLE, "X", None, None)),
        ("DELETE FROM om_watermark", (FindingCode.LOADED_WITHOUT_WATERMARK, "Lead", None, None)),
        ('DROP TABLE "Lead"', (FindingCode.TABLE_MISSING, "Lead", None, None)),
        ('ALTER TABLE "Lead" RENAME COLUMN "Email" TO "x"', (FindingCode.COLUMN_MISSING, "Lead", None, "Email")),
        ("PRAGMA user_version = 1000", (FindingCode.VERSION_UNKNOWN, None, None, None)),
    ],
)
def test_what_is_wrong_is_found(healthy, sql, finding):
    run(healthy, sql)
    assert finding in found(healthy)


def test_a_damaged_page(make_mirror):
    mirror = make_mirror("plain", None)
    table = lead_table(mirror)
    mirror.write(lambda s: RowWriter.for_json(table).load(s, [lead(n) for n in range(500)]))
    root = mirror.write(lambda s: s.conn.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'Lead'").get)
    mirror.close()
    content = bytearray(mirror.path.read_bytes())
    content[(root - 1) * 4096 + 8 : (root - 1) * 4096 + 60] = b"\xff" * 52
    mirror.path.write_bytes(content)
    findings = doctor.examine(make_mirror("plain", None))
    assert findings
    assert {f.code for f in findings} == {FindingCode.FILE_DAMAGED}


def test_it_can_be_interrupted(healthy):
    def interrupt(conn):
        conn.set_progress_handler(lambda: True, 10)

    with pytest.raises(Cancelled):
        doctor.examine(healthy, interrupt)


def test_a_delete_that_waits_is_laid_over(healthy):
    run(healthy, f'UPDATE "Lead" SET "IsDeleted" = 1 WHERE "Id" = \'{lead_id(3)}\'')
    run(healthy, "UPDATE om_object SET rows = 5")
    healthy.write(lambda s: search.update(s.conn, healthy.tables()["Lead"], [4]))
    edit(healthy, lead_id(3), None, None, op="delete")
    assert doctor.examine(healthy) == []
    run(healthy, 'UPDATE "Lead" SET "IsDeleted" = 0')
    run(healthy, "UPDATE om_object SET rows = 6")
    healthy.write(lambda s: search.update(s.conn, healthy.tables()["Lead"], [4]))
    assert found(healthy) == [(FindingCode.ROW_NOT_OVERLAID, "Lead", lead_id(3), "IsDeleted")]
