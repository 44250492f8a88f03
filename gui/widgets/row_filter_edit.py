"""`RowFilterEdit`: which records of an object are mirrored: a SOQL condition, with how many fit it now. GUI thread.

The count asks the org, in the background and a moment after the typing; a condition that Salesforce refuses says so in
Salesforce's own words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from core.model.errors import OrgMirrorError
from gui.desktop.theme import Space
from gui.operations import Operations, QueryOp
from gui.text import errors, numbers
from gui.widgets.label import Label

if TYPE_CHECKING:
    from core.api.scope import ScopeApi

_WAIT_MS = 700
_LINES = 3


class RowFilterEdit(QWidget):
    """`changed` carries the condition by the person's typing; `refused` whether the org took the last one."""

    changed = Signal(str)

    def __init__(self, scope: ScopeApi, operations: Operations, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rowFilter")
        self._scope = scope
        self._operations = operations
        self._object = ""
        self._rows = 0
        self._op: QueryOp[int] | None = None
        self._said: str | None = None
        self.refused = False
        self.text = QPlainTextEdit(self)
        self.text.setObjectName("rowFilterText")
        face = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        face.setPixelSize(max(9, self.font().pixelSize()))
        self.text.setFont(face)
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(self.text.fontMetrics().lineSpacing() * _LINES + 2 * Space.S + 2)
        self.text.textChanged.connect(self._on_text)
        self.count = Label("small", self, wrap=True, name="rowFilterCount")
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(_WAIT_MS)
        self._wait.timeout.connect(self._ask)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.XS)
        layout.addWidget(self.text)
        layout.addWidget(self.count)
        self.retranslate()

    def show_filter(self, object_name: str, where: str, rows: int) -> None:
        """The condition of an object; `rows` of it are here."""
        if self._op is not None:
            self._op.cancel()
        self._object, self._rows, self.refused = object_name, rows, False
        self.text.blockSignals(True)
        self.text.setPlainText(where)
        self.text.blockSignals(False)
        self._say("")
        self._wait.stop()
        if where:
            self._wait.start()

    @property
    def where(self) -> str:
        return self.text.toPlainText().strip()

    def retranslate(self) -> None:
        self.text.setPlaceholderText(self.tr("All records. For example: Status = 'Open' AND CreatedDate = LAST_YEAR"))
        self.text.setAccessibleName(self.tr("Condition for the records that are mirrored, in SOQL"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def _say(self, text: str, *, bad: bool = False) -> None:
        self.count.set_role("bad" if bad else "small")
        self.count.setText(text)
        self.count.setVisible(bool(text))
        self.text.setAccessibleDescription(text)

    def _on_text(self) -> None:
        self.refused = False
        self._say("")
        self._wait.start()
        self.changed.emit(self.where)

    def _ask(self) -> None:
        if self._op is not None:
            self._op.cancel()
        name, where = self._object, self.where
        if not where:
            self._say("")
            return
        scope = self._scope
        self._say(self.tr("Counting…"))
        self._op = QueryOp(self, self._operations, lambda token: scope.count(name, where, token))
        self._op.success(self._counted).failure(self._failed).run()

    def _counted(self, count: int) -> None:
        self._say(self.tr("{count} records fit it now").format(count=numbers.number(count)))

    def _failed(self, error: OrgMirrorError) -> None:
        self.refused = bool(error.salesforce_text)
        self._say(error.salesforce_text or errors.words(error).title, bad=True)
