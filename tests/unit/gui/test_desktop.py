"""The small parts that touch the desktop: signals, autostart, crash notes, the log, window.json."""

from __future__ import annotations

import json
import logging
import os
import signal
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.desktop import autostart, log_file
from gui.desktop.crash import CrashGuard
from gui.desktop.signals import SignalWatch
from gui.desktop.window_file import WindowFile

TOKEN = "00D000000000001!AQEAQFake.Token_0123456789"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_wakes_the_loop(qtbot: QtBot, number: int) -> None:
    watch = SignalWatch()
    try:
        with qtbot.waitSignal(watch.arrived, timeout=10_000) as caught:
            os.kill(os.getpid(), number)
        assert caught.args == [number]
        with qtbot.waitSignal(watch.arrived, timeout=10_000):
            os.kill(os.getpid(), number)
    finally:
        before = signal.getsignal(number)
        watch.close()
    assert signal.getsignal(number) is not before


def test_autostart_writes_a_minimized_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert not autostart.is_enabled()
    autostart.set_enabled(True, ["/opt/Org Mirror/bin/100%/orgmirror"])
    entry = (tmp_path / "autostart" / "orgmirror.desktop").read_text(encoding="utf-8")
    assert 'Exec="/opt/Org Mirror/bin/100%%/orgmirror" --minimized' in entry
    assert autostart.is_enabled()
    autostart.set_enabled(False, [])
    assert not autostart.is_enabled()


def test_the_log_hides_tokens_and_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.Logger("a root of its own")
    monkeypatch.setattr(logging, "getLogger", lambda name=None: root if name is None else logging.Logger(name))
    monkeypatch.setattr(log_file, "qInstallMessageHandler", lambda _handler: None)
    log_file.start_logging(tmp_path / "logs")
    root.info("sent %s", TOKEN)
    for handler in root.handlers:
        handler.close()
    path = tmp_path / "logs" / "orgmirror.log"
    text = path.read_text(encoding="utf-8")
    assert "sent " in text
    assert TOKEN not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[tuple[CrashGuard, list[str]]]:
    told: list[str] = []
    made = CrashGuard(tmp_path / "logs", told.append)
    made.install()
    yield made, told
    made.close()


def fail(_number: int) -> None:
    raise RuntimeError(f"broken with {TOKEN}")


def test_each_place_that_fails_is_told_once(
    guard: tuple[CrashGuard, list[str]], expected_log: Callable[..., None]
) -> None:
    _, told = guard
    expected_log("unexpected error", level=logging.CRITICAL)
    for number in range(3):
        try:
            fail(number)
        except RuntimeError as error:
            sys.excepthook(type(error), error, error.__traceback__)
    assert len(told) == 1
    assert "RuntimeError" in told[0]
    assert TOKEN not in told[0]


def test_threads_are_heard_too(guard: tuple[CrashGuard, list[str]], expected_log: Callable[..., None]) -> None:
    _, told = guard
    expected_log("unexpected error", level=logging.CRITICAL)
    thread = threading.Thread(target=fail, args=(1,))
    thread.start()
    thread.join()
    assert len(told) == 1


def test_the_faults_of_the_last_run_are_kept(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    first = CrashGuard(logs, lambda _text: None)
    first.install()
    first.dump_stacks()
    first.close()
    second = CrashGuard(logs, lambda _text: None)
    second.install()
    second.close()
    assert "test_the_faults_of_the_last_run_are_kept" in second.last_faults
    third = CrashGuard(logs, lambda _text: None)
    third.install()
    third.close()
    assert third.last_faults == ""


def test_window_json_survives_nonsense(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "window.json"
    path.write_text("[1, 2", encoding="utf-8")
    store = WindowFile(path)
    assert store.get("x", 3) == 3
    store.set("x", {"a": 1})
    store.scoped("connection/u").set("pins", ["Lead"])
    store.save()
    assert json.loads(path.read_text(encoding="utf-8")) == {"connection/u/pins": ["Lead"], "x": {"a": 1}}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert WindowFile(path).scoped("connection/u").get("pins") == ["Lead"]
