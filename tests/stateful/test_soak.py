"""Five hundred cycles of one process, two days of the org's clock in a few minutes: nothing of it may grow."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys

import pytest

from core.sync.planner import LoadLimits
from tests.helpers.demo_org import ROOT
from tests.stateful.machine import ADMIN, Lab

CYCLES = int(os.environ.get("ORGMIRROR_SOAK_CYCLES", "500"))
MIB = 2**20
# Of the first fifth, caches fill and connections are made.
WARM_UP = CYCLES // 5


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_nothing_grows_over_five_hundred_cycles(lab: Lab) -> None:
    world, rig = lab.begin(ADMIN, LoadLimits())
    rig.close()
    token = rig.client().transport.tokens.session().access_token  # type: ignore[union-attr]
    command = [
        sys.executable,
        "-m",
        "tests.stateful.soak_client",
        rig.org.site.url,
        token,
        rig.org.org_id,
        str(rig.path),
    ]
    held: list[dict[str, int]] = []
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        for number in range(CYCLES):
            world.advance(300)
            busy(world, number)
            client.stdin.write("go\n")
            client.stdin.flush()
            line = json.loads(client.stdout.readline())
            assert line["outcome"] == "ok", (number, line)
            held.append(line)
            rig.org.site.log.reset()
        client.stdin.write("\n")
        client.stdin.flush()
        assert client.wait(30) == 0
    rig.restart()
    assert rig.reconcile()
    assert rig.differences() == []
    lab.end(rig)
    assert sum(line["written"] for line in held) > CYCLES
    steady = held[WARM_UP:]
    early, late = steady[: len(steady) // 4], steady[-(len(steady) // 4) :]

    def grown(key: str) -> float:
        return statistics.median(line[key] for line in late) - statistics.median(line[key] for line in early)

    told = {
        key: (steady[0][key], max(line[key] for line in steady), grown(key)) for key in steady[0] if key != "outcome"
    }
    print(told)
    assert grown("rss") < 12 * MIB, told
    assert max(line["threads"] for line in steady) == min(line["threads"] for line in steady), told
    assert max(line["handles"] for line in late) <= max(line["handles"] for line in early) + 1, told
    assert max(line["wal"] for line in steady) < 16 * MIB, told
    # The history of the cycles and the log of changes are kept: a few hundred bytes for each step that did something.
    assert grown("file") < len(steady) * 6 * 1024, told


def busy(world: object, number: int) -> None:
    """A few changes before every cycle, a mass change now and then, and as much goes as comes."""
    from tests.stateful.world import World

    assert isinstance(world, World)
    world.touch("Lead", number, f"text {number}")
    world.touch("Account", number, f"text {number}")
    if number % 4 == 0:
        world.create("Task", number)
    if number % 4 == 2:
        world.purge("Task", number, binned=False)
    if number % 25 == 0:
        for each in range(24):
            world.touch("Lead", each, f"all of them {number}")
    world.said.clear()
