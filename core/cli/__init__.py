"""The command line: `orgmirror SUBCOMMAND …`. Each module of this package registers its group of subcommands.

A subcommand is a few lines over core/api: parse, call, print. Data goes to stdout, words to stderr (output.py).
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from core.cli.output import Exit, exit_for, say, say_error
from core.model.errors import ErrorCode, OrgMirrorError
from core.paths import Home

# Which module registers which subcommands. Only the one that is asked for is imported: a start stays quick, and the
# demo org's process holds nothing of the mirror.
_GROUPS = {
    "connections": ("connect", "disconnect", "status", "doctor"),
    "sync": ("sync",),
    "browse": ("list", "show", "query"),
    "exports": ("export",),
    "demo_org": ("demo-org",),
}
SUBCOMMANDS = tuple(name for names in _GROUPS.values() for name in names)


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """The parser of all subcommands, or of the group of one; `--home` is taken before or after the subcommand."""
    parser = argparse.ArgumentParser(
        prog="orgmirror",
        description="A complete, encrypted local mirror of a Salesforce org. Without a subcommand the window opens.",
    )
    parser.add_argument("--home", metavar="DIR", default=None, help="the folder for everything but secrets")
    parser.add_argument("--demo", action="store_true", help="the demo org and a home of its own")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--home", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    commands = parser.add_subparsers(dest="command", metavar="SUBCOMMAND", required=True)
    for module, names in _GROUPS.items():
        if command is None or command in names:
            importlib.import_module(f"core.cli.{module}").register(commands, common)
    return parser


def main(argv: Sequence[str]) -> int:
    """Run one subcommand; answers its exit code. Never raises for what a person can cause."""
    parser = build_parser(next((word for word in argv if word in SUBCOMMANDS), None))
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
