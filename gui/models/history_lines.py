"""The history of the sync as a table: Marketo's columns, API calls and seconds. `HISTORY_COLUMNS` is the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import CycleOutcome
from gui.desktop import icons
from gui.models.line_model import LineColumn
from gui.text import errors, numbers

if TYPE_CHECKING:
    from core.api.sync import Step

_tr = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A stored step with its object's label; `number` is its place in what was read, the newest 0."""

    number: int
    step: Step
    label: str


def operation(value: str) -> str:
    """The name of a step, as Marketo and this program call it."""
    known = {
        "cycle": _tr("History", "Whole run"),
        "schema": _tr("History", "Schema"),
        "scope": _tr("History", "What is mirrored"),
        "push": _tr("History", "Push"),
        "first-load": _tr("History", "First load"),
        "backfill": _tr("History", "Fill a column"),
        "pull-updates": _tr("History", "Pull updates"),
        "pull-deletes": _tr("History", "Pull deletes"),
        "conversions-and-merges": _tr("History", "Conversions and merges"),
        "count": _tr("History", "Count"),
        "reconcile": _tr("History", "Reconcile"),
        "formulas": _tr("History", "Formulas"),
        "start-over": _tr("History", "Load anew"),
    }
    return known.get(value, value)


def status(value: str) -> str:
    """How a step ended: an outcome, or an error's own words."""
    known = {
        CycleOutcome.OK: _tr("History", "Done"),
        CycleOutcome.PROBLEMS: _tr("History", "Done, with problems"),
        CycleOutcome.SIGN_IN_NEEDED: _tr("History", "Sign-in needed"),
        CycleOutcome.LOCKED: _tr("History", "Locked"),
        CycleOutcome.BUDGET: _tr("History", "Out of API budget"),
        CycleOutcome.CANCELLED: _tr("History", "Cancelled"),
        CycleOutcome.ERROR: _tr("History", "Failed"),
    }
    if value in known:
        return known[CycleOutcome(value)]
    try:
        return errors.words(OrgMirrorError(ErrorCode(value))).title
    except ValueError:
        return value


def _dot(line: HistoryLine) -> str:
    value = line.step.status
    if value == CycleOutcome.OK:
        return "good"
    return "warn" if value in (CycleOutcome.PROBLEMS, CycleOutcome.CANCELLED, CycleOutcome.BUDGET) else "bad"


def _count(count: Callable[[Step], int]) -> Callable[[HistoryLine], str]:
    def text(line: HistoryLine) -> str:
        number = count(line.step)
        return numbers.number(number) if number else "–"

    return text


def _figure(
    key: str, title: Callable[[], str], count: Callable[[Step], int], width: int = 64
) -> LineColumn[HistoryLine]:
    return LineColumn(
        key,
        title,
        _count(count),
        width=width,
        right=True,
        order=lambda line: count(line.step),
        value=lambda line: count(line.step),
    )


HISTORY_COLUMNS: tuple[LineColumn[HistoryLine], ...] = (
    LineColumn(
        "started",
        lambda: _tr("History", "Started"),
        lambda line: numbers.stamp(line.step.started, datetime.now(UTC)),
        width=92,
        order=lambda line: line.step.started,
        value=lambda line: line.step.started,
        tip=lambda line: numbers.moment_text(line.step.started),
    ),
    LineColumn(
        "ended",
        lambda: _tr("History", "Ended"),
        lambda line: numbers.clock_seconds(line.step.ended) if line.step.ended else "",
        width=68,
        order=lambda line: line.step.ended,
        value=lambda line: line.step.ended,
    ),
    LineColumn(
        "object",
        lambda: _tr("History", "Object"),
        lambda line: line.label,
        width=110,
        stretch=True,
        tip=lambda line: line.label,
        icon=lambda line: icons.object_icon_name(line.step.object) if line.step.object else "sync",
        value=lambda line: line.step.object or "",
        strong=True,
    ),
    LineColumn(
        "operation", lambda: _tr("History", "Operation"), lambda line: operation(line.step.operation), width=116
    ),
    LineColumn(
        "status",
        lambda: _tr("History", "Status"),
        lambda line: status(line.step.status),
        width=84,
        dot=_dot,
        tip=lambda line: status(line.step.status),
    ),
    _figure("new", lambda: _tr("History", "New"), lambda step: step.new, 52),
    _figure("updated", lambda: _tr("History", "Updated"), lambda step: step.updated),
    _figure("deleted", lambda: _tr("History", "Deleted"), lambda step: step.deleted),
    _figure("failed", lambda: _tr("History", "Failed"), lambda step: step.failed, 54),
    _figure("skipped", lambda: _tr("History", "Skipped"), lambda step: step.skipped),
    _figure("calls", lambda: _tr("History", "API calls"), lambda step: step.api_calls, 66),
    LineColumn(
        "seconds",
        lambda: _tr("History", "Seconds"),
        lambda line: numbers.seconds(line.step.seconds),
        width=60,
        right=True,
        order=lambda line: line.step.seconds,
        value=lambda line: round(line.step.seconds, 2),
    ),
)
