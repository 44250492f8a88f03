"""Where the API calls of the last day went: sums of the history by kind of step. `CALL_COLUMNS` declares the table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from gui.models.history_lines import operation
from gui.models.line_model import LineColumn
from gui.text import numbers

if TYPE_CHECKING:
    from core.api.sync import Step

_tr = QCoreApplication.translate
WHOLE_RUN = "cycle"


@dataclass(frozen=True, slots=True)
class CallLine:
    """`calls` of all the steps of one operation, `share` of all the calls, `records` that came or went by them."""

    operation: str
    runs: int
    calls: int
    records: int
    share: float


def call_lines(steps: Iterable[Step]) -> list[CallLine]:
    """One line per operation, the dearest first. What a run spent beside its steps is a line of its own kind."""
    runs: dict[str, int] = {}
    calls: dict[str, int] = {}
    records: dict[str, int] = {}
    whole, number = 0, 0
    for step in steps:
        if step.object is None and step.operation == WHOLE_RUN:
            whole += step.api_calls
            number += 1
            continue
        runs[step.operation] = runs.get(step.operation, 0) + 1
        calls[step.operation] = calls.get(step.operation, 0) + step.api_calls
        records[step.operation] = records.get(step.operation, 0) + step.new + step.updated + step.deleted
    beside = whole - sum(calls.values())
    if beside > 0:
        # What no single object can be charged with: one request asks for many of them.
        runs[WHOLE_RUN], calls[WHOLE_RUN], records[WHOLE_RUN] = number, beside, 0
    total = max(1, sum(calls.values()))
    lines = [CallLine(name, runs[name], calls[name], records[name], calls[name] / total) for name in calls]
    return sorted(lines, key=lambda line: (-line.calls, line.operation))


def _name(line: CallLine) -> str:
    return _tr("Budget", "Shared by a whole run") if line.operation == WHOLE_RUN else operation(line.operation)


CALL_COLUMNS: tuple[LineColumn[CallLine], ...] = (
    LineColumn("operation", lambda: _tr("Budget", "Step"), _name, width=240, strong=True),
    LineColumn(
        "calls",
        lambda: _tr("Budget", "API calls"),
        lambda line: numbers.number(line.calls),
        width=220,
        stretch=True,
        order=lambda line: line.calls,
        share=lambda line: line.share,
    ),
    LineColumn(
        "runs",
        lambda: _tr("Budget", "Times"),
        lambda line: numbers.number(line.runs),
        width=90,
        right=True,
        order=lambda line: line.runs,
    ),
    LineColumn(
        "records",
        lambda: _tr("Budget", "Records"),
        lambda line: numbers.number(line.records),
        width=110,
        right=True,
        order=lambda line: line.records,
    ),
)
