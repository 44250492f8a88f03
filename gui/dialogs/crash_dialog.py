"""`CrashDialog`: says that something unexpected happened, shows what, lets it be copied. Not modal."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from gui.desktop.theme import Space
from gui.widgets.icon_view import IconView
from gui.widgets.label import Label


class CrashDialog(QDialog):
    """`text` is what the log holds, word for word."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("crashDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._text = text
        self._title = Label("heading", self, name="crashTitle")
        self._remedy = Label("muted", self, wrap=True, name="crashRemedy")
        self._field = QPlainTextEdit(self)
        self._field.setObjectName("crashText")
        self._field.setReadOnly(True)
        self._field.setPlainText(text)
        self._field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._copy = QPushButton(self)
        self._copy.setObjectName("crashCopy")
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._text))
        self._close = QPushButton(self)
        self._close.setObjectName("crashClose")
        self._close.setProperty("kind", "primary")
        self._close.setDefault(True)
        self._close.clicked.connect(self.accept)
        words = QVBoxLayout()
        words.addWidget(self._title)
        words.addWidget(self._remedy)
        head = QHBoxLayout()
        head.setSpacing(Space.L)
        head.addWidget(IconView("alert", 20, "bad", self, disc="bad_soft"), 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self._copy)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        layout.setSpacing(Space.L)
        layout.addLayout(head)
        layout.addWidget(self._field, 1)
        layout.addLayout(buttons)
        self.resize(680, 440)
        self.retranslate()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Unexpected error – OrgMirror"))
        self._title.setText(self.tr("Something unexpected happened"))
        self._remedy.setText(
            self.tr("Nothing that is here is lost. If it happens again, please report it with the text below.")
        )
        self._field.setAccessibleName(self.tr("Details"))
        self._copy.setText(self.tr("Copy details"))
        self._close.setText(self.tr("Close"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
