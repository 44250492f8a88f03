"""The whole program as a process: window (offscreen), engine, demo org over HTTPS, signals, second start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.command import connect, orgmirror
from tests.helpers.demo_org import ROOT, DemoOrgProcess

SECONDS = 90


class Window:
    """A running window; what it does is read from its log."""

    def __init__(self, home: Path, *words: str) -> None:
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gui.main", "--home", str(home), *words],
            cwd=ROOT,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def log(self) -> str:
        path = self.home / "logs" / "orgmirror.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def wait_for(self, words: str) -> None:
        """Until the log holds `words`; fails when the program ends first."""
        end = time.monotonic() + SECONDS
        while words not in self.log():
            assert self.process.poll() is None, self.process.communicate()[1]
            assert time.monotonic() < end, f"{words!r} never came:\n{self.log()}"
            time.sleep(0.05)

    def end(self, *numbers: int) -> tuple[int, str]:
        """Send these signals; the exit code and what was said on stderr."""
        for number in numbers:
            if self.process.poll() is None:
                self.process.send_signal(number)
        _out, err = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, err


@pytest.fixture(scope="module")
def org() -> Iterator[DemoOrgProcess]:
    rows = {"Lead": 3000, "Contact": 1500, "Account": 500, "Task": 300, "CampaignMember": 500, "Opportunity": 200}
    with DemoOrgProcess(rows=rows) as made:
        yield made


@pytest.fixture
def home(org: DemoOrgProcess, tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    done = connect(folder, org)
    assert done.code == 0, done.err
    return folder


@pytest.fixture
def windows() -> Iterator[list[Window]]:
    made: list[Window] = []
    yield made
    for window in made:
        if window.process.poll() is None:
            window.process.kill()
            window.process.communicate()


def test_a_first_load_in_the_window_and_a_clean_end(home: Path, windows: list[Window]) -> None:
    window = Window(home)
    windows.append(window)
    window.wait_for("Lead is loaded: 3000 rows")
    code, err = window.end(signal.SIGTERM)
    assert (code, err) == (0, "")
    assert "quitting" in window.log()
    assert "CRITICAL" not in window.log()
    assert (home / "logs" / "faults.log").read_text(encoding="utf-8") == ""


def test_two_control_c_in_the_middle_of_a_load_harm_nothing(home: Path, windows: list[Window]) -> None:
    window = Window(home)
    windows.append(window)
    window.wait_for("is loaded")
    code, err = window.end(signal.SIGINT, signal.SIGINT)
    assert (code, err) == (0, "")
    again = Window(home)
    windows.append(again)
    again.wait_for("Lead is loaded: 3000 rows")
    assert again.end(signal.SIGINT)[0] == 0
    assert orgmirror(home, "doctor", "acme").code == 0


def test_a_second_start_shows_the_first_and_leaves(home: Path, windows: list[Window]) -> None:
    first = Window(home)
    windows.append(first)
    first.wait_for("is loaded")
    second = Window(home)
    windows.append(second)
    code, err = second.end()
    assert (code, err) == (0, "")
    assert first.process.poll() is None
    assert first.end(signal.SIGTERM)[0] == 0


def test_a_killed_window_leaves_a_home_that_opens(home: Path, windows: list[Window]) -> None:
    window = Window(home)
    windows.append(window)
    window.wait_for("is loaded")
    window.end(signal.SIGKILL)
    again = Window(home)
    windows.append(again)
    again.wait_for("Lead is loaded: 3000 rows")
    assert again.end(signal.SIGTERM)[0] == 0


def test_no_secret_is_left_in_the_home(home: Path, org: DemoOrgProcess, windows: list[Window]) -> None:
    window = Window(home)
    windows.append(window)
    window.wait_for("Lead is loaded: 3000 rows")
    window.end(signal.SIGTERM)
    secrets = [str(org.info[name]).encode() for name in ("access_token", "password", "client_secret")]
    found = [
        path.name
        for path in home.rglob("*")
        if path.is_file() and any(secret in path.read_bytes() for secret in secrets)
    ]
    assert found == []


def test_a_display_that_is_dead_is_said_in_words(tmp_path: Path) -> None:
    environment = {**os.environ, "DISPLAY": ":4242", "QT_QPA_PLATFORM": "xcb"}
    environment.pop("WAYLAND_DISPLAY", None)
    done = subprocess.run(
        [sys.executable, "-m", "gui.main", "--home", str(tmp_path / "home")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 1
    assert "no display" in done.stderr
