"""`FormSurface`: where the keyboard and the mouse are on a record's form, and how its fields are marked. GUI thread.

The half of `RecordForm` that a person points at: it knows which field is meant and says so; what opening a field does
is the form's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from gui.desktop import theme
from gui.models.form_edits import FormEdits
from gui.text.field_values import is_blank
from gui.widgets.record_sheet import RecordSheet
from gui.widgets.record_values import ShortText
from gui.widgets.sheet_cells import SheetCell

if TYPE_CHECKING:
    from core.api.records import FormView

_MARK = 3
_PENCIL = 14


class FormSurface(RecordSheet):
    """`reached` says which part is to be seen; `field_wanted` which field is to be opened, `flip_wanted` ticked."""

    reached = Signal(object)  # QRect
    field_wanted = Signal(str)
    flip_wanted = Signal(str)
    save_by_key_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.edits = FormEdits()
        self._form: FormView | None = None
        self._faults: dict[str, str] = {}
        self._cursor: str | None = None
        self._hover: str | None = None
        self._pressed = QPoint()

    # A line where something can be written and nothing is: for a form that is to be filled in.
    shows_blanks = False

    @property
    def can_edit(self) -> bool:
        """Whether anything of the record can be written."""
        return self._form is not None and self._form.can_edit

    def next_editable(self, name: str, step: int) -> str | None:
        """The next (or previous) field that can be written."""
        names = [cell.field.name for cell in self._cells()]
        at = names.index(name) if name in names else -1
        places = range(at + 1, len(names)) if step > 0 else range(at - 1, -1, -1)
        for place in places:
            field = self.edits.field(names[place])
            if field is not None and field.editable and self.can_edit:
                return names[place]
        return None

    # Cursor, keyboard and mouse

    def _cell(self, name: str) -> SheetCell | None:
        return next((cell for cell in self._cells() if cell.field.name == name), None)

    @property
    def cursor(self) -> str | None:
        """The field that the keyboard is at."""
        return self._cursor

    def set_cursor(self, name: str | None) -> None:
        """Move the keyboard's place to a field."""
        self._cursor = name
        cell = self._cell(name) if name is not None else None
        if cell is not None:
            words = self.tr("{field}: {value}").format(field=cell.label, value=cell.field.display or "–")
            self.setAccessibleDescription(words)
            self.reached.emit(cell.caption.united(cell.area))
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers()
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if control and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.save_by_key_wanted.emit()
        elif control or modifiers & Qt.KeyboardModifier.AltModifier:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_F2, Qt.Key.Key_E, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._edit_by_key()
        elif key == Qt.Key.Key_Space and self._cursor is not None and self._is_boolean(self._cursor):
            self.flip_wanted.emit(self._cursor)
        else:
            super().keyPressEvent(event)

    def _is_boolean(self, name: str) -> bool:
        field = self.edits.field(name)
        return field is not None and field.type == "boolean" and field.editable and self.can_edit

    def _edit_by_key(self) -> None:
        name = self._cursor
        if name is None:
            first = next((c.field.name for c in self._cells()), None)
            name = self.next_editable("", 1) or first
        if name is not None:
            self.field_wanted.emit(name)

    def _step(self, step: int) -> None:
        names = [cell.field.name for cell in self._cells()]
        if not names:
            return
        at = names.index(self._cursor) if self._cursor in names else (-1 if step > 0 else len(names))
        self.set_cursor(names[min(max(at + step, 0), len(names) - 1)])

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._pressed = event.position().toPoint()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        spot = event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton:
            self._clicked(spot)

    def _clicked(self, spot: QPoint) -> None:
        if (spot - self._pressed).manhattanLength() > QApplication.startDragDistance():
            return
        cell = self._cell_at(spot)
        if cell is None or cell.editor is not None:
            return
        name = cell.field.name
        if self._is_boolean(name):
            self.set_cursor(name)
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.flip_wanted.emit(name)
        elif self._form is not None:
            self.field_wanted.emit(name)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._set_hover(self._cell_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._set_hover(None)

    def _set_hover(self, cell: SheetCell | None) -> None:
        name = cell.field.name if cell is not None else None
        if name != self._hover:
            self._hover = name
            field = self.edits.field(name) if name is not None else None
            writable = field is not None and field.editable and self.can_edit
            self.setCursor(Qt.CursorShape.IBeamCursor if writable else Qt.CursorShape.ArrowCursor)
            self.update()

    def _take(self, kind: Any) -> Any:
        widget = super()._take(kind)
        if isinstance(widget, ShortText):
            widget.installEventFilter(self)
        return widget

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click on a text is a click on its field, unless text was marked with it."""
        if isinstance(watched, QLabel) and isinstance(event, QMouseEvent):
            spot = watched.mapTo(self, event.position().toPoint())
            if event.type() == QEvent.Type.MouseButtonPress:
                self._pressed = spot
            elif event.type() == QEvent.Type.MouseMove:
                self._set_hover(self._cell_at(spot))
            elif event.type() == QEvent.Type.MouseButtonRelease:
                marked = watched.hasSelectedText()
                if not marked and event.button() == Qt.MouseButton.LeftButton:
                    self._clicked(spot)
        return super().eventFilter(watched, event)

    # Painting

    def _paint_extra(self, painter: QPainter, cell: SheetCell, caption: QRect) -> int:
        name = cell.field.name
        tokens = theme.current()
        field = self.edits.field(name)
        rtl = self.isRightToLeft()
        area = self._mirrored(cell.area) if rtl else cell.area
        whole = caption.united(area).adjusted(-6, -3, 6, 3)
        if name == self._hover and cell.editor is None and field is not None and field.editable and self.can_edit:
            painter.fillRect(whole, QColor(tokens.surface_alt))
        role = self._mark_role(name)
        if role:
            edge = whole.right() - _MARK + 1 if rtl else whole.left()
            painter.fillRect(edge, whole.top(), _MARK, whole.height(), QColor(getattr(tokens, role)))
        if field is not None and field.editable and self.can_edit and cell.editor is None:
            if field.required and is_blank(self.edits.value(name)):
                painter.setPen(QColor(tokens.bad))
                painter.drawText(QPoint(whole.right() - 4 if rtl else whole.left() - 2, caption.bottom() - 4), "*")
            if self.shows_blanks and not cell.field.display:
                painter.setPen(QColor(tokens.border))
                painter.drawLine(area.left(), area.bottom(), area.right(), area.bottom())
        if name == self._cursor and self.hasFocus() and cell.editor is None:
            painter.setPen(QPen(QColor(tokens.focus), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(whole.adjusted(0, 0, -1, -1), 4, 4)
        if name == self._hover and field is not None and cell.editor is None:
            drawing = "edit" if field.editable and self.can_edit else "lock"
            pixmap = theme.pixmap(drawing, _PENCIL, "muted", self.devicePixelRatioF())
            left = caption.left() if rtl else caption.right() - _PENCIL
            painter.drawPixmap(QPoint(left, caption.top() + (caption.height() - _PENCIL) // 2), pixmap)
            return _PENCIL + 2
        return 0

    def _mark_role(self, name: str) -> str:
        """The colour that marks a field: something is wrong, typed and not saved, or saved and not sent."""
        field = self.edits.field(name)
        if name in self._faults or (field is not None and field.conflict_id is not None):
            return "bad"
        if self.edits.typed(name) is not None:
            return "accent_fill"
        return "warn" if field is not None and field.pending is not None else ""
