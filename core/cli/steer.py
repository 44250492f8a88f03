"""`pause`, `resume`: hold the sync of a connection, or of one object, until it is taken up again."""

from __future__ import annotations

import argparse
from typing import Any

from core import settings
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
        parser.add_argument("--json", action="store_true")
        parser.set_defaults(run=run, paused=paused)


def run(arguments: argparse.Namespace, home: Home) -> int:
    with App(home) as app, app.open(arguments.name) as connection:
        if arguments.object is None:
            connection.set_setting(settings.PAUSED, arguments.paused)
            name = None
        else:
            name = connection.sync.pause_object(arguments.object, paused=arguments.paused)
    if arguments.json:
        put_json({"name": arguments.name, "object": name, "paused": arguments.paused})
    say(f"{name or arguments.name}: {'paused' if arguments.paused else 'goes on'}.")
    return Exit.OK
