"""The objects of the Sync page: each with how it stands, what its last run did and what waits. Pure: values in and out.

`SYNC_COLUMNS` declares the table's columns once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from core.model.states import LoadPhase
from gui.desktop import icons
from gui.models.line_model import LineColumn
from gui.models.object_lines import ObjectLine
from gui.text import errors, numbers, phases

if TYPE_CHECKING:
    from core.api.sync import BacklogLine, Step

_tr = QCoreApplication.translate
# What only a first load has to tell, and what only later cycles have.
LOAD_COLUMNS = ("speed", "left", "method")
CYCLE_COLUMNS = ("run", "waiting", "per-hour", "to-go")


@dataclass(frozen=True, slots=True)
class RunSums:
    """What the newest run of an object did, over all of its steps."""

    at: datetime
    new: int = 0
    updated: int = 0
    deleted: int = 0
    failed: int = 0
    api_calls: int = 0

    @property
    def did_nothing(self) -> bool:
        return not (self.new or self.updated or self.deleted or self.failed)


@dataclass(frozen=True, slots=True)
class SyncLine:
    """`waiting`, `per_hour` and `growing` are Marketo's figures, None until they were counted."""

    line: ObjectLine
    run: RunSums | None = None
    waiting: int | None = None
    per_hour: float | None = None
    growing: bool = False

    @property
    def name(self) -> str:
        return self.line.name

    @property
    def held(self) -> str:
        return self.line.held

    @property
    def seconds_left(self) -> float | None:
        """How long what waits takes at the usual pace; None where nobody knows."""
        if not self.waiting or not self.per_hour:
            return None
        return self.waiting / self.per_hour * 3600


def last_runs(steps: Iterable[Step]) -> dict[str, RunSums]:
    """The newest run of each object, out of history lines with the newest first: its steps lie close together."""
    sums: dict[str, RunSums] = {}
    for step in steps:
        if step.object is None:
            continue
        known = sums.get(step.object)
        if known is None:
            known = RunSums(step.started)
        elif (known.at - step.started).total_seconds() > _ONE_RUN_SECONDS:
            continue
        sums[step.object] = RunSums(
            known.at,
            known.new + step.new,
            known.updated + step.updated,
            known.deleted + step.deleted,
            known.failed + step.failed,
            known.api_calls + step.api_calls,
        )
    return sums


# The shortest pause between two cycles is a minute.
_ONE_RUN_SECONDS = 55


def sync_lines(
    lines: Sequence[ObjectLine], runs: dict[str, RunSums], backlog: dict[str, BacklogLine]
) -> list[SyncLine]:
    """One line per object, in the order of `lines`."""
    made = []
    for line in lines:
        waits = backlog.get(line.name)
        made.append(
            SyncLine(
                line,
                runs.get(line.name),
                waits.waiting if waits is not None else None,
                waits.per_hour if waits is not None else None,
                waits.growing if waits is not None else False,
            )
        )
    return made


def state_words(line: SyncLine) -> str:
    """The state of an object in a few words; an error's own words where there is one."""
    about = line.line
    if line.held == "all":
        return _tr("SyncPage", "Paused")
    if about.error is not None:
        return errors.words(about.error).title
    if line.held == "pull":
        return _tr("SyncPage", "Receiving paused")
    if line.held == "push":
        return _tr("SyncPage", "Sending paused")
    if about.loading and about.resumed_at is not None and about.phase is LoadPhase.LOADING:
        return _tr("SyncPage", "Resuming")
    if line.growing and not about.active:
        return _tr("SyncPage", "Growing")
    return phases.phase(about.phase, first_load=about.loading)


def _dot(line: SyncLine) -> str:
    about = line.line
    if line.held:
        return "muted"
    if about.error is not None or about.phase is LoadPhase.FAILED:
        return "bad"
    if about.active:
        return "accent_fill"
    if about.loading:
        return "border_strong"
    return "warn" if line.growing else "good"


def _role(line: SyncLine) -> str:
    about = line.line
    if line.held:
        return "muted"
    if about.error is not None or about.phase is LoadPhase.FAILED:
        return "bad"
    if about.active:
        return "accent"
    if about.loading:
        return "muted"
    return "warn" if line.growing else "text_soft"


def _tip(line: SyncLine) -> str:
    if line.line.error is not None:
        said = errors.words(line.line.error)
        return f"{said.title}\n{said.remedy}"
    if line.growing:
        return _tr("SyncPage", "More waits than six hours ago.")
    return ""


def _records(line: SyncLine) -> str:
    about = line.line
    if about.loading:
        return phases.rows_of(about.rows, about.total, estimate=about.total_is_estimate)
    return numbers.number(about.rows)


def run_words(run: RunSums | None) -> str:
    """3 new, 12 updated: what a run did, in a few words."""
    if run is None:
        return ""
    if run.did_nothing:
        return _tr("SyncPage", "No change")
    parts = []
    if run.new:
        parts.append(_tr("SyncPage", "{count} new").format(count=numbers.number(run.new)))
    if run.updated:
        parts.append(_tr("SyncPage", "{count} updated").format(count=numbers.number(run.updated)))
    if run.deleted:
        parts.append(_tr("SyncPage", "{count} deleted").format(count=numbers.number(run.deleted)))
    if run.failed:
        parts.append(_tr("SyncPage", "{count} failed").format(count=numbers.number(run.failed)))
    return ", ".join(parts)


def _waiting(line: SyncLine) -> str:
    if not line.waiting:
        return "–" if line.waiting == 0 else ""
    return numbers.number(line.waiting)


def time_to_go(seconds: float | None) -> str:
    """How long what waits will take; empty where nobody knows."""
    return numbers.about(seconds) if seconds is not None else ""


def _per_hour(line: SyncLine) -> str:
    if line.per_hour is None:
        return ""
    return numbers.number(round(line.per_hour)) if line.per_hour >= 0.5 else "–"


def _ran(line: SyncLine) -> int | None:
    return line.run.new + line.run.updated + line.run.deleted if line.run is not None else None


def _ago(line: SyncLine) -> str:
    at = line.line.last_synced_at
    return numbers.ago(at, datetime.now(UTC)) if at else ""


SYNC_COLUMNS: tuple[LineColumn[SyncLine], ...] = (
    LineColumn(
        "object",
        lambda: _tr("SyncPage", "Object"),
        lambda line: line.line.label,
        width=180,
        icon=lambda line: icons.object_icon_name(line.name),
        strong=True,
    ),
    LineColumn(
        "state",
        lambda: _tr("SyncPage", "State"),
        state_words,
        width=134,
        dot=_dot,
        role=_role,
        tip=_tip,
    ),
    LineColumn(
        "records",
        lambda: _tr("SyncPage", "Records"),
        _records,
        width=90,
        order=lambda line: line.line.rows,
        share=lambda line: line.line.share,
    ),
    LineColumn(
        "speed",
        lambda: _tr("SyncPage", "Speed"),
        lambda line: numbers.rate(line.line.rate) if line.line.rate and line.line.phase is LoadPhase.LOADING else "",
        width=100,
        right=True,
        order=lambda line: line.line.rate,
    ),
    LineColumn(
        "left",
        lambda: _tr("SyncPage", "Time left"),
        lambda line: (
            numbers.about(line.line.remaining_seconds)
            if line.line.remaining_seconds is not None and line.line.loading
            else ""
        ),
        width=110,
        right=True,
        order=lambda line: line.line.remaining_seconds,
    ),
    LineColumn("method", lambda: _tr("SyncPage", "Way"), lambda line: phases.method(line.line.method), width=60),
    LineColumn(
        "run",
        lambda: _tr("SyncPage", "Last run"),
        lambda line: run_words(line.run),
        width=150,
        stretch=True,
        order=_ran,
    ),
    LineColumn(
        "waiting",
        lambda: _tr("SyncPage", "Waiting"),
        _waiting,
        width=84,
        right=True,
        order=lambda line: line.waiting,
        role=lambda line: "warn" if line.growing else "text_soft",
    ),
    LineColumn(
        "to-go",
        lambda: _tr("SyncPage", "Time to go"),
        lambda line: time_to_go(line.seconds_left),
        width=126,
        right=True,
        order=lambda line: line.seconds_left,
    ),
    LineColumn(
        "per-hour",
        lambda: _tr("SyncPage", "Per hour"),
        _per_hour,
        width=76,
        right=True,
        order=lambda line: line.per_hour,
        tip=lambda _line: _tr("SyncPage", "Records per hour, on average over the last 24 hours."),
    ),
    LineColumn(
        "last",
        lambda: _tr("SyncPage", "Last synced"),
        _ago,
        width=110,
        order=lambda line: line.line.last_synced_at,
    ),
)
