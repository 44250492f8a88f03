"""A whole simulated life: work, weather and deaths for a while, then calm, decisions, and the judge's verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.mirror import conflicts, outbox
from core.model.cancel import CancelToken
from core.model.progress import CycleResult, Event, Pushed
from core.sync.control import EngineControl
from core.sync.engine import Engine
from core.sync.identity import identity_guard
from core.sync.merge3 import Policy
from core.sync.push import Around, Pusher, PushSettings
from core.sync.push_wire import WireOrg
from tests.simulation.judge import Judge
from tests.simulation.people import TEXTS, People
from tests.simulation.world import CALM, Lab, Life, Weather

PAUSE_SECONDS = 300
# In the calm at the end: longer than the longest transaction, and than any wait for a next try.
QUIET_SECONDS = 900
QUIET_ROUNDS = 12


@dataclass
class Verdict:
    """How a life ended. `wrongs` is empty when everything held."""

    seed: int
    wrongs: list[str]
    windows: int
    deaths: int
    exchanges: int
    said: list[str]

    def report(self) -> str:
        """The whole story, for a failure: with it the seed plays it again."""
        return "\n".join([f"seed {self.seed}", *self.said[-400:], "", *self.wrongs])


class Program:
    """What the process does: cycles and pushes, each by fresh objects over the mirror that is there."""

    def __init__(self, life: Life) -> None:
        self.life = life

    def around(self) -> Around:
        life = self.life
        return Around(
            now=life.now,
            sleep=life.pause,
            jitter=lambda: life.random.uniform(0.8, 1.2),
            new_token=lambda: str(life._uuid()),
        )

    def pusher(self, client: Any) -> Pusher:
        settings = PushSettings(use_keys=self.life.use_keys)
        mirror, user = self.life.rig.mirror, self.life.org.admin_id
        return Pusher(mirror, WireOrg(client), user, around=self.around(), settings=settings)

    def push(self) -> Any:
        """As two seconds after an edit."""
        client = self.life.rig.client()
        try:
            done = self.pusher(client).run(CancelToken())
            self.life.surprised_by(done.error)
            return done
        finally:
            client.close()

    def cycle(self) -> CycleResult:
        """A cycle with its push."""
        life = self.life
        client = life.rig.client()

        def pushed(cancel: CancelToken) -> Pushed:
            done = self.pusher(client).run(cancel)
            if done.error is not None:
                raise done.error
            return Pushed(done.objects, done.changes)

        engine = Engine(
            life.rig.mirror,
            client,
            None,
            limits=life.rig.limits,
            check_identity=identity_guard(life.org.org_id, "sim"),
            monotonic=life.monotonic,
            push=pushed,
        )
        try:
            result = engine.run_once(EngineControl(), _ignored)
            life.surprised_by(result.error, *(each.error for each in result.objects))
            return result
        finally:
            client.close()


def _ignored(_event: Event) -> None:
    """Nobody looks at progress here."""


def play(lab: Lab, seed: int, *, steps: int = 30, weather: Weather | None = None) -> Verdict:
    """Play one seed and judge it."""
    life = Life(lab, seed)
    try:
        people = People(life)
        policy = life.random.choice((None, None, None, *Policy))
        if policy is not None:
            for name in TEXTS:
                life.write(lambda s, name=name: conflicts.set_policy(s, name, None, policy.value))
        judge = Judge(life, people)
        program = Program(life)
        life.weather = weather or Weather(faults=life.random.choice((0.0, 0.05, 0.15, 0.3)))
        acts: list[Callable[[], Any]] = [program.cycle, program.push, program.push]
        for _ in range(steps):
            for _ in range(life.random.randint(0, 3)):
                with life.alone():
                    life.random.choice(life.actors)()
            act = life.random.choice(acts)
            life.say(f"-- {act.__name__}")
            life.run(act)
            life.pass_time(life.random.choice((2, 30, PAUSE_SECONDS)))
        settle(life, people, program)
        wrongs = [*life.surprises, *judge.wrongs, *judge.undecided()]
        for what, found in (("lost", judge.lost()), ("twice", judge.twice()), ("unequal", judge.unequal())):
            wrongs += [f"{what}: {each}" for each in found]
        return Verdict(seed, wrongs, judge.windows, life.deaths, len(life.exchanges), life.said)
    finally:
        life.close()


def settle(life: Life, people: People, program: Program) -> None:
    """The weather clears, nobody works any more; the person decides everything that waits for them."""
    life.weather = CALM
    life._run_late(everything=True)
    for _ in range(QUIET_ROUNDS):
        life.say("-- quiet")
        life.run(program.cycle)
        life.pass_time(QUIET_SECONDS)
        if not life.rig.mirror.read(outbox.entries):
            break
        decide(life, people)
    with life.alone():
        life.rig.reconcile()


def decide(life: Life, people: People) -> None:
    """The person answers every question, one way or another, and gives up what was refused."""
    for conflict in life.rig.mirror.read(conflicts.waiting):
        people.answer(conflict)
    left = life.rig.mirror.read(lambda s: outbox.entries(s, states=(outbox.NEEDS_USER,)))
    for each in left:
        life.say(f"person gives up {each.object} {each.record_id} {each.field} {each.error_code}")
    if left:
        life.write(lambda s: outbox.discard(s, [each.seq for each in left]))
