from __future__ import annotations

import stat
from pathlib import Path

import pytest

from core.paths import Home, private_folder, read_json, write_private
from core.settings import CYCLE_PAUSE_SECONDS, THEME, AppSettings


def test_the_home_given_wins_over_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORGMIRROR_HOME", str(tmp_path / "environment"))
    assert Home.resolve(str(tmp_path / "given")).root == tmp_path / "given"
    assert Home.resolve().root == tmp_path / "environment"


def test_the_demo_has_a_home_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORGMIRROR_HOME", raising=False)
    assert Home.resolve(demo=True).root != Home.resolve().root


def test_files_and_folders_are_for_this_user_alone(tmp_path: Path) -> None:
    folder = private_folder(tmp_path / "a" / "b")
    write_private(folder / "file.json", "{}")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "file.json").stat().st_mode) == 0o600
    assert [p.name for p in folder.iterdir()] == ["file.json"]


def test_only_a_json_object_is_taken(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(ValueError, match="JSON object"):
        read_json(tmp_path / "list.json")
    assert read_json(tmp_path / "absent.json") == {}


def test_settings_survive_and_stay_within_bounds(tmp_path: Path) -> None:
    home = Home(tmp_path)
    settings = AppSettings(home)
    heard: list[str] = []
    settings.on_change(heard.append)
    settings.set(THEME, "dark")
    assert heard == ["theme"]
    assert AppSettings(home).get(THEME) == "dark"
    with pytest.raises(ValueError, match="bounds"):
        settings.set(THEME, "purple")
    assert CYCLE_PAUSE_SECONDS.accept(5) == 300
    assert CYCLE_PAUSE_SECONDS.accept("60") == 300
    assert CYCLE_PAUSE_SECONDS.accept(60) == 60


def test_a_broken_settings_file_gives_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("{broken")
    assert AppSettings(Home(tmp_path)).get(THEME) == "system"
