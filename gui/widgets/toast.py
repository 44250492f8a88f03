"""`Toasts`: short notes at the foot of the window, one at a time, with one action such as Undo. Never modal."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QHBoxLayout, QPushButton, QToolButton, QWidget

from gui.desktop import theme
from gui.desktop.theme import Space
from gui.models.edit_desk import Notice
from gui.widgets.icon_view import IconView
from gui.widgets.label import Label

_SHOWN_MS = 7000
_FOCUSED_ROUNDS = 4
_MARGIN = 24
_WAITING = 5


@dataclass(frozen=True, slots=True)
class _Note:
    text: str
    icon: str
    role: str
    action: str
    call: Callable[[], None] | None


class Toasts(QFrame):
    """Child of the window it lies upon. Hovering or focusing keeps the note."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("toast")
        self.setProperty("area", "card")
        self._waiting: deque[_Note] = deque(maxlen=_WAITING)
        self._call: Callable[[], None] | None = None
        self._icon = IconView("info", 18, "accent", self)
        self._text = Label("", self, name="toastText")
        self._action = QPushButton(self)
        self._action.setObjectName("toastAction")
        self._action.setProperty("kind", "link")
        self._action.clicked.connect(self._on_action)
        self._close = QToolButton(self)
        self._close.setObjectName("toastClose")
        theme.bind_icon(self._close, "close", "muted", 16)
        self._close.clicked.connect(self._next)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.L, Space.S, Space.S, Space.S)
        layout.setSpacing(Space.M)
        layout.addWidget(self._icon)
        layout.addWidget(self._text)
        layout.addWidget(self._action)
        layout.addWidget(self._close)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(28)
        shadow.setOffset(0, 6)
        colour = theme.colour("shadow")
        colour.setAlpha(70)
        shadow.setColor(colour)
        self.setGraphicsEffect(shadow)
        self._rounds = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SHOWN_MS)
        self._timer.timeout.connect(self._on_time)
        window.installEventFilter(self)
        self.retranslate()
        self.hide()

    def show_note(
        self,
        text: str,
        *,
        icon: str = "info",
        role: str = "accent",
        action: str = "",
        call: Callable[[], None] | None = None,
    ) -> None:
        """Show `text` (plain), after what is shown now has had its time."""
        note = _Note(text, icon, role, action, call)
        if self.isVisible() and self._action.isHidden() and not action:
            # Nothing to choose in either: the newer word is the one of interest.
            self._show(note)
            return
        if self.isVisible():
            self._waiting.append(note)
            return
        self._show(note)

    def show_notice(self, notice: Notice) -> None:
        """Show what an act or a failure has to say, with its action, at once: it is what the person just did."""
        if self.isVisible():
            self._waiting.clear()
            self._timer.stop()
            self.hide()
        self.show_note(notice.text, icon=notice.icon, role=notice.role, action=notice.action, call=notice.call)

    def retranslate(self) -> None:
        self._close.setAccessibleName(self.tr("Close this note"))
        self._close.setToolTip(self.tr("Close this note"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _show(self, note: _Note) -> None:
        self._rounds = 0
        self._icon.set_icon(note.icon, note.role)
        self._text.setText(note.text)
        self._call = note.call
        self._action.setText(note.action)
        self._action.setVisible(bool(note.action))
        self.setAccessibleName(note.text)
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()
        self._timer.start()

    def _place(self) -> None:
        window = self.parentWidget()
        if window is None:
            return
        self.adjustSize()
        width = min(self.width(), window.width() - 2 * _MARGIN)
        self.resize(width, self.height())
        self.move((window.width() - width) // 2, window.height() - self.height() - _MARGIN)

    def _on_time(self) -> None:
        # The keyboard may have come here by itself, from what vanished: that holds a note longer, not for good.
        self._rounds += 1
        focused = self._action.hasFocus() or self._close.hasFocus()
        if self.underMouse() or (focused and self._rounds < _FOCUSED_ROUNDS):
            self._timer.start()
            return
        self._next()

    def _on_action(self) -> None:
        call = self._call
        self._next()
        if call is not None:
            call()

    def _next(self) -> None:
        self._timer.stop()
        self.hide()
        self._call = None
        if self._waiting:
            self._show(self._waiting.popleft())
