"""What happens when something goes wrong that nobody foresaw: a line in the log, a dialog to copy from, a fault file.

`sys.excepthook` and its siblings log and tell; `faulthandler` writes the stacks of a hard crash into a file of the home
folder, which the next start finds. Nothing is sent anywhere; the text shown is the text written.
"""

from __future__ import annotations

import faulthandler
import logging
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from core.paths import private_folder
from core.redaction import redacted

log = logging.getLogger("orgmirror")

_FAULTS = "faults.log"
_LAST_FAULTS = "faults-last.log"


class CrashGuard:
    """Installed once at start; `on_crash(text)` is called on whatever thread failed."""

    def __init__(self, logs: Path, on_crash: Callable[[str], None]) -> None:
        self._logs = private_folder(logs)
        self._on_crash = on_crash
        self._told: set[int] = set()
        self._file: TextIO | None = None
        self.last_faults = ""

    def install(self) -> None:
        """Take over the hooks and open the fault file."""
        self._keep_last()
        path = self._logs / _FAULTS
        self._file = path.open("w", encoding="utf-8")
        path.chmod(0o600)
        faulthandler.enable(self._file)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        sys.unraisablehook = self._on_unraisable

    def close(self) -> None:
        """A regular end: an empty fault file says that nothing crashed."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        sys.unraisablehook = sys.__unraisablehook__
        faulthandler.disable()
        if self._file is not None:
            self._file.close()
            self._file = None

    def dump_stacks(self) -> None:
        """Write what every thread does just now into the fault file: for an engine that does not end."""
        if self._file is not None:
            faulthandler.dump_traceback(self._file)

    def _keep_last(self) -> None:
        path = self._logs / _FAULTS
        if path.is_file() and path.stat().st_size:
            last = self._logs / _LAST_FAULTS
            path.replace(last)
            self.last_faults = last.read_text(encoding="utf-8", errors="replace")

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        self._note(error, trace)

    def _on_thread_exception(self, arguments: Any) -> None:
        if arguments.exc_value is not None and arguments.exc_type is not SystemExit:
            self._note(arguments.exc_value, arguments.exc_traceback)

    def _on_unraisable(self, arguments: Any) -> None:
        if arguments.exc_value is not None:
            self._note(arguments.exc_value, arguments.exc_traceback)

    def _note(self, error: BaseException, trace: TracebackType | None) -> None:
        lines = traceback.format_exception(type(error), error, trace)
        text = redacted(_environment() + "".join(lines))
        log.critical("unexpected error\n%s", text)
        place = hash("".join(traceback.format_tb(trace)))
        if place not in self._told:
            # One dialog for each place that fails, however often it does.
            self._told.add(place)
            self._on_crash(text)


def _environment() -> str:
    from PySide6 import __version__ as qt

    return f"OrgMirror on {platform.platform()}, Python {platform.python_version()}, PySide6 {qt}\n\n"
