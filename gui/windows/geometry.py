"""`WindowGeometry`: where a window was, kept for the next start and put back on a screen that is still there."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRect, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from gui.desktop.window_file import WindowFile

_KEY = "geometry"


class WindowGeometry:
    """`restore` once, before the window is shown; `keep` whenever it may go."""

    def __init__(self, window: QWidget, store: WindowFile, usual: QSize) -> None:
        self._window = window
        self._store = store
        self._usual = usual

    def restore(self) -> None:
        """Where it was last time, otherwise the usual size in the middle of the screen."""
        kept = self._store.get(_KEY)
        if isinstance(kept, str) and self._window.restoreGeometry(QByteArray.fromBase64(kept.encode())):
            self._clamp()
            return
        screen = QGuiApplication.primaryScreen().availableGeometry()
        size = self._usual.boundedTo(screen.size() * 0.94)
        area = QRect(0, 0, size.width(), size.height())
        area.moveCenter(screen.center())
        self._window.setGeometry(area)

    def _clamp(self) -> None:
        """A screen may have gone since: at least a good part of the window must be on one."""
        frame = self._window.frameGeometry()
        for screen in QGuiApplication.screens():
            seen = screen.availableGeometry().intersected(frame)
            if seen.width() >= 200 and seen.height() >= 120:
                return
        screen_area = QGuiApplication.primaryScreen().availableGeometry()
        self._window.resize(self._window.size().boundedTo(screen_area.size()))
        self._window.move(screen_area.center() - self._window.rect().center())

    def keep(self) -> None:
        """Note where the window is."""
        self._store.set(_KEY, bytes(self._window.saveGeometry().toBase64().data()).decode())
