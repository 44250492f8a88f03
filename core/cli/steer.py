"""`pause`, `resume`: hold the sync of a connection, of one object, or of one direction, until it is taken up again."""

from __future__ import annotations

import argparse
from typing import Any

from core.app import App
from core.cli.output import Exit, put_json, say
from core.paths import Home


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    for name, words, paused in (
        ("pause", "hold the sync, also over restarts", True),
        ("resume", "go on with the sync", False),
    ):
        parser = commands.add_parser(name, parents=[common], help=words)
        parser.add_argument("name")
        parser.add_argument("object", nargs="?", help="only this object")
        parser.add_argument("--direction", choices=("pull", "push"), help="only what comes in, or only what goes out")
        parser.add_argument("--json", action="store_true")
        parser.set_defaults(run=run, paused=paused)


def run(arguments: argparse.Namespace, home: Home) -> int:
    direction, name = arguments.direction, None
    with App(home) as app, app.open(arguments.name) as connection:
        if arguments.object is not None:
            name = connection.sync.pause_object(arguments.object, paused=arguments.paused, direction=direction)
        elif arguments.paused:
            connection.sync.pause(direction)
        else:
            connection.sync.resume(direction)
    if arguments.json:
        only = {"direction": direction} if direction else {}
        put_json({"name": arguments.name, "object": name, "paused": arguments.paused, **only})
    what = " ".join(filter(None, (name or arguments.name, direction)))
    say(f"{what}: {'paused' if arguments.paused else 'goes on'}.")
    return Exit.OK
