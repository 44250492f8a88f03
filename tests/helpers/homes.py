"""Homes that are made once and read by many tests: a first load takes seconds, a look at it does not.

A kept home has a keyring file of its own; `use` makes it the keyring in force for one test. A test that changes the
home works on a `copy`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import keyring
import pytest

from tests.helpers.keyrings import FILE_VARIABLE, FileKeyring


@dataclass(frozen=True)
class KeptHome:
    """A home folder and the keyring that belongs to it."""

    path: Path
    keyring: Path

    def use(self, monkeypatch: pytest.MonkeyPatch) -> Path:
        """Make its keyring the one in force for this test; the home's folder."""
        monkeypatch.setenv(FILE_VARIABLE, str(self.keyring))
        return self.path

    def copy(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A copy that the test may change, with its keyring in force; the copy's folder."""
        shutil.copytree(self.path, folder / "home")
        shutil.copy(self.keyring, folder / "keyring.json")
        return KeptHome(folder / "home", folder / "keyring.json").use(monkeypatch)


@contextmanager
def making(folder: Path) -> Iterator[KeptHome]:
    """For a fixture of a wider scope than a test: inside, the new home's keyring is in force."""
    home = KeptHome(folder / "home", folder / "kept-keyring.json")
    before = keyring.get_keyring()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FILE_VARIABLE, str(home.keyring))
        patch.setenv("PYTHON_KEYRING_BACKEND", "tests.helpers.keyrings.FileKeyring")
        for name in [name for name in os.environ if name.startswith("ORGMIRROR_") and name != FILE_VARIABLE]:
            patch.delenv(name)
        keyring.set_keyring(FileKeyring())
        try:
            yield home
        finally:
            keyring.set_keyring(before)
