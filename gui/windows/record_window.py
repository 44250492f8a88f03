"""`RecordWindow`: one record in a window of its own, and `RecordWindows`, which keeps them and finds the one open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget
from shiboken6 import isValid

from core.model.changes import Changes
from core.model.refs import RecordRef
from gui.models.edit_desk import EditDesk
from gui.widgets.record_pane import RecordPane

if TYPE_CHECKING:
    from core.api.browse import BrowseApi, RecordView

_WIDTH, _HEIGHT = 760, 780
_CASCADE = 28


class RecordWindow(QWidget):
    """A top-level window around a `RecordPane`; its title is the record's."""

    window_wanted = Signal(object)  # RecordRef
    gone = Signal(object)  # itself

    def __init__(
        self, browse: BrowseApi, ref: RecordRef, parent: QWidget | None = None, *, desk: EditDesk | None = None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("recordWindow")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(_WIDTH, _HEIGHT)
        self.pane = RecordPane(browse, self, in_window=True, desk=desk)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.pane)
        self.pane.shown.connect(self._name)
        self.pane.closed.connect(self.close)
        self.pane.window_wanted.connect(self.window_wanted)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Close), self, self.close)
        self._title = ""
        self.retranslate()
        self.pane.show_record(ref)

    def ref(self) -> RecordRef | None:
        """The record it shows."""
        return self.pane.record.ref if self.pane.record is not None else None

    def retranslate(self) -> None:
        self.setWindowTitle(self._title or self.tr("Record"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.pane.editing.leave()
        super().closeEvent(event)
        self.gone.emit(self)

    def _name(self, record: RecordView) -> None:
        title = " ".join(record.title.split())[:80]
        self._title = self.tr("{title} – {kind}").format(title=title, kind=record.object_label)
        self.retranslate()


class RecordWindows(QObject):
    """The record windows of one connection. Closed with their owner. `opened` carries a new `RecordWindow`."""

    opened = Signal(object)

    def __init__(self, browse: BrowseApi, parent: QObject | None = None, *, desk: EditDesk | None = None) -> None:
        super().__init__(parent)
        self._browse = browse
        self._desk = desk
        self._open: list[RecordWindow] = []
        if parent is not None:
            # A list and a function, not a method: this object is gone by then.
            opened = self._open
            parent.destroyed.connect(lambda: _close(opened))

    def open(self, ref: RecordRef) -> RecordWindow:
        """Show `ref` in a window; the one that shows it already comes to the front."""
        window = next((w for w in self._open if w.ref() == ref), None)
        if window is None:
            window = RecordWindow(self._browse, ref, desk=self._desk)
            window.gone.connect(self._forget)
            window.window_wanted.connect(self.open)
            self.opened.emit(window)
            if self._open:
                window.move(self._open[-1].pos().x() + _CASCADE, self._open[-1].pos().y() + _CASCADE)
            self._open.append(window)
        window.show()
        window.raise_()
        window.activateWindow()
        return window

    def windows(self) -> tuple[RecordWindow, ...]:
        return tuple(self._open)

    def apply_changes(self, changes: Changes) -> None:
        """Let each window look at what changed."""
        for window in self._open:
            window.pane.apply_changes(changes)

    def close_all(self) -> None:
        """Close every window."""
        _close(self._open)

    def _forget(self, window: RecordWindow) -> None:
        if window in self._open:
            self._open.remove(window)


def _close(windows: list[RecordWindow]) -> None:
    for window in list(windows):
        if isValid(window):
            window.close()
