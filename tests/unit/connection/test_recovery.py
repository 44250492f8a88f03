from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from core.connection import recovery
from core.model.errors import ErrorCode, OrgMirrorError

KEY = bytes(range(32))
UUID = "11111111-2222-3333-4444-555555555555"


def refused(folder: Path, code: str, uuid: str = UUID) -> ErrorCode:
    with pytest.raises(OrgMirrorError) as caught:
        recovery.unwrap(folder, uuid, code, "acme")
    return caught.value.code


def test_a_code_is_eight_groups_of_four_readable_characters() -> None:
    codes = {recovery.make_code() for _ in range(50)}
    assert len(codes) == 50
    for code in codes:
        groups = code.split("-")
        assert [len(group) for group in groups] == [4] * 8
        assert set("".join(groups)) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def test_the_code_brings_the_key_back_however_it_is_typed(tmp_path: Path) -> None:
    code = "0A1B-CDEF-GHJK-MNPQ-RSTV-WXYZ-0123-4567"
    recovery.keep(tmp_path, UUID, KEY, code)
    assert stat.S_IMODE((tmp_path / "recovery.json").stat().st_mode) == 0o600
    typed = [code, code.lower(), code.replace("-", ""), code.replace("-", " "), f"  {code}\n", code.replace("0", "O")]
    for text in (*typed, code.replace("1", "l"), code.replace("1", "I")):
        assert recovery.unwrap(tmp_path, UUID, text, "acme") == KEY


def test_another_code_another_connection_or_a_changed_file_open_nothing(tmp_path: Path) -> None:
    code = recovery.make_code()
    recovery.keep(tmp_path, UUID, KEY, code)
    assert refused(tmp_path, recovery.make_code()) is ErrorCode.RECOVERY_CODE_WRONG
    assert refused(tmp_path, "") is ErrorCode.RECOVERY_CODE_WRONG
    assert refused(tmp_path, code, "another-uuid") is ErrorCode.RECOVERY_CODE_WRONG
    file = tmp_path / "recovery.json"
    raw = json.loads(file.read_text())
    file.write_text(json.dumps({**raw, "key": raw["key"][::-1]}))
    assert refused(tmp_path, code) in (ErrorCode.RECOVERY_CODE_WRONG, ErrorCode.NO_RECOVERY_CODE)


def test_a_newer_code_ends_the_earlier_one(tmp_path: Path) -> None:
    first, second = recovery.make_code(), recovery.make_code()
    recovery.keep(tmp_path, UUID, KEY, first)
    recovery.keep(tmp_path, UUID, KEY, second)
    assert refused(tmp_path, first) is ErrorCode.RECOVERY_CODE_WRONG
    assert recovery.unwrap(tmp_path, UUID, second, "acme") == KEY


@pytest.mark.parametrize("change", ["absent", "not json", "not an object", "no salt", "greedy"])
def test_a_file_that_is_none(tmp_path: Path, change: str) -> None:
    """A file that asks for more memory than a wrapped key needs is none of ours."""
    code = recovery.make_code()
    recovery.keep(tmp_path, UUID, KEY, code)
    file = tmp_path / "recovery.json"
    raw = json.loads(file.read_text())
    if change == "absent":
        file.unlink()
    elif change == "not json":
        file.write_text("{")
    elif change == "not an object":
        file.write_text("[]")
    elif change == "no salt":
        file.write_text(json.dumps({key: value for key, value in raw.items() if key != "salt"}))
    else:
        file.write_text(json.dumps({**raw, "scrypt": {"n": 2**40, "r": 8, "p": 1}}))
    assert refused(tmp_path, code) is ErrorCode.NO_RECOVERY_CODE


def test_neither_key_nor_code_stand_in_the_file(tmp_path: Path) -> None:
    code = recovery.make_code()
    recovery.keep(tmp_path, UUID, KEY, code)
    text = (tmp_path / "recovery.json").read_text()
    assert KEY.hex() not in text
    assert code not in text
    assert code.replace("-", "") not in text
