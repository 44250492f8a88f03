"""`history`, `problems`, `changes`: what the sync did and what waits. None of them talks to Salesforce."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from core.app import App, Connection
from core.cli.output import Exit, UsageError, put, put_json, say, table
from core.export import csv_file
from core.messages import message
from core.mirror import changes as change_log
from core.mirror import times
from core.mirror.problems import Problem
from core.model.refs import RecordRef, long_id
from core.model.states import Operation, ProblemKind
from core.paths import Home

DEFAULT_LIMIT = 200
HISTORY = (
    "started", "ended", "object", "operation", "status", "new", "updated", "deleted", "failed", "skipped", "api_calls",
    "seconds",
)  # fmt: skip
PROBLEMS = ("problem_id", "object", "id", "field", "code", "text", "attempts", "next_try_at")
CHANGES = ("at", "object", "id", "field", "old", "new", "by", "side")
_SPAN = re.compile(r"(\d+)\s*(m|h|d|w)$")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_Rows = Callable[[Connection, argparse.Namespace], list[dict[str, Any]]]


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    parsers = {}
    for name, words, columns, read in (
        ("history", "what each cycle did, the newest first", HISTORY, history_rows),
        ("problems", "what waits for you", PROBLEMS, problem_rows),
        ("changes", "what came in and went out, the newest first", CHANGES, change_rows),
    ):
        parser = parsers[name] = commands.add_parser(name, parents=[common], help=words)
        parser.add_argument("name")
        parser.add_argument("--limit", type=int, default=DEFAULT_LIMIT, metavar="N")
        parser.add_argument("--since", type=_moment_of, metavar="WHEN", help="2026-03-01, 2026-03-01T08:00Z, 3h, 2d")
        parser.add_argument("--until", type=_moment_of, metavar="WHEN")
        parser.add_argument("--object", action="append", metavar="X", help="only this object (may be repeated)")
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true")
        form.add_argument("--csv", action="store_true")
        parser.set_defaults(run=_runner(name, columns, read))
    operations = [operation.value for operation in Operation]
    parsers["history"].add_argument("--operation", action="append", choices=operations, help="may be repeated")
    parsers["history"].add_argument("--status", action="append", metavar="STATUS", help="ok, problems, … (repeatable)")
    kinds = [kind.value for kind in ProblemKind]
    parsers["problems"].add_argument("--kind", action="append", choices=kinds, help="may be repeated")
    act = parsers["problems"].add_mutually_exclusive_group()
    act.add_argument("--retry", action="append", type=int, metavar="ID", help="try again with the next cycle")
    act.add_argument("--ignore", action="append", type=int, metavar="ID", help="hear no more of it until it is well")
    parsers["changes"].add_argument("--id", metavar="ID", help="with one --object: of this record alone")
    parsers["changes"].add_argument("--side", choices=(change_log.SALESFORCE, change_log.LOCAL))
    parsers["changes"].add_argument("--followed", action="store_true", help="only of what you follow")


def _runner(command: str, columns: Sequence[str], read: _Rows) -> Callable[[argparse.Namespace, Home], int]:
    def run(arguments: argparse.Namespace, home: Home) -> int:
        if arguments.limit < 0:
            raise UsageError(f"orgmirror {command}: --limit takes a number from 0 on")
        with App(home) as app, app.open(arguments.name) as connection:
            if arguments.object:
                arguments.object = [connection.sync.object_name(name) for name in arguments.object]
            rows = read(connection, arguments)
        if arguments.json:
            put_json(rows)
        elif arguments.csv:
            csv_file.write_to(sys.stdout, columns, ([row[name] for name in columns] for row in rows))
        elif rows:
            put(table([tuple(columns), *(tuple(_shown(row[name]) for name in columns) for row in rows)]))
        else:
            say("There is none.")
        return Exit.OK

    return run


def history_rows(connection: Connection, asked: argparse.Namespace) -> list[dict[str, Any]]:
    """Steps as the contract has them (rules 9)."""
    found = connection.sync.history(
        asked.limit,
        objects=asked.object,
        operations=asked.operation,
        statuses=asked.status,
        since=asked.since,
        until=asked.until,
    )
    return [
        {
            **{name: getattr(step, name) for name in HISTORY},
            "started": _moment(step.started),
            "ended": _moment(step.ended),
            "seconds": round(step.seconds, 3),
        }
        for step in found
    ]


def problem_rows(connection: Connection, asked: argparse.Namespace) -> list[dict[str, Any]]:
    """Open problems with the sentence and Salesforce's own words, after what was asked to be done about some."""
    if asked.retry:
        connection.sync.retry_problems(asked.retry)
    if asked.ignore:
        connection.sync.ignore_problems(asked.ignore)
    return [
        _problem(item)
        for item in connection.sync.problems()
        if (asked.object is None or item.object in asked.object)
        and (asked.kind is None or item.kind.value in asked.kind)
        and (asked.since is None or item.last_at >= asked.since)
        and (asked.until is None or item.last_at < asked.until)
    ][: asked.limit]


def change_rows(connection: Connection, asked: argparse.Namespace) -> list[dict[str, Any]]:
    """Lines of the change log; values as they are stored."""
    record = None
    if asked.id is not None:
        if len(asked.object or ()) != 1:
            raise UsageError("orgmirror changes: --id needs one --object")
        record = RecordRef(asked.object[0], long_id(asked.id))
    found = connection.sync.recent_changes(
        asked.limit,
        objects=asked.object,
        record=record,
        since=asked.since,
        until=asked.until,
        side=asked.side,
        followed=asked.followed,
    )
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
        for item in found
    ]


def _moment_of(text: str) -> datetime:
    """An ISO date or datetime (UTC where it names no zone), or a span back from now: 30m, 3h, 2d, 1w."""
    span = _SPAN.match(text)
    if span:
        return datetime.now(UTC) - timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        return times.from_text(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date, datetime or span such as 3h or 2d") from None


def _problem(item: Problem) -> dict[str, Any]:
    return {
        "problem_id": item.problem_id,
        "object": item.object,
        "id": item.record_id,
        "field": item.field,
        "code": item.code.value,
        "text": message(item.error).title,
        "attempts": item.attempts,
        "next_try_at": _moment(item.next_try_at),
    }


def _moment(moment: datetime | None) -> str | None:
    return times.optional_text(moment)


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
