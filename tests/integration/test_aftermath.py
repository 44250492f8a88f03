"""Merges, conversions, one record read anew, and the share of the org's calls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.app import App
from core.paths import Home
from tests.helpers.command import connect, orgmirror
from tests.helpers.demo_org import DemoOrgProcess
from tests.integration.test_cycle_budget import last_call
from tests.integration.test_first_load import assert_equal_to_the_org, mirrored_rows, sync
from tests.integration.test_reconcile import reconcile

SMALL = {"Lead": 300, "Contact": 300, "Account": 100, "Opportunity": 50, "Campaign": 5, "Task": 200, "Event": 60}


@pytest.fixture
def org(tmp_path: Path) -> Iterator[DemoOrgProcess]:
    """An org of the test's own: it changes rows and limits."""
    with DemoOrgProcess(rows=SMALL, folder=tmp_path / "org") as found:
        yield found


def test_merges_and_conversions_take_their_children_along(org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, org).code == 0
    sync(home)
    contacts = [r for r in mirrored_rows(home, "acme", "Contact") if not r["IsDeleted"]]
    by_account: dict[str, list[str]] = {}
    for row in contacts:
        by_account.setdefault(row["AccountId"], []).append(row["Id"])
    with_children = {row["WhoId"] for row in mirrored_rows(home, "acme", "Task") if row["WhoId"]}
    loser = next(row["Id"] for row in contacts if row["Id"] in with_children)
    master = next(row["Id"] for row in contacts if row["Id"] != loser)
    org.control("merge", name="Contact", master=master, losers=[loser])
    lead = next(r for r in mirrored_rows(home, "acme", "Lead") if not (r["IsDeleted"] or r["IsConverted"]))
    org.control("convert", lead_id=lead["Id"], status="Closed - Converted")
    sync(home)
    rows = {row["Id"]: row for row in mirrored_rows(home, "acme", "Contact")}
    assert rows[loser]["MasterRecordId"] == master
    assert rows[loser]["IsDeleted"] == 1
    converted = {row["Id"]: row for row in mirrored_rows(home, "acme", "Lead")}[lead["Id"]]
    assert converted["IsConverted"] == 1
    assert converted["ConvertedContactId"] in rows
    tasks = {row["WhoId"] for row in mirrored_rows(home, "acme", "Task") if not row["IsDeleted"]}
    assert loser not in tasks
    assert lead["Id"] not in tasks
    reconcile(home)
    assert_equal_to_the_org(org, home)


def test_a_record_that_is_opened_is_read_anew(org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, org, "acme", "--objects", "Lead,Account").code == 0
    sync(home)
    first, second = [row["Id"] for row in mirrored_rows(home, "acme", "Account") if not row["IsDeleted"]][:2]
    org.control("update", name="Account", record_id=first, values={"Name": "Just now"})
    org.control("hide_rows", user=org.info["username"], name="Account", rows=[second])
    with App(Home(home)) as app:
        connection = app.open("acme")
        assert connection.sync.refresh_record("Account", first).touches("Account")
        connection.sync.refresh_record("Account", second)
    rows = {row["Id"]: row for row in mirrored_rows(home, "acme", "Account")}
    assert rows[first]["Name"] == "Just now"


def test_the_background_stops_at_its_share_and_a_wish_does_not(org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, org, "acme", "--objects", "Lead,Account").code == 0
    sync(home)
    org.control("limits", max=20, used=0)
    assert orgmirror(home, "sync", "acme", "--once").code == 5
    before = last_call(org)
    done = orgmirror(home, "sync", "acme", "--once", "--json")
    assert done.code == 5, done.err
    assert done.json["result"] == "budget"
    assert last_call(org) - before <= 1
    assert orgmirror(home, "status", "acme", "--json").json["state"] == "budget"
    assert orgmirror(home, "sync", "acme", "--once", "--object", "Lead").code == 0
