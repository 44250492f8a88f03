"""Killed anywhere, a first load goes on: same mirror in the end, no committed page asked for twice."""

from __future__ import annotations

import random
import subprocess
import time
from pathlib import Path

import pytest

from tests.helpers.command import arguments, connect, orgmirror
from tests.helpers.demo_org import ROOT, DemoOrgProcess
from tests.integration.test_first_load import assert_equal_to_the_org

KILLS = 20
FETCHERS = 3
BULK_PAGE_ROWS = 400


def run_until(home: Path, seconds: float) -> bool:
    """Sync in a process that is killed after `seconds`; True when it ended before."""
    process = subprocess.Popen(
        arguments(home, "sync", "acme", "--once", "--json"),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(seconds)
        return True
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False


def repeated_pages(org: DemoOrgProcess) -> tuple[int, int]:
    """Pages that were served more than once: by Bulk, and by REST cursors."""
    counters = org.control("counters")
    bulk = sum(times - 1 for pages in counters["bulk_pages"].values() for times in pages.values())
    seen: dict[str, int] = {}
    for call in org.calls(r"/query/\w+-\d+"):
        seen[call["path"]] = seen.get(call["path"], 0) + 1
    return bulk, sum(times - 1 for times in seen.values())


@pytest.mark.timeout(600)
def test_twenty_kills_end_with_the_same_mirror(
    demo_org: DemoOrgProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORGMIRROR_REST_MAX_ROWS", "1000")
    demo_org.behaviour(bulk_page_rows=BULK_PAGE_ROWS)
    chance = random.Random(20)
    begun = time.monotonic()
    whole = tmp_path / "whole"
    assert connect(whole, demo_org).code == 0
    assert orgmirror(whole, "sync", "acme", "--once").code == 0
    length = time.monotonic() - begun
    kills = homes = 0
    while kills < KILLS:
        home = tmp_path / f"home{homes}"
        homes += 1
        assert connect(home, demo_org).code == 0
        demo_org.control("reset")
        demo_org.behaviour(bulk_page_rows=BULK_PAGE_ROWS)
        kills_here = 0
        while not run_until(home, chance.uniform(0.5, length)):
            kills += 1
            kills_here += 1
        bulk, rest = repeated_pages(demo_org)
        assert bulk <= kills_here * FETCHERS, f"{bulk} bulk pages repeated after {kills_here} kills"
        assert rest <= kills_here * FETCHERS, f"{rest} REST pages repeated after {kills_here} kills"
        done = orgmirror(home, "sync", "acme", "--once", "--json")
        assert done.code == 0, done.err
        assert_equal_to_the_org(demo_org, home)
    assert kills >= KILLS
