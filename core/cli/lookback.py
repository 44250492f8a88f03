"""`history`, `problems`, `changes`: what the sync did and what waits. None of them talks to Salesforce."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from core.app import App, Connection
from core.cli.output import Exit, put, put_json, say, table
from core.messages import message
from core.mirror import times
from core.mirror.problems import Problem
from core.model.errors import OrgMirrorError
from core.paths import Home

DEFAULT_LIMIT = 200
HISTORY = (
    "started", "ended", "object", "operation", "status", "new", "updated", "deleted", "failed", "skipped", "api_calls",
    "seconds",
)  # fmt: skip
PROBLEMS = ("problem_id", "object", "id", "field", "code", "text", "attempts", "next_try_at")
CHANGES = ("at", "object", "id", "field", "old", "new", "by", "side")
_Rows = Callable[[Connection, int], list[dict[str, Any]]]


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    for name, words, columns, read in (
        ("history", "what each cycle did, the newest first", HISTORY, history_rows),
        ("problems", "what waits for you", PROBLEMS, problem_rows),
        ("changes", "what came in and went out, the newest first", CHANGES, change_rows),
    ):
        parser = commands.add_parser(name, parents=[common], help=words)
        parser.add_argument("name")
        parser.add_argument("--limit", type=int, default=DEFAULT_LIMIT, metavar="N")
        parser.add_argument("--json", action="store_true")
        parser.set_defaults(run=_runner(name, columns, read))


def _runner(command: str, columns: Sequence[str], read: _Rows) -> Callable[[argparse.Namespace, Home], int]:
    def run(arguments: argparse.Namespace, home: Home) -> int:
        if arguments.limit < 0:
            say(f"orgmirror {command}: --limit takes a number from 0 on")
            return Exit.USAGE
        with App(home) as app, app.open(arguments.name) as connection:
            rows = read(connection, arguments.limit)
        if arguments.json:
            put_json(rows)
        elif rows:
            put(table([tuple(columns), *(tuple(_shown(row[name]) for name in columns) for row in rows)]))
        else:
            say("There is none.")
        return Exit.OK

    return run


def history_rows(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """Steps as the contract has them (rules 9)."""
    return [
        {
            **{name: getattr(step, name) for name in HISTORY},
            "started": _moment(step.started),
            "ended": _moment(step.ended),
            "seconds": round(step.seconds, 3),
        }
        for step in connection.sync.history(limit)
    ]


def problem_rows(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """Open problems with the sentence and Salesforce's own words."""
    return [_problem(item) for item in connection.sync.problems()[:limit]]


def change_rows(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """Lines of the change log; values as they are stored."""
    return [
        {
            "at": item.at,
            "object": item.object,
            "id": item.record_id,
            "field": item.field,
            "old": item.old,
            "new": item.new,
            "by": item.by,
            "side": item.side,
        }
        for item in connection.sync.recent_changes(limit)
    ]


def _problem(item: Problem) -> dict[str, Any]:
    error = OrgMirrorError(
        item.code,
        salesforce_code=item.salesforce_code,
        salesforce_text=item.salesforce_text,
        **dict(item.params),
    )
    return {
        "problem_id": item.problem_id,
        "object": item.object,
        "id": item.record_id,
        "field": item.field,
        "code": item.code.value,
        "text": message(error).title,
        "attempts": item.attempts,
        "next_try_at": _moment(item.next_try_at),
    }


def _moment(moment: datetime | None) -> str | None:
    return times.optional_text(moment)


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
