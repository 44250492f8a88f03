"""Fixtures that several integration tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.command import connect, in_process
from tests.helpers.demo_org import DemoOrgProcess
from tests.helpers.homes import KeptHome, making

SMALL = {
    "Lead": 3000,
    "Contact": 1500,
    "Account": 500,
    "Opportunity": 400,
    "Campaign": 30,
    "CampaignMember": 1200,
    "Task": 800,
    "Event": 300,
}


@pytest.fixture(scope="session")
def demo_org_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoOrgProcess]:
    """One small demo org for the whole run. Use `demo_org`, which tidies up after each test."""
    folder: Path = tmp_path_factory.mktemp("demo") / "org"
    with DemoOrgProcess(rows=SMALL, folder=folder) as org:
        yield org


@pytest.fixture
def demo_org(demo_org_process: DemoOrgProcess) -> Iterator[DemoOrgProcess]:
    """The session's demo org, with switches, faults, limits and call log as at the start.

    Its rows and permissions are shared: a test that changes them starts a DemoOrgProcess of its own.
    """
    demo_org_process.control("reset")
    demo_org_process.control("limits", max=1_000_000, used=0)
    written = len(demo_org_process.errors)
    yield demo_org_process
    demo_org_process.control("reset")
    assert demo_org_process.errors[written:] == ""
    # A row that changes here would make another test fail, in some order or other.
    assert demo_org_process.control("writes", limit=5)["result"] == []


@pytest.fixture(scope="session")
def loaded(demo_org_process: DemoOrgProcess, tmp_path_factory: pytest.TempPathFactory) -> KeptHome:
    """A home whose connection `acme` holds the small demo org as the admin sees it, loaded by REST. To be read only."""
    with making(tmp_path_factory.mktemp("loaded")) as home:
        done = connect(home.path, demo_org_process, run=in_process)
        assert done.code == 0, done.err
        done = in_process(home.path, "sync", "acme", "--once", "--json")
        assert done.code == 0, done.err
    return home
