"""What a cycle that finds nothing costs, each in a fresh process, and that a cheap cycle misses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import connect, orgmirror
from tests.helpers.demo_org import DemoOrgProcess
from tests.integration.test_first_load import mirrored_rows, sync

TWELVE = (
    "Lead,Contact,Account,User,Opportunity,OpportunityContactRole,Campaign,CampaignMember,CampaignMemberStatus,"
    "Task,Event,RecordType"
)
SMALL = {"Lead": 600, "Contact": 300, "Account": 100, "Opportunity": 50, "Campaign": 5, "Task": 50, "Event": 20}


@pytest.fixture
def org(tmp_path: Path) -> Iterator[DemoOrgProcess]:
    """An org of the test's own: it changes rows."""
    with DemoOrgProcess(rows=SMALL, folder=tmp_path / "org") as found:
        yield found


def api_calls(org: DemoOrgProcess, after: int) -> list[dict[str, Any]]:
    """What the org was asked since call number `after`, sign-in and the list of versions apart."""
    return [c for c in org.calls("/services/data/v", after) if "userinfo" not in c["path"]]


def apart(home: Path) -> int:
    """Calls of the latest cycle that rules 6 counts apart: the hourly counts, sweeps, formulas."""
    steps = orgmirror(home, "history", "acme", "--json").json
    cycles = [index for index, step in enumerate(steps) if step["operation"] == "cycle"]
    latest = steps[: cycles[1]]
    return sum(s["api_calls"] for s in latest if s["operation"] in ("count", "reconcile", "formulas"))


def last_call(org: DemoOrgProcess) -> int:
    return max((call["n"] for call in org.calls()), default=0)


def test_an_idle_cycle_over_the_twelve_costs_six_calls_at_most(org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, org, "acme", "--objects", TWELVE).code == 0
    sync(home)
    for _ in range(2):
        before = last_call(org)
        answer = sync(home)
        assert len(api_calls(org, before)) <= 6, [c["path"] for c in api_calls(org, before)]
        assert answer["api_calls"] <= 6
    org.control("clock", advance=3700)
    before = last_call(org)
    sync(home)
    assert apart(home) > 0
    assert len(api_calls(org, before)) - apart(home) <= 6, [c["path"] for c in api_calls(org, before)]


def test_an_idle_cycle_over_five_hundred_objects_keeps_to_its_budget(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with DemoOrgProcess(rows=SMALL, objects=500, folder=tmp_path / "org") as org:
        assert connect(home, org).code == 0
        answer = sync(home)
        count = len(answer["objects"])
        assert count >= 500
        allowed = 1 + count // 10
        # The second cycle is one that asks for the describes again.
        for _ in range(2):
            org.control("clock", advance=2000)
            before = last_call(org)
            answer = sync(home)
            calls = api_calls(org, before)
            assert len(calls) - apart(home) <= allowed, len(calls)
            assert len(answer["objects"]) == count


def test_changes_arrive_by_the_probes_alone(org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, org).code == 0
    sync(home)
    lead, other, third = [str(row["Id"]) for row in mirrored_rows(home, "acme", "Lead") if not row["IsDeleted"]][:3]
    org.control("update", name="Lead", record_id=lead, values={"LastName": "Changed"})
    org.control("delete", name="Lead", record_id=other)
    org.control("delete", name="Lead", record_id=third)
    org.control("purge", name="Lead", record_id=third)
    org.control("insert", name="Account", values={"Name": "Brand New"})
    before = last_call(org)
    answer = sync(home)
    leads = next(item for item in answer["objects"] if item["name"] == "Lead")
    assert leads["updated"] >= 1
    assert leads["deleted"] == 2
    assert len(api_calls(org, before)) <= 8
    assert third not in {row["Id"] for row in mirrored_rows(home, "acme", "Lead")}
    rows = {row["Id"]: row for row in mirrored_rows(home, "acme", "Lead")}
    assert rows[lead]["LastName"] == "Changed"
    assert rows[other]["IsDeleted"] == 1
    assert_lead_and_account(org, home)


def test_a_window_of_several_pages_is_read_to_its_end(org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, org, "acme", "--objects", "Lead,Account").code == 0
    sync(home)
    for row in mirrored_rows(home, "acme", "Lead")[:450]:
        if not row["IsDeleted"] and not row["IsConverted"]:
            values = {"Company": "All of them", "Description": "why"}
            org.control("update", name="Lead", record_id=row["Id"], values=values)
    sync(home)
    assert_lead_and_account(org, home)


def test_a_server_without_composite_is_asked_one_by_one(org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, org, "acme", "--objects", "Lead,Account").code == 0
    sync(home)
    row = next(r for r in mirrored_rows(home, "acme", "Account") if not r["IsDeleted"])
    org.control("update", name="Account", record_id=row["Id"], values={"Name": "Asked alone"})
    org.faults({"match": {"path": "/composite"}, "times": None, "action": {"status": 404}})
    sync(home)
    assert "Asked alone" in {r["Name"] for r in mirrored_rows(home, "acme", "Account")}


def assert_lead_and_account(org: DemoOrgProcess, home: Path) -> None:
    for name in ("Lead", "Account"):
        mine = {row["Id"]: row["SystemModstamp"][:19] for row in mirrored_rows(home, "acme", name)}
        theirs = {row["Id"]: row["SystemModstamp"][:19] for row in org.truth(name)}
        assert mine == theirs
