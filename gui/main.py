"""Entry point of `orgmirror`. A subcommand goes to `core.cli`; otherwise the window opens, where there is a display.

No Qt at module level: QApplication without a usable display aborts the process and cannot be caught, so a child process
tries first, and the terminal commands never pay for loading Qt at all.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

USAGE = """\
usage: orgmirror [--demo] [--minimized] [--home DIR]      open the window
       orgmirror COMMAND ... [--home DIR]                 work in the terminal

A complete, encrypted local mirror of a Salesforce org that stays in step all day.

options:
  --demo         use the built-in demo org, in a home folder of its own; without a display
                 its first sync runs in the terminal
  --minimized    start in the tray, or minimized where there is no tray
  --home DIR     keep everything in DIR; the same as the environment variable ORGMIRROR_HOME
  --version      print the version
  -h, --help     print this help

commands:
  connect        sign in to an org and make a mirror of it
  sync           keep a mirror in step, or run one cycle with --once
  status         what is here, and how fresh it is
  list, show     records of an object; one record
  query          read-only SQL over the mirror
  export         a plain SQLite copy
  doctor         check a mirror
  history        what the syncs did
  problems       what waits for a person
  changes        what came in and went out
  reconcile      compare every record with the org, and repair
  scope          what is mirrored of an object, and changing it
  edit, create   change fields of a record; make one
  delete         delete a record
  campaign       members of a campaign
  convert, merge convert a lead; merge a record into another
  pending, undo  edits that have not reached Salesforce; take them back
  push           send edits to Salesforce
  conflicts      what was changed on both sides
  resolve        decide a conflict
  pause          hold the sync, also over restarts
  resume         go on with the sync
  disconnect     forget a connection
  demo-org       run the demo org's server by itself

`orgmirror COMMAND --help` explains a command.
"""

NO_DISPLAY = """\
orgmirror: there is no display to open a window on.
  {reason}
The terminal commands work without one: see `orgmirror --help`, for example `orgmirror status`.
"""

_PROBE_SECONDS = 30
# Platforms that need no display server; whoever asks for them by name knows what they do.
_SCREENLESS = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")


@dataclass(frozen=True, slots=True)
class Options:
    """What the window was started with. `home` is None for the usual place."""

    demo: bool = False
    minimized: bool = False
    home: str | None = None


class UsageError(Exception):
    """The arguments cannot be understood."""


def parse(arguments: Sequence[str]) -> tuple[Options, bool, str | None]:
    """The window's options, whether a subcommand is named, and "help", "version" or None.

    Raises UsageError. Only what stands before the first word that is no option is the window's own.
    """
    demo = minimized = False
    home: str | None = None
    wants: str | None = None
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "--demo":
            demo = True
        elif word == "--minimized":
            minimized = True
        elif word == "--home":
            if not rest:
                raise UsageError("--home needs a folder")
            home = rest.pop(0)
        elif word.startswith("--home="):
            home = word.removeprefix("--home=")
        elif word in ("-h", "--help"):
            wants = wants or "help"
        elif word == "--version":
            wants = wants or "version"
        elif word.startswith("-"):
            raise UsageError(f"unknown option {word}")
        else:
            return Options(demo, minimized, home), True, None
    if home == "":
        raise UsageError("--home needs a folder")
    return Options(demo, minimized, home), False, wants


def display_problem(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str | None:
    """None where a window can be opened, otherwise why not, in a line for a person."""
    if not platform.startswith(("linux", "freebsd")):
        return None
    if environment.get("QT_QPA_PLATFORM", "").split(":", 1)[0].split(";", 1)[0] in _SCREENLESS:
        return None
    if not environment.get("DISPLAY") and not environment.get("WAYLAND_DISPLAY"):
        return "Neither DISPLAY nor WAYLAND_DISPLAY is set."
    return _probe()


def _probe() -> str | None:
    """Let a child process make a QGuiApplication: it may abort, we may not."""
    if getattr(sys, "frozen", False):
        command = [sys.executable, "--probe-display"]
    else:
        command = [sys.executable, "-c", "import gui.main; gui.main.probe_display()"]
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "The display does not answer."
    if done.returncode == 0:
        return None
    return _reason(done.stderr.decode(errors="replace"))


def _reason(said: str) -> str:
    if "xcb-cursor" in said:
        return "The library libxcb-cursor0 is missing; on Debian or Ubuntu: apt-get install libxcb-cursor0"
    if "could not connect to display" in said:
        return f"The display {os.environ.get('DISPLAY') or os.environ.get('WAYLAND_DISPLAY')} does not answer."
    for line in said.splitlines():
        if "cannot open shared object file" in line:
            return f"A library is missing: {line.split('ImportError:')[-1].strip()}"
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[0] if lines else "Qt could not start."


def probe_display() -> None:
    """Run in the child process: leaves with 0 where Qt starts."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except ImportError:
        pass
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWidgets import QApplication

    QApplication([])
    ok = QGuiApplication.primaryScreen() is not None
    sys.stderr.flush()
    os._exit(0 if ok else 1)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; the answer is its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments == ["--probe-display"]:
        probe_display()
    try:
        options, is_command, wants = parse(arguments)
    except UsageError as error:
        print(f"orgmirror: {error}\nTry `orgmirror --help`.", file=sys.stderr)
        return 2
    if is_command:
        try:
            # Before anything else is imported: a signal of the first moments ends in good order, too.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            from core.cli import main as run_command

            return run_command(arguments)
        except KeyboardInterrupt:
            return 1
    if wants == "help":
        print(USAGE, end="")
        return 0
    if wants == "version":
        from importlib.metadata import version

        print(f"orgmirror {version('orgmirror')}")
        return 0

    from core.paths import Home

    home = Home.resolve(options.home, demo=options.demo)
    # From here to the window's own handlers a signal simply ends the program: nothing is open yet.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    problem = display_problem()
    if problem is not None:
        if options.demo:
            from core.cli import demo_terminal

            return demo_terminal.run(home)
        print(NO_DISPLAY.format(reason=problem), file=sys.stderr, end="")
        return 1
    from gui.process import run

    return run(options, home)


if __name__ == "__main__":
    sys.exit(main())
