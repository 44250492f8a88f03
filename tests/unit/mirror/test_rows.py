"""First loads and merges: what is written, counted, logged, and laid over by pending edits."""

from __future__ import annotations

import pytest

from core.mirror import changes, search
from core.mirror.merge import MergeCounts
from core.mirror.pace import MAX_BYTES, MAX_ROWS, MIN_ROWS, Pace
from core.mirror.removal import remove_missing
from core.mirror.rows import RowWriter, count_live
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import long_id
from tests.unit.mirror.samples import describe, lead, lead_id, lead_table, select, stamp


@pytest.fixture
def table(mirror):
    return lead_table(mirror)


@pytest.fixture
def writer(table):
    return RowWriter.for_json(table)


def load(mirror, writer, *records):
    return mirror.write(lambda s: writer.load(s, records))


def merge(mirror, writer, *records):
    return mirror.write(lambda s: writer.merge(s, records))


def loaded(mirror, rows=0):
    mirror.write(lambda s: s.models.Object.update(loaded=True, rows=rows).execute())


def rows_known(mirror):
    return mirror.read(lambda s: s.models.Object.get_by_id("Lead").rows)


def edit(mirror, number, field, mine, base=None, server=None, op="update", state="pending"):
    """A pending edit, the row showing it, as a person's save leaves them."""

    def job(session):
        seq = (
            session.models.Outbox.insert(
                object="Lead", record_id=lead_id(number), op=op, field=field, base=base, mine=mine,
                server=base if server is None else server, created_at=stamp(0), state=state,
            ).execute()
        )  # fmt: skip
        name, value = ("IsDeleted", 1) if op == "delete" else (field, mine)
        session.conn.execute(f'UPDATE "Lead" SET "{name}" = ? WHERE "Id" = ?', (value, lead_id(number)))
        return seq

    return mirror.write(job)


def log(mirror):
    return select(mirror, 'SELECT record_id, field, old, new, "by" FROM om_change ORDER BY change_id')


def test_loading_twice_changes_nothing(mirror, table, writer):
    load(mirror, writer, *(lead(n) for n in range(5)))
    before = select(mirror, 'SELECT * FROM "Lead"')
    load(mirror, writer, *(lead(n) for n in range(5)))
    assert select(mirror, 'SELECT * FROM "Lead"') == before
    assert [row[0] for row in before] == [1, 2, 3, 4, 5]


def test_a_later_load_wins(mirror, table, writer):
    load(mirror, writer, lead(1, Company="old"))
    load(mirror, writer, lead(1, 5, Company="new"))
    assert select(mirror, 'SELECT "Company" FROM "Lead"') == [("new",)]


def test_a_header_in_another_order_with_names_that_are_no_columns(mirror, table):
    writer = RowWriter.for_csv(table, ["Nothing", "company", "Id", "Owner.Name"])
    mirror.write(lambda s: writer.load(s, [["x", "ACME", lead_id(1), "y"]]))
    assert select(mirror, 'SELECT "Company", "LastName" FROM "Lead"') == [("ACME", None)]
    assert mirror.write(lambda s: writer.merge(s, [["x", "B", lead_id(1), "y"]])).updated == 1


def test_columns_that_were_not_asked_for_stay(mirror, table, writer):
    load(mirror, writer, lead(1, Company="ACME", Email="a@b.c"))
    some = RowWriter.for_json(table, ["Id", "Email", "SystemModstamp"])
    record = {"Id": lead_id(1), "Email": "d@e.f", "SystemModstamp": stamp(9)}
    assert merge(mirror, some, record).updated == 1
    load(mirror, some, record | {"Email": "g@h.i"})
    assert select(mirror, 'SELECT "Company", "Email" FROM "Lead"') == [("ACME", "g@h.i")]


def test_a_record_that_lacks_an_asked_field_is_an_error_not_an_empty_value(mirror, table, writer):
    load(mirror, writer, lead(1, Company="ACME"))
    record = lead(1)
    del record["Company"]
    for write in (load, merge):
        with pytest.raises(OrgMirrorError) as caught:
            write(mirror, writer, record)
        assert caught.value.code is ErrorCode.FIELD_REFUSED
        assert caught.value.params == {"object": "Lead", "field": "Company"}
    assert select(mirror, 'SELECT "Company" FROM "Lead"') == [("ACME",)]


def test_a_header_without_id(table):
    with pytest.raises(OrgMirrorError):
        RowWriter.for_csv(table, ["Company"])


def test_merge_counts(mirror, table, writer):
    assert merge(mirror, writer) == MergeCounts()
    load(mirror, writer, *(lead(n) for n in range(4)))
    counts = merge(
        mirror,
        writer,
        lead(0),  # as it is
        lead(1, 5, Company="x"),  # changed
        lead(2, 5, IsDeleted=True),  # deleted
        lead(9, 5),  # new
        lead(8, 5, IsDeleted=True),  # was never seen alive
    )
    assert counts == MergeCounts(1, 1, 2, 1, frozenset(map(lead_id, (1, 2, 9, 8))))
    assert merge(mirror, writer, lead(2, 6)).updated == 1, "an undelete"
    assert merge(mirror, writer, lead(2, 6)).skipped == 1


def test_the_number_of_live_rows_follows(mirror, table, writer):
    load(mirror, writer, *(lead(n) for n in range(4)))
    live = mirror.read(lambda s: count_live(s, table))
    loaded(mirror, live)
    for batch in (
        [lead(0, 1, IsDeleted=True), lead(1, 1, IsDeleted=True)],
        [lead(0, 2), lead(5), lead(6, IsDeleted=True)],
        [lead(6, 3), lead(1, 3, IsDeleted=True)],
    ):
        merge(mirror, writer, *batch)
        assert rows_known(mirror) == mirror.read(lambda s: count_live(s, table))
    assert rows_known(mirror) == 5


def test_the_same_record_twice_in_a_batch(mirror, table, writer):
    assert merge(mirror, writer, lead(1, 1, Company="a"), lead(1, 2, Company="b")).new == 1
    assert select(mirror, 'SELECT "Company" FROM "Lead"') == [("b",)]


def test_an_older_row_does_not_overwrite_a_newer_one(mirror, table, writer):
    load(mirror, writer, lead(1, 10, Company="new"))
    assert merge(mirror, writer, lead(1, 9, Company="old")).skipped == 1
    assert select(mirror, 'SELECT "Company" FROM "Lead"') == [("new",)]


def test_an_equal_stamp_with_another_value_is_written(mirror, table, writer):
    load(mirror, writer, lead(1, 10, Company="a"))
    assert merge(mirror, writer, lead(1, 10, Company="b")).updated == 1


def test_ids_of_a_large_merge_are_not_listed(mirror, table, writer):
    counts = merge(mirror, writer, *(lead(n) for n in range(1001)))
    assert counts.new == 1001
    assert counts.changed_ids is None
    some = merge(mirror, writer, lead(2000))
    assert (some + counts).changed_ids is None
    assert (some + some).changed_ids == {lead_id(2000)}
    assert (some + counts).new == 1002


def test_the_search_index_goes_along(mirror, table, writer):
    def found(word):
        return {
            row for (row,) in select(mirror, 'SELECT rowid FROM "om_fts_Lead" WHERE "om_fts_Lead" MATCH ?', f"{word}*")
        }

    load(mirror, writer, *(lead(n, LastName="Before", Name="Before") for n in range(4)))
    search.build(mirror.writer, table)
    assert found("before") == {1, 2, 3, 4}
    merge(
        mirror,
        writer,
        lead(0, 1, LastName="After", Name="After"),
        lead(1, 1, LastName="Before", Name="Before", IsDeleted=True),
        lead(9, 1, LastName="Before", Name="Before"),
    )
    assert found("before") == {3, 4, 5}
    assert found("after") == {1}
    load(mirror, writer, lead(2, 1, LastName="After", Name="After"))
    assert found("after") == {1, 3}, "a load after the index was built keeps it up as well"
    remove_missing(mirror.writer, table, {lead_id(0)})
    assert found("before") | found("after") == {1}


def test_nothing_of_the_staging_stays(mirror, table, writer):
    merge(mirror, writer, lead(1))
    assert mirror.write(lambda s: s.conn.execute("SELECT count(*) FROM temp.sqlite_schema").get) == 0
    with pytest.raises(OrgMirrorError):
        merge(mirror, writer, lead(1, Id=None))
    assert mirror.write(lambda s: s.conn.execute("SELECT count(*) FROM temp.sqlite_schema").get) == 0
    assert merge(mirror, writer, lead(2)).new == 1


# -- pending edits: row = last server image, overlaid ------------------------------------------------------------------


def test_a_pending_edit_stays_in_the_row_and_learns_the_server_value(mirror, table, writer):
    load(mirror, writer, lead(1, Company="base", Email="a@b.c"))
    seq = edit(mirror, 1, "Company", "mine", base="base")
    counts = merge(mirror, writer, lead(1, 5, Company="theirs", Email="d@e.f"))
    assert counts.updated == 1
    assert select(mirror, 'SELECT "Company", "Email" FROM "Lead"') == [("mine", "d@e.f")]
    assert select(mirror, "SELECT base, mine, server FROM om_outbox WHERE seq = ?", seq) == [("base", "mine", "theirs")]
    assert merge(mirror, writer, lead(1, 5, Company="theirs", Email="d@e.f")).skipped == 1


def test_a_first_load_keeps_pending_edits_too(mirror, table, writer):
    load(mirror, writer, lead(1, Company="base"), lead(2))
    edit(mirror, 1, "Company", "mine", base="base")
    load(mirror, writer, lead(1, 5, Company="theirs"), lead(2, Company="x"), lead(3))
    assert select(mirror, 'SELECT "Company" FROM "Lead" ORDER BY "Id"') == [("mine",), ("x",), (None,)]
    assert select(mirror, "SELECT server FROM om_outbox") == [("theirs",)]


def test_the_last_edit_of_a_field_shows_and_every_entry_learns(mirror, table, writer):
    load(mirror, writer, lead(1, Company="base"))
    edit(mirror, 1, "Company", "first", base="base")
    edit(mirror, 1, "Company", "second", base="base")
    merge(mirror, writer, lead(1, 5, Company="theirs"))
    assert select(mirror, 'SELECT "Company" FROM "Lead"') == [("second",)]
    assert select(mirror, "SELECT server FROM om_outbox") == [("theirs",), ("theirs",)]


@pytest.mark.parametrize("state", ["sending", "retry", "needs-user", "conflict", "ambiguous"])
def test_every_open_state_overlays(mirror, table, writer, state):
    load(mirror, writer, lead(1))
    edit(mirror, 1, "Company", "mine", state=state)
    merge(mirror, writer, lead(1, 5, Company="theirs"))
    assert select(mirror, 'SELECT "Company" FROM "Lead"') == [("mine",)]


def test_a_sent_entry_does_not_overlay(mirror, table, writer):
    load(mirror, writer, lead(1))
    edit(mirror, 1, "Company", "mine", state="sent")
    merge(mirror, writer, lead(1, 5, Company="theirs"))
    assert select(mirror, 'SELECT "Company" FROM "Lead"') == [("theirs",)]


def test_a_value_cleared_here_and_a_value_emptied_there(mirror, table, writer):
    load(mirror, writer, lead(1, Company="base", Score__c=1))
    edit(mirror, 1, "Company", None, base="base")
    edit(mirror, 1, "Score__c", 5, base=1)
    merge(mirror, writer, lead(1, 5, Company="base", Score__c=None))
    assert select(mirror, 'SELECT "Company", "Score__c" FROM "Lead"') == [(None, 5)]
    assert select(mirror, "SELECT server FROM om_outbox ORDER BY seq") == [("base",), (None,)]


def test_a_pending_delete_stays_deleted_here(mirror, table, writer):
    load(mirror, writer, lead(1))
    loaded(mirror)
    edit(mirror, 1, None, None, op="delete", server=0)
    merge(mirror, writer, lead(1, 5, Company="theirs"))
    assert select(mirror, 'SELECT "IsDeleted", "Company" FROM "Lead"') == [(1, "theirs")]
    assert select(mirror, "SELECT server FROM om_outbox") == [(0,)]


def test_an_edit_of_another_object_or_of_a_field_that_did_not_come(mirror, table, writer):
    load(mirror, writer, lead(1, Company="base"))
    edit(mirror, 1, "Company", "mine", base="base")
    mirror.write(lambda s: s.models.Outbox.update(object="Contact").execute())
    merge(mirror, writer, lead(1, 5, Company="theirs"))
    assert select(mirror, 'SELECT "Company" FROM "Lead"') == [("theirs",)]
    edit(mirror, 1, "Company", "mine", base="theirs")
    some = RowWriter.for_json(table, ["Id", "Email"])
    merge(mirror, some, {"Id": lead_id(1), "Email": "x@y.z"})
    assert select(mirror, 'SELECT "Company", "Email" FROM "Lead"') == [("mine", "x@y.z")]


def test_a_foreign_change_beneath_a_pending_edit_is_logged(mirror, table, writer):
    load(mirror, writer, lead(1, Company="base"))
    loaded(mirror)
    edit(mirror, 1, "Company", "mine", base="base")
    merge(mirror, writer, lead(1, 5, Company="theirs"))
    merge(mirror, writer, lead(1, 5, Company="theirs"))
    user = long_id("005000000000001")
    assert log(mirror) == [(lead_id(1), "Company", "base", "theirs", user)]


# -- the change log ----------------------------------------------------------------------------------------------------


def test_the_log_begins_after_the_first_load(mirror, table, writer):
    merge(mirror, writer, lead(1))
    merge(mirror, writer, lead(1, 1, Company="x"))
    assert log(mirror) == []


def test_the_log_tells_fields_people_and_times(mirror, table, writer):
    user = long_id("005000000000001")
    load(mirror, writer, lead(1, Company="a", Score__c=1), lead(2))
    loaded(mirror)
    people = lead_table(mirror, "User", {"name": "Id", "type": "id"}, {"name": "Name", "type": "string"})
    merge(mirror, RowWriter.for_json(people), {"Id": user, "Name": "Ada Lovelace"})
    merge(mirror, writer, lead(1, 5, Company="b", Score__c=None), lead(2, 6, IsDeleted=True), lead(3, 7))
    assert log(mirror) == [
        (lead_id(1), "Company", "a", "b", "Ada Lovelace"),
        (lead_id(1), "Score__c", 1, None, "Ada Lovelace"),
        (lead_id(2), "IsDeleted", 0, 1, "Ada Lovelace"),
        (lead_id(3), "Id", None, lead_id(3), "Ada Lovelace"),
    ]
    lines = mirror.read(lambda s: changes.recent(s, 10, "Lead", lead_id(1)))
    assert [(c.field, c.at, c.side) for c in lines] == [
        ("Score__c", stamp(5), "salesforce"),
        ("Company", stamp(5), "salesforce"),
    ]


def test_a_mere_stamp_is_no_line(mirror, table, writer):
    load(mirror, writer, lead(1))
    loaded(mirror)
    assert merge(mirror, writer, lead(1, 5)).updated == 1
    assert log(mirror) == []


def test_own_changes_that_are_read_back_are_no_foreign_update(mirror, table, writer):
    load(mirror, writer, lead(1))
    loaded(mirror)
    counts = mirror.write(lambda s: writer.merge(s, [lead(1, 5, Company="mine")], log=False))
    assert counts.updated == 1
    assert log(mirror) == []


def test_a_mass_change_is_one_line_however_many_batches_it_takes(mirror, table, writer):
    load(mirror, writer, *(lead(n) for n in range(1500)))
    loaded(mirror)
    other = RowWriter.for_json(table)
    merge(mirror, other, lead(1, 1, Company="by somebody else"))
    run = RowWriter.for_json(table)
    merge(mirror, run, *(lead(n, 2, Company="x") for n in range(600)))
    assert len(log(mirror)) == 601
    merge(mirror, run, *(lead(n, 2, Company="x") for n in range(600, 1200)))
    assert [line[:4] for line in log(mirror)] == [
        (lead_id(1), "Company", None, "by somebody else"),
        (None, None, None, 1200),
    ]
    merge(mirror, run, *(lead(n, 2, Company="x") for n in range(1200, 1500)))
    assert log(mirror)[-1][:4] == (None, None, None, 1500)
    assert len(log(mirror)) == 2


def test_a_merge_that_is_rolled_back_has_logged_nothing(mirror, table, writer):
    load(mirror, writer, lead(1))
    loaded(mirror)
    run = RowWriter.for_json(table)

    def job(session):
        run.merge(session, [lead(n, 1) for n in range(900)])
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        mirror.write(job)
    merge(mirror, run, *(lead(n, 1, Company="x") for n in range(200)))
    assert len([line for line in log(mirror) if line[1] is not None]) == 200


# -- the size of batches --------------------------------------------------------------------------------------


def test_batches_of_wide_rows_stay_under_a_megabyte():
    pace = Pace()
    pace.weigh([{"a": "x" * 10_000, "b": None} for _ in range(1000)])
    assert MAX_BYTES * 0.9 < pace.rows * 10_008 <= MAX_BYTES
    pace.took(pace.rows, 0.001)
    assert pace.rows * 10_008 <= MAX_BYTES
    narrow = Pace()
    narrow.weigh([[str(n), "x" * 10] for n in range(4500)])
    assert narrow.rows == MAX_ROWS
    narrow.weigh([])
    assert narrow.rows == MAX_ROWS


def test_the_pace_follows_the_writer():
    pace = Pace()
    for _ in range(10):
        pace.took(pace.rows, pace.rows / 1000)  # a thousand rows a second
    assert MIN_ROWS <= pace.rows < MIN_ROWS + 5
    for _ in range(10):
        pace.took(pace.rows, pace.rows / 100_000)
    assert MAX_ROWS - 5 < pace.rows <= MAX_ROWS
    before = pace.rows
    pace.took(0, 0.0)
    assert pace.rows == before


def test_objects_without_a_stamp_or_the_recycle_bin(mirror):
    info = describe("Tag__c", {"name": "Id", "type": "id"}, {"name": "Name", "type": "string"})
    table = lead_table(mirror, info.name, {"name": "Id", "type": "id"}, {"name": "Name", "type": "string"})
    assert (table.stamp_field, table.has_is_deleted) == (None, False)
    writer = RowWriter.for_json(table)
    assert merge(mirror, writer, {"Id": lead_id(1), "Name": "a"}).new == 1
    assert merge(mirror, writer, {"Id": lead_id(1), "Name": "b"}).updated == 1
    assert mirror.read(lambda s: count_live(s, table)) == 1
