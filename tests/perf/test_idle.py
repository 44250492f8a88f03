"""What the program costs while it waits for its next cycle: under one percent of one processor."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.helpers.demo_org import DemoOrgProcess
from tests.perf.test_first_load import Bench, connect
from tests.perf.workbench import measured, put_table

SECONDS = float(os.environ.get("ORGMIRROR_BENCH_IDLE_SECONDS", "60"))
MOST_PERCENT = 1.0
HERE = Path(__file__).parent

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]


def test_idle_in_the_tray(tmp_path: Path) -> None:
    with DemoOrgProcess(rows={"*": 200, "Lead": 5000}, folder=tmp_path / "org") as org:
        connect(Bench(org), tmp_path / "home")
        command = [sys.executable, str(HERE / "window_idle.py"), str(tmp_path / "home"), str(SECONDS)]
        done = measured(command, limit=SECONDS + 240)
    told = json.loads(done.stdout)
    assert told["result"] == "ok"
    rows = [("", "seconds", "of one processor"), ("waiting", f"{told['seconds']:.0f}", f"{told['percent']:.2f} %")]
    put_table("The window between two cycles, minimized", rows)
    assert told["percent"] < MOST_PERCENT
