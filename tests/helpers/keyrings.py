"""A keyring for tests: one JSON file, so that child processes of a test share it.

A developer's real keyring is never touched. Selected by PYTHON_KEYRING_BACKEND; the file's place comes in a variable.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

FILE_VARIABLE = "ORGMIRROR_TEST_KEYRING"


class FileKeyring(KeyringBackend):
    """Entries by service and user name, in the clear: for tests alone."""

    @property
    def priority(self) -> float:  # type: ignore[override]
        # Negative: never chosen by itself, only by name.
        return -1

    def get_password(self, service: str, username: str) -> str | None:
        with _entries() as entries:
            return entries.get(service, {}).get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        with _entries() as entries:
            entries.setdefault(service, {})[username] = password

    def delete_password(self, service: str, username: str) -> None:
        with _entries() as entries:
            if username not in entries.get(service, {}):
                raise PasswordDeleteError("no such entry")
            del entries[service][username]


@contextmanager
def _entries() -> Iterator[dict[str, dict[str, str]]]:
    path = Path(os.environ[FILE_VARIABLE])
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = path.read_text(encoding="utf-8") if path.exists() else "{}"
        entries: dict[str, dict[str, str]] = json.loads(before)
        yield entries
        after = json.dumps(entries)
        if after != before:
            path.write_text(after, encoding="utf-8")
