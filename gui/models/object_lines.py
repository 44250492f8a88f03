"""One line per mirrored object, as Home, the sidebar and the Sync page show it: the stored status with what the engine
says just now laid over it. Pure: values in, values out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from core.model.errors import OrgMirrorError
from core.model.progress import CycleProgress, ObjectProgress
from core.model.scope import TWELVE
from core.model.states import LoadMethod, LoadPhase

if TYPE_CHECKING:
    from core.api.sync import StatusView

# What people look for first stands first; what merely supports it stands last.
_FIRST = ("Lead", "Contact", "Account", "Opportunity", "Campaign", "CampaignMember", "Task", "Event")
_DEFAULT_PINS = ("Lead", "Contact", "Account", "Opportunity", "Campaign", "Task", "Event")
_MAX_CUSTOM_PINS = 3


@dataclass(frozen=True, slots=True)
class ObjectLine:
    """`rows` are here; `total` is what the org has, None while unknown. `loading` while its first load is not done."""

    name: str
    label: str
    custom: bool
    rows: int
    total: int | None = None
    total_is_estimate: bool = False
    phase: LoadPhase = LoadPhase.DONE
    loaded: bool = True
    method: LoadMethod | None = None
    rate: float | None = None
    remaining_seconds: float | None = None
    resumed_at: int | None = None
    error: OrgMirrorError | None = None
    last_synced_at: datetime | None = None
    direction: str = "pull"
    held: str = ""  # what a person pauses of it: "", "all", "pull", "push"

    @property
    def loading(self) -> bool:
        return not self.loaded

    @property
    def known_empty(self) -> bool:
        """Whether there is nothing of it, and that is certain."""
        return not self.rows and (self.loaded or self.total == 0)

    @property
    def active(self) -> bool:
        """Whether something happens with it at this moment."""
        return self.phase in (LoadPhase.COUNTING, LoadPhase.QUEUED, LoadPhase.LOADING, LoadPhase.INDEXING)

    @property
    def share(self) -> float | None:
        """How much of the first load is here; None when there is nothing to show."""
        if self.loaded or self.phase is LoadPhase.DONE:
            return None
        if not self.total:
            return 0.0
        return min(1.0, self.rows / self.total)


def order(line: ObjectLine) -> tuple[int, int, str]:
    """The order of objects everywhere: the familiar ones, custom objects, then the rest of the standard ones."""
    if line.name in _FIRST:
        return (0, _FIRST.index(line.name), "")
    if line.custom:
        return (1, 0, line.label.casefold())
    return (2 if line.name in TWELVE else 3, 0, line.label.casefold())


def object_lines(status: StatusView | None, progress: CycleProgress | None) -> tuple[ObjectLine, ...]:
    """All objects of the scope, in the order in which they are shown."""
    lines: dict[str, ObjectLine] = {}
    if status is not None:
        for item in status.objects:
            lines[item.name] = ObjectLine(
                name=item.name,
                label=item.label_plural or item.label,
                custom=item.custom,
                rows=item.rows,
                total=item.total,
                phase=LoadPhase(item.phase) if item.phase is not None else LoadPhase.WAITING,
                loaded=item.loaded,
                rate=item.rate,
                error=item.error,
                last_synced_at=item.last_synced_at,
                direction=str(item.direction),
                held=getattr(item, "held", ""),
            )
    if progress is not None:
        for live in progress.objects:
            lines[live.name] = _overlaid(lines.get(live.name), live)
    return tuple(sorted(lines.values(), key=order))


def _overlaid(line: ObjectLine | None, live: ObjectProgress) -> ObjectLine:
    if line is None:
        line = ObjectLine(live.name, live.label, live.name.endswith("__c"), 0, loaded=False)
    if not live.first_load:
        # Rows of a later cycle are the changes it looked at, not what is here.
        return replace(line, phase=live.phase, method=live.method, error=live.error or line.error)
    return replace(
        line,
        rows=max(live.rows_done, line.rows) if line.loaded else live.rows_done,
        total=live.total if live.total is not None else line.total,
        total_is_estimate=live.total_is_estimate,
        phase=live.phase,
        loaded=live.phase is LoadPhase.DONE,
        method=live.method,
        rate=live.rate,
        remaining_seconds=live.remaining_seconds,
        resumed_at=live.resumed_at,
        error=live.error,
    )


def overall(status: StatusView | None, progress: CycleProgress | None) -> tuple[int, int | None]:
    """Records here and in all, over every object: a resumed load speaks only of what it still loads."""
    if status is None:
        return (progress.rows_done, progress.total) if progress is not None else (0, None)
    lines = object_lines(status, progress if progress is not None and progress.first_load else None)
    totals = [line.total if line.loading else line.rows for line in lines]
    known = [total for total in totals if total is not None]
    return sum(line.rows for line in lines), sum(known) if lines and len(known) == len(totals) else None


def featured(lines: tuple[ObjectLine, ...]) -> tuple[ObjectLine, ...]:
    """Those worth a place in front: an org has hundreds of custom objects, most of them empty."""
    return tuple(line for line in lines if line.name in _FIRST or line.error is not None or not line.known_empty)


def default_pins(lines: tuple[ObjectLine, ...]) -> tuple[str, ...]:
    """The objects that a new connection's sidebar shows."""
    names = [name for name in _DEFAULT_PINS if any(line.name == name for line in lines)]
    custom = [line.name for line in featured(lines) if line.custom][:_MAX_CUSTOM_PINS]
    return tuple(names + custom)
