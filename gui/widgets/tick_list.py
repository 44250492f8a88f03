"""`TickList`: names with a box each, narrowed by typing; Space ticks the one under the keyboard. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gui.desktop import theme
from gui.desktop.theme import Space
from gui.text.folding import fold
from gui.widgets.clear_icon import give_clear_button
from gui.widgets.plain_text import tooltip

_KEY = int(Qt.ItemDataRole.UserRole) + 1
_FOUND = _KEY + 1
_WAIT_MS = 120


@dataclass(frozen=True, slots=True)
class Tick:
    """`key` names it; `note` is found by typing too and shown in the tooltip; `fixed` cannot be changed (and why)."""

    key: str
    label: str
    on: bool
    note: str = ""
    icon: str = ""
    fixed: str = ""


class TickList(QWidget):
    """`ticked` carries key and state, by the person only; `current_changed` the key under the keyboard."""

    ticked = Signal(str, bool)
    current_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.search = QLineEdit(self)
        self.search.setObjectName(f"{name}Search")
        give_clear_button(self.search)
        self.search.setProperty("quiet", True)
        glass = QAction(self)
        theme.bind_icon(glass, "search", "muted")
        self.search.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(_WAIT_MS)
        self._wait.timeout.connect(self._narrow)
        self.search.textChanged.connect(lambda _text: self._wait.start())
        self.list = QListWidget(self)
        self.list.setObjectName(f"{name}List")
        self.list.setUniformItemSizes(True)
        self.list.setSpacing(1)
        self.list.itemChanged.connect(self._on_changed)
        self.list.currentItemChanged.connect(self._on_current)
        self._filling = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.S)
        layout.addWidget(self.search)
        layout.addWidget(self.list, 1)

    def set_words(self, placeholder: str, accessible: str) -> None:
        self.search.setPlaceholderText(placeholder)
        self.search.setAccessibleName(placeholder)
        self.list.setAccessibleName(accessible)

    def show_ticks(self, ticks: Sequence[Tick]) -> None:
        """Show these; the one under the keyboard stays there."""
        kept = self.current
        self._filling = True
        self.list.clear()
        for tick in ticks:
            item = QListWidgetItem(tick.label)
            item.setData(_KEY, tick.key)
            item.setData(_FOUND, fold(f"{tick.label} {tick.key} {tick.note}"))
            flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
            if not tick.fixed:
                flags |= Qt.ItemFlag.ItemIsUserCheckable
            item.setFlags(flags)
            item.setCheckState(Qt.CheckState.Checked if tick.on else Qt.CheckState.Unchecked)
            if tick.icon:
                item.setIcon(theme.icon(tick.icon))
            if tick.fixed:
                item.setForeground(theme.colour("muted"))
            item.setToolTip(tooltip("\n".join(part for part in (tick.note or tick.key, tick.fixed) if part)))
            self.list.addItem(item)
        self._filling = False
        self._narrow()
        if kept:
            self.choose(kept)

    @property
    def current(self) -> str:
        """The key under the keyboard; empty where there is none."""
        item = self.list.currentItem()
        return str(item.data(_KEY)) if item is not None else ""

    @property
    def on(self) -> frozenset[str]:
        """The keys that are ticked."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return frozenset(str(item.data(_KEY)) for item in items if item.checkState() is Qt.CheckState.Checked)

    def choose(self, key: str) -> bool:
        """Put the keyboard on `key`."""
        for row in range(self.list.count()):
            if self.list.item(row).data(_KEY) == key:
                self.list.setCurrentRow(row)
                return True
        return False

    def set_on(self, key: str, on: bool) -> None:
        """Tick or untick one, without saying so."""
        self._filling = True
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.data(_KEY) == key:
                item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self._filling = False

    def tick_shown(self, on: bool) -> None:
        """Tick or untick all that the typing shows and that may be changed."""
        for row in range(self.list.count()):
            item = self.list.item(row)
            if not item.isHidden() and item.flags() & Qt.ItemFlag.ItemIsUserCheckable:
                item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)

    def _narrow(self) -> None:
        wanted = fold(self.search.text()).split()
        for row in range(self.list.count()):
            item = self.list.item(row)
            found = str(item.data(_FOUND))
            item.setHidden(not all(word in found for word in wanted))

    def _on_changed(self, item: QListWidgetItem) -> None:
        if not self._filling:
            self.ticked.emit(str(item.data(_KEY)), item.checkState() is Qt.CheckState.Checked)

    def _on_current(self, new: QListWidgetItem | None, _old: QListWidgetItem | None) -> None:
        if new is not None and not self._filling:
            self.current_changed.emit(str(new.data(_KEY)))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.EnabledChange:
            self.list.setEnabled(self.isEnabled())
