"""The file that an export becomes: written beside its place under another name, then moved there whole.

So a cancelled or failed export leaves nothing, and whoever looks never sees half a file. Files are 0600: what is in
them was in an encrypted mirror.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.model.errors import ErrorCode, OrgMirrorError


@contextmanager
def new_file(target: Path, *, replace: bool) -> Iterator[Path]:
    """An empty private file to write to; moved to `target` when the block ends well, removed when it does not.

    Raises TARGET_EXISTS unless `replace`, CANNOT_WRITE, DISK_FULL.
    """
    if target.is_dir() or (target.exists() and not target.is_file()):
        raise OrgMirrorError(ErrorCode.CANNOT_WRITE, path=str(target), reason="not a file")
    if target.exists() and not replace:
        raise OrgMirrorError(ErrorCode.TARGET_EXISTS, path=str(target))
    building = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        os.close(os.open(building, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise error_of(error, target) from error
    try:
        try:
            yield building
            _settle(building, target, replace)
        except OSError as error:
            raise error_of(error, target) from error
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            building.with_name(building.name + suffix).unlink(missing_ok=True)


def _settle(building: Path, target: Path, replace: bool) -> None:
    with building.open("rb+") as file:
        os.fsync(file.fileno())
    if replace:
        building.replace(target)
        return
    try:
        os.link(building, target)  # fails where `target` came to be meanwhile; a rename would replace it
    except FileExistsError as error:
        raise OrgMirrorError(ErrorCode.TARGET_EXISTS, path=str(target)) from error
    except OSError:  # a file system without hard links
        if target.exists():
            raise OrgMirrorError(ErrorCode.TARGET_EXISTS, path=str(target)) from None
        building.rename(target)


def error_of(error: OSError, target: Path) -> OrgMirrorError:
    """The coded form of an error of the file that was to be at `target`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OrgMirrorError(ErrorCode.DISK_FULL)
    return OrgMirrorError(ErrorCode.CANNOT_WRITE, path=str(target), reason=error.strerror or "")
