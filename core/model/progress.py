"""What the engine says while it works, and what it answers when it is done. Frozen, so they cross threads safely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.model.changes import Changes
from core.model.errors import OrgMirrorError
from core.model.states import CycleOutcome, LoadMethod, LoadPhase


@dataclass(frozen=True, slots=True)
class ObjectProgress:
    """One object in a cycle. `total` is None while unknown; `rate` in rows per second over the last seconds;

    `remaining_seconds` only when it can be trusted (enough samples, a known total); `resumed_at` is the number of
    rows that were here when an interrupted load went on.
    """

    name: str
    label: str
    phase: LoadPhase
    rows_done: int = 0
    total: int | None = None
    total_is_estimate: bool = False
    rate: float | None = None
    remaining_seconds: float | None = None
    method: LoadMethod | None = None
    resumed_at: int | None = None
    error: OrgMirrorError | None = None
    first_load: bool = True


@dataclass(frozen=True, slots=True)
class CycleProgress:
    """The whole cycle at one moment; sent at most ten times a second, the last value always."""

    objects: tuple[ObjectProgress, ...] = ()
    rows_done: int = 0
    total: int | None = None
    api_calls: int = 0
    seconds: float = 0.0
    paused: bool = False
    first_load: bool = False
    waiting_for: str | None = None  # a state the engine waits in: "network", "budget", "retry"


@dataclass(frozen=True, slots=True)
class ObjectResult:
    """Counts of one object in a finished cycle (`sync --json`)."""

    name: str
    rows: int = 0
    new: int = 0
    updated: int = 0
    deleted: int = 0
    skipped: int = 0
    failed: int = 0
    error: OrgMirrorError | None = None


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push sent, by object: `new`, `updated` and `deleted` went out, `failed` did not."""

    objects: tuple[ObjectResult, ...] = ()
    changes: Changes = field(default_factory=Changes)


@dataclass(frozen=True, slots=True)
class CycleResult:
    """How a cycle ended. `error` is set when the cycle as a whole could not go on."""

    outcome: CycleOutcome
    seconds: float
    api_calls: int
    objects: tuple[ObjectResult, ...] = ()
    error: OrgMirrorError | None = None
    pages_repeated: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """The engine's only way to speak: one frozen value, any field of which may be absent."""

    progress: CycleProgress | None = None
    changes: Changes | None = None
    result: CycleResult | None = None
    extra: Mapping[str, object] = field(default_factory=dict)
