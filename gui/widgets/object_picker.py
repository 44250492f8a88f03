"""`ObjectPicker`: the pop-up list of all objects, with a field to find one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton, QVBoxLayout, QWidget

from gui.desktop import icons
from gui.desktop.theme import Space
from gui.models.object_lines import ObjectLine
from gui.models.two_line_model import Entry
from gui.text import numbers
from gui.widgets.two_line_list import TwoLineList

_WIDTH = 340
_HEIGHT = 420
_KEYS_FOR_LIST = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)


class ObjectPicker(QFrame):
    """`chosen` carries an API name; `scope_wished`: the one that is looked for is not among what is mirrored."""

    chosen = Signal(str)
    scope_wished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("objectPicker")
        self.setProperty("area", "card")
        self._lines: tuple[ObjectLine, ...] = ()
        self._field = QLineEdit(self)
        self._field.setObjectName("objectPickerField")
        self._field.setClearButtonEnabled(True)
        self._field.textChanged.connect(lambda _text: self._fill())
        self._field.returnPressed.connect(self._choose_current)
        self._field.installEventFilter(self)
        self._list = TwoLineList(self, name="objectPickerList")
        self._list.clicked.connect(lambda _index: self._choose_current())
        self._list.activated.connect(lambda _index: self._choose_current())
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scope = QPushButton(self)
        self._scope.setObjectName("objectPickerScope")
        self._scope.setProperty("kind", "link")
        self._scope.clicked.connect(self._on_scope)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.S, Space.S, Space.S, Space.S)
        layout.setSpacing(Space.S)
        layout.addWidget(self._field)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._scope)
        self.resize(_WIDTH, _HEIGHT)
        self.retranslate()

    def retranslate(self) -> None:
        self._field.setPlaceholderText(self.tr("Find an object"))
        self._field.setAccessibleName(self.tr("Find an object"))
        self._list.setAccessibleName(self.tr("Objects"))
        self._scope.setText(self.tr("Choose what to mirror…"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def pick(self, lines: tuple[ObjectLine, ...], at: QPoint) -> None:
        """Open at `at` (global, the top left corner)."""
        self._lines = lines
        self._field.clear()
        self._fill()
        screen = self.screen().availableGeometry()
        top = min(at.y(), screen.bottom() - self.height() - Space.S)
        self.move(at.x(), max(screen.top(), top))
        self.show()
        self._field.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() in _KEYS_FOR_LIST:
                self._list.keyPressEvent(event)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.hide()
                return True
        return super().eventFilter(watched, event)

    def _fill(self) -> None:
        wanted = self._field.text().casefold().strip()
        shown = [line for line in self._lines if wanted in line.label.casefold() or wanted in line.name.casefold()]
        self._list.entries.set_entries(
            [
                Entry(
                    key=line.name,
                    title=line.label,
                    text=line.name,
                    aside=numbers.number(line.rows),
                    icon=icons.object_icon_name(line.name),
                )
                for line in shown
            ]
        )
        if shown:
            self._list.setCurrentIndex(self._list.entries.index(0))

    def _on_scope(self) -> None:
        self.hide()
        self.scope_wished.emit()

    def _choose_current(self) -> None:
        key = self._list.current_key()
        if isinstance(key, str):
            self.hide()
            self.chosen.emit(key)
