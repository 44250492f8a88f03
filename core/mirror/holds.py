"""What a person holds: the whole sync, one direction of it, single objects, or one direction of an object.

Kept in the file, so that it survives restarts and every process of the connection goes by it. The keys of the whole
connection are settings (core/settings.py); those of objects are facts of the mirror.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.mirror import meta, preferences
from core.mirror.session import Session, WriteSession

PULL, PUSH = "pull", "push"
BOTH = "all"
_OBJECT = "paused:"
_WHOLE = {None: "paused", PULL: "paused_pull", PUSH: "paused_push"}


@dataclass(frozen=True, slots=True)
class Holds:
    """What is held now. `objects`: by name, "all", "pull" or "push"."""

    all: bool = False
    pull: bool = False
    push: bool = False
    objects: Mapping[str, str] = field(default_factory=dict)

    def stops_pull(self, name: str | None = None) -> bool:
        """Whether nothing is to be asked: of the object, or (None) at all."""
        return self.all or self.pull or (name is not None and self.objects.get(name) in (BOTH, PULL))

    def stops_push(self, name: str | None = None) -> bool:
        """Whether nothing is to be sent: of the object, or (None) at all."""
        return self.all or self.push or (name is not None and self.objects.get(name) in (BOTH, PUSH))


def read(session: Session) -> Holds:
    """What is held now."""
    chosen = preferences.read_all(session)
    whole = [bool(chosen.get(key)) for key in _WHOLE.values()]
    rows = session.conn.execute(
        "SELECT substr(key, ?), value FROM om_meta WHERE key GLOB ?", (len(_OBJECT) + 1, _OBJECT + "*")
    )
    # "1" is what the first version wrote for both directions.
    objects = {str(name): BOTH if value == "1" else str(value) for name, value in rows}
    return Holds(whole[0], whole[1], whole[2], objects)


def hold(session: WriteSession, *, on: bool, direction: str | None = None) -> None:
    """Hold the sync of the connection, or one direction of it; or let go."""
    if direction is None and not on:
        for key in _WHOLE.values():
            preferences.keep(session, key, False)
        return
    preferences.keep(session, _WHOLE[direction], on)


def hold_object(session: WriteSession, name: str, *, on: bool, direction: str | None = None) -> None:
    """Hold an object, or one direction of it (`direction` None: both); or let go."""
    held = {PULL, PUSH} if (known := read(session).objects.get(name)) == BOTH else {known} if known else set()
    wanted = {direction} if direction else {PULL, PUSH}
    held = held | wanted if on else held - wanted
    meta.set_(session, _OBJECT + name, None if not held else BOTH if held == {PULL, PUSH} else held.pop())
