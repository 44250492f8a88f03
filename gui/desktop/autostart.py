"""Starting at login: the XDG autostart entry, written from the desktop-entry template. Files only, no Qt.

Only Linux has an entry so far; `is_supported` tells, and the setting hides itself elsewhere.
"""

from __future__ import annotations

import os
import re
import string
import sys
from importlib.resources import files
from pathlib import Path

_FILE = "orgmirror.desktop"
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")


def is_supported() -> bool:
    """Whether this system has a place for an autostart entry that we know."""
    return sys.platform.startswith("linux")


def folder() -> Path:
    """Where the desktop looks for autostart entries."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "autostart"


def is_enabled() -> bool:
    """Whether the program starts at login."""
    return is_supported() and (folder() / _FILE).is_file()


def set_enabled(enabled: bool, command: list[str]) -> None:
    """Write or remove the entry; `command` starts the program, `--minimized` is added. Raises OSError."""
    target = folder() / _FILE
    if not enabled:
        target.unlink(missing_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    template = files("resources").joinpath("desktop", _FILE).read_text(encoding="utf-8")
    target.write_text(
        string.Template(template).substitute(exec=_exec_line([*command, "--minimized"])), encoding="utf-8"
    )


def _exec_line(words: list[str]) -> str:
    """The words as the Exec key wants them: double quotes only, and a percent sign doubled (it starts a field code)."""
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    doubled = word.replace("%", "%%")
    if _PLAIN.fullmatch(word):
        return doubled
    # Escaped once for the quotes and once more because the key's value is a string with escapes itself.
    return '"' + re.sub(r'(["`$\\\\])', r"\\\\\1", doubled) + '"'
