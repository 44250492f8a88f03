"""Killed anywhere, a first load goes on: same mirror in the end, no committed page asked for twice.

The command line runs in processes of its own, forked from one that has the program imported already, and is killed by
SIGKILL at random moments of a load that goes by both wires.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.helpers.command import arguments, connect, in_process
from tests.helpers.demo_org import ROOT, DemoOrgProcess
from tests.helpers.equality import assert_equal_to_the_org

KILLS = 20
FETCHERS = 3
OBJECTS = ("RecordType", "Account", "Campaign", "Lead", "Contact")
# By Bulk what has more rows than this: leads and contacts.
REST_MAX_ROWS = "1000"
PAGES = {"bulk_page_rows": 150, "rest_page_rows": 200}
# A moment's pause for every page, so that a load has as much to interrupt as the program itself takes to start.
SLOWLY = {"match": {"path": r"/results\?|/query/\w+-\d+"}, "times": None, "action": {"delay": 0.02}}


def run_until(home: Path, seconds: float, name: str = "acme") -> bool:
    """Sync in a process that is killed after `seconds`; True when it ended before."""
    process = subprocess.Popen(
        arguments(home, "sync", name, "--once", "--json"),
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


def _sync(environment: dict[str, str], home: str) -> None:
    """In the child."""
    os.environ.clear()
    os.environ.update(environment)
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123
    from core.cli import main

    sys.exit(main(["--home", home, "sync", "acme", "--once", "--json"]))


def sync_in_child(home: Path, seconds: float | None) -> int | None:
    """The exit code of `sync --once`; None when it was killed after `seconds`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["core.cli", "core.cli.sync", "core.app"])
    process = context.Process(target=_sync, args=(dict(os.environ), str(home)))
    process.start()
    process.join(seconds)
    killed = process.is_alive()
    if killed:
        process.kill()
        process.join()
    code = process.exitcode
    process.close()
    return None if killed else code


def repeated_pages(org: DemoOrgProcess) -> tuple[int, int]:
    """Pages that were served more than once: by Bulk, and by REST cursors."""
    counters = org.control("counters")
    bulk = sum(times - 1 for pages in counters["bulk_pages"].values() for times in pages.values())
    seen: dict[str, int] = {}
    for call in org.calls(r"/query/\w+-\d+"):
        seen[call["path"]] = seen.get(call["path"], 0) + 1
    return bulk, sum(times - 1 for times in seen.values())


def begin(org: DemoOrgProcess, home: Path) -> None:
    """A new home, and an org that counts from nought."""
    org.control("reset")
    org.behaviour(**PAGES)
    done = connect(home, org, "acme", "--objects", ",".join(OBJECTS), run=in_process)
    assert done.code == 0, done.err
    org.faults(SLOWLY)


@pytest.mark.timeout(600)
def test_twenty_kills_end_with_the_same_mirror(
    demo_org: DemoOrgProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORGMIRROR_REST_MAX_ROWS", REST_MAX_ROWS)
    chance = random.Random(20)
    begin(demo_org, tmp_path / "whole")
    sync_in_child(tmp_path / "whole", 0.0)  # the fork server starts, once
    begun = time.monotonic()
    assert sync_in_child(tmp_path / "whole", None) == 0
    length = time.monotonic() - begun
    kills = homes = 0
    in_mid_load = 0
    while kills < KILLS:
        home = tmp_path / f"home{homes}"
        homes += 1
        begin(demo_org, home)
        kills_here = 0
        while kills_here < KILLS:
            code = sync_in_child(home, chance.uniform(0.1, length))
            if code is not None:
                break
            kills += 1
            kills_here += 1
            in_mid_load += bool(demo_org.calls(r"/results\?|/query/\w+-\d+"))
        else:
            code = sync_in_child(home, None)
        assert code == 0
        bulk, rest = repeated_pages(demo_org)
        assert bulk <= kills_here * FETCHERS, f"{bulk} bulk pages repeated after {kills_here} kills"
        assert rest <= kills_here * FETCHERS, f"{rest} REST pages repeated after {kills_here} kills"
        assert_equal_to_the_org(demo_org, home, objects=OBJECTS)
    assert kills >= KILLS
    assert in_mid_load >= KILLS // 2
