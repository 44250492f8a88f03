"""What the sync did, as the window's tests have it: lists that a test fills, and notes of what was asked for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from core.mirror.history import Step
from core.mirror.problems import Problem
from core.mirror.throughput import HourLine
from core.model.errors import ErrorCode
from core.model.states import ProblemKind

NOW = datetime.now(UTC)


def problem(number: int, code: ErrorCode = ErrorCode.FIELD_REFUSED, **more: Any) -> Problem:
    """An open problem of the object Lead."""
    values: dict[str, Any] = {
        "problem_id": number,
        "object": "Lead",
        "record_id": None,
        "field": None,
        "code": code,
        "first_at": NOW,
        "last_at": NOW,
        "params": {"object": "Lead"},
        "kind": ProblemKind.OBJECT,
    }
    return Problem(**(values | more))


def step(name: str | None = "Lead", operation: str = "pull-updates", **more: Any) -> Step:
    """A step of a cycle that brought something."""
    values: dict[str, Any] = {
        "started": NOW - timedelta(minutes=2),
        "ended": NOW - timedelta(minutes=2, seconds=-1),
        "object": name,
        "operation": operation,
        "status": "ok",
        "updated": 3,
        "api_calls": 2,
        "seconds": 1.25,
    }
    return Step(**(values | more))


def backlog(name: str, waiting: int = 0, per_hour: float = 0.0, *, growing: bool = False) -> Any:
    """What waits of an object."""
    return SimpleNamespace(object=name, waiting=waiting, per_hour=per_hour, growing=growing)


class FakeLookback:
    """The reading half of `SyncApi`."""

    def __init__(self) -> None:
        self.stored_problems: list[Any] = []
        self.stored_history: list[Any] = []
        self.stored_changes: list[Any] = []
        self.stored_schema: list[Any] = []
        self.stored_backlog: list[Any] = []
        self.stored_hours: list[HourLine] = []
        self.stored_followed: list[Any] = []
        self.links: list[Any] = []
        self.lost: list[Any] = []
        self.fresh = False
        self.held: dict[str, str] = {}
        self.calls = SimpleNamespace(used=4000, limit=15_000, share=20, own_today=600, own_cycle=12, left=2400)
        self.asked: list[tuple[Any, ...]] = []

    def history(
        self,
        limit: int = 200,
        *,
        objects: Collection[str] | None = None,
        operations: Collection[str] | None = None,
        statuses: Collection[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Any]:
        self.asked.append(("history", objects, operations, statuses))
        return [
            step
            for step in self.stored_history
            if (objects is None or step.object in objects)
            and (operations is None or step.operation in operations)
            and (statuses is None or step.status in statuses)
            and (since is None or step.started >= since)
            and (until is None or step.started < until)
        ][:limit]

    def schema_log(self, limit: int = 200) -> list[Any]:
        return self.stored_schema[:limit]

    def problems(self) -> list[Any]:
        return list(self.stored_problems)

    def _drop(self, ids: Collection[int]) -> None:
        self.stored_problems = [each for each in self.stored_problems if each.problem_id not in ids]

    def ignore_problems(self, ids: Collection[int]) -> None:
        self.asked.append(("ignore", tuple(ids)))
        self._drop(ids)

    def retry_problems(self, ids: Collection[int]) -> None:
        self.asked.append(("retry", tuple(ids)))
        self._drop(ids)

    def to_announce(self) -> list[Any]:
        return [each for each in reversed(self.stored_problems) if not each.announced]

    def mark_announced(self, ids: Collection[int]) -> None:
        from dataclasses import replace

        self.asked.append(("announced", tuple(ids)))
        self.stored_problems = [
            replace(each, announced=True) if each.problem_id in ids else each for each in self.stored_problems
        ]

    def reconcile(self, control: Any, emit: Any, objects: Any = None, *, consent: bool = False) -> list[Any]:
        self.asked.append(("reconcile", tuple(objects or ()), consent))
        self.stored_problems = [each for each in self.stored_problems if each.object not in (objects or ())]
        return []

    def decide_deleted(self, name: str, *, remove: bool) -> int:
        self.asked.append(("deleted", name, remove))
        self.stored_problems = [each for each in self.stored_problems if each.object != name]
        return 1

    def throughput(self, object_name: str | None = None, days: int = 5) -> list[HourLine]:
        self.asked.append(("throughput", object_name))
        return list(self.stored_hours)

    def backlog(self) -> list[Any]:
        return list(self.stored_backlog)

    def usage(self) -> Any:
        return self.calls

    def pause_object(self, name: str, *, paused: bool, direction: str | None = None) -> str:
        self.asked.append(("pause", name, paused, direction))
        if paused:
            self.held[name] = direction or "all"
        else:
            self.held.pop(name, None)
        return name

    def holds(self) -> Any:
        return SimpleNamespace(all=False, pull=False, push=False, objects=dict(self.held))

    def recent_changes(self, limit: int = 100, **filters: Any) -> list[Any]:
        self.asked.append(("changes", filters))
        return self.stored_changes[:limit]

    def follow(self, what: Any, title: str = "") -> int:
        self.asked.append(("follow", what, title))
        return 1

    def unfollow(self, what: Any) -> None:
        self.asked.append(("unfollow", what))

    def followed(self) -> list[Any]:
        return list(self.stored_followed)

    def mark_seen(self, follow_id: int | None = None) -> None:
        self.asked.append(("seen", follow_id))

    def refresh_record(self, object_name: str, record_id: str) -> Any:
        from core.model.changes import Changes

        self.asked.append(("refresh", object_name, record_id))
        return Changes({object_name: frozenset({record_id})}) if self.fresh else Changes()

    def kin(self, ref: Any) -> tuple[Any, ...]:
        return tuple(self.links)

    def lost_in_merge(self, ref: Any) -> tuple[Any, ...]:
        return tuple(self.lost)
