"""`RecordPaneHeader`: what a record is called, what is special about it, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from gui.desktop import theme
from gui.desktop.icons import object_icon_name
from gui.widgets.icon_view import IconView
from gui.widgets.label import ElidedLabel, Label

if TYPE_CHECKING:
    from core.api.browse import RecordView


def _button(name: str, icon: str, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setObjectName(name)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    theme.bind_icon(button, icon, size=theme.Size.ICON_SMALL)
    return button


class RecordPaneHeader(QFrame):
    """Holds no record of its own: `show_record` says what to show."""

    back_wanted = Signal()
    window_wanted = Signal()
    salesforce_wanted = Signal()
    close_wanted = Signal()
    more_wanted = Signal()
    follow_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recordPaneHeader")
        self.back = _button("recordBack", "back", self)
        self.salesforce = _button("recordInSalesforce", "external", self)
        self.more = _button("recordMore", "more", self)
        self.follow = _button("recordFollow", "star", self)
        self.follow.setCheckable(True)
        self.window_button = _button("recordInWindow", "window", self)
        self.close_button = _button("recordClose", "close", self)
        self._icon = IconView("records", 20, "accent", self, disc="accent_soft")
        self._kind = ElidedLabel("caption", self, name="recordKind")
        self._title = Label("heading", self, wrap=True, name="recordTitle")
        self._subtitle = ElidedLabel("muted", self, name="recordSubtitle")
        self._deleted = Label("chip-bad", self, name="recordDeletedBadge")
        self._converted = Label("chip-accent", self, name="recordConvertedBadge")
        # On the side where the window's lines begin, also for a name in a script of the other direction.
        side = Qt.AlignmentFlag.AlignRight if self.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
        self._title.setAlignment(Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignTop | side)
        self._title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._build()
        self.back.clicked.connect(self.back_wanted)
        self.window_button.clicked.connect(self.window_wanted)
        self.salesforce.clicked.connect(self.salesforce_wanted)
        self.more.clicked.connect(self.more_wanted)
        self.follow.clicked.connect(self.follow_wanted)
        self.close_button.clicked.connect(self.close_wanted)
        self.retranslate()
        self.clear()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self.back)
        top.addWidget(self._kind, 1)
        for button in (self.follow, self.more, self.salesforce, self.window_button, self.close_button):
            top.addWidget(button)
        badges = QHBoxLayout()
        badges.setSpacing(theme.Space.XS)
        badges.addWidget(self._deleted)
        badges.addWidget(self._converted)
        badges.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._subtitle)
        words.addLayout(badges)
        named = QHBoxLayout()
        named.setSpacing(theme.Space.M)
        named.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        named.addLayout(words, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.Space.L, theme.Space.S, theme.Space.S, theme.Space.M)
        box.setSpacing(theme.Space.XS)
        box.addLayout(top)
        box.addLayout(named)

    def retranslate(self) -> None:
        texts = (
            (self.back, self.tr("Back to the record before")),
            (self.more, self.tr("What can be done with this record")),
            (self.salesforce, self.tr("Open in Salesforce")),
            (self.window_button, self.tr("Open in its own window")),
            (self.close_button, self.tr("Close")),
        )
        for button, text in texts:
            button.setToolTip(text)
            button.setAccessibleName(text)
        self._deleted.setText(self.tr("Deleted"))
        self._converted.setText(self.tr("Converted"))
        self.show_followed(self.follow.isChecked())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def clear(self) -> None:
        """Show no record."""
        for label in (self._title, self._subtitle, self._kind):
            label.setText("")
        for widget in (self._deleted, self._converted, self._icon, self._subtitle):
            widget.setVisible(False)
        self.salesforce.setEnabled(False)
        self.more.setEnabled(False)
        self.follow.setEnabled(False)
        self.show_followed(False)
        self.window_button.setEnabled(False)
        self.back.setVisible(False)

    def show_record(self, record: RecordView, *, converted: bool, can_go_back: bool) -> None:
        """Show the head of `record`."""
        self._kind.setText(record.object_label)
        title = " ".join(record.title.split()) or record.ref.id
        self._title.setText(title if len(title) <= 160 else f"{title[:160]}…")
        self._subtitle.setText(record.subtitle)
        self._subtitle.setVisible(bool(record.subtitle))
        self._icon.set_icon(object_icon_name(record.ref.object))
        self._icon.setVisible(True)
        self._deleted.setVisible(record.is_deleted)
        self._converted.setVisible(converted)
        self.salesforce.setEnabled(bool(record.web_url))
        self.more.setEnabled(True)
        self.follow.setEnabled(True)
        self.window_button.setEnabled(True)
        self.back.setVisible(can_go_back)

    def show_followed(self, followed: bool) -> None:
        """Whether the record is followed: its changes stand first on the Changes page."""
        self.follow.setChecked(followed)
        theme.bind_icon(self.follow, "star", "warn" if followed else "text_soft")
        words = self.tr("Follow no longer") if followed else self.tr("Follow: its changes stand first")
        self.follow.setToolTip(words)
        self.follow.setAccessibleName(words)

    def title_label(self) -> QLabel:
        return self._title
