"""`Changes`: what a mutation touched, so that each view decides for itself whether to refresh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_IDS = 1000


@dataclass(frozen=True, slots=True)
class Changes:
    """`objects` maps an object's API name to the ids that changed, or to None for "many" (over 1,000, rules 2).

    `schema`, `outbox`, `problems`, `status` tell which other kinds changed; `initiator` is the view that asked.
    """

    objects: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    schema: bool = False
    outbox: bool = False
    problems: bool = False
    status: bool = False

    def touches(self, object_name: str) -> bool:
        return object_name in self.objects

    def merged(self, other: Changes) -> Changes:
        """Both as one; ids over the limit collapse to None."""
        objects: dict[str, frozenset[str] | None] = dict(self.objects)
        for name, ids in other.objects.items():
            mine = objects.get(name, frozenset())
            if mine is None or ids is None or len(mine) + len(ids) > MAX_IDS:
                objects[name] = None
            else:
                objects[name] = mine | ids
        return Changes(
            objects,
            self.schema or other.schema,
            self.outbox or other.outbox,
            self.problems or other.problems,
            self.status or other.status,
        )
