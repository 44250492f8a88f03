"""Rows and objects that go, in slices; indexes; and what stays behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.mirror import changes, indexes, loads, removal, schema, search, watermarks
from core.mirror.loads import LoadJob
from core.mirror.removal import remove_missing
from core.mirror.rows import RowWriter, count_live
from core.model.states import LoadMethod
from tests.unit.mirror.samples import LEAD_FIELDS, describe, lead, lead_id, lead_table, select, stamp

NOW = datetime(2024, 3, 1, tzinfo=UTC)


def fill(mirror, count, **values):
    table = lead_table(mirror)
    writer = RowWriter.for_json(table)
    for start in range(0, count, 2000):
        rows = [lead(n, **values) for n in range(start, min(count, start + 2000))]
        mirror.write(lambda s, rows=rows: writer.load(s, rows))
    mirror.write(lambda s: s.models.Object.update(loaded=True, rows=count).execute())
    return table


def test_rows_that_are_missing_go_and_their_images_stay(mirror):
    table = fill(mirror, 10, Company="ACME", AnnualRevenue=7)
    keep = {lead_id(n) for n in range(8)}
    assert remove_missing(mirror.writer, table, keep) == 2
    assert {i for (i,) in select(mirror, 'SELECT "Id" FROM "Lead"')} == keep
    assert mirror.read(lambda s: s.models.Object.get_by_id("Lead").rows) == 8
    kept = mirror.read(lambda s: list(s.models.Withdrawn.select().order_by(s.models.Withdrawn.record_id)))
    assert [row.record_id for row in kept] == [lead_id(8), lead_id(9)]
    image = removal.unpack_image(bytes(kept[0].image))
    assert (image["Company"], image["AnnualRevenue"], image["Id"]) == ("ACME", "7", lead_id(8))
    assert [(c.record_id, c.field, c.new) for c in mirror.read(changes.recent)] == [
        (lead_id(9), "Id", None),
        (lead_id(8), "Id", None),
    ]
    assert remove_missing(mirror.writer, table, keep) == 0


def test_rows_with_pending_edits_stay(mirror):
    table = fill(mirror, 3)
    mirror.write(
        lambda s: s.models.Outbox.insert(
            object="Lead", record_id=lead_id(1), op="update", field="Company", mine="x", created_at=stamp(0)
        ).execute()
    )
    assert remove_missing(mirror.writer, table, set()) == 2
    assert select(mirror, 'SELECT "Id" FROM "Lead"') == [(lead_id(1),)]


def test_many_rows_go_in_jobs_that_let_others_in_between(mirror):
    table = fill(mirror, 5200)
    jobs = []
    submit = mirror.writer.submit
    mirror.writer.submit = lambda call, *more, **named: jobs.append(call) or submit(call, *more, **named)
    assert remove_missing(mirror.writer, table, {lead_id(0)}) == 5199
    assert len(jobs) >= 5199 / 1000
    assert select(mirror, 'SELECT count(*) FROM "Lead"') == [(1,)]


def test_the_grace_time_ends(mirror):
    table = fill(mirror, 3)
    remove_missing(mirror.writer, table, {lead_id(0)})
    soon = datetime.now(UTC)
    assert mirror.write(lambda s: removal.erase_withdrawn(s, soon - timedelta(days=1))) == 0
    assert mirror.write(lambda s: removal.erase_withdrawn(s, soon + timedelta(days=1))) == 2
    assert select(mirror, "SELECT count(*) FROM om_withdrawn") == [(0,)]
    assert select(mirror, "SELECT count(*) FROM om_change") == [(0,)], "purging a record purges its log"


def test_an_object_is_dropped_whole(mirror):
    table = fill(mirror, 2500)
    lead_table(mirror, "Contact")
    search.build(mirror.writer, table)
    mirror.write(lambda s: loads.start_job(s, LoadJob("Lead", LoadMethod.REST, "", "", "68.0", NOW)))
    mirror.write(lambda s: watermarks.advance(s, "Lead", safe_from=NOW, ok_at=NOW))
    remove_missing(mirror.writer, table, {lead_id(n) for n in range(2400)})
    before = set(mirror.tables())
    schema.drop_object(mirror.writer, "Lead")
    assert before == {"Lead", "Contact"}
    assert set(mirror.tables()) == {"Contact"}
    for name in ("om_field", "om_load_job", "om_load_page", "om_watermark", "om_change", "om_withdrawn"):
        assert select(mirror, f"SELECT count(*) FROM {name} WHERE object = 'Lead'") == [(0,)], name
    assert select(mirror, "SELECT name FROM om_object") == [("Contact",)]
    assert select(mirror, "SELECT name FROM sqlite_schema WHERE tbl_name LIKE '%Lead%'") == []
    schema.drop_object(mirror.writer, "Lead")
    lead_table(mirror)
    assert select(mirror, 'SELECT count(*) FROM "Lead"') == [(0,)]


def test_the_planned_indexes_are_built_once(mirror):
    table = fill(mirror, 10)
    built = schema.create_indexes(mirror.writer, table)
    assert set(built) == {
        "om_ix_Lead_OwnerId",
        "om_ix_Lead_SystemModstamp",
        "om_ix_Lead_LastModifiedDate",
        "om_ix_Lead_Email",
    }
    assert schema.create_indexes(mirror.writer, table) == []
    plan = select(mirror, 'EXPLAIN QUERY PLAN SELECT * FROM "Lead" WHERE "OwnerId" = \'x\'')
    assert "om_ix_Lead_OwnerId" in str(plan)


def test_indexes_of_a_custom_object():
    fields = [{"name": "Id", "type": "id"}, {"name": "Code__c", "type": "string", "externalId": True}]
    fields += [{"name": f"Parent{n}__c", "type": "reference", "custom": True} for n in range(10)]
    from core.mirror.tables import make_table

    info = describe("X__c", *fields)
    table = make_table(info, frozenset(f.name for f in info.fields))
    names = [index.column for index in indexes.planned(table)]
    assert names == [f"Parent{n}__c" for n in range(6)] + ["Code__c"]


def test_live_rows_are_counted_over_indexes(mirror):
    table = fill(mirror, 3)
    mirror.write(lambda s: RowWriter.for_json(table).merge(s, [lead(1, 1, IsDeleted=True)]))
    assert mirror.read(lambda s: count_live(s, table)) == 2
    plan = select(mirror, 'EXPLAIN QUERY PLAN SELECT count(*) FROM "Lead" WHERE "IsDeleted" = 1')
    assert "om_deleted_Lead" in str(plan)
    assert len(LEAD_FIELDS) > 10
