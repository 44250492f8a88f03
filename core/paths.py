"""Where things lie on disk: one home folder, moved as a whole by --home or ORGMIRROR_HOME.

Folders are made with mode 0700 and files with 0600 (rules 2), because even names of records tell something.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

_APP = "OrgMirror"
_DEMO_APP = "OrgMirror-Demo"
HOME_VARIABLE = "ORGMIRROR_HOME"


@dataclass(frozen=True, slots=True)
class Home:
    """The home folder. Nothing of the program is written outside it, secrets excepted: those are in the OS keyring."""

    root: Path

    @classmethod
    def resolve(cls, given: str | None = None, *, demo: bool = False) -> Home:
        """The folder asked for, else ORGMIRROR_HOME, else the platform's data folder; --demo has its own beside it."""
        chosen = given or os.environ.get(HOME_VARIABLE)
        if chosen:
            return cls(Path(chosen).expanduser().absolute())
        return cls(Path(platformdirs.user_data_dir(_DEMO_APP if demo else _APP, appauthor=False)))

    @property
    def settings_file(self) -> Path:
        return self.root / "settings.json"

    @property
    def window_file(self) -> Path:
        return self.root / "window.json"

    @property
    def connections(self) -> Path:
        return self.root / "connections"

    @property
    def demo_org(self) -> Path:
        """The demo server's own folder; everything in it is public."""
        return self.root / "demo-org"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def connection(self, uuid: str) -> Path:
        return self.connections / uuid

    def create(self) -> None:
        """Make the home folder, for this user alone."""
        private_folder(self.root)
        private_folder(self.connections)


def private_folder(path: Path) -> Path:
    """Make `path` (and its parents) if missing, with mode 0700."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path


def write_private(path: Path, text: str) -> None:
    """Replace the file's content in one step, mode 0600: a reader sees the old or the new text, never half of it."""
    private_folder(path.parent)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_json(path: Path) -> dict[str, Any]:
    """The file's JSON object; an absent file is an empty one. Raises ValueError for anything else."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError(f"{path.name} does not hold a JSON object")
    return value
