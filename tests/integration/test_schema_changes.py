"""Schema that changes under way: every change is acted upon in the cycle that sees it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.app import App
from core.model.errors import OrgMirrorError
from core.paths import Home
from tests.helpers.command import connect, orgmirror
from tests.helpers.demo_org import DemoOrgProcess
from tests.integration.test_cycle_budget import api_calls, last_call
from tests.integration.test_first_load import mirrored_rows, sync

SMALL = {"Lead": 600, "Contact": 300, "Account": 100, "Opportunity": 50, "Campaign": 5, "Task": 50, "Event": 20}
USER = "sam.sales@orgmirror.demo"


@pytest.fixture
def org(tmp_path: Path) -> Iterator[DemoOrgProcess]:
    """An org of the test's own: it changes schema and rights."""
    with DemoOrgProcess(rows=SMALL, folder=tmp_path / "org") as found:
        yield found


def log_of(home: Path) -> list[tuple[str, str | None, str]]:
    with App(Home(home)) as app:
        return [(line.object, line.field, line.what) for line in app.open("acme").sync.schema_log()]


def test_a_new_field_is_filled_by_itself_and_alone(org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, org, "acme", "--objects", "Lead,Account").code == 0
    sync(home)
    first = next(row["Id"] for row in mirrored_rows(home, "acme", "Lead") if not row["IsDeleted"])
    org.control("add_field", name="Lead", line="Colour__c; string(40); Colour; cu")
    org.control("update", name="Lead", record_id=first, values={"Colour__c": "green"})
    before = last_call(org)
    sync(home)
    asked = [c["path"] for c in api_calls(org, before) if "queryAll" in c["path"]]
    assert asked
    assert all("Company" not in path for path in asked), asked
    rows = {row["Id"]: row for row in mirrored_rows(home, "acme", "Lead")}
    assert rows[first]["Colour__c"] == "green"
    assert ("Lead", "Colour__c", "added") in log_of(home)


def test_a_withdrawn_field_goes_at_once_and_returns(org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, org, "acme", "--objects", "Lead,Account", token=org.token(USER)).code == 0
    sync(home)
    before = {row["Id"]: row["Phone"] for row in mirrored_rows(home, "acme", "Lead")}
    org.control("hide_field", who=USER, name="Lead", field="Phone")
    sync(home)
    assert "Phone" not in mirrored_rows(home, "acme", "Lead")[0]
    assert orgmirror(home, "query", "acme", "SELECT Phone FROM Lead").code != 0
    org.control("show_field", who=USER, name="Lead", field="Phone")
    sync(home)
    assert {row["Id"]: row["Phone"] for row in mirrored_rows(home, "acme", "Lead")} == before
    assert {("Lead", "Phone", "removed"), ("Lead", "Phone", "returned")} <= set(log_of(home))


def test_a_withdrawn_object_goes_at_once_and_returns(org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, org, token=org.token(USER)).code == 0
    sync(home)
    before = {row["Id"] for row in mirrored_rows(home, "acme", "Campaign")}
    assert before
    org.control("hide_object", who=USER, name="Campaign")
    sync(home)
    with pytest.raises(OrgMirrorError):
        mirrored_rows(home, "acme", "Campaign")
    assert "Campaign" not in {o["name"] for o in orgmirror(home, "status", "acme", "--json").json["objects"]}
    org.control("show_object", who=USER, name="Campaign")
    sync(home)
    assert {row["Id"] for row in mirrored_rows(home, "acme", "Campaign")} == before
    assert {("Campaign", None, "removed"), ("Campaign", None, "returned")} <= set(log_of(home))
