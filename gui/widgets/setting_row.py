"""`SettingRow`: one setting as a row, drawn from its declaration: a choice, a tick, a number or a text. GUI thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLineEdit, QSpinBox, QWidget

from core.settings import Setting
from gui.desktop.theme import Space
from gui.text import settings as text
from gui.widgets.label import Label

_FIELD_WIDTH = 220


class SettingRow(QWidget):
    """`changed` carries the declaration and the new value, as soon as it is chosen."""

    changed = Signal(object, object)

    def __init__(self, setting: Setting[Any], value: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"setting-{setting.key}")
        self.setting = setting
        self._factor = self._words().factor
        self._label = Label("strong", self)
        self._help = Label("small", self, wrap=True)
        self.field = self._make_field(value)
        self.field.setObjectName(f"setting-{setting.key}-field")
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(Space.L)
        layout.setVerticalSpacing(2)
        layout.setColumnStretch(0, 1)
        if isinstance(self.field, QCheckBox):
            self._label.hide()
            layout.addWidget(self.field, 0, 0, 1, 2)
            layout.addWidget(self._help, 1, 0, 1, 2)
            self._help.setIndent(Space.XL + 2)
        else:
            self._label.setBuddy(self.field)
            self.field.setFixedWidth(_FIELD_WIDTH)
            layout.addWidget(self._label, 0, 0)
            layout.addWidget(self.field, 0, 1)
            layout.addWidget(self._help, 1, 0, 1, 2)
        self.retranslate()

    def _words(self) -> text.Words:
        return text.words(self.setting.key) or text.Words(self.setting.key)

    def _make_field(self, value: Any) -> QWidget:
        setting = self.setting
        if isinstance(value, bool):
            box = QCheckBox(self)
            box.setChecked(value)
            box.toggled.connect(self._say)
            return box
        if setting.choices:
            combo = QComboBox(self)
            for choice in setting.choices:
                combo.addItem(choice, choice)
            combo.setCurrentIndex(max(0, combo.findData(value)))
            combo.currentIndexChanged.connect(lambda _row: self._say(combo.currentData()))
            return combo
        if isinstance(value, int):
            spin = QSpinBox(self)
            spin.setRange(int(setting.minimum or 0) // self._factor, int(setting.maximum or 2**31 - 1) // self._factor)
            spin.setValue(value // self._factor)
            spin.setKeyboardTracking(False)
            spin.valueChanged.connect(lambda number: self._say(number * self._factor))
            return spin
        line = QLineEdit(str(value), self)
        line.editingFinished.connect(lambda: self._say(line.text().strip()))
        return line

    def _say(self, value: Any) -> None:
        self.changed.emit(self.setting, value)

    def retranslate(self) -> None:
        words = self._words()
        self._label.setText(words.label)
        self._help.setText(words.help)
        self._help.setVisible(bool(words.help))
        self.field.setAccessibleName(words.label)
        self.field.setAccessibleDescription(words.help)
        if isinstance(self.field, QCheckBox):
            self.field.setText(words.label)
        elif isinstance(self.field, QSpinBox):
            self.field.setSuffix(words.suffix)
        elif isinstance(self.field, QComboBox) and words.choices:
            for row in range(self.field.count()):
                self.field.setItemText(row, words.choices[self.field.itemData(row)])
