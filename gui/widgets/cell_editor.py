"""`CellEditor`: one cell of a list while a person writes into it: an editor over the painted cell, a fault below it.

GUI thread; a child of the list's viewport, so it scrolls and is clipped with it. Enter or leaving commits, Esc
restores; the list itself never has an editor of Qt's.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from gui.desktop import theme
from gui.text.field_values import BadValue
from gui.widgets.field_editors import FieldEditor
from gui.widgets.label import Label


class CellEditor(QFrame):
    """`committed` carries the value and how far to go on (-1, 0, 1 columns); `cancelled` that nothing is wanted."""

    committed = Signal(object, int)
    cancelled = Signal()

    def __init__(self, editor: FieldEditor, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("cellEditor")
        self.setProperty("area", "surface")
        self.setAutoFillBackground(True)
        self.editor = editor
        self._done = False
        self._fault = Label("bad", self, wrap=True, name="cellFault")
        self._fault.setFont(theme.font(theme.Type.SMALL))
        self._fault.hide()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addWidget(editor)
        box.addWidget(self._fault)
        editor.committed.connect(self._commit)
        editor.cancelled.connect(self._cancel)
        editor.left.connect(lambda: self._commit(0))
        editor.save_wanted.connect(lambda: self._commit(0))
        editor.changed.connect(self._fault.hide)

    def place(self, cell: QRect) -> None:
        """Stand over `cell` (in the viewport), as large as the editor needs."""
        viewport = self.parentWidget()
        wide = bool(self.editor.property("wide"))
        width = max(cell.width(), 320 if wide else 140)
        height = max(cell.height(), self.sizeHint().height())
        left = max(0, min(cell.left(), viewport.width() - width))
        top = max(0, min(cell.top(), viewport.height() - height))
        self.setGeometry(left, top, width, height)

    def tell(self, words: str) -> None:
        """Say what is wrong with the value; it can be mended in place."""
        self._done = False
        self._fault.setText(words)
        self._fault.show()
        self.editor.show_fault(True)
        self.resize(self.width(), self.sizeHint().height())
        self.raise_()
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _commit(self, step: int) -> None:
        if self._done:
            return
        try:
            value = self.editor.value()
        except BadValue as problem:
            self.tell(str(problem))
            return
        self._done = True
        self.committed.emit(value, step)

    def _cancel(self) -> None:
        if not self._done:
            self._done = True
            self.cancelled.emit()
