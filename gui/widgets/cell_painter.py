"""`CellPainter`: puts the texts of a list on the screen fast enough to scroll through a million rows. GUI thread only.

A stock delegate asks the model seven questions for each cell and lays each text out twice. Here a column is painted at
a time from strings that are ready, and a text is measured by the shaper only when its letters alone cannot tell whether
it fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QLineF, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QFontMetricsF, QPainter

from gui.desktop.theme import Tokens
from gui.models.page_cache import Row

PADDING = 10
_WIDTHS_KEPT = 20_000
_ASCII = 128


@dataclass(frozen=True, slots=True)
class PaintedColumn:
    """One column as it stands in the viewport, in logical pixels; `index` is its place in a row's texts."""

    index: int
    left: int
    width: int
    at_end: bool
    strong: bool = False


class TextMeasure:
    """Widths of single-line texts in one font. Letters of ASCII are summed, anything else is asked of the shaper."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self.metrics = QFontMetrics(font)
        exact = QFontMetricsF(font)
        self._advance = [exact.horizontalAdvance(chr(code)) for code in range(_ASCII)]
        self._widest = max(self._advance[32:127])
        self._narrowest = max(1.0, min(self._advance[33:127]))
        self._known: dict[str, int] = {}
        self._elided: dict[tuple[str, int], str] = {}

    def width(self, text: str) -> int:
        """The advance of `text` in pixels, exact but for kerning."""
        if text.isascii():
            return ceil(sum(map(self._advance.__getitem__, text.encode())))
        known = self._known.get(text)
        if known is None:
            if len(self._known) > _WIDTHS_KEPT:
                self._known.clear()
            known = self._known[text] = self.metrics.horizontalAdvance(text)
        return known

    def fitting(self, text: str, room: int) -> str:
        """`text`, or its beginning with an ellipsis where it is wider than `room` pixels."""
        if text.isascii() and (len(text) * self._widest <= room or self.width(text) <= room):
            return text
        key = (text, room)
        elided = self._elided.get(key)
        if elided is None:
            if len(self._elided) > _WIDTHS_KEPT:
                self._elided.clear()
            most = int(room / self._narrowest) + 8
            shortened = text if len(text) <= most else text[:most] + "…"
            elided = self.metrics.elidedText(shortened, Qt.TextElideMode.ElideRight, room)
            self._elided[key] = elided
        return elided


class CellPainter:
    """The fonts and colours of one list, and the loops that paint it."""

    def __init__(self, font: QFont, strong: QFont, tokens: Tokens) -> None:
        self.plain = TextMeasure(font)
        self.strong = TextMeasure(strong)
        self._base = QColor(tokens.surface)
        self._text = QColor(tokens.text)
        self._soft = QColor(tokens.text_soft)
        self._hairline = QColor(tokens.border_soft)
        self._hover = QColor(tokens.hover)
        self._hover.setAlpha(110)
        self._selected = QColor(tokens.selection)
        self._selected_idle = QColor(tokens.selection_inactive)
        self._accent = QColor(tokens.accent_fill)
        self._placeholder = QColor(tokens.track)

    def backgrounds(
        self,
        painter: QPainter,
        rect: QRect,
        rows: Sequence[tuple[int, bool, bool]],
        row_height: int,
        *,
        right: int,
        focused: bool,
    ) -> None:
        """Fill `rect`; `rows` are (top, selected, hovered); rows and hairlines end at `right`."""
        painter.fillRect(rect, self._base)
        selection = self._selected if focused else self._selected_idle
        lines = []
        for top, selected, hovered in rows:
            if selected:
                painter.fillRect(0, top, right, row_height, selection)
            elif hovered:
                painter.fillRect(0, top, right, row_height, self._hover)
            bottom = top + row_height - 0.5
            lines.append(QLineF(0, bottom, right, bottom))
        painter.setPen(self._hairline)
        painter.drawLines(lines)

    def texts(
        self,
        painter: QPainter,
        columns: Sequence[PaintedColumn],
        rows: Sequence[tuple[int, Row | None]],
        row_height: int,
    ) -> None:
        """Paint the cells; `rows` are (top, texts)."""
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        draw = painter.drawText
        for column in columns:
            measure = self.strong if column.strong else self.plain
            painter.setFont(measure.font)
            painter.setPen(self._text if column.strong else self._soft)
            baseline = (row_height - measure.metrics.height()) // 2 + measure.metrics.ascent()
            room = column.width - 2 * PADDING
            if room <= 0:
                continue
            start = column.left + PADDING
            index, fitting, width = column.index, measure.fitting, measure.width
            for top, texts in rows:
                if texts is None:
                    continue
                text = texts[index]
                if not text:
                    continue
                text = fitting(text, room)
                if column.at_end:
                    draw(QPoint(start + room - width(text), top + baseline), text)
                else:
                    draw(QPoint(start, top + baseline), text)

    def placeholders(
        self, painter: QPainter, columns: Sequence[PaintedColumn], rows: Sequence[tuple[int, int]], row_height: int
    ) -> None:
        """Quiet bars for rows whose texts are on their way; `rows` are (top, row number)."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._placeholder)
        thickness = 8
        for column in columns:
            room = column.width - 2 * PADDING
            if room < thickness:
                continue
            for top, number in rows:
                share = 0.35 + ((number * 7 + column.index * 5) % 11) / 22
                length = min(room * share, 180)
                left = column.left + PADDING + (room - length if column.at_end else 0)
                bar = QRectF(left, top + (row_height - thickness) / 2, length, thickness)
                painter.drawRoundedRect(bar, thickness / 2, thickness / 2)
        painter.restore()

    def current(self, painter: QPainter, row: QRect, cell: QRect | None) -> None:
        """Mark the row and the cell that the keyboard is at."""
        painter.fillRect(row.left(), row.top(), 3, row.height() - 1, self._accent)
        if cell is not None:
            painter.setPen(self._accent)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(cell.adjusted(1, 1, -2, -3))
