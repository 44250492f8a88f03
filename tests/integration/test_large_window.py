"""A mass change: its rows come by a Bulk job, and an interruption leaves them where the next cycle goes on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

import core.app
from core.app import App
from core.model.progress import CycleResult
from core.model.states import CycleOutcome
from core.paths import Home
from core.sync.control import EngineControl
from core.sync.planner import LoadLimits
from tests.helpers.command import connect
from tests.helpers.demo_org import DemoOrgProcess
from tests.integration.test_cycle_budget import assert_lead_and_account
from tests.integration.test_first_load import mirrored_rows, sync


@pytest.fixture
def org(tmp_path: Path) -> Iterator[DemoOrgProcess]:
    """An org of the test's own: it changes rows."""
    with DemoOrgProcess(rows={"Lead": 400, "Account": 40}, folder=tmp_path / "org") as found:
        yield found


def cycle(home: Path) -> CycleResult:
    with App(Home(home)) as app, app.open("acme") as connection:
        return connection.sync.run_once(EngineControl(), lambda _event: None)


def test_a_mass_change_comes_by_bulk_and_goes_on_after_an_interruption(
    org: DemoOrgProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.app, "LoadLimits", partial(LoadLimits, window_max_rows=100))
    home = tmp_path / "home"
    assert connect(home, org, "acme", "--objects", "Lead,Account").code == 0
    sync(home)
    before = len(org.calls("/jobs/query$"))
    # Those that the org's validation rule on hot leads does not concern.
    free = [r for r in mirrored_rows(home, "acme", "Lead") if not (r["IsDeleted"] or r["IsConverted"])]
    touched = [r["Id"] for r in free if not (r["Rating"] == "Hot" and r["DoNotCall"])][:150]
    for record_id in touched:
        org.control("update", name="Lead", record_id=record_id, values={"Company": "Everyone"})
    # The results cannot be fetched for a while: the cycle ends without them, the job and the watermark stay.
    org.faults({"match": {"path": "/results"}, "times": None, "action": {"status": 403}})
    assert cycle(home).outcome is not CycleOutcome.OK
    assert not {"Everyone"} & {r["Company"] for r in mirrored_rows(home, "acme", "Lead")}
    org.faults()
    result = cycle(home)
    assert result.outcome is CycleOutcome.OK, result
    assert len(org.calls("/jobs/query$")) == before + 1
    assert sum(r["Company"] == "Everyone" for r in mirrored_rows(home, "acme", "Lead")) == len(touched)
    assert_lead_and_account(org, home)
