"""`WelcomePage`: the first thing a new user sees: what this is, and two ways to begin."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui.desktop import theme
from gui.desktop.theme import Size, Space
from gui.pages.page import Page
from gui.widgets.icon_view import IconView
from gui.widgets.label import Label
from gui.widgets.press_area import PressArea


class ChoiceCard(PressArea):
    """A large button with icon, title and text."""

    def __init__(self, icon: str, role: str, disc: str, parent: QWidget | None = None, *, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._title = Label("heading", self, wrap=True)
        self._text = Label("muted", self, wrap=True)
        for label in (self._title, self._text):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        layout.setSpacing(Space.XS)
        layout.addWidget(IconView(icon, 22, role, self, disc=disc))
        layout.addSpacing(Space.S)
        layout.addWidget(self._title)
        layout.addWidget(self._text)
        layout.addStretch(1)

    def set_words(self, title: str, text: str) -> None:
        self._title.setText(title)
        self._text.setText(text)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)

    def sizeHint(self) -> QSize:
        return QSize(300, max(176, self.layout().heightForWidth(300)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = tokens.focus if self.ring else tokens.border_strong if self.hovered else tokens.border
        painter.setPen(QColor(edge))
        painter.setBrush(QColor(tokens.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), Size.RADIUS_CARD, Size.RADIUS_CARD)
        painter.end()


class WelcomePage(Page):
    """`connect_wished` opens the wizard, `demo_wished` starts the demo org."""

    connect_wished = Signal()
    demo_wished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="welcomePage")
        self._title = Label("title", self, name="welcomeTitle")
        self._text = Label("muted", self, wrap=True, name="welcomeText")
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._connect = ChoiceCard("cloud", "accent", "accent_soft", self, name="welcomeConnect")
        self._demo = ChoiceCard("demo", "demo", "surface_alt", self, name="welcomeDemo")
        self._connect.clicked.connect(self.connect_wished)
        self._demo.clicked.connect(self.demo_wished)
        self._promise = Label("small", self, wrap=True, name="welcomePromise")
        self._promise.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QWidget(self)
        column.setObjectName("welcomeColumn")
        column.setMaximumWidth(660)
        inner = QVBoxLayout(column)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(Space.S)
        inner.addWidget(IconView("orgmirror", 72, parent=column, brand=True), 0, Qt.AlignmentFlag.AlignHCenter)
        inner.addSpacing(Space.S)
        inner.addWidget(self._title)
        inner.addWidget(self._text)
        inner.addSpacing(Space.XL)
        cards = QHBoxLayout()
        cards.setSpacing(Space.L)
        cards.addWidget(self._connect)
        cards.addWidget(self._demo)
        inner.addLayout(cards)
        inner.addSpacing(Space.L)
        inner.addWidget(self._promise)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(column, 6)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XXL, Space.XXL, Space.XXL, Space.XXL)
        layout.addStretch(2)
        layout.addLayout(row)
        layout.addStretch(3)
        self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(self.tr("Your Salesforce org, here"))
        self._text.setText(
            self.tr("OrgMirror keeps a complete copy of all that you may see: at hand offline, searchable in a moment.")
        )
        self._connect.set_words(
            self.tr("Connect an org"),
            self.tr("Sign in to production, a sandbox or any My Domain, and choose what to copy."),
        )
        self._demo.set_words(
            self.tr("Look at the demo org"),
            self.tr("150,000 believable records from a server on this computer. Nothing leaves it."),
        )
        self._promise.setText(
            self.tr("The copy is encrypted. Its key and your credentials stay in this computer's keyring.")
        )
