"""Takes the pictures of docs/images from the running program after a real first sync of the demo org.

    python tools/screenshots.py [--to docs/images] [--home DIR] [--all]

Each variation (light, dark, 200 %) runs in a process of its own, since the scale is fixed once Qt has started. They
share one home folder: the first shows the load, the others start from the mirror that is there.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

SIZE = (1280, 800)
SECONDS = 300
VARIATIONS = (("light", "1"), ("dark", "1"), ("light", "2"))
# What the repository keeps; --all takes every picture, to look at.
KEPT = frozenset({"loading-light", "sync-light", "contacts-light", "contacts-dark"})
Step = Callable[[], bool]


def shoot_all(home: Path, to: Path, *, everything: bool) -> int:
    """Every variation, one after the other."""
    to.mkdir(parents=True, exist_ok=True)
    for theme, scale in VARIATIONS:
        if scale != "1" and not everything:
            continue
        environment = {**os.environ, "QT_SCALE_FACTOR": scale}
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        command = [sys.executable, __file__, "--home", str(home), "--to", str(to), "--theme", theme, "--scale", scale]
        command += ["--all"] if everything else []
        done = subprocess.run(command, env=environment, cwd=ROOT, check=False)
        if done.returncode:
            return done.returncode
    return 0


def shoot(home_folder: Path, to: Path, theme_name: str, scale: str, *, everything: bool) -> int:
    """One variation, in this process."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication, QWidget

    from core.app import App
    from core.paths import Home
    from gui.application import Application
    from gui.desktop import theme
    from gui.text.numbers import set_default_locale

    home = Home(home_folder)
    home.create()
    qt = QApplication(sys.argv[:1])
    set_default_locale()
    theme.apply(qt, theme_name)

    def make_app() -> App:
        app = App(home)
        from core.settings import THEME

        app.settings.set(THEME, theme_name)
        return app

    application = Application(home, make_app, demo=True)
    window = application.window
    window.resize(*SIZE)
    suffix = f"{theme_name}-200" if scale == "2" else theme_name

    def picture(name: str, widget: QWidget = window) -> None:
        if not everything and f"{name}-{suffix}" not in KEPT:
            return
        file = to / f"{name}-{suffix}.png"
        widget.grab().save(str(file))
        print(file)

    def script() -> Iterator[Step]:
        yield lambda: window.session is not None and window.session.status is not None
        session = window.session
        assert session is not None
        if session.status is None or session.status.last_ok_at is None:
            yield lambda: session.progress is not None and session.progress.rows_done > 40_000
            window.show_place("home")
            yield pause(0.3)
            picture("loading")
            window.show_place("sync")
            yield pause(0.3)
            picture("sync-loading")
        yield lambda: session.status is not None and session.status.last_ok_at is not None and not session.is_busy
        window.show_place("home")
        yield pause(1.0)
        picture("home")
        window.show_place("sync")
        yield pause(0.6)
        picture("sync")
        page = window.show_object("Contact")
        assert page is not None
        yield lambda: page.model.rowCount() > 0
        yield pause(1.0)
        page.table.setFocus()
        page.table.selectRow(3)
        page.table.row_clicked.emit(3)
        yield pause(1.5)
        picture("contacts")
        window.search.field.setText("mar")
        window.search.field.textEdited.emit("mar")
        yield pause(1.2)
        picture("search")
        window.search.field.clear()
        window.show_place("needs-you")
        yield pause(0.5)
        picture("needs-you")
        application.open_wizard()
        yield pause(0.6)
        wizard = application.wizard
        assert wizard is not None
        picture("connect", wizard)
        wizard.reject()
        window.show_place("home")

    steps = script()
    current: list[Step] = [lambda: True]
    end = time.monotonic() + SECONDS
    failed: list[str] = []

    def tick() -> None:
        if time.monotonic() > end:
            failed.append("a picture took too long")
        elif not current[0]():
            return
        else:
            try:
                current[0] = next(steps)
                return
            except StopIteration:
                pass
            except Exception as error:
                failed.append(repr(error))
        timer.stop()
        application.quit()

    timer = QTimer()
    timer.setInterval(40)
    timer.timeout.connect(tick)
    application.start()
    timer.start()
    code = qt.exec()
    for line in failed:
        print(line, file=sys.stderr)
    return 1 if failed else code


def pause(seconds: float) -> Step:
    """Lets answers from the background arrive and be painted."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--theme")
    parser.add_argument("--scale", default="1")
    parser.add_argument("--all", action="store_true")
    wanted = parser.parse_args()
    if wanted.theme and wanted.home:
        return shoot(wanted.home, wanted.to, wanted.theme, wanted.scale, everything=wanted.all)
    if wanted.home:
        return shoot_all(wanted.home, wanted.to, everything=wanted.all)
    with tempfile.TemporaryDirectory(prefix="om-shots-", ignore_cleanup_errors=True) as folder:
        return shoot_all(Path(folder), wanted.to, everything=wanted.all)


if __name__ == "__main__":
    sys.exit(main())
