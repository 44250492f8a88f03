"""`LookupEditor`: a look-up is searched by name in the mirror, never typed as an id. GUI thread.

The list of hits is a child of the window, so it can take the focus away from nobody. An owner field finds active users
and, for leads, queues.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QWidget

from gui.desktop import theme
from gui.text.field_values import BadValue
from gui.widgets.field_editors import FieldEditor
from gui.widgets.plain_text import tooltip

if TYPE_CHECKING:
    from core.api.records import FormField, LookupHit

_TYPING_MS = 120
_ROWS = 8

# Asks for hits in the background and calls back on the GUI thread.
Search = Callable[[str, Callable[[Sequence["LookupHit"]], None]], None]


class LookupEditor(FieldEditor):
    """`value()` is the id of the record chosen, None where the line is empty."""

    def __init__(self, field: FormField, value: Any, label: str, search: Search, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._search = search
        self._id: str | None = value or None
        self._label = label
        self._asked = 0
        self.line = QLineEdit(label, self)
        self.line.setObjectName("editLookup")
        self.line.setPlaceholderText(self.tr("Type a name"))
        self.put_in(self.line)
        self.popup = QListWidget(self.window())
        self.popup.setObjectName("lookupHits")
        self.popup.setAccessibleName(self.tr("Records found"))
        self.popup.setFrameShape(QFrame.Shape.Box)
        self.popup.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.popup.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.popup.hide()
        self.popup.itemClicked.connect(self._take)
        self.destroyed.connect(self.popup.deleteLater)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_TYPING_MS)
        self._soon.timeout.connect(self._ask)
        self.line.textEdited.connect(self._typed)

    def value(self) -> Any:
        if self.line.text().strip() and self._id is None:
            raise BadValue(self.tr("Choose a record of the list."))
        return self._id

    def label(self) -> str:
        return self._label

    def begin(self, text: str | None = None) -> None:
        super().begin()
        if text is None:
            self.line.selectAll()
            self._ask()
        else:
            self.line.setText(text)
            self._typed(text)

    def holds_focus(self, widget: QWidget | None) -> bool:
        return widget is self.popup or super().holds_focus(widget)

    def on_key(self, event: QKeyEvent) -> bool:
        key, rows = event.key(), self.popup.count()
        if self.popup.isVisible() and rows:
            row = self.popup.currentRow()
            if key == Qt.Key.Key_Down:
                self._mark(min(row + 1, rows - 1))
                return True
            if key == Qt.Key.Key_Up:
                self._mark(max(row - 1, 0))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab) and row >= 0:
                if not self._take(self.popup.item(row)):
                    return True
                return super().on_key(event)
            if key == Qt.Key.Key_Escape:
                self.popup.hide()
                return True
        elif key == Qt.Key.Key_Down:
            self._ask()
            return True
        return super().on_key(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.popup.hide()

    def _typed(self, text: str) -> None:
        # Another name is not the record that was chosen; an empty line is no record.
        self._id = None
        self._label = ""
        self.changed.emit()
        if text.strip():
            self._soon.start()
        else:
            self.popup.hide()

    def _ask(self) -> None:
        self._asked += 1
        asked = self._asked
        text = self.line.text().strip() if self._id is None else ""

        def here(hits: Sequence[LookupHit]) -> None:
            if asked == self._asked and self.isVisible():
                self._show(hits)

        self._search(text, here)

    def _show(self, hits: Sequence[LookupHit]) -> None:
        self.popup.clear()
        for hit in hits:
            words = hit.title if not hit.subtitle else f"{hit.title}  ·  {hit.subtitle}"
            item = QListWidgetItem(theme.object_icon(hit.ref.object, "muted"), words, self.popup)
            item.setData(Qt.ItemDataRole.UserRole, (hit.ref.id, hit.title))
            item.setToolTip(tooltip(words))
        if not hits:
            item = QListWidgetItem(self.tr("Nothing found"), self.popup)
            item.setFlags(Qt.ItemFlag.NoItemFlags)
        self._place()
        self.popup.show()
        self.popup.raise_()
        typed = bool(self.line.text().strip()) and self._id is None
        self.popup.setCurrentRow(0 if hits and typed else -1)

    def _mark(self, row: int) -> None:
        self.popup.setCurrentRow(row)

    def _take(self, item: QListWidgetItem) -> bool:
        data = item.data(Qt.ItemDataRole.UserRole)
        if data is None or not item.flags() & Qt.ItemFlag.ItemIsEnabled:
            return False
        self._id, self._label = data
        self.line.setText(self._label)
        self.popup.hide()
        self.changed.emit()
        return True

    def _place(self) -> None:
        """Below the line, or above it where there is more room: never over what is being typed."""
        window = self.window()
        top = self.mapTo(window, QPoint(0, 0))
        row = max(self.popup.sizeHintForRow(0), 24)
        wanted = min(self.popup.count(), _ROWS) * row + 8
        below = window.height() - (top.y() + self.height()) - 8
        above = top.y() - 8
        if below >= wanted or below >= above:
            height, y = min(wanted, below), top.y() + self.height() + 2
        else:
            height = min(wanted, above)
            y = top.y() - height - 2
        width = min(max(self.width(), 320), window.width() - 8)
        left = min(top.x(), window.width() - width - 4)
        self.popup.setGeometry(max(4, left), y, width, max(height, row + 8))
