"""The status sentence: one place that words how a connection is. Footer, tray and Sync page show the same object.

Input is states and numbers (`StatusView` of core.api.sync, `CycleProgress`), output is words and a mood.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from core.model.errors import OrgMirrorError
from core.model.progress import CycleProgress, ObjectProgress
from core.model.states import ConnectionState, LoadPhase
from gui.models.object_lines import overall
from gui.text import errors, numbers, phases

if TYPE_CHECKING:
    from core.api.sync import StatusView

# Before this an overall rate says more about the start than about the load.
_TRUST_AFTER_SECONDS = 5.0
_WORKING = (LoadPhase.LOADING, LoadPhase.QUEUED, LoadPhase.COUNTING, LoadPhase.INDEXING)


class Mood(StrEnum):
    """What the sentence looks like: one icon and colour each, in the tray too."""

    GOOD = "good"
    WORKING = "working"
    PAUSED = "paused"
    OFFLINE = "offline"
    PROBLEM = "problem"
    IDLE = "idle"


# These states say more than the error behind them: since when, and that all that is here can be used.
_SAY_THE_STATE = (
    ConnectionState.OFFLINE,
    ConnectionState.SIGN_IN_NEEDED,
    ConnectionState.LOCKED,
    ConnectionState.BUDGET,
)


@dataclass(frozen=True, slots=True)
class StatusText:
    """`sentence` stands alone; `detail` may be empty."""

    mood: Mood
    sentence: str
    detail: str = ""

    @property
    def line(self) -> str:
        """Both in one line, for the tray."""
        return f"{self.sentence} · {self.detail}" if self.detail else self.sentence


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the sentence depends on. `progress` is None between cycles; `asked`: a cycle was asked for just now."""

    status: StatusView | None = None
    progress: CycleProgress | None = None
    paused: bool = False
    pausing: bool = False
    error: OrgMirrorError | None = None
    asked: bool = False


def overall_rate(progress: CycleProgress) -> float | None:
    """Rows per second of all objects together, or None."""
    rates = [item.rate for item in progress.objects if item.phase is LoadPhase.LOADING and item.rate]
    return sum(rates) if rates else None


def overall_remaining(progress: CycleProgress) -> float | None:
    """Seconds until all is here, only where it can be trusted: every total known and exact, enough time gone by."""
    rate = overall_rate(progress)
    if rate is None or progress.total is None or progress.seconds < _TRUST_AFTER_SECONDS:
        return None
    open_objects = [item for item in progress.objects if item.phase not in (LoadPhase.DONE, LoadPhase.FAILED)]
    if any(item.total is None or item.total_is_estimate for item in open_objects):
        return None
    return max(0.0, (progress.total - progress.rows_done) / rate)


def resumed_object(progress: CycleProgress) -> ObjectProgress | None:
    """An object whose interrupted load goes on just now."""
    return next((o for o in progress.objects if o.resumed_at is not None and o.phase in _WORKING), None)


def describe(situation: Situation, now: datetime) -> StatusText:
    """The words for `situation` at `now` (an aware datetime)."""
    if situation.pausing and not situation.paused:
        return StatusText(Mood.PAUSED, QCoreApplication.translate("Status", "Pausing…"))
    if situation.paused:
        return _paused(situation)
    if situation.asked and situation.progress is None:
        if situation.status is not None and situation.status.state is ConnectionState.NEVER_SYNCED:
            return StatusText(Mood.WORKING, QCoreApplication.translate("Status", "Looking at what the org holds"))
        return StatusText(Mood.WORKING, QCoreApplication.translate("Status", "Asking Salesforce…"))
    known = situation.status is not None and situation.status.state in _SAY_THE_STATE
    if situation.error is not None and situation.progress is None and not known:
        said = errors.words(situation.error)
        return StatusText(Mood.PROBLEM, said.title, said.remedy)
    if situation.progress is not None:
        return _under_way(situation)
    if situation.status is None:
        return StatusText(Mood.IDLE, QCoreApplication.translate("Status", "Opening the mirror…"))
    return _at_rest(situation.status, now)


def _paused(situation: Situation) -> StatusText:
    sentence = QCoreApplication.translate("Status", "Paused")
    status = situation.status
    done, total = overall(status, None)
    if status is not None and total is not None and done < total and status.last_ok_at is None:
        text = QCoreApplication.translate("Status", "{rows} records are here")
        return StatusText(Mood.PAUSED, sentence, text.format(rows=phases.rows_of(done, total)))
    return StatusText(Mood.PAUSED, sentence, QCoreApplication.translate("Status", "Nothing is synced until you resume"))


def _under_way(situation: Situation) -> StatusText:
    progress = situation.progress
    if progress is None or progress.paused:
        return StatusText(Mood.PAUSED, QCoreApplication.translate("Status", "Paused"))
    if progress.waiting_for == "network":
        return StatusText(
            Mood.OFFLINE,
            QCoreApplication.translate("Status", "Offline"),
            QCoreApplication.translate("Status", "Goes on as soon as Salesforce can be reached"),
        )
    if progress.waiting_for == "budget":
        return StatusText(
            Mood.PROBLEM,
            QCoreApplication.translate("Status", "API budget reached"),
            QCoreApplication.translate("Status", "Goes on when calls are free again"),
        )
    if progress.waiting_for is not None:
        return StatusText(
            Mood.WORKING,
            QCoreApplication.translate("Status", "Salesforce is busy"),
            QCoreApplication.translate("Status", "Trying again in a moment"),
        )
    if progress.first_load:
        return _first_load(progress, *overall(situation.status, progress))
    sentence = QCoreApplication.translate("Status", "Checking for changes")
    busy = next((item.label for item in progress.objects if item.phase is LoadPhase.LOADING), "")
    return StatusText(Mood.WORKING, sentence, busy)


def _first_load(progress: CycleProgress, done: int, total: int | None) -> StatusText:
    text = QCoreApplication.translate("Status", "{rows} here")
    if total is None and not done:
        sentence = QCoreApplication.translate("Status", "Looking at what the org holds")
    elif all(item.phase in (LoadPhase.INDEXING, LoadPhase.DONE, LoadPhase.FAILED) for item in progress.objects):
        sentence = QCoreApplication.translate("Status", "Indexing for search")
    else:
        sentence = text.format(rows=phases.rows_of(done, total))
    resumed = resumed_object(progress)
    if resumed is not None and resumed.rows_done == resumed.resumed_at:
        return StatusText(Mood.WORKING, sentence, phases.resuming(resumed))
    parts = []
    rate = overall_rate(progress)
    if rate:
        parts.append(numbers.rate(rate))
    remaining = overall_remaining(progress)
    if remaining is not None:
        left = QCoreApplication.translate("Status", "{time} left")
        parts.append(left.format(time=numbers.about(remaining)))
    return StatusText(Mood.WORKING, sentence, ", ".join(parts))


def _at_rest(status: StatusView, now: datetime) -> StatusText:
    state = ConnectionState(status.state)
    if state is ConnectionState.IN_STEP or (state is ConnectionState.NEEDS_YOU and status.last_ok_at):
        return _in_step(status, now)
    if state is ConnectionState.OFFLINE:
        since = QCoreApplication.translate("Status", "Offline since {time}")
        plain = QCoreApplication.translate("Status", "Offline")
        sentence = since.format(time=numbers.clock(status.offline_since)) if status.offline_since else plain
        return StatusText(Mood.OFFLINE, sentence, QCoreApplication.translate("Status", "All that is here can be used"))
    if state is ConnectionState.SIGN_IN_NEEDED:
        return StatusText(
            Mood.PROBLEM,
            QCoreApplication.translate("Status", "Sign-in needed"),
            QCoreApplication.translate("Status", "All that is here can be used"),
        )
    if state is ConnectionState.LOCKED:
        return StatusText(Mood.PROBLEM, QCoreApplication.translate("Status", "Waiting for your keyring"))
    if state is ConnectionState.BUDGET:
        return StatusText(
            Mood.PROBLEM,
            QCoreApplication.translate("Status", "API budget reached"),
            QCoreApplication.translate("Status", "Goes on when calls are free again"),
        )
    if state is ConnectionState.PAUSED:
        return _paused(Situation(status=status))
    if state is ConnectionState.NEEDS_YOU:
        return StatusText(Mood.PROBLEM, _needs_you(status.problems + status.conflicts))
    if state is ConnectionState.NEVER_SYNCED:
        return StatusText(Mood.IDLE, QCoreApplication.translate("Status", "Nothing synced yet"))
    if state is ConnectionState.LOADING:
        text = QCoreApplication.translate("Status", "{rows} here")
        return StatusText(Mood.WORKING, text.format(rows=phases.rows_of(status.rows, status.total)))
    return StatusText(Mood.WORKING, QCoreApplication.translate("Status", "Checking for changes"))


def _in_step(status: StatusView, now: datetime) -> StatusText:
    waiting = status.problems + status.conflicts
    checked = QCoreApplication.translate("Status", "Checked {ago}")
    detail = checked.format(ago=numbers.ago(status.last_ok_at, now)) if status.last_ok_at else ""
    if waiting:
        return StatusText(Mood.PROBLEM, _needs_you(waiting), detail)
    return StatusText(Mood.GOOD, QCoreApplication.translate("Status", "In step with Salesforce"), detail)


def _needs_you(count: int) -> str:
    if count == 1:
        return QCoreApplication.translate("Status", "One thing needs you")
    return QCoreApplication.translate("Status", "{count} things need you").format(count=numbers.number(count))


TRAY_ICONS = {
    Mood.GOOD: "tray-in-step",
    Mood.WORKING: "tray-syncing",
    Mood.PAUSED: "tray-paused",
    Mood.OFFLINE: "tray-offline",
    Mood.PROBLEM: "tray-problem",
    Mood.IDLE: "tray-in-step",
}
MOOD_ICONS = {
    Mood.GOOD: ("check-circle", "good"),
    Mood.WORKING: ("sync", "accent"),
    Mood.PAUSED: ("pause", "muted"),
    Mood.OFFLINE: ("offline", "muted"),
    Mood.PROBLEM: ("alert", "warn"),
    Mood.IDLE: ("clock", "muted"),
}
