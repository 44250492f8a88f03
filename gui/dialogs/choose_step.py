"""`ChooseStep`: which org, and how to sign in."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from core.model.states import SignInMethod
from gui.desktop import theme
from gui.desktop.theme import Size, Space, Type
from gui.dialogs.wizard_step import OrgKind, Wishes, WizardStep
from gui.widgets.label import Label
from gui.widgets.press_area import PressArea

_TILE_HEIGHT = 84
_LATER = (SignInMethod.BROWSER, SignInMethod.JWT)


class KindTile(PressArea):
    """One kind of org: icon in its colour, name, a word of explanation."""

    def __init__(self, kind: OrgKind, icon: str, role: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.kind = kind
        self.setObjectName(f"kind-{kind.value}")
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._icon = icon
        self._role = role
        self._text = ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            # Chosen, and on: the dialog's default button gets the key too.
            self.click()
            event.ignore()
            return
        super().keyPressEvent(event)

    def set_words(self, title: str, text: str) -> None:
        self.setText(title)
        self._text = text
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(150, _TILE_HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        edge = tokens.accent_fill if chosen else tokens.focus if self.ring else tokens.border
        painter.setPen(QColor(edge))
        painter.setBrush(QColor(tokens.accent_soft if chosen else tokens.surface))
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(area, Size.RADIUS + 2, Size.RADIUS + 2)
        if self.ring and chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), Size.RADIUS + 1, Size.RADIUS + 1)
        painter.drawPixmap(Space.M, Space.M, theme.pixmap(self._icon, 20, self._role, self.devicePixelRatioF()))
        painter.setFont(theme.font(Type.BODY, Type.SEMIBOLD))
        painter.setPen(QColor(tokens.text))
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        width = self.width() - 2 * Space.M
        painter.drawText(QRectF(Space.M, 36, width, 20), flags, self.text())
        painter.setFont(theme.font(Type.SMALL))
        painter.setPen(QColor(tokens.muted))
        text = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRectF(Space.M, 56, width, 18), flags, text)
        painter.end()


class ChooseStep(WizardStep):
    """Kind of org and method; the demo org needs no method."""

    def __init__(self, wishes: Wishes, parent: QWidget | None = None, *, offer_demo: bool = True) -> None:
        super().__init__(wishes, parent, name="chooseStep")
        self._tiles: dict[OrgKind, KindTile] = {}
        self._kinds = QButtonGroup(self)
        tiles = QHBoxLayout()
        tiles.setSpacing(Space.S)
        looks = {
            OrgKind.PRODUCTION: ("production", "production"),
            OrgKind.SANDBOX: ("sandbox", "sandbox"),
            OrgKind.MY_DOMAIN: ("building", "accent"),
            OrgKind.DEMO: ("demo", "demo"),
        }
        for kind, (icon, role) in looks.items():
            if kind is OrgKind.DEMO and not offer_demo:
                continue
            tile = KindTile(kind, icon, role, self)
            tile.setChecked(kind is wishes.kind)
            self._kinds.addButton(tile)
            self._tiles[kind] = tile
            tiles.addWidget(tile)
        self.body.addLayout(tiles)
        self._methods_title = Label("strong", self, name="methodsTitle")
        self._methods = QWidget(self)
        self._methods.setObjectName("methods")
        self._radios: dict[SignInMethod, QRadioButton] = {}
        self._texts: dict[SignInMethod, Label] = {}
        self._group = QButtonGroup(self)
        grid = QGridLayout(self._methods)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(Space.S)
        for method in SignInMethod:
            radio = QRadioButton(self._methods)
            radio.setObjectName(f"method-{method.value}")
            radio.setEnabled(method not in _LATER)
            text = Label("small", self._methods, wrap=True)
            self._radios[method] = radio
            self._texts[method] = text
            self._group.addButton(radio)
        order = (SignInMethod.TOKEN, SignInMethod.PASSWORD, SignInMethod.CLIENT_CREDENTIALS, *_LATER)
        for row, method in enumerate(order):
            cell = QVBoxLayout()
            cell.setSpacing(0)
            cell.addWidget(self._radios[method])
            inset = QHBoxLayout()
            inset.setContentsMargins(Space.XL + 2, 0, 0, 0)
            inset.addWidget(self._texts[method])
            cell.addLayout(inset)
            grid.addLayout(cell, row, 0)
        self._radios[wishes.method].setChecked(True)
        self.body.addSpacing(Space.S)
        self.body.addWidget(self._methods_title)
        self.body.addWidget(self._methods)
        self._demo_text = Label("soft", self, wrap=True, name="demoText")
        self.body.addWidget(self._demo_text)
        self.body.addStretch(1)
        self.retranslate()
        self._kinds.buttonToggled.connect(lambda _button, on: self._read() if on else None)
        self._group.buttonToggled.connect(lambda _button, on: self._read() if on else None)
        self._read()

    def _read(self) -> None:
        kind = next((tile.kind for tile in self._tiles.values() if tile.isChecked()), OrgKind.PRODUCTION)
        method = next((m for m, radio in self._radios.items() if radio.isChecked()), SignInMethod.TOKEN)
        if (kind, method) != (self.wishes.kind, self.wishes.method):
            self.wishes.checked = None
        self.wishes.kind, self.wishes.method = kind, method
        is_demo = kind is OrgKind.DEMO
        self._methods.setVisible(not is_demo)
        self._methods_title.setVisible(not is_demo)
        self._demo_text.setVisible(is_demo)
        self.ready_changed.emit()

    def next_label(self) -> str:
        return self.tr("Start the demo org") if self.wishes.kind is OrgKind.DEMO else ""

    def retranslate(self) -> None:
        self.set_words(self.tr("Which org?"), self.tr("OrgMirror shows you org and user before it copies anything."))
        words = {
            OrgKind.PRODUCTION: (self.tr("Production"), self.tr("or Developer Edition")),
            OrgKind.SANDBOX: (self.tr("Sandbox"), self.tr("a copy to try in")),
            OrgKind.MY_DOMAIN: (self.tr("My Domain"), self.tr("by its address")),
            OrgKind.DEMO: (self.tr("Demo org"), self.tr("on this computer")),
        }
        for kind, tile in self._tiles.items():
            tile.set_words(*words[kind])
        self._methods_title.setText(self.tr("How do you want to sign in?"))
        names = {
            SignInMethod.TOKEN: self.tr("Access token from the Salesforce CLI"),
            SignInMethod.PASSWORD: self.tr("User name, password and security token"),
            SignInMethod.CLIENT_CREDENTIALS: self.tr("Client credentials of an External Client App"),
            SignInMethod.BROWSER: self.tr("In the browser"),
            SignInMethod.JWT: self.tr("JWT with a private key"),
        }
        texts = {
            SignInMethod.TOKEN: self.tr("The shortest way, if you use the CLI: nothing to set up in the org."),
            SignInMethod.PASSWORD: self.tr("Works where the org still allows it; many do not."),
            SignInMethod.CLIENT_CREDENTIALS: self.tr(
                "Runs as the app's user and lasts; an administrator sets it up once."
            ),
            SignInMethod.BROWSER: self.tr("Coming"),
            SignInMethod.JWT: self.tr("Coming"),
        }
        for method, radio in self._radios.items():
            radio.setText(names[method])
            self._texts[method].setText(texts[method])
        self._demo_text.setText(
            self.tr(
                "A server on this computer speaks like Salesforce and holds about 150,000 believable records. "
                "Nothing leaves this computer, and nothing needs to be entered."
            )
        )
