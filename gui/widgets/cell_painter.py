"""`CellPainter`: puts the texts of a list on the screen fast enough to scroll through a million rows. GUI thread only.

A stock delegate asks the model seven questions for each cell and lays each text out twice. Here a column is painted at
a time from strings that are ready, and a text is measured by the shaper only when its letters alone cannot tell whether
it fits.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, nan

from PySide6.QtCore import QLineF, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QFontMetricsF, QPainter

from gui.desktop.theme import Tokens
from gui.models.page_cache import Row

PADDING = 10
_KEPT = 20_000
# Scripts whose characters stand side by side, so that a text is as wide as its characters together.
_SIMPLE = (
    (0x20, 0x7E),
    (0xA0, 0xAC),
    (0xAE, 0x2FF),  # Latin with its signs
    (0x370, 0x482),  # Greek, Cyrillic
    (0x48A, 0x52F),
    (0x1E00, 0x1FFF),
    (0x2010, 0x2027),
    (0x2030, 0x205E),
    (0x20A0, 0x20BF),
    (0x2100, 0x218B),
    (0x2E80, 0x302D),  # Chinese, Japanese, Korean
    (0x3030, 0x3098),
    (0x309B, 0x9FFF),
    (0xAC00, 0xD7A3),
    (0xF900, 0xFAFF),
    (0xFF01, 0xFFEE),
    (0x20000, 0x2FA1F),
)


@dataclass(frozen=True, slots=True)
class PaintedColumn:
    """One column as it stands in the viewport, in logical pixels; `index` is its place in a row's texts."""

    index: int
    left: int
    width: int
    at_end: bool
    strong: bool = False


class _Advances(dict[str, float]):
    """The advance of each character met so far; not-a-number for one whose width depends on its neighbours."""

    def __init__(self, font: QFont) -> None:
        super().__init__()
        self._metrics = QFontMetricsF(font)

    def __missing__(self, char: str) -> float:
        code = ord(char)
        simple = any(first <= code <= last for first, last in _SIMPLE)
        self[char] = advance = self._metrics.horizontalAdvance(char) if simple else nan
        return advance


class TextMeasure:
    """Widths of single-line texts in one font: summed by character where that is true, asked of the shaper otherwise.

    Shaping a text takes ten times as long as summing its letters, and painting it shapes it anyway.
    """

    def __init__(self, font: QFont) -> None:
        self.font = font
        # For texts of simple characters alone: the shaper would find nothing to do, and takes half of the time for it.
        self.quick_font = QFont(font)
        self.quick_font.setStyleStrategy(QFont.StyleStrategy.PreferNoShaping)
        self.metrics = QFontMetrics(font)
        self._advances = _Advances(font)
        self._ellipsis = self.metrics.horizontalAdvance("…")
        self._widest = self.metrics.horizontalAdvance("W")
        self._narrowest = max(1, self.metrics.horizontalAdvance("i"))
        self._shaped: dict[str, int] = {}
        self._elided: dict[tuple[str, int], str] = {}

    def width(self, text: str) -> int:
        """The advance of `text` in pixels, exact but for kerning."""
        width = sum(map(self._advances.__getitem__, text))
        if width == width:  # a number
            return ceil(width)
        shaped = self._shaped.get(text)
        if shaped is None:
            if len(self._shaped) > _KEPT:
                self._shaped.clear()
            shaped = self._shaped[text] = self.metrics.horizontalAdvance(text)
        return shaped

    def is_simple(self, text: str) -> bool:
        """Whether `text` looks the same without the shaper: no joining, combining or right-to-left characters."""
        if text.isascii():
            return True
        width = sum(map(self._advances.__getitem__, text))
        return width == width

    def fitting(self, text: str, room: int) -> str:
        """`text`, or its beginning with an ellipsis where it is wider than `room` pixels."""
        if text.isascii() and len(text) * self._widest <= room:
            return text
        most = room // self._narrowest + 8
        shortened = text if len(text) <= most else text[:most]
        widths = list(accumulate(map(self._advances.__getitem__, shortened)))
        if not widths:
            return text
        if widths[-1] != widths[-1]:
            return self._fitting_by_shape(text, shortened, room)
        if len(shortened) == len(text) and widths[-1] <= room:
            return text
        kept = bisect_right(widths, room - self._ellipsis)
        return f"{shortened[:kept].rstrip()}…"

    def _fitting_by_shape(self, text: str, shortened: str, room: int) -> str:
        key = (shortened, room)
        elided = self._elided.get(key)
        if elided is None:
            if len(self._elided) > _KEPT:
                self._elided.clear()
            whole = text if len(shortened) == len(text) else f"{shortened}…"
            elided = self._elided[key] = self.metrics.elidedText(whole, Qt.TextElideMode.ElideRight, room)
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
        self._edited = QColor(tokens.warn)

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
            painter.setFont(measure.quick_font)
            painter.setPen(self._text if column.strong else self._soft)
            baseline = (row_height - measure.metrics.height()) // 2 + measure.metrics.ascent()
            room = column.width - 2 * PADDING
            if room <= 0:
                continue
            start = column.left + PADDING
            index, fitting, width, is_simple = column.index, measure.fitting, measure.width, measure.is_simple
            shaped = []
            for top, texts in rows:
                if texts is None:
                    continue
                text = texts[index]
                if not text:
                    continue
                text = fitting(text, room)
                left = start + room - width(text) if column.at_end else start
                if is_simple(text):
                    draw(QPoint(left, top + baseline), text)
                else:
                    shaped.append((QPoint(left, top + baseline), text))
            if shaped:
                painter.setFont(measure.font)
                for where, text in shaped:
                    draw(where, text)

    def marks(
        self,
        painter: QPainter,
        columns: Sequence[PaintedColumn],
        rows: Sequence[tuple[int, frozenset[int]]],
        row_height: int,
    ) -> None:
        """A corner on each cell that was edited here; `rows` are (top, indexes of the columns)."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._edited)
        for top, marked in rows:
            for column in columns:
                if column.index in marked:
                    right = column.left + column.width - 1
                    painter.drawPolygon([QPoint(right - 7, top), QPoint(right, top), QPoint(right, top + 7)])

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

    def current(self, painter: QPainter, row: QRect, cell: QRect | None, *, rtl: bool) -> None:
        """Mark the row, where its lines begin, and the cell that the keyboard is at."""
        left = row.right() - 2 if rtl else row.left()
        painter.fillRect(left, row.top(), 3, row.height() - 1, self._accent)
        if cell is not None:
            painter.setPen(self._accent)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(cell.adjusted(1, 1, -2, -3))
