"""`AboutDialog`: what runs here, in words that can be copied into a report. Not modal."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import QEvent, Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.desktop.theme import Space
from gui.widgets.icon_view import IconView
from gui.widgets.label import Label

_PACKAGES = ("PySide6-Essentials", "apsw-sqlite3mc", "simple-salesforce", "keyring")


class AboutDialog(QDialog):
    """Versions of the program and of what it stands on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("aboutDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.facts = versions()
        self._name = Label("title", self, name="aboutName")
        self._text = Label("muted", self, wrap=True, name="aboutText")
        self._copy = QPushButton(self)
        self._copy.setObjectName("aboutCopy")
        self._copy.setAutoDefault(False)
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.report()))
        self._close = QPushButton(self)
        self._close.setObjectName("aboutClose")
        self._close.setProperty("kind", "primary")
        self._close.setDefault(True)
        self._close.clicked.connect(self.accept)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._name)
        words.addWidget(self._text)
        head = QHBoxLayout()
        head.setSpacing(Space.L)
        head.addWidget(IconView("orgmirror", 40, parent=self, brand=True), 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.XL)
        grid.setVerticalSpacing(Space.XS)
        grid.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(self.facts):
            caption, shown = Label("muted", self), Label("", self)
            caption.setText(name)
            shown.setText(value)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(caption, row, 0)
            grid.addWidget(shown, row, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self._copy)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        layout.setSpacing(Space.L)
        layout.addLayout(head)
        layout.addLayout(grid)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.setMinimumWidth(420)
        self.retranslate()

    def report(self) -> str:
        """What Copy puts on the clipboard."""
        return "\n".join(f"{name} {value}" for name, value in self.facts)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("About OrgMirror"))
        self._name.setText("OrgMirror")
        self._text.setText(self.tr("A complete, encrypted copy of your Salesforce org on this computer."))
        self._copy.setText(self.tr("Copy"))
        self._close.setText(self.tr("Close"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()


def versions() -> tuple[tuple[str, str], ...]:
    """Name and version of all that matters in a report, the program first."""
    found = [("OrgMirror", _version("orgmirror")), ("Python", platform.python_version()), ("Qt", qVersion())]
    found += [(name, _version(name)) for name in _PACKAGES]
    found.append(("System", platform.platform(terse=True)))
    return tuple(found)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "–"
