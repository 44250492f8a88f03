"""A person's own SQL: the org's tables and fields, read-only, nothing of the application, within a time limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.api.browse import BrowseApi
from core.mirror.schema import ensure_table
from core.model.errors import ErrorCode, OrgMirrorError
from tests.helpers.sample_org import LEAD, SampleOrg, describe, field


@pytest.fixture
def leads(org: SampleOrg) -> SampleOrg:
    org.add("Lead", {"Name": "Ann", "City": "Rome"}, {"Name": "Bob", "IsDeleted": True})
    org.add("Group", {"Name": "Queue"})
    org.ready()
    return org


@pytest.mark.usefixtures("leads")
def test_answers_what_sqlite_returns(browse: BrowseApi) -> None:
    answer = browse.query("SELECT Name, IsDeleted AS gone FROM lead ORDER BY 1; -- done")
    assert answer.columns == ("Name", "gone")
    assert answer.rows == [("Ann", 0), ("Bob", 1)]
    assert browse.query('SELECT count(*) FROM "Group"').rows == [(1,)]
    assert browse.query("SELECT 1 WHERE 0").columns == ("1",)
    assert browse.query("SELECT Name FROM Lead", limit=1).rows == [("Ann",)]
    recursive = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 5) SELECT sum(x) FROM n"
    assert browse.query(recursive).rows == [(15,)]


def test_all_fields_and_none_of_the_applications_own(leads: SampleOrg, browse: BrowseApi) -> None:
    columns = browse.query("SELECT * FROM Lead").columns
    assert columns == tuple(c.name for c in leads.mirror.tables()["Lead"].columns)
    fewer = [field(f.name, f.type, nameField=f.name_field) for f in LEAD.fields if f.name == "Name"]
    leads.mirror.write(lambda s: ensure_table(s, describe("Lead", "00Q", fewer)))
    assert browse.query("SELECT * FROM Lead").columns == ("Id", "IsDeleted", "Name", "CreatedDate", "SystemModstamp")
    for sql in ("SELECT City FROM Lead", "SELECT om_hidden_City FROM main.Lead", "SELECT * FROM main.Lead"):
        with pytest.raises(OrgMirrorError) as caught:
            browse.query(sql)
        assert caught.value.code is ErrorCode.BAD_QUERY


@pytest.mark.usefixtures("leads")
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM om_meta",
        "SELECT value FROM main.om_setting",
        "SELECT * FROM OM_OUTBOX",
        "SELECT * FROM om_fts_Lead",
        "SELECT * FROM om_fts_Lead_data",
        "SELECT name FROM sqlite_master",
        "SELECT sql FROM sqlite_schema",
        "SELECT sql FROM sqlite_temp_master",
        "SELECT * FROM pragma_table_info('Lead')",
        "SELECT * FROM dbstat",
        "PRAGMA key",
        "PRAGMA table_info(Lead)",
        "PRAGMA rekey = 'x'",
        "DELETE FROM Lead",
        "DELETE FROM main.Lead",
        "INSERT INTO main.Lead (Id) VALUES ('x')",
        "CREATE TABLE x (y)",
        "CREATE TEMP TABLE x (y)",
        "DROP TABLE Lead",
        "BEGIN",
        "VACUUM",
        "VACUUM INTO '/tmp/x'",
        "ATTACH '/tmp/x' AS y",
        "EXPLAIN SELECT 1",
        "SELECT load_extension('x')",
        "SELECT 1; SELECT 2",
        "SELECT 1; DELETE FROM main.Lead",
        "SELEC 1",
        "SELECT nope FROM Lead",
        'SELECT "nope" FROM Lead',
        "SELECT * FROM Nope",
        "SELECT ?",
        "",
        "-- nothing",
        "SELECT 1\0",
    ],
)
def test_refuses(browse: BrowseApi, tmp_path: Path, sql: str) -> None:
    before = sorted(path.name for path in tmp_path.rglob("*"))
    with pytest.raises(OrgMirrorError) as caught:
        browse.query(sql)
    assert caught.value.code is ErrorCode.BAD_QUERY
    assert caught.value.params["reason"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == before
    assert browse.query("SELECT count(*) FROM Lead").rows == [(2,)]


@pytest.mark.usefixtures("leads")
def test_syntax_errors_say_what_sqlite_says(browse: BrowseApi) -> None:
    with pytest.raises(OrgMirrorError) as caught:
        browse.query("SELEC Name FROM Lead")
    assert caught.value.params["reason"] == 'near "SELEC": syntax error'


@pytest.mark.usefixtures("leads")
def test_an_endless_query_ends(browse: BrowseApi) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(OrgMirrorError) as caught:
        browse.query(endless, seconds=0.05)
    assert caught.value.code is ErrorCode.QUERY_TIMED_OUT
