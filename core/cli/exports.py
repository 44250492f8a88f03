"""`export`: a plain copy of the mirror that any SQLite tool opens."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.app import App
from core.cli.output import Exit, put_json, say
from core.paths import Home


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("export", parents=[common], help="a plain, unencrypted copy as a SQLite file")
    parser.add_argument("name")
    parser.add_argument("--to", required=True, metavar="FILE.sqlite")
    parser.add_argument("--yes", action="store_true", help="replace the file if it is there")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, home: Home) -> int:
    target = Path(arguments.to).expanduser().absolute()
    with App(home) as app, app.open(arguments.name) as connection:
        summary = connection.exports.plain_copy(target, replace=arguments.yes)
    if arguments.json:
        put_json({"to": str(target), "objects": summary.objects, "rows": summary.rows})
    say(f"{summary.rows:,} rows of {summary.objects} objects are in {target}. This copy is not encrypted.")
    return Exit.OK
