"""The entry point: what it understands, and when it says that there is no display."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gui import main
from gui.main import Options, UsageError, display_problem, parse

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("words", "options", "is_command", "wants"),
    [
        ([], Options(), False, None),
        (["--demo"], Options(demo=True), False, None),
        (["--demo", "--minimized", "--home", "/x"], Options(True, True, "/x"), False, None),
        (["--home=/x"], Options(home="/x"), False, None),
        (["--help"], Options(), False, "help"),
        (["--version"], Options(), False, "version"),
        (["status", "--json"], Options(), True, None),
        (["--home", "/x", "status"], Options(home="/x"), True, None),
        (["status", "--home", "/x"], Options(), True, None),
        (["--help", "status"], Options(), True, None),
    ],
)
def test_arguments(words: list[str], options: Options, is_command: bool, wants: str | None) -> None:
    assert parse(words) == (options, is_command, wants)


@pytest.mark.parametrize("words", [["--home"], ["--nonsense"], ["--home="], ["--home", ""]])
def test_what_cannot_be_understood(words: list[str]) -> None:
    with pytest.raises(UsageError):
        parse(words)


def test_usage_errors_end_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--nonsense"]) == 2
    said = capsys.readouterr()
    assert "--nonsense" in said.err
    assert not said.out


def test_help_names_every_subcommand(capsys: pytest.CaptureFixture[str]) -> None:
    from core.cli import SUBCOMMANDS

    assert main.main(["--help"]) == 0
    words = capsys.readouterr().out.replace(",", " ").split()
    assert [name for name in SUBCOMMANDS if name not in words] == []


def test_no_variable_means_no_display() -> None:
    assert display_problem({}, "linux") is not None


def test_a_screenless_platform_needs_none() -> None:
    assert display_problem({"QT_QPA_PLATFORM": "offscreen"}, "linux") is None
    assert display_problem({"QT_QPA_PLATFORM": "offscreen:size=800x600"}, "linux") is None


def test_other_systems_are_not_asked() -> None:
    assert display_problem({}, "win32") is None
    assert display_problem({}, "darwin") is None


def test_a_dead_display_is_found_out_in_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4242")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    said = display_problem({"DISPLAY": ":4242", "QT_QPA_PLATFORM": "xcb"}, "linux")
    assert said is not None
    assert ":4242" in said or "library" in said


def test_a_missing_library_is_named() -> None:
    said = "qt.qpa.plugin: From 6.5.0, xcb-cursor0 or libxcb-cursor0 is needed to load the Qt xcb platform plugin.\n"
    assert "libxcb-cursor0" in main._reason(said)
    assert "libEGL.so.1" in main._reason("ImportError: libEGL.so.1: cannot open shared object file: No such file")


def test_the_window_without_a_display_says_so(tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "gui.main", "--home", str(tmp_path / "home")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "no display" in done.stderr
    assert "DISPLAY" in done.stderr
    assert not done.stdout
