"""What a push answers. Frozen, so it crosses threads and processes safely."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.model.changes import Changes
from core.model.errors import OrgMirrorError
from core.model.progress import ObjectResult
from core.model.states import CycleOutcome


@dataclass(frozen=True, slots=True)
class PushResult:
    """`sent` and `failed` (refused) count records of this push; `conflicts` and `pending` what waits after it.

    `error` is set where the push as a whole could not go on; `held` where a mass change waits for a person's word.
    """

    outcome: CycleOutcome
    sent: int = 0
    failed: int = 0
    conflicts: int = 0
    pending: int = 0
    objects: tuple[ObjectResult, ...] = ()
    changes: Changes = field(default_factory=Changes)
    error: OrgMirrorError | None = None
    held: int = 0
