"""The editors of a record's fields: one class for each kind of value, one widget at a time in the whole record.

An editor is made when a field is opened for writing and goes when it is left, so that a record of 300 fields opens
without a pause. GUI thread; owned by the sheet or the list that shows it. `value()` raises `BadValue` with a sentence
where the text is no value of the field's type; nothing is lost then, the text stays.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import (
    QCalendarWidget,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.desktop import theme
from gui.text.field_values import NUMBERS, BadValue, editable_text, is_blank, is_true, parsed

if TYPE_CHECKING:
    from core.api.records import FormField

_LONG_LINES = 6
_MANY_CHOICES = 7


class FieldEditor(QWidget):
    """`committed` (+1, -1: on to the next or previous field, 0: stay), `cancelled` (Esc), `changed`, `left`."""

    committed = Signal(int)
    cancelled = Signal()
    changed = Signal()
    left = Signal()
    save_wanted = Signal()

    def __init__(self, field: FormField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"edit_{field.name}")
        self.field = field
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)

    def put_in(self, widget: QWidget) -> None:
        """`widget` takes the keyboard of this editor."""
        self._box.addWidget(widget)
        self.setFocusProxy(widget)
        widget.setAccessibleName(self.field.label)
        widget.installEventFilter(self)

    def value(self) -> Any:
        """What was typed; None for nothing. Raises BadValue."""
        raise NotImplementedError

    def label(self) -> str:
        """The name of a look-up's target; empty for all other kinds."""
        return ""

    def begin(self, text: str | None = None) -> None:
        """Take the keyboard; `text` was typed already and replaces the value."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_fault(self, wrong: bool) -> None:
        """Mark the frame as wrong."""
        target = self.focusProxy()
        if isinstance(target, QWidget) and target.property("wrong") != wrong:
            target.setProperty("wrong", wrong)
            target.style().unpolish(target)
            target.style().polish(target)

    def holds_focus(self, widget: QWidget | None) -> bool:
        """Whether `widget` is part of this editor (its calendar or list too)."""
        while widget is not None:
            if widget is self:
                return True
            widget = widget.parentWidget()
        return False

    def takes_return(self) -> bool:
        """Whether Enter writes into the editor instead of ending it."""
        return False

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self.on_key(event):
            return True
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            # These are the editor's while it is open, whatever the window does with them.
            event.accept()
            return True
        if event.type() == QEvent.Type.FocusOut and isinstance(event, QFocusEvent):
            popup = event.reason() in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
            if not popup:
                self.left.emit()
        return super().eventFilter(watched, event)

    def on_key(self, event: QKeyEvent) -> bool:
        """The keys that every editor has; True when the key is used up."""
        key = event.key()
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if key == Qt.Key.Key_Escape:
            self.cancelled.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and control:
            self.save_wanted.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.takes_return():
            self.committed.emit(0)
        elif key == Qt.Key.Key_Tab and not control:
            self.committed.emit(1)
        elif key == Qt.Key.Key_Backtab:
            self.committed.emit(-1)
        else:
            return False
        return True


class TextEditor(FieldEditor):
    """Text, numbers, dates and times in one line."""

    def __init__(self, field: FormField, value: Any, zone: tzinfo, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._zone = zone
        self.line = QLineEdit(editable_text(field.type, value, zone), self)
        self.line.setObjectName("editLine")
        if field.type in NUMBERS:
            self.line.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.put_in(self.line)
        self.line.textEdited.connect(lambda _text: self.changed.emit())

    def value(self) -> Any:
        return parsed(self.field.type, self.line.text(), self._zone)

    def begin(self, text: str | None = None) -> None:
        super().begin()
        if text is None:
            self.line.selectAll()
        else:
            self.line.setText(text)
            self.changed.emit()


class DateEditor(TextEditor):
    """A line for a date (or date and time) with a calendar beside it."""

    def __init__(self, field: FormField, value: Any, zone: tzinfo, parent: QWidget | None = None) -> None:
        super().__init__(field, value, zone, parent)
        self._box.removeWidget(self.line)
        self._button = QToolButton(self)
        self._button.setObjectName("editCalendar")
        self._button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme.bind_icon(self._button, "event", "text_soft", 16)
        self._button.setToolTip(self.tr("Choose in a calendar (Alt+Down)"))
        self._button.setAccessibleName(self.tr("Choose in a calendar"))
        self._button.clicked.connect(self.open_calendar)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.line, 1)
        row.addWidget(self._button)
        self._box.addLayout(row)
        self.line.setPlaceholderText(
            self.tr("2026-11-30, today, +5") if field.type == "date" else self.tr("2026-11-30 14:30")
        )

    def on_key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.open_calendar()
            return True
        return super().on_key(event)

    def open_calendar(self) -> None:
        """The calendar, below the line."""
        popup = QFrame(self, Qt.WindowType.Popup)
        popup.setObjectName("calendarPopup")
        popup.setProperty("area", "card")
        popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        calendar = QCalendarWidget(popup)
        calendar.setObjectName("calendar")
        box = QVBoxLayout(popup)
        box.setContentsMargins(4, 4, 4, 4)
        box.addWidget(calendar)
        try:
            now = self.value()
        except BadValue:
            now = None
        if now:
            text = self.line.text()[:10] if self.field.type == "datetime" else str(now)
            parts = text.split("-")
            if len(parts) == 3 and all(part.isdigit() for part in parts):
                calendar.setSelectedDate(calendar.selectedDate().fromString(text, Qt.DateFormat.ISODate))
        calendar.activated.connect(lambda day: self._take_day(day.toString(Qt.DateFormat.ISODate), popup))
        calendar.clicked.connect(lambda day: self._take_day(day.toString(Qt.DateFormat.ISODate), popup))
        popup.move(self.mapToGlobal(QPoint(0, self.height() + 2)))
        popup.show()
        calendar.setFocus()

    def _take_day(self, day: str, popup: QWidget) -> None:
        if self.field.type == "datetime":
            clock = self.line.text().strip().partition(" ")[2] or "09:00"
            day = f"{day} {clock}"
        self.line.setText(day)
        popup.close()
        self.line.setFocus()
        self.changed.emit()


class LongTextEditor(FieldEditor):
    """Several lines; Enter writes a line break, Ctrl+Enter saves."""

    def __init__(self, field: FormField, value: Any, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.setProperty("wide", True)
        self.area = QPlainTextEdit(self)
        self.area.setObjectName("editArea")
        self.area.setPlainText("" if value is None else str(value))
        self.area.setTabChangesFocus(True)
        self.put_in(self.area)
        self.area.textChanged.connect(self.changed)

    def value(self) -> Any:
        return self.area.toPlainText() or None

    def takes_return(self) -> bool:
        return True

    def begin(self, text: str | None = None) -> None:
        super().begin()
        if text is not None:
            self.area.setPlainText(text)
        self.area.moveCursor(QTextCursor.MoveOperation.End)

    def sizeHint(self) -> QSize:
        lines = min(max(self.area.blockCount() + 1, _LONG_LINES), 2 * _LONG_LINES)
        return QSize(300, lines * self.fontMetrics().lineSpacing() + 24)


class BooleanEditor(FieldEditor):
    """A tick. False is a value."""

    def __init__(self, field: FormField, value: Any, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.check = QCheckBox(self)
        self.check.setObjectName("editCheck")
        self.check.setChecked(is_true(value))
        self.put_in(self.check)
        self.check.toggled.connect(lambda _on: self.changed.emit())

    def value(self) -> Any:
        return self.check.isChecked()

    def sizeHint(self) -> QSize:
        return QSize(40, 26)


class PicklistEditor(FieldEditor):
    """The values that may be chosen now; the present one stays visible although it was retired."""

    def __init__(
        self, field: FormField, value: Any, allowed: tuple[str, ...] | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(field, parent)
        self.combo = QComboBox(self)
        self.combo.setObjectName("editChoice")
        self.combo.setEditable(field.type == "combobox")
        self.combo.setMaxVisibleItems(14)
        self.combo.addItem("–" if not field.required or is_blank(value) else self.tr("– (required)"), None)
        for choice in field.choices:
            old = choice.value == value
            if (choice.active and (allowed is None or choice.value in allowed)) or old:
                words = choice.label
                if old and not choice.active:
                    words = self.tr("{value} (no longer offered)").format(value=choice.label)
                elif old and allowed is not None and choice.value not in allowed:
                    words = self.tr("{value} (does not go with {field})").format(
                        value=choice.label, field=field.controller or ""
                    )
                self.combo.addItem(words, choice.value)
        if not is_blank(value) and self.combo.findData(str(value)) < 0:
            self.combo.addItem(self.tr("{value} (no longer offered)").format(value=value), str(value))
        self.combo.setCurrentIndex(max(0, self.combo.findData(None if is_blank(value) else str(value))))
        self.put_in(self.combo)
        self.combo.currentIndexChanged.connect(lambda _index: self.changed.emit())

    def value(self) -> Any:
        if self.combo.isEditable() and self.combo.currentText() != self.combo.itemText(self.combo.currentIndex()):
            return self.combo.currentText().strip() or None
        return self.combo.currentData()

    def begin(self, text: str | None = None) -> None:
        super().begin()
        if text:
            found = self.combo.findText(text, Qt.MatchFlag.MatchStartsWith)
            self.combo.setCurrentIndex(max(found, 0) if found >= 0 else self.combo.currentIndex())


class MultiPicklistEditor(FieldEditor):
    """Several values ticked; retired ones that are set stay visible."""

    def __init__(
        self, field: FormField, value: Any, allowed: tuple[str, ...] | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(field, parent)
        chosen = [] if is_blank(value) else str(value).split(";")
        self.list = QListWidget(self)
        self.list.setObjectName("editChoices")
        self.list.setFrameShape(QFrame.Shape.Box)
        known = {choice.value: choice for choice in field.choices}
        values = [c.value for c in field.choices if c.active and (allowed is None or c.value in allowed)]
        for name in [*values, *(name for name in chosen if name not in values)]:
            words = known[name].label if name in known else name
            if name not in values:
                words = self.tr("{value} (no longer offered)").format(value=words)
            item = QListWidgetItem(words, self.list)
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setFlags(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            item.setCheckState(Qt.CheckState.Checked if name in chosen else Qt.CheckState.Unchecked)
        if self.list.count():
            self.list.setCurrentRow(0)
        self.put_in(self.list)
        self.list.itemChanged.connect(lambda _item: self.changed.emit())

    def value(self) -> Any:
        items = [self.list.item(row) for row in range(self.list.count())]
        chosen = [str(i.data(Qt.ItemDataRole.UserRole)) for i in items if i.checkState() == Qt.CheckState.Checked]
        return ";".join(chosen) or None

    def sizeHint(self) -> QSize:
        rows = min(max(self.list.count(), 2), _MANY_CHOICES)
        height = self.list.sizeHintForRow(0) if self.list.count() else 22
        return QSize(240, rows * (height + 1) + 8)


def allowed_choices(field: FormField, control: Any) -> tuple[str, ...] | None:
    """What a dependent pick list offers while its controlling field is `control`; None for everything."""
    if not field.controller or not field.choices_by_control:
        return None
    key = str(is_true(control)).lower() if isinstance(control, bool) else "" if control is None else str(control)
    return tuple(field.choices_by_control.get(key, ()))


LookupEditorMaker = Callable[["FormField", Any, str, QWidget], FieldEditor]


def make_editor(
    field: FormField,
    value: Any,
    label: str,
    zone: tzinfo,
    control: Any,
    lookup: LookupEditorMaker | None,
    parent: QWidget,
) -> FieldEditor:
    """The editor for one field: `value` and `label` as they stand, `control` the value of the controlling field."""
    kind = field.type
    if kind == "boolean":
        return BooleanEditor(field, value, parent)
    if kind == "multipicklist":
        return MultiPicklistEditor(field, value, allowed_choices(field, control), parent)
    if kind in ("picklist", "combobox"):
        return PicklistEditor(field, value, allowed_choices(field, control), parent)
    if kind == "reference" and lookup is not None:
        return lookup(field, value, label, parent)
    if kind in ("date", "datetime"):
        return DateEditor(field, value, zone, parent)
    if kind in ("textarea", "encryptedstring") or (kind == "string" and field.length > 255):
        return LongTextEditor(field, value, parent)
    return TextEditor(field, value, zone, parent)
