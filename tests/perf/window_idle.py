"""The program itself, minimized, in the tray where there is one: what it costs to wait. `window_idle.py HOME SECONDS`.

Starts without its window on the offscreen platform, waits for the end of the first cycle, lets the work after it end,
and prints the processor time that the pause took as one JSON object.
"""

from __future__ import annotations

import json
import sys
import time

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QApplication

from core.model.progress import CycleResult
from core.paths import Home
from gui.main import Options
from gui.process import run
from gui.workers.session import Session

SETTLE_MS = 5_000


class Watch:
    """Two looks at this process's processor time. GUI thread; its own timers fire twice in all."""

    def __init__(self, session: Session, seconds: float) -> None:
        self._session = session
        self._seconds = seconds
        self._outcome = ""
        self._begun: tuple[float, float] | None = None
        session.cycle_ended.connect(self._ended)

    def _ended(self, result: CycleResult) -> None:
        if not self._outcome:
            self._outcome = result.outcome.value
            QTimer.singleShot(SETTLE_MS, self._begin)

    def _begin(self) -> None:
        self._begun = (time.perf_counter(), time.process_time())
        QTimer.singleShot(int(self._seconds * 1000), self._tell)

    def _tell(self) -> None:
        assert self._begun is not None
        seconds, cpu = time.perf_counter() - self._begun[0], time.process_time() - self._begun[1]
        told = {"result": self._outcome, "seconds": round(seconds, 1), "percent": round(100 * cpu / seconds, 3)}
        print(json.dumps(told), flush=True)
        for widget in QApplication.topLevelWidgets():
            if hasattr(widget, "quit_wished"):
                widget.quit_wished.emit()
                return
        QCoreApplication.exit(1)


def main(home: str, seconds: str) -> int:
    watches: list[Watch] = []
    start = Session.start

    def start_watched(session: Session) -> None:
        watches.append(Watch(session, float(seconds)))
        start(session)

    Session.start = start_watched  # type: ignore[method-assign]
    return run(Options(home=home, minimized=True), Home.resolve(home))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
