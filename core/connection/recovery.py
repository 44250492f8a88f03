"""The recovery code: a mirror's key, wrapped by a code that a person keeps on paper (rules 2).

`recovery.json` stands beside the profile, mode 0600. It holds the key encrypted (AES-GCM) under a key derived by scrypt
from the code, bound to the connection's uuid; the code itself is shown once and kept nowhere. Pure but for the file.
"""

from __future__ import annotations

import base64
import json
import secrets as random_bytes
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from core.model.errors import ErrorCode, OrgMirrorError
from core.paths import read_json, write_private

FILE_NAME = "recovery.json"
# Read off paper by people: without I, L, O and U. 32 characters, five bits each.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPS = 8
GROUP = 4
_AS_READ = str.maketrans({"O": "0", "I": "1", "L": "1"})
_VERSION = 1
_SALT_BYTES = 16
_NONCE_BYTES = 12
_SCRYPT = {"n": 2**15, "r": 8, "p": 1}
# What a file may ask for: more memory than this is not ours.
_MOST = {"n": 2**18, "r": 16, "p": 4}


def make_code() -> str:
    """A new code: eight groups of four characters with dashes between, 160 bits."""
    groups = ("".join(random_bytes.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


def keep(folder: Path, uuid: str, key: bytes, code: str) -> None:
    """Write the key, wrapped by the code, in place of an earlier one. Raises CANNOT_WRITE."""
    salt, nonce = random_bytes.token_bytes(_SALT_BYTES), random_bytes.token_bytes(_NONCE_BYTES)
    wrapped = AESGCM(_derived(code, salt, _SCRYPT)).encrypt(nonce, key, _bound_to(uuid))
    raw = {
        "version": _VERSION,
        "scrypt": _SCRYPT,
        "salt": base64.b64encode(salt).decode(),
        "nonce": base64.b64encode(nonce).decode(),
        "key": base64.b64encode(wrapped).decode(),
    }
    path = folder / FILE_NAME
    try:
        write_private(path, json.dumps(raw, indent=1))
    except OSError as error:
        raise OrgMirrorError(ErrorCode.CANNOT_WRITE, path=str(path)) from error


def unwrap(folder: Path, uuid: str, code: str, name: str) -> bytes:
    """The mirror's key. Case, dashes and spaces do not matter. Raises NO_RECOVERY_CODE, RECOVERY_CODE_WRONG.

    `name` is the connection's, for the sentence.
    """
    try:
        raw = read_json(folder / FILE_NAME)
        salt, nonce, wrapped = (base64.b64decode(str(raw[part]), validate=True) for part in ("salt", "nonce", "key"))
        cost = {part: _within(raw["scrypt"][part], most) for part, most in _MOST.items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OrgMirrorError(ErrorCode.NO_RECOVERY_CODE, name=name) from error
    try:
        return AESGCM(_derived(code, salt, cost)).decrypt(nonce, wrapped, _bound_to(uuid))
    except (InvalidTag, ValueError) as error:
        raise OrgMirrorError(ErrorCode.RECOVERY_CODE_WRONG, name=name) from error


def _derived(code: str, salt: bytes, cost: dict[str, int]) -> bytes:
    as_written = "".join(code.upper().translate(_AS_READ).replace("-", " ").split())
    return Scrypt(salt=salt, length=32, **cost).derive(as_written.encode())


def _bound_to(uuid: str) -> bytes:
    return f"OrgMirror recovery {_VERSION} {uuid}".encode()


def _within(value: Any, most: int) -> int:
    if not isinstance(value, int) or not 1 <= value <= most:
        raise ValueError("out of bounds")
    return value
