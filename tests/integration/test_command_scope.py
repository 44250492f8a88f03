"""`orgmirror scope`: shown, changed, asked about and refused, as a script sees it."""

from __future__ import annotations

from pathlib import Path

from tests.helpers.command import connect, in_process
from tests.helpers.demo_org import DemoOrgProcess
from tests.helpers.equality import mirrored_rows


def test_scope_on_the_command_line(demo_org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, demo_org, "acme", "--objects", "Campaign,RecordType", run=in_process).code == 0
    assert in_process(home, "sync", "acme", "--once", "--json").code == 0
    shown = in_process(home, "scope", "acme", "campaign", "--json")
    assert shown.code == 0, shown.err
    assert (shown.json["object"], shown.json["on"], shown.json["where"]) == ("Campaign", True, None)
    assert shown.json["direction"] == "two-way"

    where = "Type = 'Webinar'"
    refused = in_process(home, "scope", "acme", "Campaign", "--where", where, "--json")
    assert refused.code == 2
    assert refused.json["error"]["code"] == "needs-confirmation"
    rows = {row["Id"] for row in mirrored_rows(home, "acme", "Campaign")}
    fitting = {row["Id"] for row in mirrored_rows(home, "acme", "Campaign") if row["Type"] == "Webinar"}
    assert 0 < len(fitting) < len(rows)
    done = in_process(home, "scope", "acme", "Campaign", "--where", where, "--yes", "--json")
    assert done.code == 0, done.err
    assert done.json["where"] == where
    assert done.json["result"] == "ok"
    assert {row["Id"] for row in mirrored_rows(home, "acme", "Campaign")} == fitting
    wide = in_process(home, "scope", "acme", "Campaign", "--where", "", "--direction", "pull", "--json")
    assert wide.code == 0, wide.err
    assert wide.json["direction"] == "pull"
    assert {row["Id"] for row in mirrored_rows(home, "acme", "Campaign")} == rows

    bad = in_process(home, "scope", "acme", "Campaign", "--where", "Nope__c = 1", "--json")
    assert bad.code == 1
    assert bad.json["error"]["code"] == "row-filter-refused"
    assert "Nope__c" in bad.json["error"]["text"]
    assert in_process(home, "scope", "acme", "Campaign", "--off", "--where", "x").code == 2
    assert in_process(home, "scope", "acme", "Nothing", "--off").code == 1

    few = in_process(home, "scope", "acme", "Campaign", "--fields", "Name,Type", "--yes", "--json")
    assert few.code == 0, few.err
    assert {"Id", "Name", "Type", "SystemModstamp"} <= set(few.json["fields"])
    assert "Status" in few.json["left_out"]
    assert in_process(home, "query", "acme", "SELECT Status FROM Campaign").code != 0
    assert in_process(home, "scope", "acme", "Campaign", "--fields", "all", "--json").json["left_out"] == []
    over = in_process(home, "scope", "acme", "Campaign", "--start-over", "--json")
    assert over.code == 0, over.err
    assert {row["Id"] for row in mirrored_rows(home, "acme", "Campaign")} == rows
    off = in_process(home, "scope", "acme", "Campaign", "--off", "--yes", "--json")
    assert off.code == 0, off.err
    assert off.json["on"] is False
    names = {item["name"] for item in in_process(home, "status", "acme", "--json").json["objects"]}
    assert names == {"RecordType"}
    on = in_process(home, "scope", "acme", "Campaign", "--on", "--json")
    assert on.code == 0, on.err
    assert {row["Id"] for row in mirrored_rows(home, "acme", "Campaign")} == rows
