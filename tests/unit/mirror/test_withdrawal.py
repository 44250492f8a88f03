"""Objects and fields out of sight: they come back whole within the grace time, and are erased after it."""

from __future__ import annotations

from datetime import timedelta

from core.mirror import objects, schema, sweeps, times, withdrawal
from tests.unit.mirror.samples import describe, lead_id, lead_table, select, without
from tests.unit.mirror.test_removal import fill


def test_a_withdrawn_object_is_no_table_and_comes_back(mirror):
    fill(mirror, 3)
    mirror.write(lambda s: withdrawal.hide_object(s, "Lead"))
    assert "Lead" not in mirror.tables()
    assert select(mirror, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'Lead'") == []
    assert not mirror.write(lambda s: withdrawal.bring_back(s, "Account"))
    assert mirror.write(lambda s: withdrawal.bring_back(s, "Lead"))
    lead_table(mirror)
    assert select(mirror, 'SELECT count(*) FROM "Lead"') == [(3,)]
    assert mirror.read(objects.sweeps_wanted) == {"Lead"}
    assert mirror.read(withdrawal.hidden_objects) == {}


def test_a_withdrawn_object_is_erased_after_its_grace_time_and_not_before(mirror):
    fill(mirror, 2500)
    mirror.write(lambda s: withdrawal.hide_object(s, "Lead"))
    assert withdrawal.erase(mirror.writer, times.now() - timedelta(days=7)) == 0
    assert withdrawal.erase(mirror.writer, times.now() + timedelta(seconds=5)) == 1
    assert select(mirror, "SELECT name FROM sqlite_schema WHERE name LIKE '%Lead'") == []
    assert mirror.read(withdrawal.hidden_objects) == {}


def test_a_withdrawn_fields_values_are_erased_once_and_the_field_can_return(mirror):
    fill(mirror, 3, Company="ACME")
    mirror.write(lambda s: schema.ensure_table(s, describe("Lead", *without("Company"))))
    assert withdrawal.erase(mirror.writer, times.now() - timedelta(days=7)) == 0
    later = times.now() + timedelta(seconds=5)
    assert withdrawal.erase(mirror.writer, later) == 1
    assert withdrawal.erase(mirror.writer, later) == 0
    assert mirror.read(lambda s: schema.hidden_fields(s, "Lead")).keys() == {"Company"}
    delta = mirror.write(lambda s: schema.ensure_table(s, describe("Lead")))
    assert delta.returned == ("Company",)
    assert select(mirror, 'SELECT DISTINCT "Company" FROM "Lead"') == [(None,)]


def test_a_sweep_sets_the_orgs_ids_beside_the_rows(mirror):
    table = fill(mirror, 5)
    here = dict(select(mirror, 'SELECT "Id", "SystemModstamp" FROM "Lead"'))
    org = {**here, lead_id(9): "2024-03-01T00:00:00.000+0000"}
    del org[lead_id(0)]
    org[lead_id(1)] = "2031-01-01T00:00:00.000+0000"
    mirror.write(sweeps.begin)
    mirror.write(lambda s: sweeps.add(s, [(*item, None) for item in org.items()]))
    found = mirror.write(lambda s: sweeps.local_slice(s, table, 0))
    assert [record_id for _, record_id in found.missing] == [lead_id(0)]
    assert (found.rows, found.alive) == (5, 1)
    assert mirror.write(lambda s: sweeps.local_slice(s, table, found.last)).last is None
    assert mirror.write(lambda s: sweeps.wanted(s, table, "")) == (lead_id(9), [lead_id(1), lead_id(9)])
    assert set(mirror.write(lambda s: sweeps.sample(s, table, 50))) <= set(here)
    mirror.write(lambda s: sweeps.end(s, table))
