"""The command line's contract for reading a mirror (issue 2, section 6; rules 9): arguments, values, exit codes.

Everything here looks at one home that was loaded once; what changes something works on a copy.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import stat
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.app import App
from core.mirror import preferences
from core.paths import Home
from tests.helpers.command import Completed, in_process, orgmirror
from tests.helpers.demo_org import DemoOrgProcess
from tests.helpers.homes import KeptHome

READERS = [
    ("status", "acme"),
    ("list", "acme", "Campaign", "--limit", "1"),
    ("show", "acme", "User", "?"),
    ("query", "acme", "SELECT 1"),
    ("doctor", "acme"),
]


@pytest.fixture
def home(loaded: KeptHome, monkeypatch: pytest.MonkeyPatch) -> Path:
    return loaded.use(monkeypatch)


def listed(home: Path, *words: str) -> list[dict[str, Any]]:
    done = in_process(home, "list", "acme", *words, "--json")
    assert done.code == 0, done.err
    assert isinstance(done.json, list)
    return done.json


def rows_of(home: Path, sql: str) -> list[list[Any]]:
    done = in_process(home, "query", "acme", sql, "--json")
    assert done.code == 0, done.err
    assert set(done.json) == {"columns", "rows"}
    return list(done.json["rows"])


def refused(done: Completed, code: str, exit_code: int = 1) -> None:
    """One JSON object on stdout that tells the code, words on stderr, the exit code of its kind."""
    assert done.code == exit_code, (done.code, done.err)
    assert set(done.json) == {"error"}
    assert done.json["error"]["code"] == code
    assert done.json["error"]["text"]
    assert done.err.strip()
    assert "Traceback" not in done.err


# -- arguments --------------------------------------------------------------------------------------------------------


def test_home_before_and_after_the_subcommand(home: Path) -> None:
    before = orgmirror(home, "status", "acme", "--json")
    assert before.code == 0
    assert before.err == ""
    elsewhere = home.parent / "elsewhere"
    for words in (("status", "acme", "--json", "--home", str(home)), ("status", f"--home={home}", "acme", "--json")):
        assert in_process(elsewhere, *words).json == before.json
    assert not elsewhere.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("list", "acme"),
        ("list", "acme", "Lead", "--limit", "-1"),
        ("list", "acme", "Lead", "--limit", "x"),
        ("query", "acme"),
        ("query", "acme", "SELECT 1", "--csv"),
        ("status", "acme", "--nonsense"),
        ("sync", "acme"),
        ("export", "acme"),
        ("connect", "new", "--method", "carrier-pigeon", "--login-url", "https://x.example"),
        ("connect", "new", "--method", "token"),
        ("connect", "new", "--method", "password", "--login-url", "https://x.example"),
        ("connect", "new", "--method", "client-credentials", "--login-url", "https://x.example"),
        ("connect", "new", "--method", "token", "--login-url", "https://x.example", "--objects", ","),
    ],
)
def test_usage_errors(home: Path, words: tuple[str, ...]) -> None:
    """With --json too, stdout is one value: what does not go together (--csv, sync without --once) is usage."""
    done = in_process(home, *words, "--json")
    refused(done, "usage", 2)


def test_a_usage_error_leaves_stdout_alone(home: Path) -> None:
    done = in_process(home, "list", "acme")
    assert (done.code, done.out) == (2, "")
    assert "usage:" in done.err


def test_an_unknown_subcommand_and_an_empty_home(home: Path) -> None:
    assert in_process(home, "frobnicate").code == 2
    assert in_process(home, "--home", "", "status").code == 2


def test_a_folder_may_bear_the_name_of_a_subcommand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = in_process(tmp_path, "--home", "sync", "status", "--json")
    assert (done.code, done.json) == (0, []), done.err


@pytest.mark.parametrize("words", READERS, ids=lambda words: words[0])
def test_an_unknown_connection(home: Path, words: tuple[str, ...]) -> None:
    words = (words[0], "nobody", *words[2:])
    refused(in_process(home, *words, "--json"), "no-such-connection")
    plain = in_process(home, *words)
    assert (plain.code, plain.out) == (1, "")
    assert "nobody" in plain.err


def test_a_connection_by_name_in_any_case_and_by_uuid(home: Path) -> None:
    [folder] = (home / "connections").iterdir()
    assert in_process(home, "status", "ACME", "--json").json["name"] == "acme"
    assert in_process(home, "status", folder.name, "--json").json["name"] == "acme"


def test_an_unknown_object_field_and_record(home: Path) -> None:
    refused(in_process(home, "list", "acme", "Nothing__c", "--json"), "no-such-object")
    refused(in_process(home, "show", "acme", "Nothing__c", "00QIO00000000bT2AQ", "--json"), "no-such-object")
    refused(in_process(home, "list", "acme", "Lead", "--where", "Nothing__c=1", "--json"), "no-such-field")
    refused(in_process(home, "list", "acme", "Lead", "--where", "LastName", "--json"), "usage", 2)
    refused(in_process(home, "list", "acme", "Lead", "--where", "NumberOfEmployees=many", "--json"), "bad-filter")
    refused(in_process(home, "list", "acme", "Lead", "--where", "IsConverted=perhaps", "--json"), "bad-filter")
    refused(in_process(home, "list", "acme", "Lead", "--where", "CreatedDate=yesterdayish", "--json"), "bad-filter")
    refused(in_process(home, "show", "acme", "Lead", "00QIO0000000ZZZ", "--json"), "no-such-record")
    refused(in_process(home, "show", "acme", "Lead", "nonsense", "--json"), "no-such-record")
    refused(in_process(home, "list", "acme", "om_object", "--json"), "no-such-object")


# -- status -----------------------------------------------------------------------------------------------------------


def test_status_of_one_is_an_object_and_of_all_an_array(home: Path, demo_org: DemoOrgProcess) -> None:
    one = in_process(home, "status", "acme", "--json").json
    assert in_process(home, "status", "--json").json == [one]
    assert set(one) == {
        "name", "org_id", "user", "state", "pending", "conflicts", "problems", "api", "objects",
    }  # fmt: skip
    assert one["name"] == "acme"
    assert one["org_id"] == demo_org.info["org_id"]
    assert one["user"] == demo_org.info["username"]
    assert one["state"] == "in-step"
    assert [one[key] for key in ("pending", "conflicts", "problems")] == [0, 0, 0]
    assert set(one["api"]) == {"used", "limit", "share"}
    assert 0 < one["api"]["used"] < one["api"]["limit"]
    assert one["api"]["share"] == 20
    by_name = {item["name"]: item for item in one["objects"]}
    for item in by_name.values():
        assert set(item) == {"name", "direction", "rows", "loaded", "watermark", "last_synced_at"}
        assert item["loaded"] is True
        assert item["watermark"].endswith("Z")
        assert item["last_synced_at"] >= item["watermark"]
    directions = {name: by_name[name]["direction"] for name in ("Lead", "Account", "Project__c", "User")}
    assert directions == {"Lead": "two-way", "Account": "pull", "Project__c": "pull", "User": "pull"}
    assert by_name["Lead"]["rows"] == sum(1 for _ in demo_org.truth("Lead", deleted=False))


def test_status_without_connections(tmp_path: Path) -> None:
    done = in_process(tmp_path / "none", "status", "--json")
    assert (done.code, done.json) == (0, [])
    words = in_process(tmp_path / "none", "status")
    assert (words.code, words.out) == (0, "")
    assert "connect" in words.err


def test_status_in_words(home: Path) -> None:
    done = in_process(home, "status")
    assert done.code == 0
    assert done.out.startswith("acme: in-step, ")
    assert "CampaignMemberStatus" in done.out


# -- list -------------------------------------------------------------------------------------------------------------


def test_list_conditions_go_together_and_mind_no_case(home: Path, demo_org: DemoOrgProcess) -> None:
    truth = list(demo_org.truth("Lead", deleted=False))
    status = next(row["Status"] for row in truth if not row["IsConverted"])
    expected = {r["Id"] for r in truth if r["Status"] == status and not r["IsConverted"]}
    found = listed(home, "lead", "--where", f"STATUS={status}", "--where", "isconverted=FALSE")
    assert {row["Id"] for row in found} == expected
    assert expected


def test_list_by_boolean_number_date_and_empty(home: Path, demo_org: DemoOrgProcess) -> None:
    truth = list(demo_org.truth("Lead", deleted=False))
    converted = {r["Id"] for r in truth if r["IsConverted"]}
    for value in ("true", "True", "1"):
        assert {r["Id"] for r in listed(home, "Lead", "--where", f"IsConverted={value}")} == converted
    number = next(r["NumberOfEmployees"] for r in truth if r["NumberOfEmployees"])
    by_number = {r["Id"] for r in truth if r["NumberOfEmployees"] == number}
    assert {r["Id"] for r in listed(home, "Lead", "--where", f"NumberOfEmployees={number}.0")} == by_number
    nobody = {r["Id"] for r in truth if r["NumberOfEmployees"] is None}
    assert {r["Id"] for r in listed(home, "Lead", "--where", "NumberOfEmployees=")} == nobody
    campaigns = list(demo_org.truth("Campaign", deleted=False))
    day = next(r["StartDate"] for r in campaigns if r["StartDate"])
    by_day = {r["Id"] for r in campaigns if r["StartDate"] == day}
    assert {r["Id"] for r in listed(home, "Campaign", "--where", f"StartDate={day}")} == by_day
    by_year = {r["Id"] for r in campaigns if (r["StartDate"] or "").startswith(day[:4])}
    assert {r["Id"] for r in listed(home, "Campaign", "--where", f"StartDate={day[:4]}")} == by_year


def test_list_by_the_name_or_the_id_of_a_look_up(home: Path, demo_org: DemoOrgProcess) -> None:
    names = {row["Id"]: row["Name"] for row in demo_org.truth("Account")}
    contacts = list(demo_org.truth("Contact", deleted=False))
    account = next(row["AccountId"] for row in contacts if row["AccountId"])
    same_name = {key for key, name in names.items() if name == names[account]}
    by_name = {row["Id"] for row in contacts if row["AccountId"] in same_name}
    assert {r["Id"] for r in listed(home, "Contact", "--where", f"AccountId={names[account]}")} == by_name
    by_id = {row["Id"] for row in contacts if row["AccountId"] == account}
    for key in (account, account[:15]):
        assert {r["Id"] for r in listed(home, "Contact", "--where", f"accountid={key}")} == by_id


def test_list_search_and_limit(home: Path, demo_org: DemoOrgProcess) -> None:
    lead = next(r for r in demo_org.truth("Lead", deleted=False) if r["Email"])
    found = listed(home, "Lead", "--search", lead["Email"])
    assert lead["Id"] in {row["Id"] for row in found}
    assert listed(home, "Lead", "--search", lead["Email"], "--where", "LastName=Nobody Of That Name") == []
    assert len(listed(home, "Lead", "--limit", "7")) == 7
    assert listed(home, "Lead", "--limit", "0") == []
    assert len(listed(home, "Lead")) == sum(1 for _ in demo_org.truth("Lead", deleted=False))


def test_list_leaves_out_the_recycle_bin_and_query_shows_it(home: Path, demo_org: DemoOrgProcess) -> None:
    deleted = {row["Id"] for row in demo_org.truth("Lead") if row["IsDeleted"]}
    assert deleted
    assert not deleted & {row["Id"] for row in listed(home, "Lead")}
    assert {row[0] for row in rows_of(home, "SELECT Id FROM Lead WHERE IsDeleted = 1")} == deleted
    # show is asked for one record by its id: it says that the record is deleted.
    shown = in_process(home, "show", "acme", "Lead", sorted(deleted)[0], "--json").json
    assert shown["IsDeleted"] is True


def test_list_in_words(home: Path) -> None:
    done = in_process(home, "list", "acme", "Campaign", "--limit", "3")
    assert done.code == 0
    assert len(done.out.splitlines()) == 4
    nothing = in_process(home, "list", "acme", "Campaign", "--limit", "0")
    assert (nothing.code, nothing.out) == (0, "")


# -- show -------------------------------------------------------------------------------------------------------------


def test_show_value_forms(home: Path, demo_org: DemoOrgProcess) -> None:
    truth = next(r for r in demo_org.truth("Account", deleted=False) if r["Registry_Number__c"])
    for key in (truth["Id"], truth["Id"][:15]):
        shown = in_process(home, "show", "acme", "account", key, "--json").json
        assert shown["Id"] == truth["Id"]
        number = shown["Registry_Number__c"]
        assert isinstance(number, str)
        assert Decimal(number) == Decimal(str(truth["Registry_Number__c"]))
        assert shown["IsDeleted"] is False
        assert shown["CreatedDate"].endswith("Z")
        assert all(value != "" for value in shown.values())
        assert [n for n in ("BillingAddress", "ShippingAddress") if n in shown] == []
    empty = [key for key, value in truth.items() if value is None and key in shown]
    assert empty
    assert all(shown[key] is None for key in empty)
    whole = next(r for r in demo_org.truth("Lead", deleted=False) if r["NumberOfEmployees"])
    lead = in_process(home, "show", "acme", "Lead", whole["Id"], "--json").json
    assert type(lead["NumberOfEmployees"]) is int
    assert lead["NumberOfEmployees"] == whole["NumberOfEmployees"]


def test_show_and_list_have_the_same_values(home: Path) -> None:
    [first] = listed(home, "Project__c", "--limit", "1")
    assert in_process(home, "show", "acme", "Project__c", first["Id"], "--json").json == first


def test_show_in_words(home: Path, demo_org: DemoOrgProcess) -> None:
    lead = next(r for r in demo_org.truth("Lead", deleted=False) if r["Email"])
    done = in_process(home, "show", "acme", "Lead", lead["Id"])
    assert done.code == 0
    assert lead["Email"] in done.out


# -- query ------------------------------------------------------------------------------------------------------------


def test_query_answers_what_sqlite_returns(home: Path) -> None:
    done = in_process(home, "query", "acme", "SELECT IsConverted, NULL AS n, 1.5, 'a''b', x'00ff' FROM Lead", "--json")
    assert done.code == 0, done.err
    assert done.json["columns"] == ["IsConverted", "n", "1.5", "'a''b'", "x'00ff'"]
    assert done.json["rows"][0][0] in (0, 1)
    assert done.json["rows"][0][1:] == [None, 1.5, "a'b", "00ff"]
    assert rows_of(home, "SELECT 9e999, -9e999") == [["Inf", "-Inf"]]


def test_query_star_has_the_fields_of_the_org_alone(home: Path) -> None:
    done = in_process(home, "query", "acme", "SELECT * FROM Lead LIMIT 1", "--json").json
    assert done["columns"][0] == "Id"
    assert not [name for name in done["columns"] if name.lower().startswith("om_")]


def test_query_as_csv_and_as_a_table(home: Path) -> None:
    sql = "SELECT Id, Name FROM Account ORDER BY Id LIMIT 3"
    done = in_process(home, "query", "acme", sql, "--csv")
    assert done.code == 0
    header, *rows = csv.reader(io.StringIO(done.out))
    assert header == ["Id", "Name"]
    assert rows == rows_of(home, sql)
    table = in_process(home, "query", "acme", sql)
    assert table.code == 0
    assert len(table.out.splitlines()) == 4


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH '{file}' AS other",
        "PRAGMA table_list",
        "PRAGMA key",
        "SELECT * FROM pragma_table_info('Lead')",
        "SELECT * FROM om_object",
        "SELECT * FROM main.om_meta",
        "SELECT * FROM sqlite_schema",
        "SELECT 1; SELECT 2",
        "SELECT 1; DELETE FROM Lead",
        "DELETE FROM Lead",
        "UPDATE Lead SET LastName = 'x'",
        "CREATE TABLE t (a)",
        "VACUUM INTO '{file}'",
        "BEGIN",
        "EXPLAIN SELECT 1",
        "SELECT load_extension('x')",
        "",
        "not even sql",
    ],
)
def test_query_refuses_all_but_one_select(home: Path, tmp_path: Path, sql: str) -> None:
    file = tmp_path / "other.db"
    refused(in_process(home, "query", "acme", sql.format(file=file), "--json"), "bad-query")
    assert not file.exists()


def test_query_has_a_time_limit(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.mirror import adhoc

    run = adhoc.run
    monkeypatch.setattr(adhoc, "run", lambda *given, **named: run(*given, **{**named, "seconds": 0.05}))
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    refused(in_process(home, "query", "acme", endless, "--json"), "query-timed-out")


# -- export, doctor ---------------------------------------------------------------------------------------------------


def test_export_is_a_plain_file_for_any_sqlite(home: Path, demo_org: DemoOrgProcess, tmp_path: Path) -> None:
    target = tmp_path / "copy.sqlite"
    done = in_process(home, "export", "acme", "--to", str(target), "--json")
    assert done.code == 0, done.err
    assert done.json["to"] == str(target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    conn = sqlite3.connect(target)
    try:
        names = [row[0] for row in conn.execute("SELECT name FROM sqlite_master")]
        assert not [name for name in names if name.lower().startswith("om_")]
        assert "Lead" in names
        [leads] = conn.execute("SELECT count(*) FROM Lead").fetchone()
        columns = [row[1] for row in conn.execute("PRAGMA table_info(Lead)")]
    finally:
        conn.close()
    assert leads == sum(1 for _ in demo_org.truth("Lead"))
    assert not [name for name in columns if name.lower().startswith("om_")]
    before = target.read_bytes()
    refused(in_process(home, "export", "acme", "--to", str(target), "--json"), "target-exists")
    nowhere = tmp_path / "nowhere" / "copy.sqlite"
    done = in_process(home, "export", "acme", "--to", str(nowhere), "--json")
    refused(done, "cannot-write")
    assert str(nowhere) in done.err
    assert target.read_bytes() == before
    assert in_process(home, "export", "acme", "--to", str(target), "--yes").code == 0
    refused(in_process(home, "export", "acme", "--to", str(tmp_path / "no" / "such" / "f"), "--json"), "cannot-write")


def test_doctor_finds_the_file_sound_and_the_counts_equal(home: Path, demo_org: DemoOrgProcess) -> None:
    done = in_process(home, "doctor", "acme", "--json")
    assert done.code == 0, done.err
    assert done.json["healthy"] is True
    assert done.json["findings"] == []
    assert done.json["org"] == "reached"
    leads = next(item for item in done.json["counts"] if item["object"] == "Lead")
    assert leads["here"] == leads["there"] == sum(1 for _ in demo_org.truth("Lead", deleted=False))
    assert in_process(home, "doctor", "acme").out.startswith("The mirror's file is sound.")


def test_doctor_without_the_org_still_looks_at_the_file(
    loaded: KeptHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = loaded.copy(tmp_path, monkeypatch)
    [file] = home.glob("connections/*/profile.json")
    profile = json.loads(file.read_text())
    file.write_text(json.dumps({**profile, "instance_url": "https://127.0.0.1:9", "login_url": "https://127.0.0.1:9"}))
    with App(Home(home)) as app:
        vault, uuid = app.vault, profile["uuid"]
        kept = json.loads(vault.read(uuid, "session") or "{}")
        vault.write(uuid, "session", json.dumps({**kept, "instance_url": "https://127.0.0.1:9"}))
    done = in_process(home, "doctor", "acme", "--json")
    assert done.code == 0, done.err
    assert done.json["org"] == "cannot-connect"
    assert {item["there"] for item in done.json["counts"]} == {None}


def test_doctor_tells_damage_by_its_exit_code(
    loaded: KeptHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = loaded.copy(tmp_path, monkeypatch)
    with App(Home(home)) as app:
        mirror = app.connections.open_mirror(app.connections.profile("acme"))
        with mirror:
            mirror.write(
                lambda s: s.conn.execute("UPDATE om_object SET rows = rows + 1 WHERE name = 'Lead'").fetchall()
            )
    done = in_process(home, "doctor", "acme", "--json")
    assert done.code == 3
    assert done.json["healthy"] is False
    assert done.json["findings"][0]["code"] == "count-drifted"


def test_words_stand_in_for_text_that_would_steer_the_terminal(
    loaded: KeptHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = loaded.copy(tmp_path, monkeypatch)
    with App(Home(home)) as app:
        mirror = app.connections.open_mirror(app.connections.profile("acme"))
        with mirror:
            mirror.write(lambda s: s.conn.execute("UPDATE Campaign SET Name = 'a' || char(27) || '[2Jb'").fetchall())
            mirror.write(lambda s: preferences.keep(s, "api_share_percent", 35))
    for words in (("list", "acme", "Campaign"), ("query", "acme", "SELECT Name FROM Campaign")):
        done = in_process(home, *words)
        assert done.code == 0
        assert "\x1b" not in done.out
    assert in_process(home, "status", "acme", "--json").json["api"]["share"] == 35
