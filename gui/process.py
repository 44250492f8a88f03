"""Starting and ending the window's process: home folder, log, one instance, look, hooks, then the event loop."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from core.paths import Home
from core.settings import THEME, AppSettings
from gui.application import ALREADY_RUNNING, Application
from gui.desktop import theme
from gui.desktop.crash import CrashGuard
from gui.desktop.log_file import start_logging
from gui.desktop.signals import SignalWatch
from gui.desktop.single_instance import SingleInstance
from gui.text.numbers import set_default_locale

if TYPE_CHECKING:
    from core.app import App
    from gui.main import Options


def _make_app(home: Home) -> App:
    """On an operation's thread: what it imports takes longer than showing the window."""
    from core.app import App

    return App(home)


def run(options: Options, home: Home) -> int:
    """Run the window until it is quit; the answer is the exit code."""
    try:
        home.create()
    except OSError as problem:
        print(f"orgmirror: the home folder {home.root} cannot be used: {problem.strerror}", file=sys.stderr)
        return 1
    start_logging(home.logs)
    QApplication.setApplicationName("orgmirror")
    QApplication.setApplicationDisplayName("OrgMirror")
    QApplication.setDesktopFileName("orgmirror")
    qt = QApplication(sys.argv[:1])
    instance = SingleInstance(home.root)
    if not instance.acquire():
        if instance.ask_first_to_show():
            return ALREADY_RUNNING
        print("orgmirror: another OrgMirror uses this home folder and does not answer.", file=sys.stderr)
        return 1
    set_default_locale()
    # Read before the window is there: a dark desk must not flash white at each start.
    theme.apply(qt, AppSettings(home).get(THEME))
    watch = SignalWatch()
    application = Application(home, lambda: _make_app(home), demo=options.demo, minimized=options.minimized)
    guard = CrashGuard(home.logs, application.tell_crash)
    guard.install()
    application.on_stuck = guard.dump_stacks
    watch.arrived.connect(lambda _number: application.quit())
    instance.show_wished.connect(application.window.bring_to_front)
    application.start()
    if guard.last_faults:
        application.note_last_crash(guard.last_faults)
    code = qt.exec()
    guard.close()
    watch.close()
    instance.close()
    with contextlib.suppress(RuntimeError):
        application.deleteLater()
    return code
