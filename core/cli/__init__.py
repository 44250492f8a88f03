"""The command line: `orgmirror SUBCOMMAND …`. Each module of this package registers its group of subcommands.

A subcommand is a few lines over core/api: parse, call, print. Data goes to stdout, words to stderr (output.py).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from core.cli import browse, connections, demo_org, exports, sync
from core.cli.output import Exit, exit_for, say, say_error
from core.model.errors import ErrorCode, OrgMirrorError
from core.paths import Home

SUBCOMMANDS = (
    "connect",
    "sync",
    "status",
    "list",
    "show",
    "query",
    "export",
    "doctor",
    "disconnect",
    "demo-org",
)


def build_parser() -> argparse.ArgumentParser:
    """The parser of all subcommands; `--home` is taken before or after the subcommand."""
    parser = argparse.ArgumentParser(
        prog="orgmirror",
        description="A complete, encrypted local mirror of a Salesforce org. Without a subcommand the window opens.",
    )
    parser.add_argument("--home", metavar="DIR", default=None, help="the folder for everything but secrets")
    parser.add_argument("--demo", action="store_true", help="the demo org and a home of its own")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--home", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    commands = parser.add_subparsers(dest="command", metavar="SUBCOMMAND", required=True)
    for group in (connections, sync, browse, exports, demo_org):
        group.register(commands, common)
    return parser


def main(argv: Sequence[str]) -> int:
    """Run one subcommand; answers its exit code. Never raises for what a person can cause."""
    parser = build_parser()
    try:
        arguments = parser.parse_args(list(argv))
    except SystemExit as stop:
        return int(stop.code or 0) if isinstance(stop.code, int) else Exit.USAGE
    home = Home.resolve(arguments.home, demo=arguments.demo)
    try:
        return int(arguments.run(arguments, home))
    except OrgMirrorError as error:
        say_error(error)
        return exit_for(error)
    except KeyboardInterrupt:
        say("Stopped.")
        return Exit.ERROR
    except BrokenPipeError:
        # The reader of our stdout has gone, as `| head` does. Keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.ERROR
    except Exception as error:
        if os.environ.get("ORGMIRROR_DEBUG"):
            raise
        say_error(OrgMirrorError(ErrorCode.UNEXPECTED, reason=f"{type(error).__name__}"))
        return Exit.ERROR
