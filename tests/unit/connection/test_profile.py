"""Profiles on disk: private, replaced in one step, without secrets."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from core.connection.profile import ConnectionProfile, ProfileStore
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import SignInMethod


def profile(uuid: str = "u1", name: str = "Acme") -> ConnectionProfile:
    return ConnectionProfile(
        uuid,
        name,
        SignInMethod.PASSWORD,
        "https://login.salesforce.com",
        "https://acme.my.salesforce.com",
        "00D",
        "005",
    )


def test_round_trip(tmp_path: Path) -> None:
    store = ProfileStore(tmp_path)
    assert store.list() == []
    store.add(profile().with_changes(objects=("Lead", "Contact"), org_name="Ácme 株式会社"))
    [kept] = store.list()
    assert kept.objects == ("Lead", "Contact")
    assert kept.org_name == "Ácme 株式会社"
    assert kept.created_at.endswith("Z")
    assert store.get("u1") == kept
    path = tmp_path / "u1" / "profile.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    store.replace(kept.with_changes(name="Other"))
    assert store.get("u1").name == "Other"
    store.remove("u1")
    store.remove("u1")
    assert store.list() == []


def test_names_are_unique_whatever_their_case(tmp_path: Path) -> None:
    store = ProfileStore(tmp_path)
    store.add(profile())
    store.add(profile("u2", "Other"))
    for change in (lambda: store.add(profile("u3", "ACME")), lambda: store.replace(profile("u2", "acme"))):
        with pytest.raises(OrgMirrorError) as caught:
            change()
        assert caught.value.code is ErrorCode.NAME_TAKEN
    with pytest.raises(OrgMirrorError) as caught:
        store.replace(profile("u9", "New"))
    assert caught.value.code is ErrorCode.NO_SUCH_CONNECTION


def test_a_broken_profile_is_skipped_and_left_alone(tmp_path: Path, expected_log: Callable[..., None]) -> None:
    store = ProfileStore(tmp_path)
    store.add(profile())
    broken = tmp_path / "u2" / "profile.json"
    broken.parent.mkdir()
    broken.write_text("{")
    expected_log("cannot be read")
    assert [item.uuid for item in store.list()] == ["u1"]
    assert broken.read_text() == "{"


def test_a_newer_programs_keys_are_ignored(tmp_path: Path) -> None:
    store = ProfileStore(tmp_path)
    store.add(profile())
    path = tmp_path / "u1" / "profile.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "later": 1, "objects": "all"}))
    assert store.get("u1").objects is None
