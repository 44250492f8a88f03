"""A pause that survives restarts: of one object, and of the connection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.app import App
from core.paths import Home
from core.settings import PAUSED
from tests.helpers.command import connect, orgmirror
from tests.helpers.demo_org import DemoOrgProcess
from tests.integration.test_first_load import mirrored_rows, sync


@pytest.fixture
def org(tmp_path: Path) -> Iterator[DemoOrgProcess]:
    """An org of the test's own: it changes rows."""
    with DemoOrgProcess(rows={"Lead": 50, "Account": 20}, folder=tmp_path / "org") as found:
        yield found


def test_a_paused_object_waits_until_it_is_resumed_or_asked_for(org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, org, "acme", "--objects", "Lead,Account").code == 0
    sync(home)
    row = next(r for r in mirrored_rows(home, "acme", "Account") if not r["IsDeleted"])
    paused = orgmirror(home, "pause", "acme", "account", "--json")
    assert paused.json == {"name": "acme", "object": "Account", "paused": True}
    org.control("update", name="Account", record_id=row["Id"], values={"Name": "While paused"})
    sync(home)
    assert "While paused" not in {r["Name"] for r in mirrored_rows(home, "acme", "Account")}
    assert orgmirror(home, "resume", "acme", "Account").code == 0
    sync(home)
    assert "While paused" in {r["Name"] for r in mirrored_rows(home, "acme", "Account")}
    assert orgmirror(home, "pause", "acme", "NoSuch").code == 1


def test_a_paused_connection_stays_so(org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, org, "acme", "--objects", "Lead,Account").code == 0
    assert orgmirror(home, "pause", "acme").code == 0
    with App(Home(home)) as app:
        connection = app.open("acme")
        assert connection.setting(PAUSED) is True
        assert connection.sync.make_control().paused
    assert orgmirror(home, "resume", "acme").code == 0
    with App(Home(home)) as app:
        assert not app.open("acme").sync.make_control().paused
