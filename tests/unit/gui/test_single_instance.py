"""One window per home folder: the lock decides, the socket carries the wish."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from gui.desktop.single_instance import SingleInstance

ROOT = Path(__file__).resolve().parents[3]
SECOND = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from gui.desktop.single_instance import SingleInstance
app = QCoreApplication([])
second = SingleInstance(Path(sys.argv[1]))
print("first" if second.acquire() else f"second {second.ask_first_to_show()}")
second.close()
"""


def start_second(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SECOND, str(home)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def said(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    return out.strip()


def test_a_second_start_shows_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    first = SingleInstance(tmp_path)
    assert first.acquire()
    with qtbot.waitSignal(first.show_wished, timeout=30_000):
        second = start_second(tmp_path)
    # The answer leaves on our loop: let it run until the other has it.
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=30_000)
    assert said(second) == "second True"
    first.close()


def test_another_home_is_another_program(qtbot: QtBot, tmp_path: Path) -> None:
    first = SingleInstance(tmp_path)
    assert first.acquire()
    other = tmp_path / "other"
    other.mkdir()
    assert said(start_second(other)) == "first"
    first.close()


def test_a_home_is_free_again_after_the_end(qtbot: QtBot, tmp_path: Path) -> None:
    first = SingleInstance(tmp_path)
    assert first.acquire()
    first.close()
    assert said(start_second(tmp_path)) == "first"


def test_nobody_answers_where_nobody_listens(qtbot: QtBot, tmp_path: Path) -> None:
    assert not SingleInstance(tmp_path).ask_first_to_show()
