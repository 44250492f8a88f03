"""`reconcile`: every id of the org against the mirror, at once, and the calculated fields with it."""

from __future__ import annotations

import argparse
from typing import Any

from core.app import App
from core.cli.output import Exit, put_json, say, say_error
from core.cli.sync import signals
from core.paths import Home
from core.sync.control import EngineControl


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("reconcile", parents=[common], help="compare every record with Salesforce and repair")
    parser.add_argument("name")
    parser.add_argument("object", nargs="?", help="only this object")
    parser.add_argument("--yes", action="store_true", help="also when many records would vanish")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, home: Home) -> int:
    control = EngineControl()
    objects = None if arguments.object is None else [arguments.object]
    with signals(control), App(home) as app, app.open(arguments.name) as connection:
        found = connection.sync.reconcile(control, lambda _event: None, objects, consent=arguments.yes)
    if arguments.json:
        put_json(
            {
                "result": "problems" if any(item.error for item in found) else "ok",
                "drift": sum(item.drift for item in found),
                "objects": [
                    {
                        "name": item.object,
                        "rows": item.rows,
                        "checked": item.checked,
                        "new": item.fetched.new,
                        "updated": item.fetched.updated,
                        "deleted": item.fetched.deleted,
                        "gone": item.gone,
                        "sampled": item.sampled,
                        "drift": item.drift,
                        "code": item.error.code.value if item.error else None,
                    }
                    for item in found
                ],
            }
        )
    for item in found:
        if item.error is not None:
            say_error(item.error)
    if any(item.error is not None for item in found):
        return Exit.PROBLEMS
    checked = sum(item.checked for item in found)
    say(f"Compared {checked:,} records: {sum(item.drift for item in found):,} were not in step, now all are.")
    return Exit.OK
