"""What the push shows of conflicts and duplicates: frozen, for the window and the command line."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.model.conflicts import Choice, ConflictKind
from core.model.refs import RecordRef


@dataclass(frozen=True, slots=True)
class ConflictView:
    """One conflict that waits (or was decided: `winner`). Values are stored ones; `choices` in the order to offer them.

    `details` by kind: `unit` (other fields of the unit as they are there), `survivor`, `contact`, `account`,
    `candidates`, `changed` ({field: [then, now]}).
    """

    conflict_id: int
    object: str
    id: str
    field: str | None
    label: str | None
    base: Any
    mine: Any
    theirs: Any
    changed_by: str | None
    changed_at: str | None
    kind: ConflictKind
    choices: tuple[Choice, ...]
    winner: str | None = None
    policy: str | None = None
    details: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def ref(self) -> RecordRef:
        return RecordRef(self.object, self.id)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A record that a duplicate rule takes for the same; `confidence` in percent."""

    object: str
    id: str
    rule: str
    confidence: float


@dataclass(frozen=True, slots=True)
class DuplicateView:
    """What a duplicate rule found, in Salesforce's words; `allow_save`: it may be saved all the same."""

    message: str
    rule: str
    allow_save: bool
    matches: tuple[Duplicate, ...]
