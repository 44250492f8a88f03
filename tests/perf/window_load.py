"""The real window during a first load: how late does its event loop come to a timer? `python window_load.py HOME`.

Runs the program itself on the offscreen platform, with a timer of 2 ms added, until the first cycle has ended; then
prints one JSON object: lateness in milliseconds (p50, p99, max), the number of samples, and how the cycle ended.
"""

from __future__ import annotations

import json
import sys
import time

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import QApplication

from core.model.progress import CycleResult
from core.paths import Home
from gui.main import Options
from gui.process import run
from gui.workers.session import Session

INTERVAL_MS = 2


class Probe:
    """Notes how much later than asked each tick comes. GUI thread, like the loop it measures."""

    def __init__(self, session: Session) -> None:
        self._late: list[float] = []
        self._begun = self._last = time.perf_counter()
        self._timer = QTimer(session)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._tick)
        session.cycle_ended.connect(self._ended)
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self._late.append(max(0.0, (now - self._last) * 1000 - INTERVAL_MS))
        self._last = now

    def _ended(self, result: CycleResult) -> None:
        self._timer.stop()
        late = sorted(self._late)
        print(
            json.dumps(
                {
                    "result": result.outcome.value,
                    "seconds": round(time.perf_counter() - self._begun, 2),
                    "samples": len(late),
                    "p50_ms": round(late[len(late) // 2], 2),
                    "p99_ms": round(late[len(late) * 99 // 100], 2),
                    "max_ms": round(late[-1], 2),
                }
            ),
            flush=True,
        )
        for widget in QApplication.topLevelWidgets():
            # The ordinary way out, with its whole quit sequence.
            if hasattr(widget, "quit_wished"):
                widget.quit_wished.emit()
                return
        QCoreApplication.exit(1)


def main(home: str) -> int:
    probes: list[Probe] = []
    start = Session.start

    def start_measured(session: Session) -> None:
        probes.append(Probe(session))
        start(session)

    Session.start = start_measured  # type: ignore[method-assign]
    return run(Options(home=home), Home.resolve(home))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
