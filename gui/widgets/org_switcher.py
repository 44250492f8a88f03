"""`OrgSwitcher`: names the org that is shown, in the colour of its kind, and opens the list of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from gui.desktop import icons, theme
from gui.desktop.theme import Size, Space, Type
from gui.text import phases
from gui.widgets.plain_text import tooltip
from gui.widgets.press_area import PressArea

if TYPE_CHECKING:
    from core.api.connections import ConnectionInfo

_HEIGHT = 52
_TILE = 32


class OrgSwitcher(PressArea):
    """`chosen` carries the uuid of another connection, `connect_wished` asks for the wizard; the rest for dialogs."""

    chosen = Signal(str)
    connect_wished = Signal()
    sign_in_wished = Signal()
    settings_wished = Signal()
    about_wished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("orgSwitcher")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._info: ConnectionInfo | None = None
        self._others: tuple[ConnectionInfo, ...] = ()
        self._menu = QMenu(self)
        self._menu.setObjectName("orgMenu")
        self._menu.aboutToShow.connect(self._fill)
        self.clicked.connect(self._open)

    def show_connection(self, info: ConnectionInfo | None, all_of_them: tuple[ConnectionInfo, ...]) -> None:
        """Name `info`; the menu lists `all_of_them`."""
        self._info = info
        self._others = all_of_them
        name = self.tr("No org connected") if info is None else f"{info.name}, {self._kind(info)}"
        self.setAccessibleName(name)
        self.setToolTip(tooltip(info.name) if info is not None else "")
        self.update()

    @property
    def has_connections(self) -> bool:
        """Whether there is any connection to choose."""
        return bool(self._others)

    def _kind(self, info: ConnectionInfo) -> str:
        return phases.kind(is_sandbox=info.is_sandbox, is_demo=info.is_demo)

    def _open(self) -> None:
        self._menu.setMinimumWidth(self.width())
        self._menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def _fill(self) -> None:
        self._menu.clear()
        for info in self._others:
            action = QAction(f"{info.name}  ·  {self._kind(info)}".replace("&", "&&"), self._menu)
            action.setCheckable(True)
            action.setChecked(self._info is not None and info.uuid == self._info.uuid)
            action.triggered.connect(lambda _checked=False, uuid=info.uuid: self.chosen.emit(uuid))
            self._menu.addAction(action)
        if self._others:
            self._menu.addSeparator()
        connect = self._menu.addAction(theme.icon("plus"), self.tr("Connect an org…"))
        connect.triggered.connect(self.connect_wished)
        if self._info is not None and not self._info.is_demo:
            again = self._menu.addAction(theme.icon("key"), self.tr("Sign in again…"))
            again.triggered.connect(self.sign_in_wished)
        self._menu.addSeparator()
        settings = self._menu.addAction(theme.icon("settings"), self.tr("Settings…"))
        settings.setShortcut(QKeySequence("Ctrl+,"))
        settings.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        settings.setShortcutVisibleInContextMenu(True)
        settings.triggered.connect(self.settings_wished)
        data = self._menu.addAction(theme.icon("disk"), self.tr("Where is my data?"))
        data.triggered.connect(self.settings_wished)
        about = self._menu.addAction(theme.icon("info"), self.tr("About OrgMirror"))
        about.triggered.connect(self.about_wished)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.click()
            return
        super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(Size.SIDEBAR - 2 * Space.S, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current()
        info = self._info
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.hovered or self.ring:
            painter.setPen(QColor(tokens.focus) if self.ring else Qt.GlobalColor.transparent)
            painter.setBrush(QColor(tokens.hover) if self.hovered else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area, Size.RADIUS, Size.RADIUS)
        ratio = self.devicePixelRatioF()
        tile = QRect(Space.S, (self.height() - _TILE) // 2, _TILE, _TILE)
        if info is None:
            painter.drawPixmap(tile.topLeft(), icons.drawn("orgmirror", "#000000", _TILE, ratio))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            colour = theme.org_colour(is_sandbox=info.is_sandbox, is_demo=info.is_demo)
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(tile, Size.RADIUS + 2, Size.RADIUS + 2)
            kind = "demo" if info.is_demo else "sandbox" if info.is_sandbox else "production"
            glyph = icons.drawn(kind, "#14171c" if tokens.dark else "#ffffff", 20, ratio)
            painter.drawPixmap(tile.x() + 6, tile.y() + 6, glyph)
        self._paint_words(painter, tile.right() + Space.S + 3, ratio)
        painter.end()

    def _paint_words(self, painter: QPainter, left: int, ratio: float) -> None:
        tokens = theme.current()
        info = self._info
        right = self.width() - Space.S - 18
        painter.drawPixmap(right + 4, (self.height() - 16) // 2, theme.pixmap("chevrons", 16, "muted", ratio))
        upper = QRect(left, self.height() // 2 - 19, right - left, 20)
        lower = QRect(left, self.height() // 2 + 1, right - left, 17)
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.setFont(theme.font(Type.BODY, Type.SEMIBOLD))
        painter.setPen(QColor(tokens.text))
        first = self.tr("No org connected") if info is None else info.name
        painter.drawText(
            upper, flags, painter.fontMetrics().elidedText(first, Qt.TextElideMode.ElideRight, right - left)
        )
        painter.setFont(theme.font(Type.SMALL))
        if info is None:
            painter.setPen(QColor(tokens.muted))
            second = self.tr("Connect one to begin")
        else:
            painter.setPen(QColor(theme.org_colour(is_sandbox=info.is_sandbox, is_demo=info.is_demo)))
            second = self._kind(info)
        painter.drawText(lower, flags, second)
        if info is not None and info.user_name:
            used = painter.fontMetrics().horizontalAdvance(second)
            painter.setPen(QColor(tokens.muted))
            rest = lower.adjusted(used, 0, 0, 0)
            words = painter.fontMetrics().elidedText(
                f"  ·  {info.user_name}", Qt.TextElideMode.ElideRight, rest.width()
            )
            painter.drawText(rest, flags, words)
