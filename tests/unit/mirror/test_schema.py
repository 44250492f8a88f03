"""Describe -> table: new objects, and fields that come, go, return and change their kind."""

from __future__ import annotations

import pytest

from core.mirror import describes, schema, scoping
from core.mirror.rows import RowWriter
from core.mirror.values import Kind
from core.model.describe import parse_object
from core.model.errors import ErrorCode, OrgMirrorError
from tests.unit.mirror.samples import LEAD_FIELDS, describe, lead, lead_id, lead_table, select, stamp, without


def ensure(mirror, info, fields=None, **more):
    return mirror.write(lambda s: schema.ensure_table(s, info, fields, **more))


def load(mirror, *records):
    table = mirror.tables()["Lead"]
    mirror.write(lambda s: RowWriter.for_json(table).load(s, records))


def retyped(name, **changed):
    return tuple({**f, **changed} if f["name"] == name else f for f in LEAD_FIELDS)


def test_a_new_object(mirror):
    assert dict(mirror.tables()) == {}
    delta = ensure(mirror, describe("Lead", keyPrefix="00Q"), describe_stamp="Tue, 01 Mar 2024 00:00:00 GMT")
    assert delta.created
    table = mirror.tables()["Lead"]
    assert table == delta.table
    names = [c.name for c in table.columns]
    assert names[0] == "Id"
    assert names[-1] == "Description", "long text stands last"
    assert "Address" not in names
    assert (table.has_is_deleted, table.stamp_field, table.name_field) == (True, "SystemModstamp", "Name")
    info = select(mirror, "SELECT name, type FROM pragma_table_xinfo('Lead')")
    assert info[0] == ("om_row", "INTEGER")
    assert dict(info)["Score__c"] == "NUMERIC"
    assert dict(info)["HasOptedOutOfEmail"] == "INTEGER"
    assert dict(info)["AnnualRevenue"] == "TEXT"
    assert info[-1][0] == "om_real_AnnualRevenue"
    stored = mirror.read(lambda s: schema.stored_describe(s, "Lead"))
    assert stored == (describe("Lead", keyPrefix="00Q"), "Tue, 01 Mar 2024 00:00:00 GMT")


@pytest.mark.parametrize("name", ["Order", "Group", "Case", "Table", "Quote'x", 'Quote"x'])
def test_names_that_are_words_of_sql(mirror, name):
    table = lead_table(mirror, name, {"name": "Id", "type": "id"}, {"name": "Select", "type": "string"})
    mirror.write(lambda s: RowWriter.for_json(table).merge(s, [{"Id": lead_id(1), "Select": "x"}]))
    assert select(mirror, f'SELECT "Select" FROM {table.quoted}') == [("x",)]


def test_a_snapshot_is_immutable(mirror):
    before = lead_table(mirror)
    tables = mirror.tables()
    ensure(mirror, describe("Lead", *LEAD_FIELDS, {"name": "New__c", "type": "string"}))
    ensure(mirror, describe("Contact"))
    assert list(tables) == ["Lead"]
    assert tables["Lead"] is before
    assert "New__c" not in before.by_name
    assert "New__c" in mirror.tables()["Lead"].by_name
    with pytest.raises(TypeError):
        tables["Lead"] = before  # type: ignore[index]


def test_a_transaction_that_fails_leaves_the_snapshot(mirror):
    lead_table(mirror)
    tables = mirror.tables()

    def job(session):
        schema.ensure_table(session, describe("Contact"))
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        mirror.write(job)
    assert mirror.tables() is tables
    assert not mirror.write(lambda s: schema.has_table(s, "Contact"))


def test_unchanged_describes_change_nothing(mirror):
    lead_table(mirror)
    tables = mirror.tables()
    assert not ensure(mirror, describe("Lead")).changed
    assert mirror.tables() is tables


def test_a_new_label_reaches_the_snapshot(mirror):
    lead_table(mirror)
    assert not ensure(mirror, describe("Lead", label="Prospect")).changed
    assert mirror.tables()["Lead"].label == "Prospect"


def test_added_columns(mirror):
    lead_table(mirror, "Lead", *without("AnnualRevenue", "Company"))
    load(mirror, lead(1))
    delta = ensure(mirror, describe("Lead"))
    assert set(delta.added) == {"AnnualRevenue", "Company"}
    load(mirror, lead(2, AnnualRevenue=12, Company="ACME"))
    found = select(mirror, 'SELECT "Company", "AnnualRevenue", "om_real_AnnualRevenue" FROM "Lead" ORDER BY om_row')
    assert found == [(None, None, None), ("ACME", "12", 12.0)]


def test_a_removed_column_is_hidden_and_returns_with_its_values(mirror):
    lead_table(mirror)
    load(mirror, lead(1, Company="ACME", AnnualRevenue=5))
    delta = ensure(mirror, describe("Lead", *without("Company", "AnnualRevenue")))
    assert set(delta.removed) == {"Company", "AnnualRevenue"}
    table = mirror.tables()["Lead"]
    assert table.column("Company") is None
    assert set(mirror.read(lambda s: schema.hidden_fields(s, "Lead"))) == {"Company", "AnnualRevenue"}
    with pytest.raises(OrgMirrorError):
        select(mirror, 'SELECT "Company" FROM "Lead"')
    load(mirror, lead(2))
    assert not ensure(mirror, describe("Lead", *without("Company", "AnnualRevenue"))).changed
    delta = ensure(mirror, describe("Lead"))
    assert set(delta.returned) == {"Company", "AnnualRevenue"}
    assert delta.added == ()
    assert mirror.read(lambda s: schema.hidden_fields(s, "Lead")) == {}
    found = select(mirror, 'SELECT "Company", "AnnualRevenue", "om_real_AnnualRevenue" FROM "Lead" ORDER BY om_row')
    assert found == [("ACME", "5", 5.0), (None, None, None)]


def test_a_retyped_column_keeps_its_values_in_the_new_form(mirror):
    lead_table(mirror)
    load(mirror, *(lead(n, Score__c=n / 2) for n in range(5)))
    delta = ensure(mirror, describe("Lead", *retyped("Score__c", precision=18)))
    (change,) = delta.retyped
    assert (change.name, change.old, change.new) == ("Score__c", Kind.NUMBER, Kind.EXACT)
    table = mirror.tables()["Lead"]
    mirror.write(lambda s: RowWriter.for_json(table).merge(s, [lead(1, 1, Score__c=7)]))
    assert schema.convert(mirror.writer, table, change) == 5
    found = select(mirror, 'SELECT "Score__c", "om_real_Score__c" FROM "Lead" ORDER BY om_row')
    assert found == [("0", 0.0), ("7", 7.0), ("1", 1.0), ("1.5", 1.5), ("2", 2.0)]
    (change,) = ensure(mirror, describe("Lead")).retyped
    schema.convert(mirror.writer, mirror.tables()["Lead"], change)
    found = select(mirror, 'SELECT "Score__c", typeof("Score__c") FROM "Lead" ORDER BY om_row')
    assert found == [(0, "integer"), (7, "integer"), (1, "integer"), (1.5, "real"), (2, "integer")]


def test_a_column_that_returns_with_another_kind(mirror):
    lead_table(mirror)
    load(mirror, lead(1, HasOptedOutOfEmail=True))
    ensure(mirror, describe("Lead", *without("HasOptedOutOfEmail")))
    delta = ensure(mirror, describe("Lead", *retyped("HasOptedOutOfEmail", type="string")))
    assert delta.returned == ("HasOptedOutOfEmail",)
    (change,) = delta.retyped
    schema.convert(mirror.writer, delta.table, change)
    assert select(mirror, 'SELECT "HasOptedOutOfEmail" FROM "Lead"') == [("true",)]


def test_a_type_that_is_stored_alike_alters_nothing(mirror):
    lead_table(mirror)
    assert not ensure(mirror, describe("Lead", *retyped("Company", type="picklist"))).changed


def test_chosen_fields_and_the_system_ones(mirror):
    delta = ensure(mirror, describe("Lead"), {"LastName"})
    assert {c.name for c in delta.table.columns} == {
        "Id", "LastName", "IsDeleted", "SystemModstamp", "LastModifiedDate", "LastModifiedById",
    }  # fmt: skip


def test_an_object_without_an_id_is_refused(mirror):
    with pytest.raises(OrgMirrorError) as caught:
        ensure(mirror, describe("Lead", {"name": "Name", "type": "string"}))
    assert caught.value.code is ErrorCode.NO_SUCH_FIELD


def test_eight_hundred_fields(mirror):
    fields = [{"name": "Id", "type": "id"}, {"name": "SystemModstamp", "type": "datetime"}]
    fields += [{"name": f"F{n}__c", "type": "string"} for n in range(800)]
    table = lead_table(mirror, "Wide__c", *fields)
    record = {f["name"]: "x" for f in fields} | {"Id": lead_id(1), "SystemModstamp": stamp(1)}
    writer = RowWriter.for_json(table)
    mirror.write(lambda s: s.models.Object.update(loaded=True).execute())
    assert mirror.write(lambda s: writer.merge(s, [record])).new == 1
    assert mirror.write(lambda s: writer.merge(s, [record])).skipped == 1
    assert mirror.write(lambda s: writer.merge(s, [record | {"F799__c": "y"}])).updated == 1
    assert select(mirror, "SELECT field, old, new FROM om_change WHERE field <> 'Id'") == [("F799__c", "x", "y")]


def test_the_snapshot_survives_the_file_being_opened_again(make_mirror):
    mirror = make_mirror()
    table = lead_table(mirror)
    ensure(mirror, describe("Lead", *without("Company")))
    mirror.close()
    again = make_mirror().tables()["Lead"]
    assert again.columns == tuple(c for c in table.columns if c.name != "Company")


def test_describes_are_packed_whole():
    info = parse_object(
        {
            "name": "X__c",
            "label": "X",
            "createable": True,
            "fields": [
                {
                    "name": "Kind__c",
                    "type": "picklist",
                    "controllerName": "Other__c",
                    "defaultValue": False,
                    "picklistValues": [{"value": "a", "label": "A", "active": False, "validFor": "gAAA"}],
                    "referenceTo": ["User"],
                }
            ],
            "childRelationships": [{"childSObject": "Y__c", "field": "X__c", "relationshipName": "Ys"}],
            "recordTypeInfos": [{"recordTypeId": "012", "master": True}],
        }
    )
    assert describes.unpack(describes.pack(info)) == info


def test_what_another_process_changed_is_in_the_tables_after_the_next_read(make_mirror):
    here, there = make_mirror(), make_mirror()
    lead_table(there)
    ensure(there, describe("Contact"))
    here.read(lambda s: None)
    assert sorted(here.tables()) == ["Contact", "Lead"]
    contact = here.tables()["Contact"]
    there.write(lambda s: scoping.set_filter(s, "Lead", "Score__c > 1"))
    here.read(lambda s: None)
    assert here.tables()["Lead"].row_filter == "Score__c > 1"
    assert here.tables()["Contact"] is contact, "what is the same is not unpacked again"
    ensure(there, describe("Lead", *LEAD_FIELDS, {"name": "New__c", "type": "string"}))
    ensure(here, describe("Account"))  # its own change hides none of the others'
    assert "New__c" in here.tables()["Lead"].by_name
    assert "Account" in here.tables()
    there.read(lambda s: None)
    assert dict(there.tables()) == dict(here.tables())


def test_a_change_that_was_rolled_back_is_none(mirror):
    lead_table(mirror)

    def failing(session):
        scoping.set_filter(session, "Lead", "Score__c > 1")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        mirror.write(failing)
    mirror.write(lambda s: scoping.set_filter(s, "Lead", "Score__c > 2"))
    assert mirror.tables()["Lead"].row_filter == "Score__c > 2"


def test_a_filter_chosen_while_rows_were_fitted_to_another_is_not_forgotten(mirror):
    lead_table(mirror)
    mirror.write(lambda s: scoping.set_filter(s, "Lead", "Score__c > 1"))
    mirror.write(lambda s: scoping.set_filter(s, "Lead", None))
    mirror.write(lambda s: scoping.refitted(s, "Lead", "Score__c > 1"))
    assert mirror.read(scoping.refits) == {"Lead": scoping.Refit("Lead", "Score__c > 1")}
    mirror.write(lambda s: scoping.refitted(s, "Lead", None))
    assert mirror.read(scoping.refits) == {}
