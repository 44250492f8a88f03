"""The walls that import-linter cannot see: what really gets loaded, and facts about the platform that were paid for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, Signal, Slot

ROOT = Path(__file__).resolve().parents[2]


def loaded_by(statement: str) -> set[str]:
    """The top-level packages in sys.modules of a fresh interpreter after `statement`."""
    code = f"{statement}\nimport sys\nprint(' '.join({{name.partition('.')[0] for name in sys.modules}}))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(answer.stdout.split())


@pytest.mark.parametrize("module", ["core.app", "core.cli", "core.messages", "core.demo.server"])
def test_core_loads_no_qt(module: str) -> None:
    loaded = loaded_by(f"import {module}")
    assert "core" in loaded
    assert not loaded & {"PySide6", "shiboken6", "gui"}


def test_the_entry_point_loads_no_qt_by_itself() -> None:
    """A missing display or library is found out before Qt is imported, since Qt aborts on it."""
    loaded = loaded_by("import gui.main")
    assert "gui" in loaded
    assert "PySide6" not in loaded


def test_the_program_does_not_load_the_demo_org() -> None:
    code = "import core.app, sys; print([name for name in sys.modules if (name + '.').startswith('core.demo.')])"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


class _Sender(QObject):
    sent = Signal(object)


class _Receiver(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    @Slot(object)
    def receive(self, value: object) -> None:
        self.calls += 1


def test_a_hundred_thousand_slot_calls() -> None:
    """PySide6 6.12.0 loses references of None and aborts here on Python 3.11 (the reason for the pin)."""
    sender, receiver = _Sender(), _Receiver()
    sender.sent.connect(receiver.receive, Qt.ConnectionType.DirectConnection)
    for _ in range(100_000):
        sender.sent.emit(None)
    assert receiver.calls == 100_000
