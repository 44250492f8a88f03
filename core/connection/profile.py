"""`ConnectionProfile`: what is known of a connection, without its secrets; `ProfileStore` keeps one file for each.

The file is `connections/<uuid>/profile.json`, mode 0600, replaced in one step. Any thread may use the store.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import SignInMethod
from core.paths import read_json, write_private

log = logging.getLogger(__name__)

FILE_NAME = "profile.json"


@dataclass(frozen=True, slots=True)
class ConnectionProfile:
    """One connection. `objects` None means the default scope; `created_at` and `locked_since` are ISO-8601 UTC.

    `locked_since`: Salesforce said that the user is deactivated; nobody reads the mirror until a sign-in works again.
    """

    uuid: str
    name: str
    method: SignInMethod
    login_url: str
    instance_url: str
    org_id: str
    user_id: str
    org_name: str = ""
    user_name: str = ""
    username: str = ""
    client_id: str | None = None
    ca_file: str | None = None
    is_sandbox: bool = False
    is_demo: bool = False
    encrypted: bool = True
    objects: tuple[str, ...] | None = None
    created_at: str = ""
    locked_since: str = ""
    """`ca_file` is an absolute path here; on disk, a copy beside the profile is named without its folder."""

    def with_changes(self, **changes: Any) -> ConnectionProfile:
        """The same profile with some fields changed."""
        return replace(self, **changes)


class ProfileStore:
    """The profiles below one folder. A file that cannot be read is skipped and logged, never overwritten."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def list(self) -> list[ConnectionProfile]:
        """All profiles, by the time they were made."""
        found = []
        for path in sorted(self._folder.glob(f"*/{FILE_NAME}")):
            try:
                found.append(parse_profile(read_json(path), path.parent))
            except (OSError, ValueError, KeyError, TypeError) as error:
                log.warning("the profile in %s cannot be read: %s", path.parent.name, type(error).__name__)
        return sorted(found, key=lambda profile: (profile.created_at, profile.uuid))

    def get(self, uuid: str) -> ConnectionProfile:
        """The profile of that uuid. Raises NO_SUCH_CONNECTION."""
        for profile in self.list():
            if profile.uuid == uuid:
                return profile
        raise OrgMirrorError(ErrorCode.NO_SUCH_CONNECTION, name=uuid)

    def add(self, profile: ConnectionProfile) -> None:
        """Keep a new profile. Raises NAME_TAKEN (case aside), CANNOT_WRITE."""
        if any(other.name.casefold() == profile.name.casefold() for other in self.list()):
            raise OrgMirrorError(ErrorCode.NAME_TAKEN, name=profile.name)
        if not profile.created_at:
            now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            profile = profile.with_changes(created_at=now)
        self._save(profile)

    def replace(self, profile: ConnectionProfile) -> None:
        """Keep a changed profile. Raises NO_SUCH_CONNECTION, NAME_TAKEN, CANNOT_WRITE."""
        others = self.list()
        if all(other.uuid != profile.uuid for other in others):
            raise OrgMirrorError(ErrorCode.NO_SUCH_CONNECTION, name=profile.name)
        if any(o.uuid != profile.uuid and o.name.casefold() == profile.name.casefold() for o in others):
            raise OrgMirrorError(ErrorCode.NAME_TAKEN, name=profile.name)
        self._save(profile)

    def remove(self, uuid: str) -> None:
        """Forget a profile; the rest of its folder stays. Without effect when it is gone already."""
        self._path(uuid).unlink(missing_ok=True)

    def _path(self, uuid: str) -> Path:
        return self._folder / uuid / FILE_NAME

    def _save(self, profile: ConnectionProfile) -> None:
        path = self._path(profile.uuid)
        try:
            values = asdict(profile)
            if profile.ca_file is not None and Path(profile.ca_file).parent == path.parent:
                values["ca_file"] = Path(profile.ca_file).name  # the home folder may be moved as a whole
            write_private(path, json.dumps(values, indent=1, ensure_ascii=False))
        except OSError as error:
            raise OrgMirrorError(ErrorCode.CANNOT_WRITE, path=str(path)) from error


def parse_profile(raw: Mapping[str, Any], folder: Path) -> ConnectionProfile:
    """A profile from its file in `folder`; keys of newer versions are ignored.

    Raises KeyError, TypeError, ValueError.
    """
    known = {item.name for item in fields(ConnectionProfile)}
    values = {key: value for key, value in raw.items() if key in known}
    values["method"] = SignInMethod(values["method"])
    objects = values.get("objects")
    values["objects"] = None if objects is None or objects == "all" else tuple(str(name) for name in objects)
    if values.get("ca_file"):
        values["ca_file"] = str(folder / values["ca_file"])
    return ConnectionProfile(**values)
