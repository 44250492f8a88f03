"""What cycles cannot see: purges outside of the log, sharing, roll-ups; and never is too much taken out unasked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import connect, orgmirror
from tests.helpers.demo_org import DemoOrgProcess
from tests.integration.test_first_load import assert_equal_to_the_org, mirrored_rows, sync

SMALL = {"Lead": 600, "Contact": 300, "Account": 100, "Opportunity": 50, "Campaign": 5, "Task": 50, "Event": 20}


@pytest.fixture
def org(tmp_path: Path) -> Iterator[DemoOrgProcess]:
    """An org of the test's own: it changes rows and rights."""
    with DemoOrgProcess(rows=SMALL, folder=tmp_path / "org") as found:
        yield found


def reconcile(home: Path, *words: str, code: int = 0) -> Any:
    done = orgmirror(home, "reconcile", "acme", *words, "--json")
    assert done.code == code, done.err
    return done.json


def live(home: Path, name: str) -> list[str]:
    return [str(row["Id"]) for row in mirrored_rows(home, "acme", name) if not row["IsDeleted"]]


def test_a_reconcile_finds_what_no_cycle_could(org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, org).code == 0
    sync(home)
    purged, deleted = live(home, "Lead")[:2]
    org.control("delete", name="Lead", record_id=purged)
    org.control("purge", name="Lead", record_id=purged)
    org.control("delete", name="Lead", record_id=deleted)
    answer = reconcile(home)
    assert answer["result"] == "ok"
    leads = next(item for item in answer["objects"] if item["name"] == "Lead")
    assert leads["gone"] == 1
    assert leads["deleted"] == 1
    assert answer["drift"] >= 2
    assert_equal_to_the_org(org, home)
    again = reconcile(home, "Lead")
    assert again["drift"] == 0
    assert [item["name"] for item in again["objects"]] == ["Lead"]


def test_hidden_rows_go_and_come_back(org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    user = "sam.sales@orgmirror.demo"
    assert connect(home, org, token=org.token(user)).code == 0
    sync(home)
    hidden = live(home, "Account")[:3]
    org.control("hide_rows", user=user, name="Account", rows=hidden)
    # An hour later the counts differ, and the same cycle compares the ids.
    org.control("clock", advance=3700)
    sync(home)
    assert not set(hidden) & set(live(home, "Account"))
    org.control("show_rows", user=user, name="Account", rows=hidden)
    org.control("clock", advance=3700)
    sync(home)
    assert set(hidden) <= set(live(home, "Account"))
    operations = {(step["operation"], step["object"]) for step in orgmirror(home, "history", "acme", "--json").json}
    assert ("reconcile", "Account") in operations


def test_a_log_of_deletions_cut_short_is_made_up_for(org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, org, "acme", "--objects", "Lead,Account").code == 0
    sync(home)
    purged = live(home, "Lead")[0]
    org.control("delete", name="Lead", record_id=purged)
    org.control("purge", name="Lead", record_id=purged)
    org.control("trim_delete_log")
    sync(home)
    assert purged not in live(home, "Lead")


def test_after_three_weeks_offline_the_ids_are_compared(org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, org, "acme", "--objects", "Lead,Account").code == 0
    sync(home)
    purged = live(home, "Lead")[0]
    org.control("delete", name="Lead", record_id=purged)
    org.control("purge", name="Lead", record_id=purged)
    org.control("clock", advance=21 * 86400)
    sync_as_admin(org, home)
    assert purged not in live(home, "Lead")


def test_too_many_are_not_taken_out_unasked(org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    user = "sam.sales@orgmirror.demo"
    assert connect(home, org, token=org.token(user)).code == 0
    sync(home)
    before = live(home, "Lead")
    hidden = before[:60]
    org.control("hide_rows", user=user, name="Lead", rows=hidden)
    answer = reconcile(home, "Lead", code=3)
    assert answer["objects"][0]["code"] == "too-many-gone"
    assert live(home, "Lead") == before
    [problem] = orgmirror(home, "problems", "acme", "--json").json
    assert problem["code"] == "too-many-gone"
    assert problem["object"] == "Lead"
    sync(home)
    assert len(orgmirror(home, "problems", "acme", "--json").json) == 1
    assert reconcile(home, "Lead", "--yes")["objects"][0]["gone"] == 60
    assert orgmirror(home, "problems", "acme", "--json").json == []


def sync_as_admin(org: DemoOrgProcess, home: Path) -> None:
    """A cycle with a session of today: three weeks end the one that connected."""
    info = {**org.info, "access_token": org.token(org.info["username"])}
    done = orgmirror(home, "disconnect", "acme", "--yes")
    assert done.code == 0, done.err
    assert connect(home, org, "acme", "--objects", "Lead,Account", info=info).code == 0
    sync(home)
