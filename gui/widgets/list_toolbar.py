"""`ListToolbar`: the head of a list: what it is, how many, its search and its buttons. Plain values; GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from gui.desktop import theme
from gui.desktop.icons import object_icon_name
from gui.widgets.icon_view import IconView
from gui.widgets.label import Label
from gui.widgets.list_bars import QuickFilter


class ListToolbar(QWidget):
    """Signals are those of its parts: `filter`, and the buttons `new`, `columns`, `export`, `refresh`, `pane`."""

    def __init__(self, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("listToolbar")
        self._plural = object_name
        self._icon = IconView(object_icon_name(object_name), theme.Size.ICON, "accent", self)
        self._title = Label("heading", self, name="listTitle")
        self._count = Label("muted", self, name="listCount")
        self._direction = Label("chip", self, name="listDirection")
        self._direction.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Maximum)
        self._direction.hide()
        self.filter = QuickFilter(self)
        self.new = self._button("listNew", "plus")
        self.columns = self._button("listColumns", "columns")
        self.export = self._button("listExport", "export")
        self.follow = self._button("listFollow", "star")
        self.refresh = self._button("listRefresh", "sync")
        self.pane = self._button("listPane", "window")
        self.pane.setCheckable(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.Space.L, theme.Space.M, theme.Space.M, theme.Space.S)
        row.setSpacing(theme.Space.S)
        row.addWidget(self._icon)
        row.addWidget(self._title)
        row.addWidget(self._count)
        row.addWidget(self._direction)
        row.addStretch(1)
        row.addWidget(self.filter, 2)
        for button in (self.new, self.follow, self.columns, self.export, self.refresh, self.pane):
            row.addWidget(button)
        self.retranslate()

    def _button(self, name: str, icon: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setAutoRaise(True)
        button.setFixedSize(theme.Size.CONTROL, theme.Size.CONTROL)
        theme.bind_icon(button, icon, size=theme.Size.ICON)
        return button

    def name(self, plural: str) -> None:
        """The object's plural label."""
        self._plural = plural
        self.retranslate()

    def show_direction(self, words: str) -> None:
        """Which way its changes travel; empty for the usual case of both."""
        self._direction.setText(words)
        self._direction.setVisible(bool(words))

    def show_count(self, words: str) -> None:
        """What stands beside the title."""
        self._count.setText(words)

    def retranslate(self) -> None:
        self._title.setText(self._plural)
        self.filter.setPlaceholderText(self.tr("Search in {objects}").format(objects=self._plural))
        self.filter.setAccessibleName(self.filter.placeholderText())
        for button, text in (
            (self.new, self.tr("New record (Ctrl+N)")),
            (self.columns, self.tr("Choose columns")),
            (self.export, self.tr("Export this list (CSV, Excel)")),
            (self.refresh, self.tr("Refresh the list (F5)")),
            (self.pane, self.tr("Show the record beside the list")),
        ):
            button.setToolTip(text)
            button.setAccessibleName(text)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
