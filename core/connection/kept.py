"""Mirrors that were kept when their connection was forgotten: a note in the folder says whose they are (rules 2).

The key stays in the keyring and the file where it is, so that the same user may take the mirror up again. The note
holds no secret. Any thread.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from core.connection.profile import FILE_NAME, ConnectionProfile, parse_profile
from core.paths import read_json, write_private

log = logging.getLogger(__name__)

NOTE_NAME = "kept.json"


@dataclass(frozen=True, slots=True)
class KeptMirror:
    """A mirror without a connection. `profile`: as it was, its way of signing in included."""

    profile: ConnectionProfile
    since: str

    @property
    def uuid(self) -> str:
        return self.profile.uuid

    def is_of(self, org_id: str, user_id: str) -> bool:
        """Whether it mirrors what this user of this org sees."""
        return self.profile.org_id == org_id and bool(user_id) and self.profile.user_id == user_id


def keep_note(folder: Path, profile: ConnectionProfile) -> None:
    """Say whose mirror stays in the folder. Raises OSError."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    bare = replace(profile, ca_file=None)
    write_private(folder / NOTE_NAME, json.dumps({"since": now, "profile": asdict(bare)}, ensure_ascii=False))


def drop_note(folder: Path) -> None:
    """The mirror has a connection again, or is gone."""
    (folder / NOTE_NAME).unlink(missing_ok=True)


def kept_mirrors(connections: Path) -> list[KeptMirror]:
    """Every kept mirror below the folder of connections, the newest first. What cannot be read is passed over."""
    found = []
    for path in connections.glob(f"*/{NOTE_NAME}"):
        if (path.parent / FILE_NAME).exists() or not (path.parent / "mirror.db").exists():
            continue
        try:
            raw = read_json(path)
            found.append(KeptMirror(parse_profile(raw["profile"], path.parent), str(raw["since"])))
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("the note in %s cannot be read: %s", path.parent.name, type(error).__name__)
    return sorted(found, key=lambda item: item.since, reverse=True)
