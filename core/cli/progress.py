"""Progress in the terminal: one bar per object that is loading, on stderr, only where that is a terminal."""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from core.model.progress import Event, ObjectProgress
from core.model.states import LoadPhase

_WORDS = {
    LoadPhase.WAITING: "waiting",
    LoadPhase.COUNTING: "counting",
    LoadPhase.QUEUED: "queued at Salesforce",
    LoadPhase.LOADING: "",
    LoadPhase.INDEXING: "indexing",
    LoadPhase.DONE: "done",
    LoadPhase.FAILED: "failed",
}


class TerminalProgress:
    """`with TerminalProgress() as progress:` pass `progress.show` as the engine's emit. Safe from any thread."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description:<28}", markup=False),
            BarColumn(bar_width=28),
            TextColumn("{task.fields[counts]:>24}", markup=False),
            TextColumn("{task.fields[note]}", markup=False),
            console=self._console,
            refresh_per_second=8,
            disable=not self._console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._told: dict[str, LoadPhase] = {}
        self._resumes: set[str] = set()

    def __enter__(self) -> TerminalProgress:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bars.stop()

    def show(self, event: Event) -> None:
        """Take one event of the engine."""
        if event.progress is None:
            return
        for item in event.progress.objects:
            if not item.first_load:
                continue
            self._resumed(item)
            if self._console.is_terminal:
                self._bar(item)
            else:
                self._line(item)

    def _resumed(self, item: ObjectProgress) -> None:
        """Said once, above the bars: what an interrupted load left is not fetched again."""
        if item.resumed_at is None or item.name in self._resumes:
            return
        self._resumes.add(item.name)
        at = replace(item, rows_done=item.resumed_at)
        self._console.print(f"Resuming {item.label}, {_counts(at)}", markup=False, highlight=False)

    def _bar(self, item: ObjectProgress) -> None:
        task = self._tasks.get(item.name)
        counts, note = _counts(item), _note(item)
        if task is None:
            self._tasks[item.name] = self._bars.add_task(
                item.label, total=item.total, completed=item.rows_done, counts=counts, note=note
            )
            return
        total = item.total if item.phase is not LoadPhase.DONE else max(item.rows_done, 1)
        done = item.rows_done if item.phase is not LoadPhase.DONE else total
        self._bars.update(task, total=total, completed=done, counts=counts, note=note)

    def _line(self, item: ObjectProgress) -> None:
        """Without a terminal: a line when an object begins to load, resumes, ends or fails."""
        if self._told.get(item.name) is item.phase:
            return
        self._told[item.name] = item.phase
        if item.phase in (LoadPhase.LOADING, LoadPhase.DONE, LoadPhase.FAILED):
            self._console.print(f"{item.label}: {_counts(item)} {_note(item)}".rstrip(), markup=False, highlight=False)


def _counts(item: ObjectProgress) -> str:
    if item.total is None:
        return f"{item.rows_done:,}"
    about = "about " if item.total_is_estimate else ""
    return f"{item.rows_done:,} of {about}{item.total:,}"


def _note(item: ObjectProgress) -> str:
    parts = [_WORDS[item.phase]]
    if item.phase is LoadPhase.LOADING:
        if item.rate:
            parts.append(f"{item.rate:,.0f} rows/s")
        if item.remaining_seconds is not None:
            parts.append(f"{item.remaining_seconds:,.0f} s left")
    return "  ".join(filter(None, parts))
