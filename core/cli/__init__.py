"""The command line: `orgmirror SUBCOMMAND …`. Each module of this package registers its group of subcommands.

A subcommand is a few lines over core/api: parse, call, print. Data goes to stdout, words to stderr (output.py).
"""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from core.cli.output import Exit, UsageError, error_json, exit_for, put_json, say, say_error
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.paths import Home

# Which module registers which subcommands. Only the one that is asked for is imported: a start stays quick, and the
# demo org's process holds nothing of the mirror.
_GROUPS = {
    "connections": ("connect", "disconnect", "status", "doctor"),
    "sync": ("sync",),
    "lookback": ("history", "problems", "changes"),
    "reconcile": ("reconcile",),
    "steer": ("pause", "resume"),
    "scope": ("scope",),
    "browse": ("list", "show", "query"),
    "push": ("push", "conflicts", "resolve"),
    "exports": ("export",),
    "edits": ("edit", "create", "delete", "pending", "undo", "campaign"),
    "acts": ("convert", "merge"),
    "demo_org": ("demo-org",),
}
SUBCOMMANDS = tuple(name for names in _GROUPS.values() for name in names)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments by an exception, so that one place prints it."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.format_usage()}{self.prog}: {message}")


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """The parser of all subcommands, or of the group of one; `--home` is taken before or after the subcommand."""
    parser = _Parser(
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
    """Run one subcommand; answers its exit code. Never raises for what a person can cause.

    With --json, stdout gets exactly one JSON value, whatever happens: the command's own or `error_json`.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Org data is in every script; a terminal or pipe of another encoding must not end the command.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    as_json = "--json" in argv
    on_error = error_json
    try:
        parser = build_parser(_command(argv))
        arguments = parser.parse_args(list(argv))
        on_error = getattr(arguments, "on_error", error_json)
        if arguments.home is not None and not arguments.home.strip():
            raise UsageError("orgmirror: --home needs a folder")
        return int(arguments.run(arguments, Home.resolve(arguments.home, demo=arguments.demo)))
    except SystemExit as stop:  # --help
        return int(stop.code or 0)
    except UsageError as error:
        say(str(error))
        if as_json:
            put_json({"error": {"code": "usage", "text": str(error).splitlines()[-1], "remedy": ""}})
        return Exit.USAGE
    except OrgMirrorError as error:
        return _failed(error, on_error if as_json else None)
    except KeyboardInterrupt:
        return _failed(Cancelled(), on_error if as_json else None)
    except BrokenPipeError:
        # The reader of our stdout has gone, as `| head` does. Keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.ERROR
    except Exception as error:
        if os.environ.get("ORGMIRROR_DEBUG"):
            raise
        unexpected = OrgMirrorError(ErrorCode.UNEXPECTED, reason=f"{type(error).__name__}")
        return _failed(unexpected, on_error if as_json else None)


def _command(argv: Sequence[str]) -> str | None:
    """The subcommand that is asked for; a folder or a record may bear the name of another one."""
    words = iter(argv)
    for word in words:
        if word == "--home":
            next(words, None)
        elif not word.startswith("-"):
            return word if word in SUBCOMMANDS else None
    return None


def _failed(error: OrgMirrorError, on_error: Callable[[OrgMirrorError], Any] | None) -> int:
    say_error(error)
    if on_error is not None:
        put_json(on_error(error))
    return exit_for(error)
