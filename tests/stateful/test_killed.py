"""A process killed in the middle of its cycle, again and again, at random places: the next one makes it good."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from core.model.states import CycleOutcome
from core.sync.planner import LoadLimits
from tests.helpers.demo_org import ROOT
from tests.stateful.machine import ADMIN, SCHEMA_OBJECTS, Interruption, Lab
from tests.stateful.world import EDITED, LINES, PEOPLE, World

ROUNDS = 12


def some_act(world: World, chance: random.Random) -> None:
    """One thing that people or an administrator do."""
    name, one, two = chance.choice(EDITED), chance.randrange(60), chance.randrange(60)
    acts: list[Callable[[], None]] = [
        lambda: world.edit(name, one, two, chance.randrange(60)),
        lambda: world.edit(name, one, two, chance.randrange(60)),
        lambda: world.create(name, one),
        lambda: world.delete(name, one),
        lambda: world.undelete(name, one),
        lambda: world.purge(name, one, binned=chance.random() < 0.5),
        lambda: world.merge(chance.choice(PEOPLE), one, two),
        lambda: world.convert(one, opportunity=True, into=None),
        lambda: world.administrate("add_field", chance.choice(SCHEMA_OBJECTS), chance.choice(LINES)),
        lambda: world.administrate("hide_field", world.user_id, "Lead", "Phone"),
        lambda: world.administrate("show_field", world.user_id, "Lead", "Phone"),
        lambda: world.advance(chance.choice([60, 700, 4000])),
    ]
    chance.choice(acts)()


@pytest.mark.long
@pytest.mark.parametrize("attempt", range(4))
def test_killed_at_any_moment_the_next_process_makes_it_good(lab: Lab, attempt: int) -> None:
    seed = int(os.environ.get("ORGMIRROR_HISTORY_SEED", random.SystemRandom().randrange(10**9)))
    print(f"ORGMIRROR_HISTORY_SEED={seed}")
    chance = random.Random(seed)
    world, rig = lab.begin(ADMIN, LoadLimits())
    rig.close()
    killed = 0
    for _ in range(ROUNDS):
        for _ in range(chance.randrange(1, 8)):
            some_act(world, chance)
        token = rig.client().transport.tokens.session().access_token  # type: ignore[union-attr]
        command = [sys.executable, "-m", "tests.stateful.soak_client"]
        command += [rig.org.site.url, token, rig.org.org_id, str(rig.path)]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
            assert client.stdin is not None
            assert client.stdout is not None
            lab.server.hook = Interruption(chance.randrange(1, 14), client.kill, threading.Lock())
            client.stdin.write("go\n")
            client.stdin.flush()
            killed += client.stdout.readline() == ""
            lab.server.hook = None
            client.kill()
    assert killed
    rig.restart()
    try:
        result = rig.cycle()
        assert result.outcome is CycleOutcome.OK, result
        assert all(item.error is None for item in rig.reconcile())
        assert rig.differences() == []
        assert rig.findings() == []
    except BaseException:
        print("\n".join(world.said))
        raise
    lab.end(rig)
