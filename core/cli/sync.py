"""`sync`: the engine in the terminal, with progress bars on stderr and one JSON object on stdout."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from core.api.sync import result_json
from core.app import App
from core.cli.output import OUTCOME_EXIT, Exit, UsageError, put_json, say, say_error
from core.cli.progress import TerminalProgress
from core.model.errors import OrgMirrorError
from core.model.progress import CycleResult, Event
from core.model.refs import long_id
from core.model.states import CycleOutcome
from core.paths import Home
from core.sync.control import EngineControl
from core.sync.faults import outcome_of


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("sync", parents=[common], help="copy the org, then keep in step")
    parser.add_argument("name")
    parser.add_argument("--once", action="store_true", help="one whole cycle, then exit")
    parser.add_argument("--object", action="append", metavar="X", help="one cycle over this object (may be repeated)")
    parser.add_argument("--id", metavar="ID", help="with one --object: read this record anew, and nothing else")
    parser.add_argument(
        "--json", action="store_true", help="the result as one JSON object; needs --once, --object or --id"
    )
    parser.set_defaults(run=run, on_error=_not_begun)


def run(arguments: argparse.Namespace, home: Home) -> int:
    if arguments.id is not None:
        return _one_record(arguments, home)
    if arguments.json and not (arguments.once or arguments.object):
        raise UsageError("orgmirror sync: --json needs --once or --object")
    control = EngineControl()
    with signals(control), App(home) as app:
        if arguments.once or arguments.object:
            with app.open(arguments.name) as connection, TerminalProgress() as progress:
                result = connection.sync.run_once(control, progress.show, arguments.object)
            return report(result, as_json=arguments.json)
        with app.open(arguments.name) as connection, TerminalProgress() as progress:
            if connection.sync.holds().all:
                say(f"{arguments.name} is paused: it waits for orgmirror resume.")
            connection.sync.run(control, _following(progress))
        return Exit.OK


def _one_record(arguments: argparse.Namespace, home: Home) -> int:
    """Read one record anew, calculated fields and parents that are not here included."""
    if len(arguments.object or ()) != 1:
        raise UsageError("orgmirror sync: --id needs one --object")
    with App(home) as app, app.open(arguments.name) as connection:
        name = connection.sync.object_name(arguments.object[0])
        record_id = long_id(arguments.id)
        changes = connection.sync.refresh_record(name, record_id)
    changed = changes.touches(name)
    if arguments.json:
        put_json({"result": "ok", "object": name, "id": record_id, "changed": changed})
    say("It was not in step, now it is." if changed else "In step.")
    return Exit.OK


def _not_begun(error: OrgMirrorError) -> dict[str, Any]:
    """The JSON object of a cycle that could not begin."""
    return result_json(CycleResult(outcome_of(error), 0.0, 0, error=error))


def report(result: CycleResult, *, as_json: bool) -> int:
    """Say how the cycle ended; answers the exit code."""
    if as_json:
        put_json(result_json(result))
    for item in result.objects:
        if item.error is not None:
            say_error(item.error)
    if result.error is not None:
        say_error(result.error)
    elif result.outcome is CycleOutcome.OK:
        rows = sum(item.rows for item in result.objects)
        say(f"In step: {rows:,} rows, {result.seconds:.1f} s, {result.api_calls} API calls.")
    elif result.outcome is CycleOutcome.CANCELLED:
        say("Stopped. What was loaded is kept; the next sync goes on from there.")
    return int(OUTCOME_EXIT[result.outcome])


def _following(progress: TerminalProgress) -> Any:
    def show(event: Event) -> None:
        progress.show(event)
        if event.result is not None:
            report(event.result, as_json=False)

    return show


@contextmanager
def signals(control: EngineControl) -> Iterator[None]:
    """Ctrl+C and SIGTERM end the cycle in good order: what is committed stays, the rest is abandoned."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        control.stop()

    kinds = (signal.SIGINT, signal.SIGTERM)
    before = {kind: signal.signal(kind, stop) for kind in kinds}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
