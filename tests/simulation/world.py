"""One simulated life of the program: a seed decides what everybody does, what befalls each request, and who dies when.

Everything runs on one thread. The clock is the org's and stands still unless told; chance is one `random.Random`; the
network is `wire`; other people and the person at the window act at points: before and after every request, and around
every transaction of the mirror. At any point the process may die: what the file holds at that moment is all that the
next one has. The same seed plays the same life.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from core.demo.http.routes import make_router
from core.demo.site import Site
from core.demo.store import Store
from core.mirror import times
from core.mirror.mirror import Mirror
from core.mirror.session import WriteSession
from core.mirror.writer import Priority
from core.model.errors import ErrorCode, OrgMirrorError
from core.salesforce import transport
from core.salesforce.transport import ServerClock
from tests.helpers.demo_here import StillOrg, copy_org, make_org
from tests.helpers.demo_rig import DemoRig
from tests.simulation.wire import URL, Exchange, Fate, Wire, connected

ROWS = {"*": 3, "Lead": 10, "Contact": 8, "Account": 5, "Campaign": 3, "CampaignMember": 6}
ADMIN = "ada.admin@orgmirror.demo"
# Seconds that pass with a request, at most.
REQUEST_SECONDS = 3.0
_CREATES = ("/ui-api/records", ".0/sobjects/")


class Died(BaseException):
    """The process ends here and now."""


@dataclass(frozen=True)
class Weather:
    """How likely things are: at a point that somebody acts, that the process dies; that a request goes wrong."""

    people: float = 0.15
    death: float = 0.004
    faults: float = 0.05


CALM = Weather(people=0.0, death=0.0, faults=0.0)


class Lab:
    """The org and the mirror of it that every life begins with, made once."""

    def __init__(self) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="om-sim-"))
        make_org(self.base / "org", ROWS)
        life = Life(self, 0, begun=False)
        try:
            for _ in range(2):
                result = life.rig.cycle()
                assert result.error is None, result.error
        finally:
            life.close(keep=self.base / "mirror")

    def close(self) -> None:
        shutil.rmtree(self.base, ignore_errors=True)


class _Rig(DemoRig):
    """Engines with the simulation's clock and pauses."""

    life: Life

    def client(self) -> Any:
        client = super().client()
        client.transport._sleep = self.life.pause
        client.transport.clock = ServerClock(self.life.monotonic)
        return client


class Life:
    """One seed. `weather` may be changed under way; `said` tells what happened, for a failure's report."""

    def __init__(self, lab: Lab, seed: int, *, begun: bool = True) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.weather = CALM
        self.said: list[str] = []
        self.actors: list[Callable[[], None]] = []
        self.exchanges: list[Exchange] = []
        self.surprises: list[str] = []
        self.deaths = 0
        self._folder = Path(tempfile.mkdtemp(prefix="life-", dir=lab.base))
        self._lives = 0
        self._acting = False
        self._stack = ExitStack()
        folder = copy_org(lab.base / "org", self._folder / "org")
        self.org = StillOrg(Store(folder))
        self.router = make_router()
        self.org.site = Site(self.org, folder, self.router, URL)
        self.org.site.behaviour.bulk_seconds = 0.0
        self.wire = Wire(self.org, self.router, self._fate, self.point, self._heard)
        # The computer's clock is wrong by as much as it likes.
        self.skew = timedelta(seconds=self.random.randint(-180, 180))
        self._start = self.org.now()
        # Whether new records are made under idempotency keys.
        self.use_keys = self.chance(0.5)
        self._late_due: list[datetime] = []
        self._stack.enter_context(connected(self.wire))
        self._stack.enter_context(mock.patch.object(times, "datetime", _clock(self)))
        self._stack.enter_context(mock.patch.object(uuid, "uuid4", self._uuid))
        self._stack.enter_context(mock.patch.object(transport, "random", self.random))
        self.thread = threading.current_thread()
        if begun:
            shutil.copytree(lab.base / "mirror", self._folder / "life-0")
        self.rig = self._begin()

    # what a life is made of

    def now(self) -> datetime:
        """This computer's clock."""
        return self.org.now() + self.skew

    def monotonic(self) -> float:
        return (self.org.now() - self._start).total_seconds()

    def _uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self.random.getrandbits(128), version=4)

    def say(self, text: str) -> None:
        self.said.append(f"{self.org.now():%H:%M:%S} {text}")

    def surprised_by(self, *errors: OrgMirrorError | None) -> None:
        """What nobody thought of is told as an error like others, and must not happen here."""
        for error in errors:
            if error is not None and error.code is ErrorCode.UNEXPECTED:
                self.surprises.append(f"{self.org.now():%H:%M:%S} unexpected: {error.params}")

    def chance(self, likelihood: float) -> bool:
        return self.random.random() < likelihood

    # points

    def point(self, when: str) -> None:
        """Somebody may act here, or the process die. Nothing happens inside of what happens."""
        if self._acting or threading.current_thread() is not self.thread:
            return
        if self.weather.death and self.chance(self.weather.death):
            self.say(f"dies {when}")
            raise Died
        self._acting = True
        try:
            if self.actors and self.chance(self.weather.people):
                self.random.choice(self.actors)()
            self._run_late()
        finally:
            self._acting = False

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody acts in here: for what an actor does by the mirror itself."""
        known, self._acting = self._acting, True
        try:
            yield
        finally:
            self._acting = known

    def pause(self, seconds: float) -> None:
        """The program waits."""
        self.pass_time(seconds)
        self.point("while it waits")

    def pass_time(self, seconds: float) -> None:
        self.org.advance_clock(round(seconds, 3))
        self._run_late()

    def _run_late(self, *, everything: bool = False) -> None:
        while self._late_due and (everything or self._late_due[0] <= self.org.now()):
            self._late_due.pop(0)
            self.say("the org does what it was sent long ago")
            self.wire.late.pop(0)()

    # the wire

    def _fate(self, method: str, path: str) -> Fate:
        self.pass_time(self.random.uniform(0.0, REQUEST_SECONDS))
        if not self.chance(self.weather.faults):
            return Fate.FINE
        fates = [Fate.LOST, Fate.UNANSWERED, Fate.BUSY, Fate.DOWN, Fate.EXPIRED]
        if method in ("PATCH", "DELETE"):
            fates += [Fate.LOCKED, Fate.UNANSWERED]
        if method == "POST" and is_create(path):
            fates += [Fate.LATE, Fate.UNANSWERED]
        fate = self.random.choice(fates)
        if fate is Fate.LATE:
            self._late_due.append(self.org.now() + timedelta(seconds=self.random.uniform(5, 540)))
            self._late_due.sort()
        return fate

    def _heard(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        creates = exchange.method == "POST" and is_create(exchange.path)
        if exchange.fate is not Fate.FINE or creates or exchange.method in ("PATCH", "DELETE"):
            told = f" {exchange.body[:200]!r} -> {exchange.answer[:120]!r}" if creates else ""
            self.say(f"{exchange.method} {exchange.path} {exchange.fate.value} {exchange.status or ''}{told}")

    # the process

    def _begin(self) -> _Rig:
        folder = self._folder / f"life-{self._lives}"
        rig = _Rig(self.org, folder, self.org.admin_id)
        rig.life = self
        self._wrap(rig.mirror)
        return rig

    def _wrap(self, mirror: Mirror) -> None:
        """Points around every transaction that this thread asks for; it waits for each, so that order is order."""
        submit = mirror.writer.submit

        def submitted(call: Any, priority: Priority = Priority.BATCH, **options: Any) -> Future[Any]:
            if threading.current_thread() is not self.thread:
                return submit(call, priority, **options)
            self.point("before a commit")
            future = submit(call, priority, **options)
            wait([future])
            self.point("after a commit")
            return future

        mirror.writer.submit = submitted  # type: ignore[method-assign]

    def write(self, job: Callable[[WriteSession], Any]) -> Any:
        """A transaction of the person at the window."""
        with self.alone():
            return self.rig.mirror.write(job)

    def run(self, what: Callable[[], Any]) -> Any:
        """`what` the program does, in as many processes as it takes; None where it died on the way."""
        try:
            return what()
        except Died:
            self.die()
            return None

    def die(self) -> None:
        """The process is gone: another one opens what the file holds."""
        self.deaths += 1
        old = self.rig.path
        self._lives += 1
        new = self._folder / f"life-{self._lives}"
        new.mkdir()
        for suffix in ("", "-wal"):
            part = old.with_name(old.name + suffix)
            if part.exists():
                shutil.copyfile(part, new / part.name)
        with self.alone():
            self.rig.close()
        self.rig = self._begin()

    def close(self, keep: Path | None = None) -> None:
        """The end of this life; `keep`: where its mirror goes."""
        with self.alone():
            self.rig.close()
        self.org.site.close()
        self.org.close()
        self._stack.close()
        if keep is not None:
            shutil.copytree(self.rig.path.parent, keep)
        shutil.rmtree(self._folder, ignore_errors=True)


def is_create(path: str) -> bool:
    """Whether a POST there makes records (and does not read them)."""
    return path.endswith("/composite/sobjects") or any(part in path for part in _CREATES)


def _clock(life: Life) -> type[datetime]:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return life.now().astimezone(tz or UTC)

    return Clock


__all__ = ["ADMIN", "CALM", "Died", "Lab", "Life", "Weather", "field"]
