"""The set-up decides rightly what is missing and when to install anew; installing itself is for a clean machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import bootstrap


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text((bootstrap.ROOT / name).read_text())
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "VENV_PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".venv" / "stamp.json")
    return tmp_path


@pytest.fixture
def installs(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What pip was asked for; making the environment only makes its folder."""
    calls: list[list[str]] = []

    def make() -> None:
        bootstrap.VENV_PYTHON.parent.mkdir(parents=True)
        bootstrap.VENV_PYTHON.touch()

    monkeypatch.setattr(bootstrap, "environment_works", bootstrap.VENV_PYTHON.exists)
    monkeypatch.setattr(bootstrap, "make_environment", make)
    monkeypatch.setattr(bootstrap, "pip_install", calls.append)
    return calls


def test_installs_once(installs: list[list[str]]) -> None:
    bootstrap.ensure_environment(dev=False)
    bootstrap.ensure_environment(dev=False)
    assert installs == [["-c", "constraints.txt", "-e", "."]]


def test_dev_is_more_than_plain(installs: list[list[str]]) -> None:
    bootstrap.ensure_environment(dev=False)
    bootstrap.ensure_environment(dev=True)
    bootstrap.ensure_environment(dev=False)
    assert [call[-1] for call in installs] == [".", ".[dev]"]


def test_a_changed_pin_installs_anew_with_the_same_extras(installs: list[list[str]], checkout: Path) -> None:
    bootstrap.ensure_environment(dev=True)
    (checkout / "constraints.txt").write_text("requests==2.32.5\n")
    bootstrap.ensure_environment(dev=False)
    assert [call[-1] for call in installs] == [".[dev]", ".[dev]"]


def test_tool_settings_do_not_install_anew(installs: list[list[str]], checkout: Path) -> None:
    bootstrap.ensure_environment(dev=False)
    path = checkout / "pyproject.toml"
    path.write_text(path.read_text().replace("line-length = 120", "line-length = 100"))
    bootstrap.ensure_environment(dev=False)
    assert len(installs) == 1


def test_a_failed_install_is_tried_again(installs: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: list[str]) -> None:
        raise bootstrap.SetupError("no network")

    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, "pip_install", fail)
        with pytest.raises(bootstrap.SetupError):
            bootstrap.ensure_environment(dev=False)
    bootstrap.ensure_environment(dev=False)
    assert len(installs) == 1


def test_missing_libraries_are_named_by_package() -> None:
    libraries = {"libc.so.6": "libc6", "libnosuchthing.so.9": "libnosuchthing9"}
    assert bootstrap.missing_libraries(libraries) == ["libnosuchthing9"]


def test_missing_packages_are_named_where_they_cannot_be_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "may_use_apt", lambda: False)
    bootstrap.provide(["libegl1", "libegl1", "dbus"], "The window looks for")
    assert "dbus libegl1" in capsys.readouterr().err


def test_no_venv_module_says_what_to_install(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "has_venv", lambda: False)
    monkeypatch.setattr(bootstrap, "may_use_apt", lambda: False)
    assert bootstrap.main(["install"]) == 1
    assert "-venv" in capsys.readouterr().err
