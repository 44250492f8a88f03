"""`RecordSheet`: the fields of one record, grouped, in one or two columns. Fast enough for objects with 800 fields.

Lives on the GUI thread inside the pane's scroll area. It places its widgets itself (a grid layout of hundreds of
word-wrapped labels takes a noticeable pause) and paints the captions instead of making labels of them. Heights follow
from texts and fonts, so only the fields near what is seen have widgets at all; `look_at` says where that is. Widgets
are kept in a pool for the next fields and records.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from gui.desktop import theme
from gui.widgets.cell_painter import TextMeasure
from gui.widgets.field_menu import FieldMenu
from gui.widgets.link_button import LinkButton
from gui.widgets.plain_text import tooltip
from gui.widgets.record_values import FOLDED_LINES, LongText, RichText, ShortText
from gui.widgets.safe_links import link_for, open_link
from gui.widgets.sheet_cells import SheetCell, SheetGroup, ValueWidget, is_empty, kind_and_text, title_of, value_text

if TYPE_CHECKING:
    from core.api.browse import FieldGroup, FieldView, RecordView

TWO_COLUMNS_FROM = 620
_MARGIN = theme.Space.L
_COLUMN_GAP = theme.Space.XL
_ROW_GAP = 9
_GROUP_GAP = theme.Space.L
_CAPTION_SHARE = 0.36
_CAPTION_MIN = 92
_CAPTION_MAX = 190


class RecordSheet(QWidget):
    """Shows a `RecordView`. Signals say what a click in it means."""

    record_wanted = Signal(object, bool)  # RecordRef, in a window of its own
    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recordSheet")
        self._groups: list[SheetGroup] = []
        self._pools: dict[type[ValueWidget], list[ValueWidget]] = {}
        self._heights: dict[tuple[str, int], int] = {}
        self._seen = (0, 800)
        self._measure: TextMeasure | None = None
        self._captions: TextMeasure | None = None
        self._titles: TextMeasure | None = None
        self._height = 0
        self._record: RecordView | None = None
        theme.notifier().changed.connect(self._restyle)

    # Content

    def show_record(self, record: RecordView, *, show_empty: bool) -> None:
        """Show these fields; the widgets of the record before are used again."""
        self._record = record
        self.setUpdatesEnabled(False)
        try:
            for cell in self._cells():
                self._put_back(cell)
            self._groups = []
            self._heights.clear()
            for group in self._grouped(record):
                cells = [self._made(f) for f in group.fields if show_empty or not is_empty(f) or self._keeps(f.name)]
                if cells:
                    self._groups.append(SheetGroup(title_of(group), cells))
            self._place()
            for pool in self._pools.values():
                for widget in pool:
                    widget.hide()
        finally:
            self.setUpdatesEnabled(True)
        self.update()

    # What a form adds

    def _grouped(self, record: RecordView) -> tuple[FieldGroup, ...]:
        """The groups to show, in their order."""
        return record.groups

    def _keeps(self, name: str) -> bool:
        """Whether a field is shown although it is empty."""
        return False

    def _made(self, value: FieldView) -> SheetCell:
        return SheetCell(value, *kind_and_text(value))

    def _paint_extra(self, painter: QPainter, cell: SheetCell, caption: QRect) -> int:
        """Paint what stands around a field; the answer is the width that it takes of the caption's end."""
        return 0

    def look_at(self, top: int, bottom: int) -> None:
        """These pixels of the sheet are seen: have the widgets there, and one screen above and below."""
        self._seen = (top, bottom)
        self._furnish()

    def fields(self) -> list[FieldView]:
        """The fields shown, top to bottom."""
        return [cell.field for cell in self._cells()]

    def widget_of(self, name: str) -> QWidget | None:
        """The widget that shows a field, where it has one."""
        return next((cell.widget for cell in self._cells() if cell.field.name == name), None)

    def _cells(self) -> Iterator[SheetCell]:
        for group in self._groups:
            yield from group.cells

    def _put_back(self, cell: SheetCell) -> None:
        if cell.widget is not None:
            self._pools.setdefault(cell.kind, []).append(cell.widget)
            cell.widget = None

    def _take(self, kind: type[ValueWidget]) -> ValueWidget:
        pool = self._pools.get(kind)
        if pool:
            return pool.pop()
        widget = kind(self)
        if isinstance(widget, LinkButton):
            widget.followed.connect(lambda apart, w=widget: self._followed(w, apart))
        elif isinstance(widget, LongText):
            widget.grew.connect(lambda w=widget: self._grew(w))
        return widget

    def _furnish(self) -> None:
        """Give the cells near what is seen their widgets, and take those far away back."""
        top, bottom = self._seen
        screen = max(bottom - top, 200)
        near_top, near_bottom = top - screen, bottom + screen
        taller = False
        for cell in self._cells():
            if cell.editor is not None:
                continue
            is_near = cell.area.bottom() >= near_top and cell.area.top() <= near_bottom
            if is_near and cell.widget is None:
                taller |= self._dress(cell)
            elif not is_near and cell.widget is not None and not cell.widget.isAncestorOf(self._focus()):
                widget = cell.widget
                self._put_back(cell)
                widget.hide()
        if taller:
            self._place()

    def _focus(self) -> QWidget:
        return QApplication.focusWidget() or self

    def _dress(self, cell: SheetCell) -> bool:
        """Give `cell` a widget; True when that is not as high as was thought."""
        widget = cell.widget = self._take(cell.kind)
        value, text = cell.field, cell.text
        if isinstance(widget, LinkButton):
            widget.set_plain_text(text)
            widget.setAccessibleDescription(cell.label)
        elif isinstance(widget, RichText):
            widget.set_html(str(value.raw or value.display), cell.label)
        elif isinstance(widget, LongText):
            widget.set_text(text, cell.label)
        else:
            widget.setText(text)
            widget.setAccessibleName(f"{cell.label}: {value.display}")
        widget.setObjectName(f"field_{value.name}")
        self._put_there(cell)
        widget.show()
        if not isinstance(widget, LongText | RichText):
            return False
        needed = widget.heightForWidth(cell.area.width())
        differs = needed != cell.area.height()
        cell.height = needed
        return differs

    def _grew(self, widget: LongText) -> None:
        for cell in self._cells():
            if cell.widget is widget:
                cell.height = widget.heightForWidth(cell.area.width())
        self._place()

    # Layout

    def _fonts(self) -> tuple[TextMeasure, TextMeasure, TextMeasure]:
        if self._measure is None or self._captions is None or self._titles is None:
            self._measure = TextMeasure(theme.font())
            self._captions = TextMeasure(theme.font(theme.Type.SMALL))
            self._titles = TextMeasure(theme.font(theme.Type.SMALL, theme.Type.SEMIBOLD))
        return self._measure, self._captions, self._titles

    def _value_height(self, cell: SheetCell, width: int) -> int:
        measure, _, _ = self._fonts()
        line = measure.metrics.height() + 2
        if cell.editor is not None:
            return max(cell.editor.sizeHint().height(), line)
        if cell.kind is LinkButton:
            return line
        if cell.full:
            if cell.widget is not None:
                cell.height = cell.widget.heightForWidth(width)
            return max(cell.height or FOLDED_LINES * line, line)
        if "\n" not in cell.text and measure.width(cell.text) <= width - 2:
            return line
        key = (cell.text, width)
        height = self._heights.get(key)
        if height is None:
            flags = Qt.TextFlag.TextWordWrap
            height = measure.metrics.boundingRect(0, 0, width - 2, 1_000_000, flags, cell.text).height() + 2
            self._heights[key] = height
        return height

    def _place(self) -> None:
        measure, captions, titles = self._fonts()
        width = max(self.width(), 200)
        columns = 2 if width >= TWO_COLUMNS_FROM else 1
        room = width - 2 * _MARGIN
        column_width = (room - (columns - 1) * _COLUMN_GAP) // columns
        caption_width = max(_CAPTION_MIN, min(_CAPTION_MAX, int(column_width * _CAPTION_SHARE)))
        line = measure.metrics.height() + 2
        y = _MARGIN // 2
        for at, group in enumerate(self._groups):
            if at:
                y += _GROUP_GAP
            group.top = y
            if group.title:
                y += titles.metrics.height() + 14
            row: list[SheetCell] = []
            for cell in group.cells:
                if cell.full:
                    y = self._place_row(row, y, columns, column_width, caption_width)
                    row = []
                    cell.caption = QRect(_MARGIN, y, room, captions.metrics.height() + 4)
                    y += cell.caption.height()
                    height = self._value_height(cell, room)
                    cell.area = QRect(_MARGIN, y, room, height)
                    y += height + self._place_notes(cell) + _ROW_GAP
                else:
                    row.append(cell)
                    if len(row) == columns:
                        y = self._place_row(row, y, columns, column_width, caption_width)
                        row = []
            y = self._place_row(row, y, columns, column_width, caption_width)
        self._height = y + _MARGIN
        for cell in self._cells():
            if cell.kind is LinkButton and cell.editor is None:
                natural = measure.width(cell.text) + 4
                cell.area = QRect(cell.area.left(), cell.area.top(), min(natural, cell.area.width()), line)
            self._put_there(cell)
        if self.minimumHeight() != self._height:
            self.setMinimumHeight(self._height)
        self._furnish()
        self.updateGeometry()
        self.update()

    def _put_there(self, cell: SheetCell) -> None:
        places = ((cell.editor or cell.widget, cell.area), (cell.notes, cell.below))
        for widget, place in places:
            if widget is not None:
                widget.setGeometry(self._mirrored(place) if self.isRightToLeft() else place)

    def _place_row(self, row: list[SheetCell], y: int, columns: int, column_width: int, caption_width: int) -> int:
        if not row:
            return y
        _, captions, _ = self._fonts()
        value_width = column_width - caption_width - theme.Space.S
        tallest = 0
        for at, cell in enumerate(row):
            left = _MARGIN + at * (column_width + _COLUMN_GAP)
            height = self._value_height(cell, value_width)
            cell.caption = QRect(left, y, caption_width, captions.metrics.height() + 4)
            cell.area = QRect(left + caption_width + theme.Space.S, y, value_width, height)
            tallest = max(tallest, height + self._place_notes(cell))
        return y + tallest + _ROW_GAP

    def _place_notes(self, cell: SheetCell) -> int:
        if cell.notes is None:
            return 0
        width = cell.area.width()
        height = cell.notes.heightForWidth(width) if cell.notes.hasHeightForWidth() else cell.notes.sizeHint().height()
        cell.below = QRect(cell.area.left(), cell.area.bottom() + 3, width, height)
        return height + 4

    def _mirrored(self, rect: QRect) -> QRect:
        return QRect(self.width() - rect.left() - rect.width(), rect.top(), rect.width(), rect.height())

    def sizeHint(self) -> QSize:
        return QSize(360, self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self._height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._place()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        measure, captions, titles = self._fonts()
        tokens = theme.current()
        painter = QPainter(self)
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        seen = event.rect()
        rtl = self.isRightToLeft()
        start = Qt.AlignmentFlag.AlignRight if rtl else Qt.AlignmentFlag.AlignLeft
        flags = start | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        for at, group in enumerate(self._groups):
            if group.title:
                painter.setFont(titles.font)
                painter.setPen(QColor(tokens.text))
                box = QRect(_MARGIN, group.top, self.width() - 2 * _MARGIN, titles.metrics.height() + 4)
                painter.drawText(box, flags, titles.fitting(group.title, box.width()))
                if at:
                    painter.setPen(QColor(tokens.border_soft))
                    above = group.top - _GROUP_GAP // 2
                    painter.drawLine(_MARGIN, above, self.width() - _MARGIN, above)
            for cell in group.cells:
                box = self._mirrored(cell.caption) if rtl else cell.caption
                if not box.united(cell.area).intersects(seen):
                    continue
                if not cell.full:
                    # On the same line as the value's first line.
                    line = measure.metrics.height() + 2
                    height = min(cell.area.height(), theme.Size.CONTROL) if cell.editor is not None else line
                    box = QRect(box.left(), box.top(), box.width(), height)
                taken = self._paint_extra(painter, cell, box)
                box.setWidth(box.width() - taken)
                painter.setFont(captions.font)
                painter.setPen(QColor(tokens.muted))
                painter.drawText(box, flags, captions.fitting(cell.label, box.width()))
        painter.end()

    def _restyle(self) -> None:
        self._measure = self._captions = self._titles = None
        self._place()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self._cell_at(event.pos())
            on_caption = cell is not None and self._caption_box(cell).contains(event.pos())
            if cell is not None and on_caption:
                words = [cell.label, cell.field.name] + ([cell.field.help] if cell.field.help else [])
                QToolTip.showText(event.globalPos(), tooltip("\n".join(words)), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    # Acts

    def _followed(self, link: QWidget, apart: bool) -> None:
        cell = next((c for c in self._cells() if c.widget is link), None)
        if cell is None:
            return
        if cell.field.link is not None:
            self.record_wanted.emit(cell.field.link, apart)
            return
        address = link_for(cell.field.type, value_text(cell.field))
        if address is not None:
            open_link(address)

    def _caption_box(self, cell: SheetCell) -> QRect:
        return self._mirrored(cell.caption) if self.isRightToLeft() else cell.caption

    def _cell_at(self, position: QPoint) -> SheetCell | None:
        for cell in self._cells():
            if cell.area.contains(position) or self._caption_box(cell).contains(position):
                return cell
        top = position.y()
        rows = (c for c in self._cells() if c.area.top() <= top <= c.area.bottom() and not c.full)
        return next((c for c in rows if abs(c.caption.left() - position.x()) < self.width() // 2), None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        cell = self._cell_at(self.mapFromGlobal(event.globalPos()))
        if cell is not None:
            self.menu_for(cell.field).popup(event.globalPos())

    def menu_for(self, value: FieldView) -> FieldMenu:
        """What can be done with one field's value."""
        widget, selected = self.widget_of(value.name), ""
        text = widget.text() if isinstance(widget, RichText) else value_text(value)
        if isinstance(widget, ShortText) and widget.hasSelectedText():
            selected = widget.selectedText().replace("\u200b", "").replace("\u2029", "\n")
        menu = FieldMenu(value, text, selected, self)
        menu.apart_wanted.connect(lambda ref: self.record_wanted.emit(ref, True))
        return menu
